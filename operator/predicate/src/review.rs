//! How much was changed and reviewed, and by how many. Numbers and bands, never a person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Changes since some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The instant from which changes count.
    pub since: Timestamp,
    /// How many there were.
    pub changes: AuthoredChanges,
}

/// Changes by who wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthoredChanges {
    /// With lines written by AI.
    pub ai: u64,
    /// Written by people alone.
    pub human: u64,
    /// Not accounted for.
    pub unknown: u64,
}

/// How much of what AI wrote was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// Surviving AI lines that somebody reviewed.
    pub ai_lines_reviewed: u64,
    /// Whether every reviewer was somebody else than the change's author.
    pub independent: bool,
    /// The same counted in changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ReviewedChanges>,
}

/// Changes with AI lines, by review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedChanges {
    /// All of them.
    pub ai: u64,
    /// Reviewed ones.
    pub reviewed: u64,
    /// Those of which it is not known.
    pub unknown: u64,
}

/// How many people contributed: wide enough a band to name nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Contributors {
    /// One or two.
    #[serde(rename = "1-2")]
    OneOrTwo,
    /// Three to nine.
    #[serde(rename = "3-9")]
    ThreeToNine,
    /// Ten and more.
    #[serde(rename = "10+")]
    TenOrMore,
}
