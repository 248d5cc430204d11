//! What is counted: answers by door, kind and outcome, and how long they took.
//!
//! All labels are closed sets: no image, digest, namespace, policy or user, so that nobody who can create
//! Pods can make the number of series grow. Dry runs are not counted.
//!
//! Not here: the port on which the numbers are read.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use workload::Kind;

use crate::door::Door;

/// Bounds in seconds: a warm answer takes well under a millisecond, a cold one some round trips to a
/// registry, and nothing goes on past 28.5 s.
const BUCKETS: [f64; 12] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Outcome {
    /// DELETE or CONNECT: nothing starts.
    NotJudged,
    /// An update that keeps every image.
    Unchanged,
    /// A node's own report of a static Pod, which has passed no admission.
    Mirror,
    /// No policy selects the namespace.
    Unselected,
    /// Allowed, nothing found that would be said aloud.
    Allowed,
    /// Allowed with warnings.
    Warned,
    /// Turned away for what was found.
    Denied,
    /// Turned away because something could not be found out.
    Undecided,
    /// Allowed with at least one tag written as a digest.
    Pinned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum DoorLabel {
    Pod,
    Early,
    Pin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum KindLabel {
    Pod,
    ReplicaSet,
    ReplicationController,
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    door: DoorLabel,
    kind: KindLabel,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DoorLabels {
    door: DoorLabel,
}

/// The webhook's counters. Cheap to clone; clones count into the same numbers.
#[derive(Clone, Debug)]
pub struct Metrics {
    answers: Family<AnswerLabels, Counter>,
    seconds: Family<DoorLabels, Histogram, fn() -> Histogram>,
}

impl Metrics {
    /// Registers `tidewaiter_admission_answers_total` and `tidewaiter_admission_seconds`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            answers: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        };
        registry.register(
            "tidewaiter_admission_answers",
            "Admission requests answered, by door, kind and outcome; without dry runs",
            metrics.answers.clone(),
        );
        registry.register(
            "tidewaiter_admission_seconds",
            "Seconds from the whole body to the answer, by door; without dry runs",
            metrics.seconds.clone(),
        );
        metrics
    }

    /// Counts one answer.
    pub(crate) fn count(&self, door: Door, kind: Option<Kind>, outcome: Outcome, took: Duration) {
        let door = DoorLabel::from(door);
        self.answers.get_or_create(&AnswerLabels { door, kind: kind.into(), outcome }).inc();
        self.seconds.get_or_create(&DoorLabels { door }).observe(took.as_secs_f64());
    }
}

impl From<Door> for DoorLabel {
    fn from(door: Door) -> Self {
        match door {
            Door::Pod => Self::Pod,
            Door::Early => Self::Early,
            Door::Pin => Self::Pin,
        }
    }
}

impl From<Option<Kind>> for KindLabel {
    fn from(kind: Option<Kind>) -> Self {
        match kind {
            Some(Kind::Pod) => Self::Pod,
            Some(Kind::ReplicaSet) => Self::ReplicaSet,
            Some(Kind::ReplicationController) => Self::ReplicationController,
            Some(Kind::Deployment) => Self::Deployment,
            Some(Kind::StatefulSet) => Self::StatefulSet,
            Some(Kind::DaemonSet) => Self::DaemonSet,
            Some(Kind::Job) => Self::Job,
            Some(Kind::CronJob) => Self::CronJob,
            None => Self::Other,
        }
    }
}
