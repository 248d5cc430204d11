//! The webhook's door, asked as the API server asks it: an AdmissionReview over TLS on a connection that is kept.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use e2e::{
    await_that,
    tidewaiter::{IN_FORCE_WITHIN, NAMESPACE, Tidewaiter},
};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::Api;
use reqwest::Certificate;
use serde_json::{Value, json};

use crate::GUARDED;

/// The name that the webhook's certificate is for.
const SERVICE: &str = "tidewaiter-webhook.tidewaiter-system.svc";
/// Where the container listens.
const PORT: u16 = 9443;

/// What the chart installed, as far as a caller of the webhook needs it.
pub(crate) struct Installation {
    /// The webhook Pod that is asked; the other one is left alone.
    pub(crate) pod: Pod,
    /// The leaf, with its authority.
    pub(crate) leaf: Secret,
    /// The operator's configuration.
    pub(crate) configuration: ConfigMap,
}

impl Installation {
    pub(crate) async fn find(tidewaiter: &Tidewaiter<'_>) -> Result<Self> {
        let client = tidewaiter.world().client();
        let pods = tidewaiter.webhook_pods().await?;
        let pod = pods.first().context("the chart starts webhook Pods")?;
        Ok(Self {
            pod: Api::namespaced(client.clone(), NAMESPACE).get(pod).await?,
            leaf: Api::namespaced(client.clone(), NAMESPACE).get("tidewaiter-webhook-tls").await?,
            configuration: Api::namespaced(client, NAMESPACE).get("tidewaiter-configuration").await?,
        })
    }

    /// The Pod's name.
    pub(crate) fn pod_name(&self) -> &str {
        self.pod.metadata.name.as_deref().unwrap_or_default()
    }

    /// Where the Pod is asked.
    pub(crate) fn pod_address(&self) -> Result<SocketAddr> {
        let address = self.pod.status.as_ref().and_then(|status| status.pod_ip.as_deref());
        Ok(SocketAddr::new(address.context("the Pod has an address")?.parse()?, PORT))
    }

    /// A file of the leaf's Secret.
    pub(crate) fn leaf_file(&self, name: &str) -> Result<&[u8]> {
        let file = self.leaf.data.as_ref().and_then(|data| data.get(name));
        file.map(|bytes| bytes.0.as_slice()).with_context(|| format!("the leaf's Secret has no {name}"))
    }
}

/// One caller with a connection of its own.
pub(crate) struct Door {
    client: reqwest::Client,
    url: String,
}

impl Door {
    pub(crate) fn new(installation: &Installation, address: SocketAddr) -> Result<Self> {
        let authority = Certificate::from_pem(installation.leaf_file("ca.crt")?)?;
        let client = reqwest::Client::builder()
            .tls_certs_only([authority])
            .resolve(SERVICE, address)
            .no_proxy()
            .build()?;
        Ok(Self { client, url: format!("https://{SERVICE}:{}/validate?timeout=10s", address.port()) })
    }

    /// Asks; how long the answer took, in milliseconds, and the answer.
    pub(crate) async fn ask(&self, review: &str) -> Result<(f64, Value)> {
        let request = self.client.post(&self.url).header("content-type", "application/json");
        let started = Instant::now();
        let answer = request.body(review.to_owned()).send().await?.error_for_status()?.bytes().await?;
        let took = millis(started.elapsed());
        let answer: Value = serde_json::from_slice(&answer)?;
        Ok((took, answer.get("response").cloned().context("a review has a response")?))
    }

    /// Asks what must be admitted.
    pub(crate) async fn admits(&self, review: &str) -> Result<f64> {
        let (took, response) = self.ask(review).await?;
        ensure!(is_allowed(&response), "not admitted: {response}");
        Ok(took)
    }

    /// Waits until a bare image is turned away for what it lacks: the policy is in force.
    pub(crate) async fn in_force(&self, bare: &str) -> Result<()> {
        let review = pod(&[bare]);
        await_that("the policy to be in force", IN_FORCE_WITHIN, async || {
            let (_, response) = self.ask(&review).await?;
            Ok(response.to_string().contains("SbomMissing").then_some(()))
        })
        .await
    }
}

/// Whether a response lets the object in.
pub(crate) fn is_allowed(response: &Value) -> bool {
    response.get("allowed") == Some(&Value::Bool(true))
}

/// The review of a Pod that runs these images.
pub(crate) fn pod(images: &[&str]) -> String {
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(index, image)| {
            json!({
                "name": format!("container-{index}"), "image": image, "imagePullPolicy": "IfNotPresent",
                "env": [{ "name": "LOG_LEVEL", "value": "info" }],
                "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } },
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            })
        })
        .collect();
    let spec =
        json!({ "containers": containers, "serviceAccountName": "default", "restartPolicy": "Always" });
    review(
        ("", "Pod", "pods"),
        &json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata(), "spec": spec }),
    )
}

/// The review of a Deployment, which may name a tag.
pub(crate) fn deployment(image: &str) -> String {
    let template = json!({
        "metadata": { "labels": { "app": "cart" } },
        "spec": { "containers": [{ "name": "cart", "image": image }] },
    });
    let spec = json!({ "selector": { "matchLabels": { "app": "cart" } }, "template": template });
    let object =
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(), "spec": spec });
    review(("apps", "Deployment", "deployments"), &object)
}

fn metadata() -> Value {
    json!({ "name": "cart", "namespace": GUARDED, "labels": { "app": "cart" } })
}

fn review((group, kind, resource): (&str, &str, &str), object: &Value) -> String {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": group, "version": "v1", "kind": kind },
            "resource": { "group": group, "version": "v1", "resource": resource },
            "namespace": GUARDED,
            "operation": "CREATE",
            "userInfo": { "username": "system:serviceaccount:kube-system:replicaset-controller" },
            "object": object,
            "oldObject": null,
            "dryRun": false,
        },
    })
    .to_string()
}

/// In milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
