//! The cryptographic library's refusals, told in our steps.

use sigstore_verify::{CertificateError, Error, TransparencyLogError};

use crate::bundle::Fault;
use crate::detail::Detail;
use crate::refused::{Reason, Step};

/// The fault that an error of the library stands for. By variant, never by message.
pub(crate) fn fault(error: &Error) -> Fault {
    Fault::new(step(error), Reason::NotProved(Detail::of(error)))
}

const fn step(error: &Error) -> Step {
    match error {
        Error::Timestamp(_) | Error::TransparencyLog(TransparencyLogError::IntegratedTime(_)) => Step::Time,
        Error::Certificate(CertificateError::Sct(_)) => Step::Sct,
        Error::Certificate(_)
        | Error::InvalidTrustRoot(_)
        | Error::TrustRoot(_)
        | Error::TrustedCertificate(_) => Step::Certificate,
        Error::TransparencyLog(
            TransparencyLogError::EntryMismatch(_) | TransparencyLogError::MalformedEntry(_),
        )
        // Step 10 has found the subject already: what does not match the artifact now is a log entry.
        | Error::ArtifactMismatch(_)
        | Error::UnsupportedArtifact(_)
        | Error::ArtifactRead(_)
        | Error::UnsupportedBundle(_) => Step::Entry,
        Error::TransparencyLog(_) => Step::Log,
        // The library's own check of shapes, after ours: what is left is about checkpoints and indices.
        Error::Bundle(_) => Step::LogProof,
        // It parses the whole statement and refuses, for one, JSON nested deeper than 128.
        Error::InvalidBundle(_) | Error::Types(_) => Step::Statement,
        Error::IdentityMismatch { .. } | Error::IssuerMismatch { .. } => Step::Identity,
        Error::SignatureInvalid(_) | Error::Crypto(_) | _ => Step::Signature,
    }
}
