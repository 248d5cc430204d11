//! The world's one node. It runs the Pods whose images are [`Program`]s as a kubelet would, and shows all others
//! as running, with the digest that the registry gives for their image. No container engine is involved.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{self, Pod};
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams, PostParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet, time::interval};

use crate::{network::Network, options::Program};

mod container;
mod environment;
mod images;
mod materials;
mod probe;
mod report;
mod root;
mod run;
mod show;
mod token;
mod volume;

use images::Images;

/// The node's name.
const NAME: &str = "node-1";
/// The controller manager gives a node 50 s between signs of life.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The node, for as long as it is kept.
pub(crate) struct Node {
    seat: Arc<Seat>,
    // Aborted when dropped, and with them the Pods' tasks and processes.
    _tasks: JoinSet<()>,
}

/// What every Pod's task needs.
struct Seat {
    client: Client,
    network: Network,
    /// Files of Pods: a folder each.
    pods: PathBuf,
    logs: PathBuf,
    programs: Vec<Program>,
    images: Images,
    /// Containers that run now, by (namespace, Pod, container).
    pids: Mutex<BTreeMap<(String, String, String), u32>>,
}

impl Seat {
    /// The program an image stands for, if any.
    fn program(&self, image: &str) -> Option<&Program> {
        let (repository, _) = images::split(image);
        self.programs.iter().find(|program| repository.rsplit('/').next() == Some(program.image.as_str()))
    }

    fn runs(&self, pod: &Pod) -> bool {
        let spec = pod.spec.iter();
        let mut containers =
            spec.flat_map(|spec| spec.containers.iter().chain(spec.init_containers.iter().flatten()));
        containers.any(|container| self.program(container.image.as_deref().unwrap_or_default()).is_some())
    }

    fn log(&self, pod: &Pod, container: &str) -> PathBuf {
        let namespace = pod.namespace().unwrap_or_default();
        self.logs.join(format!("{namespace}_{}_{container}.log", pod.name_any()))
    }
}

impl Node {
    /// Registers the node and starts to attend to its Pods. `folder` is the world's.
    pub(crate) async fn join(
        client: Client,
        network: Network,
        folder: &Path,
        programs: Vec<Program>,
    ) -> Result<Self> {
        let seat = Arc::new(Seat {
            images: Images::new(client.clone())?,
            client,
            network,
            pods: folder.join("pods"),
            logs: folder.join("logs"),
            programs,
            pids: Mutex::default(),
        });
        fs::create_dir_all(&seat.pods)?;
        let nodes: Api<v1::Node> = Api::all(seat.client.clone());
        let node: v1::Node = serde_json::from_value(json!({
            "metadata": {"name": NAME, "labels": {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux"}},
            "status": status(),
        }))?;
        nodes.create(&PostParams::default(), &node).await.context("cannot register the node")?;
        let mut tasks = JoinSet::new();
        tasks.spawn(heartbeat(nodes));
        tasks.spawn(attend(Arc::clone(&seat)));
        Ok(Self { seat, _tasks: tasks })
    }

    /// `Some` once no taint keeps Pods away.
    pub(crate) async fn schedulable(&self) -> Result<Option<()>> {
        let node = Api::<v1::Node>::all(self.seat.client.clone()).get(NAME).await?;
        let taints = node.spec.and_then(|spec| spec.taints).unwrap_or_default();
        Ok(taints.is_empty().then_some(()))
    }

    /// What the containers of a Pod printed, each under a heading.
    pub(crate) fn logs(&self, namespace: &str, pod: &str) -> Result<String> {
        let prefix = format!("{namespace}_{pod}_");
        let mut files: Vec<_> = fs::read_dir(&self.seat.logs)?.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let mut all = String::new();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(container) = name.strip_prefix(&prefix) {
                let bytes = fs::read(&file)?;
                let _ = writeln!(all, "==> {container} <==\n{}", String::from_utf8_lossy(&bytes));
            }
        }
        Ok(all)
    }

    /// The process id of a running container.
    pub(crate) fn pid(&self, namespace: &str, pod: &str, container: &str) -> Result<u32> {
        let key = (namespace.to_owned(), pod.to_owned(), container.to_owned());
        let pids = self.seat.pids.lock().unwrap_or_else(PoisonError::into_inner);
        pids.get(&key)
            .copied()
            .with_context(|| format!("container {container} of {namespace}/{pod} does not run"))
    }
}

fn status() -> serde_json::Value {
    let condition = |kind: &str, status: &str| {
        json!({"type": kind, "status": status, "reason": "World", "message": "",
               "lastHeartbeatTime": jiff::Timestamp::now()})
    };
    let room = json!({"cpu": "64", "memory": "256Gi", "pods": "1000", "ephemeral-storage": "256Gi"});
    json!({
        "capacity": room, "allocatable": room,
        "addresses": [{"type": "InternalIP", "address": crate::network::WORLD_ADDRESS}],
        "conditions": [condition("Ready", "True"), condition("MemoryPressure", "False"),
                       condition("DiskPressure", "False"), condition("PIDPressure", "False")],
        "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "osImage": "World", "kernelVersion": "",
                     "bootID": "", "machineID": "", "systemUUID": "", "containerRuntimeVersion": "",
                     "kubeletVersion": "v1.36.2", "kubeProxyVersion": ""},
    })
}

async fn heartbeat(nodes: Api<v1::Node>) {
    let mut beat = interval(HEARTBEAT);
    loop {
        beat.tick().await;
        // A lost beat is made good by the next.
        let patch = Patch::Strategic(json!({"status": status()}));
        let _ = nodes.patch_status(NAME, &PatchParams::default(), &patch).await;
    }
}

/// One task a Pod, which sees each newer version of it; ended when the Pod is gone.
async fn attend(seat: Arc<Seat>) {
    let pods: Api<Pod> = Api::all(seat.client.clone());
    let mine = watcher::Config::default().fields(&format!("spec.nodeName={NAME}"));
    let mut events = std::pin::pin!(watcher(pods, mine).default_backoff());
    let mut tasks = JoinSet::new();
    let mut known = HashMap::new();
    while let Some(event) = events.next().await {
        // Errors are the API server's absence; the watcher comes back by itself.
        let Ok(event) = event else { continue };
        match event {
            watcher::Event::Apply(pod) | watcher::Event::InitApply(pod) => {
                let uid = pod.uid().unwrap_or_default();
                let pod = Arc::new(pod);
                let (newer, _) = known.entry(uid).or_insert_with(|| {
                    let (sender, receiver) = watch::channel(Arc::clone(&pod));
                    let seat = Arc::clone(&seat);
                    let runs = seat.runs(&pod);
                    let task = tasks.spawn(async move {
                        if runs {
                            run::attend(seat, receiver).await;
                        } else {
                            show::attend(seat, receiver).await;
                        }
                    });
                    (sender, task)
                });
                newer.send_replace(pod);
            }
            watcher::Event::Delete(pod) => {
                if let Some((_, task)) = known.remove(&pod.uid().unwrap_or_default()) {
                    task.abort();
                }
            }
            watcher::Event::Init | watcher::Event::InitDone => {}
        }
        while tasks.try_join_next().is_some() {}
    }
}
