//! What the gate asks, apart from who answers: `Registry` over the network, another source offline.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::future::BoxFuture;
use names::{Digest, ImageRef, Repository};
use tokio::time::Instant;

use crate::{Error, Keychain};

/// An answer on its way.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// On whose behalf something is asked, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The credentials that may be used.
    pub keychain: &'a Keychain,
    /// Whose share of connections and memory is used up; any stable word where there is no namespace.
    pub namespace: &'a str,
    /// When the asker stops waiting.
    pub deadline: Instant,
}

/// What a reference points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The digest in the reference, else the SHA-256 of the manifest that the tag names.
    pub digest: Digest,
    /// The manifest's media type; `None` when the reference had a digest and nothing was asked.
    pub media_type: Option<String>,
}

/// One referrer as the registry lists it. All but `digest` is a stranger's word: good for choosing what
/// to read first, never for deciding what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// The manifest to read.
    pub digest: Digest,
    /// Claimed media type of that manifest.
    pub media_type: String,
    /// Claimed size of that manifest in bytes.
    pub size: u64,
    /// Claimed type of what it carries; cosign's fallback index names the wrong one.
    pub artifact_type: Option<String>,
    /// Claimed annotations: of those, the few that help choosing (`dev.sigstore.bundle.*` and the
    /// creation time).
    pub annotations: BTreeMap<String, String>,
}

/// The referrers of one image.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// In the registry's order, each digest once.
    pub candidates: Vec<Descriptor>,
    /// Why there may be more: a walk cut short is not "no more".
    pub incomplete: Option<Error>,
}

/// A place where images and their evidence can be found.
pub trait Source: Send + Sync {
    /// The digest that `image` stands for. A reference with a digest is answered from itself.
    ///
    /// # Errors
    /// Any class of [`Error`].
    fn resolve<'a>(&'a self, image: &'a ImageRef, ask: Ask<'a>) -> Answer<'a, Resolved>;

    /// What refers to `digest`. An empty, complete listing means the source said so.
    ///
    /// # Errors
    /// Any class of [`Error`] when not even the first page came; later ones are in
    /// [`Listing::incomplete`].
    fn candidates<'a>(
        &'a self,
        repository: &'a Repository,
        digest: &'a Digest,
        ask: Ask<'a>,
    ) -> Answer<'a, Listing>;

    /// The bundles that `candidate` carries; empty when it is something else.
    ///
    /// # Errors
    /// Any class of [`Error`]; one unreadable bundle fails the candidate.
    fn bundle<'a>(
        &'a self,
        repository: &'a Repository,
        candidate: &'a Descriptor,
        ask: Ask<'a>,
    ) -> Answer<'a, Vec<Bytes>>;
}
