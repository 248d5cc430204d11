//! Images that were never asked about: every byte comes from the registry, every signature is checked. Only the
//! connections are warm.

use std::{cell::Cell, time::Duration};

use anyhow::ensure;
use fetch::Keychain;
use gate::{Context, Stage};
use tokio::runtime::Runtime;
use verdict::Effect;

use crate::{
    clock, court,
    figure::Figure,
    fixtures::{Fixtures, Signed},
    loopback::Loopback,
};

/// Odd. Each image is asked about once.
const IMAGES: usize = 201;
/// Odd. Each of these takes a tenth of a second.
const SLOW_IMAGES: usize = 15;
/// The same as in the published orientation.
const LATENCY: Duration = Duration::from_millis(20);
const ORIENTATION: &str = "sigstore policy-controller (published orientation, not measured in this run)";

/// How the image is named.
#[derive(Clone, Copy)]
enum Named {
    Tag,
    Digest,
}

/// `library_alone` is the processor time of one keyless bundle in the library, in microseconds.
pub(crate) fn images(
    runtime: &Runtime,
    fixtures: &Fixtures,
    registry: &Loopback,
    library_alone: f64,
) -> anyhow::Result<Vec<Figure>> {
    let cold =
        Cold { runtime, fixtures, registry, client: court::client(registry)?, asked_about: Cell::new(0) };
    let mut figures = Vec::new();
    for (signed, aim) in [(Signed::Key, 1.1), (Signed::Keyless, 2.0)] {
        let (cpu, _) = cold.judge(IMAGES, signed, Named::Tag)?;
        let name = |rest| format!("cold image from a tag, 3 {} attestations, {rest}", signed.as_str());
        figures.push(Figure::new(name("CPU"), cpu / 1e3, "ms").compared("the aim, at most", aim));
        let beside = Figure::new(name("CPU, beside another"), cpu / 1e3, "ms");
        figures.push(match signed {
            Signed::Key => beside.compared(ORIENTATION, 3.3),
            // What no client could save: the rest is ours, and the registry's protocol.
            Signed::Keyless => {
                beside.compared("sigstore-verify alone on the 3 bundles, same run", 3.0 * library_alone / 1e3)
            }
        });
    }
    registry.latency(LATENCY);
    for (named, from, most) in [(Named::Tag, "a tag", 4.0), (Named::Digest, "a digest", 3.0)] {
        let name = |rest| format!("cold image from {from}, 3 key-signed attestations, {rest}");
        registry.asked();
        cold.judge_one(Signed::Key, named)?;
        let asked = registry.asked();
        figures.push(
            Figure::new(name("sequential round trips"), asked.round_trips as f64, "round trips")
                .compared("the aim, at most", most),
        );
        figures.push(
            Figure::new(name("requests"), asked.requests as f64, "requests").compared(ORIENTATION, 5.0),
        );
        let (_, wall) = cold.judge(SLOW_IMAGES, Signed::Key, named)?;
        figures.push(
            Figure::new(name("20 ms added to each answer, wall"), wall / 1e3, "ms")
                .compared(ORIENTATION, 66.0),
        );
    }
    registry.latency(Duration::ZERO);
    Ok(figures)
}

struct Cold<'a> {
    runtime: &'a Runtime,
    fixtures: &'a Fixtures,
    registry: &'a Loopback,
    client: fetch::Registry,
    /// So that each has a repository of its own.
    asked_about: Cell<u32>,
}

impl Cold<'_> {
    /// Median processor and wall time of an image, in microseconds.
    fn judge(&self, images: usize, signed: Signed, named: Named) -> anyhow::Result<(f64, f64)> {
        self.judge_one(signed, named)?;
        let times = (0..images).map(|_| self.judge_one(signed, named));
        let (cpus, walls) = times.collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip();
        Ok((clock::median(cpus), clock::median(walls)))
    }

    /// Processor and wall time of an image that nobody has asked about.
    fn judge_one(&self, signed: Signed, named: Named) -> anyhow::Result<(f64, f64)> {
        let Fixtures { book, namespace, now, subject, .. } = self.fixtures;
        let number = self.asked_about.replace(self.asked_about.get() + 1);
        let place = format!("{}/{}/image-{number}", self.registry.host(), signed.as_str());
        let image = match named {
            Named::Tag => format!("{place}:1.4"),
            Named::Digest => format!("{place}@{subject}"),
        };
        let context = Context::new(namespace.name.clone(), book.select(namespace), Keychain::anonymous());
        let gate = court::gate(&self.client);
        let judged = gate.judge(&image, &context, Stage::Template, *now, court::deadline());
        let (cpu, wall, judgement) = clock::once(|| self.runtime.block_on(judged));
        ensure!(judgement.effect() == Effect::None, "{image} is not admitted: {:?}", judgement.codes());
        Ok((cpu, wall))
    }
}
