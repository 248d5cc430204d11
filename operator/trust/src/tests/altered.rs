//! Every part of a bundle altered in turn (V14, V17: CVE-2022-23649, -35929, -36056, CVE-2026-22703): whatever
//! is changed, the bundle is refused.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::KeyPair;
use rstest::rstest;
use serde_json::{Value, json};

use super::instance::{Instance, Recipe, public_key, statement};
use super::{check, root_of, step};
use crate::{Anchor, Step};

const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

fn part<'a>(bundle: &'a mut Value, pointer: &str) -> &'a mut Value {
    bundle.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in the fixture"))
}

/// Flips the lowest bit of the byte in the middle of a base64 text.
fn flip(value: &mut Value) {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *value = json!(STANDARD.encode(bytes));
}

#[rstest]
#[case("/dsseEnvelope/signatures/0/sig", Step::Signature)]
#[case("/dsseEnvelope/payload", Step::Signature)]
#[case("/verificationMaterial/tlogEntries/0/canonicalizedBody", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/inclusionProof/rootHash", Step::LogProof)]
#[case("/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/logId/keyId", Step::Log)]
fn a_flipped_bit_is_refused(#[case] pointer: &str, #[case] at: Step) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    assert!(check(&bundle, &root_of(&instance)).is_ok(), "the fixture verifies before it is altered");
    flip(part(&mut bundle, pointer));

    assert_eq!(step(&bundle, &root_of(&instance)), at);
}

#[rstest]
#[case::proof_index("/verificationMaterial/tlogEntries/0/inclusionProof/logIndex", json!("1"), Step::Log)]
#[case::tree_size("/verificationMaterial/tlogEntries/0/inclusionProof/treeSize", json!("3"), Step::Log)]
#[case::no_path("/verificationMaterial/tlogEntries/0/inclusionProof/hashes", json!([]), Step::Log)]
#[case::zeroed_path("/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0", json!(STANDARD.encode([0; 32])), Step::Log)]
#[case::log_index("/verificationMaterial/tlogEntries/0/logIndex", json!("42"), Step::Log)]
#[case::log_time("/verificationMaterial/tlogEntries/0/integratedTime", json!("1748779201"), Step::Log)]
#[case::garbage_promise("/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp", json!("AAAA"), Step::Log)]
#[case::kind("/verificationMaterial/tlogEntries/0/kindVersion", json!({"kind": "intoto", "version": "0.0.2"}), Step::Entry)]
#[case::unknown_kind("/verificationMaterial/tlogEntries/0/kindVersion", json!({"kind": "intoto", "version": "0.0.1"}), Step::Parse)]
#[case::payload_type("/dsseEnvelope/payloadType", json!("text/plain"), Step::PayloadType)]
#[case::stray_timestamp(
    "/verificationMaterial/timestampVerificationData",
    json!({"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]}),
    Step::Time
)]
fn a_changed_value_is_refused(#[case] pointer: &str, #[case] value: Value, #[case] at: Step) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    // The field need not be there yet, but what holds it is.
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = part(&mut bundle, parent);
    if let Some(list) = parent.as_array_mut() {
        list[name.parse::<usize>().unwrap()] = value;
    } else {
        parent[name] = value;
    }

    assert_eq!(step(&bundle, &root_of(&instance)), at);
}

/// Parts of another bundle of the same instance, as good as the ones they replace.
#[rstest]
#[case::payload("/dsseEnvelope/payload", Step::Signature)]
#[case::signature("/dsseEnvelope/signatures/0/sig", Step::Signature)]
#[case::certificate("/verificationMaterial/certificate", Step::Signature)]
#[case::log_entry("/verificationMaterial/tlogEntries/0", Step::Entry)]
#[case::log_body("/verificationMaterial/tlogEntries/0/canonicalizedBody", Step::Log)]
#[case::proof("/verificationMaterial/tlogEntries/0/inclusionProof", Step::Log)]
#[case::checkpoint("/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint", Step::LogProof)]
#[case::promise("/verificationMaterial/tlogEntries/0/inclusionPromise", Step::Log)]
fn a_part_of_another_good_bundle_is_refused(#[case] pointer: &str, #[case] at: Step) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    let mut second = statement();
    second["predicate"] = json!({ "answer": 43 });
    let mut other = instance.keyless(&Recipe::of(&second));
    assert!(check(&other, &root_of(&instance)).is_ok(), "the other bundle verifies as it is");
    *part(&mut bundle, pointer) = part(&mut other, pointer).take();

    assert_eq!(step(&bundle, &root_of(&instance)), at);
}

#[test]
fn the_checkpoint_of_another_tree_is_refused() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    let envelope = part(&mut bundle, &format!("{ENTRY}/inclusionProof/checkpoint/envelope"));
    let changed = envelope.as_str().unwrap().replacen("log.example\n", "log.example.org\n", 1);
    *envelope = json!(changed);

    assert_eq!(step(&bundle, &root_of(&instance)), Step::Log);
}

#[test]
fn a_second_entry_of_another_signature_is_refused() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    let mut other = instance.keyless(&Recipe::default());
    let entry = part(&mut other, ENTRY).take();
    part(&mut bundle, "/verificationMaterial/tlogEntries").as_array_mut().unwrap().push(entry);

    assert_eq!(step(&bundle, &root_of(&instance)), Step::Entry);
}

/// The same for a key with a log; its own signature is checked after the log's.
#[rstest]
#[case("/dsseEnvelope/signatures/0/sig", Step::Signature)]
#[case("/verificationMaterial/tlogEntries/0", Step::Entry)]
#[case("/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0", Step::Log)]
#[case("/verificationMaterial/tlogEntries/0/inclusionPromise", Step::Log)]
fn a_part_of_another_logged_signature_is_refused(#[case] pointer: &str, #[case] at: Step) {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::new(instance.root())) };
    let mut bundle = instance.logged(&key, &Recipe::default());
    let mut second = statement();
    second["predicate"] = json!({ "answer": 43 });
    let mut other = instance.logged(&key, &Recipe::of(&second));
    if pointer.ends_with("hashes/0") {
        *part(&mut other, pointer) = json!(STANDARD.encode([7; 32]));
    }
    *part(&mut bundle, pointer) = part(&mut other, pointer).take();

    assert_eq!(step(&bundle, &anchor), at);
}

/// What nobody signs and nothing is decided by may change without a change in what is proved.
#[test]
fn the_key_hint_changes_nothing() {
    let instance = Instance::new();
    let bundle = instance.keyless(&Recipe::default());
    let mut altered = bundle.clone();
    *part(&mut altered, "/dsseEnvelope/signatures/0/keyid") = json!("another hint");

    let (one, two) = (check(&bundle, &root_of(&instance)), check(&altered, &root_of(&instance)));

    assert_eq!(one.unwrap().proof(), two.unwrap().proof());
}
