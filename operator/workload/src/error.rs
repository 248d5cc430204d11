//! Why an object could not be read. Each of these is `ObjectUnreadable` to a judge: unread is never allowed.

use crate::Kind;

/// An object that cannot be judged because its images cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The object is longer than any that the API server takes.
    #[error("the {kind} is {bytes} bytes long; at most {limit} are read")]
    TooLarge {
        /// What it was said to be.
        kind: Kind,
        /// Its length in bytes.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// There is no object where one was expected.
    #[error("the {kind} is null")]
    Null {
        /// What it was said to be.
        kind: Kind,
    },
    /// A field that leads to an image has a type that the API does not allow, or a list is too long.
    #[error("the {kind} does not have the shape of one")]
    Unreadable {
        /// What it was said to be.
        kind: Kind,
        /// What the decoder met, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// The object has no Pod spec at the place where its kind keeps it.
    #[error("the {kind} has no Pod spec at {pointer}")]
    NoPodSpec {
        /// What it was said to be.
        kind: Kind,
        /// JSON pointer to the missing Pod spec.
        pointer: &'static str,
    },
    /// The Pod spec names no container. The API server refuses such a Pod; nothing checked is not allowed.
    #[error("the {kind} has no container at {pointer}/containers")]
    NoContainers {
        /// What it was said to be.
        kind: Kind,
        /// JSON pointer to the Pod spec.
        pointer: &'static str,
    },
}
