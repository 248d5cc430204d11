//! One request from its body to its answer.
//!
//! ```text
//!   body -> review -> door -> workload -> skip? -> selection -> context -> judge | pin -> answer
//!                             (no I/O up to here)  (cache)      (secrets)  (registry)
//! ```
//!
//! Whatever goes wrong on the way, the request is answered under its own `uid` and with a code: a panic in a
//! document's reader is one undecided request, not a closed door.
//!
//! Not here: sockets and HTTP (`server`), and what a judgement means for the answer (`answer`).

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};
use ulid::Ulid;
use verdict::Code;
use workload::{Kind, Workload};

use crate::{
    answer::{Answer, Ruling},
    court::{Blind, Court},
    deadline::BACKSTOP,
    door::{self, Door, Path},
    metrics::{Metrics, Outcome},
    patch,
    review::{self, Review},
    skip,
};

/// Tells the time. The binary owns the clock; tests bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Most distinct images judged for one request. The largest Pods in the field have a few dozen containers;
/// beyond, one request could occupy a replica for its whole deadline.
const MAX_IMAGES: usize = 256;

/// Images of one request judged at once. A Pod of usual size goes in one wave.
const CONCURRENT_IMAGES: usize = 16;

/// Answers admission requests.
pub struct Clerk<C> {
    court: C,
    clock: Clock,
    metrics: Metrics,
}

impl<C: Court> Clerk<C> {
    /// A clerk who asks `court`, reads the time from `clock` and counts in `metrics`.
    pub fn new(court: C, clock: Clock, metrics: Metrics) -> Self {
        Self { court, clock, metrics }
    }

    /// Whom this clerk asks.
    pub fn court(&self) -> &C {
        &self.court
    }

    /// The whole AdmissionReview to send back for `body`, in JSON; `None` when it has no `uid` to answer to.
    /// Judging ends by `deadline`, and at the latest [`BACKSTOP`] after it.
    pub async fn attend(&self, path: Path, body: &[u8], deadline: Instant) -> Option<Vec<u8>> {
        let uid = review::uid(body)?;
        let started = Instant::now();
        let now = (self.clock)();
        let decision = Ulid::from_datetime(now.into()).to_string();
        let review = review::read(body);
        let kind = review.as_ref().ok().and_then(door::kind_of);
        let door = if review.is_ok() { Door::of(path, kind) } else { Door::of_unreadable(path) };

        let considered = async {
            let ruling = match &review {
                Ok(review) => self.rule(door, kind, review, now, deadline).await,
                Err(error) => unreadable(names::with_causes(error)),
            };
            Answer::of(door, &ruling, &decision)
        };
        let considered = AssertUnwindSafe(considered).catch_unwind();
        let answer = match timeout_at(deadline + BACKSTOP, considered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => self.gave_up(door, "the webhook failed inside", &decision),
            Err(_late) => self.gave_up(door, "judging did not end by its own deadline", &decision),
        };

        if !review.as_ref().is_ok_and(|review| review.dry_run == Some(true)) {
            self.metrics.count(door, kind, answer.outcome, started.elapsed());
            if !answer.is_allowed() {
                let namespace = review.as_ref().ok().and_then(|review| review.namespace.as_deref());
                record(&answer, &decision, namespace, kind);
            }
        }
        Some(answer.into_json(&uid))
    }

