//! Everything that was gathered about one image: what was read, what was refused, what could not be read.
//!
//! The third list is what keeps an incomplete fetch from being taken for absence.

use std::sync::Arc;

use names::Digest;
use trust::Refused;

use crate::document::Document;

/// All that is known of one image's attestations. Empty means: the registry lists none, and said so.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Statements that verified under some root or key of the caller, whoever signed them.
    pub documents: Vec<Arc<Document>>,
    /// Candidates that were read and did not verify.
    pub refused: Vec<Arc<Refused>>,
    /// Candidates that exist, or may exist, and were not read.
    pub unread: Vec<Unread>,
}

/// A candidate nobody has read: it could say anything, so it is never taken for absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The referrer's digest; `None` when a whole page of the listing is what is missing.
    pub candidate: Option<Digest>,
    /// Why it was not read.
    pub obstacle: Obstacle,
    /// For people: what was asked and what came back. Holds no credential.
    pub detail: String,
}

/// What stood between the gate and a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// 401 or 403.
    Refused,
    /// 429, 5xx, or no answer at all.
    Unreachable,
    /// An answer that cannot be right: another digest, or not a manifest.
    Invalid,
    /// Listed, but 404 when asked for.
    NotFound,
    /// The admission's time ran out.
    Deadline,
    /// A cap on bytes, pages or count was reached.
    Limit,
}
