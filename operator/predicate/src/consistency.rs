//! What must hold between the fields of a predicate, and how large each may be.

use std::fmt;

use thiserror::Error;

use crate::{AiProvenance, ScopeKind, bounds};

/// A rule that a predicate breaks. A predicate that breaks one proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inconsistent {
    /// Only the whole tree can be judged.
    #[error("the scope is of another kind than \"tree\"")]
    ScopeKind,
    /// Shares of nothing are not defined.
    #[error("the scope has no lines")]
    NoLines,
    /// AI, human and unknown lines do not add up.
    #[error("ai, human and unknown lines add up to {found}, the scope has {scope}")]
    LineSum {
        /// The scope's lines.
        scope: u64,
        /// Their sum.
        found: u128,
    },
    /// A part is greater than what it is a part of.
    #[error("{part} are {found}, more than the {limit} they are part of")]
    Exceeds {
        /// What was added up.
        part: Part,
        /// What it came to.
        found: u128,
        /// What it may come to.
        limit: u64,
    },
    /// A list, text or number is larger than the format allows.
    #[error("{field} is larger than {max}")]
    TooLarge {
        /// The field, by its path in the document.
        field: &'static str,
        /// What it may have: entries, characters, or the number itself.
        max: u64,
    },
    /// A text that must not be empty is.
    #[error("{field} is empty")]
    Empty {
        /// The field, by its path in the document.
        field: &'static str,
    },
    /// The commit is not written as git writes it.
    #[error("source.digest.gitCommit is neither 40 nor 64 lower-case hex digits")]
    Commit,
}

/// A number that is part of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Lines of all tools, of the AI's lines.
    ToolLines,
    /// Lines of all models of one tool, of the tool's.
    ModelLines,
    /// Reviewed lines, of the AI's lines.
    ReviewedLines,
    /// Reviewed changes and those not known, of the AI's changes.
    ReviewedChanges,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ToolLines => "the lines of all tools",
            Self::ModelLines => "the lines of one tool's models",
            Self::ReviewedLines => "the reviewed AI lines",
            Self::ReviewedChanges => "the changes reviewed or of unknown review",
        })
    }
}

impl AiProvenance {
    /// Holds the predicate against every rule that its shape alone cannot.
    ///
    /// # Errors
    /// [`Inconsistent`] names the first rule that is broken.
    pub fn check(&self) -> Result<(), Inconsistent> {
        self.check_texts()?;
        self.check_sizes()?;
        if self.scope.kind != ScopeKind::Tree {
            return Err(Inconsistent::ScopeKind);
        }
        if self.scope.lines == 0 {
            return Err(Inconsistent::NoLines);
        }
        let found = sum([self.lines.ai, self.lines.human, self.lines.unknown]);
        if found != u128::from(self.scope.lines) {
            return Err(Inconsistent::LineSum { scope: self.scope.lines, found });
        }
        within(Part::ToolLines, sum(self.tools.iter().map(|tool| tool.lines)), self.lines.ai)?;
        for tool in &self.tools {
            within(Part::ModelLines, sum(tool.models.iter().map(|model| model.lines)), tool.lines)?;
        }
        if let Some(review) = &self.review {
            within(Part::ReviewedLines, review.ai_lines_reviewed.into(), self.lines.ai)?;
            if let Some(changes) = &review.changes {
                within(Part::ReviewedChanges, sum([changes.reviewed, changes.unknown]), changes.ai)?;
            }
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), Inconsistent> {
        text("source.uri", &self.source.uri, bounds::MAX_URI)?;
        let commit = &self.source.digest.git_commit;
        let hex = commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex || !matches!(commit.len(), 40 | 64) {
            return Err(Inconsistent::Commit);
        }
        text("collector.name", &self.collector.name, bounds::MAX_NAME)?;
        text("collector.version", &self.collector.version, bounds::MAX_NAME)?;
        texts("collector.methods[]", self.collector.methods.iter())?;
        for tool in &self.tools {
            text("tools[].name", &tool.name, bounds::MAX_NAME)?;
            texts("tools[].version", tool.version.iter())?;
            texts("tools[].models[].id", tool.models.iter().map(|model| &model.id))?;
        }
        for server in &self.mcp_servers {
            text("mcpServers[].name", &server.name, bounds::MAX_NAME)?;
            texts("mcpServers[].transport", server.transport.iter())?;
        }
        for finding in &self.findings {
            texts("findings[].cwe", finding.cwe.iter())?;
            texts("findings[].tool", finding.tool.iter())?;
            texts("findings[].model", finding.model.iter())?;
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<(), Inconsistent> {
        at_most("collector.methods", self.collector.methods.len(), bounds::MAX_METHODS)?;
        at_most("tools", self.tools.len(), bounds::MAX_TOOLS)?;
        at_most("mcpServers", self.mcp_servers.len(), bounds::MAX_MCP_SERVERS)?;
        at_most("findings", self.findings.len(), bounds::MAX_FINDINGS)?;
        for tool in &self.tools {
            at_most("tools[].models", tool.models.len(), bounds::MAX_MODELS)?;
        }
        // Every other count of lines is bounded by these through the sums.
        count("scope.lines", self.scope.lines)?;
        count("scope.notExamined", self.scope.not_examined)?;
        if let Some(activity) = &self.activity {
            let changes = activity.changes;
            for changes in [changes.ai, changes.human, changes.unknown] {
                count("activity.changes", changes)?;
            }
        }
        if let Some(changes) = self.review.and_then(|review| review.changes) {
            count("review.changes.ai", changes.ai)?;
        }
        for finding in &self.findings {
            count("findings[].count", finding.count)?;
        }
        Ok(())
    }
}

/// 64 models or three counts of 64 bits each stay far below 128 bits.
fn sum(counts: impl IntoIterator<Item = u64>) -> u128 {
    counts.into_iter().map(u128::from).sum()
}

fn within(part: Part, found: u128, limit: u64) -> Result<(), Inconsistent> {
    if found > u128::from(limit) { Err(Inconsistent::Exceeds { part, found, limit }) } else { Ok(()) }
}

fn texts<'a>(field: &'static str, all: impl Iterator<Item = &'a String>) -> Result<(), Inconsistent> {
    all.into_iter().try_for_each(|one| text(field, one, bounds::MAX_NAME))
}

fn text(field: &'static str, text: &str, max: usize) -> Result<(), Inconsistent> {
    if text.is_empty() {
        return Err(Inconsistent::Empty { field });
    }
    at_most(field, text.chars().take(max + 1).count(), max)
}

fn at_most(field: &'static str, found: usize, max: usize) -> Result<(), Inconsistent> {
    if found > max { Err(Inconsistent::TooLarge { field, max: max as u64 }) } else { Ok(()) }
}

fn count(field: &'static str, found: u64) -> Result<(), Inconsistent> {
    if found > bounds::MAX_COUNT {
        return Err(Inconsistent::TooLarge { field, max: bounds::MAX_COUNT });
    }
    Ok(())
}
