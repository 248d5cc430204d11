//! Each step of `verify` refuses a bundle that would pass all the others.

use std::sync::Arc;

use jiff::SignedDuration;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, SanType};
use rstest::rstest;
use serde_json::{Value, json};

use super::instance::{
    HOUR, ISSUER, Instance, REPOSITORY, Recipe, SIGNED_AT, Sct, WORKFLOW, public_key, statement, unlogged,
};
use super::{check, image, now, parse, root_of, seconds, step};
use crate::bundle::MAX_BUNDLE_BYTES;
use crate::verify::MAX_CLOCK_SKEW;
use crate::{Anchor, AnchorId, Bundle, Identity, Log, Reason, Step, verify};

#[test]
fn a_good_bundle_proves_signer_log_time_and_statement() {
    let instance = Instance::new();
    let anchor = root_of(&instance);

    let verified = check(&instance.keyless(&Recipe::default()), &anchor).unwrap();

    let proof = verified.proof();
    let root = instance.root().digest().clone();
    assert_eq!(proof.anchor, AnchorId::Root(root.clone()));
    assert_eq!(proof.root, Some(root));
    assert_eq!(proof.identity, Some(Identity::Uri(WORKFLOW.to_owned())));
    assert_eq!(proof.issuer.as_deref(), Some(ISSUER));
    assert_eq!(proof.claims.source_repository.as_deref(), Some(REPOSITORY));
    assert_eq!(proof.log, Log::InclusionProof);
    assert!(proof.sct);
    assert_eq!(proof.times, [seconds(SIGNED_AT)]);
    assert_eq!(proof.verified_at(), Some(seconds(SIGNED_AT)));
    assert_eq!(proof.certificate_not_before, Some(seconds(SIGNED_AT - 60)));
    let said = verified.value();
    assert_eq!(said.statement_type(), "https://in-toto.io/Statement/v1");
    assert_eq!(said.predicate_type(), "https://example.com/predicate/v1");
    assert_eq!(said.predicate(), r#"{"answer":42}"#);
    assert_eq!(said.digest(), &names::Digest::sha256(statement().to_string().as_bytes()));
    assert_eq!(said.subjects().len(), 1);
    assert_eq!(said.subjects()[0].name(), Some("cart"));
    assert!(said.subjects()[0].is(&image()));
}

#[test]
fn a_refusal_names_step_bundle_and_claimed_type() {
    let instance = Instance::new();
    let bundle = instance.keyless(&Recipe::default());
    let other = names::Digest::sha256(b"another image");

    let refused = verify(&parse(&bundle).unwrap(), &other, &root_of(&instance), now()).unwrap_err();

    assert_eq!(refused.step, Step::Subject);
    assert_eq!(refused.step.number(), 10);
    assert_eq!(refused.predicate_type.as_deref(), Some("https://example.com/predicate/v1"));
    assert_eq!(refused.bundle, Some(names::Digest::sha256(bundle.to_string().as_bytes())));
    assert_eq!(refused.reason, Reason::OtherSubject { wanted: other });
    assert_eq!(refused.to_string(), "the bundle was refused at step 10 (subject)");
}

#[test]
fn step_1_refuses_a_bundle_beyond_16_mib() {
    let instance = Instance::new();
    let mut text = instance.keyless(&Recipe::default()).to_string();
    text.extend(std::iter::repeat_n(' ', MAX_BUNDLE_BYTES - text.len()));
    assert!(Bundle::parse(&text).is_ok(), "16 MiB are read");

    text.push(' ');

    assert_eq!(Bundle::parse(&text).unwrap_err().step, Step::Size);
}

#[rstest]
#[case::key_twice(|text: String| text.replacen('{', r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","#, 1).into_bytes())]
#[case::content_twice(|text: String| text.replacen('{', r#"{"dsseEnvelope":null,"#, 1).into_bytes())]
#[case::something_behind(|text: String| (text + "{}").into_bytes())]
#[case::not_utf_8(|text: String| [br#"{"note":""#.as_slice(), &[0xff], br#"","#, &text.as_bytes()[1..]].concat())]
fn step_2_refuses_what_two_parsers_may_read_differently(#[case] alter: fn(String) -> Vec<u8>) {
    let text = Instance::new().keyless(&Recipe::default()).to_string();

    assert_eq!(Bundle::parse(alter(text)).unwrap_err().step, Step::Parse);
}

/// V18: relabelled as 0.1, with the proof removed, the log's promise would do.
#[rstest]
#[case(json!("application/vnd.dev.sigstore.bundle+json;version=0.1"))]
#[case(json!("application/vnd.dev.sigstore.bundle+json;version=0.2"))]
#[case(json!("application/vnd.dev.sigstore.bundle+json;version=99.9"))]
#[case(Value::Null)]
fn step_3_refuses_every_version_but_0_3(#[case] media_type: Value) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["mediaType"] = media_type;
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"] = Value::Null;

    assert_eq!(step(&bundle, &root_of(&instance)), Step::MediaType);
}

#[test]
fn the_older_spelling_of_version_0_3_is_read() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.3");

    assert!(check(&bundle, &root_of(&instance)).is_ok());
}

