//! Every bound of this room, with where its number comes from.

use std::time::Duration;

const MIB: usize = 1 << 20;

/// How long a list of referrers is served without asking again.
pub(crate) const LISTING_FRESH: Duration = Duration::from_secs(60);
/// How long it is then served while it is renewed behind the answer.
pub(crate) const LISTING_SERVED: Duration = Duration::from_secs(600);
/// How long a tag keeps its digest: two containers and two replicas of one roll-out, not a re-tag.
pub(crate) const TAG_FRESH: Duration = Duration::from_secs(5);
/// How long "no referrers", or "too many", is believed: a pipeline that signs right after its push must
/// not wait.
pub(crate) const ABSENCE_FRESH: Duration = Duration::from_secs(5);
/// No namespace, and no host, holds more than one in so many of what is shared.
pub(crate) const SHARE: usize = 4;

/// Bounds that an operator may move; [`Limits::default`] is what the chart ships.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A manifest, an index, or one page of referrers. 4 MiB is what registries accept on push.
    pub manifest_bytes: usize,
    /// A bundle. 16 MiB holds an SBOM of some 20,000 components in a DSSE envelope, base64 included.
    pub blob_bytes: usize,
    /// All that one call may read: two of the largest bundles, or eight full pages.
    pub call_bytes: usize,
    /// Pages of one list of referrers: 2,000 entries at the 32 an unfriendly registry puts on a page.
    pub pages: usize,
    /// Referrers kept of one image. About 600 bytes each, so 1.2 MiB for a list at the bound.
    pub entries: usize,
    /// Bundles in one referrer manifest. cosign writes one.
    pub bundles: usize,
    /// Redirects of one request: registry, storage, a region, and one to spare.
    pub redirects: usize,
    /// How long one exchange may hold its place, body included. A healthy registry answers in
    /// milliseconds; the usual admission timeout is 10 s.
    pub exchange: Duration,
    /// How long work goes on after its asker left, so that the next asker finds it done.
    pub flight: Duration,
    /// Exchanges at once. A quarter for a namespace or a host, a sixteenth for a namespace at a host.
    pub requests: usize,
    /// Bytes of bodies being read at once. A quarter for a namespace: two of the largest bundles.
    pub bytes_at_once: usize,
    /// The content cache: some 6,000 bundles of 20 KiB.
    pub content_bytes: u64,
    /// The lists of referrers: some 18,000 images with three attestations each.
    pub listing_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 * MIB,
            blob_bytes: 16 * MIB,
            call_bytes: 32 * MIB,
            pages: 64,
            entries: 2_000,
            bundles: 8,
            redirects: 4,
            exchange: Duration::from_secs(5),
            flight: Duration::from_secs(15),
            requests: 128,
            bytes_at_once: 128 * MIB,
            content_bytes: 128 << 20,
            listing_bytes: 32 << 20,
        }
    }
}
