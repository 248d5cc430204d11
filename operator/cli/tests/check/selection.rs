//! Which policies are asked about what, and what is said when none is.

use serde_json::{Value, json};

use crate::{
    desk::Desk,
    manifests::{deployment, key, namespace, policy, policy_for},
};

/// An image that no request is needed to turn away: its registry may not have the address it has.
const UNASKED: &str = "127.0.0.1:1/shop/cart:1";

fn check(policy: &Value, objects: &[Value], more: &[&str]) -> crate::desk::Said {
    let desk = Desk::new();
    desk.objects("policy.json", &[policy.clone(), key()]).objects("all.json", objects);
    desk.run(&[&["check", "all.json", "--policy", "policy.json"], more].concat())
}

#[test]
fn a_run_in_which_nothing_is_selected_passes_and_says_so() {
    let objects = [namespace("shop", &json!({ "env": "test" })), deployment("cart", Some("shop"), UNASKED)];
    let policy = policy_for(&json!({ "env": "prod" }));
    let said = check(&policy, &objects, &[]);
    said.ends_with(0).shows("not selected").says("note: nothing was judged");
    let said = check(&policy, &objects, &["--output", "json"]);
    said.ends_with(0).says("note: nothing was judged");
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["objects"][0]["selected"], false);
}

#[test]
fn the_labels_of_a_namespace_come_from_its_manifest_or_the_command_line() {
    let policy = policy_for(&json!({ "env": "prod" }));
    let cart = deployment("cart", None, UNASKED);
    let by_manifest = [namespace("default", &json!({ "env": "prod" })), cart.clone()];
    check(&policy, &by_manifest, &[]).ends_with(3).shows("undecided");
    check(&policy, &[cart], &["--namespace-label", "env=prod"]).ends_with(3).shows("undecided");
}

#[test]
fn a_namespace_of_unknown_labels_is_no_guess_where_a_policy_selects_by_them() {
    let policy = policy_for(&json!({ "env": "prod" }));
    let said = check(&policy, &[deployment("cart", None, UNASKED)], &[]);
    said.ends_with(2).says("the labels of namespace \"default\" are not known").says("--namespace-label");
    // The option describes another namespace, so it would not help.
    let said = check(&policy, &[deployment("cart", Some("shop"), UNASKED)], &[]);
    said.ends_with(2).says("the labels of namespace \"shop\" are not known");
    assert!(!said.stderr.contains("--namespace-label"), "{}", said.stderr);
}

#[test]
fn a_policy_that_selects_by_name_needs_no_labels() {
    let policy = policy_for(&json!({ "kubernetes.io/metadata.name": "shop" }));
    let objects = [deployment("cart", Some("shop"), UNASKED), deployment("cart", Some("lab"), UNASKED)];
    let said = check(&policy, &objects, &[]);
    said.ends_with(3).shows("shop        Deployment/cart").shows("not selected");
}

#[test]
fn the_namespace_option_places_objects_that_name_none() {
    let policy = policy_for(&json!({ "kubernetes.io/metadata.name": "shop" }));
    let objects = [deployment("cart", None, UNASKED)];
    check(&policy, &objects, &[]).ends_with(0).shows("not selected");
    check(&policy, &objects, &["--namespace", "shop"]).ends_with(3).shows("undecided");
}

#[test]
fn an_image_that_no_policy_covers_is_turned_away_unless_the_policy_lets_it_through() {
    let mut policy = policy();
    policy["spec"]["select"] = json!({ "images": ["registry.example.com/**"] });
    let objects = [deployment("cart", None, UNASKED)];
    check(&policy, &objects, &[]).ends_with(1).shows("NotCovered");
    policy["spec"]["select"]["otherImages"] = json!("InsecureAllow");
    let said = check(&policy, &objects, &[]);
    said.ends_with(0)
        .shows("not judged")
        .says("was not judged: no policy covers it")
        .says("nothing was judged");
}

#[test]
fn only_config_maps_of_the_operators_namespace_count() {
    let desk = Desk::new();
    let mut key = key();
    key["metadata"]["namespace"] = json!("elsewhere");
    desk.objects("policy.json", &[policy(), key]);
    let arguments = ["check", "--image", UNASKED, "--policy", "policy.json"];
    desk.run(&arguments).ends_with(3).shows("PolicyInvalid");
    let said = desk.run(&[&arguments[..], &["--operator-namespace", "elsewhere"]].concat());
    said.ends_with(3).shows("undecided");
    assert!(!said.stdout.contains("PolicyInvalid"), "{}", said.stdout);
}
