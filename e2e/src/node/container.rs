//! One container of a Pod that runs: started, asked whether it is well, started again, ended.

use std::{net::Ipv4Addr, sync::PoisonError, time::Duration};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{self, Pod};
use kube::ResourceExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{
    Seat, environment, images,
    probe::Probe,
    report::{ContainerReport, State},
    root::{self, Mount, Root},
    volume::Volumes,
};
use crate::{options::Program, process::Process};

/// A kubelet waits 10 s before the second restart and doubles to 5 min; tests have less patience.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// What the containers of one Pod share.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) seat: &'a Seat,
    pub(super) pod: &'a Pod,
    pub(super) address: Ipv4Addr,
    pub(super) network: &'a str,
    pub(super) volumes: &'a Volumes,
}

/// A container and, while it runs, its process.
#[derive(Debug)]
pub(super) struct Container {
    spec: v1::Container,
    process: Option<Process>,
    startup: Option<Probe>,
    readiness: Option<Probe>,
    liveness: Option<Probe>,
    report: ContainerReport,
    not_before: Instant,
}

impl Container {
    pub(super) fn new(spec: &v1::Container) -> Self {
        let report = ContainerReport {
            name: spec.name.clone(),
            image: spec.image.clone().unwrap_or_default(),
            image_id: String::new(),
            state: State::Waiting { reason: "ContainerCreating", message: String::new() },
            ready: false,
            restarts: 0,
            last: None,
        };
        let (process, startup, readiness, liveness) = (None, None, None, None);
        Self { spec: spec.clone(), process, startup, readiness, liveness, report, not_before: Instant::now() }
    }

    pub(super) fn report(&self) -> &ContainerReport {
        &self.report
    }

    /// How it ended, if it ended and was not started again.
    pub(super) fn ended(&self) -> Option<i32> {
        if let State::Ended { code, .. } = self.report.state { Some(code) } else { None }
    }

    /// Says why it cannot start yet.
    pub(super) fn wait(&mut self, message: &str) {
        self.report.state = State::Waiting { reason: "ContainerCreating", message: message.to_owned() };
    }

    /// Moves it one step on: starts it, notices its end, asks its probes. `again` says whether a container that
    /// ended with this code is to be started again.
    pub(super) async fn advance(&mut self, place: &Place<'_>, again: impl Fn(i32) -> bool) {
        if self.process.is_some() {
            self.watch(place).await;
        }
        let due = match self.report.state {
            State::Waiting { .. } => true,
            State::Ended { code, at } if again(code) => {
                self.report.last = Some((code, at));
                self.report.restarts += 1;
                let message = format!("ended with {code}");
                self.report.state = State::Waiting { reason: "CrashLoopBackOff", message };
                true
            }
            State::Running { .. } | State::Ended { .. } => false,
        };
        if due && Instant::now() >= self.not_before {
            self.start(place).await;
        }
    }

    async fn start(&mut self, place: &Place<'_>) {
        // 0, 1, 2, 4, 8 s between starts.
        let doubled = FIRST_DELAY * 2_u32.saturating_pow(self.report.restarts.min(8));
        let delay = if self.report.restarts == 0 { Duration::ZERO } else { doubled.min(LONGEST_DELAY) };
        match self.launch(place).await {
            Ok(process) => {
                let namespace = place.pod.namespace().unwrap_or_default();
                let key = (namespace, place.pod.name_any(), self.spec.name.clone());
                place.seat.pids.lock().unwrap_or_else(PoisonError::into_inner).insert(key, process.pid());
                self.process = Some(process);
                self.startup = self.spec.startup_probe.as_ref().map(|probe| Probe::new(probe, false));
                self.readiness = self.spec.readiness_probe.as_ref().map(|probe| Probe::new(probe, true));
                self.liveness = self.spec.liveness_probe.as_ref().map(|probe| Probe::new(probe, false));
                self.report.state = State::Running { since: Timestamp::now() };
                self.not_before = Instant::now() + delay;
            }
            Err(error) => {
                let reason = "CreateContainerConfigError";
                self.report.state = State::Waiting { reason, message: format!("{error:#}") };
                self.not_before = Instant::now() + FIRST_DELAY;
            }
        }
    }

    async fn launch(&mut self, place: &Place<'_>) -> Result<Process> {
        let Place { seat, pod, address, volumes, .. } = *place;
        let image = self.spec.image.as_deref().unwrap_or_default();
        let program = seat.program(image).with_context(|| format!("{image} is no program of this world"))?;
        self.report.image_id = image_id(image, program)?;

        let environment = environment::of(&self.spec, pod, address, volumes.materials()).await?;
        let expanded = |list: &Option<Vec<String>>| -> Option<Vec<String>> {
            Some(
                list.as_ref()
                    .filter(|list| !list.is_empty())?
                    .iter()
                    .map(|text| environment::expand(text, &environment))
                    .collect(),
            )
        };
        let mut arguments = expanded(&self.spec.command).unwrap_or_else(|| vec![program.entrypoint.clone()]);
        arguments.extend(expanded(&self.spec.args).unwrap_or_default());

        let spec = pod.spec.as_ref().context("the Pod has no spec")?;
        let whole = spec.security_context.clone().unwrap_or_default();
        let own = self.spec.security_context.clone().unwrap_or_default();
        let (user, group) = user(program, &whole, &own)?;
        let aliases = spec.host_aliases.iter().flatten();
        let aliases =
            aliases.map(|alias| (alias.ip.as_str(), alias.hostnames.as_deref().unwrap_or_default()));
        let root = Root {
            program,
            at: seat.pods.join(pod.uid().unwrap_or_default()).join(format!("root-{}", self.spec.name)),
            network: place.network.to_owned(),
            mounts: self.mounts(pod, volumes),
            hosts: root::hosts(&pod.name_any(), address, aliases),
            user,
            group,
            more_groups: whole
                .fs_group
                .into_iter()
                .chain(whole.supplemental_groups.into_iter().flatten())
                .map(id)
                .collect::<Result<_>>()?,
            read_only: own.read_only_root_filesystem.unwrap_or_default(),
            environment,
            arguments,
        };
        Process::start(&self.spec.name, &mut root.command(), &seat.log(pod, &self.spec.name))
    }

