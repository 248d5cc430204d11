//! From a digest to all that is said about it: list, read, verify, sort. Nothing is dropped in silence:
//! a candidate ends as documents, as refused, or as unread.

use std::{future::Future, sync::Arc};

use evidence::{Evidence, Unread};
use fetch::{Ask, Descriptor, Source};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use names::{Digest, Repository};
use tokio::time::{Instant, timeout_at};

use crate::{
    anchors::Anchors,
    memory::{Outcomes, Question},
    obstacle,
    verifier::Verifier,
};

/// Candidates of one image read at the same time. The registry client has bounds of its own.
const READ_AT_ONCE: usize = 16;

/// Whom collecting asks.
#[derive(Clone)]
pub(crate) struct Collector {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) verifier: Arc<Verifier>,
}

/// About what, against what, as of when, and on whose behalf.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) digest: &'a Digest,
    pub(crate) anchors: &'a Arc<Anchors>,
    pub(crate) now: Timestamp,
    pub(crate) ask: Ask<'a>,
}

impl Collector {
    /// Everything that is said about the subject. Ends by the asker's deadline, with what was read until then.
    pub(crate) async fn collect(&self, subject: Subject<'_>) -> Evidence {
        let Subject { repository, digest, ask, .. } = subject;
        let mut evidence = Evidence::default();
        let listing = self.source.candidates(repository, digest, ask);
        let listing = match within(ask.deadline, repository, "the list of what refers to it", listing).await {
            Ok(listing) => listing,
            Err(error) => {
                evidence.unread.push(unread(None, &error));
                return evidence;
            }
        };
        if let Some(error) = &listing.incomplete {
            evidence.unread.push(unread(None, error));
        }
        let mut read = stream::iter(listing.candidates)
            .map(|candidate| async move { (self.outcomes(subject, &candidate).await, candidate) })
            // In the order of the listing, so that the same evidence is told in the same words.
            .buffered(READ_AT_ONCE);
        while let Some((outcomes, candidate)) = read.next().await {
            match outcomes {
                Ok(outcomes) => sort(&outcomes, &mut evidence),
                Err(error) => evidence.unread.push(unread(Some(candidate.digest), &error)),
            }
        }
        evidence
    }

    async fn outcomes(&self, subject: Subject<'_>, candidate: &Descriptor) -> Result<Outcomes, fetch::Error> {
        let Subject { repository, digest, anchors, now, ask } = subject;
        let question = Question {
            candidate: candidate.digest.clone(),
            subject: digest.clone(),
            anchors: anchors.name().clone(),
        };
        if let Some(known) = self.verifier.known(&question, now).await {
            return Ok(known);
        }
        let bundles = self.source.bundle(repository, candidate, ask);
        let bundles = within(ask.deadline, repository, "a statement about it", bundles).await?;
        let verified = async { Ok(self.verifier.outcomes(question, bundles, anchors, now).await) };
        within(ask.deadline, repository, "a statement about it, verified", verified).await
    }
}

fn sort(outcomes: &Outcomes, evidence: &mut Evidence) {
    for outcome in outcomes.iter() {
        match outcome {
            Ok(document) => evidence.documents.push(Arc::clone(document)),
            Err(refused) => evidence.refused.push(Arc::clone(refused)),
        }
    }
}

/// `answer`, or that it did not come in time. A source keeps deadlines itself; a judgement ends also beside one
/// that does not.
pub(crate) async fn within<T>(
    deadline: Instant,
    repository: &Repository,
    what: &str,
    answer: impl Future<Output = Result<T, fetch::Error>>,
) -> Result<T, fetch::Error> {
    timeout_at(deadline, answer).await.unwrap_or_else(|_elapsed| {
        let host = repository.host().to_owned();
        Err(fetch::Error::Deadline { host, what: format!("{what} ({})", repository.path()) })
    })
}

fn unread(candidate: Option<Digest>, error: &fetch::Error) -> Unread {
    Unread { candidate, obstacle: obstacle::of(error), detail: names::with_causes(error) }
}
