//! The pure steps: what the status says of a policy, and when that is news.

use std::{collections::BTreeMap, sync::Arc};

use cluster::UnreadablePolicy;
use crds::{
    AIToolPolicy, AIToolPolicyStatus,
    conditions::{READY, REASON_COMPILED, REASON_POLICY_INVALID, STALLED},
};
use jiff::{SignedDuration, Timestamp};
use names::ImageRef;
use rulebook::{Materials, NamespaceFacts};
use serde_json::json;

use super::{
    apply::is_news,
    build::{Prepared, build},
    dereference::{Found, Policy},
    validate::validate,
    workloads::Root,
};

fn now() -> Timestamp {
    "2026-11-25T00:00:00Z".parse().unwrap()
}

fn policy(change: impl FnOnce(&mut serde_json::Value)) -> Policy {
    let mut policy = json!({
        "apiVersion": "tidewaiter.dev/v1alpha1",
        "kind": "AIToolPolicy",
        "metadata": { "name": "production", "generation": 3 },
        "spec": {
            "mode": "Enforce",
            "select": {
                "namespaces": { "matchLabels": { "env": "prod" } },
                "images": ["registry.test/shop/**"],
            },
            "signers": [{
                "name": "scanner",
                "keys": [{ "configMap": { "name": "keys", "key": "cosign.pub" } }],
                "proof": "InsecureNone",
            }],
            "require": { "sbom": { "signedBy": ["scanner"] } },
        },
    });
    change(&mut policy);
    Policy::Readable(Arc::new(serde_json::from_value::<AIToolPolicy>(policy).unwrap()))
}

fn namespace(name: &str, env: &str) -> NamespaceFacts {
    NamespaceFacts { name: name.to_owned(), labels: BTreeMap::from([("env".to_owned(), env.to_owned())]) }
}

fn root(namespace: &str, image: &str) -> Root {
    let repository = ImageRef::parse(image).unwrap().repository().clone();
    Root { namespace: namespace.to_owned(), repositories: vec![repository] }
}

fn found() -> Found {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../trust/testdata/cosign.pub");
    let key = std::fs::read_to_string(path).unwrap();
    let keys = BTreeMap::from([("cosign.pub".to_owned(), key)]);
    Found {
        materials: Materials { config_maps: BTreeMap::from([("keys".to_owned(), keys)]) },
        namespaces: vec![namespace("shop", "prod"), namespace("till", "prod"), namespace("lab", "dev")],
        roots: vec![
            root("shop", "registry.test/shop/cart:1"),
            root("shop", "registry.test/other/cart:1"),
            root("lab", "registry.test/shop/cart:1"),
        ],
    }
}

fn round(policy: &Policy, before: Option<&AIToolPolicyStatus>, found: &Found, at: Timestamp) -> Prepared {
    build(policy, before, &validate(policy, found), found, at)
}

fn later() -> Timestamp {
    now().checked_add(SignedDuration::from_hours(1)).unwrap()
}

#[test]
fn a_policy_that_compiles_is_ready_and_says_whom_it_selects() {
    let Prepared { status, reason, .. } = round(&policy(|_| {}), None, &found(), now());
    assert_eq!(reason, REASON_COMPILED);
    assert_eq!(status.conditions.len(), 1);
    let ready = &status.conditions[0];
    assert_eq!((ready.type_.as_str(), ready.status.as_str()), (READY, "True"));
    assert_eq!(ready.observed_generation, Some(3));
    assert_eq!(status.observed_generation, Some(3));
    let selects = status.selects.unwrap();
    assert_eq!(selects.namespaces, 2, "shop and till are labelled env=prod");
    assert_eq!(selects.workloads, 1, "one image in a selected namespace matches a pattern");
}

#[test]
fn what_is_insecure_shows_in_the_status() {
    let policy = policy(|policy| policy["spec"]["tags"] = json!("InsecureAllow"));
    let mut insecure = round(&policy, None, &found(), now()).status.insecure;
    insecure.sort();
    assert_eq!(insecure, ["signers[scanner].proof: InsecureNone", "tags: InsecureAllow"]);
}

#[test]
fn a_policy_whose_key_is_gone_is_stalled_and_says_what_to_create() {
    let gone = Found { materials: Materials::default(), ..found() };
    let Prepared { status, reason, message } = round(&policy(|_| {}), None, &gone, now());
    assert_eq!(reason, REASON_POLICY_INVALID);
    let conditions: Vec<_> = status
        .conditions
        .iter()
        .map(|condition| (condition.type_.as_str(), condition.status.as_str(), condition.reason.as_str()))
        .collect();
    assert_eq!(
        conditions,
        [(READY, "False", REASON_POLICY_INVALID), (STALLED, "True", REASON_POLICY_INVALID)]
    );
    assert!(message.contains("keys"), "{message}");
    assert_eq!(status.selects.unwrap().namespaces, 2, "it goes on selecting");
}

#[test]
fn a_policy_that_cannot_be_decoded_is_stalled_and_says_why() {
    let policy = Policy::Unreadable(UnreadablePolicy {
        name: "odd".to_owned(),
        uid: "u".to_owned(),
        generation: 9,
        why: "unknown variant `Shout`".to_owned(),
    });
    let Prepared { status, reason, message } = round(&policy, None, &found(), now());
    assert_eq!(reason, REASON_POLICY_INVALID);
    assert!(message.contains("Shout"));
    assert_eq!(status.observed_generation, Some(9));
    assert!(status.selects.is_none(), "whom it selects is not known");
}

#[test]
fn a_condition_keeps_its_instant_until_its_status_changes() {
    let first = round(&policy(|_| {}), None, &found(), now()).status;
    let same = round(&policy(|_| {}), Some(&first), &found(), later()).status;
    assert_eq!(first, same, "nothing changed, so there is nothing to write");
    let gone = Found { materials: Materials::default(), ..found() };
    let broken = round(&policy(|_| {}), Some(&same), &gone, later()).status;
    assert_eq!(broken.conditions[0].last_transition_time.0, later());
}

#[test]
fn what_is_said_anew_is_news_and_what_was_said_before_is_not() {
    let first = round(&policy(|_| {}), None, &found(), now());
    assert!(is_news(None, first.reason, &first.message));
    assert!(!is_news(Some(&first.status), first.reason, &first.message));
    let gone = Found { materials: Materials::default(), ..found() };
    let broken = round(&policy(|_| {}), Some(&first.status), &gone, later());
    assert!(is_news(Some(&first.status), broken.reason, &broken.message));
}

#[test]
fn a_message_of_any_length_fits_a_condition() {
    let long = "x".repeat(100_000);
    let policy = Policy::Unreadable(UnreadablePolicy {
        name: "odd".into(),
        uid: String::new(),
        generation: 1,
        why: long,
    });
    let status = round(&policy, None, &found(), now()).status;
    assert!(status.conditions.iter().all(|condition| condition.message.chars().count() <= 2_049));
}
