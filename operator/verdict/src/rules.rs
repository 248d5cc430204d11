//! What one policy asks of an image, compiled: names resolved to roots and keys, texts to patterns.
//!
//! Not here: which images it is asked of (`rulebook` selects), and signers and tools, which have files of
//! their own.

use evidence::Grade;
use names::{Age, Digest, Severity};
use serde::Serialize;
use trust::{AnchorId, Proof};

use crate::{
    effect::{Mode, OnUndecided},
    signer::Signer,
    tool_rules::ToolRules,
};

/// Which policy, exactly: name, object, generation and content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PolicyId {
    /// `metadata.name`
    pub name: String,
    /// `metadata.uid`; empty for a policy from a file.
    pub uid: String,
    /// `metadata.generation`; 0 for a policy from a file.
    pub generation: i64,
    /// Digest of the spec.
    pub digest: Digest,
}

/// Everything that is judged under one policy. Absent means not judged.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whose rules.
    pub policy: PolicyId,
    /// What findings do.
    pub mode: Mode,
    /// What undecided verdicts do.
    pub on_undecided: OnUndecided,
    /// Who may say something. Requirements name them.
    pub signers: Vec<Signer>,
    /// `require.sbom`
    pub sbom: Option<SbomRule>,
    /// `require.aiProvenance`
    pub ai_provenance: Option<AiProvenanceRule>,
    /// `require.vulnerabilityScan`
    pub scan: Option<ScanRule>,
    /// `tools`, judged by what the AI provenance says.
    pub tools: Option<ToolRules>,
}

/// What an SBOM must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SbomRule {
    /// Names of the signers it is believed from.
    pub signed_by: Vec<String>,
    /// How old its timestamp may be.
    pub max_age: Option<Age>,
}

/// What an AI provenance must be, and what it must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiProvenanceRule {
    /// Names of the signers it is believed from.
    pub signed_by: Vec<String>,
    /// How old `collectedAt` may be.
    pub max_age: Option<Age>,
    /// Lines attributed on weaker grounds count as unknown.
    pub minimum_grade: Option<Grade>,
    /// Most lines of unknown author, in percent of the scope.
    pub max_unknown_percent: Option<u8>,
    /// Most lines by AI on any grounds, in percent of the scope.
    pub max_ai_percent: Option<u8>,
}

/// What a vulnerability scan must be, and what it must not have found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRule {
    /// Names of the signers it is believed from.
    pub signed_by: Vec<String>,
    /// How old `scanFinishedOn` may be.
    pub max_age: Option<Age>,
    /// Most findings of each severity, worst first. A severity that is not listed is not judged.
    pub at_most: Vec<(Severity, u64)>,
}

// === impl Rules ===

impl Rules {
    /// The signers of this policy that `names` names.
    pub(crate) fn named<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Signer> {
        self.signers.iter().filter(|signer| names.contains(&signer.name))
    }

    /// Whether the proof rests on a root or key of this policy, whoever signed. Evidence may be gathered for
    /// several policies at once.
    pub(crate) fn knows(&self, proof: &Proof) -> bool {
        self.signers.iter().any(|signer| signer.rests_on(&proof.anchor))
    }

    /// Every root or key that this policy's signers are proved under.
    pub fn anchors(&self) -> impl Iterator<Item = AnchorId> {
        self.signers.iter().flat_map(Signer::anchors)
    }
}
