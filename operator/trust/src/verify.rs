//! Verification: the numbered steps, in order.

mod log;
mod result;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use names::{Algorithm, Digest};
use sigstore_verify::types::{
    Artifact, ArtifactDigest, DigestBytes, HashAlgorithm, VerificationMaterialContent,
};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy};

use crate::anchor::Anchor;
use crate::bundle::{Bundle, Fault, MAX_TYPE_BYTES};
use crate::detail::Detail;
use crate::key::PublicKey;
use crate::proof::{Claims, Log, Proof};
use crate::refused::{Reason, Refused, Step};
use crate::root::TrustRoot;
use crate::sigstore;
use crate::statement::{Outline, Statement};
use crate::verified::Verified;

/// How far a proved time may lie ahead of `now`: five minutes, as Kerberos allows between two clocks
/// (RFC 4120, section 8.2). The library allows log times none at all, by the system's clock.
pub const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The only payload that is read: in-toto attestation framework, "Envelope layer specification".
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Version 1, and 0.1, which cosign wrote up to 3.1.2 unless told otherwise.
const STATEMENT_TYPES: [&str; 2] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];

/// Verifies that `bundle` is a statement about `subject`, signed by what `anchor` stands for.
///
/// `subject` is the digest that was looked up, `now` the time of the question. The steps, in order, and the
/// attack that each stops:
///
/// 1. at most 16 MiB: a bundle that exhausts memory;
/// 2. JSON in UTF-8, known keys once: two parsers that read the same bytes differently;
/// 3. version 0.3: relabelling as an earlier version, where a log's promise stands in for its proof;
/// 4. at most 32 log entries, 10 intermediate certificates, 8 timestamps, 16 signatures a checkpoint: one
///    bundle that keeps a CPU busy for minutes;
/// 5. one DSSE envelope with one signature, and one certificate or key: a second signature that rides along;
/// 6. payload type in-toto: another signed document read as a statement;
/// 7. the payload is one statement of at most 1024 subjects with 32 digests, keys once: as 2 and 4, inside;
/// 8. `_type` of version 1 or 0.1: a document of another kind that happens to have the same fields;
/// 9. a predicate type: a statement that no requirement could tell apart;
/// 10. a subject is the digest looked up: a good statement of another image;
/// 11. a certificate for a root, a key hint for a key: evidence judged by the rules of the weaker kind;
/// 12. an inclusion proof and a checkpoint on every log entry: an unproved entry beside a proved one;
/// 13. a time proved by a timestamp authority or a log: a stolen short-lived key, used years later;
/// 14. the chain to an authority of the root, for code signing, valid at every proved time, the authority's
///     own certificates too: a certificate from elsewhere, for something else, or expired;
/// 15. the certificate's own log: a certificate issued in secret;
/// 16. Merkle path, checkpoint and promise of every entry: a log entry made up;
/// 17. the signature over type and payload: a payload or signature that was changed;
/// 18. every log entry is about this signature, key and payload: the log entry of something else
///     (CVE-2022-36056);
/// 19. the library says that it checked all this: success reported for a check that was skipped;
/// 20. every entry is signed by the log it names, in use at the proved times, and repeats what that log signed: a
///     retired log's stolen key, a proof that shows its reader another tree;
/// 21. a URI or e-mail identity, and its issuer: a certificate that names nobody a policy could mean;
/// 22. no proved time more than five minutes ahead: evidence dated so that it never ages.
///
/// For a key without a root there is no log: steps 12 to 16, 18 to 20 and 22 have nothing to check, and the
/// proof says so. Steps 1 to 5 are [`Bundle::parse`].
///
/// # Errors
/// [`Refused`] names the first step that failed.
pub fn verify(
    bundle: &Bundle,
    subject: &Digest,
    anchor: &Anchor,
    now: Timestamp,
) -> Result<Verified<Statement>, Refused> {
    examine(bundle, subject, anchor, now).map_err(|fault| bundle.refused(fault))
}

fn examine(
    bundle: &Bundle,
    subject: &Digest,
    anchor: &Anchor,
    now: Timestamp,
) -> Result<Verified<Statement>, Fault> {
    let outline = claims(bundle, subject)?;
    let proof = match anchor {
        Anchor::Root(root) => keyless(bundle, subject, anchor, root, now)?,
        Anchor::Key { key, root: Some(root) } => logged_key(bundle, subject, anchor, key, root, now)?,
        Anchor::Key { key, root: None } => bare_key(bundle, anchor, key)?,
    };
    // Step 22.
    for &time in &proof.times {
        if time.duration_since(now) > MAX_CLOCK_SKEW {
            return Err(Fault::new(Step::Clock, Reason::Future { time, now }));
        }
    }
    Ok(Verified::new(Statement::new(bundle, outline), proof))
}

