//! Namespaces: name and labels, from the view or, where it misses one, read live.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, core::PartialObjectMeta};
use tokio::time::{Instant, timeout_at};

use crate::{Cluster, ClusterError};

/// What selects a namespace. All that is kept of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceView {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl NamespaceView {
    pub(crate) fn keep(object: PartialObjectMeta<Namespace>) -> (String, Self) {
        let name = object.metadata.name.unwrap_or_default();
        let labels = object.metadata.labels.unwrap_or_default();
        (name.clone(), Self { name, labels })
    }
}

impl Cluster {
    /// A namespace. One that the view misses may have been made a moment ago, so it is read live; a namespace
    /// that cannot be read is an error and never one without labels.
    ///
    /// # Errors
    /// When it does not exist or cannot be read before `deadline`.
    pub async fn namespace(&self, name: &str, deadline: Instant) -> Result<NamespaceView, ClusterError> {
        if let Some(view) = self.views().namespaces.get(name) {
            return Ok(view);
        }
        let what = || format!("namespace {name}");
        let api: Api<Namespace> = Api::all(self.client());
        let found = timeout_at(deadline, api.get_metadata_opt(name))
            .await
            .map_err(|_elapsed| ClusterError::Deadline { what: what() })?
            .map_err(|source| ClusterError::Read { what: what(), source: Arc::new(source) })?;
        let object = found.ok_or_else(|| ClusterError::NoSuchNamespace { name: name.to_owned() })?;
        Ok(NamespaceView::keep(object).1)
    }

    /// Every namespace that the view holds, by name; none while [`Cluster::is_listed`] is false, which is to be
    /// asked first.
    #[must_use]
    pub fn namespaces(&self) -> Vec<NamespaceView> {
        self.views().namespaces.all().unwrap_or_default().into_values().collect()
    }
}
