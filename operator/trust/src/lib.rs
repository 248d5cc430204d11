//! Trust: who signed an in-toto statement, for which image, and what the log and the clock add to it.
//!
//! In: the bytes of a sigstore bundle, the digest that was looked up, an [`Anchor`] and the time. Out: a
//! [`Verified`] [`Statement`] with its [`Proof`], or a [`Refused`] that names the step which stopped it.
//! [`verify`] lists the steps and the attack each one stops.
//!
//! Not here: whether the signer may say it (`verdict`), what the predicate means (`evidence`), where bundles
//! come from (`fetch`). No clock, file or network. This room alone names the sigstore crates.

mod anchor;
mod bundle;
mod detail;
mod key;
mod proof;
mod refused;
mod root;
mod sigstore;
mod statement;
mod verified;
mod verify;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use anchor::{Anchor, AnchorId};
pub use bundle::{Bundle, MAX_BUNDLE_BYTES};
pub use detail::Detail;
pub use key::{KeyError, PublicKey};
pub use proof::{Claims, Identity, Log, Proof};
pub use refused::{Reason, Refused, Step};
pub use root::{RootError, TrustRoot};
pub use statement::{Statement, Subject};
pub use verified::Verified;
pub use verify::{MAX_CLOCK_SKEW, verify};
