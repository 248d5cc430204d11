//! Bundles that cosign wrote under a private Sigstore: Rekor version 2, timestamp authority, certificate log.
//! `testdata/README.md` says how they were made.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use names::Digest;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    Anchor, AnchorId, Bundle, Identity, Log, Proof, PublicKey, Reason, Refused, Statement, Step, TrustRoot,
    Verified, verify,
};

const KEYLESS: &str = include_str!("../../testdata/cosign-3.1.3-keyless-sbom.sigstore.json");
const KEYLESS_SCAN: &str = include_str!("../../testdata/cosign-3.1.3-keyless-vuln.sigstore.json");
const KEYLESS_AI: &str = include_str!("../../testdata/cosign-3.1.3-keyless-ai-provenance.sigstore.json");
const KEY: &str = include_str!("../../testdata/cosign-3.1.3-key-sbom.sigstore.json");
const KEY_SCAN: &str = include_str!("../../testdata/cosign-3.1.3-key-vuln.sigstore.json");
const KEY_AI: &str = include_str!("../../testdata/cosign-3.1.3-key-ai-provenance.sigstore.json");
const LOGGED_KEY: &str = include_str!("../../testdata/cosign-3.1.3-logged-key-sbom.sigstore.json");
const OTHER_KEY: &str = include_str!("../../testdata/cosign-3.1.3-other-key-sbom.sigstore.json");
const EMAIL: &str = include_str!("../../testdata/cosign-3.1.3-email-sbom.sigstore.json");
const WITHOUT_SCT: &str = include_str!("../../testdata/cosign-3.1.3-without-sct-sbom.sigstore.json");
const OTHER_ROOT: &str = include_str!("../../testdata/cosign-3.1.3-other-root-sbom.sigstore.json");
const OTHER_IMAGE: &str = include_str!("../../testdata/cosign-3.1.3-other-image-sbom.sigstore.json");

/// What the fixtures were signed with and for.
struct Signed {
    subject: Digest,
    other_subject: Digest,
    identity: String,
    issuer: String,
    now: Timestamp,
    root: Arc<TrustRoot>,
    other_root: Arc<TrustRoot>,
    key: Arc<PublicKey>,
    other_key: Arc<PublicKey>,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let said: Value = serde_json::from_str(include_str!("../../testdata/signed.json")).unwrap();
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    let root = |bytes: &[u8]| Arc::new(TrustRoot::from_json(bytes).unwrap());
    let key = |pem| Arc::new(PublicKey::from_pem(pem).unwrap());
    Signed {
        subject: text("subject").parse().unwrap(),
        other_subject: text("otherSubject").parse().unwrap(),
        identity: text("identity"),
        issuer: text("issuer"),
        now: text("checkedAt").parse().unwrap(),
        root: root(include_bytes!("../../testdata/trusted_root.json")),
        other_root: root(include_bytes!("../../testdata/other_trusted_root.json")),
        key: key(include_str!("../../testdata/cosign.pub")),
        other_key: key(include_str!("../../testdata/other.pub")),
    }
});

fn root() -> Anchor {
    Anchor::Root(Arc::clone(&SIGNED.root))
}

fn key() -> Anchor {
    Anchor::Key { key: Arc::clone(&SIGNED.key), root: None }
}

fn logged_key() -> Anchor {
    Anchor::Key { key: Arc::clone(&SIGNED.key), root: Some(Arc::clone(&SIGNED.root)) }
}

fn check(bundle: &str, anchor: &Anchor) -> Result<Verified<Statement>, Refused> {
    verify(&Bundle::parse(bundle)?, &SIGNED.subject, anchor, SIGNED.now)
}

#[track_caller]
fn step(bundle: &str, anchor: &Anchor) -> Step {
    check(bundle, anchor).expect_err("the bundle must be refused").step
}

