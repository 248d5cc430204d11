//! An API server in memory: lists, watches and objects by path, and a count of what was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::{StreamExt, channel::mpsc, future, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{Cluster, SecretNamespaces};

pub(super) const POLICIES: &str = "/apis/tidewaiter.dev/v1alpha1/aitoolpolicies";
pub(super) const CONFIG_MAPS: &str = "/api/v1/namespaces/tidewaiter/configmaps";
pub(super) const NAMESPACES: &str = "/api/v1/namespaces";

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What a path answers.
#[derive(Clone)]
pub(super) enum Say {
    Object(Value),
    Status(u16),
    /// No answer, ever.
    Nothing,
}

#[derive(Default)]
struct State {
    /// Lists and objects by path.
    says: BTreeMap<String, Say>,
    /// What watches of a path answer before they are opened.
    refusals: BTreeMap<String, VecDeque<u16>>,
    watches: BTreeMap<String, mpsc::UnboundedSender<String>>,
    /// Moves whenever a watch is opened.
    opened: watch::Sender<usize>,
    asked: BTreeMap<String, usize>,
}

#[derive(Clone, Default)]
pub(super) struct ApiServer(Arc<Mutex<State>>);

impl ApiServer {
    /// A server with empty lists of all that is watched.
    pub(super) fn empty() -> Self {
        let server = Self::default();
        for path in [POLICIES, CONFIG_MAPS, NAMESPACES] {
            server.list(path, &[]);
        }
        server
    }

    pub(super) fn say(&self, path: &str, say: Say) {
        self.0.lock().unwrap().says.insert(path.to_owned(), say);
    }

    pub(super) fn list(&self, path: &str, items: &[Value]) {
        let list = json!({ "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items });
        self.say(path, Say::Object(list));
    }

    /// Makes the next watches of a path fail.
    pub(super) fn refuse_watches(&self, path: &str, status: u16, times: usize) {
        let mut state = self.0.lock().unwrap();
        state.refusals.insert(path.to_owned(), std::iter::repeat_n(status, times).collect());
    }

    /// Sends an event on the open watch of a path.
    pub(super) fn event(&self, path: &str, kind: &str, object: &Value) {
        let line = format!("{}\n", json!({ "type": kind, "object": object }));
        self.0.lock().unwrap().watches[path].unbounded_send(line).unwrap();
    }

    /// Ends the open watch of a path.
    pub(super) fn end_watch(&self, path: &str) {
        self.0.lock().unwrap().watches.remove(path);
    }

    /// Waits until a watch of a path is open.
    pub(super) async fn watched(&self, path: &str) {
        let mut opened = self.0.lock().unwrap().opened.subscribe();
        opened.wait_for(|_| self.0.lock().unwrap().watches.contains_key(path)).await.unwrap();
    }

    /// How often a path was asked for, watches left out.
    pub(super) fn asked(&self, path: &str) -> usize {
        self.0.lock().unwrap().asked.get(path).copied().unwrap_or_default()
    }

    pub(super) fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request.uri().clone()).await) }
        });
        Client::new(service, "default")
    }

    /// A cluster on this server whose watches run.
    pub(super) fn cluster(&self, secret_namespaces: SecretNamespaces) -> Cluster {
        let (cluster, driver) = Cluster::start(self.client(), "tidewaiter".to_owned(), secret_namespaces);
        tokio::spawn(driver);
        cluster
    }

    async fn answer(&self, uri: http::Uri) -> Answer {
        let path = uri.path().to_owned();
        let query = uri.query().unwrap_or_default();
        if query.split('&').any(|pair| pair == "watch=true") {
            return self.watch(&path);
        }
        let say = {
            let mut state = self.0.lock().unwrap();
            *state.asked.entry(path.clone()).or_default() += 1;
            state.says.get(&path).cloned().unwrap_or(Say::Status(404))
        };
        match say {
            Say::Object(object) => whole(200, &object),
            Say::Status(code) => status(code),
            Say::Nothing => future::pending().await,
        }
    }

    fn watch(&self, path: &str) -> Answer {
        let mut state = self.0.lock().unwrap();
        if let Some(code) = state.refusals.get_mut(path).and_then(VecDeque::pop_front) {
            return status(code);
        }
        let (sender, lines) = mpsc::unbounded();
        state.watches.insert(path.to_owned(), sender);
        let opened = state.opened.clone();
        drop(state);
        opened.send_modify(|count| *count += 1);
        let frames = lines.map(|line: String| Ok(Frame::data(Bytes::from(line))));
        Response::new(BodyExt::boxed_unsync(StreamBody::new(frames.chain(stream::empty()))))
    }
}

fn whole(code: u16, object: &Value) -> Answer {
    let body = Full::new(Bytes::from(object.to_string())).boxed_unsync();
    Response::builder().status(code).body(body).unwrap()
}

fn status(code: u16) -> Answer {
    whole(
        code,
        &json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                 "message": "as the test said", "reason": if code == 404 { "NotFound" } else { "Test" }, "code": code }),
    )
}

pub(super) fn policy(name: &str, mode: &str) -> Value {
    json!({
        "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
        "metadata": { "name": name, "uid": format!("uid-{name}"), "generation": 3, "resourceVersion": "7" },
        "spec": {
            "mode": mode,
            "signers": [{ "name": "ci", "keys": [{ "pem": "x" }], "proof": "InsecureNone" }],
            "require": { "sbom": { "signedBy": ["ci"] } },
        },
        "status": { "insecure": ["x"] },
    })
}

pub(super) fn config_map(name: &str, data: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": "tidewaiter", "resourceVersion": "7" }, "data": data })
}

pub(super) fn namespace(name: &str, labels: &Value) -> Value {
    json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
            "metadata": { "name": name, "labels": labels, "resourceVersion": "7" } })
}
