//! The pure steps: what can stay, what is made anew, and how the webhooks are registered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
};
use kube::api::ObjectMeta;

use super::{
    Installation, authority,
    build::{self, Prepared, Webhooks},
    dereference::Found,
    validate::{Kept, Validated, Wanted, validate},
    withdraw::WITHDRAWN,
};

fn now() -> Timestamp {
    "2026-11-25T00:00:00Z".parse().unwrap()
}

fn later(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

fn installation() -> Installation {
    Installation {
        release: "gate".to_owned(),
        namespace: "gates".to_owned(),
        service: "gate-webhook".to_owned(),
        timeout_seconds: 10,
        excluded_namespaces: vec!["kube-system".to_owned()],
    }
}

fn nothing() -> Found {
    Found {
        authority: None,
        leaf: None,
        registration: None,
        endpoint_ready: false,
        registered: false,
        owner: None,
    }
}

fn registration(state: &str) -> Option<ConfigMap> {
    let data = Some(BTreeMap::from([("state".to_owned(), state.to_owned())]));
    Some(ConfigMap { data, ..ConfigMap::default() })
}

fn round(found: Found, at: Timestamp) -> Prepared {
    build::build(validate(found, &installation(), at), &installation(), at).unwrap()
}

/// What is there after one round from nothing.
fn settled() -> Found {
    let prepared = round(nothing(), now());
    Found { authority: stored(prepared.authority), leaf: stored(prepared.leaf), ..nothing() }
}

fn stored(secret: Option<Secret>) -> Option<Secret> {
    secret.map(|mut secret| {
        secret.metadata.resource_version = Some("7".to_owned());
        secret
    })
}

fn text(secret: &Secret, key: &str) -> String {
    String::from_utf8(secret.data.as_ref().unwrap()[key].0.clone()).unwrap()
}

#[test]
fn from_nothing_a_ca_and_a_leaf_signed_by_it_are_made() {
    let prepared = round(nothing(), now());
    let ca = prepared.authority.unwrap();
    let leaf = prepared.leaf.unwrap();
    assert_eq!(leaf.type_.as_deref(), Some("kubernetes.io/tls"));
    assert_eq!(text(&leaf, "ca.crt"), text(&ca, "tls.crt"));
    assert!(!leaf.data.as_ref().unwrap().contains_key("ca.key"), "the CA's key stays with the controllers");
    let facts = authority::facts(&text(&leaf, "tls.crt")).unwrap();
    assert_eq!(facts.dns_names, ["gate-webhook.gates.svc"]);
    assert!(!facts.is_authority);
    assert!(authority::facts(&text(&ca, "tls.crt")).unwrap().is_authority);
}

#[test]
fn what_is_sound_is_left_alone() {
    let prepared = round(settled(), now());
    assert!(prepared.authority.is_none());
    assert!(prepared.leaf.is_none());
}

#[test]
fn a_leaf_with_a_third_of_its_life_left_is_renewed_under_the_same_ca() {
    assert!(round(settled(), later(59)).leaf.is_none());
    let found = settled();
    let before = text(found.authority.as_ref().unwrap(), "tls.crt");
    let prepared = round(found, later(61));
    assert!(prepared.authority.is_none());
    let leaf = prepared.leaf.unwrap();
    assert_eq!(text(&leaf, "ca.crt"), before);
    assert_eq!(leaf.metadata.resource_version.as_deref(), Some("7"), "the version that was read is replaced");
}

#[test]
fn a_leaf_for_another_name_or_with_another_key_is_replaced() {
    let moved = Installation { namespace: "elsewhere".to_owned(), ..installation() };
    let validated = validate(settled(), &moved, now());
    assert!(matches!(validated.leaf, Kept::Due { .. }));

    let mut found = settled();
    let other = round(nothing(), now()).leaf.unwrap();
    let key = other.data.unwrap()["tls.key"].clone();
    found.leaf.as_mut().unwrap().data.as_mut().unwrap().insert("tls.key".to_owned(), key);
    assert!(matches!(validate(found, &installation(), now()).leaf, Kept::Due { .. }));
}

#[test]
fn a_leaf_whose_ca_is_another_is_replaced() {
    let mut found = settled();
    found.authority = stored(round(nothing(), now()).authority);
    let prepared = round(found, now());
    assert!(prepared.authority.is_none());
    assert!(prepared.leaf.is_some());
}

#[test]
fn a_damaged_ca_is_replaced_and_takes_its_leaf_along() {
    let mut found = settled();
    let broken = ByteString(b"not a certificate".to_vec());
    found.authority.as_mut().unwrap().data.as_mut().unwrap().insert("tls.crt".to_owned(), broken);
    let prepared = round(found, now());
    assert!(prepared.authority.is_some());
    assert!(prepared.leaf.is_some());
}

#[test]
fn nothing_is_registered_before_an_endpoint_is_ready() {
    assert!(matches!(round(settled(), now()).webhooks, Webhooks::Leave));
    let ready = Found { endpoint_ready: true, ..settled() };
    assert!(matches!(round(ready, now()).webhooks, Webhooks::Apply(_)));
}

#[test]
fn what_is_registered_stays_so_while_no_endpoint_is_ready() {
    let validated = validate(Found { registered: true, ..settled() }, &installation(), now());
    assert_eq!(validated.wanted, Wanted::Registered);
}

#[test]
fn a_withdrawn_registration_is_not_made_again_whatever_is_ready() {
    let found =
        Found { registration: registration(WITHDRAWN), endpoint_ready: true, registered: true, ..settled() };
    let Validated { wanted, .. } = validate(found, &installation(), now());
    assert_eq!(wanted, Wanted::Withdrawn);
    let found = Found { registration: registration("Registered"), endpoint_ready: true, ..settled() };
    assert_eq!(validate(found, &installation(), now()).wanted, Wanted::Registered);
}

#[test]
fn each_door_has_the_failure_policy_that_the_table_states() {
    let Webhooks::Apply(both) = round(Found { endpoint_ready: true, ..settled() }, now()).webhooks else {
        panic!("an endpoint is ready");
    };
    let (validating, mutating) = *both;
    let doors: Vec<_> = validating
        .webhooks
        .unwrap()
        .into_iter()
        .map(|door| (door.name, door.failure_policy.unwrap(), door.side_effects, door.timeout_seconds))
        .collect();
    let side_effects = || "NoneOnDryRun".to_owned();
    assert_eq!(
        doors,
        [
            ("pods.validate.tidewaiter.dev".to_owned(), "Fail".to_owned(), side_effects(), Some(10)),
            ("workloads.validate.tidewaiter.dev".to_owned(), "Ignore".to_owned(), side_effects(), Some(10)),
        ]
    );
    let pin = mutating.webhooks.unwrap().remove(0);
    assert_eq!(pin.failure_policy.as_deref(), Some("Ignore"));
    assert_eq!(pin.reinvocation_policy.as_deref(), Some("IfNeeded"));
}

#[test]
fn our_own_namespace_and_the_excluded_ones_are_left_out_of_every_door() {
    let Webhooks::Apply(both) = round(Found { endpoint_ready: true, ..settled() }, now()).webhooks else {
        panic!("an endpoint is ready");
    };
    let (validating, mutating) = *both;
    let selectors = validating
        .webhooks
        .unwrap()
        .into_iter()
        .map(|door| door.namespace_selector)
        .chain(mutating.webhooks.unwrap().into_iter().map(|door| door.namespace_selector));
    for selector in selectors {
        let expression = selector.unwrap().match_expressions.unwrap().remove(0);
        assert_eq!(expression.key, "kubernetes.io/metadata.name");
        assert_eq!(expression.operator, "NotIn");
        assert_eq!(expression.values.unwrap(), ["gates", "kube-system"]);
    }
}

#[test]
fn every_built_in_kind_that_makes_pods_has_a_door() {
    let Webhooks::Apply(both) = round(Found { endpoint_ready: true, ..settled() }, now()).webhooks else {
        panic!("an endpoint is ready");
    };
    let mut resources: Vec<String> = both
        .0
        .webhooks
        .unwrap()
        .into_iter()
        .flat_map(|door| door.rules.unwrap())
        .flat_map(|rule| rule.resources.unwrap())
        .collect();
    resources.sort();
    assert_eq!(
        resources,
        [
            "cronjobs",
            "daemonsets",
            "deployments",
            "jobs",
            "pods",
            "pods/ephemeralcontainers",
            "replicasets",
            "replicationcontrollers",
            "statefulsets"
        ]
    );
}

#[test]
fn a_secret_never_shows_its_key_when_printed_for_debugging() {
    let pair = authority::new_authority("gate", now()).unwrap();
    assert!(!format!("{pair:?}").contains(&pair.key));
    assert!(pair.key.contains("PRIVATE KEY"));
    let metadata: ObjectMeta = round(nothing(), now()).authority.unwrap().metadata;
    assert_eq!(metadata.name.as_deref(), Some("gate-ca"));
    assert_eq!(metadata.namespace.as_deref(), Some("gates"));
}
