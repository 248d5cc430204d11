//! An API server in memory, with what the intake reads: four kinds of objects, and one change of a policy.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future,
    sync::{Arc, Mutex},
};

use cluster::{Cluster, SecretNamespaces};
use http::{Request, Response};
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::fixtures::{Written, config_maps};

pub(crate) const POLICIES: &str = "/apis/tidewaiter.dev/v1alpha1/aitoolpolicies";
const CONFIG_MAPS: &str = "/api/v1/namespaces/tidewaiter/configmaps";
const NAMESPACES: &str = "/api/v1/namespaces";

#[derive(Default)]
struct State {
    /// Lists and objects by path; anything else is not found.
    says: BTreeMap<String, Value>,
    /// Paths that are never answered.
    silent: Vec<String>,
    asked: Vec<String>,
    events: Option<mpsc::UnboundedReceiver<Value>>,
}

#[derive(Clone)]
pub(crate) struct ApiServer {
    state: Arc<Mutex<State>>,
    policy_events: mpsc::UnboundedSender<Value>,
}

impl ApiServer {
    /// A server with these policies, the ConfigMaps they name, and the namespace `shop`.
    pub(crate) fn with(policies: &[Written]) -> Self {
        let (policy_events, events) = mpsc::unbounded_channel();
        let state = State { events: Some(events), ..State::default() };
        let server = Self { state: Arc::new(Mutex::new(state)), policy_events };
        let maps = config_maps().into_iter().map(|(name, data)| {
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(&name), "data": data })
        });
        server.list(POLICIES, &policies.iter().map(object).collect::<Vec<_>>());
        server.list(CONFIG_MAPS, &maps.collect::<Vec<_>>());
        let shop = json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
                           "metadata": { "name": "shop", "labels": { "env": "prod" }, "resourceVersion": "7" } });
        server.list(NAMESPACES, &[shop]);
        server
    }

    fn list(&self, path: &str, items: &[Value]) {
        self.say(path, json!({ "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items }));
    }

    pub(crate) fn say(&self, path: &str, object: Value) {
        self.state.lock().unwrap().says.insert(path.to_owned(), object);
    }

    /// Never answers a path.
    pub(crate) fn silence(&self, path: &str) {
        self.state.lock().unwrap().silent.push(path.to_owned());
    }

    /// Replaces a policy, as its watch tells it.
    pub(crate) fn edit(&self, policy: &Written) {
        self.policy_events.send(json!({ "type": "MODIFIED", "object": object(policy) })).unwrap();
    }

    /// Paths asked for that contain `part`, in order.
    pub(crate) fn asked(&self, part: &str) -> Vec<String> {
        self.state.lock().unwrap().asked.iter().filter(|asked| asked.contains(part)).cloned().collect()
    }

    /// A cluster on this server whose watches run.
    pub(crate) fn cluster(&self, secrets: SecretNamespaces) -> Cluster {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        let (cluster, driver) =
            Cluster::start(Client::new(service, "default"), "tidewaiter".to_owned(), secrets);
        tokio::spawn(driver);
        cluster
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        if request.uri().query().is_some_and(|query| query.contains("watch=true")) {
            return self.watch(&path).await;
        }
        let (said, silent) = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(path.clone());
            (state.says.get(&path).cloned(), state.silent.contains(&path))
        };
        if silent {
            return future::pending().await;
        }
        let (code, object) = said.map_or_else(
            || (404, json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": "no such thing", "code": 404 })),
            |object| (200, object),
        );
        Response::builder().status(code).body(Body::from(object.to_string().into_bytes())).unwrap()
    }

    /// A watch ends after each event; the next one goes on from there.
    async fn watch(&self, path: &str) -> Response<Body> {
        let events = if path == POLICIES { self.state.lock().unwrap().events.take() } else { None };
        let Some(mut events) = events else { return future::pending().await };
        let event = events.recv().await.unwrap();
        self.state.lock().unwrap().events = Some(events);
        Response::new(Body::from(format!("{event}\n").into_bytes()))
    }
}

fn meta(name: &str) -> Value {
    json!({ "name": name, "namespace": "tidewaiter", "resourceVersion": "7" })
}

fn object(policy: &Written) -> Value {
    json!({ "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
            "metadata": { "name": policy.name(), "uid": format!("uid-{}", policy.name()), "generation": policy.generation(), "resourceVersion": "7" },
            "spec": policy.spec() })
}
