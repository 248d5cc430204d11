//! What was verified once, remembered by content: (candidate, subject, anchors) is a pure question but for the clock.
//!
//! A success stays true: a keyless statement is verified at its signing time, and a key does not age. A refusal may
//! hang on the clock (a time that lay in the future), so such an answer is asked for again after a while.
//! Not here: reading the candidate. Whoever asks has read it, or has listed it, with a credential of its own.

use std::{future::Future, sync::Arc};

use evidence::Document;
use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use names::Digest;
use trust::{Refused, Step};

/// Bytes of remembered answers, as [`Answer::weight`] counts them: about 16,000 candidates of the usual 4 KiB.
const CAPACITY: u64 = 64 << 20;
/// Trust allows a time to lie five minutes ahead; asking again each minute shows it well before that.
const REFUSAL_LIFE: SignedDuration = SignedDuration::from_mins(1);
/// A question (three digests of 64 to 128 digits), the table's own entry and a refusal's texts, each bounded by
/// `trust` to a few hundred bytes.
const BASE_WEIGHT: usize = 1024;

/// What one bundle proved: a document under each anchor that proves it, or else the refusal that came furthest.
pub(crate) type Outcome = Result<Arc<Document>, Arc<Refused>>;

/// The outcomes of all bundles of a candidate.
pub(crate) type Outcomes = Arc<[Outcome]>;

/// One question to `trust`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) candidate: Digest,
    pub(crate) subject: Digest,
    /// The name of the set of anchors asked.
    pub(crate) anchors: Digest,
}

/// What `trust` answered, and for how long that holds.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    outcomes: Outcomes,
    /// When it was asked, if another time could answer otherwise.
    asked: Option<Timestamp>,
}

impl Answer {
    /// An answer given at `now`. `furthest` is the last step at which any anchor refused any of the bundles, also
    /// one that another anchor proved.
    pub(crate) fn new(outcomes: Vec<Outcome>, furthest: Option<Step>, now: Timestamp) -> Self {
        // No step before this one looks at a clock, be it ours or the library's.
        let hangs_on_the_clock = furthest.is_some_and(|step| step >= Step::Time);
        Self { outcomes: outcomes.into(), asked: hangs_on_the_clock.then_some(now) }
    }

    /// A clock that was set back must not keep an answer longer, so the distance counts in both directions.
    fn holds_at(&self, now: Timestamp) -> bool {
        self.asked.is_none_or(|asked| now.duration_since(asked).abs() < REFUSAL_LIFE)
    }

    fn weight(&self) -> u32 {
        let weigh = |outcome: &Outcome| outcome.as_ref().map_or(BASE_WEIGHT, |document| document.weight());
        let weight = self.outcomes.iter().map(weigh).fold(BASE_WEIGHT, usize::saturating_add);
        u32::try_from(weight).unwrap_or(u32::MAX)
    }
}

/// The gate's memory of answers, bounded in bytes.
pub(crate) struct Memory(Cache<Question, Answer>);

impl Memory {
    pub(crate) fn new() -> Self {
        Self::bounded(CAPACITY)
    }

    fn bounded(bytes: u64) -> Self {
        Self(Cache::builder().max_capacity(bytes).weigher(|_, answer: &Answer| answer.weight()).build())
    }

    /// The remembered answer, if it still holds at `now`.
    pub(crate) async fn get(&self, question: &Question, now: Timestamp) -> Option<Outcomes> {
        self.0.get(question).await.filter(|answer| answer.holds_at(now)).map(|answer| answer.outcomes)
    }

    /// The remembered answer, or that of `verify`, which runs once however many ask at the same time.
    pub(crate) async fn get_or(
        &self,
        question: Question,
        now: Timestamp,
        verify: impl Future<Output = Answer>,
    ) -> Outcomes {
        let entry = self.0.entry(question).or_insert_with_if(verify, |answer| !answer.holds_at(now)).await;
        entry.into_value().outcomes
    }
}

#[cfg(test)]
mod tests;
