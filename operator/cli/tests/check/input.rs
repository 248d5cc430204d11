//! Where manifests and policies come from, and questions that cannot be answered as asked: exit code 2.

use rstest::rstest;
use serde_json::json;

use crate::{
    desk::Desk,
    manifests::{deployment, key, policy},
};

/// Its registry may not have the address it has, so that it is undecided without a request.
const UNASKED: &str = "127.0.0.1:1/shop/cart:1";

/// A folder with good files and some bad ones.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.objects("policy.json", &[policy(), key()])
        .objects("good.json", &[deployment("cart", None, UNASKED)])
        .write("bad.yaml", "kind: [")
        .write("latin1.yaml", b"kind: \xe9")
        .write("untyped.yaml", "replicas: 3")
        .write("empty.yaml", "")
        .objects("config.json", &[key()]);
    desk
}

#[rstest]
#[case(&["bad.yaml", "--policy", "policy.json"], "bad.yaml cannot be read as manifests: the text is not readable as YAML")]
#[case(&["latin1.yaml", "--policy", "policy.json"], "latin1.yaml is not UTF-8")]
#[case(&["untyped.yaml", "--policy", "policy.json"], "an object in document 1 has no apiVersion")]
#[case(&["absent.yaml", "--policy", "policy.json"], "absent.yaml could not be read: No such file")]
#[case(&["empty.yaml", "--policy", "policy.json"], "nothing to check: no object in the files runs an image")]
#[case(&["config.json", "--policy", "policy.json"], "nothing to check: no object in the files runs an image")]
#[case(&["good.json", "--policy", "config.json"], "the policy files hold no AIToolPolicy")]
#[case(&["good.json", "--policy", "absent.json"], "absent.json could not be read")]
#[case(&["good.json", "--policy", "bad.yaml"], "bad.yaml cannot be read as manifests")]
#[case(&["good.json", "--policy", "policy.json", "--policy", "policy.json"], "two AIToolPolicies of the name \"production\"")]
#[case(&["-", "--policy", "-"], "standard input (-) is named 2 times")]
#[case(&["good.json", "--polices", "policy.json"], "unexpected argument '--polices'")]
#[case(&[], "required arguments were not provided")]
#[case(&["good.json", "--policy", "policy.json", "--registry-ca", "a.example=absent.pem"], "absent.pem could not be read")]
#[case(&["good.json", "--policy", "policy.json", "--registry-ca", "a.example=empty.yaml"], "the CA of a.example")]
#[case(&["good.json", "--policy", "policy.json", "--plain-http", "http://a.example"], "the registry options cannot be used")]
#[case(&["good.json"], "no cluster is configured")]
fn a_question_that_cannot_be_answered_as_asked_ends_with_2(#[case] arguments: &[&str], #[case] error: &str) {
    let said = desk().run(&[&["check"], arguments].concat());
    said.ends_with(2).says("error: ").says(error);
    assert_eq!(said.stdout, "");
}

#[test]
fn a_policy_is_read_as_strictly_as_kubectl_applies_it() {
    let desk = desk();
    for (pointer, value, error) in [
        ("/spec/require/sbom/maxage", json!("24h"), "no field spec.require.sbom.maxage"),
        ("/spec/signers/0/kees", json!([]), "no field spec.signers.0.kees"),
        ("/spec/mode", json!("Enforced"), "unknown variant `Enforced`"),
        ("/apiVersion", json!("tidewaiter.dev/v1"), "wanted is \"tidewaiter.dev/v1alpha1\""),
        ("/metadata/name", json!(""), "it has no metadata.name"),
    ] {
        let mut wrong = policy();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[field] = value;
        desk.objects("wrong.json", &[wrong, key()]);
        desk.run(&["check", "good.json", "--policy", "wrong.json"]).ends_with(2).says(error);
    }
}

#[test]
fn a_policy_among_the_manifests_that_would_not_be_asked_is_an_error() {
    let desk = desk();
    let mut second = policy();
    second["metadata"]["name"] = json!("second");
    desk.objects("second.json", &[second]);
    let arguments = ["check", "--policy", "policy.json", "good.json", "second.json"];
    desk.run(&arguments).ends_with(2).says("AIToolPolicy \"second\" stands among the manifests");
    desk.run(&[&arguments[..], &["--policy", "second.json"]].concat()).ends_with(3).shows("undecided");
}

#[test]
fn standard_input_is_read_as_manifests_or_as_policies() {
    let desk = desk();
    let manifest = "\
apiVersion: batch/v1
kind: CronJob
metadata: { generateName: sweep- }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: a, image: '127.0.0.1:1/shop/cart' }] } } } } }
---
";
    let said = desk.pipe(manifest.as_bytes(), &["check", "-", "--policy", "policy.json"]);
    said.ends_with(3).shows("CronJob/sweep-*   127.0.0.1:1/shop/cart   undecided");
    let policies = format!("{}{}", policy(), key());
    desk.pipe(policies.as_bytes(), &["check", "good.json", "--policy", "-"]).ends_with(3).shows("undecided");
}

#[test]
fn a_folder_stands_for_the_manifests_in_it_in_the_order_of_their_names() {
    let desk = Desk::new();
    desk.objects("deploy/b.json", &[deployment("second", None, UNASKED)])
        .objects("deploy/a.yml", &[deployment("first", None, UNASKED)])
        .objects("deploy/deeper/c.yaml", &[deployment("third", None, UNASKED)])
        .write("deploy/notes.txt", "kind: [")
        .objects("policy/production.yaml", &[policy()])
        .objects("policy/key.yaml", &[key()])
        .write("nothing/notes.txt", "");
    let said = desk.run(&["check", "deploy", "--policy", "policy/"]);
    said.ends_with(3);
    let objects: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(objects, ["OBJECT", "Deployment/first", "Deployment/second"]);
    let said = desk.run(&["check", "nothing", "--policy", "policy"]);
    said.ends_with(2).says("folder nothing holds no .yaml, .yml or .json file");
}

#[test]
fn an_image_twice_in_an_object_is_one_row() {
    let desk = desk();
    let mut cart = deployment("cart", None, UNASKED);
    let container = cart["spec"]["template"]["spec"]["containers"][0].clone();
    cart["spec"]["template"]["spec"]["initContainers"] = json!([container]);
    desk.objects("cart.json", &[cart]);
    let said = desk.run(&["check", "cart.json", "--policy", "policy.json"]);
    assert_eq!(said.ends_with(3).stdout.matches("Deployment/cart").count(), 1);
}

#[test]
fn help_tells_the_exit_codes() {
    desk().run(&["check", "--help"]).ends_with(0).shows("Ends with 0 if all pass, 1 if something is denied");
}
