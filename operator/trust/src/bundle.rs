//! Bundles: parsed once, checked for shape and amounts, believed in nothing.

mod bounded;
mod wire;

use std::sync::Arc;

use names::Digest;
use sigstore_verify::types::{
    Bundle as Signed, CertificateContent, DsseEnvelope, MediaType, SignatureContent,
    TimestampVerificationData, TransparencyLogEntry, VerificationMaterial, VerificationMaterialContent,
};

use crate::detail::Detail;
use crate::refused::{Reason, Refused, Step};
use crate::statement::Outline;

pub(crate) use bounded::Bounded;

/// Longest bundle read, in bytes: 16 MiB. The cryptographic library builds the whole statement in memory and
/// takes about eight times the bundle (measured: 365 MiB for one of 46 MiB), so this costs some 130 MiB.
pub const MAX_BUNDLE_BYTES: usize = 16 * 1024 * 1024;
/// Most log entries in a bundle, as in sigstore-go. Each costs two signature checks.
pub(crate) const MAX_LOG_ENTRIES: usize = 32;
/// Most certificates beside the signing one (CVE-2026-32280: an unbounded chain). Kyverno's number.
pub(crate) const MAX_INTERMEDIATES: usize = 10;
/// Most RFC 3161 timestamps. cosign writes one; each is tried against every authority of the root.
pub(crate) const MAX_TIMESTAMPS: usize = 8;
/// Most signatures on one checkpoint: the log's and its witnesses'. The library tries each one that looks
/// like the log's, and a bundle of 16 MiB has room for 100,000.
pub(crate) const MAX_CHECKPOINT_SIGNATURES: usize = 16;
/// Longest predicate type, in bytes; the longest in use take about 60.
pub(crate) const MAX_TYPE_BYTES: usize = 256;

/// Both spellings of version 0.3. Earlier versions may stand on a log's promise alone.
const MEDIA_TYPES: [&str; 2] =
    ["application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3"];

/// A failed check: where, and why.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) step: Step,
    pub(crate) reason: Reason,
}

impl Fault {
    pub(crate) const fn new(step: Step, reason: Reason) -> Self {
        Self { step, reason }
    }
}

/// A sigstore bundle, version 0.3, around one in-toto statement. A clone shares the parsed parts.
#[derive(Clone)]
pub struct Bundle {
    parts: Arc<Parts>,
}

struct Parts {
    digest: Digest,
    signed: Signed,
    statement: Result<Arc<Outline>, Fault>,
}

impl Bundle {
    /// Reads a bundle: steps 1 to 5 of [`verify`](crate::verify). Nothing in it is proved yet.
    ///
    /// # Errors
    /// When one of these steps fails.
    pub fn parse(bytes: impl AsRef<[u8]>) -> Result<Self, Refused> {
        let bytes = bytes.as_ref();
        // Step 1.
        if bytes.len() > MAX_BUNDLE_BYTES {
            let reason = Reason::TooMany { what: "bytes", found: bytes.len(), most: MAX_BUNDLE_BYTES };
            return Err(Refused { step: Step::Size, predicate_type: None, bundle: None, reason });
        }
        let digest = Digest::sha256(bytes);
        match signed(bytes) {
            Ok(signed) => Ok(Self::assemble(digest, signed)),
            Err(Fault { step, reason }) => {
                Err(Refused { step, predicate_type: None, bundle: Some(digest), reason })
            }
        }
    }

    fn assemble(digest: Digest, signed: Signed) -> Self {
        let statement = Outline::parse(payload_of(&signed)).map(Arc::new);
        Self { parts: Arc::new(Parts { digest, signed, statement }) }
    }

    /// A bundle that holds only a payload, for tests of later rooms.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn around(payload: &str) -> Self {
        use sigstore_verify::types::{
            DsseSignature, KeyId, PayloadBytes, PublicKeyIdentifier, SignatureBytes,
        };
        let signature = DsseSignature::new(SignatureBytes::from_bytes(&[]), KeyId::default());
        let envelope = DsseEnvelope::new(
            crate::verify::PAYLOAD_TYPE,
            PayloadBytes::from_bytes(payload.as_bytes()),
            signature,
        );
        let content = VerificationMaterialContent::PublicKey(PublicKeyIdentifier::new(""));
        let signed = Signed::new(
            MediaType::Bundle0_3,
            VerificationMaterial::new(content),
            SignatureContent::DsseEnvelope(envelope),
        );
        Self::assemble(Digest::sha256(payload.as_bytes()), signed)
    }

    /// SHA-256 of the bytes that were read.
    pub fn digest(&self) -> &Digest {
        &self.parts.digest
    }

    /// The predicate type that the payload claims, for sorting candidates. Nobody vouches for it. `None` where
    /// the payload cannot be read, claims none, or one of more than 256 bytes.
    pub fn claimed_predicate_type(&self) -> Option<&str> {
        let claimed = self.parts.statement.as_ref().ok()?.predicate_type()?;
        (claimed.len() <= MAX_TYPE_BYTES).then_some(claimed)
    }

    /// Whether it carries a certificate rather than the hint of a key.
    pub fn is_keyless(&self) -> bool {
        !matches!(self.material(), VerificationMaterialContent::PublicKey(_))
    }

    pub(crate) fn signed(&self) -> &Signed {
        &self.parts.signed
    }

    pub(crate) fn material(&self) -> &VerificationMaterialContent {
        &self.parts.signed.verification_material.content
    }

    pub(crate) fn log_entries(&self) -> &[TransparencyLogEntry] {
        &self.parts.signed.verification_material.tlog_entries
    }

    pub(crate) fn envelope(&self) -> Option<&DsseEnvelope> {
        envelope_of(&self.parts.signed)
    }

    pub(crate) fn payload(&self) -> &[u8] {
        payload_of(&self.parts.signed)
    }

    pub(crate) fn statement(&self) -> Result<&Arc<Outline>, Fault> {
        self.parts.statement.as_ref().map_err(Fault::clone)
    }

    pub(crate) fn refused(&self, fault: Fault) -> Refused {
        Refused {
            step: fault.step,
            predicate_type: self.claimed_predicate_type().map(str::to_owned),
            bundle: Some(self.digest().clone()),
            reason: fault.reason,
        }
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bundle").field(self.digest()).finish()
    }
}

