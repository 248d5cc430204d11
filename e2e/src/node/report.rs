//! A Pod's status as the node tells it to the API server: what is said of each container, and when it is said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::network::WORLD_ADDRESS;

/// What is said of one container.
#[derive(Clone, Debug)]
pub(super) struct ContainerReport {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) image_id: String,
    pub(super) state: State,
    pub(super) ready: bool,
    pub(super) restarts: u32,
    /// How the run before this one ended.
    pub(super) last: Option<(i32, Timestamp)>,
}

/// A container's state.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    Waiting { reason: &'static str, message: String },
    Running { since: Timestamp },
    Ended { code: i32, at: Timestamp },
}

impl ContainerReport {
    fn json(&self, uid: &str) -> Value {
        let ended = |code: i32, at: Timestamp| {
            let reason = if code == 0 { "Completed" } else { "Error" };
            json!({"terminated": {"exitCode": code, "reason": reason, "finishedAt": whole(at)}})
        };
        let state = match &self.state {
            State::Waiting { reason, message } => json!({"waiting": {"reason": reason, "message": message}}),
            State::Running { since } => json!({"running": {"startedAt": whole(*since)}}),
            State::Ended { code, at } => ended(*code, *at),
        };
        let begun = !matches!(self.state, State::Waiting { .. });
        let id = hex::encode(Sha256::digest(format!("{uid}/{}/{}", self.name, self.restarts)));
        json!({
            "name": self.name, "image": self.image, "imageID": self.image_id, "state": state,
            "lastState": self.last.map_or_else(|| json!({}), |(code, at)| ended(code, at)),
            "ready": self.ready, "started": matches!(self.state, State::Running { .. }), "restartCount": self.restarts,
            "containerID": if begun { format!("containerd://{id}") } else { String::new() },
        })
    }
}

/// Everything that is said of a Pod at once.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) phase: &'static str,
    pub(super) address: String,
    pub(super) initialized: bool,
    pub(super) init: Vec<ContainerReport>,
    pub(super) main: Vec<ContainerReport>,
    pub(super) ephemeral: Vec<ContainerReport>,
}

/// Tells the API server about one Pod, when there is something new.
#[derive(Debug)]
pub(super) struct Reporter {
    pods: Api<Pod>,
    name: String,
    uid: String,
    begun: Timestamp,
    /// Each condition's status and since when.
    conditions: BTreeMap<&'static str, (bool, Timestamp)>,
    told: Value,
}

impl Reporter {
    pub(super) fn new(client: Client, pod: &Pod) -> Self {
        Self {
            pods: Api::namespaced(client, &pod.namespace().unwrap_or_default()),
            name: pod.name_any(),
            uid: pod.uid().unwrap_or_default(),
            begun: Timestamp::now(),
            conditions: BTreeMap::new(),
            told: Value::Null,
        }
    }

    /// Tells it unless it is what was told last. False if the API server did not take it: try again later.
    pub(super) async fn tell(&mut self, snapshot: &Snapshot) -> bool {
        let status = self.json(snapshot);
        if status == self.told {
            return true;
        }
        let patch = Patch::Strategic(json!({"metadata": {"uid": self.uid}, "status": status}));
        let taken = self.pods.patch_status(&self.name, &PatchParams::default(), &patch).await.is_ok();
        if taken {
            self.told = status;
        }
        taken
    }

    /// Lets the API server forget the Pod: its containers have ended.
    pub(super) async fn release(&self) {
        let this_one = Preconditions { uid: Some(self.uid.clone()), resource_version: None };
        let now = DeleteParams { preconditions: Some(this_one), ..DeleteParams::default().grace_period(0) };
        // If it is gone already, that is what was wanted.
        let _ = self.pods.delete(&self.name, &now).await;
    }

    fn json(&mut self, snapshot: &Snapshot) -> Value {
        let ready = snapshot.phase == "Running" && snapshot.main.iter().all(|container| container.ready);
        let truths = [
            ("PodReadyToStartContainers", true),
            ("Initialized", snapshot.initialized),
            ("ContainersReady", ready),
            ("Ready", ready),
        ];
        let conditions: Vec<_> = truths
            .into_iter()
            .map(|(kind, holds)| {
                let now = (holds, Timestamp::now());
                let entry = self.conditions.entry(kind).or_insert(now);
                if entry.0 != holds {
                    *entry = now;
                }
                let status = if holds { "True" } else { "False" };
                json!({"type": kind, "status": status, "lastTransitionTime": whole(entry.1)})
            })
            .collect();
        let list = |reports: &[ContainerReport]| {
            reports.iter().map(|report| report.json(&self.uid)).collect::<Vec<_>>()
        };
        let mut status = json!({
            "phase": snapshot.phase, "startTime": whole(self.begun), "conditions": conditions,
            "hostIP": WORLD_ADDRESS, "hostIPs": [{"ip": WORLD_ADDRESS}],
            "podIP": snapshot.address, "podIPs": [{"ip": snapshot.address}],
            "initContainerStatuses": list(&snapshot.init), "containerStatuses": list(&snapshot.main),
        });
        if let (false, Some(fields)) = (snapshot.ephemeral.is_empty(), status.as_object_mut()) {
            fields.insert("ephemeralContainerStatuses".to_owned(), list(&snapshot.ephemeral).into());
        }
        status
    }
}

/// Kubernetes keeps whole seconds.
fn whole(time: Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_whole_seconds() {
        assert_eq!(whole("2026-10-01T12:00:00.25Z".parse().unwrap()), "2026-10-01T12:00:00Z");
    }
}