    async fn rule(
        &self,
        door: Door,
        kind: Option<Kind>,
        review: &Review<'_>,
        now: Timestamp,
        deadline: Instant,
    ) -> Ruling {
        if skip::starts_nothing(review.operation) {
            return Ruling::Passed(Outcome::NotJudged);
        }
        let new = read_object(kind, review);
        let old = kind.zip(review.old_object).and_then(|(kind, object)| Workload::read(kind, object).ok());
        if let Some(outcome) = new.as_ref().ok().and_then(|new| skip::reason(review, new, old.as_ref())) {
            return Ruling::Passed(outcome);
        }
        let Some(namespace) = review.namespace.as_deref().filter(|namespace| !namespace.is_empty()) else {
            return unreadable("the request names no namespace".to_owned());
        };
        let selection = match self.court.selection(namespace, deadline).await {
            Ok(Some(selection)) => selection,
            Ok(None) => return Ruling::Passed(Outcome::Unselected),
            Err(Blind { code, message }) => return Ruling::Unjudged { code, found: message },
        };
        let new = match new {
            Ok(new) => new,
            Err(found) => return unreadable(found),
        };
        if door == Door::Pin {
            return self.pin(namespace, &new, old.as_ref(), &selection, deadline).await;
        }
        let images = distinct(new.images.iter().map(|image| image.reference.as_str()));
        if images.len() > MAX_IMAGES {
            let found =
                format!("{} different images in one object; at most {MAX_IMAGES} are judged", images.len());
            return Ruling::Unjudged { code: Code::LimitExceeded, found };
        }
        let context = self.court.context(namespace, &new, &selection, deadline).await;
        let stage = door.stage();
        let judging: Vec<_> =
            images.into_iter().map(|image| self.court.judge(image, &context, stage, now, deadline)).collect();
        Ruling::Judged(stream::iter(judging).buffered(CONCURRENT_IMAGES).collect().await)
    }

    /// The pinning door has no findings: what it cannot pin, the Pod door judges and explains.
    async fn pin(
        &self,
        namespace: &str,
        new: &Workload,
        old: Option<&Workload>,
        selection: &C::Selection,
        deadline: Instant,
    ) -> Ruling {
        if new.kind != Kind::Pod {
            return Ruling::Passed(Outcome::Allowed);
        }
        let mut images = distinct(patch::brought(new, old).map(|image| image.reference.as_str()));
        images.retain(|image| self.court.pins(image, selection));
        if images.is_empty() || images.len() > MAX_IMAGES {
            return Ruling::Passed(Outcome::Allowed);
        }
        let context = self.court.context(namespace, new, selection, deadline).await;
        let resolving: Vec<_> = images
            .iter()
            .map(|image| {
                self.court.pin(image, &context, deadline).map(|pinned| Some(((*image).to_owned(), pinned?)))
            })
            .collect();
        let resolved: Vec<_> = stream::iter(resolving).buffer_unordered(CONCURRENT_IMAGES).collect().await;
        Ruling::Pinned(patch::of(new, old, &resolved.into_iter().flatten().collect::<BTreeMap<_, _>>()))
    }

    fn gave_up(&self, door: Door, found: &str, decision: &str) -> Answer {
        tracing::error!(decision, found, "a request could not be judged");
        Answer::of(door, &Ruling::Unjudged { code: Code::InternalError, found: found.to_owned() }, decision)
    }
}

fn read_object(kind: Option<Kind>, review: &Review<'_>) -> Result<Workload, String> {
    let kind = kind.ok_or_else(|| "an object of a kind that this webhook does not read".to_owned())?;
    let object = review.object.ok_or_else(|| format!("the request carries no {kind}"))?;
    Workload::read(kind, object).map_err(|error| names::with_causes(&error))
}

fn unreadable(found: String) -> Ruling {
    Ruling::Unjudged { code: Code::ObjectUnreadable, found }
}

/// In the order first met, so that the answer names images as the object does.
fn distinct<'a>(images: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    images.filter(|image| seen.insert(*image)).collect()
}

/// One line for each request that was turned away. Who asked is not in it.
fn record(answer: &Answer, decision: &str, namespace: Option<&str>, kind: Option<Kind>) {
    tracing::info!(
        decision,
        codes = answer.codes(),
        namespace = namespace.unwrap_or_default(),
        kind = kind.map_or("", Kind::as_str),
        "turned away"
    );
}

#[cfg(test)]
mod tests;
