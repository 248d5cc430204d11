//! Evidence: verified statements in, one model of what they say out.
//!
//! Every reader here takes a `trust::Verified`, so no document can be read that was not verified first.
//! Not here: fetching, verifying, and judging what was read. There is no clock: ages belong to `verdict`.

mod ai_provenance;
mod document;
mod gathered;
mod sbom;
mod scan;
mod scanner;
mod stream;
mod text;
mod timestamp;
mod unreadable;

pub use ai_provenance::{AiProvenance, Lines, ModelUse, ToolUse};
pub use document::{Document, Model, model_of, read};
pub use gathered::{Evidence, Obstacle, Unread};
pub use predicate::Grade;
pub use sbom::Sbom;
pub use scan::{Scan, SeverityCounts};
pub use scanner::Scanner;
pub use unreadable::{Reason, Unreadable};
