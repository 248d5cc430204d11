//! Each fault as it is told: where, what, what is wanted, how to mend it. Faults of selectors, and of keys and roots
//! that are named, have files of their own.

mod materials_named;
mod selectors;

use rstest::rstest;

use super::{FULL, SHORT, edited, materials, policy};
use crate::{Materials, compile};

fn faults_with(yaml: &str, materials: &Materials) -> Vec<String> {
    match compile(&policy(yaml), materials).rules {
        Ok(rules) => panic!("it compiled: {rules:?}"),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

fn faults(yaml: &str) -> Vec<String> {
    faults_with(yaml, &materials())
}

const SUBJECT: &str = "https://git.example.com/shop/{repo}/release.yml@refs/heads/main";
const CLAIMS: &str = r#"{ sourceRepository: "https://git.example.com/shop/{repo}" }"#;
const KEYLESS: &str = "    keyless: { issuer: 'https://token.example.com', subject: 'x' }\n";
const KEYS: &str = "    keys:\n    - configMap: { name: scanner-pub, key: cosign.pub }\n";
const CONFIG_MAP: &str = "    - configMap: { name: scanner-pub, key: cosign.pub }\n";
const TRUST_ROOT: &str = "    trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }\n";

#[rstest]
#[case::keyless_without_root(
    TRUST_ROOT,
    "",
    "spec.signers[ci].trustRoot: a keyless signer has no trustRoot; wanted is trustRoot.configMap; put the \
     trusted_root.json of your Sigstore into a ConfigMap, and name it"
)]
#[case::logged_keys_without_root(
    "proof: InsecureNone",
    "proof: InclusionProof",
    "spec.signers[scanner].trustRoot: keys with proof: InclusionProof have no trustRoot, which names the log; \
     wanted is trustRoot.configMap; put the trusted_root.json of your Sigstore into a ConfigMap, and name it"
)]
#[case::unlogged_keys_with_root(
    "    proof: InsecureNone\n",
    "    proof: InsecureNone\n    trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }\n",
    "spec.signers[scanner].trustRoot: with proof: InsecureNone nothing is looked up in it; wanted is no \
     trustRoot; remove trustRoot, or remove proof to have the log's word demanded"
)]
#[case::keyless_without_log(
    "proof: InclusionProof",
    "proof: InsecureNone",
    "spec.signers[ci].proof: InsecureNone, with which a keyless signature proves nothing once its certificate has \
     ended; wanted is InclusionProof; remove proof"
)]
#[case::keyless_and_keys(
    KEYS, &format!("{KEYLESS}{KEYS}"),
    "spec.signers[scanner]: it has both keyless and keys; wanted is one of them; make two signers of it"
)]
#[case::neither_keyless_nor_keys(
    KEYS,
    "",
    "spec.signers[scanner]: it has neither keyless nor keys; wanted is one of them; add one"
)]
#[case::pem_and_config_map(
    CONFIG_MAP,
    "    - { pem: x, configMap: { name: scanner-pub, key: cosign.pub } }\n",
    "spec.signers[scanner].keys[0]: it has both pem and configMap; wanted is one of them; keep one"
)]
#[case::neither_pem_nor_config_map(
    CONFIG_MAP,
    "    - {}\n",
    "spec.signers[scanner].keys[0]: it has neither pem nor configMap; wanted is one of them; add one"
)]
#[case::duplicate_signer(
    "  require:\n",
    "  - { name: scanner, keys: [{ configMap: { name: scanner-pub, key: cosign.pub } }], proof: InsecureNone }\n  require:\n",
    "spec.signers[scanner]: 2 signers have this name; wanted is one signer of each name; rename the others"
)]
#[case::issuer(
    "issuer: https://token.example.com",
    "issuer: ''",
    "spec.signers[ci].keyless.issuer: it is empty; wanted is the URL of an identity provider; write it out"
)]
#[case::subject(
    SUBJECT,
    "https://git.example.com/shop/release.yml**@refs/heads/main",
    "spec.signers[ci].keyless.subject: in \"release.yml**@refs\", \"**\" must stand alone between two slashes; wanted is a \
     pattern: * inside a segment, ** for several, {name} for one that repeats; correct the pattern"
)]
#[case::mail_address(
    SUBJECT,
    "'jane{@example.com'",
    "spec.signers[ci].keyless.subject: it is no pattern (and is not shown, for it looks like a mail address); \
     wanted is a pattern: * inside a segment, ** for several, {name} for one that repeats; correct the pattern"
)]
#[case::claims_pattern(
    CLAIMS,
    "{ buildTrigger: '' }",
    "spec.signers[ci].keyless.claims.buildTrigger: a pattern may not be empty; wanted is a pattern: * inside a \
     segment, ** for several, {name} for one that repeats; correct the pattern"
)]
#[case::claim(
    CLAIMS,
    "{ buildConfigURI: x }",
    "spec.signers[ci].keyless.claims.buildConfigURI: there is no such claim; wanted is one of buildConfigUri, \
     buildSignerUri, buildTrigger, deploymentEnvironment, runnerEnvironment, sourceRepository, \
     sourceRepositoryDigest, sourceRepositoryOwner, sourceRepositoryRef, sourceRepositoryVisibility; correct the name"
)]
#[case::capture_that_binds_nothing(
    CLAIMS,
    "{ sourceRepository: 'https://git.example.com/shop/{rpo}' }",
    "spec.signers[ci].keyless.claims.sourceRepository: {rpo} stands nowhere else in this signer; wanted is a name \
     that the subject or another claim repeats; correct the name, or write * for any one segment"
)]
#[case::image_without_host(
    r#"["registry.example.com/shop/**"]"#,
    r#"["registry.example.com/shop/**", "shop/cart"]"#,
    "spec.select.images[1]: \"shop/cart\" names no registry host; write it out, as in \"docker.io/library/nginx\"; \
     wanted is a pattern over host/repository, such as registry.example.com/shop/**; correct the pattern"
)]
#[case::age_of_sbom(
    "maxAge: 2160h",
    "maxAge: 0h",
    "spec.require.sbom.maxAge: an age may not be zero; wanted is an age such as 24h, 90m or 1h30m; correct the age"
)]
#[case::age_of_provenance(
    "maxAge: 720h",
    "maxAge: 99999h",
    "spec.require.aiProvenance.maxAge: an age is at most 87600h; wanted is an age such as 24h, 90m or 1h30m; \
     correct the age"
)]
#[case::unknown_signer(
    "sbom: { signedBy: [ci]",
    "sbom: { signedBy: [ci, cl]",
    "spec.require.sbom.signedBy: spec.signers has no signer \"cl\"; wanted is the name of a signer; correct the \
     name, or add the signer"
)]
#[case::signed_by_nobody(
    "signedBy: [ci, scanner]",
    "signedBy: []",
    "spec.require.aiProvenance.signedBy: it names nobody; wanted is the name of a signer; name one"
)]
#[case::unknown_percent(
    "maxUnknownPercent: 20",
    "maxUnknownPercent: 101",
    "spec.require.aiProvenance.maxUnknownPercent: 101 is more than a hundred; wanted is 0 to 100; correct the number"
)]
#[case::ai_percent(
    "maxAIPercent: 80",
    "maxAIPercent: 255",
    "spec.require.aiProvenance.maxAIPercent: 255 is more than a hundred; wanted is 0 to 100; correct the number"
)]
#[case::at_most_of_nothing(
    "{ critical: 0, high: 5, medium: 10, low: 20, negligible: 30, unknown: 40 }",
    "{}",
    "spec.require.vulnerabilityScan.atMost: it names no severity; wanted is at least one; add critical: 0, or \
     remove atMost"
)]
#[case::versions_of_approved(
    "\">=2\"",
    "\">=two\"",
    "spec.tools.approved[0].versions: version bound \">=two\" cannot be read: \"two\" is no version; it has one to \
     four numbers with dots between; wanted is versions such as >=2, or >=0.69.4, <=0.69.6; correct the versions"
)]
#[case::models_of_approved(
    "\"anthropic/claude-*\"",
    "\"anthropic/{model\"",
    "spec.tools.approved[0].models[0]: in \"{model\", \"{name}\" must be a whole segment, its name of a-z, 0-9, _ \
     or -, at most 32 long; wanted is a pattern over provider/model, such as anthropic/claude-*; correct the pattern"
)]
#[case::versions_of_denied(
    "\"<2\"",
    "\"\"",
    "spec.tools.denied[0].versions: version bound \"\" cannot be read: \"\" is no version; it has one to four \
     numbers with dots between; wanted is versions such as >=2, or >=0.69.4, <=0.69.6; correct the versions"
)]
#[case::models_of_denied(
    "\"*/legacy-*\"",
    "\"**/**\"",
    "spec.tools.denied[0].models[0]: a pattern has at most one \"**\"; wanted is a pattern over provider/model, \
     such as anthropic/claude-*; correct the pattern"
)]
fn a_fault_says_where_what_what_is_wanted_and_how_to_mend_it(
    #[case] from: &str,
    #[case] to: &str,
    #[case] fault: &str,
) {
    assert_eq!(faults(&edited(FULL, from, to)), [fault]);
}

