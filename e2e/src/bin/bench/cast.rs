//! The images: each with three attestations that real cosign signed, and another digest than every other.

use anyhow::{Context, Result, ensure};
use e2e::{
    cosign::Signer,
    image::Image,
    tidewaiter::{Evidence, Tidewaiter},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// Images signed by a key: enough for every measurement to have its own, each asked about once.
const KEY_SIGNED: usize = 100;
/// Images signed by a workflow.
const KEYLESS: usize = 9;
/// Images attested at the same time, three cosigns each.
const AT_ONCE: usize = 4;
/// The tag of each.
pub(crate) const TAG: &str = "1";

/// Images that were not asked about yet, and one that was.
pub(crate) struct Cast {
    key_signed: Vec<Image>,
    keyless: Vec<Image>,
}

impl Cast {
    pub(crate) async fn push(tidewaiter: &Tidewaiter<'_>) -> Result<Self> {
        let evidence = Evidence::good(tidewaiter.now);
        let push = async |kind: &str, count: usize, signer: Signer<'_>| -> Result<Vec<Image>> {
            let names: Vec<String> = (0..count).map(|index| format!("bench/{kind}-{index}")).collect();
            stream::iter(names.iter().map(|name| tidewaiter.attested(name, TAG, &evidence, signer)))
                .buffered(AT_ONCE)
                .try_collect()
                .await
        };
        let key_signed = push("key", KEY_SIGNED, Signer::Key(&tidewaiter.key)).await?;
        let keyless = push("keyless", KEYLESS, tidewaiter.ci()).await?;
        Ok(Self { key_signed, keyless })
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        KEY_SIGNED + KEYLESS
    }

    /// The key-signed images from `from` on; each range is asked about once.
    pub(crate) fn key_signed(&self, range: std::ops::Range<usize>) -> Result<&[Image]> {
        ensure!(!range.is_empty(), "a measurement has an image");
        self.key_signed.get(range).context("there are that many images")
    }

    /// The keyless images.
    pub(crate) fn keyless(&self) -> &[Image] {
        &self.keyless
    }

    /// One that the cold measurements asked about: warm from then on.
    pub(crate) fn judged(&self) -> Result<&Image> {
        self.key_signed.first().context("there is an image")
    }
}
