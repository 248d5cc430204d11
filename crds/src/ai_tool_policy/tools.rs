//! Which AI tools and models a policy approves.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{DATE_TIME, TEXT_PATTERN, TOOL_NAME, VERSION_RANGE};

/// Which AI tools and models may have written the code. A denied entry beats an approved one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tools {
    /// A tool or model that no entry names: Deny or Allow.
    #[serde(default)]
    pub unlisted: Unlisted,

    /// Tools that may be used, with these versions and models only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub approved: Vec<ApprovedTool>,

    /// Tools that may not be used. What cannot be ruled out, because a version or model is not given, is
    /// denied too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub denied: Vec<DeniedTool>,
}

/// A tool that may be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedTool {
    /// The tool's name as AI provenance has it, such as claude-code.
    #[schemars(length(min = 1, max = 128), regex(pattern = TOOL_NAME))]
    pub name: String,

    /// Which versions, such as `>=2` or `>=0.69.4, <=0.69.6`; `1.2` is 1.2 and all within it. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128), regex(pattern = VERSION_RANGE))]
    pub versions: Option<String>,

    /// Patterns over models, provider first, such as `anthropic/claude-*`. Absent: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 32), inner(length(min = 1, max = 256), regex(pattern = TEXT_PATTERN)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub models: Vec<String>,
}

/// A tool that may not be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeniedTool {
    /// The tool's name as AI provenance has it, such as cursor.
    #[schemars(length(min = 1, max = 128), regex(pattern = TOOL_NAME))]
    pub name: String,

    /// Which versions, such as `<2`. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128), regex(pattern = VERSION_RANGE))]
    pub versions: Option<String>,

    /// Patterns over models, provider first, such as `*/legacy-*`. Absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 32), inner(length(min = 1, max = 256), regex(pattern = TEXT_PATTERN)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub models: Vec<String>,

    /// Why, for whoever is turned away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub reason: Option<String>,

    /// From when on, such as 2026-09-01T00:00:00Z. Absent: from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), regex(pattern = DATE_TIME), extend("format" = "date-time"))]
    pub from: Option<String>,
}

/// What happens to a tool or model that no entry names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Unlisted {
    /// It is not approved.
    #[default]
    Deny,
    /// It may be used.
    Allow,
}
