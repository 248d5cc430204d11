//! The role of the chart's pre-delete hook.

use anyhow::Context;

use crate::{configuration::Configuration, flags::Common};

pub(crate) async fn run(common: Common) -> anyhow::Result<()> {
    let configuration = Configuration::read(&common.configuration)?;
    let client = kube::Client::try_default().await.context("no way to the API server")?;
    controllers::certificates::withdraw(&client, &configuration.installation(&common.namespace)).await?;
    tracing::info!("the webhooks are withdrawn");
    Ok(())
}
