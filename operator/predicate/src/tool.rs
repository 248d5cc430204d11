//! What wrote the AI's lines.

use serde::{Deserialize, Serialize};

use crate::Grade;

/// One AI tool at one version, and the lines it wrote by one grade of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// As its maker names the program: `claude-code`.
    pub name: String,
    /// Absent if nobody recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How its lines are known to be its own.
    pub grade: Grade,
    /// How many of the AI's lines it wrote.
    pub lines: u64,
    /// The models it used. Lines that no entry accounts for have no known model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Model>,
}

/// A model, and the lines a tool wrote with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// Provider and model: `anthropic/claude-opus-4-6`.
    pub id: String,
    /// How many of the tool's lines it wrote.
    pub lines: u64,
}

/// An MCP server that a tool was configured with or seen to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpServer {
    /// As the MCP registry names it: `io.github.github/github-mcp-server`.
    pub name: String,
    /// How it was reached: `stdio`, `streamable-http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
}
