//! The handle by which everybody else reads the cluster, and the watches behind it.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use crds::AIToolPolicy;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::{
    Api, Client,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::watcher,
};
use tokio::sync::watch::Receiver;

use crate::{
    NamespaceView, SecretNamespaces, Snapshot, UnreadablePolicy,
    accounts::Accounts,
    answer_deadline::with_answer_deadline,
    changes::Changes,
    snapshot::KeptPolicy,
    view::{Beyond, View},
    watch::{self, Counts, Watch},
};

/// The most policies. Each is judged for each image that it selects; clusters in the field have under fifty.
/// One more, and the policies are unknown: none may be left out unsaid.
pub const MAX_POLICIES: usize = 1_000;

/// The most ConfigMaps of the operator's namespace that are kept: at most 1 MiB each by the API's own limit. A
/// policy that names one beyond cannot be compiled, which its condition says.
pub const MAX_CONFIG_MAPS: usize = 256;

/// The most namespaces that are kept, five times what Kubernetes states as its own threshold (10,000). One
/// beyond is read live whenever it is asked for.
pub const MAX_NAMESPACES: usize = 50_000;

/// The cluster, read-only. Cheap to clone.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    client: Client,
    operator_namespace: String,
    secret_namespaces: SecretNamespaces,
    accounts: Accounts,
    views: Views,
    changes: Changes,
}

pub(crate) struct Views {
    policies: View<KeptPolicy>,
    config_maps: View<Arc<BTreeMap<String, String>>>,
    pub(crate) namespaces: View<NamespaceView>,
}

impl Cluster {
    /// A handle, and the future that keeps its views. Nothing is known until that future runs; it never ends.
    ///
    /// Rights needed: list and watch AIToolPolicies, Namespaces, and ConfigMaps of `operator_namespace`; get
    /// Namespaces and ServiceAccounts; get Secrets of the `secret_namespaces`.
    pub fn start(
        client: Client,
        operator_namespace: String,
        secret_namespaces: SecretNamespaces,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let client = with_answer_deadline(client);
        let cluster = Self(Arc::new(Inner {
            accounts: Accounts::new(client.clone()),
            client,
            operator_namespace,
            secret_namespaces,
            views: Views {
                policies: View::new(MAX_POLICIES, Beyond::Unknown),
                config_maps: View::new(MAX_CONFIG_MAPS, Beyond::LeaveOut),
                namespaces: View::new(MAX_NAMESPACES, Beyond::LeaveOut),
            },
            changes: Changes::new(),
        }));
        let driver = cluster.clone().drive();
        (cluster, driver)
    }

    /// Whether policies, their ConfigMaps and namespaces are all known. Before, and whenever the API server
    /// does not know the kind AIToolPolicy, nothing may be concluded from what is not there.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        let views = self.views();
        views.policies.is_known() && views.config_maps.is_known() && views.namespaces.is_known()
    }

    /// Waits until [`Cluster::is_listed`].
    pub async fn listed(&self) {
        let mut changes = self.changes();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = changes.wait_for(|_| self.is_listed()).await;
    }

    /// A number that moves whenever a policy, a ConfigMap of the operator's namespace, or what is known
    /// changes.
    #[must_use]
    pub fn changes(&self) -> Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// All that a rulebook is compiled from; `None` until [`Cluster::is_listed`].
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        if !self.is_listed() {
            return None;
        }
        let mut policies = Vec::new();
        let mut unreadable = Vec::new();
        for kept in self.views().policies.all()?.into_values() {
            match kept {
                KeptPolicy::Read(policy) => policies.push(policy),
                KeptPolicy::Unreadable(policy) => unreadable.push(policy),
            }
        }
        let config_maps = self.views().config_maps.all()?;
        let config_maps = config_maps.into_iter().map(|(name, data)| (name, data.as_ref().clone())).collect();
        Some(Snapshot { policies, unreadable, config_maps })
    }

    /// Every readable policy, by name; none while [`Cluster::is_listed`] is false, which is to be asked first.
    #[must_use]
    pub fn policies(&self) -> Vec<Arc<AIToolPolicy>> {
        self.snapshot().map(|snapshot| snapshot.policies).unwrap_or_default()
    }

    /// Policies that exist and cannot be decoded.
    #[must_use]
    pub fn unreadable(&self) -> Vec<UnreadablePolicy> {
        self.snapshot().map(|snapshot| snapshot.unreadable).unwrap_or_default()
    }

    /// `data` of every ConfigMap of the operator's namespace, by name.
    #[must_use]
    pub fn config_maps(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.snapshot().map(|snapshot| snapshot.config_maps).unwrap_or_default()
    }

    pub(crate) fn views(&self) -> &Views {
        &self.0.views
    }

    pub(crate) fn client(&self) -> Client {
        self.0.client.clone()
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    pub(crate) fn may_read_secrets_of(&self, namespace: &str) -> bool {
        self.0.secret_namespaces.allow(namespace, &self.0.operator_namespace)
    }

    async fn drive(self) {
        let Inner { client, operator_namespace, views, changes, .. } = self.0.as_ref();

        // The guard makes one odd object an `Err` among the others instead of an end to the list.
        let policies: Api<DeserializeGuard<AIToolPolicy>> = Api::all(client.clone());
        let config_maps: Api<DeserializeGuard<ConfigMap>> =
            Api::namespaced(client.clone(), operator_namespace);
        let namespaces: Api<PartialObjectMeta<Namespace>> = Api::all(client.clone());

        let policies =
            Watch { what: "AIToolPolicies", view: &views.policies, changes, counts: Counts::Objects }
                .run(|| watcher(policies.clone(), watch::config()), |object| KeptPolicy::keep(object.0));
        let config_maps =
            Watch { what: "ConfigMaps", view: &views.config_maps, changes, counts: Counts::Objects }
                .run(|| watcher(config_maps.clone(), watch::config()), keep_data);
        let namespaces =
            Watch { what: "Namespaces", view: &views.namespaces, changes, counts: Counts::Lists }
                .run(|| watcher(namespaces.clone(), watch::config()), NamespaceView::keep);
        futures::join!(policies, config_maps, namespaces);
    }
}

/// Name and `data` of a ConfigMap. One that cannot be decoded has no data: what it is named for is missing.
fn keep_data(object: DeserializeGuard<ConfigMap>) -> (String, Arc<BTreeMap<String, String>>) {
    let (metadata, data) = match object.0 {
        Ok(config_map) => (config_map.metadata, config_map.data.unwrap_or_default()),
        Err(invalid) => (invalid.metadata, BTreeMap::new()),
    };
    (metadata.name.unwrap_or_default(), Arc::new(data))
}
