//! What comes of each field, and the fault for each field that cannot be compiled.

use names::Severity;
use rstest::rstest;
use serde_json::{Value, json};
use trust::{Anchor, AnchorId, PublicKey, TrustRoot};
use verdict::{ClaimName, LogDemand, Mode, OnUndecided, Outcome, Proves, Unlisted};

use super::{KEY, OTHER_KEY, ROOT, compiled, materials, policy, prod, repository, spec, spec_with};
use crate::{PolicyError, compile};

#[test]
fn every_field_of_a_policy_arrives_in_its_rules() {
    let compiled = compiled(&spec());
    let rules = compiled.rules.unwrap();
    let root = TrustRoot::from_json(ROOT.as_bytes()).unwrap();
    let key = PublicKey::from_pem(KEY).unwrap();

    assert_eq!((compiled.mode, compiled.on_undecided), (Mode::Enforce, OnUndecided::Deny));
    assert_eq!((compiled.id.name.as_str(), compiled.id.uid.as_str()), ("production", "uid-production"));
    assert_eq!(
        (&rules.policy, rules.mode, rules.on_undecided),
        (&compiled.id, Mode::Enforce, OnUndecided::Deny)
    );

    let [ci, scanner] = rules.signers.as_slice() else { panic!("two signers") };
    assert_eq!((ci.name.as_str(), ci.log), ("ci", LogDemand::InclusionProof));
    let Proves::Keyless { root: named, issuer, subject, claims } = &ci.proves else { panic!("keyless") };
    assert_eq!((named, issuer.as_str()), (root.digest(), "https://token.example.com"));
    assert_eq!(subject.to_string(), "https://example.com/shop/{repo}/.workflows/release.yml@refs/heads/main");
    assert_eq!(claims.len(), 1);
    assert_eq!(
        (claims[0].0, claims[0].1.to_string()),
        (ClaimName::SourceRepository, "https://example.com/shop/{repo}".to_owned())
    );
    assert_eq!((scanner.name.as_str(), scanner.log), ("scanner", LogDemand::InsecureNone));
    let Proves::Keys { keys, root: None } = &scanner.proves else { panic!("keys without a root") };
    assert_eq!(keys, &[key.digest().clone()]);

    let sbom = rules.sbom.as_ref().unwrap();
    assert_eq!(
        (sbom.signed_by.as_slice(), sbom.max_age.unwrap().to_string()),
        (&["ci".to_owned()][..], "2160h".to_owned())
    );
    let provenance = rules.ai_provenance.as_ref().unwrap();
    assert_eq!(provenance.signed_by, ["ci"]);
    assert_eq!(provenance.max_age.unwrap().to_string(), "1h30m");
    assert_eq!(provenance.minimum_grade, Some(predicate::Grade::Observed));
    assert_eq!((provenance.max_unknown_percent, provenance.max_ai_percent), (Some(20), Some(80)));
    let scan = rules.scan.as_ref().unwrap();
    assert_eq!(
        (scan.signed_by.as_slice(), scan.max_age.unwrap().to_string()),
        (&["scanner".to_owned()][..], "24h".to_owned())
    );
    assert_eq!(
        scan.at_most,
        [(Severity::Critical, 0), (Severity::High, 5), (Severity::Unknown, 7)],
        "worst first"
    );

    let tools = rules.tools.as_ref().unwrap();
    assert_eq!(tools.unlisted, Unlisted::Deny);
    assert_eq!(
        (tools.approved[0].name.as_str(), tools.approved[0].models[0].to_string()),
        ("claude-code", "anthropic/claude-*".to_owned())
    );
    assert!(tools.approved[0].versions.is_some());
    assert_eq!((tools.denied[0].name.as_str(), tools.denied[0].reason.as_deref()), ("cursor", Some("old")));
    assert_eq!(tools.denied[0].models[0].to_string(), "*/legacy-*");
    assert_eq!(tools.denied[0].from, Some("2026-09-01T00:00:00Z".parse().unwrap()));

    let ids: Vec<AnchorId> = compiled.anchors.iter().map(|anchor| anchor.id()).collect();
    assert_eq!(ids, [AnchorId::Root(root.digest().clone()), AnchorId::Key(key.digest().clone())]);
    assert_eq!(compiled.insecure, ["signers[scanner].proof: InsecureNone"]);
}

