//! Manifests to check, and policies to check them by.

use serde_json::{Value, json};

use crate::registry::{signed_file, subject};

/// A Deployment of one image, in the namespace if there is one.
pub(crate) fn deployment(name: &str, namespace: Option<&str>, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": name, "image": image }] },
            },
        },
    })
}

/// A kind of somebody else's that holds containers.
pub(crate) fn rollout(name: &str) -> Value {
    let mut rollout = deployment(name, Some("shop"), "registry.example.com/shop/cart:1");
    rollout["apiVersion"] = json!("rollouts.example.com/v1");
    rollout["kind"] = json!("Rollout");
    rollout
}

pub(crate) fn namespace(name: &str, labels: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
}

/// The signed image in a repository.
pub(crate) fn signed_image(host: &str, repository: &str) -> String {
    format!("{host}/{repository}@{}", subject())
}

/// A policy for every namespace: SBOM, AI provenance and scan, each signed by the key of [`key`].
pub(crate) fn policy() -> Value {
    json!({
        "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
        "metadata": { "name": "production" },
        "spec": {
            "mode": "Enforce",
            "signers": [{
                "name": "ci",
                "keys": [{ "configMap": { "name": "ci-key", "key": "cosign.pub" } }],
                "proof": "InsecureNone",
            }],
            "require": {
                "sbom": { "signedBy": ["ci"] },
                "aiProvenance": { "signedBy": ["ci"] },
                "vulnerabilityScan": { "signedBy": ["ci"] },
            },
        },
    })
}

/// [`policy`] for the namespaces that a label selects.
pub(crate) fn policy_for(labels: &Value) -> Value {
    let mut policy = policy();
    policy["spec"]["select"] = json!({ "namespaces": { "matchLabels": labels } });
    policy
}

/// The ConfigMap that [`policy`] names.
pub(crate) fn key() -> Value {
    let pem = String::from_utf8(signed_file("cosign.pub")).unwrap();
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "ci-key" }, "data": { "cosign.pub": pem } })
}
