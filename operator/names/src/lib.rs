//! The words everybody in the house uses: each is parsed once, strictly, and from then on is a type.
//!
//! Here: image references as container runtimes read them, digests, the pattern language of policies, ages,
//! severities, tool versions, and how an error is said aloud. Not here: anything that knows a registry, a policy, a document or the time.
//! Every parser is bounded in bytes and takes linear time, because each of them meets hostile text.

mod age;
mod captures;
mod causes;
mod digest;
mod glob;
mod image_pattern;
mod image_ref;
mod pattern_error;
mod reference_error;
mod repository;
mod segments;
mod severity;
mod text_pattern;
mod version;
mod version_range;

pub use age::{Age, AgeError};
pub use captures::Captures;
pub use causes::with_causes;
pub use digest::{Algorithm, Digest, DigestError};
pub use image_pattern::ImagePattern;
pub use image_ref::ImageRef;
pub use pattern_error::PatternError;
pub use reference_error::{Problem, ReferenceError};
pub use repository::Repository;
pub use severity::{Severity, SeverityError};
pub use text_pattern::TextPattern;
pub use version::{Version, VersionError};
pub use version_range::{VersionRange, VersionRangeError};
