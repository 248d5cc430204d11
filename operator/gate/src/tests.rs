//! Whole judgements: policies from YAML, bundles that cosign made, a source that is told what to answer.

pub(crate) mod api_server;
pub(crate) mod fixtures;
pub(crate) mod source;

mod bounds;
mod judging;
mod obstacles;
mod policies;
mod sharing;

use std::{sync::Arc, time::Duration};

use fetch::{Keychain, Source};
use jiff::Timestamp;
use names::Digest;
use rulebook::Selection;
use tokio::time::Instant;
use verdict::{Code, Judgement};

use self::{
    fixtures::{Written, keyless, select, signed},
    source::FakeSource,
};
use crate::{Context, Gate, Limits, Stage};

const CART: &str = "registry.example.com/shop/cart:1.4";
const KEYLESS: [&str; 3] = ["keyless-sbom", "keyless-ai-provenance", "keyless-vuln"];

/// A gate over `source`.
fn gate(source: &FakeSource) -> Gate {
    Gate::new(Arc::new(source.clone()), Limits::default())
}

fn context(selection: Selection) -> Context {
    Context::new("shop".to_owned(), selection, Keychain::anonymous())
}

/// A time for the test to end, not for what it tests.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

async fn judge_at(gate: &Gate, image: &str, context: &Context, now: Timestamp) -> Judgement {
    gate.judge(image, context, Stage::Template, now, soon()).await
}

/// What the keyless policy, or what `policies` say, make of the image with the bundles in `source`.
async fn judged(source: &FakeSource, policies: &[Written]) -> Judgement {
    judge_at(&gate(source), CART, &context(select(policies)), signed().checked_at).await
}

async fn judged_keyless(bundles: &[&str]) -> Judgement {
    judged(&FakeSource::holding(bundles), &[keyless("production")]).await
}

/// The distinct codes, notices included.
fn codes(judgement: &Judgement) -> Vec<Code> {
    judgement.codes()
}

/// Fails if it is asked for anything.
struct Unasked;

impl Source for Unasked {
    fn resolve<'a>(
        &'a self,
        image: &'a names::ImageRef,
        _: fetch::Ask<'a>,
    ) -> fetch::Answer<'a, fetch::Resolved> {
        panic!("asked to resolve {image}")
    }

    fn candidates<'a>(
        &'a self,
        repository: &'a names::Repository,
        _: &'a Digest,
        _: fetch::Ask<'a>,
    ) -> fetch::Answer<'a, fetch::Listing> {
        panic!("asked what refers to an image in {repository}")
    }

    fn bundle<'a>(
        &'a self,
        repository: &'a names::Repository,
        _: &'a fetch::Descriptor,
        _: fetch::Ask<'a>,
    ) -> fetch::Answer<'a, Vec<bytes::Bytes>> {
        panic!("asked for a statement in {repository}")
    }
}

fn unasked() -> Gate {
    Gate::new(Arc::new(Unasked), Limits::default())
}
