//! A registry on loopback, in a thread of its own: any repository whose first segment says who signed has the
//! fixtures' image under every tag. It counts what it is asked, and can be slow.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use names::Digest;
use serde_json::{Value, json};

use crate::fixtures::{Fixtures, Signed};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// The running registry. It ends with the program.
pub(crate) struct Loopback {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What was asked since the last reset.
pub(crate) struct Asked {
    pub(crate) requests: usize,
    /// The largest number of requests of which no two overlapped.
    pub(crate) round_trips: usize,
}

struct Shared {
    contents: BTreeMap<&'static str, Contents>,
    tagged: Bytes,
    latency_millis: AtomicU64,
    /// Arrival and answer of each request.
    spans: Mutex<Vec<(Instant, Instant)>>,
}

/// By digest, what one kind of repositories holds.
struct Contents {
    referrers: Bytes,
    by_digest: BTreeMap<String, (&'static str, Bytes)>,
}

impl Loopback {
    pub(crate) fn start(fixtures: &Fixtures) -> anyhow::Result<Self> {
        let contents =
            [Signed::Key, Signed::Keyless].map(|signed| (signed.as_str(), Contents::of(signed, fixtures)));
        let shared = Arc::new(Shared {
            contents: contents.into(),
            tagged: fixtures.manifest.clone(),
            latency_millis: AtomicU64::new(0),
            spans: Mutex::default(),
        });
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("registry".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, app).await
            })
        })?;
        Ok(Self { address, shared })
    }

    /// `HOST:PORT`, as it stands in references.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Adds a wait before every answer.
    pub(crate) fn latency(&self, latency: Duration) {
        let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.shared.latency_millis.store(millis, Ordering::Relaxed);
    }

    /// What was asked since this was asked last.
    pub(crate) fn asked(&self) -> Asked {
        let mut spans =
            std::mem::take(&mut *self.shared.spans.lock().unwrap_or_else(PoisonError::into_inner));
        spans.sort_unstable_by_key(|(_, ended)| *ended);
        let mut round_trips = 0;
        let mut free_from = None;
        for (started, ended) in &spans {
            if free_from.is_none_or(|free_from| *started >= free_from) {
                round_trips += 1;
                free_from = Some(*ended);
            }
        }
        Asked { requests: spans.len(), round_trips }
    }
}

impl Contents {
    fn of(signed: Signed, fixtures: &Fixtures) -> Self {
        let mut by_digest = BTreeMap::new();
        let mut listed = Vec::new();
        for (predicate_type, bundle) in signed.bundles() {
            let bundle = Bytes::from_static(bundle);
            let annotations = json!({
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": predicate_type,
                "org.opencontainers.image.created": fixtures.now.to_string(),
            });
            let manifest = json!({
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "artifactType": BUNDLE,
                "config": descriptor(EMPTY, b"{}"),
                "layers": [descriptor(BUNDLE, &bundle)],
                "subject": descriptor(MANIFEST, &fixtures.manifest),
                "annotations": annotations,
            });
            let manifest = Bytes::from(manifest.to_string());
            let mut entry = descriptor(MANIFEST, &manifest);
            if let Some(fields) = entry.as_object_mut() {
                fields.insert("artifactType".to_owned(), json!(BUNDLE));
                fields.insert("annotations".to_owned(), annotations);
            }
            listed.push(entry);
            for (media_type, content) in [(MANIFEST, manifest), ("application/octet-stream", bundle)] {
                by_digest.insert(Digest::sha256(&content).to_string(), (media_type, content));
            }
        }
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": listed });
        Self { referrers: Bytes::from(index.to_string()), by_digest }
    }
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::sha256(content), "size": content.len() })
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let started = Instant::now();
    let latency = Duration::from_millis(shared.latency_millis.load(Ordering::Relaxed));
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let found = shared.find(uri.path());
    shared.spans.lock().unwrap_or_else(PoisonError::into_inner).push((started, Instant::now()));
    match found {
        Some((media_type, content)) => ([(CONTENT_TYPE, media_type)], content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Shared {
    /// `/v2/KIND/NAME/WHAT/REFERENCE`
    fn find(&self, path: &str) -> Option<(&'static str, Bytes)> {
        let mut segments = path.strip_prefix("/v2/")?.split('/');
        let contents = self.contents.get(segments.next()?)?;
        let (_name, what, reference) = (segments.next()?, segments.next()?, segments.next()?);
        match what {
            "referrers" => Some((INDEX, contents.referrers.clone())),
            "manifests" if !reference.contains(':') => Some((MANIFEST, self.tagged.clone())),
            _ => contents.by_digest.get(reference).cloned(),
        }
    }
}
