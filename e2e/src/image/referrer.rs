//! What hangs on an image: bundles as cosign 3 attaches them, and junk.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BUNDLE, Image, MANIFEST, push};
use crate::registry::{Registry, digest_of};

const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// How many pushes run at once where many are made: enough to keep two cores busy.
const AT_ONCE: usize = 16;

/// A bundle found beside an image.
#[derive(Debug, Clone)]
pub struct FoundBundle {
    /// Digest of the referrer manifest.
    pub manifest: String,
    /// What its annotation claims.
    pub predicate_type: String,
    /// The bundle.
    pub content: Bytes,
}

/// A referrer manifest with one layer, free to be wrong in any part.
#[derive(Debug, Clone)]
pub struct Referrer {
    /// `artifactType` of the manifest.
    pub artifact_type: String,
    /// Media type of the layer.
    pub media_type: String,
    /// The layer's content.
    pub content: Bytes,
    /// Size that the layer's descriptor claims; `None`: the true one.
    pub claimed_size: Option<u64>,
    /// `urls` of the layer's descriptor: a foreign layer.
    pub urls: Vec<String>,
    /// Annotations of the manifest.
    pub annotations: Vec<(String, String)>,
}

impl Referrer {
    /// A bundle as cosign 3.1 attaches it.
    pub fn bundle(predicate_type: &str, content: impl Into<Bytes>) -> Self {
        let annotation = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            artifact_type: BUNDLE.to_owned(),
            media_type: BUNDLE.to_owned(),
            content: content.into(),
            claimed_size: None,
            urls: Vec::new(),
            annotations: vec![
                annotation("dev.sigstore.bundle.content", "dsse-envelope"),
                annotation("dev.sigstore.bundle.predicateType", predicate_type),
                annotation("org.opencontainers.image.created", &Timestamp::now().to_string()),
            ],
        }
    }

    /// Something that is no bundle and does not claim to be one.
    pub fn junk(content: impl Into<Bytes>) -> Self {
        Self {
            artifact_type: "application/vnd.example.note".to_owned(),
            media_type: "text/plain".to_owned(),
            content: content.into(),
            claimed_size: None,
            urls: Vec::new(),
            annotations: Vec::new(),
        }
    }

    fn manifest(&self, layer: &str, subject: &Image) -> Value {
        let size = self.claimed_size.unwrap_or(self.content.len() as u64);
        let mut layer = json!({"mediaType": self.media_type, "digest": layer, "size": size});
        if let (false, Some(fields)) = (self.urls.is_empty(), layer.as_object_mut()) {
            fields.insert("urls".to_owned(), json!(self.urls));
        }
        let annotations: Map<String, Value> =
            self.annotations.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        // cosign repeats the type inside the config's descriptor.
        let config = json!({
            "mediaType": EMPTY,
            "digest": digest_of(b"{}"),
            "size": 2,
            "artifactType": self.artifact_type,
        });
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": self.artifact_type,
            "config": config,
            "layers": [layer],
            "subject": subject.descriptor(),
            "annotations": annotations,
        })
    }
}

/// Attaches a referrer to an image.
pub async fn push_referrer(registry: &Registry, subject: &Image, referrer: &Referrer) -> Result<Image> {
    let repository = &subject.repository;
    registry.put_blob(repository, "{}").await?;
    let layer = registry.put_blob(repository, referrer.content.clone()).await?;
    push(registry, repository, None, MANIFEST, &referrer.manifest(&layer, subject)).await
}

/// Attaches `count` different junk referrers; ten thousand take a few seconds.
pub async fn push_junk_referrers(registry: &Registry, subject: &Image, count: usize) -> Result<()> {
    let repository = &subject.repository;
    let junk = Referrer::junk("junk");
    registry.put_blob(repository, "{}").await?;
    let layer = registry.put_blob(repository, junk.content.clone()).await?;
    let layer = layer.as_str();
    stream::iter(0..count)
        .map(|number| {
            let annotations = vec![("number".to_owned(), number.to_string())];
            let manifest = Referrer { annotations, ..junk.clone() }.manifest(layer, subject);
            async move { push(registry, repository, None, MANIFEST, &manifest).await.map(drop) }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// The bundles that hang on an image, in no order.
pub async fn bundles(registry: &Registry, subject: &Image) -> Result<Vec<FoundBundle>> {
    #[derive(Deserialize)]
    struct Listing {
        manifests: Vec<Descriptor>,
    }
    #[derive(Deserialize)]
    struct Descriptor {
        digest: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Manifest {
        artifact_type: Option<String>,
        layers: Vec<Descriptor>,
        #[serde(default)]
        annotations: BTreeMap<String, String>,
    }
    let repository = &subject.repository;
    let listing: Listing = serde_json::from_slice(&registry.referrers(repository, &subject.digest).await?)?;
    let mut found = Vec::new();
    for Descriptor { digest } in listing.manifests {
        // The listing's own artifactType is wrong in this registry; the manifest says it right.
        let manifest: Manifest = serde_json::from_slice(&registry.manifest(repository, &digest).await?)?;
        if manifest.artifact_type.as_deref() != Some(BUNDLE) {
            continue;
        }
        let layer = manifest.layers.first().context("a bundle manifest has one layer")?;
        found.push(FoundBundle {
            content: registry.blob(repository, &layer.digest).await?,
            predicate_type: manifest
                .annotations
                .get("dev.sigstore.bundle.predicateType")
                .cloned()
                .unwrap_or_default(),
            manifest: digest,
        });
    }
    Ok(found)
}
