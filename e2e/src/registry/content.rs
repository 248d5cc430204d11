//! Filling and reading a registry over its control side, where no switch applies.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::Registry;

/// `sha256:` and 64 hex digits.
pub(crate) fn digest_of(content: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(content)))
}

impl Registry {
    /// Stores a blob and returns its digest.
    pub async fn put_blob(&self, repository: &str, content: impl Into<Bytes>) -> Result<String> {
        let content = content.into();
        let digest = digest_of(&content);
        let url = self.at(&format!("v2/{repository}/blobs/uploads/?digest={digest}"));
        let request = self.http.post(url).header("Content-Type", "application/octet-stream");
        self.send(request.body(content)).await.with_context(|| format!("blob for {repository}"))?;
        Ok(digest)
    }

    /// Stores a manifest under its digest, and under `tag` if there is one; returns the digest.
    pub async fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        content: impl Into<Bytes>,
    ) -> Result<String> {
        let content = content.into();
        let digest = digest_of(&content);
        let url = self.at(&format!("v2/{repository}/manifests/{}", tag.unwrap_or(&digest)));
        let request = self.http.put(url).header("Content-Type", media_type);
        self.send(request.body(content)).await.with_context(|| format!("manifest for {repository}"))?;
        Ok(digest)
    }

    /// Removes a manifest by digest or tag; a referrer removed so is listed no longer.
    pub async fn delete_manifest(&self, repository: &str, reference: &str) -> Result<()> {
        self.send(self.http.delete(self.at(&format!("v2/{repository}/manifests/{reference}")))).await
    }

    /// A manifest by digest or tag.
    pub async fn manifest(&self, repository: &str, reference: &str) -> Result<Bytes> {
        self.get(&format!("v2/{repository}/manifests/{reference}")).await
    }

    /// A blob by digest.
    pub async fn blob(&self, repository: &str, digest: &str) -> Result<Bytes> {
        self.get(&format!("v2/{repository}/blobs/{digest}")).await
    }

    /// The answer of the referrers API, an image index.
    pub async fn referrers(&self, repository: &str, digest: &str) -> Result<Bytes> {
        self.get(&format!("v2/{repository}/referrers/{digest}")).await
    }

    async fn get(&self, path: &str) -> Result<Bytes> {
        let answer = self.http.get(self.at(path)).send().await?.error_for_status()?;
        Ok(answer.bytes().await?)
    }
}
