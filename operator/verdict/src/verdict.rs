//! The verdict of one policy on one image: every finding, the worst outcome among them, and how long it holds.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    code::{Class, Code},
    finding::Finding,
};

/// The answer. Worse is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Outcome {
    /// Everything that is asked for was proved.
    Allowed,
    /// The question could not be answered.
    Undecided,
    /// Something that is asked for is not so.
    Denied,
}

/// Every finding, the worst outcome among them, and when time alone will change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Denied beats undecided beats allowed.
    pub outcome: Outcome,
    /// All that is wrong, and notices.
    pub findings: Vec<Finding>,
    /// The first instant at which the same rules and evidence give another outcome or other codes; `None`
    /// when no passing of time does.
    #[serde(rename = "changesAt")]
    pub changes_at: Option<Timestamp>,
}

// === impl Outcome ===

impl Outcome {
    /// The worst that any of `codes` makes of it; allowed when there is none.
    pub(crate) fn of(codes: impl IntoIterator<Item = Code>) -> Self {
        let worst = codes.into_iter().map(Code::class).max();
        match worst {
            None | Some(Class::Notice) => Self::Allowed,
            Some(Class::Undecided) => Self::Undecided,
            Some(Class::Denied) => Self::Denied,
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// Findings decide the outcome; nobody states it apart.
    #[must_use]
    pub fn new(findings: Vec<Finding>, changes_at: Option<Timestamp>) -> Self {
        Self { outcome: Outcome::of(findings.iter().map(|finding| finding.code)), findings, changes_at }
    }

    /// The distinct codes, in the order of the table.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<_> = self.findings.iter().map(|finding| finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}
