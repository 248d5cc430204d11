//! What the gate must know of the cluster, read and never written: the policies, the ConfigMaps of the
//! operator's namespace, the namespaces with their labels, and the pull secrets of a Pod.
//!
//! The first three are watched and kept; a view that is not fully listed is *unknown*, which is another thing
//! than empty. Pull secrets are read when asked for and kept for seconds. Not here: what a policy means
//! (`rulebook`), what a credential opens (`fetch`), and leaders, leases and status (`controllers`).

mod accounts;
mod answer_deadline;
mod changes;
mod cluster;
mod error;
mod namespaces;
mod outage;
mod pull_secrets;
mod secret_namespaces;
mod snapshot;
mod view;
mod watch;

#[cfg(test)]
mod tests;

pub use cluster::{Cluster, MAX_CONFIG_MAPS, MAX_NAMESPACES, MAX_POLICIES};
pub use error::ClusterError;
pub use namespaces::NamespaceView;
pub use pull_secrets::{MAX_PULL_SECRETS, PullSecret, PullSecrets};
pub use secret_namespaces::SecretNamespaces;
pub use snapshot::{Snapshot, UnreadablePolicy};
