//! Which AI tools and models may have written the code.

use jiff::Timestamp;
use names::{TextPattern, VersionRange};

/// `tools` of a policy.
#[derive(Clone, Debug)]
pub struct ToolRules {
    /// What becomes of a tool or model that no entry names.
    pub unlisted: Unlisted,
    /// Tools that may have written code.
    pub approved: Vec<ApprovedTool>,
    /// Tools that may not, whatever `approved` says.
    pub denied: Vec<DeniedTool>,
}

/// What becomes of a tool or model that no entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// It is not approved.
    Deny,
    /// It may have written code.
    Allow,
}

/// A tool that may have written code.
#[derive(Clone, Debug)]
pub struct ApprovedTool {
    /// The tool's name; aliases of it are read as it.
    pub name: String,
    /// Versions that are approved; absent: every one, known or not.
    pub versions: Option<VersionRange>,
    /// Models that are approved; empty: every one, known or not.
    pub models: Vec<TextPattern>,
}

/// A tool that may not have written code.
#[derive(Clone, Debug)]
pub struct DeniedTool {
    /// The tool's name; aliases of it are read as it.
    pub name: String,
    /// Versions that are denied; absent: every one.
    pub versions: Option<VersionRange>,
    /// Models that are denied; empty: every one.
    pub models: Vec<TextPattern>,
    /// Why, for the message.
    pub reason: Option<String>,
    /// The instant from which it is denied; absent: always.
    pub from: Option<Timestamp>,
}

// === impl DeniedTool ===

impl DeniedTool {
    /// Whether the entry is in force at `now`.
    pub(crate) fn in_force(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
    }
}
