//! From a Kubernetes object with a Pod template to what judging it needs: its images, each with the place it
//! was written at, its pull secrets and its account. [`manifests`] does the same for the text of files.
//!
//! Not here: what an image reference means (`names`), whether an image may run (`verdict`), and where objects
//! come from. Nothing here decodes a whole Pod: a field that Kubernetes adds or bends elsewhere in the object
//! can stop no admission.

mod error;
mod image_use;
mod kind;
pub mod manifests;
mod wire;
mod workload;

pub use error::ObjectError;
pub use image_use::{ImageUse, List};
pub use kind::Kind;
pub use wire::MAX_ENTRIES;
pub use workload::{MAX_OBJECT_BYTES, Workload, changed_images};
