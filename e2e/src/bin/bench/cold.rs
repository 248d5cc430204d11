//! Images that the webhook was never asked about, anonymous, by the referrers API: wall time from outside, what the
//! registry was asked, and beside it cosign as a whole process.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::{
    Usage,
    cosign::Signer,
    documents::{Document as _, Sbom},
    image::Image,
    tidewaiter::{NAMESPACE, Tidewaiter},
};

use crate::{
    cast::{Cast, TAG},
    door::{self, Door, Installation, millis},
    figure::{AIM, Figure, ORIENTATION, percentile},
};

/// As in the orientation.
const LATENCY: Duration = Duration::from_millis(20);
/// Runs of cosign; each is a process of its own.
const COSIGNS: usize = 9;

pub(crate) async fn images(
    tidewaiter: &Tidewaiter<'_>,
    installation: &Installation,
    door: &Door,
    cast: &Cast,
) -> Result<Vec<Figure>> {
    let asked = Asked { tidewaiter, door };
    let usage = || tidewaiter.world().usage(NAMESPACE, installation.pod_name(), "webhook");
    let mut figures = Vec::new();

    let images = cast.key_signed(0..50)?;
    let name = |rest| format!("cold image over TLS from a digest, 3 key-signed attestations, {rest}");
    let before = usage()?;
    let mut times = asked.each(images, by_digest).await?;
    let cpu = cpu_of_each(before, usage()?, images.len());
    let p50 = percentile(&mut times, 50);
    figures.push(Figure::new(name("p50"), p50, "ms").compared(ORIENTATION, 24.0));
    figures.push(Figure::new(name("p99"), percentile(&mut times, 99), "ms"));
    figures.push(Figure::new(name("CPU of the whole process"), cpu, "ms").compared(ORIENTATION, 3.3));
    figures.push(
        Figure::new(name("p50, beside cosign"), p50, "ms").compared(
            "cosign verify-attestation, one of the three, whole process",
            asked.cosign(images).await?,
        ),
    );
    let mut times = asked.each(cast.key_signed(50..70)?, by_tag).await?;
    let name = "cold image over TLS from a tag, 3 key-signed attestations, p50";
    figures.push(Figure::new(name, percentile(&mut times, 50), "ms").compared(ORIENTATION, 24.0));
    let name = |rest| format!("cold image over TLS from a digest, 3 keyless attestations, {rest}");
    let before = usage()?;
    let mut times = asked.each(cast.keyless(), by_digest).await?;
    let cpu = cpu_of_each(before, usage()?, cast.keyless().len());
    figures.push(Figure::new(name("p50"), percentile(&mut times, 50), "ms"));
    figures.push(Figure::new(name("CPU of the whole process"), cpu, "ms"));

    let registry = &tidewaiter.registry;
    registry.latency(LATENCY).await?;
    type Named = fn(&Image) -> String;
    let slow: [(&str, Named, _, f64); 2] =
        [("a digest", by_digest, 70..80, 3.0), ("a tag", by_tag, 80..90, 4.0)];
    for (from, named, range, most) in slow {
        let images = cast.key_signed(range)?;
        let mut times = Vec::new();
        let (mut requests, mut round_trips) = (0, 0);
        for image in images {
            registry.reset_requests().await?;
            times.extend(asked.each(std::slice::from_ref(image), named).await?);
            let journal = registry.requests().await?;
            requests = requests.max(journal.total());
            round_trips = round_trips.max(journal.round_trips());
        }
        let name = |what| format!("cold image over TLS from {from}, {what}");
        figures.push(
            Figure::new(name("20 ms added to each answer, p50"), percentile(&mut times, 50), "ms")
                .compared(ORIENTATION, 66.0),
        );
        figures.push(
            Figure::new(name("most sequential round trips"), round_trips as f64, "round trips")
                .compared(AIM, most),
        );
        figures
            .push(Figure::new(name("most requests"), requests as f64, "requests").compared(ORIENTATION, 5.0));
    }
    registry.latency(Duration::ZERO).await?;

    let eight = cast.key_signed(90..91)?;
    registry.reset_requests().await?;
    let reference = eight.iter().map(Image::reference).collect::<String>();
    door.admits(&door::pod(&[reference.as_str(); 8])).await?;
    let requests = registry.requests().await?.total();
    let name = "8 containers of one image, registry requests";
    figures.push(Figure::new(name, requests as f64, "requests").compared(ORIENTATION, 40.0));
    // So that all of them are remembered when memory is looked at.
    asked.each(cast.key_signed(91..100)?, by_digest).await?;
    Ok(figures)
}

struct Asked<'a> {
    tidewaiter: &'a Tidewaiter<'a>,
    door: &'a Door,
}

impl Asked<'_> {
    /// The time of each, in milliseconds.
    async fn each(&self, images: &[Image], review: fn(&Image) -> String) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(images.len());
        for image in images {
            times.push(self.door.admits(&review(image)).await?);
        }
        Ok(times)
    }

    /// The median time of a cosign that verifies one attestation of one of the images, in milliseconds.
    async fn cosign(&self, images: &[Image]) -> Result<f64> {
        let signer = Signer::Key(&self.tidewaiter.key);
        let sbom = Sbom::good(self.tidewaiter.now);
        let mut times = Vec::new();
        for image in images.iter().take(COSIGNS) {
            let command =
                self.tidewaiter.cosign.verify_command(&image.reference(), sbom.cosign_type(), signer)?;
            let started = Instant::now();
            let output = command.run().await?;
            times.push(millis(started.elapsed()));
            ensure!(output.succeeded(), "cosign does not verify what it signed: {}", output.stderr);
        }
        Ok(percentile(&mut times, 50))
    }
}

fn by_digest(image: &Image) -> String {
    door::pod(&[&image.reference()])
}

/// A Pod by tag is turned away for the tag; what Pods are made from may name one.
fn by_tag(image: &Image) -> String {
    door::deployment(&format!("{}:{TAG}", image.location))
}

/// In milliseconds. The kernel counts in ticks of 10 ms, so over many images.
fn cpu_of_each(before: Usage, after: Usage, images: usize) -> f64 {
    millis(after.cpu.saturating_sub(before.cpu)) / images as f64
}
