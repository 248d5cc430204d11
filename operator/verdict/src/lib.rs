//! The decision: rules, evidence and an instant in; a verdict with every finding out, and the words for it.
//!
//! Pure and total: the same three inputs give the same verdict in a pull request, at admission and in the
//! running cluster. Not here: fetching, verifying, reading documents, choosing which policy applies, or the
//! clock. The caller brings all five.

mod absence;
mod ai_lines;
mod alias;
mod code;
mod decide;
mod demand;
mod effect;
mod fault;
mod finding;
mod heard;
mod judgement;
mod policy_verdict;
pub mod prose;
mod rules;
mod signer;
mod source;
mod statement;
#[cfg(test)]
mod testing;
mod text;
mod tool_rules;
mod tools;
mod verdict;
mod wording;

pub use code::{Class, Code};
pub use decide::decide;
pub use effect::{Effect, Mode, OnUndecided};
pub use finding::{Finding, Requirement};
pub use heard::CLOCK_SKEW;
pub use judgement::Judgement;
pub use policy_verdict::PolicyVerdict;
pub use rules::{AiProvenanceRule, PolicyId, Rules, SbomRule, ScanRule};
pub use signer::{ClaimName, Disbelief, LogDemand, Proves, Signer};
pub use tool_rules::{ApprovedTool, DeniedTool, ToolRules, Unlisted};
pub use verdict::{Outcome, Verdict};
