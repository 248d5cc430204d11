//! What is said of one image: each document there or not, and each with whatever a test changes.

use jiff::Timestamp;

use crate::documents::{AiProvenance, Document, Sbom, Scan};

/// The documents to attest.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What is in the image.
    pub sbom: Option<Sbom>,
    /// What AI wrote of it.
    pub ai_provenance: Option<AiProvenance>,
    /// What a scanner found.
    pub scan: Option<Scan>,
}

impl Evidence {
    /// All three, in order.
    #[must_use]
    pub fn good(now: Timestamp) -> Self {
        Self {
            sbom: Some(Sbom::good(now)),
            ai_provenance: Some(AiProvenance::good(now)),
            scan: Some(Scan::good(now)),
        }
    }

    /// Those that are there.
    #[must_use]
    pub fn documents(&self) -> Vec<&dyn Document> {
        let sbom = self.sbom.as_ref().map(|document| document as &dyn Document);
        let ai_provenance = self.ai_provenance.as_ref().map(|document| document as &dyn Document);
        let scan = self.scan.as_ref().map(|document| document as &dyn Document);
        [sbom, ai_provenance, scan].into_iter().flatten().collect()
    }
}