#[rstest]
#[case::words("next week")]
#[case::no_zone("2026-09-01T00:00:00")]
#[case::no_time("2026-09-01")]
fn an_instant_that_is_none_is_told(#[case] from: &str) {
    let fault = format!(
        "spec.tools.denied[0].from: {from:?} is no instant with a time zone; wanted is an instant such as \
         2026-09-01T00:00:00Z; correct the instant"
    );
    assert_eq!(faults(&edited(FULL, "2026-09-01T00:00:00Z", from)), [fault]);
}

#[test]
fn a_policy_that_requires_nothing_is_refused() {
    let (head, _) = SHORT.split_once("  require:").unwrap();
    assert_eq!(
        faults(&format!("{head}  require: {{}}\n")),
        ["spec.require: nothing is required, so every image would pass; wanted is at least one of sbom, \
             aiProvenance and vulnerabilityScan; add a requirement"]
    );
}

#[test]
fn tools_without_ai_provenance_are_refused() {
    assert_eq!(
        faults(&format!("{SHORT}  tools: {{ unlisted: Allow }}\n")),
        [
            "spec.tools: tools are read from AI provenance, which is not required; wanted is require.aiProvenance \
             beside tools; add require.aiProvenance, or remove tools"
        ]
    );
}

#[test]
fn a_policy_without_signers_is_refused() {
    let (head, tail) = SHORT.split_once("  signers:").unwrap();
    let (_, require) = tail.split_once("  require:").unwrap();
    assert_eq!(
        faults(&format!("{head}  signers: []\n  require:{require}")),
        [
            "spec.signers: there are none; wanted is at least one signer; add a signer",
            "spec.require.vulnerabilityScan.signedBy: spec.signers has no signer \"scanner\"; wanted is the name \
             of a signer; correct the name, or add the signer"
        ]
    );
}

