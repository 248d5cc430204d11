//! Policies as they are written, compiled and asked.

mod compiling;
mod recompiling;
mod selecting;

use std::sync::Arc;

use crds::AIToolPolicy;
use names::{ImageRef, Repository};
use serde_json::{Value, json};

use crate::{Compiled, Materials, NamespaceFacts, RuleBook, compile};

const ROOT: &str = include_str!("../../trust/testdata/trusted_root.json");
const OTHER_ROOT: &str = include_str!("../../trust/testdata/other_trusted_root.json");
const KEY: &str = include_str!("../../trust/testdata/cosign.pub");
const OTHER_KEY: &str = include_str!("../../trust/testdata/other.pub");

fn materials() -> Materials {
    let entry = |key: &str, text: &str| [(key.to_owned(), text.to_owned())].into();
    Materials {
        config_maps: [
            ("sigstore".to_owned(), entry("trusted_root.json", ROOT)),
            ("scanner".to_owned(), entry("cosign.pub", KEY)),
        ]
        .into(),
    }
}

/// A spec with one keyless signer, one with a key, and every requirement.
fn spec() -> Value {
    json!({
        "mode": "Enforce",
        "select": { "namespaces": { "matchLabels": { "env": "prod" } }, "images": ["registry.example.com/shop/**"] },
        "signers": [
            { "name": "ci",
              "keyless": { "issuer": "https://token.example.com",
                           "subject": "https://example.com/shop/{repo}/.workflows/release.yml@refs/heads/main",
                           "claims": { "sourceRepository": "https://example.com/shop/{repo}" } },
              "trustRoot": { "configMap": { "name": "sigstore", "key": "trusted_root.json" } } },
            { "name": "scanner", "keys": [{ "configMap": { "name": "scanner", "key": "cosign.pub" } }], "proof": "InsecureNone" },
        ],
        "require": {
            "sbom": { "signedBy": ["ci"], "maxAge": "2160h" },
            "aiProvenance": { "signedBy": ["ci"], "maxAge": "1h30m", "minimumGrade": "Observed", "maxUnknownPercent": 20, "maxAIPercent": 80 },
            "vulnerabilityScan": { "signedBy": ["scanner"], "maxAge": "24h", "atMost": { "unknown": 7, "critical": 0, "high": 5 } },
        },
        "tools": {
            "approved": [{ "name": "claude-code", "versions": ">=2", "models": ["anthropic/claude-*"] }],
            "denied": [{ "name": "cursor", "models": ["*/legacy-*"], "reason": "old", "from": "2026-09-01T00:00:00Z" }],
        },
    })
}

/// The spec above with the value at a pointer replaced; `null` removes it.
fn spec_with(pointer: &str, value: Value) -> Value {
    let mut spec = spec();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = spec.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}"));
    match (parent, value) {
        (Value::Object(fields), Value::Null) => {
            fields.remove(last);
        }
        (Value::Object(fields), value) => {
            fields.insert(last.to_owned(), value);
        }
        (Value::Array(entries), value) => {
            let index: usize = last.parse().unwrap();
            if index == entries.len() { entries.push(value) } else { entries[index] = value }
        }
        (other, _) => panic!("{other} has no {last}"),
    }
    spec
}

fn policy(name: &str, spec: &Value) -> Arc<AIToolPolicy> {
    let object = json!({ "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
                         "metadata": { "name": name, "uid": format!("uid-{name}"), "generation": 1 }, "spec": spec });
    Arc::new(serde_json::from_value(object).unwrap())
}

fn compiled(spec: &Value) -> Compiled {
    compile(&policy("production", spec), &materials())
}

fn book(policies: &[(&str, Value)]) -> RuleBook {
    let policies: Vec<_> = policies.iter().map(|(name, spec)| policy(name, spec)).collect();
    RuleBook::compile(&policies, &materials())
}

fn repository(reference: &str) -> Repository {
    ImageRef::parse(reference).unwrap().repository().clone()
}

fn namespace(name: &str, labels: &[(&str, &str)]) -> NamespaceFacts {
    let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    NamespaceFacts { name: name.to_owned(), labels }
}

fn prod() -> NamespaceFacts {
    namespace("shop", &[("env", "prod")])
}
