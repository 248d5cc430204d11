//! Roots that cannot be used, and roots with several logs and windows (V50).

use std::sync::Arc;

use rcgen::KeyPair;
use rstest::rstest;
use serde_json::{Value, json};

use super::instance::{HOUR, Instance, Recipe, SIGNED_AT, YEAR, public_key};
use super::{check, image, parse, root_of, seconds, step};
use crate::{Anchor, Reason, RootError, Step, TrustRoot, verify};

fn read(json: &Value) -> Result<TrustRoot, RootError> {
    TrustRoot::from_json(json.to_string().as_bytes())
}

#[rstest]
#[case("certificateAuthorities")]
#[case("ctlogs")]
#[case("tlogs")]
fn a_root_without_one_of_its_lists_is_refused(#[case] list: &'static str) {
    let mut json = Instance::new().root_json();
    json[list] = json!([]);

    assert_eq!(read(&json).unwrap_err(), RootError::Empty { list });
}

#[test]
fn a_root_for_keys_needs_only_a_transparency_log() {
    let instance = Instance::new();
    let key = KeyPair::generate().unwrap();
    let mut json = instance.root_json();
    json["certificateAuthorities"] = json!([]);
    json["ctlogs"] = json!([]);
    let root = Arc::new(TrustRoot::logs_from_json(json.to_string().as_bytes()).unwrap());
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::clone(&root)) };

    assert!(check(&instance.logged(&key, &Recipe::default()), &anchor).is_ok());
    assert_eq!(step(&instance.keyless(&Recipe::default()), &Anchor::Root(root)), Step::Certificate);
    json["tlogs"] = json!([]);
    let refused = TrustRoot::logs_from_json(json.to_string().as_bytes()).unwrap_err();
    assert_eq!(refused, RootError::Empty { list: "tlogs" });
}

#[test]
fn a_root_that_is_none_is_refused() {
    let good = Instance::new().root_json();
    let mut other_type = good.clone();
    other_type["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.3+json");
    let mut bad_key = good.clone();
    bad_key["tlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA");
    let mut twice = good.clone();
    twice["tlogs"] = json!([good["tlogs"][0], good["tlogs"][0]]);
    let mut bad_certificate = good.clone();
    bad_certificate["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = json!("AAAA");
    let long = format!("{good}{}", " ".repeat(1024 * 1024));

    assert_eq!(read(&other_type).unwrap_err(), RootError::MediaType);
    assert!(matches!(read(&bad_key).unwrap_err(), RootError::Unusable(_)));
    assert!(matches!(read(&twice).unwrap_err(), RootError::Unusable(_)));
    assert!(matches!(read(&bad_certificate).unwrap_err(), RootError::Authority { index: 0, .. }));
    assert_eq!(TrustRoot::from_json(long.as_bytes()).unwrap_err(), RootError::TooLong { bytes: long.len() });
    assert!(matches!(TrustRoot::from_json(b"{}").unwrap_err(), RootError::Unreadable(_)));
    assert!(matches!(TrustRoot::from_json(&[0xff]).unwrap_err(), RootError::Unreadable(_)));
}

#[test]
fn an_authority_whose_window_and_certificates_never_meet_is_refused() {
    let instance = Instance::with_intermediate((SIGNED_AT - 2 * YEAR, SIGNED_AT - YEAR - 1));

    let refused = read(&instance.root_json()).unwrap_err();

    assert!(matches!(refused, RootError::Unusable(_)), "{refused}");
}

/// V50, at the instants themselves: both ends of a window belong to it, and each log answers for its own.
#[rstest]
#[case::before_the_first_begins(0, -1, Some(Step::Log))]
#[case::as_the_first_begins(0, 0, None)]
#[case::as_the_first_ends(0, HOUR, None)]
#[case::after_the_first_ended(0, HOUR + 1, Some(Step::Log))]
#[case::before_the_second_begins(1, HOUR, Some(Step::Log))]
#[case::as_the_second_begins(1, HOUR + 1, None)]
fn each_log_proves_within_its_own_window(#[case] log: usize, #[case] after: i64, #[case] at: Option<Step>) {
    let mut instance = Instance::new();
    instance.logs[0].from = SIGNED_AT;
    instance.logs[0].to = Some(SIGNED_AT + HOUR);
    instance.add_log(SIGNED_AT + HOUR + 1, None);
    let logged_at = SIGNED_AT + after;
    let recipe = Recipe {
        log,
        checkpoint_log: log,
        logged_at,
        certificate: (logged_at - 60, logged_at + 60),
        ..Recipe::default()
    };

    let outcome = check(&instance.keyless(&recipe), &root_of(&instance));

    assert_eq!(outcome.err().map(|refused| refused.step), at);
}

#[test]
fn step_20_refuses_a_checkpoint_signed_by_another_log_of_the_root() {
    let mut instance = Instance::new();
    instance.add_log(SIGNED_AT - YEAR, None);
    let recipe = Recipe { checkpoint_log: 1, ..Recipe::default() };

    let refused = check(&instance.keyless(&recipe), &root_of(&instance)).unwrap_err();

    assert_eq!((refused.step, refused.reason), (Step::LogWindow, Reason::OtherLog { entry: 0 }));
}

/// A key-signed bundle with no proved time: the log must be in use now.
#[test]
fn step_20_refuses_a_closed_log_where_no_time_is_proved() {
    let mut instance = Instance::new();
    instance.logs[0].to = Some(SIGNED_AT + HOUR);
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::new(instance.root())) };
    let mut json = instance.logged(&key, &Recipe::default());
    json["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"] = Value::Null;
    let bundle = parse(&json).unwrap();

    assert!(verify(&bundle, &image(), &anchor, seconds(SIGNED_AT + HOUR)).is_ok());
    let time = seconds(SIGNED_AT + HOUR + 1);
    let refused = verify(&bundle, &image(), &anchor, time).unwrap_err();

    assert_eq!((refused.step, refused.reason), (Step::LogWindow, Reason::LogClosed { entry: 0, time }));
}

#[test]
fn step_20_refuses_an_entry_that_names_a_log_nobody_lists() {
    let (instance, other) = (Instance::new(), Instance::new());
    let key = KeyPair::generate().unwrap();
    let anchor = Anchor::Key { key: Arc::new(public_key(&key)), root: Some(Arc::new(instance.root())) };
    let mut bundle = instance.logged(&key, &Recipe::default());
    let entry = &mut bundle["verificationMaterial"]["tlogEntries"][0];
    entry["inclusionPromise"] = Value::Null;
    entry["logId"] = other.root_json()["tlogs"][0]["logId"].clone();

    let refused = check(&bundle, &anchor).unwrap_err();

    assert_eq!((refused.step, refused.reason), (Step::LogWindow, Reason::UnknownLog { entry: 0 }));
}

#[test]
fn a_root_of_another_instance_proves_nothing() {
    let (instance, other) = (Instance::new(), Instance::new());

    assert_eq!(step(&instance.keyless(&Recipe::default()), &root_of(&other)), Step::Log);
}

#[test]
fn roots_are_told_apart_by_their_bytes() {
    let json = Instance::new().root_json();

    let digest = read(&json).unwrap().digest().clone();

    assert_eq!(digest, names::Digest::sha256(json.to_string().as_bytes()));
}
