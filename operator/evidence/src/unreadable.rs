//! Why a verified statement could not be read as the model its type promises.
//!
//! Nothing of the document is quoted but numbers and short, known words: it may hold names and addresses.

use jiff::Timestamp;

/// A statement of a known type that does not hold what the type promises. It still competes with others of
/// its kind, so it carries what could be told of its place among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// What is wrong.
    pub reason: Reason,
    /// The signed time, where that much could be read.
    pub time: Option<Timestamp>,
    /// The scanner's name without version, where that much could be read.
    pub scanner: Option<String>,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Not JSON, or not of the expected shape.
    #[error("line {line}, column {column}: {problem}")]
    Shape {
        /// One-based line in the predicate.
        line: usize,
        /// One-based column in the predicate.
        column: usize,
        /// What is wrong there, in our words.
        problem: String,
    },
    /// `bomFormat` is absent or another.
    #[error("bomFormat is not CycloneDX")]
    BomFormat,
    /// A CycloneDX version that is not read.
    #[error("CycloneDX specVersion {found} is not read; 1.6 is")]
    SpecVersion {
        /// The version stated, or `missing`, or `unrecognisable`.
        found: String,
    },
    /// A time that is there but is not RFC 3339.
    #[error("{field} is not an RFC 3339 time")]
    Time {
        /// Path of the field.
        field: &'static str,
    },
    /// Neither `scanner` nor a `scanners` list of exactly one, or both.
    #[error("the scan names {count} scanners; exactly one is read")]
    Scanners {
        /// How many there are.
        count: usize,
    },
    /// No `result`: a scan that shows nothing is not a scan that found nothing.
    #[error("scanner.result is missing, so what the scan found is unknown")]
    ResultMissing,
    /// A `result` of another scanner or version of Trivy's report.
    #[error("scanner.result is not a Trivy JSON report of SchemaVersion 2")]
    ResultFormat,
    /// An AI provenance whose parts do not fit together.
    #[error(transparent)]
    Inconsistent(#[from] predicate::Inconsistent),
}

// === impl Unreadable ===

impl Unreadable {
    /// A document of which nothing else could be told.
    pub(crate) const fn new(reason: Reason) -> Self {
        Self { reason, time: None, scanner: None }
    }
}

// === impl Reason ===

impl Reason {
    /// The parser's complaint without the document's own words. serde quotes a surprising value verbatim,
    /// and that value may be a person's name; only complaints that name our own fields are passed on.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        const OURS: [&str; 3] = ["missing field `", "duplicate field `", "more than "];
        let said = error.to_string();
        let problem = if OURS.iter().any(|start| said.starts_with(start)) {
            said.split(" at line ").next().unwrap_or_default().to_owned()
        } else if error.is_data() {
            "a value of another type than the format says".to_owned()
        } else {
            "not JSON".to_owned()
        };
        Self::Shape { line: error.line(), column: error.column(), problem }
    }
}
