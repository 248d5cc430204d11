//! Step 4: write what differs. Secrets first: a registration must never name a CA that no leaf is signed by.

use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    core::v1::Secret,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};

use super::{
    Error, Installation,
    build::{Prepared, Webhooks},
    dereference::name_of,
    withdraw,
};
use crate::FIELD_MANAGER;

/// Proof that everything prepared was written.
pub(super) struct Applied {
    pub(super) withdrawn: bool,
}

pub(super) async fn apply(
    client: &Client,
    installation: &Installation,
    prepared: Prepared,
) -> Result<Applied, Error> {
    let Prepared { authority, leaf, webhooks } = prepared;
    let secrets: Api<Secret> = Api::namespaced(client.clone(), &installation.namespace);
    for secret in [authority, leaf].into_iter().flatten() {
        write(&secrets, &secret).await?;
    }
    let withdrawn = match webhooks {
        Webhooks::Apply(both) => {
            let (validating, mutating) = *both;
            let force = PatchParams::apply(FIELD_MANAGER).force();
            let api: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
            api.patch(&installation.release, &force, &Patch::Apply(&validating))
                .await
                .map_err(Error::api("apply", "ValidatingWebhookConfiguration"))?;
            let api: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
            api.patch(&installation.release, &force, &Patch::Apply(&mutating))
                .await
                .map_err(Error::api("apply", "MutatingWebhookConfiguration"))?;
            false
        }
        Webhooks::Leave => false,
        Webhooks::Withdraw => {
            withdraw::delete_webhooks(client, &installation.release).await?;
            true
        }
    };
    Ok(Applied { withdrawn })
}

/// Creates, or replaces the version that was read: of two writers one fails, and reads again.
async fn write(secrets: &Api<Secret>, secret: &Secret) -> Result<(), Error> {
    let name = name_of(secret);
    let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
    if secret.metadata.resource_version.is_some() {
        secrets
            .replace(&name, &params, secret)
            .await
            .map_err(Error::api("replace", format!("Secret {name}")))?;
    } else {
        secrets.create(&params, secret).await.map_err(Error::api("create", format!("Secret {name}")))?;
    }
    tracing::info!(secret = name, "wrote a certificate");
    Ok(())
}
