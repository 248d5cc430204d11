//! Every promise of the product, one file each, on real parts. One program: linking twenty would take longer than
//! running them.

mod admit_every_kind;
mod admit_tags;
mod certificates;
mod chart_uninstall;
mod check_cli;
mod crd_rules;
mod evidence_altered;
mod evidence_bounds;
mod evidence_choice;
mod node;
mod parallel_creates;
mod policy_changes;
mod policy_selection;
mod privacy;
mod registry;
mod registry_outage;
mod registry_private;
mod sigstore;
mod tools;
mod webhook_not_ready;
mod webhook_outage;
mod world;
