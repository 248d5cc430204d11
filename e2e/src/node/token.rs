//! ServiceAccount tokens for Pods: asked of the API server, bound to the Pod, renewed before they end.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use k8s_openapi::api::{
    authentication::v1::{BoundObjectReference, TokenRequest, TokenRequestSpec},
    core::v1::{Pod, ServiceAccount},
};
use kube::{Api, Client, ResourceExt as _, api::PostParams};
use tokio::time::Instant;

/// The kubelet's default for a projected token that names no lifetime.
const LIFETIME_SECONDS: i64 = 3600;

/// The tokens of one Pod.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    known: BTreeMap<(Option<String>, i64), (String, Instant)>,
}

impl Tokens {
    /// A token for `audience` (the API server's own when none), not older than four fifths of its life: that is
    /// when a kubelet renews it.
    pub(super) async fn get(
        &mut self,
        client: &Client,
        pod: &Pod,
        audience: Option<String>,
        seconds: Option<i64>,
    ) -> Result<String> {
        let seconds = seconds.unwrap_or(LIFETIME_SECONDS);
        let key = (audience.clone(), seconds);
        if let Some((token, _)) = self.known.get(&key).filter(|(_, renew)| Instant::now() < *renew) {
            return Ok(token.clone());
        }
        let account =
            pod.spec.as_ref().and_then(|spec| spec.service_account_name.as_deref()).unwrap_or("default");
        let request = TokenRequest {
            spec: Some(TokenRequestSpec {
                audiences: Some(audience.into_iter().collect()),
                expiration_seconds: Some(seconds),
                bound_object_ref: Some(BoundObjectReference {
                    api_version: Some("v1".to_owned()),
                    kind: Some("Pod".to_owned()),
                    name: Some(pod.name_any()),
                    uid: pod.uid(),
                }),
            }),
            ..TokenRequest::default()
        };
        let accounts: Api<ServiceAccount> =
            Api::namespaced(client.clone(), &pod.namespace().unwrap_or_default());
        let answer = accounts.create_token_request(account, &PostParams::default(), &request).await?;
        let token = answer.status.and_then(|status| status.token).context("the API server gave no token")?;
        let life = Duration::from_secs(seconds.unsigned_abs());
        self.known.insert(key, (token.clone(), Instant::now() + life * 4 / 5));
        Ok(token)
    }
}
