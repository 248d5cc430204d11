//! Policies from files, with the ConfigMaps and Namespaces beside them.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::{Context, bail, ensure};
use crds::AIToolPolicy;
use rulebook::{Materials, RuleBook};
use serde::Deserialize;
use workload::manifests::Manifest;

use crate::{
    input,
    namespace::{self, Namespaces},
};

/// The version that is read.
const API_VERSION: &str = "tidewaiter.dev/v1alpha1";

/// What the policy files hold.
pub(crate) struct Policies {
    pub(crate) rulebook: RuleBook,
    pub(crate) namespaces: Namespaces,
}

/// The part of a ConfigMap that a policy may name.
#[derive(Deserialize)]
struct ConfigMap {
    data: Option<BTreeMap<String, String>>,
}

/// Reads and compiles. Files without a policy are an error: they would select nothing, and look like a pass.
pub(crate) fn read(files: &[PathBuf], operator_namespace: &str) -> anyhow::Result<Policies> {
    let mut policies: BTreeMap<String, Arc<AIToolPolicy>> = BTreeMap::new();
    let mut materials = Materials::default();
    let mut namespaces = BTreeMap::new();
    for file in files {
        for manifest in input::read(file)? {
            let name = manifest.name.clone().unwrap_or_default();
            let shown = || format!("{}: {} {name:?} cannot be read", file.display(), manifest.kind);
            match (manifest.api_version.as_str(), manifest.kind.as_str()) {
                (_, "AIToolPolicy") => {
                    let policy = Arc::new(policy(&manifest).with_context(shown)?);
                    let twin = policies.insert(name.clone(), policy);
                    ensure!(twin.is_none(), "the policy files hold two AIToolPolicies of the name {name:?}");
                }
                ("v1", "ConfigMap") if is_in(&manifest, operator_namespace) => {
                    let map: ConfigMap = serde_json::from_str(manifest.object.get()).with_context(shown)?;
                    materials.config_maps.insert(name, map.data.unwrap_or_default());
                }
                _ => namespace::note(&manifest, &mut namespaces).with_context(shown)?,
            }
        }
    }
    ensure!(!policies.is_empty(), "the policy files hold no AIToolPolicy");
    let policies: Vec<_> = policies.into_values().collect();
    Ok(Policies { rulebook: RuleBook::compile(&policies, &materials), namespaces })
}

/// As strict as `kubectl apply`: a misspelt field would be a rule that nobody asks for. What the schema says
/// beside types is checked when the policy is compiled.
fn policy(manifest: &Manifest) -> anyhow::Result<AIToolPolicy> {
    ensure!(
        manifest.api_version == API_VERSION,
        "apiVersion is {:?}; wanted is {API_VERSION:?}",
        manifest.api_version
    );
    ensure!(manifest.name.as_deref().is_some_and(|name| !name.is_empty()), "it has no metadata.name");
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_str(manifest.object.get());
    let policy = serde_ignored::deserialize(&mut json, |path| {
        // Optional fields show as a step `?` of their own.
        let path = path.to_string().replace(".?", "");
        // These two say which type to read, and are no part of it.
        if path != "apiVersion" && path != "kind" {
            unknown.push(path);
        }
    })?;
    if !unknown.is_empty() {
        bail!("an AIToolPolicy has no field {}", unknown.join(", "));
    }
    Ok(policy)
}

/// A file may leave the namespace to whoever applies it.
fn is_in(manifest: &Manifest, operator_namespace: &str) -> bool {
    manifest.namespace.as_deref().is_none_or(|namespace| namespace == operator_namespace)
}