#[test]
fn all_faults_are_told_at_once_and_in_the_order_of_the_policy() {
    let broken = [
        (r#""registry.example.com/shop/**""#, r#""shop/**""#),
        (
            "{ matchLabels: { env: prod } }",
            "{ matchExpressions: [{ key: a, operator: Is }, { key: b, operator: In }] }",
        ),
        ("issuer: https://token.example.com", "issuer: ''"),
        (SUBJECT, "'{'"),
        (CLAIMS, "{ buildTrigger: '{', color: red }"),
        ("name: sigstore", "name: gone"),
        (CONFIG_MAP, "    - pem: x\n    - {}\n"),
        ("maxAge: 2160h", "maxAge: 9d"),
        ("maxAIPercent: 80", "maxAIPercent: 101"),
        ("\">=2\"", "\"two\""),
        ("\"*/legacy-*\"", "\"{\", \"}\""),
    ]
    .into_iter()
    .fold(FULL.to_owned(), |text, (from, to)| edited(&text, from, to));
    let fields: Vec<_> = compile(&policy(&broken), &materials())
        .rules
        .unwrap_err()
        .into_iter()
        .map(|fault| fault.field)
        .collect();
    assert_eq!(
        fields,
        [
            "spec.select.namespaces.matchExpressions[0]",
            "spec.select.namespaces.matchExpressions[1]",
            "spec.select.images[0]",
            "spec.signers[ci].keyless.issuer",
            "spec.signers[ci].keyless.subject",
            "spec.signers[ci].keyless.claims.buildTrigger",
            "spec.signers[ci].keyless.claims.color",
            "spec.signers[ci].trustRoot.configMap",
            "spec.signers[scanner].keys[0].pem",
            "spec.signers[scanner].keys[1]",
            "spec.require.sbom.maxAge",
            "spec.require.aiProvenance.maxAIPercent",
            "spec.tools.approved[0].versions",
            "spec.tools.denied[0].models[0]",
            "spec.tools.denied[0].models[1]",
        ]
    );
}
