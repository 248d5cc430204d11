//! From an image reference to the `imageID` a container engine would report: the registry is asked, anonymously
//! or with the Pod's pull secrets, over plain HTTP. Nothing is pulled.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::{Api, Client, ResourceExt as _};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;

/// Longer than any delay a test puts before its registry's answers.
const LIMIT: Duration = Duration::from_secs(10);
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Asks registries.
pub(super) struct Images {
    http: reqwest::Client,
    kubernetes: Client,
}

impl Images {
    pub(super) fn new(kubernetes: Client) -> anyhow::Result<Self> {
        // The name tells a test that counts requests which ones are the node's.
        let http = reqwest::Client::builder().no_proxy().timeout(LIMIT).user_agent("world-node").build()?;
        Ok(Self { http, kubernetes })
    }

    /// `REPOSITORY@sha256:…` for an image, or what a kubelet would put into the `ErrImagePull` message.
    pub(super) async fn resolve(&self, image: &str, pod: &Pod) -> Result<String, String> {
        let (repository, version) = split(image);
        let (host, path) =
            repository.split_once('/').filter(|(host, _)| host.contains(['.', ':'])).ok_or_else(|| {
                format!("failed to resolve {image}: this world has no registry for names without a host")
            })?;
        let url = format!("http://{host}/v2/{path}/manifests/{version}");
        let failed = |why: &dyn std::fmt::Display| format!("failed to resolve {image}: {why}");
        let request = || self.http.request(Method::HEAD, &url).header(header::ACCEPT, ACCEPT);

        let mut response = request().send().await.map_err(|error| failed(&error.without_url()))?;
        for credential in self.credentials(pod, host).await {
            if response.status() != StatusCode::UNAUTHORIZED {
                break;
            }
            let challenge = response.headers().get(header::WWW_AUTHENTICATE);
            let challenge = challenge.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let request = self.authorize(request(), &challenge, &credential).await;
            response = request.send().await.map_err(|error| failed(&error.without_url()))?;
        }
        if !response.status().is_success() {
            return Err(failed(&response.status()));
        }
        let digest = response.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
        let digest = digest.ok_or_else(|| failed(&"the registry named no digest"))?;
        Ok(format!("{repository}@{digest}"))
    }

    /// Answers a registry's challenge: Basic as it is, Bearer by fetching the token it names.
    async fn authorize(&self, request: RequestBuilder, challenge: &str, credential: &str) -> RequestBuilder {
        let basic = format!("Basic {credential}");
        let Some(parameters) = challenge.strip_prefix("Bearer ") else {
            return request.header(header::AUTHORIZATION, basic);
        };
        let parameter = |name: &str| {
            let (_, rest) = parameters.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let query: Vec<_> =
            ["service", "scope"].into_iter().filter_map(|name| Some((name, parameter(name)?))).collect();
        let Ok(mut realm) = reqwest::Url::parse(&parameter("realm").unwrap_or_default()) else {
            return request;
        };
        realm.query_pairs_mut().extend_pairs(query);
        let answer = self.http.get(realm).header(header::AUTHORIZATION, basic).send().await;
        let Ok(answer) = answer else { return request };
        let answer: Value =
            answer.text().await.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let token = answer.get("token").or_else(|| answer.get("access_token")).and_then(Value::as_str);
        request.bearer_auth(token.unwrap_or_default())
    }

    /// Base64 `user:password` for `host` from the Pod's pull secrets. The API server's ServiceAccount admission has
    /// already copied the account's into a Pod that names none.
    async fn credentials(&self, pod: &Pod, host: &str) -> Vec<String> {
        let secrets: Api<Secret> =
            Api::namespaced(self.kubernetes.clone(), &pod.namespace().unwrap_or_default());
        let mut found = Vec::new();
        for reference in pod.spec.iter().flat_map(|spec| spec.image_pull_secrets.iter().flatten()) {
            let Ok(Some(secret)) = secrets.get_opt(&reference.name).await else { continue };
            let data = secret.data.unwrap_or_default();
            let Some(config) = data.get(".dockerconfigjson") else { continue };
            let config: Value = serde_json::from_slice(&config.0).unwrap_or_default();
            for (entry, login) in config.get("auths").and_then(Value::as_object).into_iter().flatten() {
                if entry.split('/').next() != Some(host) {
                    continue;
                }
                let text = |name: &str| login.get(name).and_then(Value::as_str).unwrap_or_default();
                let auth = text("auth");
                let pair = || STANDARD.encode(format!("{}:{}", text("username"), text("password")));
                found.push(if auth.is_empty() { pair() } else { auth.to_owned() });
            }
        }
        found
    }
}

/// An image's repository and its digest, tag, or `latest`.
pub(super) fn split(image: &str) -> (&str, &str) {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    (repository, digest.or(tag).unwrap_or("latest"))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_port_is_not_a_tag_and_a_digest_beats_one() {
        assert_eq!(split("10.99.0.1:5000/a/b"), ("10.99.0.1:5000/a/b", "latest"));
        assert_eq!(split("10.99.0.1:5000/a/b:1"), ("10.99.0.1:5000/a/b", "1"));
        assert_eq!(split("h.example/a:1@sha256:00"), ("h.example/a", "sha256:00"));
        assert_eq!(split("a"), ("a", "latest"));
    }
}
