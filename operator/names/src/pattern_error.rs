//! Why a text is no pattern. One error for image and text patterns: they share a grammar.

use thiserror::Error;

/// The rule that a pattern breaks. Texts are quoted, so that no control character reaches a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Nothing was written.
    #[error("a pattern may not be empty")]
    Empty,
    /// Longer than the bound.
    #[error("a pattern has at most {max} bytes")]
    TooLong {
        /// The bound that was crossed.
        max: usize,
    },
    /// The first segment of an image pattern is no host.
    #[error("{0:?} names no registry host; write it out, as in \"docker.io/library/nginx\"")]
    MissingHost(String),
    /// A host may hold `*`, but neither `**` nor `{name}`.
    #[error("{0:?} is no pattern for a registry host")]
    Host(String),
    /// Images on Docker Hub always have two segments or more, so the pattern would never match.
    #[error("images on docker.io have two segments; write \"docker.io/library/{0}\"")]
    DockerLibrary(String),
    /// A character that can stand in no repository path; `:` and `@` would begin a tag or digest.
    #[error("{0:?} can be no part of a repository path; a pattern has no tag and no digest")]
    Path(String),
    /// `**` beside other characters, or more than two stars.
    #[error("in {0:?}, \"**\" must stand alone between two slashes")]
    DoubleStar(String),
    /// A second `**` would let one text match in several ways, with different captures.
    #[error("a pattern has at most one \"**\"")]
    ManyDoubleStars,
    /// A brace that is not the first or last character of a whole segment `{name}`.
    #[error("in {0:?}, \"{{name}}\" must be a whole segment, its name of a-z, 0-9, _ or -, at most 32 long")]
    Capture(String),
}
