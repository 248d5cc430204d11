//! Lists of referrers, by how old they are: fresh, served while they are renewed, or kept for an outage.

use std::sync::Arc;

use moka::future::Cache;
use names::Digest;
use tokio::time::Instant;

use crate::limits::{ABSENCE_FRESH, LISTING_FRESH, LISTING_SERVED};
use crate::{Error, Listing};

/// What a list and each of its entries cost beside their texts.
const ENTRY_BYTES: usize = 256;

pub(crate) struct Shelf {
    kept: Cache<Digest, Kept>,
}

#[derive(Clone)]
struct Kept {
    listing: Arc<Listing>,
    since: Instant,
}

/// A kept list, by what may be done with it.
#[derive(Debug)]
pub(crate) enum Found {
    /// Serve it.
    Fresh(Arc<Listing>),
    /// Serve it, and renew it behind the answer.
    Aging(Arc<Listing>),
    /// Renew it; serve it only if the registry is out of reach.
    Old(Arc<Listing>),
    /// There is none that may be believed.
    Nothing,
}

impl Shelf {
    pub(crate) fn new(capacity: u64) -> Self {
        let weigher = |_: &Digest, kept: &Kept| weight(&kept.listing);
        Self { kept: Cache::builder().max_capacity(capacity).weigher(weigher).build() }
    }

    pub(crate) async fn find(&self, key: &Digest) -> Found {
        let Some(Kept { listing, since }) = self.kept.get(key).await else { return Found::Nothing };
        let age = since.elapsed();
        let is_brief = listing.candidates.is_empty() || listing.incomplete.is_some();
        match is_brief {
            true if age < ABSENCE_FRESH => Found::Fresh(listing),
            true => Found::Nothing,
            false if age < LISTING_FRESH => Found::Fresh(listing),
            false if age < LISTING_SERVED => Found::Aging(listing),
            false => Found::Old(listing),
        }
    }

    /// Files what a walk found. A failure that will pass leaves the list that is there; any other takes
    /// it away, so that a withdrawn credential stops reading at the next renewal.
    pub(crate) async fn file(&self, key: &Digest, answer: &Result<Listing, Error>) {
        match answer {
            Ok(listing) => match &listing.incomplete {
                // Too many to read is a fact about the image; anything else about this one walk.
                None | Some(Error::Limit { .. }) => {
                    let kept = Kept { listing: Arc::new(listing.clone()), since: Instant::now() };
                    self.kept.insert(key.clone(), kept).await;
                }
                Some(
                    Error::Refused { .. }
                    | Error::RateLimited { .. }
                    | Error::Unreachable { .. }
                    | Error::NotFound { .. }
                    | Error::Invalid { .. }
                    | Error::Deadline { .. }
                    | Error::ForbiddenAddress { .. },
                ) => {}
            },
            Err(error) if error.is_transient() => {}
            Err(_) => self.kept.invalidate(key).await,
        }
    }
}

fn weight(listing: &Listing) -> u32 {
    let texts = listing.candidates.iter().map(|candidate| {
        let annotations: usize = candidate.annotations.iter().map(|(k, v)| k.len() + v.len()).sum();
        let artifact_type = candidate.artifact_type.as_ref().map_or(0, String::len);
        ENTRY_BYTES + candidate.media_type.len() + artifact_type + annotations
    });
    u32::try_from(ENTRY_BYTES + texts.sum::<usize>()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use names::Digest;
    use tokio::time::advance;

    use super::{Found, Shelf};
    use crate::{Bound, Descriptor, Error, Listing};

    fn one() -> Listing {
        let candidate = Descriptor {
            digest: Digest::sha256(b"referrer"),
            media_type: String::new(),
            size: 0,
            artifact_type: None,
            annotations: BTreeMap::new(),
        };
        Listing { candidates: vec![candidate], incomplete: None }
    }

    fn down() -> Error {
        Error::Deadline { host: "h".into(), what: "w".into() }
    }

    fn refused() -> Error {
        Error::Refused { host: "h".into(), what: "w".into(), status: 403 }
    }

    async fn filed(answer: Result<Listing, Error>) -> (Shelf, Digest) {
        let (shelf, key) = (Shelf::new(1 << 20), Digest::sha256(b"key"));
        shelf.file(&key, &answer).await;
        (shelf, key)
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_is_fresh_for_a_minute_aging_to_ten_and_then_old() {
        let (shelf, key) = filed(Ok(one())).await;
        advance(Duration::from_secs(59)).await;
        assert!(matches!(shelf.find(&key).await, Found::Fresh(_)));
        advance(Duration::from_secs(2)).await;
        assert!(matches!(shelf.find(&key).await, Found::Aging(_)));
        advance(Duration::from_secs(540)).await;
        assert!(matches!(shelf.find(&key).await, Found::Old(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn absence_and_overflow_are_believed_for_seconds() {
        let bound = Bound::Entries(1);
        let overflow = Error::Limit { host: "h".into(), what: "w".into(), bound };
        for listing in [Listing::default(), Listing { incomplete: Some(overflow), ..one() }] {
            let (shelf, key) = filed(Ok(listing)).await;
            assert!(matches!(shelf.find(&key).await, Found::Fresh(_)));
            advance(Duration::from_secs(6)).await;
            assert!(matches!(shelf.find(&key).await, Found::Nothing));
        }
    }

    #[tokio::test]
    async fn what_will_pass_leaves_the_list_and_a_refusal_takes_it_away() {
        let (shelf, key) = filed(Ok(one())).await;
        shelf.file(&key, &Err(down())).await;
        shelf.file(&key, &Ok(Listing { incomplete: Some(down()), ..Listing::default() })).await;
        assert!(matches!(shelf.find(&key).await, Found::Fresh(kept) if kept.candidates.len() == 1));
        shelf.file(&key, &Err(refused())).await;
        assert!(matches!(shelf.find(&key).await, Found::Nothing));
    }

    #[tokio::test]
    async fn a_broken_walk_is_not_kept() {
        let (shelf, key) = filed(Ok(Listing { incomplete: Some(down()), ..one() })).await;
        assert!(matches!(shelf.find(&key).await, Found::Nothing));
    }
}
