//! Why the cluster could not be asked. Whoever asks treats each of these as undecided, never as "nothing there".

use std::sync::Arc;

/// A read of the cluster that gave no answer. Cheap to clone: askers of one read share its failure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClusterError {
    /// The asker's deadline passed first.
    #[error("the API server did not answer in time when asked for {what}")]
    Deadline {
        /// What was asked for, such as `namespace shop`.
        what: String,
    },
    /// There is no such namespace.
    #[error("there is no namespace {name}")]
    NoSuchNamespace {
        /// Its name.
        name: String,
    },
    /// The API server refused, failed or could not be reached.
    #[error("could not read {what}")]
    Read {
        /// What was asked for.
        what: String,
        /// What the client met.
        #[source]
        source: Arc<kube::Error>,
    },
    /// More pull secrets than are read for one Pod.
    #[error("the Pod names {found} pull secrets; at most {limit} are read")]
    TooManyPullSecrets {
        /// How many it names.
        found: usize,
        /// The most that are read.
        limit: usize,
    },
}

impl ClusterError {
    /// Whether asking again may help without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Deadline { .. } => true,
            Self::NoSuchNamespace { .. } | Self::TooManyPullSecrets { .. } => false,
            Self::Read { source, .. } => {
                let kube::Error::Api(status) = source.as_ref() else { return true };
                status.code == 429 || status.code >= 500
            }
        }
    }
}
