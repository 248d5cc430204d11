//! The predicate as a whole: what was looked at, by what, and how many lines came out on which side.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Activity, Contributors, Finding, Grade, McpServer, Review, Tool};

/// Which lines of an image's source AI wrote, with what, and how that is known.
///
/// What is absent is not known: an absent `review` says nothing about review, and is not "none".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AiProvenance {
    /// The source that was looked at.
    pub source: Source,
    /// What looked at it.
    pub collector: Collector,
    /// When, by the collector's clock. Order and age of statements come from here.
    pub collected_at: Timestamp,
    /// Which lines were looked at.
    pub scope: Scope,
    /// Who wrote them.
    pub lines: Lines,
    /// The AI tools among the writers. Lines written by AI that no entry accounts for have no known tool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// How much was changed lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// How much of it was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// How many people contributed, as a band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contributors: Option<Contributors>,
    /// MCP servers that the tools were configured with or seen to use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mcp_servers: Vec<McpServer>,
    /// Findings of code scanners, by who wrote the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// A source repository at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Where it is, in the form of SPDX download locations: `git+https://git.example/shop/cart`.
    pub uri: String,
    /// Which state of it.
    pub digest: SourceDigest,
}

/// A state of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceDigest {
    /// The commit: 40 lower-case hex digits, or 64 in a SHA-256 repository.
    pub git_commit: String,
}

/// What collected the attributions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Collector {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it read: `git-ai/3.0.0`, `trailers`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}

/// Which lines were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// What they are lines of.
    pub kind: ScopeKind,
    /// How many were looked at.
    pub lines: u64,
    /// How many were not: vendored, generated, binary and lock files.
    pub not_examined: u64,
}

/// What the lines of a scope are lines of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ScopeKind {
    /// Every line of the source tree that survives at the commit.
    Tree,
    /// A kind of a later writer, which nothing can be concluded from.
    #[serde(untagged)]
    Other(String),
}

/// Who wrote the lines. The three add up to the scope's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lines {
    /// Written by AI.
    pub ai: u64,
    /// Written by people.
    pub human: u64,
    /// Nobody accounted for them.
    pub unknown: u64,
    /// How the human lines are known to be human. Absent: [`Grade::Declared`], the weakest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human_grade: Option<Grade>,
}

impl Lines {
    /// The grade of the human lines, the weakest if none is given.
    #[must_use]
    pub fn human_grade(&self) -> Grade {
        self.human_grade.unwrap_or(Grade::Declared)
    }
}
