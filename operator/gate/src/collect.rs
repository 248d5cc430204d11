//! From a digest to all that is said about it: list, read, verify, sort. Nothing is dropped in silence:
//! a candidate ends as a document, as refused, or as unread.

use std::sync::Arc;

use bytes::Bytes;
use evidence::{Evidence, Unread};
use fetch::{Ask, Descriptor, Source};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use names::{Digest, Repository};
use tokio::sync::Semaphore;
use trust::{Anchor, AnchorId, Bundle};

use crate::{
    obstacle,
    verified::{Memory, Outcome, Outcomes, Question},
};

/// Candidates of one image read at the same time. The registry client has bounds of its own.
const READ_AT_ONCE: usize = 16;
/// Verification parses a bundle into a tree of values: about eight times its size (measured with a 46 MiB bundle).
const MEMORY_PER_BYTE: usize = 8;
/// Above this a verification takes milliseconds and leaves the threads that answer the API server.
const INLINE_BYTES: usize = 128 << 10;
/// Bytes that one permit stands for; a semaphore counts in `u32`.
const PERMIT_BYTES: usize = 1 << 10;

/// The parts of the gate that collecting needs.
pub(crate) struct Collector {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) memory: Memory,
    /// Permits of [`PERMIT_BYTES`] each: how much memory all verifications may hold together.
    pub(crate) verification: Arc<Semaphore>,
    pub(crate) verification_permits: u32,
}

/// Permits for a budget of `bytes`.
pub(crate) fn permits(bytes: usize) -> u32 {
    u32::try_from(bytes / PERMIT_BYTES).unwrap_or(u32::MAX).max(1)
}

impl Collector {
    /// Everything that is said about `digest`, as of `now`, under any of `anchors`.
    pub(crate) async fn collect(
        &self,
        repository: &Repository,
        digest: &Digest,
        anchors: &[Arc<Anchor>],
        now: Timestamp,
        ask: Ask<'_>,
    ) -> Evidence {
        let mut evidence = Evidence::default();
        let listing = match self.source.candidates(repository, digest, ask).await {
            Ok(listing) => listing,
            Err(error) => {
                evidence.unread.push(unread(None, &error));
                return evidence;
            }
        };
        if let Some(error) = &listing.incomplete {
            evidence.unread.push(unread(None, error));
        }
        let fingerprint = fingerprint(anchors);
        let readings: Vec<_> = listing
            .candidates
            .iter()
            .map(|candidate| {
                let question = Question {
                    candidate: candidate.digest.clone(),
                    subject: digest.clone(),
                    anchors: fingerprint.clone(),
                };
                async move { (candidate, self.outcomes(repository, candidate, question, anchors, now, ask).await) }
            })
            .collect();
        // In the order of the listing, so that the same evidence is told in the same words.
        let mut read = stream::iter(readings).buffered(READ_AT_ONCE);
        while let Some((candidate, outcomes)) = read.next().await {
            match outcomes {
                Ok(outcomes) => {
                    for outcome in outcomes.iter() {
                        match outcome {
                            Ok(document) => evidence.documents.push(Arc::clone(document)),
                            Err(refused) => evidence.refused.push(Arc::clone(refused)),
                        }
                    }
                }
                Err(error) => evidence.unread.push(unread(Some(candidate.digest.clone()), &error)),
            }
        }
        evidence
    }

    async fn outcomes(
        &self,
        repository: &Repository,
        candidate: &Descriptor,
        question: Question,
        anchors: &[Arc<Anchor>],
        now: Timestamp,
        ask: Ask<'_>,
    ) -> Result<Outcomes, fetch::Error> {
        if let Some(known) = self.memory.get(&question).await {
            return Ok(known);
        }
        let bundles = self.source.bundle(repository, candidate, ask).await?;
        let subject = question.subject.clone();
        let verify = self.verify(bundles, subject, anchors, now);
        tokio::time::timeout_at(ask.deadline, self.memory.get_or(question, verify))
            .await
            .map_err(|_| fetch::Error::Deadline {
                host: repository.host().to_owned(),
                what: "the verification of a statement".to_owned(),
            })
    }

    async fn verify(
        &self,
        bundles: Vec<Bytes>,
        subject: Digest,
        anchors: &[Arc<Anchor>],
        now: Timestamp,
    ) -> Outcomes {
        let bytes: usize = bundles.iter().map(Bytes::len).sum();
        if bytes <= INLINE_BYTES {
            return verify_all(bundles, &subject, anchors, now);
        }
        let wanted = permits(bytes.saturating_mul(MEMORY_PER_BYTE)).min(self.verification_permits);
        // The semaphore is never closed; were it, unbounded memory would still be the smaller harm than no answer.
        let _budget = self.verification.acquire_many(wanted).await.ok();
        let anchors = anchors.to_vec();
        tokio::task::spawn_blocking(move || verify_all(bundles, &subject, &anchors, now))
            .await
            .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
    }
}

fn verify_all(bundles: Vec<Bytes>, subject: &Digest, anchors: &[Arc<Anchor>], now: Timestamp) -> Outcomes {
    bundles.into_iter().flat_map(|bytes| verify_one(bytes, subject, anchors, now)).collect()
}

/// A document under each anchor that proves the bundle, or the one refusal that came furthest.
fn verify_one(bytes: Bytes, subject: &Digest, anchors: &[Arc<Anchor>], now: Timestamp) -> Vec<Outcome> {
    let bundle = match Bundle::parse(bytes) {
        Ok(bundle) => bundle,
        Err(refused) => return vec![Err(Arc::new(refused))],
    };
    let mut proved = Vec::new();
    let mut furthest = None;
    for anchor in anchors {
        match trust::verify(&bundle, subject, anchor, now) {
            Ok(statement) => proved.push(Ok(Arc::new(evidence::read(&statement)))),
            Err(refused) => {
                if furthest.as_ref().is_none_or(|best: &trust::Refused| refused.step > best.step) {
                    furthest = Some(refused);
                }
            }
        }
    }
    if proved.is_empty() {
        proved.extend(furthest.map(|refused| Err(Arc::new(refused))));
    }
    proved
}

/// One digest for a set of anchors.
fn fingerprint(anchors: &[Arc<Anchor>]) -> Digest {
    let mut text = String::with_capacity(anchors.len() * 160);
    for anchor in anchors {
        let (id, root) = anchor.cache_key();
        let (kind, id) = match &id {
            AnchorId::Root(digest) => ("root", digest),
            AnchorId::Key(digest) => ("key", digest),
        };
        let root = root.map(|root| root.to_string()).unwrap_or_default();
        // Digests hold neither a space nor a line end, so no two sets read alike.
        text.push_str(&format!("{kind} {id} {root}\n"));
    }
    Digest::sha256(text.as_bytes())
}

fn unread(candidate: Option<Digest>, error: &fetch::Error) -> Unread {
    Unread { candidate, obstacle: obstacle::of(error), detail: obstacle::say(error) }
}
