//! Findings of code scanners, by who wrote the code they are in.

use names::Severity;
use serde::{Deserialize, Serialize};

/// Equal findings, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The weakness, if the scanner names one: `CWE-89`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwe: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Who wrote the code.
    pub author: Author,
    /// The tool, where AI wrote it and the tool is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The model, where AI wrote it and the model is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether the code was reviewed.
    pub reviewed: Reviewed,
    /// How many findings are equal in all this.
    pub count: u64,
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Author {
    /// An AI tool.
    Ai,
    /// A person.
    Human,
    /// Nobody accounted for it.
    Unknown,
}

/// Whether code was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reviewed {
    /// It was.
    Yes,
    /// It was not.
    No,
    /// That is not known.
    Unknown,
}
