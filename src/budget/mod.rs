//! How much of the machine and of the server a run may take.
//!
//! Given by whoever starts a run, kept by the rooms that read, load and compare. Holds limits only, and decides nothing.

use std::num::NonZeroUsize;
use std::time::Duration;

/// Connections that a run takes unless it is told otherwise: more of them than this wait for each other on most servers.
const MOST_JOBS: usize = 8;

/// Memory that a run takes at the most unless it is told otherwise, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// How long a server that went away is waited for unless it is told otherwise: enough for a restart.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many connections may work at the same time, each with a thread that reads the source.
    pub jobs: NonZeroUsize,
    /// Memory in bytes that the process may take.
    pub memory: u64,
    /// Bytes a second that the load may send to the target; none for as many as it takes.
    pub rate: Option<u64>,
    /// How far the target's replicas may be behind: the load waits for those that are further behind.
    pub max_lag: Option<Duration>,
    /// How long a server that went away in the middle of a load is waited for.
    pub patience: Duration,
}

/// The most memory that this process has had in use, in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

impl Default for Budget {
    /// As many jobs as there are processors, two at the least and eight at the most; 256 MiB.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self {
            jobs: NonZeroUsize::new(processors.clamp(2, MOST_JOBS)).unwrap_or(NonZeroUsize::MIN),
            memory: MEMORY,
            rate: None,
            max_lag: None,
            patience: PATIENCE,
        }
    }
}
