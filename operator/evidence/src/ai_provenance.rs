//! Which lines of an image's source AI wrote, normalised from our own predicate, version 1.
//!
//! The format and its rules are `predicate`'s; other carriers will be read into the same model. Not here: what
//! share is too much, and which tool may be.

use jiff::Timestamp;
use predicate::Grade;
use serde::Deserialize;

use crate::{
    text::Text,
    timestamp,
    unreadable::{Reason, Unreadable},
};

/// Which lines AI wrote, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiProvenance {
    /// `collectedAt`.
    pub collected_at: Timestamp,
    /// Lines by author.
    pub lines: Lines,
    /// The tools that wrote AI's lines. They never sum to more than `lines.ai`; often to less.
    pub tools: Vec<ToolUse>,
}

/// Lines of the tree by author. They sum to the scope, which is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// By AI, on any grounds.
    pub ai: u64,
    /// By people.
    pub human: u64,
    /// By nobody knows whom.
    pub unknown: u64,
    /// The weakest grounds on which people's lines are theirs.
    pub human_grade: Grade,
}

/// One tool, and the lines it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolUse {
    /// As the collector names it.
    pub name: String,
    /// Where it is known.
    pub version: Option<String>,
    /// On what grounds the lines are its.
    pub grade: Grade,
    /// How many.
    pub lines: u64,
    /// The models it wrote them with. They never sum to more than `lines`.
    pub models: Vec<ModelUse>,
}

/// One model, and the lines it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUse {
    /// `provider/model`, or as the collector has it.
    pub id: String,
    /// How many lines.
    pub lines: u64,
}

// === impl AiProvenance ===

impl AiProvenance {
    /// Reads an AI-provenance predicate.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let refused = |reason| Unreadable { reason, time: time_alone(text), scanner: None };
        let stated: predicate::AiProvenance =
            serde_json::from_str(text).map_err(|error| refused(Reason::from_json(&error)))?;
        stated.check().map_err(|rule| refused(rule.into()))?;
        Ok(Self {
            collected_at: stated.collected_at,
            lines: Lines {
                ai: stated.lines.ai,
                human: stated.lines.human,
                unknown: stated.lines.unknown,
                human_grade: stated.lines.human_grade(),
            },
            tools: stated.tools.into_iter().map(ToolUse::from).collect(),
        })
    }

    /// Bytes held beside the struct itself.
    pub(crate) fn weight(&self) -> usize {
        let models = |tool: &ToolUse| -> usize {
            tool.models.iter().map(|model| size_of::<ModelUse>().saturating_add(model.id.len())).sum()
        };
        let texts = |tool: &ToolUse| tool.name.len() + tool.version.as_ref().map_or(0, String::len);
        self.tools.iter().map(|tool| size_of::<ToolUse>() + texts(tool) + models(tool)).sum()
    }

    /// Lines by AI that no tool is stated for.
    #[must_use]
    pub fn unattributed(&self) -> u64 {
        self.lines.ai.saturating_sub(self.tools.iter().map(|tool| tool.lines).fold(0, u64::saturating_add))
    }
}

// === impl Lines ===

impl Lines {
    /// All lines in scope.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ai.saturating_add(self.human).saturating_add(self.unknown)
    }
}

// === impl ToolUse ===

impl ToolUse {
    /// Lines of this tool that no model is stated for.
    #[must_use]
    pub fn lines_without_model(&self) -> u64 {
        self.lines.saturating_sub(self.models.iter().map(|model| model.lines).fold(0, u64::saturating_add))
    }
}

impl From<predicate::Tool> for ToolUse {
    fn from(tool: predicate::Tool) -> Self {
        let models = tool.models.into_iter().map(|model| ModelUse { id: model.id, lines: model.lines });
        Self {
            name: tool.name,
            version: tool.version,
            grade: tool.grade,
            lines: tool.lines,
            models: models.collect(),
        }
    }
}

/// The time of a predicate that cannot be read otherwise: it still has its place among others.
fn time_alone(text: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct TimeAlone<'a> {
        #[serde(borrow, default)]
        collected_at: Option<Text<'a>>,
    }
    let alone: TimeAlone<'_> = serde_json::from_str(text).ok()?;
    timestamp::read(alone.collected_at.as_ref().map(|text| &*text.0), "collectedAt").ok()?
}

#[cfg(test)]
mod tests;
