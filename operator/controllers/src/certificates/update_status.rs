//! Step 5: say what was done. Whoever withdraws waits for this: after it, nothing registers the webhooks again.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};

use super::{Error, Installation, apply::Applied, withdraw::OBSERVED};

pub(super) async fn update_status(
    client: &Client,
    installation: &Installation,
    applied: &Applied,
) -> Result<(), Error> {
    if !applied.withdrawn {
        return Ok(());
    }
    let name = installation.registration_config_map();
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &installation.namespace);
    let observed = serde_json::json!({ "metadata": { "annotations": { OBSERVED: "true" } } });
    config_maps
        .patch(&name, &PatchParams::default(), &Patch::Merge(&observed))
        .await
        .map_err(Error::api("apply", format!("ConfigMap {name}")))?;
    Ok(())
}
