//! The guardian: one small shell a world that outlives the harness for a moment and cleans up after it, so that
//! an interrupted run leaves no process, namespace or folder behind. What it does is in `guardian.sh`.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, ensure};

/// Every world's name begins so.
const PREFIX: &str = "tw-";

/// Watches over one world. Dropping it ends the world and waits until nothing of it is left.
#[derive(Debug)]
pub(crate) struct Guardian {
    shell: Child,
    // Held open for as long as the world lives; nobody writes to it.
    lifeline: Option<ChildStdin>,
}

impl Guardian {
    /// Starts to watch over the world called `world`, whose files are in `folder`.
    pub(crate) fn start(world: &str, folder: &Path) -> Result<Self> {
        let mut shell = shell(world, folder, Stdio::piped())?;
        let lifeline = shell.stdin.take();
        Ok(Self { shell, lifeline })
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // It removed what it could; what is left is swept at the next start.
        let _ = self.shell.wait();
    }
}

/// A name no other world on this machine has: `tw-PID-START-COUNT`. Process id and start time say whose it is,
/// so that leftovers can be told from worlds that live.
pub(crate) fn new_name() -> Result<String> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let pid = std::process::id();
    let start = start_time(pid).context("this process has no start time")?;
    Ok(format!("{PREFIX}{pid}-{start}-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// Where worlds keep their files: in memory where there is a tmpfs, because etcd preallocates 64 MB a world.
pub(crate) fn folders() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// Removes every world whose harness is gone and whose guardian was killed too.
pub(crate) fn sweep() -> Result<()> {
    for parent in [Path::new("/run/netns"), &folders()] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(world) = name.to_str().and_then(abandoned) else { continue };
            let status = shell(&world, &folders().join(&world), Stdio::null())?.wait()?;
            ensure!(
                status.success(),
                "cannot remove what is left of the world {world}: does a process in it not end?"
            );
        }
    }
    Ok(())
}

/// The world that a namespace or folder of this name belongs to, if its harness is gone.
fn abandoned(name: &str) -> Option<String> {
    let mut parts = name.strip_prefix(PREFIX)?.split('-');
    let (pid, start, count) = (parts.next()?, parts.next()?, parts.next()?);
    let alive = start_time(pid.parse().ok()?).as_deref() == Some(start);
    (!alive).then(|| format!("{PREFIX}{pid}-{start}-{count}"))
}

/// When a process started, in clock ticks since boot: field 22 of /proc/PID/stat. Fields are counted from the
/// last `)`, because the second one is the program's name and may hold anything.
pub(crate) fn start_time(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19).map(str::to_owned)
}

fn shell(world: &str, folder: &Path, stdin: Stdio) -> Result<Child> {
    Command::new("sh")
        .args(["-c", include_str!("guardian.sh"), "guardian", world])
        .arg(folder)
        .stdin(stdin)
        .stdout(Stdio::null())
        // A group of its own: Ctrl-C on a terminal goes to the harness's group.
        .process_group(0)
        .spawn()
        .context("cannot start the guardian (sh)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_of_a_living_process_is_not_abandoned() {
        assert_eq!(abandoned(&new_name().unwrap()), None);
    }

    #[test]
    fn a_world_whose_process_id_was_given_to_another_process_is_abandoned() {
        let pid = std::process::id();
        assert_eq!(abandoned(&format!("tw-{pid}-1-7-p11")), Some(format!("tw-{pid}-1-7")));
    }

    #[test]
    fn names_of_others_are_left_alone() {
        assert_eq!(abandoned("cni-1-2-3"), None);
        assert_eq!(abandoned("tw-of-somebody-else"), None);
    }
}
