//! A registry that answers by a script and remembers what it was asked, and a well-behaved script.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use axum::response::Response;
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _};
use names::{Digest, ImageRef, Repository};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::manifest::{INDEX, MANIFEST};
use crate::{Ask, Config, Descriptor, HostConfig, Keychain, Limits, Registry, SecretKind, Source as _};

pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

type Script = Arc<dyn Fn(Seen) -> BoxFuture<'static, Response> + Send + Sync>;

/// A server on 127.0.0.1; it ends with the test's runtime.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(crate) async fn start(script: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        Self::start_async(move |seen| std::future::ready(script(&seen)).boxed()).await
    }

    pub(crate) async fn start_async(
        script: impl Fn(Seen) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let router = router(Arc::new(script), Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics while it holds this").clone()
    }

    pub(crate) fn image(&self, rest: &str) -> ImageRef {
        ImageRef::parse(&format!("{}/{rest}", self.host())).expect("a good reference")
    }

    pub(crate) fn repository(&self) -> Repository {
        self.image("team/app").repository().clone()
    }
}

pub(crate) fn router(script: Script, seen: Arc<Mutex<Vec<Seen>>>) -> Router {
    Router::new().fallback(move |request: Request| {
        let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
        async move {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.expect("a small body");
            let asked = Seen {
                method: head.method.to_string(),
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                authorization: head
                    .headers
                    .get(AUTHORIZATION)
                    .map(|value| value.to_str().expect("an ASCII header").to_owned()),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            seen.lock().expect("no test panics while it holds this").push(asked.clone());
            let mut response = script(asked).await;
            // No idle connection is left for a test to race with when it moves the clock.
            response.headers_mut().insert(CONNECTION, "close".parse().expect("a constant header"));
            response
        }
    })
}

pub(crate) fn say(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let start = Response::builder().status(status);
    headers
        .iter()
        .fold(start, |response, (name, value)| response.header(*name, *value))
        .body(body.into())
        .expect("constant headers")
}

pub(crate) fn index(entries: &[Value]) -> Response {
    let body = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
    say(200, &[(CONTENT_TYPE.as_str(), INDEX)], body.to_string())
}

/// A registry's content, served as the specification says.
#[derive(Default, Clone)]
pub(crate) struct Shop {
    pub(crate) manifests: HashMap<String, Bytes>,
    pub(crate) blobs: HashMap<String, Bytes>,
    pub(crate) referrers: Vec<Value>,
    pub(crate) has_no_api: bool,
}

impl Shop {
    /// An image tagged `1`, with that many attestations.
    pub(crate) fn with_attestations(count: usize) -> Self {
        let mut shop = Self::default();
        shop.manifests.insert("1".into(), Bytes::from_static(IMAGE));
        for n in 0..count {
            shop.attest(&format!(r#"{{"bundle":{n}}}"#));
        }
        shop
    }

    pub(crate) fn attest(&mut self, bundle: &str) {
        let digest = Digest::sha256(bundle.as_bytes());
        let layer = json!({"mediaType": BUNDLE, "digest": digest, "size": bundle.len()});
        self.blobs.insert(digest.to_string(), bundle.to_owned().into());
        self.refer(&json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [layer]}));
    }

    /// Adds a referrer with this manifest; what lists it.
    pub(crate) fn refer(&mut self, manifest: &Value) -> Descriptor {
        let body = manifest.to_string();
        let digest = Digest::sha256(body.as_bytes());
        let entry = json!({
            "mediaType": MANIFEST, "digest": digest, "size": body.len(),
            "artifactType": "application/vnd.oci.empty.v1+json",
        });
        self.manifests.insert(digest.to_string(), body.into());
        self.referrers.push(entry);
        candidate(&digest)
    }

    pub(crate) fn answer(&self, seen: &Seen) -> Response {
        let missing = || say(404, &[], "");
        let last = seen.path.rsplit('/').next().unwrap_or_default();
        if seen.path.contains("/manifests/sha256-") {
            return if self.has_no_api { index(&self.referrers) } else { missing() };
        }
        if seen.path.contains("/manifests/") {
            let found = self.manifests.get(last).cloned();
            return found.map_or_else(missing, |body| say(200, &[("content-type", MANIFEST)], body));
        }
        if seen.path.contains("/blobs/") {
            let found = self.blobs.get(last).cloned();
            let binary = [("content-type", "application/octet-stream")];
            return found.map_or_else(missing, |body| say(200, &binary, body));
        }
        if seen.path.contains("/referrers/") && !self.has_no_api {
            return index(&self.referrers);
        }
        missing()
    }

    pub(crate) async fn open(self) -> Fake {
        Fake::start(move |seen| self.answer(seen)).await
    }
}

/// The manifest under the tag `1`.
pub(crate) const IMAGE: &[u8] = br#"{"schemaVersion":2,"layers":[]}"#;

pub(crate) fn image_digest() -> Digest {
    Digest::sha256(IMAGE)
}

pub(crate) fn candidate(digest: &Digest) -> Descriptor {
    Descriptor {
        digest: digest.clone(),
        media_type: MANIFEST.into(),
        size: 0,
        artifact_type: None,
        annotations: Default::default(),
    }
}

/// The registry client with these fakes listed as plain and local.
pub(crate) fn client(fakes: &[&Fake]) -> Registry {
    client_with(fakes, Limits::default())
}

pub(crate) fn client_with(fakes: &[&Fake], limits: Limits) -> Registry {
    let hosts = fakes.iter().map(|fake| listed(&fake.host())).collect();
    Registry::new(&Config { hosts, limits, ..Config::default() }).expect("a good configuration")
}

pub(crate) fn listed(host: &str) -> HostConfig {
    HostConfig { host: host.into(), plain_http: true, any_address: true, ..HostConfig::default() }
}

/// An ask whose deadline no test reaches.
pub(crate) fn ask(keychain: &Keychain) -> Ask<'_> {
    Ask { keychain, namespace: "shop", deadline: Instant::now() + Duration::from_secs(3_000) }
}

/// A keychain with one entry for each of (location, user).
pub(crate) fn keychain(entries: &[(&str, &str)]) -> Keychain {
    let auths: serde_json::Map<String, Value> = entries
        .iter()
        .map(|(at, user)| ((*at).to_owned(), json!({"username": user, "password": "word"})))
        .collect();
    let secret = json!({"auths": auths}).to_string().into_bytes();
    Keychain::from_docker_configs(&[(SecretKind::DockerConfigJson, secret)])
}

/// Lists and reads everything about the image, anonymously.
pub(crate) async fn all_bundles(registry: &Registry, fake: &Fake) -> Vec<Bytes> {
    let anonymous = Keychain::anonymous();
    let repository = fake.repository();
    let listing = registry
        .candidates(&repository, &image_digest(), ask(&anonymous))
        .await
        .expect("a list of referrers");
    assert!(listing.incomplete.is_none(), "{:?}", listing.incomplete);
    let mut bundles = Vec::new();
    for candidate in &listing.candidates {
        bundles.extend(registry.bundle(&repository, candidate, ask(&anonymous)).await.expect("a bundle"));
    }
    bundles
}
