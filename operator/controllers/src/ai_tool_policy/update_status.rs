//! Step 5: write the status, if it differs.

use crds::{AIToolPolicy, AIToolPolicyStatus};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::json;

use super::{Error, apply::Applied, dereference::Policy};
use crate::FIELD_MANAGER;

pub(super) async fn update_status(
    client: &Client,
    policy: &Policy,
    before: Option<&AIToolPolicyStatus>,
    applied: &Applied,
) -> Result<(), Error> {
    let Applied { status } = applied;
    if before == Some(status) {
        return Ok(());
    }
    let policies: Api<AIToolPolicy> = Api::all(client.clone());
    let patch = json!({ "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy", "status": status });
    policies
        .patch_status(policy.name(), &PatchParams::apply(FIELD_MANAGER).force(), &Patch::Apply(&patch))
        .await
        .map_err(|source| Error::Api {
            verb: "write the status of",
            policy: policy.name().to_owned(),
            source,
        })?;
    Ok(())
}
