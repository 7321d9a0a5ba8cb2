//! A private cluster: made, started, and gone without a trace.
//!
//! Never listens on a network unless a test's settings say so, and never makes its files durable.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::binaries::{Binaries, Version};
use super::guard::{FAILED, Guard};
use super::runner::Runner;
use crate::error::{Error, ErrorKind, Result};
use crate::postgres::{ConnectionSettings, Session};

const DOING: &str = "start a disposable server";

/// Longest path of a Unix socket that every system takes (macOS: 104 bytes with the closing NUL).
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// Small, quick and not durable; logical decoding for rehearsing the way back.
const SETTINGS: &str = "\
    listen_addresses = ''\n\
    unix_socket_permissions = 0700\n\
    max_connections = 100\n\
    shared_buffers = '64MB'\n\
    fsync = off\n\
    synchronous_commit = off\n\
    full_page_writes = off\n\
    wal_level = logical\n\
    max_wal_size = '2GB'\n\
    max_replication_slots = 20\n\
    max_wal_senders = 20\n\
    timezone = 'UTC'\n\
    log_timezone = 'UTC'\n";

/// A running private cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    guard: Guard,
    directory: PathBuf,
    version: Version,
    binaries: Binaries,
    settings: ConnectionSettings,
}

/// What a cluster has beyond the usual.
#[derive(Debug, Clone)]
pub(super) struct Extras {
    /// The number in the socket's name.
    pub(super) port: u16,
    /// Further lines of postgresql.conf.
    pub(super) settings: String,
    /// The whole of pg_hba.conf.
    pub(super) hba: Option<String>,
    /// Files beside the data directory, for the account that runs the server alone: certificates.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Cluster {
    /// Whether any runner may put a cluster into any of these directories.
    pub(super) fn has_room(bases: &[PathBuf]) -> bool {
        Runner::available().iter().any(|runner| bases.iter().any(|base| usable_directory(runner, base).is_some()))
    }

    /// Starts a cluster of these binaries, by the first runner and in the first directory that prove to work.
    pub(super) async fn start(binaries: &Binaries, bases: &[PathBuf], extras: &Extras) -> Result<Self> {
        let mut reasons = Vec::new();
        for runner in Runner::available() {
            let Some(directory) = bases.iter().find_map(|base| usable_directory(&runner, base)) else {
                reasons.push(format!("{} may write to none of {}", runner.describe(), listed(bases)));
                continue;
            };
            let Some((binaries, version)) = proven(binaries, &runner, directory.path()) else {
                reasons.push(format!("{} can't run {}", runner.describe(), binaries.program("postgres").display()));
                continue;
            };
            match Self::start_in(&binaries, &runner, version, directory, extras).await {
                Ok(cluster) => return Ok(cluster),
                Err(error) => reasons.push(format!("as {}: {}", runner.describe(), error.detail())),
            }
        }
        Err(Error::new(ErrorKind::NoServer, DOING, reasons.join("; ")))
    }

    async fn start_in(
        binaries: &Binaries,
        runner: &Runner,
        version: Version,
        directory: tempfile::TempDir,
        extras: &Extras,
    ) -> Result<Self> {
        let path = directory.path();
        let text = format!(
            "{SETTINGS}port = {}\nunix_socket_directories = '{}'\n{}",
            extras.port,
            path.display().to_string().replace('\'', "''"),
            extras.settings
        );
        write_for(runner, &path.join("settings"), text.as_bytes())?;
        for (name, content) in &extras.files {
            write_for(runner, &path.join(name), content)?;
        }
        if let Some(hba) = &extras.hba {
            write_for(runner, &path.join("hba"), hba.as_bytes())?;
        }
        let mut guard = Guard::start(binaries, runner, path)?;
        // From here on the guard removes it, however we end.
        let directory = directory.keep();
        let path = directory.as_path();
        let settings = ConnectionSettings::at_socket(path, extras.port, "postgres", "postgres");
        if let Err(error) = answers(&mut guard, &settings, path).await {
            guard.stop().await?;
            return Err(error);
        }
        Ok(Self { guard, directory, version, binaries: binaries.clone(), settings })
    }

    pub(super) fn settings(&self) -> &ConnectionSettings {
        &self.settings
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn describe(&self) -> String {
        format!("PostgreSQL {}, disposable, from {}", self.version.text, self.binaries.directory.display())
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.guard.stop().await
    }

    /// Leaves the server running; gives its settings and the commands that end it.
    pub(super) async fn keep(self) -> Result<(ConnectionSettings, String)> {
        self.guard.keep().await?;
        let quoted = format!("'{}'", self.directory.display().to_string().replace('\'', "'\\''"));
        let stop = format!("kill -INT $(head -n 1 {quoted}/data/postmaster.pid) && sleep 1 && rm -rf {quoted}");
        Ok((self.settings, stop))
    }
}

/// These binaries, or a copy of them in the cluster's directory, whichever this runner is seen to start.
fn proven(binaries: &Binaries, runner: &Runner, directory: &Path) -> Option<(Binaries, Version)> {
    if let Some(version) = binaries.version(runner) {
        return Some((binaries.clone(), version));
    }
    let copy = binaries.carried_into(directory, runner)?;
    copy.version(runner).map(|version| (copy, version))
}

fn listed(bases: &[PathBuf]) -> String {
    bases.iter().map(|base| base.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn usable_directory(runner: &Runner, base: &Path) -> Option<tempfile::TempDir> {
    let directory = runner.directory_in(base)?;
    let socket = directory.path().join(".s.PGSQL.65535.lock");
    (socket.as_os_str().len() <= SOCKET_PATH_BYTES_MAX).then_some(directory)
}

fn write_for(runner: &Runner, path: &Path, content: &[u8]) -> Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, chown};

    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        std::io::Write::write_all(&mut file, content)?;
        if let Runner::Account { uid, gid, .. } = runner {
            chown(path, Some(*uid), Some(*gid))?;
        }
        Ok(())
    };
    write().map_err(|error| Error::new(ErrorKind::NoServer, DOING, format!("{} can't be written", path.display())).because(error))
}

/// Waits until the server answers; if its guard ends first, says what the server's logs end with.
async fn answers(guard: &mut Guard, settings: &ConnectionSettings, directory: &Path) -> Result<()> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(150);
    loop {
        if guard.ended().is_some() || directory.join(FAILED).exists() {
            return Err(Error::new(ErrorKind::NoServer, DOING, last_words(directory)));
        }
        if Session::connect(settings).await.is_ok() {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            return Err(Error::new(ErrorKind::NoServer, DOING, format!("the server did not answer in time; {}", last_words(directory))));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn last_words(directory: &Path) -> String {
    let logs = ["server.log", "start.log", "initdb.log"].iter().filter_map(|name| fs::read_to_string(directory.join(name)).ok());
    let telling = logs.filter_map(|log| {
        let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
        lines().find(|line| line.contains("FATAL") || line.contains("error:")).or_else(|| lines().next_back()).map(ToOwned::to_owned)
    });
    telling.into_iter().next().map_or_else(|| "the server left no log".to_owned(), |line| format!("its log says: {line}"))
}