/// Steps 6 to 10: what the statement says of itself. Cheap, so they go before the cryptography.
fn claims<'a>(bundle: &'a Bundle, subject: &Digest) -> Result<&'a Arc<Outline>, Fault> {
    let unexpected = |step, what, found: &str, wanted| {
        Fault::new(step, Reason::Unexpected { what, found: Detail::of_text(found), wanted })
    };
    // Step 6.
    let envelope = bundle.envelope().ok_or(Fault::new(Step::Envelope, Reason::Missing("dsseEnvelope")))?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(unexpected(Step::PayloadType, "payloadType", &envelope.payload_type, PAYLOAD_TYPE));
    }
    // Step 7.
    let outline = bundle.statement()?;
    // Step 8.
    match outline.statement_type() {
        Some(found) if STATEMENT_TYPES.contains(&found) => {}
        Some(found) => {
            return Err(unexpected(Step::StatementType, "_type", found, "in-toto statement v1 or v0.1"));
        }
        None => return Err(Fault::new(Step::StatementType, Reason::Missing("_type"))),
    }
    // Step 9.
    let length = outline.predicate_type().map_or(0, str::len);
    if length == 0 {
        return Err(Fault::new(Step::PredicateType, Reason::Missing("predicateType")));
    }
    if length > MAX_TYPE_BYTES {
        let reason = Reason::TooMany { what: "bytes of predicateType", found: length, most: MAX_TYPE_BYTES };
        return Err(Fault::new(Step::PredicateType, reason));
    }
    // Step 10.
    if !outline.subjects().iter().any(|named| named.is(subject)) {
        return Err(Fault::new(Step::Subject, Reason::OtherSubject { wanted: subject.clone() }));
    }
    Ok(outline)
}

/// Steps 11 to 21 for a certificate.
fn keyless(
    bundle: &Bundle,
    subject: &Digest,
    anchor: &Anchor,
    root: &TrustRoot,
    now: Timestamp,
) -> Result<Proof, Fault> {
    // Step 11.
    if !matches!(bundle.material(), VerificationMaterialContent::Certificate(_)) {
        return Err(other_material(bundle, "one certificate"));
    }
    // Step 12.
    log::each_entry_carries_its_proof(bundle.log_entries())?;
    // Steps 13 to 18.
    let policy = VerificationPolicy::any_identity();
    let checked = root
        .verifier()
        .verify(artifact(subject)?, bundle.signed(), &policy)
        .map_err(|error| sigstore::fault(&error))?;
    // Step 19.
    let times = result::Checks::of(&checked).keyless(checked.verified_timestamps())?;
    // Step 20.
    log::each_entry_is_of_a_log_in_use(bundle.log_entries(), root.logs(), &times, now)?;
    // Step 21.
    let (identity, issuer) = result::identity(checked.identity(), checked.issuer())?;
    let certificate = checked.certificate();
    Ok(Proof {
        anchor: anchor.id(),
        identity: Some(identity),
        issuer: Some(issuer),
        claims: certificate.map(|certificate| result::claims(&certificate.ci_claims)).unwrap_or_default(),
        log: Log::InclusionProof,
        sct: true,
        times,
        certificate_not_before: certificate.map(|certificate| certificate.not_before),
        root: Some(root.digest().clone()),
    })
}

/// Steps 11 to 20 for a key whose signatures must be logged.
fn logged_key(
    bundle: &Bundle,
    subject: &Digest,
    anchor: &Anchor,
    key: &PublicKey,
    root: &TrustRoot,
    now: Timestamp,
) -> Result<Proof, Fault> {
    // Step 11.
    if bundle.is_keyless() {
        return Err(other_material(bundle, "a key"));
    }
    // Step 12.
    log::each_entry_carries_its_proof(bundle.log_entries())?;
    // Steps 13 and 16 to 18.
    let policy = PublicKeyVerificationPolicy::new(key.der().clone());
    let checked = root
        .verifier()
        .verify(artifact(subject)?, bundle.signed(), &policy)
        .map_err(|error| sigstore::fault(&error))?;
    // Step 19.
    let times = result::Checks::of(&checked).logged(checked.verified_timestamps())?;
    // Step 20.
    log::each_entry_is_of_a_log_in_use(bundle.log_entries(), root.logs(), &times, now)?;
    Ok(Proof { log: Log::InclusionProof, times, root: Some(root.digest().clone()), ..key_proof(anchor) })
}

/// Steps 11 and 17 for a key alone. Whatever log entries and timestamps the bundle carries prove nothing
/// without a root, so they are not looked at and not reported.
fn bare_key(bundle: &Bundle, anchor: &Anchor, key: &PublicKey) -> Result<Proof, Fault> {
    // Step 11.
    if bundle.is_keyless() {
        return Err(other_material(bundle, "a key"));
    }
    // Step 17.
    let envelope = bundle.envelope().ok_or(Fault::new(Step::Envelope, Reason::Missing("dsseEnvelope")))?;
    key.check(&envelope.pae(), &envelope.signature.sig)
        .map_err(|detail| Fault::new(Step::Signature, Reason::NotProved(detail)))?;
    Ok(key_proof(anchor))
}

fn key_proof(anchor: &Anchor) -> Proof {
    Proof {
        anchor: anchor.id(),
        identity: None,
        issuer: None,
        claims: Claims::default(),
        log: Log::None,
        sct: false,
        times: Vec::new(),
        certificate_not_before: None,
        root: None,
    }
}

fn other_material(bundle: &Bundle, wanted: &'static str) -> Fault {
    let found = match bundle.material() {
        VerificationMaterialContent::Certificate(_) => "a certificate",
        VerificationMaterialContent::PublicKey(_) => "a key",
        VerificationMaterialContent::X509CertificateChain { .. } | _ => "a chain of certificates",
    };
    Fault::new(Step::Material, Reason::OtherMaterial { found, wanted })
}

/// The looked-up digest in the library's terms.
fn artifact(subject: &Digest) -> Result<Artifact<'static>, Fault> {
    let algorithm = match subject.algorithm() {
        Algorithm::Sha256 => HashAlgorithm::Sha2256,
        Algorithm::Sha512 => HashAlgorithm::Sha2512,
    };
    DigestBytes::from_hex(subject.hex())
        .and_then(|bytes| ArtifactDigest::new(algorithm, bytes))
        .map(Artifact::from)
        .map_err(|error| Fault::new(Step::Subject, Reason::NotProved(Detail::of(&error))))
}
