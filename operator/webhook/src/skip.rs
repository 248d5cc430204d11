//! What is let through without a judgement, and without any I/O.
//!
//! Nothing here reads an annotation as a verdict: the mirror annotation counts only from a node, and owner
//! references, labels, replica counts and deletion timestamps count for nothing.

use workload::{Workload, changed_images};

use crate::{
    metrics::Outcome,
    review::{Operation, Review},
};

/// Prefix of the user name of every kubelet; the API server lets nobody else authenticate with it.
const NODE_USER: &str = "system:node:";

/// Whether `operation` starts nothing.
pub(crate) fn starts_nothing(operation: Operation) -> bool {
    match operation {
        Operation::Delete | Operation::Connect => true,
        Operation::Create | Operation::Update => false,
    }
}

/// Why `new` needs no judgement, if it needs none.
///
/// - A static Pod runs already when its node reports it: it is counted, never denied.
/// - An update is passed over only if every container, by list and name, keeps its reference byte for byte.
///   An old object that could not be read counts as another.
pub(crate) fn reason(review: &Review<'_>, new: &Workload, old: Option<&Workload>) -> Option<Outcome> {
    if new.mirror && review.user_info.username.starts_with(NODE_USER) {
        return Some(Outcome::Mirror);
    }
    let unchanged = review.operation == Operation::Update && old.is_some_and(|old| !changed_images(old, new));
    unchanged.then_some(Outcome::Unchanged)
}
