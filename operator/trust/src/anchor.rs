//! Anchors: what a proof may rest on, and the name under which a proof made with it is kept.

use std::sync::Arc;

use names::Digest;

use crate::{PublicKey, TrustRoot};

/// What a bundle is verified against.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// Keyless: a certificate authority, its certificate log, its transparency logs and timestamp authorities.
    Root(Arc<TrustRoot>),
    /// Key-signed.
    Key {
        /// The one key that must have signed.
        key: Arc<PublicKey>,
        /// Where the signature must be logged. `None`: no log is asked for, none is proved, and no time is.
        root: Option<Arc<TrustRoot>>,
    },
}

impl Anchor {
    /// What the proof rests on: the root for keyless, the key otherwise.
    pub fn id(&self) -> AnchorId {
        match self {
            Self::Root(root) => AnchorId::Root(root.digest().clone()),
            Self::Key { key, .. } => AnchorId::Key(key.digest().clone()),
        }
    }

    /// All that makes two anchors give the same answer for the same bundle: the anchor, and the root that
    /// proves log and time. For cache keys.
    pub fn cache_key(&self) -> (AnchorId, Option<Digest>) {
        (self.id(), self.root().map(|root| root.digest().clone()))
    }

    /// The root that proves log and time, if any.
    pub fn root(&self) -> Option<&Arc<TrustRoot>> {
        match self {
            Self::Root(root) => Some(root),
            Self::Key { root, .. } => root.as_ref(),
        }
    }
}

/// The name of what a proof rests on. A signer believes only statements proved under its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorId {
    /// SHA-256 of the bytes of `trusted_root.json`.
    Root(Digest),
    /// SHA-256 of the public key's SubjectPublicKeyInfo in DER.
    Key(Digest),
}
