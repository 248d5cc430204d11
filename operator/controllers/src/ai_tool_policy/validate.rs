//! Step 2: compile the policy, by the function that the webhook and the command line compile by. Pure.

use std::sync::Arc;

use rulebook::Compiled;

use super::dereference::{Found, Policy};

/// What the rule book makes of a policy.
pub(super) enum Validated {
    Compiled(Arc<Compiled>),
    /// Not even decoded; it selects every namespace until it can be.
    Unreadable(String),
}

pub(super) fn validate(policy: &Policy, found: &Found) -> Validated {
    match policy {
        Policy::Readable(policy) => {
            Validated::Compiled(Arc::new(rulebook::compile(policy, &found.materials)))
        }
        Policy::Unreadable(policy) => Validated::Unreadable(policy.why.clone()),
    }
}