fn envelope_of(signed: &Signed) -> Option<&DsseEnvelope> {
    if let SignatureContent::DsseEnvelope(envelope) = &signed.content { Some(envelope) } else { None }
}

fn payload_of(signed: &Signed) -> &[u8] {
    envelope_of(signed).map_or(&[], |envelope| envelope.payload.as_bytes())
}

/// Steps 2 to 5. Our own shapes are read, not the library's: those default an absent version to 0.1, take the
/// first of two contents, and set no bound on any list.
fn signed(bytes: &[u8]) -> Result<Signed, Fault> {
    // Step 2.
    let unreadable =
        |error: &dyn std::error::Error| Fault::new(Step::Parse, Reason::Unreadable(Detail::of(error)));
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    let wire: wire::Bundle = serde_json::from_str(text).map_err(|error| unreadable(&error))?;

    // Step 3.
    match wire.media_type.as_deref() {
        Some(found) if MEDIA_TYPES.contains(&found) => {}
        Some(found) => {
            let found = Detail::of_text(found);
            let reason = Reason::Unexpected { what: "mediaType", found, wanted: "bundle version 0.3" };
            return Err(Fault::new(Step::MediaType, reason));
        }
        None => return Err(Fault::new(Step::MediaType, Reason::Missing("mediaType"))),
    }

    // Step 4.
    let material = wire.verification_material.unwrap_or_default();
    let stamps = material.timestamp_verification_data.unwrap_or_default().rfc3161_timestamps;
    let chain = material.x509_certificate_chain.unwrap_or_default().certificates;
    let checkpoints = material.tlog_entries.items.iter().map(checkpoint_signatures).max().unwrap_or(0);
    for (what, found, most) in [
        ("log entries", material.tlog_entries.found, MAX_LOG_ENTRIES),
        ("intermediate certificates", chain.found.saturating_sub(1), MAX_INTERMEDIATES),
        ("timestamps", stamps.found, MAX_TIMESTAMPS),
        ("signatures on a checkpoint", checkpoints, MAX_CHECKPOINT_SIGNATURES),
    ] {
        if found > most {
            return Err(Fault::new(Step::Amounts, Reason::TooMany { what, found, most }));
        }
    }

    // Step 5.
    let fault = |reason| Fault::new(Step::Envelope, reason);
    if wire.message_signature.is_some() {
        return Err(fault(Reason::Ambiguous("it signs a file, not an in-toto statement")));
    }
    let envelope = wire.dsse_envelope.ok_or_else(|| fault(Reason::Missing("dsseEnvelope")))?;
    let signatures = envelope.signatures;
    if signatures.found > 1 {
        return Err(fault(Reason::TooMany { what: "signatures", found: signatures.found, most: 1 }));
    }
    let signature =
        signatures.items.into_iter().next().ok_or_else(|| fault(Reason::Missing("a signature")))?;
    let content = match (material.certificate, chain.found, material.public_key) {
        (Some(certificate), 0, None) => {
            VerificationMaterialContent::Certificate(CertificateContent::new(certificate.raw_bytes))
        }
        (None, 0, Some(key)) => VerificationMaterialContent::PublicKey(key),
        (None, 1.., None) => VerificationMaterialContent::X509CertificateChain { certificates: chain.items },
        (None, 0, None) => return Err(fault(Reason::Missing("certificate or publicKey"))),
        _ => return Err(fault(Reason::Ambiguous("it carries more than one certificate or key"))),
    };
    let material = VerificationMaterial::new(content)
        .with_tlog_entries(material.tlog_entries.items)
        .with_timestamp_verification_data(TimestampVerificationData::new(stamps.items));
    let envelope = DsseEnvelope::new(envelope.payload_type, envelope.payload, signature);
    Ok(Signed::new(MediaType::Bundle0_3, material, SignatureContent::DsseEnvelope(envelope)))
}

fn checkpoint_signatures(entry: &TransparencyLogEntry) -> usize {
    let checkpoint = entry.inclusion_proof.as_ref().and_then(|proof| proof.checkpoint.checkpoint());
    checkpoint.map_or(0, |checkpoint| checkpoint.signatures().len())
}
