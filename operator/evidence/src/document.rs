//! One verified statement, read as the model its predicate type promises.
//!
//! A type that belongs to a model is that model, readable or not: a broken scan is a broken scan, not
//! nothing. Types nobody here knows are kept with no model at all.

use names::Digest;
use trust::{Proof, Statement, Verified};

use crate::{ai_provenance::AiProvenance, sbom::Sbom, scan::Scan, unreadable::Unreadable};

/// CycloneDX; cosign writes it with and without the version: `https://cyclonedx.org/bom/v1.6`.
const CYCLONEDX: &str = "https://cyclonedx.org/bom";

/// cosign from 2.0 on, and as 1.5 to 1.13 wrote it.
const COSIGN_VULN: [&str; 2] =
    ["https://cosign.sigstore.dev/attestation/vuln/v1", "cosign.sigstore.dev/attestation/vuln/v1"];

/// What a proof's texts come to: digests, and fifteen claims of a certificate, most of them addresses of
/// about a hundred characters.
const PROOF_WEIGHT: usize = 2048;

/// A verified statement, read. Only `read` makes one, so each was verified.
#[derive(Clone, Debug)]
pub struct Document {
    digest: Digest,
    predicate_type: String,
    proof: Proof,
    sbom: Option<Result<Sbom, Unreadable>>,
    ai_provenance: Option<Result<AiProvenance, Unreadable>>,
    scan: Option<Result<Scan, Unreadable>>,
}

/// The kinds of evidence that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// What the image is made of.
    Sbom,
    /// Which lines of its source AI wrote.
    AiProvenance,
    /// What a scanner found in it.
    Scan,
}

/// The model that `predicate_type` belongs to, if any.
#[must_use]
pub fn model_of(predicate_type: &str) -> Option<Model> {
    if predicate_type == predicate::PREDICATE_TYPE {
        Some(Model::AiProvenance)
    } else if COSIGN_VULN.contains(&predicate_type) {
        Some(Model::Scan)
    } else {
        let rest = predicate_type.strip_prefix(CYCLONEDX)?;
        (rest.is_empty() || rest.starts_with("/v")).then_some(Model::Sbom)
    }
}

/// Reads a verified statement. Total: what cannot be read says why.
#[must_use]
pub fn read(statement: &Verified<Statement>) -> Document {
    let stated = statement.value();
    let model = model_of(stated.predicate_type());
    let text = stated.predicate();
    Document {
        digest: stated.digest().clone(),
        predicate_type: stated.predicate_type().to_owned(),
        proof: statement.proof().clone(),
        sbom: (model == Some(Model::Sbom)).then(|| Sbom::read(text)),
        ai_provenance: (model == Some(Model::AiProvenance)).then(|| AiProvenance::read(text)),
        scan: (model == Some(Model::Scan)).then(|| Scan::read(text)),
    }
}

// === impl Document ===

impl Document {
    /// SHA-256 of the signed payload.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// As the statement has it.
    #[must_use]
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// What was proved about who signed it and when.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }

    /// About how many bytes of memory it holds, for caches that are bounded in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let read = self.ai_provenance.as_ref().and_then(|read| read.as_ref().ok());
        size_of::<Self>()
            .saturating_add(PROOF_WEIGHT)
            .saturating_add(self.predicate_type.len())
            .saturating_add(read.map_or(0, AiProvenance::weight))
    }

    /// `Some` when the type is that of an SBOM.
    #[must_use]
    pub fn sbom(&self) -> Option<Result<&Sbom, &Unreadable>> {
        self.sbom.as_ref().map(Result::as_ref)
    }

    /// `Some` when the type is that of an AI provenance.
    #[must_use]
    pub fn ai_provenance(&self) -> Option<Result<&AiProvenance, &Unreadable>> {
        self.ai_provenance.as_ref().map(Result::as_ref)
    }

    /// `Some` when the type is that of a vulnerability scan.
    #[must_use]
    pub fn scan(&self) -> Option<Result<&Scan, &Unreadable>> {
        self.scan.as_ref().map(Result::as_ref)
    }
}

#[cfg(test)]
mod tests;
