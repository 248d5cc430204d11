//! Policies from files, with the ConfigMaps and Namespaces beside them.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context, bail};
use crds::AIToolPolicy;
use rulebook::{Materials, RuleBook};
use serde::Deserialize;
use workload::manifests::Manifest;

use crate::subjects::{namespace_of, read_manifests};

/// What the policy files hold.
pub(crate) struct Policies {
    pub(crate) rulebook: RuleBook,
    pub(crate) namespaces: BTreeMap<String, BTreeMap<String, String>>,
}

/// The part of a ConfigMap that a policy may name.
#[derive(Deserialize)]
struct ConfigMap {
    data: Option<BTreeMap<String, String>>,
}

/// Reads and compiles. A file without a policy is an error: it would select nothing, and look like a pass.
pub(crate) fn read(files: &[PathBuf], operator_namespace: &str) -> anyhow::Result<Policies> {
    let mut policies: Vec<Arc<AIToolPolicy>> = Vec::new();
    let mut materials = Materials::default();
    let mut namespaces = BTreeMap::new();
    for file in files {
        for manifest in read_manifests(file)? {
            let shown = || format!("{}: {} {}", file.display(), manifest.kind, manifest.name.as_deref().unwrap_or(""));
            match manifest.kind.as_str() {
                "AIToolPolicy" => policies.push(Arc::new(policy(&manifest).with_context(shown)?)),
                "ConfigMap" if in_namespace(&manifest, operator_namespace) => {
                    let map: ConfigMap = serde_json::from_str(manifest.object.get()).with_context(shown)?;
                    let name = manifest.name.clone().with_context(shown)?;
                    materials.config_maps.insert(name, map.data.unwrap_or_default());
                }
                _ => {
                    if let Some((name, labels)) = namespace_of(&manifest) {
                        namespaces.insert(name, labels);
                    }
                }
            }
        }
    }
    if policies.is_empty() {
        bail!("the policy files hold no AIToolPolicy");
    }
    let rulebook = RuleBook::compile(&policies, &materials);
    Ok(Policies { rulebook, namespaces })
}

/// A file says less than the API server would: defaults are filled in by the type, the rest is checked when compiled.
fn policy(manifest: &Manifest) -> anyhow::Result<AIToolPolicy> {
    let expected = "tidewaiter.dev/v1alpha1";
    if manifest.api_version != expected {
        bail!("apiVersion is {:?}; wanted is {expected:?}", manifest.api_version);
    }
    Ok(serde_json::from_str(manifest.object.get())?)
}

fn in_namespace(manifest: &Manifest, operator_namespace: &str) -> bool {
    manifest.namespace.as_deref().is_none_or(|namespace| namespace == operator_namespace)
}
