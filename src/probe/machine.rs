//! How busy this machine is, as Linux tells it.
//!
//! Where the system does not tell it, nothing is said.

use std::fs;

use serde::{Deserialize, Serialize};

use super::answer::to_millionths;

/// Processors and memory of the machine that outgrow runs on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// How many processors it has.
    pub processors: Option<u64>,
    /// How much of their time was taken while it was measured, from 0 to 1.
    pub busy: Option<f64>,
    /// How many processes ran or waited for a processor, over the last minute.
    pub load_1min: Option<f64>,
    /// Its memory.
    pub memory_bytes: Option<u64>,
    /// How much of it programs could still get.
    pub available_bytes: Option<u64>,
}

/// The processors' time until a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticks {
    busy: u64,
    all: u64,
}

impl Ticks {
    pub(super) fn now() -> Option<Self> {
        parse_ticks(&fs::read_to_string("/proc/stat").ok()?)
    }
}

impl Machine {
    /// Looks at the machine; `since` says from when on its processors count.
    pub(super) fn look(since: Option<Ticks>) -> Self {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processors: std::thread::available_parallelism().ok().and_then(|count| u64::try_from(count.get()).ok()),
            busy: since.zip(Ticks::now()).and_then(|(before, after)| share(before, after)),
            load_1min: load.split(' ').next().and_then(|load| load.parse().ok()),
            memory_bytes: kilobytes(&memory, "MemTotal:"),
            available_bytes: kilobytes(&memory, "MemAvailable:"),
        }
    }
}

/// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
fn parse_ticks(stat: &str) -> Option<Ticks> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> = line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
    let all = fields.iter().sum();
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    Some(Ticks { busy: all - idle, all })
}

fn share(before: Ticks, after: Ticks) -> Option<f64> {
    let (busy, all) = (after.busy.checked_sub(before.busy)?, after.all.checked_sub(before.all)?);
    let (busy, all) = (u32::try_from(busy).ok()?, u32::try_from(all).ok().filter(|all| *all > 0)?);
    Some(to_millionths(f64::from(busy) / f64::from(all)))
}

fn kilobytes(meminfo: &str, key: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read() {
        let before = parse_ticks("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2").unwrap();
        let after = parse_ticks("cpu  200 0 100 850 100 25 25 0 7 7\n").unwrap();
        let share = share(before, after).unwrap();
        assert!((share - 200.0 / 300.0).abs() < 1e-6, "{share}");
        assert_eq!(kilobytes("MemTotal:   100 kB\nMemAvailable:    7 kB\n", "MemAvailable:"), Some(7168));
        assert!(parse_ticks("nothing").is_none());
    }
}
