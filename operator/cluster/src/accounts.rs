//! What a ServiceAccount and a Secret hold for pulling images, read live and kept for seconds: a Deployment
//! of two hundred Pods asks the API server once.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use kube::{Api, Client};
use moka::future::Cache;

use crate::{ClusterError, PullSecret};

/// How long an answer is kept. A rotated credential is in use this much later, which is less than the
/// kubelet's own pause between two tries of a pull (10 s at first).
const FRESH: Duration = Duration::from_secs(5);

/// How many accounts are kept: names of secrets, some hundred bytes each.
const MAX_ACCOUNTS: u64 = 2_000;

/// How many bytes of secrets are kept. A pull secret has about 1 KB; the API takes up to 1 MiB.
const MAX_SECRET_BYTES: u64 = 4 * 1024 * 1024;

/// What there is under a name.
type Kept<T> = Option<Arc<T>>;

/// Answers of the last seconds. Absence is not kept: who makes a missing secret tries again at once.
#[derive(Clone)]
pub(crate) struct Accounts {
    client: Client,
    accounts: Cache<(String, String), Arc<Vec<String>>>,
    secrets: Cache<(String, String), Arc<PullSecret>>,
}

/// How a cached read ends without a value: the object is not there, or nobody knows.
#[derive(Debug)]
enum Without {
    Absent,
    Failed(ClusterError),
}

impl Accounts {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            accounts: Cache::builder().max_capacity(MAX_ACCOUNTS).time_to_live(FRESH).build(),
            secrets: Cache::builder()
                .max_capacity(MAX_SECRET_BYTES)
                .weigher(|_, secret: &Arc<PullSecret>| {
                    u32::try_from(secret.data.len().saturating_add(256)).unwrap_or(u32::MAX)
                })
                .time_to_live(FRESH)
                .build(),
        }
    }

    /// `imagePullSecrets` of an account; `None` if there is no such account.
    pub(crate) async fn account(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Kept<Vec<String>>, ClusterError> {
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let read = async {
            let account = present(api.get_opt(name).await, || format!("ServiceAccount {namespace}/{name}"))?;
            let secrets = account.image_pull_secrets.unwrap_or_default();
            Ok(Arc::new(secrets.into_iter().map(|secret| secret.name).collect()))
        };
        or_absent(self.accounts.try_get_with((namespace.to_owned(), name.to_owned()), read).await)
    }

    /// A pull secret; `None` if there is no such Secret.
    pub(crate) async fn secret(&self, namespace: &str, name: &str) -> Result<Kept<PullSecret>, ClusterError> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), namespace);
        let read = async {
            let secret = present(api.get_opt(name).await, || format!("Secret {namespace}/{name}"))?;
            // Neither kind nor key of a pull secret: the kubelet passes over it too.
            PullSecret::of(name, secret).map(Arc::new).ok_or(Without::Absent)
        };
        or_absent(self.secrets.try_get_with((namespace.to_owned(), name.to_owned()), read).await)
    }
}

fn present<K>(read: kube::Result<Option<K>>, what: impl FnOnce() -> String) -> Result<K, Without> {
    match read {
        Ok(Some(object)) => Ok(object),
        Ok(None) => Err(Without::Absent),
        Err(source) => Err(Without::Failed(ClusterError::Read { what: what(), source: Arc::new(source) })),
    }
}

fn or_absent<T>(read: Result<Arc<T>, Arc<Without>>) -> Result<Kept<T>, ClusterError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(without) => match without.as_ref() {
            Without::Absent => Ok(None),
            Without::Failed(error) => Err(error.clone()),
        },
    }
}
