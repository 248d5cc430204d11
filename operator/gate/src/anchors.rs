//! The keys and roots that several policies name together: each once, under one name for the whole set.
//!
//! A set is made once for the policies that were compiled, not once for each image that they judge.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use names::Digest;
use rulebook::Compiled;
use trust::{Anchor, AnchorId};

/// Sets kept: one for each combination of policies that cover an image. A cluster has a handful of them; one beyond
/// costs some microseconds for each image.
const MAX_SETS: usize = 64;

/// A set of anchors. The same anchors have the same name, whichever policies name them.
#[derive(Debug)]
pub(crate) struct Anchors {
    each: Vec<Arc<Anchor>>,
    name: Digest,
}

impl Anchors {
    pub(crate) fn of(policies: &[Arc<Compiled>]) -> Self {
        let mut each: Vec<_> = policies.iter().flat_map(|policy| policy.anchors.iter().cloned()).collect();
        each.sort_by_cached_key(|anchor| anchor.cache_key());
        each.dedup_by_key(|anchor| anchor.cache_key());
        // Digests hold neither a space nor a line end, so no two sets read alike.
        let text: String = each.iter().map(|anchor| line(anchor)).collect();
        Self { name: Digest::sha256(text.as_bytes()), each }
    }

    /// In an order that does not depend on the policies.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Anchor> {
        self.each.iter().map(AsRef::as_ref)
    }

    /// Tells the set from every other one, in cache keys.
    pub(crate) const fn name(&self) -> &Digest {
        &self.name
    }
}

fn line(anchor: &Anchor) -> String {
    let (id, root) = anchor.cache_key();
    let (kind, id) = match id {
        AnchorId::Root(digest) => ("root", digest),
        AnchorId::Key(digest) => ("key", digest),
    };
    let root = root.map_or_else(|| "-".to_owned(), |root| root.to_string());
    format!("{kind} {id} {root}\n")
}

/// The sets in use, by the policies that they were made for. A policy that is compiled anew is another one.
#[derive(Debug, Default)]
pub(crate) struct AnchorSets(Mutex<Vec<Known>>);

#[derive(Debug)]
struct Known {
    /// Weak, so that policies that were replaced do not stay; their addresses are not given away meanwhile.
    policies: Vec<Weak<Compiled>>,
    anchors: Arc<Anchors>,
}

impl Known {
    fn is_for(&self, policies: &[Arc<Compiled>]) -> bool {
        self.policies.len() == policies.len()
            && self.policies.iter().zip(policies).all(|(known, policy)| known.as_ptr() == Arc::as_ptr(policy))
    }

    fn is_in_use(&self) -> bool {
        self.policies.iter().all(|policy| policy.strong_count() > 0)
    }
}

impl AnchorSets {
    /// The anchors of `policies`.
    pub(crate) fn of(&self, policies: &[Arc<Compiled>]) -> Arc<Anchors> {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sets.iter().find(|known| known.is_for(policies)) {
            return Arc::clone(&known.anchors);
        }
        sets.retain(Known::is_in_use);
        if sets.len() >= MAX_SETS {
            sets.remove(0);
        }
        let anchors = Arc::new(Anchors::of(policies));
        let policies = policies.iter().map(Arc::downgrade).collect();
        sets.push(Known { policies, anchors: Arc::clone(&anchors) });
        anchors
    }
}

#[cfg(test)]
mod tests;
