//! Verdicts, as exit code, table, words and JSON.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    desk::{Desk, Said, end},
    manifests::{deployment, key, namespace, policy, policy_for, rollout, signed_image},
    registry::{BY_KEY, Shelves},
};

/// `shop/cart` has everything, `shop/bare` nothing.
fn shop() -> String {
    Shelves::with(&[("shop/cart", &BY_KEY), ("shop/bare", &[])]).serve()
}

fn desk_with(policy: &Value) -> Desk {
    let desk = Desk::new();
    desk.objects("policy.json", &[policy.clone(), key()]);
    desk
}

/// Compares what was said with a golden file. The port, of five digits like any that the system gives out, differs
/// from run to run.
fn golden(name: &str, host: &str, said: &Said) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    let told = format!("{}--- stderr ---\n{}", said.stdout, said.stderr).replace(host, "127.0.0.1:50000");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &told).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(told, wanted, "{} differs; UPDATE_GOLDEN=1 rewrites it", path.display());
}

#[test]
fn an_image_with_everything_in_order_passes_without_a_word() {
    let host = shop();
    let desk = desk_with(&policy());
    let image = signed_image(&host, "shop/cart");
    let said = desk.run(&["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(0).shows("allowed\n");
    assert_eq!(said.stderr, "");
}

#[test]
fn what_would_be_turned_away_is_told_object_by_object_in_the_words_of_admission() {
    let host = shop();
    let desk = desk_with(&policy_for(&json!({ "env": "prod" })));
    let good = signed_image(&host, "shop/cart");
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [
        namespace("shop", &json!({ "env": "prod" })),
        namespace("lab", &json!({})),
        deployment("cart", Some("shop"), &good),
        deployment("bare", Some("shop"), &signed_image(&host, "shop/bare")),
        deployment("trial", Some("lab"), &good),
        rollout("canary"),
    ] });
    desk.objects("all.json", &[list]);
    let said = desk.run(&["check", "all.json", "--policy", "policy.json", "--plain-http", &host]);
    golden("denied.txt", &host, said.ends_with(1));
}

#[test]
fn a_policy_that_warns_passes_with_its_warnings() {
    let host = shop();
    let mut warning = policy();
    warning["spec"]["mode"] = json!("Warn");
    let desk = desk_with(&warning);
    let image = signed_image(&host, "shop/bare");
    let said = desk.run(&["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(0).shows("warned").says("warning: SbomMissing: ").says("warning: ScanMissing: ");
}

#[test]
fn a_registry_that_fails_leaves_the_image_undecided() {
    let host = Shelves::failing(500).serve();
    let desk = desk_with(&policy());
    let image = signed_image(&host, "shop/cart");
    let said = desk.run(&["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(3).shows("undecided   RegistryUnreachable\n").says("was held back");
}

#[test]
fn a_policy_whose_key_is_missing_leaves_the_image_undecided() {
    let host = shop();
    let desk = Desk::new();
    desk.objects("policy.json", &[policy()]);
    let image = signed_image(&host, "shop/cart");
    let said = desk.run(&["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(3).shows("PolicyInvalid").says("ci-key");
}

#[test]
fn json_tells_the_codes_the_result_and_what_was_not_checked() {
    let host = shop();
    let desk = desk_with(&policy());
    let (good, bare) = (signed_image(&host, "shop/cart"), signed_image(&host, "shop/bare"));
    let objects =
        [deployment("cart", Some("shop"), &good), deployment("bare", None, &bare), rollout("canary")];
    desk.objects("all.json", &objects);
    let arguments = ["check", "all.json", "--policy", "policy.json", "--plain-http", &host];
    let said = desk.run(&[&arguments[..], &["--output", "json"]].concat());
    said.ends_with(1);
    assert_eq!(said.stderr, "");
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["result"], "denied");
    let [cart, bare] = told["objects"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!((&cart["object"], &cart["namespace"]), (&json!("Deployment/cart"), &json!("shop")));
    assert_eq!((&cart["images"][0]["verdict"], &cart["images"][0]["codes"]), (&json!("allowed"), &json!([])));
    assert_eq!((&bare["object"], &bare["namespace"]), (&json!("Deployment/bare"), &json!("default")));
    let image = &bare["images"][0];
    assert_eq!(image["verdict"], "denied");
    assert_eq!(image["codes"], json!(["SbomMissing", "AiProvenanceMissing", "ScanMissing"]));
    let findings = image["policies"][0]["verdict"]["findings"].as_array().unwrap();
    let codes: Vec<&Value> = findings.iter().map(|finding| &finding["code"]).collect();
    assert_eq!(codes, ["SbomMissing", "AiProvenanceMissing", "ScanMissing"]);
    assert_eq!(told["notChecked"][0]["object"], "Rollout/canary");
}

#[test]
fn an_object_that_cannot_be_read_is_named_and_never_passes() {
    let host = shop();
    let desk = desk_with(&policy());
    let mut broken = deployment("broken", Some("shop"), "");
    broken["spec"]["template"]["spec"]["containers"] = json!("none");
    desk.objects("all.json", &[deployment("cart", None, &signed_image(&host, "shop/cart")), broken]);
    let said = desk.run(&["check", "all.json", "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(3).shows("not checked").says("Deployment/broken in namespace shop was not checked: ");
}

#[test]
fn a_kind_that_is_not_known_and_holds_containers_is_named_and_never_passes() {
    let desk = desk_with(&policy());
    desk.objects("all.json", &[rollout("canary")]);
    let said = desk.run(&["check", "all.json", "--policy", "policy.json"]);
    said.ends_with(3).says("Rollout/canary in namespace shop was not checked: rollouts.example.com/v1 holds");
}

#[test]
fn who_reads_only_the_beginning_leaves_the_exit_code_as_it_is() {
    let host = shop();
    let desk = desk_with(&policy());
    let bare = deployment("bare", None, &signed_image(&host, "shop/bare"));
    let mut child = desk.start(&["check", "-", "--policy", "policy.json", "--plain-http", &host]);
    // Nothing is printed before standard input has ended, so the reader is gone by then.
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), bare.to_string().as_bytes()).unwrap();
    let said = end(child);
    said.ends_with(1).says("SbomMissing");
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
}

#[test]
fn what_a_manifest_names_moves_no_cursor() {
    let desk = desk_with(&policy());
    let hostile = deployment("x\u{1b}[2J", None, "a/b\u{1b}[1A\u{202e}");
    desk.objects("all.json", &[hostile]);
    let said = desk.run(&["check", "all.json", "--policy", "policy.json"]);
    said.shows("Deployment/x\\u{1b}[2J");
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all:?}");
}
