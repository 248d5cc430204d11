//! One repository as it is dialled: where its manifests, blobs and referrers are.

use url::Url;

use names::Digest;

/// A repository at the host that serves it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `scheme://host[:port]/`.
    pub(crate) base: Url,
    /// Under which name credentials are filed and shares are counted.
    pub(crate) host: String,
    /// The repository's path.
    pub(crate) path: String,
}

impl Place {
    pub(crate) fn manifest(&self, tag_or_digest: &str) -> Url {
        self.url("manifests", tag_or_digest)
    }

    pub(crate) fn blob(&self, digest: &Digest) -> Url {
        self.url("blobs", &digest.to_string())
    }

    pub(crate) fn referrers(&self, digest: &Digest) -> Url {
        self.url("referrers", &digest.to_string())
    }

    fn url(&self, what: &str, last: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{what}/{last}", self.path));
        url
    }
}