#[rstest]
#[case::second_signature(|bundle: &mut Value| {
    let first = bundle["dsseEnvelope"]["signatures"][0].clone();
    bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap().push(first);
})]
#[case::no_signature(|bundle: &mut Value| bundle["dsseEnvelope"]["signatures"] = json!([]))]
#[case::no_envelope(|bundle: &mut Value| bundle["dsseEnvelope"] = Value::Null)]
#[case::signs_a_file_too(|bundle: &mut Value| bundle["messageSignature"] = json!({ "signature": "AA==" }))]
#[case::key_and_certificate(|bundle: &mut Value| {
    bundle["verificationMaterial"]["publicKey"] = json!({ "hint": "" });
})]
#[case::no_material(|bundle: &mut Value| bundle["verificationMaterial"]["certificate"] = Value::Null)]
fn step_5_refuses_anything_but_one_signature(#[case] alter: fn(&mut Value)) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    alter(&mut bundle);

    assert_eq!(step(&bundle, &root_of(&instance)), Step::Envelope);
}

#[test]
fn step_6_refuses_another_payload_type_however_well_signed() {
    let instance = Instance::new();
    let recipe = Recipe { payload_type: "application/vnd.in-toto+json ", ..Recipe::default() };

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::PayloadType);
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };
    assert_eq!(step(&unlogged(&key, &recipe), &anchor), Step::PayloadType);
}

#[rstest]
#[case::subject_twice(|text: String| text.replacen('{', r#"{"subject":[],"#, 1).into_bytes())]
#[case::algorithm_twice(|text: String| {
    let twice = format!(r#""sha256":"{}","sha256":"#, "0".repeat(64));
    text.replacen(r#""sha256":"#, &twice, 1).into_bytes()
})]
#[case::not_utf_8(|text: String| [br#"{"note":""#.as_slice(), &[0xff], br#"","#, &text.as_bytes()[1..]].concat())]
#[case::something_behind(|text: String| (text + "{}").into_bytes())]
#[case::a_list(|text: String| format!("[{text}]").into_bytes())]
fn step_7_refuses_a_payload_that_two_parsers_may_read_differently(#[case] alter: fn(String) -> Vec<u8>) {
    let instance = Instance::new();
    let recipe = Recipe { payload: alter(statement().to_string()), ..Recipe::default() };

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::Statement);
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };
    assert_eq!(step(&unlogged(&key, &recipe), &anchor), Step::Statement);
}

/// V19: the library never looks at `_type`.
#[rstest]
#[case(json!("evil/type"))]
#[case(json!("https://in-toto.io/Statement/v1 "))]
#[case(json!(""))]
#[case(Value::Null)]
fn step_8_refuses_another_statement_type(#[case] statement_type: Value) {
    let instance = Instance::new();
    let mut other = statement();
    other["_type"] = statement_type;
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };

    assert_eq!(step(&instance.keyless(&Recipe::of(&other)), &root_of(&instance)), Step::StatementType);
    assert_eq!(step(&unlogged(&key, &Recipe::of(&other)), &anchor), Step::StatementType);
}

#[test]
fn statement_version_0_1_is_read() {
    let instance = Instance::new();
    let mut older = statement();
    older["_type"] = json!("https://in-toto.io/Statement/v0.1");

    let verified = check(&instance.keyless(&Recipe::of(&older)), &root_of(&instance)).unwrap();

    assert_eq!(verified.value().statement_type(), "https://in-toto.io/Statement/v0.1");
}

#[rstest]
#[case(json!(""))]
#[case(Value::Null)]
#[case(json!("x".repeat(257)))]
fn step_9_refuses_a_predicate_type_that_names_nothing(#[case] predicate_type: Value) {
    let key = KeyPair::generate().unwrap();
    let mut other = statement();
    other["predicateType"] = predicate_type;
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };

    assert_eq!(step(&unlogged(&key, &Recipe::of(&other)), &anchor), Step::PredicateType);
}

