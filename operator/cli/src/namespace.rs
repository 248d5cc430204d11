//! What a manifest says of a namespace: its labels, by which policies select.

use std::collections::BTreeMap;

use serde::Deserialize;
use workload::manifests::Manifest;

/// Labels of namespaces, by name.
pub(crate) type Namespaces = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Deserialize)]
struct Namespace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    labels: Option<BTreeMap<String, String>>,
}

/// Notes the labels, if the manifest is a Namespace.
pub(crate) fn note(manifest: &Manifest, namespaces: &mut Namespaces) -> Result<(), serde_json::Error> {
    if manifest.kind == "Namespace" && manifest.api_version == "v1" {
        let Namespace { metadata } = serde_json::from_str(manifest.object.get())?;
        namespaces.insert(metadata.name, metadata.labels.unwrap_or_default());
    }
    Ok(())
}
