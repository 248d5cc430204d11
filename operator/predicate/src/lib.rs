//! The AI-provenance predicate v1: types, JSON Schema and vectors of one format, held together by tests.
//!
//! The subject of the statement is an image; the predicate says which lines of its source AI wrote, with what,
//! and how that is known. Fields that a reader does not know are ignored, so that v1 can grow; fields that it
//! knows must be right. Not here: signatures, policies, and what other producers write.

mod ai_provenance;
mod bounds;
mod consistency;
mod findings;
mod grade;
mod review;
mod tool;

pub use ai_provenance::{AiProvenance, Collector, Lines, Scope, ScopeKind, Source, SourceDigest};
pub use bounds::{
    MAX_COUNT, MAX_FINDINGS, MAX_MCP_SERVERS, MAX_METHODS, MAX_MODELS, MAX_NAME, MAX_TOOLS, MAX_URI,
};
pub use consistency::{Inconsistent, Part};
pub use findings::{Author, Finding, Reviewed};
pub use grade::Grade;
pub use review::{Activity, AuthoredChanges, Contributors, Review, ReviewedChanges};
pub use tool::{McpServer, Model, Tool};

/// The `predicateType` of a statement that carries this predicate.
pub const PREDICATE_TYPE: &str = "https://tidewaiter.dev/attestation/ai-provenance/v1";

/// The published JSON Schema. It holds all of the shape; sums are held by [`AiProvenance::check`].
#[must_use]
pub const fn schema() -> &'static str {
    include_str!("../ai-provenance-v1.schema.json")
}

#[cfg(test)]
mod tests;
