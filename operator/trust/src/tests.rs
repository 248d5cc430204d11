//! Tests of the room as a whole: bundles made by an instance of our own, altered one part at a time, and real
//! ones made by cosign. Tests of one file alone stand beside it.

mod altered;
mod bounds;
mod cosign;
mod instance;
mod keys;
mod never_panics;
mod roots;
mod steps;

use std::sync::Arc;

use jiff::Timestamp;
use names::Digest;
use serde_json::Value;

use crate::{Anchor, Bundle, Refused, Statement, Step, Verified, verify};
use instance::SIGNED_AT;

/// A day after the fixtures were signed.
fn now() -> Timestamp {
    seconds(SIGNED_AT + 24 * 60 * 60)
}

fn seconds(since_1970: i64) -> Timestamp {
    Timestamp::from_second(since_1970).unwrap()
}

/// The digest that every fixture's statement is about.
fn image() -> Digest {
    Digest::sha256(b"the image")
}

fn parse(bundle: &Value) -> Result<Bundle, Refused> {
    Bundle::parse(bundle.to_string())
}

fn check(bundle: &Value, anchor: &Anchor) -> Result<Verified<Statement>, Refused> {
    verify(&parse(bundle)?, &image(), anchor, now())
}

/// The step at which a bundle is refused.
#[track_caller]
fn step(bundle: &Value, anchor: &Anchor) -> Step {
    check(bundle, anchor).expect_err("the bundle must be refused").step
}

fn root_of(instance: &instance::Instance) -> Anchor {
    Anchor::Root(Arc::new(instance.root()))
}
