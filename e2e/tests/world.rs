//! That the test world is what the other tests take it for: it comes up, it ends without a trace, and several run
//! side by side. What its node does with Pods is in `node.rs`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use e2e::{Options, World};

const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;

/// Processes whose network namespace is one of the world's: its own or a Pod's.
fn processes_of(world: &str) -> Result<Vec<String>> {
    let mut pids = Vec::new();
    for entry in fs::read_dir("/run/netns")? {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with(world) {
            let output = Command::new("ip").args(["netns", "pids"]).arg(&name).output()?;
            pids.extend(String::from_utf8(output.stdout)?.lines().map(str::to_owned));
        }
    }
    Ok(pids)
}

/// What is still there of a world: namespaces, folders, processes.
fn traces_of(world: &str, pids: &[String]) -> Vec<String> {
    let mut traces = Vec::new();
    for folder in [Path::new("/run/netns"), Path::new("/dev/shm"), &std::env::temp_dir()] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        traces.extend(entries.map(|path| path.display().to_string()).filter(|path| path.contains(world)));
    }
    // A process that ended and that its new parent has not yet waited for has no `exe` any more.
    let alive = pids.iter().filter(|pid| Path::new("/proc").join(pid).join("exe").exists());
    traces.extend(alive.map(|pid| format!("process {pid}")));
    traces
}

/// A harness to be interrupted: what `cargo run --bin world` is.
struct Harness {
    child: Child,
    world: String,
    // Kept open: a harness that cannot print would end by itself.
    _stdout: BufReader<ChildStdout>,
}

impl Harness {
    fn start() -> Result<Self> {
        // A shell's background jobs, and what they start, ignore Ctrl-C unless told otherwise.
        let mut child = Command::new("env")
            .args(["--default-signal=INT", env!("CARGO_BIN_EXE_world")])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let name = line.strip_prefix("This world is called ").and_then(|rest| rest.split_once(';'));
        let world = name.with_context(|| format!("unexpected: {line}"))?.0.to_owned();
        Ok(Self { child, world, _stdout: stdout })
    }

    /// Sends a signal, which must be what ends it.
    fn end_by(&mut self, signal: i32) -> Result<()> {
        send(signal, &self.child.id().to_string())?;
        let status = self.child.wait()?;
        ensure!(status.signal() == Some(signal), "the harness ended by itself: {status}");
        Ok(())
    }
}

fn send(signal: i32, pid: &str) -> Result<()> {
    let status = Command::new("kill").args([format!("-{signal}"), pid.to_owned()]).status()?;
    ensure!(status.success(), "cannot signal process {pid}");
    Ok(())
}

fn an_interrupted_run_leaves_nothing(signal: i32) -> Result<()> {
    let mut harness = Harness::start()?;
    let pids = processes_of(&harness.world)?;
    ensure!(pids.len() >= 4, "etcd, API server, controller manager and scheduler, not {pids:?}");
    harness.end_by(signal)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let traces = traces_of(&harness.world, &pids);
        if traces.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "left behind: {traces:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_killed_harness_leaves_no_process_namespace_or_folder() -> Result<()> {
    an_interrupted_run_leaves_nothing(SIGKILL)
}

#[test]
fn an_interrupted_harness_leaves_no_process_namespace_or_folder() -> Result<()> {
    an_interrupted_run_leaves_nothing(SIGINT)
}

#[test]
fn what_a_harness_killed_together_with_its_guardian_left_is_swept_by_the_next() -> Result<()> {
    let mut harness = Harness::start()?;
    let name = harness.world.clone();
    let pids = processes_of(&name)?;
    send(SIGKILL, &guardian_of(&name)?)?;
    harness.end_by(SIGKILL)?;
    World::run(Options::default(), async |_| Ok(()))?;
    assert_eq!(traces_of(&name, &pids), Vec::<String>::new());
    Ok(())
}

/// The process that cleans up after a world: it has the world's name as an argument and is outside of it.
fn guardian_of(world: &str) -> Result<String> {
    for entry in fs::read_dir("/proc")? {
        let pid = entry?.file_name().to_string_lossy().into_owned();
        let arguments = fs::read(Path::new("/proc").join(&pid).join("cmdline")).unwrap_or_default();
        if arguments.split(|byte| *byte == 0).any(|argument| argument == world.as_bytes()) {
            return Ok(pid);
        }
    }
    bail!("the world {world} has no guardian")
}

#[test]
fn two_worlds_side_by_side_do_not_see_each_other_and_leave_nothing() -> Result<()> {
    let one = |label: &'static str, other: &'static str| {
        World::run(Options::default(), async |world| {
            world.kubectl(&["create", "namespace", label]).await?.ok()?;
            ensure!(
                world.kubectl(&["get", "namespace", other]).await?.code == 1,
                "sees the other's namespace"
            );
            Ok((world.name().to_owned(), processes_of(world.name())?))
        })
    };
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| one("first", "second"));
        let second = scope.spawn(|| one("second", "first"));
        (first.join().unwrap(), second.join().unwrap())
    });
    for (name, pids) in [first?, second?] {
        assert!(pids.len() >= 4, "{pids:?}");
        assert_eq!(traces_of(&name, &pids), Vec::<String>::new());
    }
    Ok(())
}

#[test]
fn a_test_that_panics_leaves_nothing_and_is_a_failed_test() {
    let mut name = String::new();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        World::run(Options::default(), async |world| -> Result<()> {
            name = world.name().to_owned();
            panic!("on purpose")
        })
    }));
    assert!(outcome.is_err());
    assert!(!name.is_empty());
    assert_eq!(traces_of(&name, &[]), Vec::<String>::new());
}

#[test]
fn what_the_world_starts_is_inside_it_and_the_machine_outside() -> Result<()> {
    World::run(Options::default(), async |world| {
        let links =
            world.program(Path::new("/usr/sbin/ip"), &["-brief", "address"], None).await?.ok()?.stdout;
        ensure!(links.lines().count() == 2, "lo and br0 only: {links}");
        ensure!(links.contains("10.99.0.1/24"), "{links}");
        let version = world.kubectl(&["version"]).await?.ok()?.stdout;
        ensure!(version.contains("Server Version: v1.36.2"), "{version}");
        let failed = world.kubectl(&["get", "pod", "absent"]).await?;
        ensure!(failed.line == "kubectl get pod absent" && failed.code == 1, "{failed:?}");
        Ok(())
    })
}
