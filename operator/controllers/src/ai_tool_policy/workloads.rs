//! What runs images, counted for the policies' status: of each object that nobody controls, its namespace and images.
//!
//! An owned object (the ReplicaSet of a Deployment, the Pod of a Job) is not counted again.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{StreamExt, stream::select_all};
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
    batch::v1::{CronJob, Job},
    core::v1::{Pod, ReplicationController},
};
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject},
    runtime::{WatchStreamExt, watcher},
};
use names::{ImageRef, Repository};
use tokio::sync::watch;
use workload::{Kind, Workload};

/// Objects of one page of the first list.
const PAGE: u32 = 100;

/// One object that nobody controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) namespace: String,
    /// Of its images, those whose references can be read.
    pub(super) repositories: Vec<Repository>,
}

/// All of them. Cheap to clone.
#[derive(Clone)]
pub(super) struct Workloads {
    roots: Arc<Mutex<HashMap<(Kind, String), Root>>>,
    changed: watch::Sender<()>,
}

impl Workloads {
    /// The view, and the task that keeps it.
    pub(super) fn watch(client: &Client) -> (Self, impl Future<Output = ()> + use<>) {
        let workloads = Self { roots: Arc::default(), changed: watch::Sender::new(()) };
        let kinds = [
            (Kind::Deployment, ApiResource::erase::<Deployment>(&())),
            (Kind::StatefulSet, ApiResource::erase::<StatefulSet>(&())),
            (Kind::DaemonSet, ApiResource::erase::<DaemonSet>(&())),
            (Kind::ReplicaSet, ApiResource::erase::<ReplicaSet>(&())),
            (Kind::ReplicationController, ApiResource::erase::<ReplicationController>(&())),
            (Kind::Job, ApiResource::erase::<Job>(&())),
            (Kind::CronJob, ApiResource::erase::<CronJob>(&())),
            (Kind::Pod, ApiResource::erase::<Pod>(&())),
        ];
        let streams = kinds.map(|(kind, resource)| {
            let objects: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
            let config = watcher::Config::default().page_size(PAGE);
            watcher(objects, config).default_backoff().map(move |event| (kind, event)).boxed()
        });
        let kept = workloads.clone();
        let mut events = select_all(streams);
        let task = async move {
            while let Some((kind, event)) = events.next().await {
                match event {
                    Ok(event) => kept.take(kind, event),
                    Err(error) => tracing::warn!(%kind, %error, "the workloads' watch was interrupted"),
                }
            }
        };
        (workloads, task)
    }

    /// Changes whenever the roots do.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// A copy of all roots.
    pub(super) fn roots(&self) -> Vec<Root> {
        self.lock().values().cloned().collect()
    }

    fn take(&self, kind: Kind, event: watcher::Event<DynamicObject>) {
        let changed = match event {
            // What was deleted while nobody watched is not listed again.
            watcher::Event::Init => {
                self.lock().retain(|(of, _), _| *of != kind);
                true
            }
            watcher::Event::InitDone => false,
            watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
                let key = (kind, object.uid().unwrap_or_default());
                match root(kind, &object) {
                    Some(root) => self.lock().insert(key, root.clone()) != Some(root),
                    None => self.lock().remove(&key).is_some(),
                }
            }
            watcher::Event::Delete(object) => {
                self.lock().remove(&(kind, object.uid().unwrap_or_default())).is_some()
            }
        };
        if changed {
            self.changed.send_replace(());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(Kind, String), Root>> {
        // The map is whole after every step, so a panic elsewhere leaves nothing half done.
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn root(kind: Kind, object: &DynamicObject) -> Option<Root> {
    if object.owner_references().iter().any(|owner| owner.controller == Some(true)) {
        return None;
    }
    let json = serde_json::value::to_raw_value(object).ok()?;
    let workload = Workload::read(kind, &json).ok()?;
    let repositories = workload
        .images
        .iter()
        .filter_map(|image| ImageRef::parse(&image.reference).ok())
        .map(|image| image.repository().clone())
        .collect();
    Some(Root { namespace: object.namespace().unwrap_or_default(), repositories })
}
