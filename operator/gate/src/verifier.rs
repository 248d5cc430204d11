//! From the bytes of a candidate to its outcomes: remembered, or verified once for all who ask.
//!
//! Small bundles are verified where they are asked for. Large ones take milliseconds and many times their size in
//! memory, so they go to a thread of their own, and only as many at once as the budget allows.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use jiff::Timestamp;
use names::Digest;
use tokio::{
    sync::Semaphore,
    task::{spawn_blocking, yield_now},
};
use trust::{Bundle, Step};

use crate::{
    anchors::Anchors,
    joined::joined,
    memory::{Answer, Memory, Outcome, Outcomes, Question},
};

/// Verification parses a bundle into a tree of values: about eight times its size (measured with a 46 MiB bundle).
const MEMORY_PER_BYTE: usize = 8;
/// Above this a verification takes milliseconds and leaves the threads that answer the API server.
const INLINE_BYTES: usize = 128 << 10;
/// Bytes that one permit stands for; a semaphore counts in `u32`.
const PERMIT_BYTES: usize = 1 << 10;

/// How many candidates were verified since the gate was made. What is remembered is not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verifications {
    /// Small ones, on the thread that asked.
    pub inline: u64,
    /// Large ones, on a thread of their own and within the budget of memory.
    pub apart: u64,
}

/// Verifies candidates and remembers what came of it.
pub(crate) struct Verifier {
    memory: Memory,
    /// Permits of [`PERMIT_BYTES`] each: how much memory all large verifications may hold together.
    budget: Arc<Semaphore>,
    permits: u32,
    inline: AtomicU64,
    apart: AtomicU64,
}

impl Verifier {
    /// A verifier whose large verifications hold at most `memory` bytes together.
    pub(crate) fn new(memory: usize) -> Self {
        let permits = permits(memory);
        Self {
            memory: Memory::new(),
            budget: Arc::new(Semaphore::new(permits as usize)),
            permits,
            inline: AtomicU64::new(0),
            apart: AtomicU64::new(0),
        }
    }

    pub(crate) fn count(&self) -> Verifications {
        Verifications {
            inline: self.inline.load(Ordering::Relaxed),
            apart: self.apart.load(Ordering::Relaxed),
        }
    }

    /// The outcomes that are remembered for `question`.
    pub(crate) async fn known(&self, question: &Question, now: Timestamp) -> Option<Outcomes> {
        self.memory.get(question, now).await
    }

    /// The outcomes of `bundles`, which are all that the question's candidate carries.
    pub(crate) async fn outcomes(
        self: &Arc<Self>,
        question: Question,
        bundles: Vec<Bytes>,
        anchors: &Arc<Anchors>,
        now: Timestamp,
    ) -> Outcomes {
        let bytes: usize = bundles.iter().map(Bytes::len).sum();
        if bytes > INLINE_BYTES {
            return self.outcomes_apart(question, bundles, bytes, anchors, now).await;
        }
        let subject = question.subject.clone();
        let verify = async {
            self.inline.fetch_add(1, Ordering::Relaxed);
            verify_all(bundles, &subject, anchors, now)
        };
        let outcomes = self.memory.get_or(question, now, verify).await;
        // Of an image with thousands of candidates each may be at hand already; others want this thread too.
        yield_now().await;
        outcomes
    }

    /// Waiting for a share of the budget ends with its asker. What was begun is finished whoever leaves, and holds
    /// its share until then: the next asker finds it done.
    async fn outcomes_apart(
        self: &Arc<Self>,
        question: Question,
        bundles: Vec<Bytes>,
        bytes: usize,
        anchors: &Arc<Anchors>,
        now: Timestamp,
    ) -> Outcomes {
        let share = permits(bytes.saturating_mul(MEMORY_PER_BYTE)).min(self.permits);
        // The semaphore is never closed; were it, unbounded memory would still be the smaller harm than no answer.
        let share = Arc::clone(&self.budget).acquire_many_owned(share).await.ok();
        let (verifier, anchors) = (Arc::clone(self), Arc::clone(anchors));
        let work = tokio::spawn(async move {
            let subject = question.subject.clone();
            let verify = async {
                verifier.apart.fetch_add(1, Ordering::Relaxed);
                joined(spawn_blocking(move || verify_all(bundles, &subject, &anchors, now))).await
            };
            let outcomes = verifier.memory.get_or(question, now, verify).await;
            drop(share);
            outcomes
        });
        joined(work).await
    }
}

/// Permits for `bytes` of memory.
fn permits(bytes: usize) -> u32 {
    u32::try_from(bytes / PERMIT_BYTES).unwrap_or(u32::MAX).max(1)
}

fn verify_all(bundles: Vec<Bytes>, subject: &Digest, anchors: &Anchors, now: Timestamp) -> Answer {
    let mut outcomes = Vec::with_capacity(bundles.len());
    let mut furthest = None;
    for bytes in bundles {
        furthest = furthest.max(verify_one(bytes, subject, anchors, now, &mut outcomes));
    }
    Answer::new(outcomes, furthest, now)
}

/// Adds a document under each anchor that proves the bundle, or the one refusal that came furthest. Says how far
/// the anchors came that refused it.
fn verify_one(
    bytes: Bytes,
    subject: &Digest,
    anchors: &Anchors,
    now: Timestamp,
    outcomes: &mut Vec<Outcome>,
) -> Option<Step> {
    let bundle = match Bundle::parse(bytes) {
        Ok(bundle) => bundle,
        Err(refused) => {
            let step = refused.step;
            outcomes.push(Err(Arc::new(refused)));
            return Some(step);
        }
    };
    let mut proved = false;
    let mut furthest: Option<trust::Refused> = None;
    for anchor in anchors.iter() {
        match trust::verify(&bundle, subject, anchor, now) {
            Ok(statement) => {
                proved = true;
                outcomes.push(Ok(Arc::new(evidence::read(&statement))));
            }
            Err(refused) => {
                if furthest.as_ref().is_none_or(|best| refused.step > best.step) {
                    furthest = Some(refused);
                }
            }
        }
    }
    let step = furthest.as_ref().map(|refused| refused.step);
    if !proved {
        outcomes.extend(furthest.map(|refused| Err(Arc::new(refused))));
    }
    step
}

#[cfg(test)]
mod tests;
