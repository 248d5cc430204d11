//! Trust roots: an immutable snapshot of one sigstore instance, read once and shared.

use jiff::Timestamp;
use names::Digest;
use sigstore_verify::Verifier;
use sigstore_verify::crypto::parse_certificate_info;
use sigstore_verify::trust_root::{CertificateAuthority, TrustedRoot};
use sigstore_verify::types::TimeRange;
use thiserror::Error;

use crate::detail::Detail;

/// Longest `trusted_root.json` read, in bytes: what fits a ConfigMap. The public instance's takes 7 KiB.
pub(crate) const MAX_ROOT_BYTES: usize = 1024 * 1024;

/// Both spellings of the specification begin so: `…+json;version=0.1` and `….v0.2+json`.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// The certificate authorities, certificate logs, transparency logs and timestamp authorities of one sigstore
/// instance, each with the dates between which it may prove anything.
pub struct TrustRoot {
    digest: Digest,
    verifier: Verifier,
    logs: Vec<LogDates>,
}

impl TrustRoot {
    /// Reads a `trusted_root.json` that must prove keyless signatures.
    ///
    /// # Errors
    /// When it cannot be read, or lacks a certificate authority, a certificate log or a transparency log: a
    /// root without them would refuse everything, one bundle at a time, and nobody would see why.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RootError> {
        let root = read(bytes)?;
        for (list, empty) in [
            ("certificateAuthorities", root.certificate_authorities.is_empty()),
            ("ctlogs", root.ctlogs.is_empty()),
        ] {
            if empty {
                return Err(RootError::Empty { list });
            }
        }
        Self::new(bytes, root)
    }

    /// Reads a `trusted_root.json` that must prove only that key-signed statements were logged.
    ///
    /// # Errors
    /// When it cannot be read or lists no transparency log.
    pub fn logs_from_json(bytes: &[u8]) -> Result<Self, RootError> {
        Self::new(bytes, read(bytes)?)
    }

    fn new(bytes: &[u8], mut root: TrustedRoot) -> Result<Self, RootError> {
        for (index, authority) in root.certificate_authorities.iter_mut().enumerate() {
            narrow(authority).map_err(|detail| RootError::Authority { index, detail })?;
        }
        let verifier = Verifier::new(&root).map_err(|error| RootError::Unusable(Detail::of(&error)))?;
        let logs = root
            .tlogs
            .iter()
            .map(|log| LogDates {
                id: log.log_id.key_id.as_bytes().to_vec(),
                dates: log.public_key.valid_for,
            })
            .collect();
        Ok(Self { digest: Digest::sha256(bytes), verifier, logs })
    }

    /// SHA-256 of the bytes that were read.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(crate) const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn logs(&self) -> &[LogDates] {
        &self.logs
    }
}

impl std::fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TrustRoot").field(&self.digest).finish()
    }
}

/// A transparency log's id and the dates between which its key may prove anything.
pub(crate) struct LogDates {
    id: Vec<u8>,
    dates: Option<TimeRange>,
}

impl LogDates {
    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    /// Both ends belong to the window.
    pub(crate) fn covers(&self, time: Timestamp) -> bool {
        self.dates.is_none_or(|dates| dates.contains(time))
    }
}

fn read(bytes: &[u8]) -> Result<TrustedRoot, RootError> {
    if bytes.len() > MAX_ROOT_BYTES {
        return Err(RootError::TooLong { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| RootError::Unreadable(Detail::of(&error)))?;
    let root = TrustedRoot::from_json(text).map_err(|error| RootError::Unreadable(Detail::of(&error)))?;
    if !root.media_type.starts_with(MEDIA_TYPE) {
        return Err(RootError::MediaType);
    }
    if root.tlogs.is_empty() {
        return Err(RootError::Empty { list: "tlogs" });
    }
    Ok(root)
}

/// Narrows an authority's window to that of every certificate in its chain. The library takes intermediates
/// as trust anchors and never looks at an anchor's own dates, so an expired one would go on issuing
/// (CVE-2026-24122 was that, in cosign).
fn narrow(authority: &mut CertificateAuthority) -> Result<(), Detail> {
    for certificate in &authority.cert_chain.certificates {
        let info = parse_certificate_info(&certificate.raw_bytes).map_err(|error| Detail::of(&error))?;
        let window = authority.valid_for.get_or_insert_with(|| TimeRange::new(info.not_before, None));
        window.start = window.start.max(info.not_before);
        window.end = Some(window.end.map_or(info.not_after, |end| end.min(info.not_after)));
    }
    Ok(())
}

/// Why a trust root cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RootError {
    /// Longer than 1 MiB.
    #[error("{bytes} bytes; a trusted_root.json of at most 1048576 is read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Not UTF-8, not JSON, or not a trusted root.
    #[error("it cannot be read as trusted_root.json")]
    Unreadable(#[source] Detail),
    /// Another document.
    #[error("its mediaType is not that of a sigstore trusted root")]
    MediaType,
    /// Nothing could be proved with it.
    #[error("it lists no {list}, without which nothing can be proved")]
    Empty {
        /// The JSON name of the list.
        list: &'static str,
    },
    /// A certificate of an authority cannot be read.
    #[error("certificateAuthorities[{index}] holds a certificate that cannot be read")]
    Authority {
        /// The authority's place in the list, from 0.
        index: usize,
        /// What was wrong.
        #[source]
        detail: Detail,
    },
    /// A key or certificate is malformed, listed twice, or has a window that ends before it begins.
    #[error("one of its keys or certificates cannot be used")]
    Unusable(#[source] Detail),
}
