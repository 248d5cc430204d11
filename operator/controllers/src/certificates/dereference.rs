//! Step 1: what is there now. Reads, and concludes nothing.

use k8s_openapi::{
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        core::v1::{ConfigMap, Secret},
        discovery::v1::EndpointSlice,
        rbac::v1::ClusterRole,
    },
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{Api, Client, Resource, ResourceExt, api::ListParams};

use super::{Error, Installation};

/// The label by which an EndpointSlice names its Service.
pub(super) const SERVICE_LABEL: &str = "kubernetes.io/service-name";
/// EndpointSlices of our Service: one a hundred endpoints, so this is 3,200 replicas.
const SLICES: u32 = 32;

/// What the cluster holds of ours.
pub(super) struct Found {
    pub(super) authority: Option<Secret>,
    pub(super) leaf: Option<Secret>,
    pub(super) registration: Option<ConfigMap>,
    pub(super) endpoint_ready: bool,
    pub(super) registered: bool,
    /// The release's ClusterRole: when Helm removes it, the garbage collector takes the webhooks along.
    pub(super) owner: Option<OwnerReference>,
}

pub(super) async fn dereference(client: &Client, installation: &Installation) -> Result<Found, Error> {
    let namespace = &installation.namespace;
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
    let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), namespace);
    let validating: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let mutating: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
    let roles: Api<ClusterRole> = Api::all(client.clone());

    let authority = installation.authority_secret();
    let leaf = installation.leaf_secret();
    let registration = installation.registration_config_map();
    let role = format!("{}-controllers", installation.release);
    let of_service =
        ListParams::default().labels(&format!("{SERVICE_LABEL}={}", installation.service)).limit(SLICES);

    let slices =
        slices.list(&of_service).await.map_err(Error::api("read", "the webhook's EndpointSlices"))?;
    let owner = roles
        .get_opt(&role)
        .await
        .map_err(Error::api("read", format!("ClusterRole {role}")))?
        .and_then(|role| role.owner_ref(&()));
    Ok(Found {
        authority: secrets
            .get_opt(&authority)
            .await
            .map_err(Error::api("read", format!("Secret {authority}")))?,
        leaf: secrets.get_opt(&leaf).await.map_err(Error::api("read", format!("Secret {leaf}")))?,
        registration: config_maps
            .get_opt(&registration)
            .await
            .map_err(Error::api("read", format!("ConfigMap {registration}")))?,
        endpoint_ready: slices.items.iter().any(has_ready_endpoint),
        registered: validating
            .get_opt(&installation.release)
            .await
            .map_err(Error::api("read", "ValidatingWebhookConfiguration"))?
            .is_some_and(|found| found.meta().deletion_timestamp.is_none())
            && mutating
                .get_opt(&installation.release)
                .await
                .map_err(Error::api("read", "MutatingWebhookConfiguration"))?
                .is_some_and(|found| found.meta().deletion_timestamp.is_none()),
        owner,
    })
}

fn has_ready_endpoint(slice: &EndpointSlice) -> bool {
    // The type says a list; the API server says `null` where there is none.
    slice
        .endpoints
        .iter()
        .flatten()
        .any(|endpoint| endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(false))
}

/// The text of one key of a Secret, if it is text.
pub(super) fn text(secret: &Secret, key: &str) -> Option<String> {
    let bytes = &secret.data.as_ref()?.get(key)?.0;
    String::from_utf8(bytes.clone()).ok()
}

/// For errors and logs.
pub(super) fn name_of<K: ResourceExt>(object: &K) -> String {
    object.name_any()
}
