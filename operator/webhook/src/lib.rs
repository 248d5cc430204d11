//! The webhook: an AdmissionReview in, an answer out, over TLS.
//!
//! ```text
//! [ API server ] -> server -> body -> clerk -> [ Court ]   which policies, which verdict, which digest
//!                                       |
//!                 review door skip patch answer            pure: what the request is, what the answer says
//! ```
//!
//! Never writes to the cluster, never evaluates a policy itself and never speaks to a registry: it asks a
//! [`Court`], which in production is [`Gated`]. A refusal is an answer, never an HTTP error; HTTP errors are
//! for requests that cannot be answered as reviews.

mod answer;
mod body;
mod bounds;
mod certificate;
mod clerk;
mod court;
mod deadline;
mod door;
mod gated;
mod metrics;
mod patch;
mod reply;
mod review;
mod router;
mod server;
mod skip;

pub use certificate::{Certificate, CertificateError};
pub use clerk::{Clerk, Clock};
pub use court::{Blind, Court};
pub use door::{PIN_PATH, Path, VALIDATE_PATH};
pub use gated::Gated;
pub use metrics::Metrics;
pub use review::MAX_BODY;
pub use server::{Limits, serve};
