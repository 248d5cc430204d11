//! Amounts (V26, V27: CVE-2023-46737, CVE-2024-29902, -29903, CVE-2024-45395, CVE-2026-32280): what a stranger
//! may make us count, hold and compute.

use std::sync::Arc;

use rcgen::KeyPair;
use rstest::rstest;
use serde_json::{Value, json};

use super::instance::{Instance, Recipe, public_key, statement, unlogged};
use super::{check, image, root_of, step};
use crate::{Anchor, Reason, Step};

fn repeat_last(list: &mut Value, times: usize) {
    let list = list.as_array_mut().unwrap();
    let last = list.last().unwrap().clone();
    list.resize(times, last);
}

#[test]
fn step_4_takes_32_log_entries_and_no_more() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    repeat_last(&mut bundle["verificationMaterial"]["tlogEntries"], 32);
    assert!(check(&bundle, &root_of(&instance)).is_ok());

    repeat_last(&mut bundle["verificationMaterial"]["tlogEntries"], 33);

    let refused = check(&bundle, &root_of(&instance)).unwrap_err();
    assert_eq!(refused.step, Step::Amounts);
    assert_eq!(refused.reason, Reason::TooMany { what: "log entries", found: 33, most: 32 });
}

#[test]
fn step_4_takes_16_signatures_on_a_checkpoint_and_no_more() {
    let instance = Instance::new();
    let bundle = instance.keyless(&Recipe::default());
    let with = |signatures: usize| {
        let mut bundle = bundle.clone();
        let proof = &mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"];
        let envelope = proof["checkpoint"]["envelope"].as_str().unwrap();
        let (note, signature) = envelope.split_once("\n\n").unwrap();
        let envelope = format!("{note}\n\n{}", signature.repeat(signatures));
        proof["checkpoint"]["envelope"] = json!(envelope);
        bundle
    };

    assert!(check(&with(16), &root_of(&instance)).is_ok());
    assert_eq!(step(&with(17), &root_of(&instance)), Step::Amounts);
}

/// Ten intermediates are counted and then refused for what they are: version 0.3 carries one certificate.
#[rstest]
#[case(11, Step::Material)]
#[case(12, Step::Amounts)]
fn step_4_refuses_more_than_ten_intermediates(#[case] certificates: usize, #[case] at: Step) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    let leaf = bundle["verificationMaterial"]["certificate"].take();
    bundle["verificationMaterial"]["x509CertificateChain"] =
        json!({ "certificates": vec![leaf; certificates] });

    assert_eq!(step(&bundle, &root_of(&instance)), at);
}

#[rstest]
#[case(8, Step::Time)]
#[case(9, Step::Amounts)]
fn step_4_refuses_more_than_eight_timestamps(#[case] stamps: usize, #[case] at: Step) {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["verificationMaterial"]["timestampVerificationData"] =
        json!({ "rfc3161Timestamps": vec![json!({ "signedTimestamp": "AAAA" }); stamps] });

    assert_eq!(step(&bundle, &root_of(&instance)), at);
}

#[test]
fn a_long_list_is_counted_to_its_end() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["dsseEnvelope"]["signatures"] = json!(vec![json!({ "sig": "AAAA" }); 100_000]);

    let refused = check(&bundle, &root_of(&instance)).unwrap_err();

    assert_eq!(refused.reason, Reason::TooMany { what: "signatures", found: 100_000, most: 1 });
}

#[rstest]
#[case(1024, 32, None)]
#[case(1025, 1, Some(Step::Statement))]
#[case(100_000, 1, Some(Step::Statement))]
#[case(1, 33, Some(Step::Statement))]
fn step_7_takes_1024_subjects_of_32_digests(
    #[case] subjects: usize,
    #[case] digests: usize,
    #[case] at: Option<Step>,
) {
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: None };
    let mut digest = serde_json::Map::new();
    digest.insert("sha256".to_owned(), json!(image().hex()));
    for number in 1..digests {
        digest.insert(format!("other{number}"), json!("00"));
    }
    let mut large = statement();
    large["subject"] = json!(vec![json!({ "digest": digest }); subjects]);
    let bundle = unlogged(&key, &Recipe::of(&large));

    assert_eq!(check(&bundle, &anchor).err().map(|refused| refused.step), at);
}

#[test]
fn words_of_a_stranger_are_cut_and_cleaned() {
    let instance = Instance::new();
    let mut bundle = instance.keyless(&Recipe::default());
    bundle["mediaType"] = json!(format!("\u{1b}[2J{}", "x".repeat(1_000_000)));

    let refused = check(&bundle, &root_of(&instance)).unwrap_err();

    let said = refused.reason.to_string();
    assert!(said.len() < 400, "{} bytes", said.len());
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn a_claimed_type_beyond_256_bytes_is_not_repeated() {
    let key = KeyPair::generate().unwrap();
    let mut long = statement();
    long["predicateType"] = json!("x".repeat(257));
    let bundle = super::parse(&unlogged(&key, &Recipe::of(&long))).unwrap();

    assert_eq!(bundle.claimed_predicate_type(), None);
}

/// The library refuses it; for a key alone there is nothing to build, and the predicate's own parser decides.
#[test]
fn a_predicate_nested_beyond_128_is_refused_where_it_would_be_built() {
    let instance = Instance::new();
    let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = statement().to_string().replace(r#"{"answer":42}"#, &nested);
    let recipe = Recipe { payload: text.into_bytes(), ..Recipe::default() };

    assert_eq!(step(&instance.keyless(&recipe), &root_of(&instance)), Step::Statement);
}
