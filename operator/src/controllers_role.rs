//! The role that writes. One replica; the chart sees to it that the old one has stopped before the new one starts.

use std::sync::Arc;

use anyhow::Context;
use cluster::Cluster;
use controllers::{ai_tool_policy, certificates};
use jiff::Timestamp;
use prometheus_client::registry::Registry;

use crate::{configuration, flags, plain_server, signals};

pub(crate) async fn run(flags: flags::ControllersFlags, common: flags::Common) -> anyhow::Result<()> {
    let configuration = configuration::watched(&common.configuration)?;
    let client = kube::Client::try_default().await.context("no way to the API server")?;
    let secrets = configuration.borrow().secret_namespaces();
    let (cluster, driver) = Cluster::start(client.clone(), common.namespace.clone(), secrets);

    let installation = {
        let namespace = common.namespace;
        move || Arc::new(configuration.borrow().installation(&namespace))
    };
    let certificates =
        certificates::run(client.clone(), cluster.clone(), installation.clone(), Timestamp::now);
    let policies = ai_tool_policy::run(client, cluster.clone(), installation, Timestamp::now);
    let ready = move || cluster.is_listed();

    tokio::select! {
        () = signals::stop() => Ok(()),
        () = driver => anyhow::bail!("the cluster is no longer watched"),
        () = certificates => anyhow::bail!("the certificates are no longer kept"),
        () = policies => anyhow::bail!("the policies' status is no longer kept"),
        served = plain_server::serve(flags.metrics, Registry::default(), ready) => served,
    }
}