    fn mounts(&self, pod: &Pod, volumes: &Volumes) -> Vec<Mount> {
        let empty = |name: &str| {
            let mut all = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
            all.any(|volume| volume.name == name && volume.empty_dir.is_some())
        };
        let one = |mount: &v1::VolumeMount| Mount {
            source: volumes.folder(&mount.name).join(mount.sub_path.as_deref().unwrap_or_default()),
            target: mount.mount_path.clone(),
            // What the node writes is read-only in a container, whatever the spec says, as a kubelet has it.
            read_only: mount.read_only.unwrap_or_default() || !empty(&mount.name),
        };
        self.spec.volume_mounts.iter().flatten().map(one).collect()
    }

    /// Notices its end, asks its probes.
    async fn watch(&mut self, place: &Place<'_>) {
        let Some(process) = &mut self.process else { return };
        if let Ok(Some(status)) = process.exited() {
            // A signal's number plus 128, as shells and container engines say it.
            let signal = std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default();
            self.over(place, status.code().unwrap_or(128 + signal));
            return;
        }
        for probe in [&mut self.startup, &mut self.readiness, &mut self.liveness].into_iter().flatten() {
            probe.look(&self.spec, place.address).await;
            if probe.passed().is_none() {
                // Nothing else is asked before the start-up probe has passed.
                if self.spec.startup_probe.is_some() {
                    break;
                }
            }
        }
        let passed = |probe: &Option<Probe>| probe.as_ref().map(Probe::passed);
        self.report.ready = [passed(&self.startup), passed(&self.readiness)]
            .iter()
            .all(|one| matches!(one, None | Some(Some(true))));
        if [passed(&self.startup), passed(&self.liveness)].contains(&Some(Some(false))) {
            let _ = process.stop(grace(place.pod)).await;
            self.over(place, 137);
        }
    }

    fn over(&mut self, place: &Place<'_>, code: i32) {
        self.process = None;
        self.report.ready = false;
        self.report.state = State::Ended { code, at: Timestamp::now() };
        let key = (place.pod.namespace().unwrap_or_default(), place.pod.name_any(), self.spec.name.clone());
        place.seat.pids.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    /// Ends it as a deleted Pod's container: the sleep of its preStop hook, SIGTERM, `grace`, SIGKILL.
    pub(super) async fn end(&mut self, place: &Place<'_>, grace: Duration) {
        let Some(process) = &mut self.process else { return };
        let hook =
            self.spec.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref()?.sleep.as_ref());
        let asleep = hook
            .map(|sleep| Duration::from_secs(sleep.seconds.unsigned_abs()))
            .unwrap_or_default()
            .min(grace);
        tokio::time::sleep(asleep).await;
        let code = process.stop(grace.saturating_sub(asleep)).await.ok().and_then(|status| status.code());
        self.over(place, code.unwrap_or(137));
    }
}

/// How long containers get to stop.
pub(super) fn grace(pod: &Pod) -> Duration {
    let spec = pod.spec.as_ref().and_then(|spec| spec.termination_grace_period_seconds);
    Duration::from_secs(pod.metadata.deletion_grace_period_seconds.or(spec).unwrap_or(30).unsigned_abs())
}

/// There is no image: the digest is the program file's, by its place, size and time of change.
fn image_id(image: &str, program: &Program) -> Result<String> {
    let about = std::fs::metadata(&program.binary)
        .with_context(|| format!("{} is not built", program.binary.display()))?;
    let text = format!("{} {} {:?}", program.binary.display(), about.len(), about.modified()?);
    Ok(format!("{}@sha256:{}", images::split(image).0, hex::encode(Sha256::digest(text))))
}

/// User and group, by the kubelet's rule: the container's word, the Pod's, the image's.
fn user(program: &Program, pod: &v1::PodSecurityContext, own: &v1::SecurityContext) -> Result<(u32, u32)> {
    let user = own.run_as_user.or(pod.run_as_user).map_or(Ok(program.user), id)?;
    let group = own.run_as_group.or(pod.run_as_group).map_or(Ok(program.user), id)?;
    let forbidden = own.run_as_non_root.or(pod.run_as_non_root).unwrap_or_default() && user == 0;
    ensure!(!forbidden, "container has runAsNonRoot and image will run as root");
    Ok((user, group))
}

fn id(number: i64) -> Result<u32> {
    Ok(u32::try_from(number)?)
}