#[test]
fn what_is_absent_is_not_judged() {
    let mut spec = spec();
    spec["require"] = json!({ "sbom": { "signedBy": ["ci"] } });
    spec.as_object_mut().unwrap().remove("tools");
    let rules = compiled(&spec).rules.unwrap();
    assert!(rules.sbom.as_ref().unwrap().max_age.is_none());
    assert!(rules.ai_provenance.is_none() && rules.scan.is_none() && rules.tools.is_none());
}

#[test]
fn keys_with_a_root_are_verified_with_its_log() {
    let mut spec = spec();
    let root = spec["signers"][0]["trustRoot"].clone();
    spec["signers"][1] = json!({ "name": "scanner", "trustRoot": root,
                                 "keys": [{ "pem": KEY }, { "pem": OTHER_KEY }] });
    let compiled = compiled(&spec);
    let rules = compiled.rules.unwrap();
    let Proves::Keys { keys, root: Some(named) } = &rules.signers[1].proves else {
        panic!("keys with a root")
    };
    assert_eq!((keys.len(), rules.signers[1].log), (2, LogDemand::InclusionProof));
    assert_eq!(compiled.anchors.len(), 3);
    for anchor in &compiled.anchors[1..] {
        let Anchor::Key { root: Some(root), .. } = anchor.as_ref() else { panic!("a key with a root") };
        assert_eq!(root.digest(), named);
    }
}

#[test]
fn two_signers_with_one_key_are_one_anchor() {
    let twin = json!({ "name": "twin", "keys": [{ "pem": KEY }], "proof": "InsecureNone" });
    let compiled = compiled(&spec_with("/signers/2", twin));
    assert_eq!(compiled.rules.unwrap().signers.len(), 3);
    assert_eq!(compiled.anchors.len(), 2);
}

#[test]
fn every_loosening_in_force_is_listed() {
    let mut spec = spec();
    spec["onUndecided"] = json!("InsecureAllow");
    spec["tags"] = json!("InsecureAllow");
    spec["select"]["otherImages"] = json!("InsecureAllow");
    let compiled = compiled(&spec);
    assert_eq!(
        compiled.insecure,
        [
            "onUndecided: InsecureAllow",
            "tags: InsecureAllow",
            "otherImages: InsecureAllow",
            "signers[scanner].proof: InsecureNone"
        ]
    );
    assert_eq!(compiled.on_undecided, OnUndecided::InsecureAllow);
}

