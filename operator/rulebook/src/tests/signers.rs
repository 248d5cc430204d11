//! Who signs, by what, under which roots and keys.

use std::sync::Arc;

use rstest::rstest;
use trust::{Anchor, AnchorId};
use verdict::{ClaimName, LogDemand, Proves, Signer};

use super::{
    FULL, KEY, OTHER_KEY, OTHER_ROOT, ROOT, compiled, edited, key_digest, materials, policy, root_digest, set,
};
use crate::{Compiled, Materials, compile};

/// The same key inline, indented to where a policy wants it.
fn inline(pem: &str) -> String {
    format!("    - pem: |\n{}", pem.lines().map(|line| format!("        {line}\n")).collect::<String>())
}

fn signer(compiled: &Compiled, index: usize) -> Signer {
    compiled.rules.as_ref().unwrap().signers[index].clone()
}

/// Everything about the signer `ci`: root, issuer, subject, claims.
fn keyless(compiled: &Compiled) -> (names::Digest, String, String, Vec<(ClaimName, String)>) {
    match signer(compiled, 0).proves {
        Proves::Keyless { root, issuer, subject, claims } => {
            let claims = claims.into_iter().map(|(name, pattern)| (name, pattern.to_string())).collect();
            (root, issuer, subject.to_string(), claims)
        }
        other @ Proves::Keys { .. } => panic!("{other:?}"),
    }
}

/// Everything about the signer `scanner`: keys, root, what a log must show.
fn keys(compiled: &Compiled) -> (Vec<names::Digest>, Option<names::Digest>, LogDemand) {
    let signer = signer(compiled, 1);
    match signer.proves {
        Proves::Keys { keys, root } => (keys, root, signer.log),
        other @ Proves::Keyless { .. } => panic!("{other:?}"),
    }
}

const SUBJECT: &str = "https://git.example.com/shop/{repo}/release.yml@refs/heads/main";

fn source(pattern: &str) -> Vec<(ClaimName, String)> {
    vec![(ClaimName::SourceRepository, pattern.to_owned())]
}

#[test]
fn a_keyless_signer_is_its_root_issuer_subject_and_claims() {
    let expected = (
        root_digest(ROOT),
        "https://token.example.com".to_owned(),
        SUBJECT.to_owned(),
        source("https://git.example.com/shop/{repo}"),
    );
    let compiled = compiled(FULL);
    assert_eq!(keyless(&compiled), expected);
    assert_eq!(
        (signer(&compiled, 0).name, signer(&compiled, 0).log),
        ("ci".to_owned(), LogDemand::InclusionProof)
    );
}

#[test]
fn another_issuer_is_another_signer() {
    let compiled = compiled(&edited(FULL, "https://token.example.com", "https://token.example.com/"));
    assert_eq!(keyless(&compiled).1, "https://token.example.com/");
}

#[test]
fn another_subject_is_another_signer() {
    let compiled = compiled(&edited(FULL, SUBJECT, "https://git.example.com/**/{repo}/x.yml"));
    assert_eq!(keyless(&compiled).2, "https://git.example.com/**/{repo}/x.yml");
}

#[rstest]
fn each_claim_is_demanded(#[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)] index: usize) {
    let claim = ClaimName::ALL[index];
    let from = r#"{ sourceRepository: "https://git.example.com/shop/{repo}" }"#;
    let compiled = compiled(&edited(FULL, from, &format!("{{ {claim}: \"some/*\" }}")));
    assert_eq!(keyless(&compiled).3, [(claim, "some/*".to_owned())]);
}

#[test]
fn the_claims_that_can_be_written_are_those_that_can_be_judged() {
    let mut judged = ClaimName::ALL.map(ClaimName::as_str);
    judged.sort_unstable();
    assert_eq!(judged, crds::ai_tool_policy::CLAIMS);
}

#[test]
fn several_claims_are_all_demanded_and_may_repeat_a_name_among_themselves() {
    let from = r#"{ sourceRepository: "https://git.example.com/shop/{repo}" }"#;
    let to = r#"{ sourceRepository: "https://{host}/x", sourceRepositoryOwner: "{host}", runnerEnvironment: self-hosted }"#;
    let mut names: Vec<_> =
        keyless(&compiled(&edited(FULL, from, to))).3.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [ClaimName::SourceRepository, ClaimName::SourceRepositoryOwner, ClaimName::RunnerEnvironment]
    );
}

#[test]
fn the_trust_root_is_the_one_that_is_named() {
    let mut materials = materials();
    set(&mut materials, "sigstore", "other.json", OTHER_ROOT);
    let compiled = compile(&policy(&edited(FULL, "key: trusted_root.json", "key: other.json")), &materials);
    assert_eq!(keyless(&compiled).0, root_digest(OTHER_ROOT));
    set(&mut materials, "private", "trusted_root.json", OTHER_ROOT);
    let compiled = compile(&policy(&edited(FULL, "name: sigstore", "name: private")), &materials);
    assert_eq!(keyless(&compiled).0, root_digest(OTHER_ROOT));
}