/// V16 (CVE-2026-39395): what the payload says counts, and later rooms compare exactly that.
#[test]
fn the_predicate_type_reported_is_the_signed_one() {
    let instance = Instance::new();
    let mut other = statement();
    other["predicateType"] = json!("https://example.com/another");

    let verified = check(&instance.keyless(&Recipe::of(&other)), &root_of(&instance)).unwrap();

    assert_eq!(verified.value().predicate_type(), "https://example.com/another");
}

#[rstest]
#[case::another_digest(json!([{ "digest": { "sha256": "0".repeat(64) } }]))]
#[case::no_subject(json!([]))]
#[case::null_subjects(Value::Null)]
#[case::no_digest(json!([{ "name": "cart" }]))]
#[case::upper_case(json!([{ "digest": { "sha256": image().hex().to_uppercase() } }]))]
#[case::name_only(json!([{ "name": image().hex(), "digest": { "sha256": "0".repeat(64) } }]))]
#[case::wrong_algorithm(json!([{ "digest": { "sha512": image().hex() } }]))]
fn step_10_refuses_a_statement_about_something_else(#[case] subject: Value) {
    let key = KeyPair::generate().unwrap();
    let mut other = statement();
    other["subject"] = subject;
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };

    assert_eq!(step(&unlogged(&key, &Recipe::of(&other)), &anchor), Step::Subject);
}

#[test]
fn one_of_several_subjects_suffices() {
    let instance = Instance::new();
    let mut several = statement();
    let ours = several["subject"][0].clone();
    several["subject"] = json!([{ "name": "a", "digest": { "sha256": "0".repeat(64) } }, ours]);

    assert!(check(&instance.keyless(&Recipe::of(&several)), &root_of(&instance)).is_ok());
}

#[test]
fn a_sha512_subject_is_found_by_its_sha512_digest() {
    let instance = Instance::new();
    let hex = "ab".repeat(64);
    let mut other = statement();
    other["subject"] = json!([{ "digest": { "sha512": hex } }]);
    let bundle = parse(&instance.keyless(&Recipe::of(&other))).unwrap();
    let digest = names::Digest::parse(&format!("sha512:{hex}")).unwrap();

    assert!(verify(&bundle, &digest, &root_of(&instance), now()).is_ok());
}

#[test]
fn step_11_refuses_a_certificate_for_a_key_and_a_key_for_a_root() {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let root = Arc::new(instance.root());
    let bare = Anchor::Key { key: Arc::new(public_key(&key)), root: None };
    let logged = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(root) };
    let keyless = instance.keyless(&Recipe::default());

    assert_eq!(step(&keyless, &bare), Step::Material);
    assert_eq!(step(&keyless, &logged), Step::Material);
    assert_eq!(step(&instance.logged(&key, &Recipe::default()), &root_of(&instance)), Step::Material);
}

#[test]
fn step_11_refuses_a_chain_in_the_bundle() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    let leaf = bundle["verificationMaterial"]["certificate"].take();
    bundle["verificationMaterial"]["x509CertificateChain"] = json!({ "certificates": [leaf] });

    assert_eq!(step(&bundle, &root_of(&instance)), Step::Material);
}

#[rstest]
#[case::no_entry(
    |bundle: &mut Value| bundle["verificationMaterial"]["tlogEntries"] = json!([]),
    Reason::Missing("a log entry")
)]
#[case::promise_only(
    |bundle: &mut Value| bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"] = Value::Null,
    Reason::Unproved { entry: 0, part: "inclusion proof" }
)]
#[case::no_checkpoint(
    |bundle: &mut Value| {
        bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"] = json!({});
    },
    Reason::Unproved { entry: 0, part: "checkpoint" }
)]
#[case::unproved_beside_a_proved_one(
    |bundle: &mut Value| {
        let mut bare = bundle["verificationMaterial"]["tlogEntries"][0].clone();
        bare["inclusionProof"] = Value::Null;
        bare["inclusionPromise"] = Value::Null;
        bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap().push(bare);
    },
    Reason::Unproved { entry: 1, part: "inclusion proof" }
)]
fn step_12_refuses_a_log_entry_without_its_own_proof(#[case] alter: fn(&mut Value), #[case] reason: Reason) {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::new(instance.root())) };
    let mut keyless = instance.keyless(&Recipe::default());
    let mut logged = instance.logged(&key, &Recipe::default());
    alter(&mut keyless);
    alter(&mut logged);

    for refused in [check(&keyless, &root_of(&instance)), check(&logged, &anchor)].map(Result::unwrap_err) {
        assert_eq!((refused.step, &refused.reason), (Step::LogProof, &reason));
    }
}

