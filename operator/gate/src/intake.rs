//! Policies, namespaces and pull secrets as the cluster shows them now. Blind is not open: what is not fully
//! listed answers with a code, never with "nothing selects".

use std::{collections::BTreeMap, sync::Arc};

use cluster::Cluster;
use fetch::{Keychain, SecretKind};
use names::ImageRef;
use rulebook::{NamespaceFacts, RuleBook, Selection};
use tokio::{sync::watch, time::Instant};
use verdict::Code;
use workload::Workload;

use crate::Context;

/// Why nothing could be said about a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// `NotReady`: no `onUndecided` relaxes it.
    pub code: Code,
    /// What could not be seen, and what mends it.
    pub message: String,
}

/// From a request to the policies that select it and the credentials it may use.
#[derive(Clone)]
pub struct Intake {
    cluster: Cluster,
    rulebook: watch::Receiver<Arc<RuleBook>>,
}

impl Intake {
    /// An intake over a watched cluster and the rule book kept from it.
    #[must_use]
    pub const fn new(cluster: Cluster, rulebook: watch::Receiver<Arc<RuleBook>>) -> Self {
        Self { cluster, rulebook }
    }

    /// Are policies, the ConfigMaps they name and namespaces fully listed, and a rule book made of them?
    #[must_use]
    pub fn ready(&self) -> bool {
        self.cluster.is_listed() && self.rulebook.borrow().is_compiled()
    }

    /// Returns once [`Self::ready`] holds; never, if the cluster cannot be listed.
    pub async fn listed(&self) {
        self.cluster.listed().await;
        let mut rulebook = self.rulebook.clone();
        if rulebook.wait_for(|book| book.is_compiled()).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The policies that select `namespace`; empty means that none does, never that none could be seen.
    ///
    /// # Errors
    /// [`Blind`] until [`Self::ready`], and where the namespace must be known and cannot be read.
    pub async fn selection(&self, namespace: &str, deadline: Instant) -> Result<Selection, Blind> {
        if !self.ready() {
            return Err(Blind {
                code: Code::NotReady,
                message: "policies and namespaces are not fully listed yet; try again in a moment".to_owned(),
            });
        }
        let rulebook = Arc::clone(&self.rulebook.borrow());
        // One that the cache misses is read live, which costs time and may fail: not where nobody asks for labels.
        let labels = if rulebook.selects_by_label() {
            let read = self.cluster.namespace(namespace, deadline).await;
            read.map(|found| found.labels).map_err(|error| Blind {
                code: Code::NotReady,
                message: format!("namespace {namespace:?} could not be read: {}", names::with_causes(&error)),
            })?
        } else {
            BTreeMap::new()
        };
        Ok(rulebook.select(&NamespaceFacts { name: namespace.to_owned(), labels }))
    }

    /// The context of `workload`'s images. Pull secrets are read only if some image is to be judged. Where they
    /// cannot be, the registry is asked without; if it refuses, the finding says why.
    pub async fn context(
        &self,
        namespace: &str,
        workload: &Workload,
        selection: &Selection,
        deadline: Instant,
    ) -> Context {
        let context = Context::new(namespace.to_owned(), selection.clone(), Keychain::anonymous());
        if !workload.images.iter().any(|image| is_judged(&image.reference, selection)) {
            return context;
        }
        let found = self
            .cluster
            .pull_secrets(namespace, &workload.pull_secrets, &workload.service_account, deadline)
            .await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                return context.with_notes(vec![format!(
                    "pull secrets could not be read: {}",
                    names::with_causes(&error)
                )]);
            }
        };
        let configs: Vec<_> = found
            .secrets
            .into_iter()
            .filter_map(|secret| Some((SecretKind::of_type(&secret.secret_type)?, secret.data)))
            .collect();
        let keychain = Keychain::from_docker_configs(&configs);
        let unreadable = found.not_readable.iter().map(|secret| {
            format!(
                "pull secret {secret:?} was not read: add namespace {namespace:?} to the chart value \
                 pullSecrets.namespaces"
            )
        });
        let notes = unreadable.chain(keychain.ignored().iter().map(ToString::to_string)).collect();
        Context { keychain, notes, ..context }
    }
}

fn is_judged(image: &str, selection: &Selection) -> bool {
    ImageRef::parse(image).is_ok_and(|reference| selection.tags(reference.repository()).is_some())
}

#[cfg(test)]
mod tests;
