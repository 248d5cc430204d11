//! What an image must prove.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{AGE, SIGNER_NAME};

/// What an image must prove. A requirement that is absent is not judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.sbom) || has(self.aiProvenance) || has(self.vulnerabilityScan)")
    .message("at least one of sbom, aiProvenance and vulnerabilityScan must be required"))]
pub struct Require {
    /// A software bill of materials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbom: Option<Sbom>,

    /// A record of which lines AI wrote, and with what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai_provenance: Option<AiProvenance>,

    /// A vulnerability scan of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerability_scan: Option<VulnerabilityScan>,
}

/// A software bill of materials, signed and about this very image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sbom {
    /// Names of the signers that are believed about this.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 63), regex(pattern = SIGNER_NAME)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub signed_by: Vec<String>,

    /// How old the document may be, such as 24h, 90m or 2160h. Absent: any age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 24), regex(pattern = AGE))]
    pub max_age: Option<String>,
}

/// A record of which lines AI wrote, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AiProvenance {
    /// Names of the signers that are believed about this.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 63), regex(pattern = SIGNER_NAME)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub signed_by: Vec<String>,

    /// How old the record may be, such as 24h, 90m or 2160h. Absent: any age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 24), regex(pattern = AGE))]
    pub max_age: Option<String>,

    /// How well each line must be attributed: Declared (somebody said so), Observed (the tool's own record,
    /// made while writing), Witnessed (such a record, signed or logged before the build). Lines below it count
    /// as unknown, human ones too; without `maxUnknownPercent` one such line is a finding. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Grade")]
    pub minimum_grade: Option<Grade>,

    /// How many of a hundred lines nobody may have accounted for. Absent: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub max_unknown_percent: Option<u8>,

    /// How many of a hundred lines AI may have written, however that is known. Absent: any number.
    #[serde(default, rename = "maxAIPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub max_ai_percent: Option<u8>,
}

/// A vulnerability scan of the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilityScan {
    /// Names of the signers that are believed about this.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 63), regex(pattern = SIGNER_NAME)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub signed_by: Vec<String>,

    /// How long ago the scan may have ended, such as 24h, 90m or 2160h. Absent: any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 24), regex(pattern = AGE))]
    pub max_age: Option<String>,

    /// How many findings of each severity there may be. Absent: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<AtMost>,
}

/// How many findings of each severity there may be. A severity that is absent is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.critical) || has(self.high) || has(self.medium) || has(self.low) || has(self.negligible) || has(self.unknown)")
    .message("atMost names at least one of critical, high, medium, low, negligible and unknown"))]
pub struct AtMost {
    /// Findings of critical severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub critical: Option<u32>,

    /// Findings of high severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub high: Option<u32>,

    /// Findings of medium severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub medium: Option<u32>,

    /// Findings of low severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub low: Option<u32>,

    /// Findings of negligible severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub negligible: Option<u32>,

    /// Findings to which the scanner gave no severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000))]
    pub unknown: Option<u32>,
}

/// How well an attribution is backed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// Somebody said so: a commit trailer, a configuration file, a property.
    Declared,
    /// The tool's own record, made while writing.
    Observed,
    /// Such a record, signed or logged before the build.
    Witnessed,
}
