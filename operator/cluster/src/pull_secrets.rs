//! The pull secrets of a Pod, by the kubelet's rule: the Pod's own, else its ServiceAccount's, never both.

use std::{fmt, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Secret;
use tokio::time::{Instant, timeout_at};

use crate::{Cluster, ClusterError};

/// The most pull secrets that are read for one Pod. Clusters in the field have one to three; each is a read of
/// the API server, which whoever writes the Pod can cause.
pub const MAX_PULL_SECRETS: usize = 32;

/// How many secrets of one Pod are read at once.
const READ_AT_ONCE: usize = 4;

/// The types of Secret that hold registry credentials, and the key that each keeps them under.
const TYPES: [(&str, &str); 2] =
    [("kubernetes.io/dockerconfigjson", ".dockerconfigjson"), ("kubernetes.io/dockercfg", ".dockercfg")];

/// What was found for a Pod.
#[derive(Clone, Debug, Default)]
pub struct PullSecrets {
    /// The credentials, in the order in which they are named.
    pub secrets: Vec<PullSecret>,
    /// Names of secrets that were not read, because Secrets of this namespace may not be. With any of these, a
    /// registry's refusal is likely the operator's own doing, and the hint should say so.
    pub not_readable: Vec<String>,
}

/// One Secret with registry credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct PullSecret {
    /// `metadata.name`
    pub name: String,
    /// `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`
    pub secret_type: String,
    /// The file that the Secret holds.
    pub data: Vec<u8>,
}

impl PullSecret {
    /// The credentials in a Secret; `None` if its type is no pull secret's, or the type's key is not there.
    pub(crate) fn of(name: &str, secret: Secret) -> Option<Self> {
        let secret_type = secret.type_?;
        let (_, key) = TYPES.into_iter().find(|(known, _)| *known == secret_type)?;
        let data = secret.data?.remove(key)?.0;
        Some(Self { name: name.to_owned(), secret_type, data })
    }
}

/// Without the credentials: what is printed ends in logs.
impl fmt::Debug for PullSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PullSecret")
            .field("name", &self.name)
            .field("secret_type", &self.secret_type)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// The pull secrets that the kubelet would use for a Pod of `namespace`: those that the Pod names, or if
    /// it names none, those of its ServiceAccount. A secret or account that does not exist is passed over,
    /// like a Secret of another type; it may still come, and the kubelet pulls without it.
    ///
    /// # Errors
    /// When too many are named, or the API server gave no answer before `deadline`. Not read is never taken
    /// for not there.
    pub async fn pull_secrets(
        &self,
        namespace: &str,
        own: &[String],
        service_account: &str,
        deadline: Instant,
    ) -> Result<PullSecrets, ClusterError> {
        timeout_at(deadline, self.read_pull_secrets(namespace, own, service_account)).await.map_err(
            |_elapsed| ClusterError::Deadline { what: format!("pull secrets in namespace {namespace}") },
        )?
    }

    async fn read_pull_secrets(
        &self,
        namespace: &str,
        own: &[String],
        service_account: &str,
    ) -> Result<PullSecrets, ClusterError> {
        let of_account;
        let named = if own.is_empty() {
            of_account = self.accounts().account(namespace, service_account).await?;
            of_account.as_deref().map_or(&[][..], Vec::as_slice)
        } else {
            own
        };
        if named.len() > MAX_PULL_SECRETS {
            return Err(ClusterError::TooManyPullSecrets { found: named.len(), limit: MAX_PULL_SECRETS });
        }
        let names: Vec<&String> = named.iter().filter(|name| !name.is_empty()).collect();
        if !self.may_read_secrets_of(namespace) {
            return Ok(PullSecrets {
                secrets: Vec::new(),
                not_readable: names.into_iter().cloned().collect(),
            });
        }
        let reads: Vec<_> = names.into_iter().map(|name| self.accounts().secret(namespace, name)).collect();
        let found: Vec<Option<Arc<PullSecret>>> =
            stream::iter(reads).buffered(READ_AT_ONCE).try_collect().await?;
        Ok(PullSecrets {
            secrets: found.into_iter().flatten().map(Arc::unwrap_or_clone).collect(),
            not_readable: Vec::new(),
        })
    }
}
