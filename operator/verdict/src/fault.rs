//! Something that is wrong, before anybody puts it into words: borrowed, so that a verdict which finds
//! nothing, and the search for its next change, cost no text.

use evidence::{Document, Scan, Unread, Unreadable};
use jiff::Timestamp;
use names::Age;
use trust::Refused;

use crate::{
    ai_lines::LineObjection, code::Code, demand::Demand, finding::Requirement, heard::Heard, rules::ScanRule,
    signer::Disbelief, tools::ToolObjection,
};

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Fault<'a> {
    pub(crate) requirement: Requirement,
    pub(crate) code: Code,
    pub(crate) evidence: Option<&'a Document>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) what: What<'a>,
}

/// What the words need to know of it.
#[derive(Clone, Debug)]
pub(crate) enum What<'a> {
    /// The policy asks for nothing.
    NothingAsked,
    /// A requirement that nobody could meet.
    NobodyNamed(Demand<'a>),
    /// Rules on tools, and no AI provenance to judge by them.
    ToolsUnseen,
    /// Candidates that nobody has read.
    Unread { first: &'a Unread, count: usize },
    /// Candidates that are no attestations.
    Skipped { count: usize },
    /// Nothing that comes near the requirement.
    Missing(Demand<'a>),
    /// The candidate that came nearest did not verify.
    Refused { demand: Demand<'a>, refused: &'a Refused },
    /// The statement that came nearest is by somebody else, or not logged.
    NotBelieved { demand: Demand<'a>, document: &'a Document, disbelief: Disbelief },
    /// The newest is too old.
    Stale { demand: Demand<'a>, heard: Heard<'a>, time: Timestamp, max_age: Age },
    /// Nothing says how old it is.
    Undated { demand: Demand<'a>, heard: Heard<'a>, max_age: Age },
    /// The deciding statement cannot be read.
    Unreadable { heard: Heard<'a>, unreadable: &'a Unreadable },
    /// The deciding scan found too much.
    Severities { heard: Heard<'a>, rule: &'a ScanRule, scan: &'a Scan },
    /// The deciding AI provenance counts too many lines of a kind.
    Lines(LineObjection),
    /// The deciding AI provenance names a tool that may not be.
    Tool(ToolObjection<'a>),
    /// Two believed statements come from two source repositories.
    Sources { first: &'a Document, other: &'a Document },
}
