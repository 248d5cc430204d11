//! One replica of the webhook, asked directly: the API server keeps to one connection, and so to one of them.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{NAMESPACE, Tidewaiter};

/// The release's Service, whose name the serving certificate carries.
const SERVICE: &str = "tidewaiter-webhook";
/// The Secret with the serving certificate and its authority.
const LEAF: &str = "tidewaiter-webhook-tls";
/// The port that the chart's Pods listen on.
const PORT: u16 = 9443;

/// A replica and a connection to it.
#[derive(Clone, Debug)]
pub struct Replica {
    /// Name of its Pod.
    pub pod: String,
    url: String,
    http: reqwest::Client,
}

impl Replica {
    /// The HTTP status of a path that a kubelet asks, `/livez` or `/readyz`.
    ///
    /// # Errors
    /// When it does not answer, or serves a certificate that its authority did not make for this Service.
    pub async fn status(&self, path: &str) -> Result<u16> {
        Ok(self.http.get(format!("{}{path}", self.url)).send().await?.status().as_u16())
    }

    /// The certificate that it serves, in DER, once a new connection has found it good.
    ///
    /// # Errors
    /// As [`Self::status`].
    pub async fn certificate(&self) -> Result<Vec<u8>> {
        let answer = self.http.get(format!("{}/livez", self.url)).send().await?;
        let shown =
            answer.extensions().get::<reqwest::tls::TlsInfo>().and_then(|info| info.peer_certificate());
        shown.map(<[u8]>::to_vec).with_context(|| format!("{} shows no certificate", self.pod))
    }

    /// The `response` of its validating door to the creation of an object, as a dry run.
    ///
    /// # Errors
    /// When it does not answer with an AdmissionReview.
    pub async fn review(&self, object: &Value) -> Result<Value> {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (group, version) =
            text("/apiVersion").split_once('/').unwrap_or_else(|| ("", text("/apiVersion")));
        let kind = text("/kind");
        let resource = format!("{}s", kind.to_lowercase());
        let review = json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": "00000000-0000-4000-8000-000000000000",
                "kind": { "group": group, "version": version, "kind": kind },
                "resource": { "group": group, "version": version, "resource": resource },
                "operation": "CREATE",
                "namespace": text("/metadata/namespace"),
                "userInfo": { "username": "admin" },
                "object": object,
                "dryRun": true,
            },
        });
        let answer = self
            .http
            .post(format!("{}/validate?timeout=10s", self.url))
            .json(&review)
            .send()
            .await?
            .error_for_status()?;
        let mut answer: Value = answer.json().await?;
        let response = answer.get_mut("response").map(Value::take);
        response.with_context(|| format!("{} answers without a response: {answer}", self.pod))
    }

    /// The codes of its denial of `pod`; empty where it lets it in.
    ///
    /// # Errors
    /// As [`Self::review`].
    pub async fn codes(&self, pod: &Value) -> Result<Vec<String>> {
        let response = self.review(pod).await?;
        if response.get("allowed") == Some(&json!(true)) {
            return Ok(Vec::new());
        }
        let message = response.pointer("/status/message").and_then(Value::as_str).unwrap_or_default();
        let codes = message.split_once(": ").map(|(codes, _)| codes).unwrap_or_default();
        ensure!(!codes.is_empty(), "{} denies without a code: {response}", self.pod);
        Ok(codes.split(", ").map(str::to_owned).collect())
    }
}

impl Tidewaiter<'_> {
    /// Every replica of the webhook, each trusted by the authority in the leaf's Secret.
    ///
    /// # Errors
    /// When the Pods or the Secret cannot be read.
    pub async fn replicas(&self) -> Result<Vec<Replica>> {
        let authority = "jsonpath={.data.ca\\.crt}";
        let read = ["get", "secret", LEAF, "-n", NAMESPACE, "-o", authority];
        let authority = self.world.kubectl(&read).await?.ok()?.stdout;
        let authority = reqwest::Certificate::from_pem_bundle(&STANDARD.decode(authority.trim())?)?;
        let mut replicas = Vec::new();
        for pod in self.webhook_pods().await? {
            let address = ["get", "pod", &pod, "-n", NAMESPACE, "-o", "jsonpath={.status.podIP}"];
            let address: IpAddr = self.world.kubectl(&address).await?.ok()?.stdout.trim().parse()?;
            let host = format!("{SERVICE}.{NAMESPACE}.svc");
            let http = reqwest::Client::builder()
                .no_proxy()
                .tls_certs_only(authority.clone())
                .tls_info(true)
                .resolve(&host, SocketAddr::new(address, PORT))
                .build()?;
            replicas.push(Replica { pod, url: format!("https://{host}:{PORT}"), http });
        }
        ensure!(replicas.len() == 2, "the chart was to run two replicas, not {}", replicas.len());
        Ok(replicas)
    }
}
