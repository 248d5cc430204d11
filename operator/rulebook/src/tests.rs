//! Policies as people write them, compiled over real keys and roots.

mod faults;
mod fields;
mod images;
mod namespaces;
mod recompiled;
mod signers;
mod unjudgeable;

use std::sync::Arc;

use crds::AIToolPolicy;
use names::{Digest, Repository};

use crate::{Compiled, Materials, NamespaceFacts, RuleBook, compile};

const ROOT: &str = include_str!("../../trust/testdata/trusted_root.json");
const OTHER_ROOT: &str = include_str!("../../trust/testdata/other_trusted_root.json");
const KEY: &str = include_str!("../../trust/testdata/cosign.pub");
const OTHER_KEY: &str = include_str!("../../trust/testdata/other.pub");

/// Every field of the API once, so that a test needs to change one thing only.
const FULL: &str = r#"
apiVersion: tidewaiter.dev/v1alpha1
kind: AIToolPolicy
metadata: { name: production, uid: 5f3c, generation: 7 }
spec:
  mode: Enforce
  onUndecided: Deny
  tags: Pin
  select:
    namespaces: { matchLabels: { env: prod } }
    images: ["registry.example.com/shop/**"]
    otherImages: Deny
  signers:
  - name: ci
    keyless:
      issuer: https://token.example.com
      subject: https://git.example.com/shop/{repo}/release.yml@refs/heads/main
      claims: { sourceRepository: "https://git.example.com/shop/{repo}" }
    trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }
    proof: InclusionProof
  - name: scanner
    keys:
    - configMap: { name: scanner-pub, key: cosign.pub }
    proof: InsecureNone
  require:
    sbom: { signedBy: [ci], maxAge: 2160h }
    aiProvenance:
      signedBy: [ci, scanner]
      maxAge: 720h
      minimumGrade: Observed
      maxUnknownPercent: 20
      maxAIPercent: 80
    vulnerabilityScan:
      signedBy: [scanner]
      maxAge: 24h
      atMost: { critical: 0, high: 5, medium: 10, low: 20, negligible: 30, unknown: 40 }
  tools:
    unlisted: Deny
    approved:
    - { name: claude-code, versions: ">=2", models: ["anthropic/claude-*"] }
    denied:
    - { name: cursor, versions: "<2", models: ["*/legacy-*"], reason: fails the injection suite, from: "2026-09-01T00:00:00Z" }
"#;

/// Nothing that may be absent is there.
const SHORT: &str = r#"
apiVersion: tidewaiter.dev/v1alpha1
kind: AIToolPolicy
metadata: { name: short }
spec:
  mode: Warn
  signers:
  - name: scanner
    keys:
    - configMap: { name: scanner-pub, key: cosign.pub }
    proof: InsecureNone
  require:
    vulnerabilityScan: { signedBy: [scanner] }
"#;

/// The text with `from`, which stands in it once, made `to`.
fn edited(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} must stand once in the policy");
    text.replace(from, to)
}

fn policy(yaml: &str) -> Arc<AIToolPolicy> {
    Arc::new(serde_saphyr::from_str(yaml).expect("a policy"))
}

/// [`SHORT`] under another name, with `select` and whatever else `spec` is to hold.
fn policy_named(name: &str, spec: &str) -> Arc<AIToolPolicy> {
    let named = edited(SHORT, "name: short", &format!("name: {name}"));
    policy(&edited(&named, "  mode: Warn\n", &format!("{spec}\n")))
}

fn materials() -> Materials {
    let map = |key: &str, text: &str| [(key.to_owned(), text.to_owned())].into();
    let config_maps = [
        ("sigstore".to_owned(), map("trusted_root.json", ROOT)),
        ("scanner-pub".to_owned(), map("cosign.pub", KEY)),
    ];
    Materials { config_maps: config_maps.into() }
}

fn set(materials: &mut Materials, name: &str, key: &str, text: &str) {
    materials.config_maps.entry(name.to_owned()).or_default().insert(key.to_owned(), text.to_owned());
}

fn compiled(yaml: &str) -> Compiled {
    compile(&policy(yaml), &materials())
}

fn book(policies: &[Arc<AIToolPolicy>]) -> RuleBook {
    RuleBook::compile(policies, &materials())
}

fn namespace(name: &str, labels: &[(&str, &str)]) -> NamespaceFacts {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    NamespaceFacts { name: name.to_owned(), labels }
}

fn repository(image: &str) -> Repository {
    names::ImageRef::parse(image).unwrap().repository().clone()
}

fn root_digest(json: &str) -> Digest {
    Digest::sha256(json.as_bytes())
}

fn key_digest(pem: &str) -> Digest {
    trust::PublicKey::from_pem(pem).unwrap().digest().clone()
}
