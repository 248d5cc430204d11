//! Keys and roots that are in use, each once: two hundred policies over one root hold one copy of it, and a
//! policy that is compiled again keeps the copy it had.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use names::Digest;
use trust::{KeyError, PublicKey, RootError, TrustRoot};

/// What a root must be able to prove. The same bytes may do for one and not for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proving {
    /// Identities, logs and times.
    Identities,
    /// Logs and times of signatures by a known key.
    Logs,
}

/// Keys and roots by the digest of the text they were read from. What nobody uses is let go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    roots: BTreeMap<(Digest, Proving), Weak<TrustRoot>>,
    keys: BTreeMap<Digest, Weak<PublicKey>>,
}

impl Shelf {
    pub(crate) fn root(&mut self, json: &str, proving: Proving) -> Result<Arc<TrustRoot>, RootError> {
        let place = (Digest::sha256(json.as_bytes()), proving);
        if let Some(root) = self.roots.get(&place).and_then(Weak::upgrade) {
            return Ok(root);
        }
        let root = Arc::new(match proving {
            Proving::Identities => TrustRoot::from_json(json.as_bytes())?,
            Proving::Logs => TrustRoot::logs_from_json(json.as_bytes())?,
        });
        self.roots.insert(place, Arc::downgrade(&root));
        Ok(root)
    }

    pub(crate) fn key(&mut self, pem: &str) -> Result<Arc<PublicKey>, KeyError> {
        let place = Digest::sha256(pem.as_bytes());
        if let Some(key) = self.keys.get(&place).and_then(Weak::upgrade) {
            return Ok(key);
        }
        let key = Arc::new(PublicKey::from_pem(pem)?);
        self.keys.insert(place, Arc::downgrade(&key));
        Ok(key)
    }

    /// Forgets what is no longer in use.
    pub(crate) fn tidy(&mut self) {
        self.roots.retain(|_, root| root.strong_count() > 0);
        self.keys.retain(|_, key| key.strong_count() > 0);
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.keys.is_empty()
    }
}
