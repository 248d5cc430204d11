//! Bundles, keys and roots that real tools made, and policies over them as they are written.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use bytes::Bytes;
use crds::AIToolPolicy;
use jiff::Timestamp;
use names::Digest;
use rulebook::{Materials, NamespaceFacts, RuleBook, Selection};
use serde_json::Value;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../trust/testdata").join(name)
}

fn text(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the bundles are about and when all of them verify.
pub(crate) struct Signed {
    pub(crate) subject: Digest,
    pub(crate) other_subject: Digest,
    pub(crate) checked_at: Timestamp,
    identity: String,
    issuer: String,
}

pub(crate) fn signed() -> Signed {
    let signed: Value = serde_json::from_str(&text("signed.json")).unwrap();
    let field = |name: &str| signed[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
    Signed {
        subject: Digest::parse(&field("subject")).unwrap(),
        other_subject: Digest::parse(&field("otherSubject")).unwrap(),
        checked_at: field("checkedAt").parse().unwrap(),
        identity: field("identity"),
        issuer: field("issuer"),
    }
}

/// The bundle of that name, as in `keyless-sbom`.
pub(crate) fn bundle(name: &str) -> Bytes {
    text(&format!("cosign-3.1.3-{name}.sigstore.json")).into()
}

/// The ConfigMaps that the policies name.
pub(crate) fn config_maps() -> BTreeMap<String, BTreeMap<String, String>> {
    let map = |key: &str, file: &str| BTreeMap::from([(key.to_owned(), text(file))]);
    BTreeMap::from([
        ("sigstore".to_owned(), map("trusted_root.json", "trusted_root.json")),
        ("other-sigstore".to_owned(), map("trusted_root.json", "other_trusted_root.json")),
        ("ci-pub".to_owned(), map("cosign.pub", "cosign.pub")),
        ("other-pub".to_owned(), map("cosign.pub", "other.pub")),
    ])
}

/// A policy as somebody wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    name: String,
    yaml: String,
}

impl Written {
    fn new(name: &str, signer: &str) -> Self {
        let yaml = format!(
            r#"
mode: Enforce
tags: Pin
onUndecided: Deny
select:
  images: ["registry.example.com/shop/*"]
  otherImages: Deny
signers:
- name: ci
{signer}
require:
  sbom: {{ signedBy: [ci] }}
  aiProvenance: {{ signedBy: [ci] }}
  vulnerabilityScan: {{ signedBy: [ci] }}
"#
        );
        Self { name: name.to_owned(), yaml }
    }

    /// The same with one thing written otherwise.
    pub(crate) fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.yaml.contains(old), "{old} is not in {}", self.yaml);
        self.yaml = self.yaml.replace(old, new);
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Another text is another generation.
    pub(crate) fn generation(&self) -> usize {
        self.yaml.len()
    }

    pub(crate) fn spec(&self) -> Value {
        serde_saphyr::from_str(&self.yaml).unwrap_or_else(|error| panic!("{error}: {}", self.yaml))
    }

    fn object(&self) -> Arc<AIToolPolicy> {
        let mut policy = AIToolPolicy::new(&self.name, serde_json::from_value(self.spec()).unwrap());
        policy.metadata.uid = Some(format!("uid-of-{}", self.name));
        policy.metadata.generation = Some(1);
        Arc::new(policy)
    }
}

/// Everything is signed by the workflow, under the private Sigstore.
pub(crate) fn keyless(name: &str) -> Written {
    let Signed { identity, issuer, .. } = signed();
    let signer = format!(
        r#"  keyless: {{ issuer: "{issuer}", subject: "{identity}" }}
  trustRoot: {{ configMap: {{ name: sigstore, key: trusted_root.json }} }}"#
    );
    Written::new(name, &signer)
}

/// Everything is signed by the key, without a log.
pub(crate) fn key_signed(name: &str) -> Written {
    let signer = r#"  keys: [{ configMap: { name: ci-pub, key: cosign.pub } }]
  proof: InsecureNone"#;
    Written::new(name, signer)
}

pub(crate) fn book(policies: &[Written]) -> RuleBook {
    let policies: Vec<_> = policies.iter().map(Written::object).collect();
    RuleBook::compile(&policies, &Materials { config_maps: config_maps() })
}

/// The policies that select the namespace `shop`.
pub(crate) fn select(policies: &[Written]) -> Selection {
    book(policies).select(&NamespaceFacts { name: "shop".to_owned(), labels: BTreeMap::new() })
}
