//! Why a text is no image reference that everybody reads alike.

use thiserror::Error;

use crate::DigestError;

/// An image reference that is refused. `reference` is what was written, cut to a length fit for a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Parsers in use disagree about the host: what was judged might not be what is pulled.
    #[error(
        "image reference {reference:?} can be read as {} or as {}; write the host out, in lower case",
        .readings[0], .readings[1]
    )]
    Ambiguous {
        /// As written.
        reference: String,
        /// The two ways in which parsers in use read it.
        readings: [String; 2],
    },
    /// No container runtime accepts it, or only some do.
    #[error("{reference:?} is no image reference: {problem}")]
    Invalid {
        /// As written.
        reference: String,
        /// The rule it breaks.
        problem: Problem,
    },
}

/// The rule that a reference breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// Nothing was written.
    #[error("it is empty")]
    Empty,
    /// Longer than a reference can be.
    #[error("it has more than {max} bytes")]
    TooLong {
        /// The bound that was crossed.
        max: usize,
    },
    /// The host is no DNS name, address or `localhost`, or its port is no number.
    #[error("{0:?} is no registry host")]
    Host(String),
    /// The path has an empty segment, an upper-case letter or a character no registry allows.
    #[error("{0:?} is no repository path; it has lower-case letters, digits and separators inside")]
    Path(String),
    /// Sixty-four hex digits alone are an image id to runtimes, not a name.
    #[error("64 hex digits alone name an image id, not a repository")]
    ImageId,
    /// The tag is empty, too long or has a character no registry allows.
    #[error("{0:?} is no tag; it has up to 128 letters, digits, _, . and -")]
    Tag(String),
    /// The part after `@` is no digest.
    #[error("{0}")]
    Digest(DigestError),
}
