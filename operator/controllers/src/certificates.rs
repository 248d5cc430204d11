//! The CA, the leaf that the webhook replicas mount, and the registration of the webhooks with the API server.
//!
//! The CA's key stays here. The leaf goes into a Secret in cert-manager's shape (`tls.crt tls.key ca.crt`), so that
//! a replica cannot tell whose CA it was. The webhooks are registered once an endpoint is ready: earlier, their
//! failure policy would turn Pods away while nobody is there to judge them.
//!
//! Not here: serving the leaf (`webhook`), and replacing the CA, which needs two of them in the bundle for a while.

mod apply;
mod authority;
mod build;
mod dereference;
mod error;
mod registration;
mod update_status;
mod validate;
mod withdraw;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use cluster::Cluster;
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::{
    Api, Client,
    runtime::{WatchStreamExt, watcher},
};

pub use error::Error;
pub use withdraw::withdraw;

/// A missed change is mended after this long at the latest.
const RESYNC: Duration = Duration::from_secs(30);
/// After a failed round; the API server is not asked more often than this.
const RETRY: Duration = Duration::from_secs(2);

/// What the certificates and the registration are made for. Follows from the operator's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Name of the release; cluster-scoped objects carry it.
    pub release: String,
    /// The operator's namespace.
    pub namespace: String,
    /// The webhook's Service.
    pub service: String,
    /// How long the API server waits for an answer, in seconds.
    pub timeout_seconds: i32,
    /// Namespaces left out beside the operator's own.
    pub excluded_namespaces: Vec<String>,
}

impl Installation {
    /// The Secret that holds the CA and its key.
    #[must_use]
    pub fn authority_secret(&self) -> String {
        format!("{}-ca", self.release)
    }

    /// The Secret that the webhook replicas mount.
    #[must_use]
    pub fn leaf_secret(&self) -> String {
        format!("{}-tls", self.service)
    }

    /// The ConfigMap that says whether the webhooks are to be registered.
    #[must_use]
    pub fn registration_config_map(&self) -> String {
        format!("{}-registration", self.release)
    }

    /// The name the API server dials, and the leaf's only subject alternative name.
    #[must_use]
    pub fn server_name(&self) -> String {
        format!("{}.{}.svc", self.service, self.namespace)
    }
}

/// Keeps certificates and registration as they should be, until dropped.
///
/// `installation` is read at every round, so that a changed configuration takes effect without a restart.
pub async fn run(
    client: Client,
    cluster: Cluster,
    installation: impl Fn() -> Arc<Installation>,
    clock: impl Fn() -> Timestamp,
) {
    let mut endpoints = std::pin::pin!(endpoint_changes(&client, &installation()));
    let mut changes = cluster.changes();
    loop {
        let pause = match reconcile(&client, &installation(), clock()).await {
            Ok(()) => RESYNC,
            Err(error) => {
                tracing::warn!(error = %names::with_causes(&error), "certificates and registration are not in order yet");
                RETRY
            }
        };
        tokio::select! {
            _ = endpoints.next() => {}
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn reconcile(client: &Client, installation: &Installation, now: Timestamp) -> Result<(), Error> {
    // dereference (client required)
    let found = dereference::dereference(client, installation).await?;
    // validate (no client required)
    let validated = validate::validate(found, installation, now);
    // build (no client required)
    let prepared = build::build(validated, installation, now)?;
    // apply (client required)
    let applied = apply::apply(client, installation, prepared).await?;
    // update_status (client required)
    update_status::update_status(client, installation, &applied).await
}

fn endpoint_changes(client: &Client, installation: &Installation) -> impl Stream<Item = ()> + use<> {
    let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), &installation.namespace);
    let ours = watcher::Config::default().labels(&format!(
        "{}={}",
        dereference::SERVICE_LABEL,
        installation.service
    ));
    watcher(slices, ours).default_backoff().map(|_| ())
}
