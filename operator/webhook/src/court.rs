//! Whom the clerk asks: which policies select a namespace, what they make of an image, what a tag means.
//!
//! A trait, so that doors, limits and answers are tested without a cluster or a registry; the real one is
//! `gated`.

use std::{fmt::Debug, future::Future};

use gate::Stage;
use jiff::Timestamp;
use names::ImageRef;
use tokio::time::Instant;
use verdict::{Code, Judgement};
use workload::Workload;

/// Why nothing could be said about a request as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// `NotReady` and its like.
    pub code: Code,
    /// What could not be seen.
    pub message: String,
}

/// Judges images under the policies that select a namespace.
pub trait Court: Send + Sync + 'static {
    /// The policies that select one namespace; there is at least one.
    type Selection: Send + Sync;
    /// What judging needs beside the image: policies and credentials.
    type Context: Send + Sync;

    /// Whether everything that decides a selection has been fully listed.
    fn ready(&self) -> bool;

    /// The policies that select `namespace`; `None` when none does.
    fn selection(
        &self,
        namespace: &str,
        deadline: Instant,
    ) -> impl Future<Output = Result<Option<Self::Selection>, Blind>> + Send;

    /// The context for the images of `workload`.
    fn context(
        &self,
        namespace: &str,
        workload: &Workload,
        selection: &Self::Selection,
        deadline: Instant,
    ) -> impl Future<Output = Self::Context> + Send;

    /// Whether the policies together want the tag of `image` bound to a digest. Asks nobody.
    fn pins(&self, image: &str, selection: &Self::Selection) -> bool;

    /// Judges `image`, as written, for a Pod or for what Pods are made from. Ends by `deadline`, with a finding
    /// that says so.
    fn judge(
        &self,
        image: &str,
        context: &Self::Context,
        stage: Stage,
        now: Timestamp,
        deadline: Instant,
    ) -> impl Future<Output = Judgement> + Send;

    /// `image` with the digest its tag means now; `None` when it has one, none is wanted, or it cannot be resolved.
    fn pin(
        &self,
        image: &str,
        context: &Self::Context,
        deadline: Instant,
    ) -> impl Future<Output = Option<ImageRef>> + Send;
}

#[cfg(test)]
pub(crate) mod fake;