#[test]
fn step_13_refuses_a_certificate_without_a_proved_time() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"] = Value::Null;

    assert_eq!(step(&bundle, &root_of(&instance)), Step::Time);
}

#[rstest]
#[case::expired(Recipe { certificate: (SIGNED_AT - HOUR, SIGNED_AT - 1), ..Recipe::default() })]
#[case::not_yet_valid(Recipe { certificate: (SIGNED_AT + 1, SIGNED_AT + HOUR), ..Recipe::default() })]
#[case::for_servers(Recipe { usage: ExtendedKeyUsagePurpose::ServerAuth, ..Recipe::default() })]
fn step_14_refuses_a_certificate_that_does_not_fit(#[case] recipe: Recipe) {
    let instance = Instance::new();

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::Certificate);
}

#[test]
fn step_14_refuses_the_certificate_of_another_authority() {
    let (instance, other) = (Instance::new(), Instance::new());
    let mut json = instance.root_json();
    json["certificateAuthorities"] = other.root_json()["certificateAuthorities"].clone();
    let root = crate::TrustRoot::from_json(json.to_string().as_bytes()).unwrap();

    let bundle = instance.keyless(&Recipe::default());

    assert_eq!(step(&bundle, &Anchor::Root(Arc::new(root))), Step::Certificate);
}

/// V15 (CVE-2026-24122): with and without a log, which a root anchor always demands.
#[test]
fn step_14_refuses_an_intermediate_that_had_expired() {
    let expired = Instance::with_intermediate((SIGNED_AT - HOUR, SIGNED_AT - 1));
    let bundle = expired.keyless(&Recipe::default());
    let mut unlogged = bundle.clone();
    unlogged["verificationMaterial"]["tlogEntries"] = json!([]);

    assert_eq!(step(&bundle, &root_of(&expired)), Step::Certificate);
    assert_eq!(step(&unlogged, &root_of(&expired)), Step::LogProof);
}

/// V12: without a certificate log's word there is no proof, and nothing switches that off.
#[rstest]
#[case(Sct::Missing)]
#[case(Sct::Forged)]
fn step_15_refuses_a_certificate_that_was_not_logged(#[case] sct: Sct) {
    let instance = Instance::new();
    let recipe = Recipe { sct, ..Recipe::default() };

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::Sct);
}

#[test]
fn step_15_refuses_a_certificate_log_that_the_root_does_not_list() {
    let (instance, other) = (Instance::new(), Instance::new());
    let mut json = instance.root_json();
    json["ctlogs"] = other.root_json()["ctlogs"].clone();
    let root = crate::TrustRoot::from_json(json.to_string().as_bytes()).unwrap();

    let bundle = instance.keyless(&Recipe::default());

    assert_eq!(step(&bundle, &Anchor::Root(Arc::new(root))), Step::Sct);
}

#[rstest]
#[case::workload_without_name(Recipe { name: SanType::DnsName("ci.example".try_into().unwrap()), ..Recipe::default() })]
#[case::no_issuer(Recipe { issuer: None, ..Recipe::default() })]
#[case::empty_issuer(Recipe { issuer: Some(""), ..Recipe::default() })]
fn step_21_refuses_a_certificate_that_names_nobody(#[case] recipe: Recipe) {
    let instance = Instance::new();

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::Identity);
}

#[test]
fn an_address_is_reported_for_comparison_and_not_printed() {
    let instance = Instance::new();
    let recipe =
        Recipe { name: SanType::Rfc822Name("someone@example.com".try_into().unwrap()), ..Recipe::default() };

    let verified = check(&instance.keyless(&recipe), &root_of(&instance)).unwrap();

    let identity = verified.proof().identity.as_ref().unwrap();
    assert_eq!(*identity, Identity::Email("someone@example.com".to_owned()));
    assert!(!format!("{verified:?}").contains("someone"));
}

#[test]
fn step_22_refuses_a_time_beyond_the_skew() {
    let instance = Instance::new();
    let bundle = parse(&instance.keyless(&Recipe::default())).unwrap();
    let at = |ahead| verify(&bundle, &image(), &root_of(&instance), seconds(SIGNED_AT) - ahead);

    assert!(at(MAX_CLOCK_SKEW).is_ok());
    let refused = at(MAX_CLOCK_SKEW + SignedDuration::from_secs(1)).unwrap_err();

    assert_eq!(refused.step, Step::Clock);
}
