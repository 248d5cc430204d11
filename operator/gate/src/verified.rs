//! What was verified once, remembered by content: (candidate, subject, anchors) is a pure question but for the clock.
//!
//! A success stays true: a keyless statement is verified at its signing time, and a key does not age. A refusal may
//! hang on the clock (a time that lay in the future), so it is asked again after a while.
//! Not here: reading the candidate. Whoever asks has read it, or has listed it, with a credential of its own.

use std::{future::Future, sync::Arc, time::Duration};

use evidence::Document;
use moka::{Expiry, future::Cache};
use names::Digest;
use trust::Refused;

/// Bytes of remembered documents, as [`weigh`] counts them: about 20,000 candidates of the usual 3 KiB.
const CAPACITY: u64 = 64 << 20;
/// Trust allows a time to lie five minutes ahead; asking again each minute shows it well before that.
const REFUSAL_LIFE: Duration = Duration::from_secs(60);
/// The fixed parts of a document or refusal: digests, identity, claims, times, the table's own overhead.
const BASE_WEIGHT: u32 = 2048;

/// What one bundle proved: a document under each anchor that proves it, or else the refusal that came furthest.
pub(crate) type Outcome = Result<Arc<Document>, Arc<Refused>>;

/// The outcomes of all bundles of a candidate.
pub(crate) type Outcomes = Arc<[Outcome]>;

/// One question to `trust`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) candidate: Digest,
    pub(crate) subject: Digest,
    /// Of the identities of all anchors asked, in order.
    pub(crate) anchors: Digest,
}

/// The gate's memory of verified statements, bounded in bytes.
#[derive(Clone)]
pub(crate) struct Memory(Cache<Question, Outcomes>);

impl Memory {
    pub(crate) fn new() -> Self {
        let cache = Cache::builder()
            .max_capacity(CAPACITY)
            .weigher(|_, outcomes: &Outcomes| weigh(outcomes))
            .expire_after(RefusalsAge)
            .build();
        Self(cache)
    }

    pub(crate) async fn get(&self, question: &Question) -> Option<Outcomes> {
        self.0.get(question).await
    }

    /// The remembered answer, or that of `verify`, which runs once however many ask at the same time.
    pub(crate) async fn get_or(&self, question: Question, verify: impl Future<Output = Outcomes>) -> Outcomes {
        self.0.get_with(question, verify).await
    }
}

fn weigh(outcomes: &Outcomes) -> u32 {
    outcomes.iter().fold(BASE_WEIGHT, |sum, outcome| {
        let own = outcome.as_ref().map_or(BASE_WEIGHT as usize, |document| document.weight());
        sum.saturating_add(u32::try_from(own).unwrap_or(u32::MAX))
    })
}

/// Successes stay, refusals age.
struct RefusalsAge;

impl Expiry<Question, Outcomes> for RefusalsAge {
    fn expire_after_create(
        &self,
        _: &Question,
        outcomes: &Outcomes,
        _: std::time::Instant,
    ) -> Option<Duration> {
        outcomes.iter().any(Result::is_err).then_some(REFUSAL_LIFE)
    }
}
