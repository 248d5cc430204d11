//! The objects that tests hand to kubectl: each built-in kind that carries a Pod spec, around any such spec.

use serde_json::{Value, json};

use crate::tidewaiter::merge;

/// A built-in kind that carries a Pod spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The Pod itself.
    Pod,
    /// The oldest of those that make Pods.
    ReplicationController,
    /// What a Deployment makes.
    ReplicaSet,
    /// Makes ReplicaSets.
    Deployment,
    /// Makes Pods with names that stay.
    StatefulSet,
    /// Makes one Pod a node.
    DaemonSet,
    /// Makes Pods that end.
    Job,
    /// Makes Jobs.
    CronJob,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pod,
        Self::ReplicationController,
        Self::ReplicaSet,
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
    ];

    /// Those that say how many Pods there are to be.
    pub const SCALED: [Self; 4] =
        [Self::ReplicationController, Self::ReplicaSet, Self::Deployment, Self::StatefulSet];

    /// As kubectl takes it: `deployment`.
    #[must_use]
    pub fn resource(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// An object of this kind around a Pod spec. What it makes is labelled `app: NAME`.
    #[must_use]
    pub fn around(self, namespace: &str, name: &str, pod_spec: Value) -> Value {
        let mut pod_spec = pod_spec;
        if matches!(self, Self::Job | Self::CronJob) {
            // The API server takes no other, and has no default that it would take.
            merge(&mut pod_spec, json!({ "restartPolicy": "Never" }));
        }
        let labels = json!({ "app": name });
        let template = json!({ "metadata": { "labels": labels }, "spec": pod_spec });
        let selecting = json!({ "selector": { "matchLabels": labels }, "template": template });
        let (api_version, spec) = match self {
            Self::Pod => ("v1", pod_spec),
            Self::ReplicationController => ("v1", json!({ "selector": labels, "template": template })),
            Self::ReplicaSet | Self::Deployment | Self::StatefulSet | Self::DaemonSet => {
                ("apps/v1", selecting)
            }
            Self::Job => ("batch/v1", json!({ "template": template })),
            // A day that never comes: what is judged is the template.
            Self::CronJob => (
                "batch/v1",
                json!({ "schedule": "0 0 31 2 *", "jobTemplate": { "spec": { "template": template } } }),
            ),
        };
        json!({
            "apiVersion": api_version,
            "kind": format!("{self:?}"),
            "metadata": { "name": name, "namespace": namespace, "labels": labels },
            "spec": spec,
        })
    }

    /// The same with one container, called `it`, of this image.
    #[must_use]
    pub fn of(self, namespace: &str, name: &str, image: &str) -> Value {
        self.around(namespace, name, one_container(image))
    }
}

/// An object with `over` laid over it, field by field; anything but an object replaces.
#[must_use]
pub fn with(mut object: Value, over: Value) -> Value {
    merge(&mut object, over);
    object
}

/// A Pod spec with one container, called `it`.
#[must_use]
pub fn one_container(image: &str) -> Value {
    json!({ "containers": [{ "name": "it", "image": image }] })
}
