//! Who judges: policies from files, or those of a cluster. Either way it is the gate that does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use cluster::{Cluster, SecretNamespaces};
use crds::AIToolPolicy;
use fetch::{Keychain, Registry};
use gate::{Context, Gate, Intake, Limits, Stage};
use jiff::Timestamp;
use kube::{Api, Client, api::ListParams};
use rulebook::{NamespaceFacts, RuleBook, Selection};
use tokio::time::Instant;
use verdict::Judgement;

use crate::{
    arguments::Check,
    docker_config,
    exit::Exit,
    namespace::Namespaces,
    policies,
    registries::registries,
    subjects::{Subject, Subjects},
    terminal::say,
};

/// A cluster is listed in well under a second; one that cannot be within this is out of reach.
const LISTING: Duration = Duration::from_secs(20);

/// Judges subjects.
pub(crate) struct Court {
    gate: Gate,
    policies: Policies,
    /// Of whoever runs the command. Empty where only pull secrets of the cluster are used.
    keychain: Keychain,
    /// What one subject may take.
    timeout: Duration,
}

enum Policies {
    Files {
        rulebook: RuleBook,
        namespaces: Namespaces,
        /// The namespace that `--namespace-label` describes.
        default_namespace: String,
    },
    Cluster {
        intake: Intake,
    },
}

/// What the court says of a subject.
pub(crate) enum Answer {
    /// No policy selects the namespace.
    NotSelected,
    /// One judgement for each image.
    Judged(Vec<Judgement>),
    /// Whether anything selects the namespace could not be seen, and why.
    Blind(String),
}

/// Why the policies of a cluster cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoCluster {
    /// Nothing says where it is.
    #[error("no cluster is configured")]
    NotConfigured(#[source] Box<kube::Error>),
    /// The API server could not be asked for policies, or refused.
    #[error("the AIToolPolicies of the cluster could not be listed")]
    Policies(#[source] Box<kube::Error>),
    /// Something else that judging needs could not be listed.
    #[error("the Namespaces and ConfigMaps of the cluster could not be listed within {LISTING:?}")]
    Listing,
}

impl NoCluster {
    /// A question that nobody answered was not asked wrongly.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::NotConfigured(_) => Exit::AskedWrongly,
            Self::Policies(_) | Self::Listing => Exit::Undecided,
        }
    }
}

impl Court {
    /// Takes policies from where `check` says.
    pub(crate) async fn new(check: &Check, subjects: &Subjects) -> anyhow::Result<Self> {
        let registry = Registry::new(&registries(check)?).context("the registry options cannot be used")?;
        let gate = Gate::new(Arc::new(registry), Limits::default());
        let in_files = !check.policy.is_empty();
        let policies =
            if in_files { from_files(check, subjects)? } else { from_cluster(check, subjects).await? };
        let own_credentials = in_files || !check.image.is_empty();
        let keychain = if own_credentials { docker_config::keychain()? } else { Keychain::anonymous() };
        Ok(Self { gate, policies, keychain, timeout: check.timeout })
    }

    /// What admission would say of `subject`.
    pub(crate) async fn judge(&self, subject: &Subject, now: Timestamp) -> anyhow::Result<Answer> {
        let deadline = Instant::now() + self.timeout;
        let namespace = &subject.namespace;
        let selection = match &self.policies {
            Policies::Files { rulebook, namespaces, default_namespace } => {
                select(rulebook, namespaces, default_namespace, namespace)?
            }
            Policies::Cluster { intake } => match intake.selection(namespace, deadline).await {
                Ok(selection) => selection,
                Err(blind) => return Ok(Answer::Blind(blind.message)),
            },
        };
        if selection.is_empty() {
            return Ok(Answer::NotSelected);
        }
        let context = match (&self.policies, &subject.workload) {
            (Policies::Cluster { intake }, Some(workload)) => {
                intake.context(namespace, workload, &selection, deadline).await
            }
            _ => Context::new(namespace.clone(), selection, self.keychain.clone()),
        };
        // The pinning door binds tags before a Pod is judged, so that a manifest with a tag is judged by its tag.
        let images = subject.images.iter();
        let judged = images.map(|image| self.gate.judge(image, &context, Stage::Template, now, deadline));
        Ok(Answer::Judged(futures::future::join_all(judged).await))
    }
}

/// A policy that selects namespaces by label says nothing about a namespace whose labels nobody told: an answer
/// would look like a pass and be a guess.
fn select(
    rulebook: &RuleBook,
    namespaces: &Namespaces,
    default_namespace: &str,
    namespace: &str,
) -> anyhow::Result<Selection> {
    let labels = match namespaces.get(namespace) {
        Some(labels) => labels.clone(),
        None if rulebook.selects_by_label() => {
            let or = if namespace == default_namespace { ", or --namespace-label KEY=VALUE" } else { "" };
            bail!(
                "the labels of namespace {namespace:?} are not known, and a policy selects by them; add the \
                 Namespace to the files{or}"
            )
        }
        None => BTreeMap::new(),
    };
    Ok(rulebook.select(&NamespaceFacts { name: namespace.to_owned(), labels }))
}

fn from_files(check: &Check, subjects: &Subjects) -> anyhow::Result<Policies> {
    let read = policies::read(&check.policy, &check.operator_namespace)?;
    let known = |name: &String| read.rulebook.policies().iter().any(|policy| policy.id.name == *name);
    if let Some(name) = subjects.policies.iter().find(|name| !known(name)) {
        bail!(
            "AIToolPolicy {name:?} stands among the manifests and would not be asked; name its file with --policy"
        );
    }
    let mut namespaces = read.namespaces;
    namespaces.extend(subjects.namespaces.clone());
    if !check.namespace_label.is_empty() {
        namespaces.entry(check.namespace.clone()).or_default().extend(check.namespace_label.iter().cloned());
    }
    Ok(Policies::Files { rulebook: read.rulebook, namespaces, default_namespace: check.namespace.clone() })
}

async fn from_cluster(check: &Check, subjects: &Subjects) -> anyhow::Result<Policies> {
    for name in &subjects.policies {
        say(&format!(
            "note: AIToolPolicy {name:?} stands among the manifests and is not asked; the cluster's are"
        ));
    }
    let client = Client::try_default().await;
    let client = client.map_err(|error| NoCluster::NotConfigured(Box::new(error)))?;
    let listing = async {
        // A watch tries again without a word. One request of its own says at once what is wrong.
        let all: Api<AIToolPolicy> = Api::all(client.clone());
        let first = all.list_metadata(&ListParams::default().limit(1)).await;
        first.map_err(|error| NoCluster::Policies(Box::new(error)))?;
        // With the rights of whoever asks; the API server says no where they have none.
        let (cluster, driver) =
            Cluster::start(client, check.operator_namespace.clone(), SecretNamespaces::All);
        let (rulebook, keep) = gate::keep_rulebook(cluster.clone());
        tokio::spawn(driver);
        tokio::spawn(keep);
        let intake = Intake::new(cluster, rulebook);
        intake.listed().await;
        Ok(Policies::Cluster { intake })
    };
    tokio::time::timeout(LISTING, listing).await.unwrap_or_else(|_| Err(NoCluster::Listing.into()))
}
