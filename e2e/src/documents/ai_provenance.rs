//! Our AI-provenance predicate, version 1, as `tidewaiter provenance` writes it in CI.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Document, written};

/// An AI-provenance summary. Build it from [`AiProvenance::good`].
#[derive(Debug, Clone)]
pub struct AiProvenance {
    /// Where the source is, as a `git+https` URI.
    pub source_uri: String,
    /// The commit, 40 hex digits.
    pub source_commit: String,
    /// When the summary was made; `None` leaves the field out.
    pub collected_at: Option<Timestamp>,
    /// How the collector learned of authorship.
    pub methods: Vec<String>,
    /// `tree` for all surviving lines; any other kind is refused by default.
    pub scope_kind: String,
    /// Overrides `scope.lines`, which else is the sum of the three line counts.
    pub scope_lines: Option<u64>,
    /// Vendored, generated and binary lines that nobody looked at.
    pub not_examined: u64,
    /// Lines written by AI tools.
    pub ai: u64,
    /// Lines written by people.
    pub human: u64,
    /// Lines of unknown origin.
    pub unknown: u64,
    /// Grade of the human lines: `Declared`, `Observed` or `Witnessed`.
    pub human_grade: String,
    /// Tools that wrote the AI lines.
    pub tools: Vec<Tool>,
    /// Recent changes, by author kind.
    pub activity: Option<Activity>,
    /// Review of the AI lines.
    pub review: Option<Review>,
    /// `1-2`, `3-9` or `10+`.
    pub contributors: String,
    /// MCP servers used while writing: name and transport.
    pub mcp_servers: Vec<(String, String)>,
    /// Findings of code scanners, joined with authorship.
    pub findings: Vec<Finding>,
}

/// A tool and the lines it wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    /// Name from the published list.
    pub name: String,
    /// Version, when the record gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `Declared`, `Observed` or `Witnessed`.
    pub grade: String,
    /// Lines attributed to it.
    pub lines: u64,
    /// Models behind those lines.
    pub models: Vec<Model>,
}

/// A model and the lines it wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// `provider/model`.
    pub id: String,
    /// Lines attributed to it.
    pub lines: u64,
}

/// Changes since a time.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Start of the window.
    pub since: Timestamp,
    /// Changes in it.
    pub changes: Changes,
}

/// Numbers of changes by author kind.
#[derive(Debug, Clone, Serialize)]
pub struct Changes {
    /// By AI tools.
    pub ai: u64,
    /// By people.
    pub human: u64,
    /// Of unknown origin.
    pub unknown: u64,
}

/// Review of AI-written code.
#[derive(Debug, Clone)]
pub struct Review {
    /// AI lines that a person reviewed.
    pub ai_lines_reviewed: u64,
    /// Whether the reviewer was another person than the one who used the tool.
    pub independent: bool,
    /// Changes written by AI, those reviewed, and those nobody knows about.
    pub changes: (u64, u64, u64),
}

/// One kind of finding.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Weakness, `CWE-89`.
    pub cwe: String,
    /// `critical`, `high`, `medium`, `low`.
    pub severity: String,
    /// `ai`, `human` or `unknown`.
    pub author: String,
    /// Tool that wrote the line.
    pub tool: String,
    /// Model behind it.
    pub model: String,
    /// `yes`, `no` or `unknown`.
    pub reviewed: String,
    /// How many.
    pub count: u64,
}

impl Tool {
    /// An observed Claude Code that wrote `lines`, all with the model `id`.
    pub fn claude_code(id: &str, lines: u64) -> Self {
        Self {
            name: "claude-code".to_owned(),
            version: Some("2.1.0".to_owned()),
            grade: "Observed".to_owned(),
            lines,
            models: vec![Model { id: id.to_owned(), lines }],
        }
    }
}

impl AiProvenance {
    /// Made an hour before `now`: 1200 lines of one tool and model, 3000 human, 200 unknown (under 5 percent).
    pub fn good(now: Timestamp) -> Self {
        Self {
            source_uri: "git+https://github.com/shop/cart".to_owned(),
            source_commit: "4f1c0a9e2b7d83560c1e9f24a8b6d7035e92c1fa".to_owned(),
            collected_at: Some(now - SignedDuration::from_hours(1)),
            methods: vec!["git-ai/3.0.0".to_owned(), "trailers".to_owned()],
            scope_kind: "tree".to_owned(),
            scope_lines: None,
            not_examined: 900,
            ai: 1200,
            human: 3000,
            unknown: 200,
            human_grade: "Observed".to_owned(),
            tools: vec![Tool::claude_code("anthropic/claude-opus-4-6", 1200)],
            activity: Some(Activity {
                since: now - SignedDuration::from_hours(30 * 24),
                changes: Changes { ai: 31, human: 40, unknown: 2 },
            }),
            review: Some(Review { ai_lines_reviewed: 1100, independent: true, changes: (31, 28, 1) }),
            contributors: "3-9".to_owned(),
            mcp_servers: vec![("io.github.github/github-mcp-server".to_owned(), "stdio".to_owned())],
            findings: Vec::new(),
        }
    }
}

impl Document for AiProvenance {
    fn cosign_type(&self) -> &'static str {
        self.predicate_type()
    }

    fn predicate_type(&self) -> &'static str {
        "https://tidewaiter.dev/attestation/ai-provenance/v1"
    }

    fn predicate(&self) -> Value {
        let servers: Vec<Value> = self
            .mcp_servers
            .iter()
            .map(|(name, transport)| json!({"name": name, "transport": transport}))
            .collect();
        let mut predicate = json!({
            "source": {"uri": self.source_uri, "digest": {"gitCommit": self.source_commit}},
            "collector": {"name": "tidewaiter", "version": "0.1.0", "methods": self.methods},
            "scope": {
                "kind": self.scope_kind,
                "lines": self.scope_lines.unwrap_or(self.ai + self.human + self.unknown),
                "notExamined": self.not_examined,
            },
            "lines": {
                "ai": self.ai, "human": self.human, "unknown": self.unknown, "humanGrade": self.human_grade,
            },
            "tools": self.tools,
            "contributors": self.contributors,
            "mcpServers": servers,
            "findings": self.findings,
        });
        let Some(fields) = predicate.as_object_mut() else { return predicate };
        if let Some(collected_at) = self.collected_at {
            fields.insert("collectedAt".to_owned(), json!(written(collected_at)));
        }
        if let Some(activity) = &self.activity {
            fields.insert(
                "activity".to_owned(),
                json!({"since": written(activity.since), "changes": activity.changes}),
            );
        }
        if let Some(review) = &self.review {
            let (ai, reviewed, unknown) = review.changes;
            let changes = json!({"ai": ai, "reviewed": reviewed, "unknown": unknown});
            fields.insert(
                "review".to_owned(),
                json!({
                    "aiLinesReviewed": review.ai_lines_reviewed, "independent": review.independent,
                    "changes": changes,
                }),
            );
        }
        predicate
    }
}
