//! Pods that are only shown as running: every image is resolved at its registry, and nothing is started. What a
//! test needs to see is which Pods exist, and which digest each container would run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use tokio::{sync::watch, time::sleep};

use super::{
    Seat,
    report::{ContainerReport, Reporter, Snapshot, State},
};

/// How soon an image that could not be resolved, or a status the API server did not take, is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Attends to one Pod until it is deleted.
pub(super) async fn attend(seat: Arc<Seat>, mut newer: watch::Receiver<Arc<Pod>>) {
    let pod = newer.borrow().clone();
    let mut shown = Shown {
        reporter: Reporter::new(seat.client.clone(), &pod),
        address: address(),
        resolved: BTreeMap::new(),
    };
    loop {
        let pod = newer.borrow_and_update().clone();
        if pod.metadata.deletion_timestamp.is_some() {
            return shown.reporter.release().await;
        }
        let complete = shown.show(&seat, &pod).await;
        tokio::select! {
            changed = newer.changed() => if changed.is_err() { return },
            () = sleep(TRY_AGAIN), if !complete => {}
        }
    }
}

struct Shown {
    reporter: Reporter,
    address: String,
    /// Images that were "pulled": by whom, what and when. A container keeps the digest it was started with.
    resolved: BTreeMap<(String, String), (String, Timestamp)>,
}

impl Shown {
    /// True once every image is resolved and the API server knows.
    async fn show(&mut self, seat: &Seat, pod: &Pod) -> bool {
        let Some(spec) = &pod.spec else { return true };
        let volumes = spec.volumes.iter().flatten();
        let mounted = volumes
            .filter_map(|volume| Some((volume.name.clone(), volume.image.as_ref()?.reference.clone()?)));
        let mut obstacle = None;
        for (name, image) in mounted.collect::<Vec<_>>() {
            if let Err(message) = self.resolve(seat, pod, &name, &image).await {
                obstacle = Some(message);
            }
        }
        let init = spec
            .init_containers
            .iter()
            .flatten()
            .map(|c| (c.name.clone(), c.image.clone(), c.restart_policy.is_none()));
        let init = self.report(seat, pod, init.collect(), &mut obstacle).await;
        let initialized = obstacle.is_none();
        let main = spec.containers.iter().map(|c| (c.name.clone(), c.image.clone(), false));
        let main = self.report(seat, pod, main.collect(), &mut obstacle).await;
        let mut unimportant = obstacle.clone();
        let ephemeral =
            spec.ephemeral_containers.iter().flatten().map(|c| (c.name.clone(), c.image.clone(), false));
        let ephemeral = self.report(seat, pod, ephemeral.collect(), &mut unimportant).await;

        let phase = if obstacle.is_none() { "Running" } else { "Pending" };
        let address = self.address.clone();
        let told = self.reporter.tell(&Snapshot { phase, address, initialized, init, main, ephemeral }).await;
        told && unimportant.is_none()
    }

    /// What is said of these containers, given as (name, image, whether it has run to its end). After an obstacle
    /// nothing starts; the first one met is left in `obstacle`.
    async fn report(
        &mut self,
        seat: &Seat,
        pod: &Pod,
        containers: Vec<(String, Option<String>, bool)>,
        obstacle: &mut Option<String>,
    ) -> Vec<ContainerReport> {
        let mut reports = Vec::new();
        let blocked = obstacle.clone();
        for (name, image, ends) in containers {
            let image = image.unwrap_or_default();
            let answer = self.resolve(seat, pod, &name, &image).await;
            let waiting = |message: String| State::Waiting { reason: "ErrImagePull", message };
            let (image_id, state) = match (answer, &blocked) {
                (Err(message), _) => {
                    obstacle.get_or_insert_with(|| message.clone());
                    (String::new(), waiting(message))
                }
                (Ok(_), Some(message)) => (String::new(), waiting(message.clone())),
                (Ok((id, at)), None) if ends => (id, State::Ended { code: 0, at }),
                (Ok((id, since)), None) => (id, State::Running { since }),
            };
            let ready = matches!(state, State::Running { .. } | State::Ended { .. });
            reports.push(ContainerReport { name, image, image_id, state, ready, restarts: 0, last: None });
        }
        reports
    }

    async fn resolve(
        &mut self,
        seat: &Seat,
        pod: &Pod,
        name: &str,
        image: &str,
    ) -> Result<(String, Timestamp), String> {
        let key = (name.to_owned(), image.to_owned());
        if let Some(known) = self.resolved.get(&key) {
            return Ok(known.clone());
        }
        let answer = (seat.images.resolve(image, pod).await?, Timestamp::now());
        self.resolved.insert(key, answer.clone());
        Ok(answer)
    }
}

/// An address that no other Pod has, outside the bridge's network: nothing listens there.
fn address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("10.98.{high}.{low}")
}