#[rstest]
#[case::selector_operator("/select/namespaces/matchExpressions", json!([{ "key": "env", "operator": "Like", "values": ["x"] }]), "spec.select.namespaces.matchExpressions[0]", "no operator")]
#[case::in_without_values("/select/namespaces/matchExpressions", json!([{ "key": "env", "operator": "In" }]), "spec.select.namespaces.matchExpressions[0]", "has no values")]
#[case::not_in_without_values("/select/namespaces/matchExpressions", json!([{ "key": "env", "operator": "NotIn", "values": [] }]), "spec.select.namespaces.matchExpressions[0]", "has no values")]
#[case::exists_with_values("/select/namespaces/matchExpressions", json!([{ "key": "env", "operator": "Exists", "values": ["x"] }]), "spec.select.namespaces.matchExpressions[0]", "has values")]
#[case::absent_with_values("/select/namespaces/matchExpressions", json!([{ "key": "env", "operator": "DoesNotExist", "values": ["x"] }]), "spec.select.namespaces.matchExpressions[0]", "has values")]
#[case::selector_key("/select/namespaces/matchLabels", json!({ "en v": "prod" }), "spec.select.namespaces.matchLabels", "label's key")]
#[case::selector_value("/select/namespaces/matchLabels", json!({ "env": "-prod" }), "spec.select.namespaces.matchLabels", "label's value")]
#[case::image_pattern("/select/images/1", json!("nginx"), "spec.select.images[1]", "registry host")]
#[case::signer_twice("/signers/2", json!({ "name": "ci", "keys": [{ "pem": KEY }], "proof": "InsecureNone" }), "spec.signers[ci]", "2 signers have this name")]
#[case::both_kinds("/signers/0/keys", json!([{ "pem": KEY }]), "spec.signers[ci]", "both keyless and keys")]
#[case::neither_kind("/signers/0/keyless", Value::Null, "spec.signers[ci]", "neither keyless nor keys")]
#[case::keyless_unlogged("/signers/0/proof", json!("InsecureNone"), "spec.signers[ci].proof", "InsecureNone")]
#[case::keyless_without_root(
    "/signers/0/trustRoot",
    Value::Null,
    "spec.signers[ci].trustRoot",
    "no trustRoot"
)]
#[case::empty_issuer("/signers/0/keyless/issuer", json!(""), "spec.signers[ci].keyless.issuer", "empty")]
#[case::subject("/signers/0/keyless/subject", json!("a/{b"), "spec.signers[ci].keyless.subject", "whole segment")]
#[case::claim_pattern("/signers/0/keyless/claims/sourceRepository", json!("a/{b"), "spec.signers[ci].keyless.claims.sourceRepository", "whole segment")]
#[case::claim_name("/signers/0/keyless/claims/branch", json!("main"), "spec.signers[ci].keyless.claims.branch", "no such claim")]
#[case::lone_capture("/signers/0/keyless/claims/sourceRepository", json!("https://example.com/shop/{rep}"), "spec.signers[ci].keyless.claims.sourceRepository", "{rep} stands nowhere else")]
#[case::no_config_map("/signers/0/trustRoot/configMap/name", json!("gone"), "spec.signers[ci].trustRoot.configMap", "there is no ConfigMap \"gone\"")]
#[case::no_key_in_config_map("/signers/0/trustRoot/configMap/key", json!("gone"), "spec.signers[ci].trustRoot.configMap", "has no key \"gone\"")]
#[case::root_is_a_key("/signers/0/trustRoot/configMap", json!({ "name": "scanner", "key": "cosign.pub" }), "spec.signers[ci].trustRoot.configMap", "trusted_root.json")]
#[case::key_is_a_root("/signers/1/keys/0/configMap", json!({ "name": "sigstore", "key": "trusted_root.json" }), "spec.signers[scanner].keys[0].configMap", "PEM blocks")]
#[case::inline_key("/signers/1/keys/0", json!({ "pem": "x" }), "spec.signers[scanner].keys[0].pem", "PEM blocks")]
#[case::one_key_of_two("/signers/1/keys/1", json!({ "pem": "x" }), "spec.signers[scanner].keys[1].pem", "PEM blocks")]
#[case::key_twice("/signers/1/keys/0/pem", json!(KEY), "spec.signers[scanner].keys[0]", "both pem and configMap")]
#[case::key_nowhere("/signers/1/keys/0", json!({}), "spec.signers[scanner].keys[0]", "neither pem nor configMap")]
#[case::logged_key_without_root(
    "/signers/1/proof",
    Value::Null,
    "spec.signers[scanner].trustRoot",
    "no trustRoot"
)]
#[case::sbom_signer("/require/sbom/signedBy", json!(["nobody"]), "spec.require.sbom.signedBy", "no signer \"nobody\"")]
#[case::provenance_signer("/require/aiProvenance/signedBy", json!(["nobody"]), "spec.require.aiProvenance.signedBy", "no signer")]
#[case::scan_signer("/require/vulnerabilityScan/signedBy", json!([]), "spec.require.vulnerabilityScan.signedBy", "names nobody")]
#[case::sbom_age("/require/sbom/maxAge", json!("9d"), "spec.require.sbom.maxAge", "9d")]
#[case::provenance_age("/require/aiProvenance/maxAge", json!("0h"), "spec.require.aiProvenance.maxAge", "zero")]
#[case::scan_age("/require/vulnerabilityScan/maxAge", json!("99999999h"), "spec.require.vulnerabilityScan.maxAge", "at most")]
#[case::unknown_percent("/require/aiProvenance/maxUnknownPercent", json!(101), "spec.require.aiProvenance.maxUnknownPercent", "101")]
#[case::ai_percent("/require/aiProvenance/maxAIPercent", json!(200), "spec.require.aiProvenance.maxAIPercent", "200")]
#[case::no_severity("/require/vulnerabilityScan/atMost", json!({}), "spec.require.vulnerabilityScan.atMost", "no severity")]
#[case::tools_alone("/require/aiProvenance", Value::Null, "spec.tools", "not required")]
#[case::approved_versions("/tools/approved/0/versions", json!("new"), "spec.tools.approved[0].versions", "new")]
#[case::approved_models("/tools/approved/0/models/1", json!("{x"), "spec.tools.approved[0].models[1]", "whole segment")]
#[case::denied_versions("/tools/denied/0/versions", json!("old"), "spec.tools.denied[0].versions", "old")]
#[case::denied_models("/tools/denied/0/models/0", json!(""), "spec.tools.denied[0].models[0]", "empty")]
#[case::denied_from("/tools/denied/0/from", json!("yesterday"), "spec.tools.denied[0].from", "year")]
fn a_fault_is_one_error_with_its_field_and_the_policy_judges_nothing(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] field: &str,
    #[case] found: &str,
) {
    let compiled = compiled(&spec_with(pointer, value));
    let errors = compiled.rules.unwrap_err();
    let [PolicyError { field: at, found: said, wanted, mend }] = errors.as_slice() else {
        panic!("one error, not {errors:#?}")
    };
    assert_eq!(at, field);
    assert!(said.contains(found), "{said}");
    assert!(!wanted.is_empty() && !mend.is_empty());
    assert!(compiled.anchors.is_empty());
}

