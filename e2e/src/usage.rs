//! What a process has used so far: memory and processor time, as the kernel counts them.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Linux tells processor time to user space in ticks of 10 ms on every architecture we run on (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// One look at a process.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in bytes (`VmRSS`).
    pub resident: u64,
    /// The most it ever had resident, in bytes (`VmHWM`).
    pub peak: u64,
    /// User and system time of all its threads.
    pub cpu: Duration,
}

impl Usage {
    /// Looks at a process.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn of(pid: u32) -> Result<Self> {
        let gone = || format!("process {pid} is gone");
        let status = fs::read_to_string(format!("/proc/{pid}/status")).with_context(gone)?;
        let kib = |field: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(field))?;
            line.trim_start_matches(':').trim().strip_suffix(" kB")?.parse().ok()
        };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(gone)?;
        // utime and stime: fields 14 and 15, counted from the last `)`.
        let ticks: u32 = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace().skip(11).take(2).flat_map(str::parse::<u32>).sum())
            .with_context(gone)?;
        Ok(Self {
            resident: kib("VmRSS").with_context(gone)? * 1024,
            peak: kib("VmHWM").with_context(gone)? * 1024,
            cpu: TICK * ticks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_its_peak_is_no_lower() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident > 0 && usage.peak >= usage.resident, "{usage:?}");
    }

    #[test]
    fn a_process_that_is_gone_is_an_error() {
        assert!(Usage::of(u32::MAX).is_err());
    }
}
