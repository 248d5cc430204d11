//! How many requests went out, by what they were for: for metrics, and for tests that count.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Which manifest a tag names.
    Tag,
    /// A page of the referrers API.
    Referrers,
    /// The index under `sha256-<hex>` of a registry without that API.
    FallbackTag,
    /// A referrer's manifest.
    Manifest,
    /// A bundle.
    Blob,
    /// A token of a realm.
    Token,
}

/// Requests sent since the start, each hop of a redirect and each try counted.
#[derive(Debug, Default)]
pub struct Counters {
    tags: AtomicU64,
    referrers: AtomicU64,
    fallback_tags: AtomicU64,
    manifests: AtomicU64,
    blobs: AtomicU64,
    tokens: AtomicU64,
}

impl Counters {
    /// Every kind, for a metric's labels.
    pub const KINDS: [Kind; 6] =
        [Kind::Tag, Kind::Referrers, Kind::FallbackTag, Kind::Manifest, Kind::Blob, Kind::Token];

    /// Requests of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> u64 {
        self.counter(kind).load(Ordering::Relaxed)
    }

    /// Requests of all kinds.
    #[must_use]
    pub fn total(&self) -> u64 {
        Self::KINDS.iter().map(|kind| self.of(*kind)).sum()
    }

    pub(crate) fn count(&self, kind: Kind) {
        self.counter(kind).fetch_add(1, Ordering::Relaxed);
    }

    fn counter(&self, kind: Kind) -> &AtomicU64 {
        match kind {
            Kind::Tag => &self.tags,
            Kind::Referrers => &self.referrers,
            Kind::FallbackTag => &self.fallback_tags,
            Kind::Manifest => &self.manifests,
            Kind::Blob => &self.blobs,
            Kind::Token => &self.tokens,
        }
    }
}
