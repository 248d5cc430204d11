//! The verdict on evidence that was verified and read before: what a warm answer adds for each policy.

use std::hint::black_box;

use anyhow::{Context as _, ensure};
use verdict::Outcome;

use crate::{clock, figure::Figure, fixtures::Fixtures};

/// Calls in a round; a round takes some milliseconds.
const CALLS: u32 = 2_000;
/// In microseconds: a Pod of fifty images under ten policies stays below 10 ms.
const AIM: f64 = 20.0;

pub(crate) fn decide(fixtures: &Fixtures) -> anyhow::Result<Figure> {
    let rules = fixtures.policy()?.rules.as_ref().ok().context("the policy compiles")?;
    let evidence = fixtures.evidence()?;
    let verdict = verdict::decide(rules, &evidence, fixtures.now);
    ensure!(verdict.outcome == Outcome::Allowed, "the evidence satisfies the policy: {:?}", verdict.findings);
    let value = clock::per_call(CALLS, || {
        black_box(verdict::decide(black_box(rules), black_box(&evidence), fixtures.now));
    });
    let name = "verdict on parsed evidence: SBOM, AI provenance and scan under one policy, CPU";
    Ok(Figure::new(name, value, "µs").compared("the aim, at most", AIM))
}
