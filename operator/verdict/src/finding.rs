//! One thing that is wrong with one image under one policy.

use std::fmt;

use jiff::Timestamp;
use names::Digest;
use serde::Serialize;

use crate::{code::Code, text};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Requirement {
    /// `require.sbom`
    Sbom,
    /// `require.aiProvenance` and `tools`
    AiProvenance,
    /// `require.vulnerabilityScan`
    VulnerabilityScan,
    /// The image as a whole.
    Image,
    /// The policy itself.
    Policy,
}

/// One thing that is wrong, or worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Name of the AIToolPolicy.
    pub policy: String,
    /// What it is about.
    pub requirement: Requirement,
    /// Why, for programs.
    pub code: Code,
    /// The image's digest, once it is known.
    pub digest: Option<Digest>,
    /// What is so. A clause for a sentence: no full stop, no capital. Names no person.
    pub found: String,
    /// What the policy asks for. A clause, or empty.
    pub wanted: String,
    /// SHA-256 of the payload of the statement that it rests on.
    pub evidence: Option<Digest>,
    /// Since when it has been so; `None` where no signed time says.
    pub since: Option<Timestamp>,
    /// What to do about it.
    pub hint: Option<String>,
}

// === impl Requirement ===

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sbom => "sbom",
            Self::AiProvenance => "aiProvenance",
            Self::VulnerabilityScan => "vulnerabilityScan",
            Self::Image => "image",
            Self::Policy => "policy",
        })
    }
}

// === impl Finding ===

impl Finding {
    /// A finding with its code's own hint, about no particular statement. Control characters in `found` and
    /// `wanted` are escaped: both may quote strangers.
    #[must_use]
    pub fn new(policy: &str, requirement: Requirement, code: Code, found: &str, wanted: &str) -> Self {
        Self {
            policy: policy.to_owned(),
            requirement,
            code,
            digest: None,
            found: text::clean(found),
            wanted: text::clean(wanted),
            evidence: None,
            since: None,
            hint: Some(code.hint().to_owned()),
        }
    }

    /// `found; wanted`, or `found` alone.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.wanted.is_empty() { self.found.clone() } else { format!("{}; {}", self.found, self.wanted) }
    }
}
