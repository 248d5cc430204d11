//! The role that answers the API server. Every replica serves; none writes to the cluster.

use std::sync::Arc;

use anyhow::Context;
use cluster::Cluster;
use gate::{Gate, Intake};
use jiff::Timestamp;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use webhook::{Certificate, Clerk, Gated, Limits, Metrics};

use crate::{configuration, flags, plain_server, reloaded::Reloaded, signals};

pub(crate) async fn run(flags: flags::WebhookFlags, common: flags::Common) -> anyhow::Result<()> {
    let configuration = configuration::watched(&common.configuration)?;
    let client = kube::Client::try_default().await.context("no way to the API server")?;
    let secrets = configuration.borrow().secret_namespaces();
    let (cluster, driver) = Cluster::start(client, common.namespace, secrets);
    let (rulebook, keep_rulebook) = gate::keep_rulebook(cluster.clone());

    let source = Reloaded::new(configuration).context("the registries cannot be used")?;
    let gate = Gate::new(source, gate::Limits::default());
    let intake = Intake::new(cluster, rulebook);

    let mut registry = Registry::default();
    let metrics = Metrics::register(&mut registry);
    let ready = {
        let intake = intake.clone();
        move || intake.ready()
    };
    let clerk = Clerk::new(Gated::new(intake, gate), Arc::new(Timestamp::now), metrics);
    let certificate = Certificate::in_folder(flags.tls);
    let listener = TcpListener::bind(flags.listen)
        .await
        .with_context(|| format!("could not listen on {}", flags.listen))?;
    tracing::info!(listen = %flags.listen, "serving");

    tokio::select! {
        // Returns once everything running has been answered.
        () = webhook::serve(listener, Arc::clone(&certificate), clerk, Limits::default(), signals::stop()) => Ok(()),
        () = certificate.keep() => anyhow::bail!("the certificate is no longer watched"),
        () = driver => anyhow::bail!("the cluster is no longer watched"),
        () = keep_rulebook => anyhow::bail!("the rule book is no longer kept"),
        served = plain_server::serve(flags.metrics, registry, ready) => served,
    }
}
