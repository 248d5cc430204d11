//! Bytes by digest, kept without expiry because they cannot change, and readable only by those whom the
//! registry itself served.

use bytes::Bytes;
use moka::future::Cache;
use names::{Algorithm, Digest};
use sha2::{Digest as _, Sha512};

use crate::key;

/// Pairs of (asker's reach, digest) remembered: about 200 bytes each, 12 MiB when full.
const REACHES: u64 = 65_536;
/// What an entry costs beside its bytes: key, handle and the cache's own bookkeeping.
const ENTRY_BYTES: usize = 256;

/// Whether `body` is what `digest` names.
pub(crate) fn proves(digest: &Digest, body: &[u8]) -> bool {
    match digest.algorithm() {
        Algorithm::Sha256 => Digest::sha256(body) == *digest,
        Algorithm::Sha512 => hex::encode(Sha512::digest(body)) == digest.hex(),
    }
}

/// One copy of the bytes for all, and beside it who may have them. `reach` stands for a repository and the
/// credentials it was read with; an asker with another reach has to be served by the registry first.
pub(crate) struct Content {
    bytes: Cache<Digest, Bytes>,
    served: Cache<Digest, ()>,
}

impl Content {
    pub(crate) fn new(capacity: u64) -> Self {
        let bytes = Cache::builder()
            .max_capacity(capacity)
            .weigher(|_, body: &Bytes| u32::try_from(body.len() + ENTRY_BYTES).unwrap_or(u32::MAX))
            .build();
        Self { bytes, served: Cache::new(REACHES) }
    }

    pub(crate) async fn get(&self, reach: &Digest, digest: &Digest) -> Option<Bytes> {
        self.served.get(&pair(reach, digest)).await?;
        self.bytes.get(digest).await
    }

    /// Files a body whose digest was checked.
    pub(crate) async fn keep(&self, reach: &Digest, digest: &Digest, body: Bytes) {
        self.served.insert(pair(reach, digest), ()).await;
        self.bytes.insert(digest.clone(), body).await;
    }
}

fn pair(reach: &Digest, digest: &Digest) -> Digest {
    key::of([reach.hex().as_bytes(), digest.to_string().as_bytes()])
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use names::Digest;

    use super::{Content, proves};

    #[tokio::test]
    async fn what_one_reach_was_served_another_cannot_read() {
        let content = Content::new(1 << 20);
        let (ours, theirs) = (Digest::sha256(b"ours"), Digest::sha256(b"theirs"));
        let digest = Digest::sha256(b"body");
        content.keep(&ours, &digest, Bytes::from_static(b"body")).await;
        assert_eq!(content.get(&ours, &digest).await, Some(Bytes::from_static(b"body")));
        assert_eq!(content.get(&theirs, &digest).await, None);
    }

    #[tokio::test]
    async fn the_cache_is_bounded_in_bytes() {
        let content = Content::new(100_000);
        let reach = Digest::sha256(b"reach");
        for n in 0..200_u32 {
            let body = Bytes::from(vec![0; 10_000]);
            content.keep(&reach, &Digest::sha256(&n.to_be_bytes()), body).await;
        }
        content.bytes.run_pending_tasks().await;
        assert!(content.bytes.weighted_size() <= 100_000);
        assert!(content.bytes.entry_count() >= 1);
    }

    #[test]
    fn both_algorithms_are_checked() {
        let sha512 = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        let sha512 = Digest::parse(sha512).expect("the digest of abc in FIPS 180-2");
        assert!(proves(&sha512, b"abc") && !proves(&sha512, b"abd"));
        assert!(proves(&Digest::sha256(b"abc"), b"abc") && !proves(&Digest::sha256(b"abc"), b"abd"));
    }
}
