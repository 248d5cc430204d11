//! Pods that really run: their network, volumes, init containers and containers, from creation to deletion.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use futures::future::join_all;
use k8s_openapi::api::core::v1::{self, Pod};
use kube::ResourceExt as _;
use tokio::{
    sync::watch,
    task::block_in_place,
    time::{Instant, interval, sleep},
};

use super::{
    Seat,
    container::{Container, Place, grace},
    materials::Materials,
    report::{Reporter, Snapshot},
    volume::Volumes,
};
use crate::network::PodNetwork;

/// How often a Pod's containers are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How often its volumes are held against the API server. A kubelet takes about a minute.
const REFRESH: Duration = Duration::from_secs(1);
/// How soon something that cannot be made (an address, while all are taken) is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Attends to one Pod until it is deleted.
pub(super) async fn attend(seat: Arc<Seat>, mut newer: watch::Receiver<Arc<Pod>>) {
    let pod = newer.borrow().clone();
    let mut run = loop {
        match Run::new(&seat, &pod) {
            Ok(run) => break run,
            Err(_) => sleep(TRY_AGAIN).await,
        }
    };
    let mut tick = interval(TICK);
    loop {
        let pod = newer.borrow_and_update().clone();
        if pod.metadata.deletion_timestamp.is_some() {
            run.end(&seat, &pod).await;
            return run.reporter.release().await;
        }
        run.advance(&seat, &pod).await;
        tokio::select! {
            changed = newer.changed() => if changed.is_err() { return },
            _ = tick.tick() => {}
        }
    }
}

struct Run {
    // Dropped in this order: processes before the network they are in.
    init: Vec<Container>,
    main: Vec<Container>,
    network: PodNetwork,
    volumes: Volumes,
    /// When the volumes are to be refreshed, once they were complete.
    refresh: Option<Instant>,
    reporter: Reporter,
}

impl Run {
    fn new(seat: &Seat, pod: &Pod) -> Result<Self> {
        let spec = pod.spec.clone().unwrap_or_default();
        let folder = seat.pods.join(pod.uid().unwrap_or_default()).join("volumes");
        let materials = Materials::new(&seat.client, &pod.namespace().unwrap_or_default());
        let containers = |list: &[v1::Container]| list.iter().map(Container::new).collect();
        Ok(Self {
            init: containers(spec.init_containers.as_deref().unwrap_or_default()),
            main: containers(&spec.containers),
            network: block_in_place(|| seat.network.plug_in())?,
            volumes: Volumes::new(folder, seat.client.clone(), materials, owner(seat, &spec)),
            refresh: None,
            reporter: Reporter::new(seat.client.clone(), pod),
        })
    }

    /// Moves everything one step on and tells the API server.
    async fn advance(&mut self, seat: &Seat, pod: &Pod) {
        if self.refresh.is_none_or(|due| Instant::now() >= due) {
            match self.volumes.refresh(pod, self.network.address()).await {
                Ok(()) => self.refresh = Some(Instant::now() + REFRESH),
                // Nothing starts without its volumes; what runs keeps those it has.
                Err(error) if self.refresh.is_none() => {
                    let message = format!("{error:#}");
                    self.init.iter_mut().chain(&mut self.main).for_each(|container| container.wait(&message));
                }
                Err(_) => {}
            }
        }
        if self.refresh.is_some() {
            self.advance_containers(seat, pod).await;
        }
        self.tell(pod).await;
    }

    async fn advance_containers(&mut self, seat: &Seat, pod: &Pod) {
        let network = self.network.file();
        let place =
            Place { seat, pod, address: self.network.address(), network: &network, volumes: &self.volumes };
        let policy = policy(pod).to_owned();
        // One after another, each to its good end.
        for container in self.init.iter_mut().filter(|container| container.ended() != Some(0)) {
            container.advance(&place, |code| code != 0 && policy != "Never").await;
            if container.ended() != Some(0) {
                return;
            }
        }
        let again = |code| policy == "Always" || (policy == "OnFailure" && code != 0);
        join_all(self.main.iter_mut().map(|container| container.advance(&place, again))).await;
    }

    async fn tell(&mut self, pod: &Pod) {
        let initialized = self.init.iter().all(|container| container.ended() == Some(0));
        let failed_init =
            policy(pod) == "Never" && self.init.iter().any(|c| c.ended().is_some_and(|code| code != 0));
        let ends: Option<Vec<i32>> = self.main.iter().map(Container::ended).collect();
        let started = self.main.iter().any(|container| !container.report().image_id.is_empty());
        let phase = match ends {
            _ if failed_init => "Failed",
            Some(codes) if policy(pod) != "Always" && codes.iter().all(|code| *code == 0) => "Succeeded",
            Some(_) if policy(pod) == "Never" => "Failed",
            _ if started => "Running",
            _ => "Pending",
        };
        let reports = |list: &[Container]| list.iter().map(|container| container.report().clone()).collect();
        let snapshot = Snapshot {
            phase,
            address: self.network.address().to_string(),
            initialized,
            init: reports(&self.init),
            main: reports(&self.main),
            ephemeral: Vec::new(),
        };
        // Told again at the next tick if the API server did not take it.
        self.reporter.tell(&snapshot).await;
    }

    async fn end(&mut self, seat: &Seat, pod: &Pod) {
        let network = self.network.file();
        let place =
            Place { seat, pod, address: self.network.address(), network: &network, volumes: &self.volumes };
        let grace = grace(pod);
        join_all(self.init.iter_mut().chain(&mut self.main).map(|container| container.end(&place, grace)))
            .await;
    }
}

fn policy(pod: &Pod) -> &str {
    pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref()).unwrap_or("Always")
}

/// Who owns the files the node writes: the first container's user, as a kubelet does for tokens.
fn owner(seat: &Seat, spec: &v1::PodSpec) -> (u32, u32) {
    let whole = spec.security_context.clone().unwrap_or_default();
    let first = spec.containers.first();
    let own = first.and_then(|container| container.security_context.clone()).unwrap_or_default();
    let image = first.and_then(|container| container.image.as_deref()).unwrap_or_default();
    let default = seat.program(image).map_or(0, |program| program.user);
    let number = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    (
        number(own.run_as_user.or(whole.run_as_user)).unwrap_or(default),
        number(whole.fs_group.or(own.run_as_group).or(whole.run_as_group)).unwrap_or(default),
    )
}
