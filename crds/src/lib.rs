//! The API types of Tidewaiter: what a user writes, what a controller answers, and the schema of both.
//!
//! Doc comments on fields are what `kubectl explain` prints, so they are written for users. Rules that span
//! fields are CEL in the schema, where the API server holds them. Not here: what needs a clock, a ConfigMap or
//! a parsed pattern; that is said when a policy is compiled. Strings with a grammar stay strings, so that one
//! odd object can still be decoded and answered with a condition.

pub mod ai_tool_policy;
pub mod conditions;
mod schema;

pub use ai_tool_policy::{AIToolPolicy, AIToolPolicySpec, AIToolPolicyStatus};
pub use schema::all;

#[cfg(test)]
mod tests;
