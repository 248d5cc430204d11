//! Step 1: the policies, what they name, and what there is to select.

use std::sync::Arc;

use cluster::{Cluster, UnreadablePolicy};
use crds::{AIToolPolicy, AIToolPolicyStatus};
use kube::{Api, Client};
use rulebook::{Materials, NamespaceFacts};

use super::{
    Error,
    workloads::{Root, Workloads},
};
use crate::certificates::Installation;

/// A policy as the API server holds it.
pub(super) enum Policy {
    Readable(Arc<AIToolPolicy>),
    /// One that this version cannot decode.
    Unreadable(UnreadablePolicy),
}

impl Policy {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Readable(policy) => policy.metadata.name.as_deref().unwrap_or_default(),
            Self::Unreadable(policy) => &policy.name,
        }
    }

    pub(super) fn generation(&self) -> Option<i64> {
        match self {
            Self::Readable(policy) => policy.metadata.generation,
            Self::Unreadable(policy) => Some(policy.generation),
        }
    }
}

/// What a policy is held against.
pub(super) struct Found {
    pub(super) materials: Materials,
    /// The namespaces that the webhooks see.
    pub(super) namespaces: Vec<NamespaceFacts>,
    pub(super) roots: Vec<Root>,
}

/// Everything that the policies of one instant are held against.
pub(super) fn dereference(
    cluster: &Cluster,
    workloads: &Workloads,
    installation: &Installation,
) -> Option<(Vec<Policy>, Found)> {
    let snapshot = cluster.snapshot()?;
    let seen = |name: &str| {
        name != installation.namespace
            && !installation.excluded_namespaces.iter().any(|excluded| excluded == name)
    };
    let namespaces = cluster.namespaces().into_iter().filter(|namespace| seen(&namespace.name));
    let found = Found {
        materials: Materials { config_maps: snapshot.config_maps },
        namespaces: namespaces
            .map(|found| NamespaceFacts { name: found.name, labels: found.labels })
            .collect(),
        roots: workloads.roots(),
    };
    let readable = snapshot.policies.into_iter().map(Policy::Readable);
    Some((readable.chain(snapshot.unreadable.into_iter().map(Policy::Unreadable)).collect(), found))
}

/// The status as the API server holds it; the watched view does not keep it.
pub(super) async fn status(client: &Client, policy: &Policy) -> Result<Option<AIToolPolicyStatus>, Error> {
    if let Policy::Unreadable(_) = policy {
        return Ok(None);
    }
    let policies: Api<AIToolPolicy> = Api::all(client.clone());
    let found = policies.get_opt(policy.name()).await;
    let found =
        found.map_err(|source| Error::Api { verb: "read", policy: policy.name().to_owned(), source })?;
    Ok(found.and_then(|found| found.status))
}