#[test]
fn a_policy_without_signers_or_requirements_is_no_policy() {
    let first = |spec: &Value| {
        let error = compiled(spec).rules.unwrap_err().swap_remove(0);
        (error.field, error.found)
    };
    let signers = ("spec.signers".to_owned(), "there are none".to_owned());
    assert_eq!(first(&spec_with("/signers", json!([]))), signers);
    let require = ("spec.require".to_owned(), "nothing is required, so every image would pass".to_owned());
    assert_eq!(first(&spec_with("/require", json!({}))), require);
}

#[test]
fn all_faults_are_told_at_once() {
    let mut spec = spec_with("/require/sbom/maxAge", json!("9d"));
    spec["select"]["images"] = json!(["nginx"]);
    spec["signers"][0]["keyless"]["subject"] = json!("");
    let errors = compiled(&spec).rules.unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        ["spec.select.images[0]", "spec.signers[ci].keyless.subject", "spec.require.sbom.maxAge"]
    );
}

#[test]
fn a_fault_reads_as_where_what_wanted_and_how_to_mend_it() {
    let errors = compiled(&spec_with("/require/sbom/maxAge", json!("9d"))).rules.unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "spec.require.sbom.maxAge: \"9d\" is no age; write hours, minutes and seconds, such as 24h, 90m or 1h30m; \
         wanted is an age such as 24h, 90m or 1h30m; correct the age"
    );
}

#[test]
fn a_capture_that_two_claims_share_may_be_absent_from_the_subject() {
    let claims = json!({ "sourceRepository": "https://example.com/{org}/x", "sourceRepositoryOwner": "https://example.com/{org}" });
    assert!(compiled(&spec_with("/signers/0/keyless/claims", claims)).rules.is_ok());
}

#[test]
fn a_policy_that_cannot_be_compiled_still_selects_and_is_undecided() {
    let broken = compiled(&spec_with("/require/sbom/maxAge", json!("9d")));
    assert!(broken.selects(&prod()));
    assert!(!broken.selects(&super::namespace("shop", &[("env", "test")])), "its selector is sound");
    assert!(broken.covers(&repository("registry.example.com/shop/cart")));
    assert!(!broken.covers(&repository("registry.example.com/other/cart")), "its patterns are sound");
    let verdict = broken.invalid().unwrap();
    assert_eq!(verdict.verdict.outcome, Outcome::Undecided);
    assert_eq!(verdict.verdict.findings[0].code, verdict::Code::PolicyInvalid);
    assert!(verdict.verdict.findings[0].found.contains("spec.require.sbom.maxAge"));
    assert!(compiled(&spec()).invalid().is_none());
}

#[test]
fn a_selector_that_cannot_be_read_selects_every_namespace() {
    let expressions = json!([{ "key": "env", "operator": "Like" }]);
    let broken = compiled(&spec_with("/select/namespaces/matchExpressions", expressions));
    assert!(broken.selects(&super::namespace("anything", &[])));
}

#[test]
fn a_pattern_that_cannot_be_read_covers_every_image() {
    let broken = compiled(&spec_with("/select/images/1", json!("nginx")));
    assert!(broken.covers(&repository("docker.io/library/nginx")));
}

#[test]
fn a_policy_is_told_from_an_edited_one_by_its_digest() {
    let one = compiled(&spec()).id.digest;
    assert_eq!(one, compiled(&spec()).id.digest);
    assert_ne!(one, compiled(&spec_with("/mode", json!("Warn"))).id.digest);
}

#[test]
fn a_policy_from_a_file_has_neither_uid_nor_generation() {
    let mut policy = policy("production", &spec()).as_ref().clone();
    policy.metadata.uid = None;
    policy.metadata.generation = None;
    let id = compile(&policy, &materials()).id;
    assert_eq!((id.uid.as_str(), id.generation), ("", 0));
}