fn altered(bundle: &str, pointer: &str, alter: impl FnOnce(&mut Value)) -> String {
    let mut bundle: Value = serde_json::from_str(bundle).unwrap();
    alter(bundle.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in the fixture")));
    bundle.to_string()
}

#[rstest]
#[case(KEYLESS, "https://cyclonedx.org/bom")]
#[case(KEYLESS_SCAN, "https://cosign.sigstore.dev/attestation/vuln/v1")]
#[case(KEYLESS_AI, "https://tidewaiter.dev/attestation/ai-provenance/v1")]
fn a_keyless_bundle_proves_workflow_log_and_time(#[case] bundle: &str, #[case] predicate_type: &str) {
    let verified = check(bundle, &root()).unwrap();

    let proof = verified.proof();
    assert_eq!(proof.anchor, AnchorId::Root(SIGNED.root.digest().clone()));
    assert_eq!(proof.identity, Some(Identity::Uri(SIGNED.identity.clone())));
    assert_eq!(proof.issuer.as_ref(), Some(&SIGNED.issuer));
    assert_eq!((proof.log, proof.sct, proof.times.len()), (Log::InclusionProof, true, 1));
    assert!(proof.certificate_not_before.unwrap() <= proof.verified_at().unwrap());
    assert_eq!(verified.value().predicate_type(), predicate_type);
    assert!(verified.value().predicate().starts_with('{'));
}

/// Every claim of the certificate, each in its own field.
#[test]
fn the_claims_of_the_certificate_are_reported() {
    let verified = check(KEYLESS, &root()).unwrap();

    let claims = verified.proof().claims.clone();
    let values = [
        (claims.build_signer_uri, SIGNED.identity.as_str()),
        (claims.build_signer_digest, "4f1c0a9e2b7d83560c1e9f24a8b6d7035e92c1fa"),
        (claims.runner_environment, "github-hosted"),
        (claims.source_repository, "https://github.com/shop/cart"),
        (claims.source_repository_digest, "4f1c0a9e2b7d83560c1e9f24a8b6d7035e92c1fa"),
        (claims.source_repository_ref, "refs/heads/main"),
        (claims.source_repository_identifier, "1296269"),
        (claims.source_repository_owner, "https://github.com/shop"),
        (claims.source_repository_owner_identifier, "583231"),
        (claims.build_config_uri, SIGNED.identity.as_str()),
        (claims.build_config_digest, "4f1c0a9e2b7d83560c1e9f24a8b6d7035e92c1fa"),
        (claims.build_trigger, "push"),
        (claims.run_invocation_uri, "https://github.com/shop/cart/actions/runs/1164/attempts/1"),
        (claims.source_repository_visibility, "public"),
    ];
    for (found, wanted) in values {
        assert_eq!(found.as_deref(), Some(wanted));
    }
    assert_eq!(claims.deployment_environment, None);
}

#[rstest]
#[case(KEY)]
#[case(KEY_SCAN)]
#[case(KEY_AI)]
fn a_key_signed_bundle_proves_the_key_alone(#[case] bundle: &str) {
    let verified = check(bundle, &key()).unwrap();

    let Proof { anchor, identity, log, times, root, .. } = verified.proof();
    assert_eq!(*anchor, AnchorId::Key(SIGNED.key.digest().clone()));
    assert_eq!((identity, *log, times.len(), root), (&None, Log::None, 0, &None));
}

#[test]
fn a_logged_key_proves_log_and_time() {
    let verified = check(LOGGED_KEY, &logged_key()).unwrap();

    let proof = verified.proof();
    assert_eq!((proof.log, proof.times.len()), (Log::InclusionProof, 1));
    assert_eq!(proof.root.as_ref(), Some(SIGNED.root.digest()));
}

#[test]
fn an_address_is_an_identity_of_another_kind() {
    let verified = check(EMAIL, &root()).unwrap();

    assert!(matches!(verified.proof().identity, Some(Identity::Email(_))));
}

#[test]
fn a_good_bundle_fails_under_every_wrong_anchor() {
    let other_root = Anchor::Root(Arc::clone(&SIGNED.other_root));
    let other_key = Anchor::Key { key: Arc::clone(&SIGNED.other_key), root: None };

    assert_eq!(step(KEYLESS, &other_root), Step::Certificate);
    assert_eq!(step(OTHER_ROOT, &root()), Step::Certificate);
    assert!(check(OTHER_ROOT, &other_root).is_ok());
    assert_eq!(step(KEY, &other_key), Step::Signature);
    assert_eq!(step(OTHER_KEY, &key()), Step::Signature);
    assert!(check(OTHER_KEY, &other_key).is_ok());
    assert_eq!(step(KEY, &logged_key()), Step::LogProof);
    assert_eq!(step(KEYLESS, &key()), Step::Material);
    assert_eq!(step(KEY, &root()), Step::Material);
}

#[test]
fn a_good_bundle_of_another_image_is_refused() {
    assert_eq!(step(OTHER_IMAGE, &root()), Step::Subject);
    let bundle = Bundle::parse(OTHER_IMAGE).unwrap();
    assert!(verify(&bundle, &SIGNED.other_subject, &root(), SIGNED.now).is_ok());
}

#[test]
fn a_certificate_in_no_certificate_log_is_refused() {
    assert_eq!(step(WITHOUT_SCT, &root()), Step::Sct);
}

const STAMP: &str = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

/// The last byte of a base64 text, changed: in a signature, a hash or a certificate's own signature.
fn change_last_byte(value: &mut Value) {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    *value = json!(STANDARD.encode(bytes));
}

#[rstest]
#[case("/dsseEnvelope/signatures/0/sig", Step::Time)]
#[case("/verificationMaterial/certificate/rawBytes", Step::Certificate)]
#[case("/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp", Step::Time)]
#[case("/verificationMaterial/tlogEntries/0/canonicalizedBody", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/logId/keyId", Step::LogWindow)]
fn a_changed_byte_is_refused(#[case] pointer: &str, #[case] at: Step) {
    assert_eq!(step(&altered(KEYLESS, pointer, change_last_byte), &root()), at);
}

#[test]
fn a_changed_log_index_is_refused() {
    let changed = altered(KEYLESS, ENTRY, |entry| {
        let index: u64 = entry["logIndex"].as_str().unwrap_or("0").parse().unwrap();
        entry["logIndex"] = json!((index + 1).to_string());
    });

    assert!(matches!(step(&changed, &root()), Step::Log | Step::LogProof));
}

#[rstest]
#[case::index("", |proof: &mut Value| proof["logIndex"] = json!("999"))]
#[case::size("/treeSize", |value: &mut Value| *value = json!("9999"))]
#[case::root("/rootHash", change_last_byte)]
fn a_proof_that_contradicts_its_checkpoint_or_entry_is_refused(
    #[case] part: &str,
    #[case] change: fn(&mut Value),
) {
    let changed = altered(KEYLESS, &format!("{ENTRY}/inclusionProof{part}"), change);

    assert_eq!(step(&changed, &root()), Step::LogWindow);
}

#[test]
fn a_changed_checkpoint_is_refused() {
    let pointer = format!("{ENTRY}/inclusionProof/checkpoint/envelope");
    let changed = altered(KEYLESS, &pointer, |envelope| {
        *envelope = json!(envelope.as_str().unwrap().replacen("rekor.local\n", "rekor.other\n", 1));
    });

    assert_eq!(step(&changed, &root()), Step::Log);
}

#[test]
fn a_bundle_without_its_timestamp_is_refused() {
    let changed = altered(KEYLESS, "/verificationMaterial", |material| {
        material["timestampVerificationData"] = Value::Null;
    });

    assert_eq!(step(&changed, &root()), Step::Time);
}

#[rstest]
#[case(STAMP, Step::Time)]
#[case("/verificationMaterial/certificate", Step::Signature)]
#[case("/verificationMaterial/tlogEntries/0", Step::Entry)]
#[case("/verificationMaterial/tlogEntries/0/canonicalizedBody", Step::Log)]
#[case("/dsseEnvelope/payload", Step::Signature)]
#[case("/dsseEnvelope/signatures/0/sig", Step::Time)]
fn a_part_of_another_good_bundle_is_refused(#[case] pointer: &str, #[case] at: Step) {
    let other: Value = serde_json::from_str(KEYLESS_SCAN).unwrap();
    let part = other.pointer(pointer).unwrap().clone();

    assert_eq!(step(&altered(KEYLESS, pointer, |value| *value = part), &root()), at);
}

#[test]
fn a_timestamp_authority_that_the_root_does_not_list_is_refused() {
    let mut json: Value = serde_json::from_str(include_str!("../../testdata/trusted_root.json")).unwrap();
    json["timestampAuthorities"] = json!([]);
    let without = Anchor::Root(Arc::new(TrustRoot::from_json(json.to_string().as_bytes()).unwrap()));

    assert_eq!(step(KEYLESS, &without), Step::Time);
}

/// The time is proved by an authority of its own, so the library does not hold it against the log's window.
#[test]
fn a_log_closed_before_the_proved_time_is_refused() {
    let time = check(KEYLESS, &root()).unwrap().proof().verified_at().unwrap();
    let closing = |end: Timestamp| {
        let mut json: Value = serde_json::from_str(include_str!("../../testdata/trusted_root.json")).unwrap();
        json["tlogs"][0]["publicKey"]["validFor"]["end"] = json!(end);
        Anchor::Root(Arc::new(TrustRoot::from_json(json.to_string().as_bytes()).unwrap()))
    };

    assert!(check(KEYLESS, &closing(time)).is_ok());
    let refused = check(KEYLESS, &closing(time - jiff::SignedDuration::from_secs(1))).unwrap_err();

    assert_eq!((refused.step, refused.reason), (Step::LogWindow, Reason::LogClosed { entry: 0, time }));
}
