//! A program that runs for as long as the world, or a test, wants it: started, watched, stopped, its log kept.
//! Programs that run to their end are in `command`.

use std::{
    fs::{self, OpenOptions},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::{Instant, sleep};

/// How many lines of a log an error shows.
const TAIL_LINES: usize = 30;
/// How often a process that was told to stop, or is not ready yet, is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running program. Dropping it kills it and waits for its end.
///
/// It is in the network namespace of the thread that started it. That it dies with the harness, too, is the
/// guardian's business: `PR_SET_PDEATHSIG` is tied to the starting thread, and runtimes retire threads.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; both its outputs are appended to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started or its log not be opened.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(log);
        let file = file.with_context(|| format!("cannot open {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            // Ctrl-C is for the harness alone; it takes everything down in its own order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// Its process id. Not given to another program before this value is dropped or [`Self::exited`] said so.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until `ready` answers true.
    ///
    /// # Errors
    /// When the process ends first or `limit` passes; shows the last lines of its log.
    pub async fn await_ready(&mut self, limit: Duration, mut ready: impl AsyncFnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + limit;
        while !ready().await {
            if let Some(status) = self.exited()? {
                bail!("{} ended with {status}; its log ends:\n{}", self.name, self.log_tail());
            }
            if Instant::now() >= deadline {
                bail!("{} is not ready after {limit:?}; its log ends:\n{}", self.name, self.log_tail());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Asks it to stop (SIGTERM), waits up to `grace`, then kills it.
    ///
    /// # Errors
    /// When it cannot be signalled or waited for.
    pub async fn stop(&mut self, grace: Duration) -> Result<ExitStatus> {
        self.signal(Signal::SIGTERM)?;
        let deadline = Instant::now() + grace;
        while Instant::now() < deadline {
            if let Some(status) = self.exited()? {
                return Ok(status);
            }
            sleep(LOOK_EVERY).await;
        }
        self.kill()
    }

    /// Kills it (SIGKILL) and waits for its end.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        self.child.kill()?;
        Ok(self.child.wait()?)
    }

    /// Freezes it (SIGSTOP): it keeps its sockets and answers nobody.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn freeze(&mut self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    /// Lets it go on after [`Self::freeze`].
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn thaw(&mut self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// The last lines of its log, for an error's text.
    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(&self.log)
    }

    fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.exited()?.is_some() {
            return Ok(());
        }
        // Not reaped yet, so the id is still this program's.
        let pid = i32::try_from(self.pid()).map_err(|_| anyhow!("{} has no usable process id", self.name))?;
        kill(Pid::from_raw(pid), signal).with_context(|| format!("cannot signal {}", self.name))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended and was waited for already.
        let _ = self.kill();
    }
}

/// The last lines of a file; empty if there is none.
pub(crate) fn tail(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
}
