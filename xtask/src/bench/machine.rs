//! On what it was measured, and with what.

use std::fmt;
use std::fs;

use super::contender::Contender;
use super::server::Server;
use super::{program, said};

#[derive(Debug)]
pub(super) struct Machine {
    pub(super) date: String,
    pub(super) system: String,
    pub(super) processors: usize,
    pub(super) memory_mib: u64,
    /// Where PostgreSQL runs.
    pub(super) server: &'static str,
    pub(super) postgresql: String,
    pub(super) settings: String,
    /// The program and those beside it.
    pub(super) versions: Vec<String>,
}

impl Machine {
    pub(super) fn look(server: &Server, date: Option<String>, contenders: &[Contender]) -> Result<Self, String> {
        let (postgresql, settings) = server.describe()?;
        let information = |file: &str, key: &str| {
            let text = fs::read_to_string(file).ok()?;
            Some(text.lines().find_map(|line| line.strip_prefix(key))?.trim_start_matches([' ', '\t', ':']).to_owned())
        };
        let processor = information("/proc/cpuinfo", "model name").unwrap_or_default();
        let kernel = said("uname", &["-sr"]).unwrap_or_default();
        let memory = information("/proc/meminfo", "MemTotal").unwrap_or_default();
        let program = program();
        let mut versions: Vec<String> = said(&program.to_string_lossy(), &["--version"]).into_iter().collect();
        versions.extend(contenders.iter().filter_map(|contender| contender.version()));
        Ok(Self {
            date: date.or_else(|| said("date", &["-u", "+%Y-%m-%d"])).unwrap_or_default(),
            system: [processor, kernel].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024,
            server: if server.socket().is_some() {
                "client and server on the same machine, over a Unix socket"
            } else {
                "a server that was there already"
            },
            postgresql,
            settings,
            versions,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, system, processors, memory_mib, server, postgresql, settings, versions } = self;
        writeln!(f, "{date}: {system}, {processors} processors, {memory_mib} MiB")?;
        writeln!(f, "PostgreSQL {postgresql}, {server}: {settings}")?;
        f.write_str(&versions.join("; "))
    }
}
