//! The documents that get attested: SBOMs, AI-provenance summaries and scans, shaped as their real producers
//! write them.
//!
//! Each is a struct whose `good(now)` meets any sensible policy, so that a test writes down only what it
//! changes: `Scan { finished: Some(nine_days_ago), ..Scan::good(now) }`. Nothing here signs or sends; that is
//! [`crate::cosign`].

mod ai_provenance;
mod sbom;
mod scan;

pub use ai_provenance::{Activity, AiProvenance, Changes, Finding, Model, Review, Tool};
pub use sbom::{Component, Sbom};
pub use scan::{Scan, Vulnerability};

/// Something cosign can attest.
pub trait Document: Send + Sync {
    /// The word or URI for cosign's `--type`.
    fn cosign_type(&self) -> &'static str;

    /// The predicateType that ends up in the statement; cosign turns its own words into these URIs.
    fn predicate_type(&self) -> &'static str;

    /// The predicate, as its producer writes it to a file.
    fn predicate(&self) -> serde_json::Value;
}

/// A predicate of any type and content, for statements no producer would write.
#[derive(Debug, Clone)]
pub struct Raw {
    /// predicateType URI.
    pub predicate_type: &'static str,
    /// The predicate itself.
    pub predicate: serde_json::Value,
}

impl Document for Raw {
    fn cosign_type(&self) -> &'static str {
        self.predicate_type
    }

    fn predicate_type(&self) -> &'static str {
        self.predicate_type
    }

    fn predicate(&self) -> serde_json::Value {
        self.predicate.clone()
    }
}

/// A time as producers write it: UTC, whole seconds.
fn written(time: jiff::Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests;
