//! The policy that tests begin with, as a platform engineer would write it.

use anyhow::Result;
use serde_json::{Value, json};

use super::{KEY, ROOT, Tidewaiter, merge};

impl Tidewaiter<'_> {
    /// A policy called `name` for namespaces labelled `policy: NAME`: everything required, the workflow and the key
    /// believed, one tool approved. `changes` is laid over its spec.
    #[must_use]
    pub fn policy(&self, name: &str, changes: Value) -> Value {
        let believed = json!(["ci", "key"]);
        let mut spec = json!({
            "mode": "Enforce",
            "select": { "namespaces": { "matchLabels": { "policy": name } } },
            "signers": [
                {
                    "name": "ci",
                    "keyless": { "issuer": self.sigstore.issuer(), "subject": self.workflow.identity() },
                    "trustRoot": { "configMap": { "name": ROOT.0, "key": ROOT.1 } },
                },
                {
                    "name": "key",
                    "keys": [{ "configMap": { "name": KEY.0, "key": KEY.1 } }],
                    "proof": "InsecureNone",
                },
            ],
            "require": {
                "sbom": { "signedBy": believed, "maxAge": "2160h" },
                "aiProvenance": { "signedBy": believed, "minimumGrade": "Observed", "maxUnknownPercent": 20 },
                "vulnerabilityScan": { "signedBy": believed, "maxAge": "24h", "atMost": { "critical": 0 } },
            },
            "tools": {
                "unlisted": "Deny",
                "approved": [{ "name": "claude-code", "versions": ">=2", "models": ["anthropic/claude-*"] }],
            },
        });
        merge(&mut spec, changes);
        json!({
            "apiVersion": "tidewaiter.dev/v1alpha1",
            "kind": "AIToolPolicy",
            "metadata": { "name": name },
            "spec": spec,
        })
    }

    /// Applies [`Self::policy`] and makes a namespace of the same name that it selects.
    ///
    /// # Errors
    /// When the API server does not take either.
    pub async fn guarded_namespace(&self, name: &str, changes: Value) -> Result<()> {
        let policy = self.policy(name, changes);
        self.world().apply(&policy.to_string()).await?;
        self.namespace(name, json!({ "policy": name })).await
    }
}
