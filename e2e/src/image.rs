//! Images: small real ones and indexes of them. What hangs on an image is in `referrer`.
//!
//! Everything is pushed over the registry's control side, whatever its front is doing.

mod referrer;
mod tar;

use anyhow::Result;
use serde_json::{Value, json};

pub use self::referrer::{FoundBundle, Referrer, bundles, push_junk_referrers, push_referrer};
use self::tar::tar;
use crate::registry::Registry;

/// Media type of a single image's manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an index of images.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of a sigstore bundle, as manifest `artifactType` and as layer.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// A manifest in a registry: an image, an index, or a referrer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Where it is: `HOST:PORT/REPOSITORY`.
    pub location: String,
    /// Repository within the registry.
    pub repository: String,
    /// Digest of the manifest.
    pub digest: String,
    /// Media type of the manifest.
    pub media_type: &'static str,
    /// Bytes of the manifest.
    pub size: usize,
}

impl Image {
    /// `HOST:PORT/REPOSITORY@DIGEST`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.location, self.digest)
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest, "size": self.size})
    }
}

/// Pushes an image whose one file holds `label`: another label is another image.
pub async fn push_image(registry: &Registry, repository: &str, tag: &str, label: &str) -> Result<Image> {
    let layer = tar("label", label.as_bytes());
    let layer_size = layer.len();
    let layer = registry.put_blob(repository, layer).await?;
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/label"], "Labels": {"label": label}},
        // The layer is not compressed, so its digest is its diff id.
        "rootfs": {"type": "layers", "diff_ids": [layer]},
    })
    .to_string();
    let config_size = config.len();
    let config = registry.put_blob(repository, config).await?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config, "size": config_size},
        "layers": [{"mediaType": LAYER, "digest": layer, "size": layer_size}],
    });
    push(registry, repository, Some(tag), MANIFEST, &manifest).await
}

/// Pushes an index of images of these architectures.
pub async fn push_index(
    registry: &Registry,
    repository: &str,
    tag: &str,
    images: &[(&Image, &str)],
) -> Result<Image> {
    let manifests: Vec<Value> = images
        .iter()
        .map(|(image, architecture)| {
            let mut descriptor = image.descriptor();
            if let Some(fields) = descriptor.as_object_mut() {
                fields.insert("platform".to_owned(), json!({"os": "linux", "architecture": architecture}));
            }
            descriptor
        })
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    push(registry, repository, Some(tag), INDEX, &index).await
}

/// Lets another tag name the image, as a release does that moves `latest`.
pub async fn tag(registry: &Registry, image: &Image, tag: &str) -> Result<()> {
    let manifest = registry.manifest(&image.repository, &image.digest).await?;
    registry.put_manifest(&image.repository, Some(tag), image.media_type, manifest).await.map(drop)
}

async fn push(
    registry: &Registry,
    repository: &str,
    tag: Option<&str>,
    media_type: &'static str,
    manifest: &Value,
) -> Result<Image> {
    let content = manifest.to_string();
    let size = content.len();
    let digest = registry.put_manifest(repository, tag, media_type, content).await?;
    Ok(Image {
        location: format!("{}/{repository}", registry.address()),
        repository: repository.to_owned(),
        digest,
        media_type,
        size,
    })
}
