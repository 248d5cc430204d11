//! Key-signed bundles (V21), with and without a log, and keys that are not taken.

use std::sync::Arc;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm};
use rstest::rstest;
use serde_json::json;

use super::instance::{Instance, Recipe, SIGNED_AT, public_key, unlogged};
use super::{check, image, now, parse, seconds, step};
use crate::{Anchor, AnchorId, KeyError, Log, PublicKey, Step, verify};

fn bare(key: &KeyPair) -> Anchor {
    Anchor::Key { key: Arc::new(public_key(key)), root: None }
}

#[rstest]
#[case(&PKCS_ECDSA_P256_SHA256)]
#[case(&PKCS_ECDSA_P384_SHA384)]
#[case(&PKCS_ED25519)]
fn a_key_alone_proves_a_signature_and_nothing_about_log_or_time(#[case] kind: &'static SignatureAlgorithm) {
    let key = KeyPair::generate_for(kind).unwrap();

    let verified = check(&unlogged(&key, &Recipe::default()), &bare(&key)).unwrap();

    let proof = verified.proof();
    assert_eq!(proof.anchor, AnchorId::Key(public_key(&key).digest().clone()));
    assert_eq!((proof.log, proof.sct, proof.times.is_empty()), (Log::None, false, true));
    assert_eq!((&proof.identity, &proof.issuer, &proof.root), (&None, &None, &None));
    assert_eq!(verified.value().predicate(), r#"{"answer":42}"#);
}

#[rstest]
#[case(&PKCS_ECDSA_P256_SHA256)]
#[case(&PKCS_ECDSA_P384_SHA384)]
#[case(&PKCS_ED25519)]
fn a_key_with_a_log_proves_log_and_time_too(#[case] kind: &'static SignatureAlgorithm) {
    let instance = Instance::new();
    let key = KeyPair::generate_for(kind).unwrap();
    let root = Arc::new(instance.root());
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::clone(&root)) };

    let verified = check(&instance.logged(&key, &Recipe::default()), &anchor).unwrap();

    let proof = verified.proof();
    assert_eq!(proof.anchor, AnchorId::Key(public_key(&key).digest().clone()));
    assert_eq!(proof.root.as_ref(), Some(root.digest()));
    assert_eq!(proof.log, Log::InclusionProof);
    assert_eq!(proof.times, [seconds(SIGNED_AT)]);
}

#[test]
fn another_key_is_refused() {
    let instance = Instance::new();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let logged = Anchor::Key { key: Arc::new(public_key(&other)), root: Some(Arc::new(instance.root())) };

    assert_eq!(step(&unlogged(&key, &Recipe::default()), &bare(&other)), Step::Signature);
    assert_eq!(step(&instance.logged(&key, &Recipe::default()), &logged), Step::Signature);
}

#[test]
fn a_key_that_must_be_logged_is_refused_without_a_log() {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::new(instance.root())) };

    assert_eq!(step(&unlogged(&key, &Recipe::default()), &anchor), Step::LogProof);
}

#[test]
fn a_log_entry_that_no_root_proves_is_not_reported() {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let mut bundle = instance.logged(&key, &Recipe::default());
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]["signedEntryTimestamp"] =
        json!("AAAA");

    let verified = check(&bundle, &bare(&key)).unwrap();

    assert_eq!((verified.proof().log, verified.proof().verified_at()), (Log::None, None));
}

#[test]
fn a_key_alone_is_refused_for_another_image() {
    let key = KeyPair::generate().unwrap();
    let bundle = parse(&unlogged(&key, &Recipe::default())).unwrap();
    let other = names::Digest::sha256(b"another image");

    assert_eq!(verify(&bundle, &other, &bare(&key), now()).unwrap_err().step, Step::Subject);
    assert!(verify(&bundle, &image(), &bare(&key), now()).is_ok());
}

#[test]
fn one_block_of_a_known_kind_is_a_key() {
    let pem = KeyPair::generate().unwrap().public_key_pem();
    let two = format!("{pem}{}", KeyPair::generate().unwrap().public_key_pem());
    let private = KeyPair::generate().unwrap().serialize_pem();
    let rsa = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap().public_key_pem();
    let p521 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap().public_key_pem();

    assert!(PublicKey::from_pem(&format!("a comment\n{pem}")).is_ok());
    assert_eq!(PublicKey::from_pem("").unwrap_err(), KeyError::Blocks { blocks: 0 });
    assert_eq!(PublicKey::from_pem(&two).unwrap_err(), KeyError::Blocks { blocks: 2 });
    assert_eq!(PublicKey::from_pem(&" ".repeat(16385)).unwrap_err(), KeyError::TooLong { bytes: 16385 });
    assert!(matches!(PublicKey::from_pem(&private).unwrap_err(), KeyError::Unreadable(_)));
    assert_eq!(PublicKey::from_pem(&rsa).unwrap_err(), KeyError::Kind);
    assert!(matches!(PublicKey::from_pem(&p521).unwrap_err(), KeyError::Unreadable(_)));
}

#[test]
fn the_same_key_under_another_root_is_another_cache_key() {
    let (instance, other) = (Instance::new(), Instance::new());
    let key = Arc::new(public_key(&KeyPair::generate().unwrap()));
    let under = |root| Anchor::Key { key: Arc::clone(&key), root }.cache_key();
    let keys = [under(None), under(Some(Arc::new(instance.root()))), under(Some(Arc::new(other.root())))];

    assert_eq!(keys[1], under(Some(Arc::new(instance.root()))));
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}
