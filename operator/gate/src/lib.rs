//! From an image to a verdict: resolve, fetch, verify, read, decide; once for many askers.
//!
//! ```text
//! [ Intake ] -> Selection + Context -> [ Gate ] -> Judgement
//!  policies, namespaces,                resolve -> list -> read -> verify -> decide
//!  pull secrets, as seen now            (fetch)                   (trust)   (verdict)
//! ```
//!
//! What is remembered here is verified evidence, by digest and trust root. A decision is never remembered:
//! it changes with the policy and with the time, and costs microseconds.
//!
//! Not here: what an AdmissionReview looks like, which images a workload has, and the clock.

mod anchors;
mod book;
mod collect;
mod context;
mod gate;
mod intake;
mod joined;
mod memory;
mod obstacle;
mod tags;
#[cfg(test)]
mod tests;
mod verifier;

pub use book::keep_rulebook;
pub use context::Context;
pub use gate::{Gate, Limits};
pub use intake::{Blind, Intake};
pub use tags::Stage;
pub use verifier::Verifications;
