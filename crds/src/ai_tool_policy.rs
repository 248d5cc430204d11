//! AIToolPolicy: which images may run, and what they must prove first.
//!
//! One file a part: whom it selects, whom it believes, what it requires, which tools it approves, and what the
//! controller reports.

#![allow(
    unreachable_pub,
    reason = "deriving KubeSchema makes a hidden copy of each type, with its visibility"
)]
#![allow(
    clippy::duplicated_attributes,
    reason = "the lint takes equal arguments of two columns for one written twice"
)]

mod require;
mod select;
mod signer;
mod status;
mod tools;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use require::{AiProvenance, AtMost, Grade, Require, Sbom, VulnerabilityScan};
pub use select::{OtherImages, Select};
pub use signer::{CLAIMS, ConfigMapKey, Keyless, Proof, PublicKey, Signer, TrustRoot};
pub use status::{AIToolPolicyStatus, Selects};
pub use tools::{ApprovedTool, DeniedTool, Tools, Unlisted};

/// An AIToolPolicy says what the images of a cluster must prove before they run: signed SBOMs, signed records
/// of what AI wrote, signed vulnerability scans. All policies that select an image must be met, each in its
/// own mode.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "tidewaiter.dev",
    version = "v1alpha1",
    kind = "AIToolPolicy",
    plural = "aitoolpolicies",
    shortname = "aitp",
    category = "tidewaiter",
    derive = "PartialEq",
    status = "AIToolPolicyStatus",
    doc = "An AIToolPolicy says what the images of a cluster must prove before they run: signed SBOMs, signed records of what AI wrote, signed vulnerability scans. All policies that select an image must be met, each in its own mode.",
    // Removing the chart of the definitions must not remove every policy of the cluster with it.
    annotation("helm.sh/resource-policy", "keep"),
    printcolumn(
        name = "Mode",
        type_ = "string",
        json_path = ".spec.mode",
        description = "What a finding does: Enforce, Warn or Audit."
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#,
        description = "Whether the policy was compiled and judges."
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#,
        description = "Why it is ready, or is not."
    ),
    printcolumn(
        name = "Namespaces",
        type_ = "integer",
        json_path = ".status.selects.namespaces",
        description = "Namespaces that the policy selects now."
    ),
    printcolumn(
        name = "Workloads",
        type_ = "integer",
        json_path = ".status.selects.workloads",
        description = "Workloads in these namespaces with an image that the policy's patterns match."
    ),
    printcolumn(
        name = "Insecure",
        type_ = "string",
        json_path = ".status.insecure",
        description = "Settings that loosen security.",
        priority = 1
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.require.sbom) || self.require.sbom.signedBy.all(n, self.signers.exists(s, s.name == n))")
        .message("require.sbom.signedBy names a signer that spec.signers does not have"),
    validation = Rule::new("!has(self.require.aiProvenance) || self.require.aiProvenance.signedBy.all(n, self.signers.exists(s, s.name == n))")
        .message("require.aiProvenance.signedBy names a signer that spec.signers does not have"),
    validation = Rule::new("!has(self.require.vulnerabilityScan) || self.require.vulnerabilityScan.signedBy.all(n, self.signers.exists(s, s.name == n))")
        .message("require.vulnerabilityScan.signedBy names a signer that spec.signers does not have"),
    validation = Rule::new("!has(self.tools) || has(self.require.aiProvenance)")
        .message("tools are read from AI provenance: require.aiProvenance must be set too")
)]
pub struct AIToolPolicySpec {
    /// What a finding does: Enforce turns the request away, Warn lets it through with a `Warning:` line,
    /// Audit lets it through and writes it down.
    pub mode: Mode,

    /// What happens where nothing can be concluded, as when a registry does not answer: Deny treats it as a
    /// finding, InsecureAllow lets the image through. Never stricter than `mode`.
    #[serde(default)]
    pub on_undecided: OnUndecided,

    /// What happens to an image named by tag: Pin binds the Pod to the digest that was judged, Deny turns it
    /// away, InsecureAllow leaves the tag, so that something else may run than was judged.
    #[serde(default)]
    pub tags: Tags,

    /// Which images the policy speaks of. Absent: all images in all namespaces that the webhook sees.
    #[serde(default)]
    pub select: Select,

    /// Who may say something about an image. A requirement names those it believes.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub signers: Vec<Signer>,

    /// What an image must prove. A requirement that is absent is not judged; at least one must be there.
    pub require: Require,

    /// Which AI tools and models may have written the code. Absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Tools>,
}

/// What a finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Mode {
    /// The request is turned away.
    Enforce,
    /// The request goes through, with a warning to who made it.
    Warn,
    /// The request goes through; the finding is written down.
    Audit,
}

/// What happens where nothing can be concluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OnUndecided {
    /// As a finding, in the policy's mode.
    #[default]
    Deny,
    /// Let through.
    InsecureAllow,
}

/// What happens to an image named by tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Tags {
    /// The Pod is bound to the digest that was judged.
    #[default]
    Pin,
    /// The image is turned away.
    Deny,
    /// The tag stays, and may move after the judgement.
    InsecureAllow,
}
