//! The real gate and the real client of registries under a fixed rule book: all that stands behind the clerk,
//! but for the watched cluster.

use std::{sync::Arc, time::Duration};

use crds::ai_tool_policy::Tags;
use fetch::{HostConfig, Keychain};
use gate::{Context, Gate, Stage};
use jiff::Timestamp;
use names::ImageRef;
use rulebook::{NamespaceFacts, RuleBook, Selection};
use tokio::time::Instant;
use verdict::Judgement;
use webhook::{Blind, Court};
use workload::Workload;

use crate::{fixtures::Fixtures, loopback::Loopback};

/// As long as the API server waits by default.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client that knows the registry on loopback.
pub(crate) fn client(registry: &Loopback) -> anyhow::Result<fetch::Registry> {
    let host =
        HostConfig { host: registry.host(), plain_http: true, any_address: true, ..HostConfig::default() };
    Ok(fetch::Registry::new(&fetch::Config { hosts: vec![host], ..fetch::Config::default() })?)
}

/// A gate that remembers nothing yet.
pub(crate) fn gate(client: &fetch::Registry) -> Gate {
    Gate::new(Arc::new(client.clone()), gate::Limits::default())
}

/// Until when a question that is asked now waits.
pub(crate) fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// What the clerk asks.
pub(crate) struct Bench {
    book: RuleBook,
    namespace: NamespaceFacts,
    gate: Gate,
}

impl Bench {
    pub(crate) fn new(fixtures: &Fixtures, gate: Gate) -> Self {
        Self { book: fixtures.book.clone(), namespace: fixtures.namespace.clone(), gate }
    }
}

impl Court for Bench {
    type Context = Context;
    type Selection = Selection;

    fn ready(&self) -> bool {
        true
    }

    async fn selection(&self, namespace: &str, _: Instant) -> Result<Option<Selection>, Blind> {
        let selection = (namespace == self.namespace.name).then(|| self.book.select(&self.namespace));
        Ok(selection.filter(|selection| !selection.is_empty()))
    }

    async fn context(&self, namespace: &str, _: &Workload, selection: &Selection, _: Instant) -> Context {
        Context::new(namespace.to_owned(), selection.clone(), Keychain::anonymous())
    }

    fn pins(&self, image: &str, selection: &Selection) -> bool {
        ImageRef::parse(image).is_ok_and(|reference| {
            !reference.is_pinned() && selection.tags(reference.repository()) == Some(Tags::Pin)
        })
    }

    async fn judge(
        &self,
        image: &str,
        context: &Context,
        stage: Stage,
        now: Timestamp,
        deadline: Instant,
    ) -> Judgement {
        self.gate.judge(image, context, stage, now, deadline).await
    }

    async fn pin(&self, image: &str, context: &Context, deadline: Instant) -> Option<ImageRef> {
        self.gate.pin(image, context, deadline).await
    }
}
