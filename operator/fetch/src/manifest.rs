//! The parts of OCI documents that matter here, and their media types.
//!
//! A descriptor's `urls` are not among them: content is asked of the registry or not at all.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use names::Digest;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::proves;

/// What the referrers API answers with, and what a fallback tag names.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// What a referrer is.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// What a tag may name: OCI and Docker, manifest and list.
pub(crate) const TAGGED: [&str; 4] = [
    INDEX,
    MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
/// [`TAGGED`] as an `Accept` header.
pub(crate) const ACCEPT_TAGGED: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
/// Every version of a Sigstore bundle: `….v0.3+json`, and the older `…+json;version=0.2`.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
/// Annotations that help choosing what to read first; the rest is not kept.
const KEPT: [&str; 3] =
    ["dev.sigstore.bundle.content", "dev.sigstore.bundle.predicateType", "org.opencontainers.image.created"];
/// The longest value of such an annotation that is kept: a predicate type or a date.
const KEPT_BYTES: usize = 512;

/// A list of descriptors. Each is read on its own: one that is malformed names nothing that could be
/// fetched, and must not take the others with it.
#[derive(Deserialize)]
pub(crate) struct Index<'a> {
    #[serde(borrow)]
    manifests: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Entry {
    digest: Digest,
    #[serde(rename = "mediaType", default)]
    media_type: Option<String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(rename = "artifactType", default)]
    artifact_type: Option<String>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Index<'_> {
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = crate::Descriptor> {
        self.manifests.iter().flatten().filter_map(|raw| {
            let entry: Entry = serde_json::from_str(raw.get()).ok()?;
            let mut annotations = entry.annotations.unwrap_or_default();
            annotations.retain(|name, value| KEPT.contains(&name.as_str()) && value.len() <= KEPT_BYTES);
            Some(crate::Descriptor {
                digest: entry.digest,
                media_type: entry.media_type.unwrap_or_default(),
                size: entry.size.unwrap_or_default(),
                artifact_type: entry.artifact_type,
                annotations,
            })
        })
    }
}

/// A referrer's manifest.
#[derive(Deserialize)]
pub(crate) struct Manifest {
    #[serde(default)]
    layers: Option<Vec<Layer>>,
}

/// A layer of a manifest whose digest was checked, so its size is part of what is named.
#[derive(Deserialize)]
pub(crate) struct Layer {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(rename = "mediaType")]
    media_type: String,
    #[serde(default)]
    data: Option<String>,
}

impl Manifest {
    /// The layers that say they are bundles. Whether they are is for those to decide who verify them.
    pub(crate) fn bundles(self) -> Vec<Layer> {
        let mut layers = self.layers.unwrap_or_default();
        layers.retain(|layer| layer.media_type.starts_with(BUNDLE));
        layers
    }
}

impl Layer {
    /// Content embedded in the manifest, if it is what the digest names.
    pub(crate) fn inline(&self) -> Option<Bytes> {
        let body = STANDARD.decode(self.data.as_deref()?).ok()?;
        proves(&self.digest, &body).then(|| body.into())
    }
}
