//! Takes the webhooks back for good: what the chart's pre-delete hook runs, so that removing the release never
//! leaves a cluster in which no Pod can be created.

use std::time::Duration;

use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    core::v1::ConfigMap,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
};
use tokio::time::Instant;

use super::{Error, Installation};

/// The state of the registration ConfigMap that forbids registering.
pub(super) const WITHDRAWN: &str = "Withdrawn";
/// Set by the controllers once they have seen [`WITHDRAWN`] and obeyed.
pub(super) const OBSERVED: &str = "tidewaiter.dev/withdrawn";
/// Controllers that run see the change within a second. Ones that do not run cannot register either.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(250);

/// Forbids the registration, removes it, and waits until the controllers have seen that.
pub async fn withdraw(client: &Client, installation: &Installation) -> Result<(), Error> {
    let name = installation.registration_config_map();
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &installation.namespace);
    let state = serde_json::json!({
        "metadata": { "annotations": { OBSERVED: null } },
        "data": { "state": WITHDRAWN },
    });
    config_maps
        .patch(&name, &PatchParams::default(), &Patch::Merge(&state))
        .await
        .map_err(Error::api("apply", format!("ConfigMap {name}")))?;
    delete_webhooks(client, &installation.release).await?;
    let patience = Instant::now() + PATIENCE;
    loop {
        let map =
            config_maps.get_opt(&name).await.map_err(Error::api("read", format!("ConfigMap {name}")))?;
        if map.is_none_or(|map| map.annotations().contains_key(OBSERVED)) {
            break;
        }
        if Instant::now() >= patience {
            tracing::warn!(
                "the controllers did not answer; a registration of theirs under way is removed now"
            );
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    // Once more: a round of the controllers may have been on its way when the state changed.
    delete_webhooks(client, &installation.release).await
}

/// Removes both registrations; those already gone are fine.
pub(super) async fn delete_webhooks(client: &Client, release: &str) -> Result<(), Error> {
    let validating: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let mutating: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
    gone(validating.delete(release, &DeleteParams::default()).await, "ValidatingWebhookConfiguration")?;
    gone(mutating.delete(release, &DeleteParams::default()).await, "MutatingWebhookConfiguration")
}

fn gone<T>(answer: Result<T, kube::Error>, object: &'static str) -> Result<(), Error> {
    match answer {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(source) => Err(Error::Api { verb: "delete", object: object.to_owned(), source }),
    }
}
