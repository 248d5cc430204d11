//! Who judges: policies from files, or those of a cluster. Either way it is the gate that does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use cluster::{Cluster, SecretNamespaces};
use fetch::{Config, HostConfig, Keychain, Registry};
use gate::{Context, Gate, Intake, Limits, Stage};
use jiff::Timestamp;
use rulebook::{NamespaceFacts, RuleBook, Selection};
use tokio::time::Instant;
use verdict::Judgement;

use crate::{
    arguments::Check,
    docker_config, policies,
    subjects::{Subject, Subjects},
};

/// A cluster is listed in well under a second; one that cannot be within this is out of reach.
const LISTING: Duration = Duration::from_secs(20);

/// Judges subjects.
pub(crate) struct Court {
    gate: Gate,
    policies: Policies,
    timeout: Duration,
}

enum Policies {
    Files { rulebook: RuleBook, namespaces: BTreeMap<String, BTreeMap<String, String>>, keychain: Keychain },
    Cluster { intake: Intake },
}

impl Court {
    /// Takes policies from where `check` says.
    pub(crate) async fn new(check: &Check, subjects: &Subjects) -> anyhow::Result<Self> {
        let registry = Registry::new(&registries(check)?).context("the registry options cannot be used")?;
        let gate = Gate::new(Arc::new(registry), Limits::default());
        let policies = if check.policy.is_empty() { from_cluster(check).await? } else { from_files(check, subjects)? };
        Ok(Self { gate, policies, timeout: check.timeout })
    }

    /// A judgement for each image of `subject`; `None` where no policy selects its namespace.
    pub(crate) async fn judge(&self, subject: &Subject, now: Timestamp) -> anyhow::Result<Option<Vec<Judgement>>> {
        let deadline = Instant::now() + self.timeout;
        let Some(context) = self.context(subject, deadline).await? else { return Ok(None) };
        // The pinning door binds tags before a Pod is judged, so that a manifest with a tag is judged by its tag.
        let images = subject.images.iter();
        let judged = images.map(|image| self.gate.judge(image, &context, Stage::Template, now, deadline));
        Ok(Some(futures::future::join_all(judged).await))
    }

    async fn context(&self, subject: &Subject, deadline: Instant) -> anyhow::Result<Option<Context>> {
        let namespace = &subject.namespace;
        match &self.policies {
            Policies::Files { rulebook, namespaces, keychain } => {
                let selection = select(rulebook, namespaces, namespace)?;
                let context = Context::new(namespace.clone(), selection, keychain.clone());
                Ok(Some(context).filter(|context| !context.selection().is_empty()))
            }
            Policies::Cluster { intake } => {
                let selection = intake
                    .selection(namespace, deadline)
                    .await
                    .map_err(|blind| anyhow::anyhow!("{}", blind.message))?;
                if selection.is_empty() {
                    return Ok(None);
                }
                let context = match &subject.workload {
                    Some(workload) => intake.context(namespace, workload, &selection, deadline).await,
                    None => Context::new(namespace.clone(), selection, docker_config::keychain()?),
                };
                Ok(Some(context))
            }
        }
    }
}

/// A policy that selects namespaces by label says nothing about a namespace whose labels nobody told: an answer
/// would look like a pass and be a guess.
fn select(
    rulebook: &RuleBook,
    namespaces: &BTreeMap<String, BTreeMap<String, String>>,
    namespace: &str,
) -> anyhow::Result<Selection> {
    let labels = match namespaces.get(namespace) {
        Some(labels) => labels.clone(),
        None if rulebook.selects_by_label() => bail!(
            "the labels of namespace {namespace:?} are not known, and a policy selects by them; add a Namespace \
             object to the files, or --namespace-label KEY=VALUE"
        ),
        None => BTreeMap::new(),
    };
    Ok(rulebook.select(&NamespaceFacts { name: namespace.to_owned(), labels }))
}

fn from_files(check: &Check, subjects: &Subjects) -> anyhow::Result<Policies> {
    let read = policies::read(&check.policy, &check.operator_namespace)?;
    let mut namespaces = read.namespaces;
    namespaces.extend(subjects.namespaces.clone());
    if !check.namespace_label.is_empty() {
        let labels = namespaces.entry(check.namespace.clone()).or_default();
        labels.insert("kubernetes.io/metadata.name".to_owned(), check.namespace.clone());
        labels.extend(check.namespace_label.iter().cloned());
    }
    Ok(Policies::Files { rulebook: read.rulebook, namespaces, keychain: docker_config::keychain()? })
}

async fn from_cluster(check: &Check) -> anyhow::Result<Policies> {
    let hint = "name policy files with --policy to ask without a cluster";
    let client = kube::Client::try_default().await.with_context(|| format!("no way to a cluster; {hint}"))?;
    // With the rights of whoever asks; the API server says no where they have none.
    let (cluster, driver) = Cluster::start(client, check.operator_namespace.clone(), SecretNamespaces::All);
    let (rulebook, keep) = gate::keep_rulebook(cluster.clone());
    tokio::spawn(driver);
    tokio::spawn(keep);
    let intake = Intake::new(cluster, rulebook);
    tokio::time::timeout(LISTING, intake.listed()).await.with_context(|| {
        format!("policies, namespaces and ConfigMaps of the cluster could not be listed within {LISTING:?}; {hint}")
    })?;
    Ok(Policies::Cluster { intake })
}

fn registries(check: &Check) -> anyhow::Result<Config> {
    let mut hosts: BTreeMap<&str, HostConfig> = BTreeMap::new();
    for host in &check.plain_http {
        entry(&mut hosts, host).plain_http = true;
    }
    for (host, file) in &check.registry_ca {
        let pem = std::fs::read_to_string(file).with_context(|| format!("{file} could not be read"))?;
        entry(&mut hosts, host).ca_pem = Some(pem.into_bytes());
    }
    Ok(Config { hosts: hosts.into_values().collect(), ..Config::default() })
}

fn entry<'a, 'h>(hosts: &'a mut BTreeMap<&'h str, HostConfig>, host: &'h str) -> &'a mut HostConfig {
    // Named by whoever runs the command, so that it may be on their own machine.
    hosts.entry(host).or_insert_with(|| HostConfig {
        host: host.to_owned(),
        any_address: true,
        ..HostConfig::default()
    })
}
