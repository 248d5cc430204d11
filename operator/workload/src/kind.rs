//! The built-in kinds that run images, and where each keeps its Pod spec.

use std::fmt;

/// A built-in kind whose objects say which images run.
///
/// The subresource `pods/ephemeralcontainers` carries a whole Pod and is read as [`Kind::Pod`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `v1`
    Pod,
    /// `v1`
    ReplicationController,
    /// `apps/v1`
    ReplicaSet,
    /// `apps/v1`
    Deployment,
    /// `apps/v1`
    StatefulSet,
    /// `apps/v1`
    DaemonSet,
    /// `batch/v1`
    Job,
    /// `batch/v1`
    CronJob,
}

impl Kind {
    /// Every kind, so that a test can walk them.
    pub const ALL: [Self; 8] = [
        Self::Pod,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
    ];

    /// The kind that an object states. `None` for every other kind, and for these kinds in an API group or
    /// version that Kubernetes no longer serves: where it kept its Pod spec then is not known here.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == kind && known.api_version() == api_version)
    }

    /// As it stands in `kind:`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::ReplicationController => "ReplicationController",
            Self::ReplicaSet => "ReplicaSet",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
        }
    }

    /// As it stands in `apiVersion:`.
    #[must_use]
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::Pod | Self::ReplicationController => "v1",
            Self::ReplicaSet | Self::Deployment | Self::StatefulSet | Self::DaemonSet => "apps/v1",
            Self::Job | Self::CronJob => "batch/v1",
        }
    }

    /// JSON pointer from the object to its Pod spec.
    #[must_use]
    pub const fn pod_spec_pointer(self) -> &'static str {
        match self {
            Self::Pod => "/spec",
            Self::ReplicationController
            | Self::ReplicaSet
            | Self::Deployment
            | Self::StatefulSet
            | Self::DaemonSet
            | Self::Job => "/spec/template/spec",
            Self::CronJob => "/spec/jobTemplate/spec/template/spec",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
