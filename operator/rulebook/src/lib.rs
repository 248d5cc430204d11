//! From AIToolPolicies, and the ConfigMaps that they name, to compiled rules; and from a namespace and an image
//! to the policies that speak of it.
//!
//! One compile function for the controller, the webhook and the command line. A policy that cannot be compiled
//! still selects, and everything it could: what it meant to stop is undecided, never passed over. Not here:
//! judging (`verdict`), reading the cluster (`cluster`), and the clock.

mod compile;
mod compiled;
mod label_selector;
mod materials;
mod policy_error;
mod rule_book;
mod select;
mod selection;
mod shelf;
#[cfg(test)]
mod tests;

pub use compile::compile;
pub use compiled::Compiled;
pub use materials::Materials;
pub use policy_error::PolicyError;
pub use rule_book::{RuleBook, Unreadable};
pub use select::NamespaceFacts;
pub use selection::{ImageSelection, Selection};