#[test]
fn a_key_comes_from_its_config_map_or_stands_in_the_policy() {
    assert_eq!(keys(&compiled(FULL)).0, [key_digest(KEY)]);
    let written = "    - configMap: { name: scanner-pub, key: cosign.pub }\n";
    let compiled = compile(&policy(&edited(FULL, written, &inline(OTHER_KEY))), &materials());
    assert_eq!(keys(&compiled).0, [key_digest(OTHER_KEY)]);
}

#[rstest]
#[case::config_map("name: scanner-pub", "name: rotated")]
#[case::key("key: cosign.pub", "key: next.pub")]
fn a_key_is_the_one_that_is_named(#[case] from: &str, #[case] to: &str) {
    let mut materials = materials();
    set(&mut materials, "scanner-pub", "next.pub", OTHER_KEY);
    set(&mut materials, "rotated", "cosign.pub", OTHER_KEY);
    let compiled = compile(&policy(&edited(FULL, from, to)), &materials);
    assert_eq!(keys(&compiled).0, [key_digest(OTHER_KEY)]);
}

#[test]
fn each_of_several_keys_may_sign_and_is_verified_against() {
    let written = "    - configMap: { name: scanner-pub, key: cosign.pub }\n";
    let compiled = compiled(&edited(FULL, written, &format!("{written}{}", inline(OTHER_KEY))));
    assert_eq!(keys(&compiled).0, [key_digest(KEY), key_digest(OTHER_KEY)]);
    let anchors: Vec<_> = compiled.anchors.iter().map(|anchor| anchor.id()).collect();
    assert_eq!(
        anchors,
        [
            AnchorId::Root(root_digest(ROOT)),
            AnchorId::Key(key_digest(KEY)),
            AnchorId::Key(key_digest(OTHER_KEY))
        ]
    );
}

#[test]
fn a_key_without_a_log_rests_on_no_root() {
    let compiled = compiled(FULL);
    assert_eq!(keys(&compiled), (vec![key_digest(KEY)], None, LogDemand::InsecureNone));
    let Anchor::Key { root, .. } = compiled.anchors[1].as_ref() else { panic!("{:?}", compiled.anchors) };
    assert!(root.is_none());
}

#[rstest]
#[case::written("    proof: InclusionProof\n")]
#[case::by_default("")]
fn a_logged_key_rests_on_the_root_that_names_the_log(#[case] proof: &str) {
    let compiled = compile(&logged_key(proof), &materials());
    assert_eq!(keys(&compiled), (vec![key_digest(KEY)], Some(root_digest(ROOT)), LogDemand::InclusionProof));
    let logged =
        compiled.anchors.iter().find(|anchor| anchor.id() == AnchorId::Key(key_digest(KEY))).unwrap();
    assert_eq!(logged.root().map(|root| root.digest().clone()), Some(root_digest(ROOT)));
}

fn logged_key(proof: &str) -> Arc<crds::AIToolPolicy> {
    let root = "    trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }\n";
    policy(&edited(FULL, "    proof: InsecureNone\n", &format!("{root}{proof}")))
}

#[test]
fn a_root_without_certificate_authorities_does_for_logged_keys() {
    let logs_only = without("certificateAuthorities");
    let mut materials = materials();
    set(&mut materials, "log", "trusted_root.json", &logs_only);
    let root = "    trustRoot: { configMap: { name: log, key: trusted_root.json } }\n";
    let compiled = compile(&policy(&edited(FULL, "    proof: InsecureNone\n", root)), &materials);
    assert_eq!(keys(&compiled).1, Some(root_digest(&logs_only)));
}

/// The root with a list of it emptied.
pub(super) fn without(list: &str) -> String {
    let mut root: serde_json::Value = serde_json::from_str(ROOT).unwrap();
    root[list] = serde_json::Value::Array(Vec::new());
    root.to_string()
}

#[test]
fn two_signers_with_one_key_are_verified_against_once() {
    let twin = "  - name: twin\n    keys:\n    - configMap: { name: scanner-pub, key: cosign.pub }\n    proof: InsecureNone\n  require:\n";
    let compiled = compiled(&edited(FULL, "  require:\n", twin));
    assert_eq!(compiled.rules.as_ref().unwrap().signers.len(), 3);
    assert_eq!(compiled.anchors.len(), 2);
}

#[test]
fn one_key_with_and_without_a_log_is_verified_against_both_ways() {
    let twin = "  - name: twin\n    keys:\n    - configMap: { name: scanner-pub, key: cosign.pub }\n    trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }\n  require:\n";
    assert_eq!(compiled(&edited(FULL, "  require:\n", twin)).anchors.len(), 3);
}

#[test]
fn without_config_maps_a_policy_with_an_inline_key_compiles() {
    let written = "    - configMap: { name: scanner-pub, key: cosign.pub }\n";
    let inline = edited(super::SHORT, written, &inline(KEY));
    assert!(compile(&policy(&inline), &Materials::default()).rules.is_ok());
}
