//! What a run costs: wall time, processor time of both sides, memory of the client, WAL.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::server::Server;

/// How often the client's memory is looked at. The system keeps its peak, so that only the last few milliseconds may be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Ticks of the processor that a process took, in user and kernel mode.
#[derive(Debug)]
pub(super) struct Ticks {
    pub(super) parent: String,
    own: u64,
    reaped: u64,
}

impl Ticks {
    /// Its own, and those of its children that have ended.
    pub(super) const fn all(&self) -> u64 {
        self.own + self.reaped
    }
}

/// Of a process, by its number or `self`; none where there is no such process, or no `/proc`.
pub(super) fn ticks_of(process: &str) -> Option<Ticks> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything. Behind it: state, parent, …, and utime, stime, cutime, cstime from the 12th.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Ticks { parent: (*fields.get(1)?).to_owned(), own: number(11)? + number(12)?, reaped: number(13)? + number(14)? })
}

fn seconds(ticks: u64) -> f64 {
    let per_second = u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100);
    f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / f64::from(per_second)
}

/// One run.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) client_seconds: Option<f64>,
    pub(super) server_seconds: Option<f64>,
    pub(super) peak_kib: Option<u64>,
    pub(super) wal_bytes: u64,
    pub(super) output: Output,
}

/// Runs a client to its end.
pub(super) fn measure(server: &Server, mut command: Command) -> Result<Measured, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |cause: std::io::Error| format!("{program}: {cause}");
    let (wal, ticks, reaped) = (server.wal()?, server.ticks(), ticks_of("self").map(|ticks| ticks.reaped));
    let began = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let (process, ended) = (child.id(), AtomicBool::new(false));
    let (output, took, peak_kib) = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut peak = None;
            while !ended.load(Ordering::Relaxed) {
                peak = peak.max(peak_of(process));
                std::thread::sleep(LOOK_EVERY);
            }
            peak
        });
        let output = child.wait_with_output();
        let took = began.elapsed();
        ended.store(true, Ordering::Relaxed);
        (output, took, looking.join().unwrap_or(None))
    });
    let used = |before: Option<u64>, after: Option<u64>| Some(seconds(after?.saturating_sub(before?)));
    Ok(Measured {
        seconds: took.as_secs_f64(),
        client_seconds: used(reaped, ticks_of("self").map(|ticks| ticks.reaped)),
        server_seconds: used(ticks, server.ticks()),
        peak_kib,
        wal_bytes: server.wal()?.saturating_sub(wal),
        output: output.map_err(failed)?,
    })
}

fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
