//! The PostgreSQL that everything is loaded into: a private one, or one that `--target` names.
//!
//! Ours listens on a Unix socket alone and is gone when we are: a shell that waits for us at its input stops it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::psql;

/// The same for every contender. What is committed is durable, as in production.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "max_connections=100",
    "shared_buffers=1GB",
    "maintenance_work_mem=256MB",
    "max_wal_size=2GB",
    "wal_level=replica",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "autovacuum=off",
    "timezone=UTC",
];
/// What a table says of the server.
const SAID: &str = "select string_agg(name || ' = ' || current_setting(name), ', ' order by name) from pg_settings where name in \
    ('shared_buffers', 'maintenance_work_mem', 'max_wal_size', 'wal_level', 'fsync', 'synchronous_commit', 'full_page_writes', \
     'autovacuum', 'max_parallel_maintenance_workers')";
const SCRIPT: &str = "trap '' HUP INT TERM; \"$1/initdb\" -D \"$2/data\" -U postgres -A trust -E UTF8 --locale=C --no-sync > \"$2/log\" 2>&1 || exit 1\n\
    binaries=$1 directory=$2; shift 2\n\
    \"$binaries/postgres\" -D \"$directory/data\" -k \"$directory\" \"$@\" >> \"$directory/log\" 2>&1 < /dev/null & server=$!\n\
    cat > /dev/null; kill -INT $server; wait $server; cd /; rm -rf \"$directory\"";
const SECONDS_TO_START: u32 = 60;

#[derive(Debug)]
pub(super) struct Server {
    /// A URL of a database that is there, in two parts: what stands before the database's name, and behind it.
    url: (String, String),
    maintenance: String,
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    guard: Child,
    directory: PathBuf,
}

impl Server {
    /// Starts one of our own.
    pub(super) fn start() -> Result<Self, String> {
        let binaries = binaries().ok_or("no PostgreSQL server is installed; name one with --target")?;
        let directory =
            tempfile::Builder::new().prefix("outgrow-bench-").tempdir().map_err(|cause| format!("a directory: {cause}"))?.keep();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).map_err(|cause| format!("{}: {cause}", directory.display()))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "sh"]).arg(binaries).arg(&directory).args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.current_dir("/").stdin(Stdio::piped());
        if rustix::process::geteuid().is_root() {
            let (user, group) = account()?;
            chown(&directory, Some(user), Some(group)).map_err(|cause| format!("{}: {cause}", directory.display()))?;
            command.uid(user).gid(group);
        }
        let guard = command.spawn().map_err(|cause| format!("start PostgreSQL: {cause}"))?;
        let url = ("postgresql:///".to_owned(), format!("?host={}&port=5432&user=postgres", directory.display()));
        let mut server = Self { url, maintenance: "postgres".to_owned(), own: Some(Own { guard, directory }) };
        server.wait()?;
        Ok(server)
    }

    /// Uses one that is there, by the URL of a database of which nothing is touched.
    pub(super) fn at(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("--target takes a URL: postgresql://user@host/database")?;
        let (rest, query) = rest.split_once('?').map_or((rest, String::new()), |(rest, query)| (rest, format!("?{query}")));
        let (place, database) = rest.split_once('/').ok_or("--target has to name a database, from which others are made")?;
        Ok(Self { url: (format!("{scheme}://{place}/"), query), maintenance: database.to_owned(), own: None })
    }

    fn wait(&mut self) -> Result<(), String> {
        for _ in 0..SECONDS_TO_START * 10 {
            if psql::ask(&self.maintenance(), "select 1").is_ok() {
                return Ok(());
            }
            let Some(own) = &mut self.own else { break };
            if let Ok(Some(status)) = own.guard.try_wait() {
                let log = fs::read_to_string(own.directory.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL did not start ({status}): {log}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("PostgreSQL did not answer within {SECONDS_TO_START} seconds"))
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.url.0, self.url.1)
    }

    fn maintenance(&self) -> String {
        self.url(&self.maintenance)
    }

    /// Where the socket is, for those who don't take it from a URL.
    pub(super) fn socket(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.directory.as_path())
    }

    /// Makes an empty database, and has everything written down that was written before.
    pub(super) fn create(&self, database: &str) -> Result<String, String> {
        self.discard(database)?;
        psql::ask(&self.maintenance(), &format!("create database {database} template template0"))?;
        if self.own.is_some() {
            psql::ask(&self.maintenance(), "checkpoint")?;
        }
        Ok(self.url(database))
    }

    pub(super) fn discard(&self, database: &str) -> Result<(), String> {
        psql::ask(&self.maintenance(), &format!("drop database if exists {database}")).map(drop)
    }

    /// Bytes of WAL that were ever written.
    pub(super) fn wal(&self) -> Result<u64, String> {
        let said = psql::ask(&self.maintenance(), "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")?;
        said.parse().map_err(|cause| format!("the place in the WAL is `{said}`: {cause}"))
    }

    /// Processor time that the server ever took, in ticks: its processes, and those that have ended. None of one that is not ours.
    pub(super) fn ticks(&self) -> Option<u64> {
        let own = self.own.as_ref()?;
        let first = fs::read_to_string(own.directory.join("data/postmaster.pid")).ok()?;
        let postmaster = first.lines().next()?.trim().to_owned();
        let mut ticks = super::measure::ticks_of(&postmaster)?.all();
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let process = entry.file_name().to_string_lossy().into_owned();
            let child = super::measure::ticks_of(&process).filter(|found| found.parent == postmaster);
            ticks += child.map_or(0, |child| child.all());
        }
        Some(ticks)
    }

    pub(super) fn describe(&self) -> Result<(String, String), String> {
        Ok((psql::ask(&self.maintenance(), "show server_version")?, psql::ask(&self.maintenance(), SAID)?))
    }

    /// Stops ours and removes what it left; leaves another one as it was.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let Some(mut own) = self.own.take() else { return Ok(()) };
        drop(own.guard.stdin.take());
        own.guard.wait().map_err(|cause| format!("stop PostgreSQL: {cause}"))?;
        if own.directory.exists() {
            fs::remove_dir(&own.directory).map_err(|cause| format!("{}: {cause}", own.directory.display()))
        } else {
            Ok(())
        }
    }
}

/// On the search path, or where Debian and Red Hat put them; the newest there.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for (parent, prefix) in [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")] {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let mut found: Vec<(u32, PathBuf)> = entries
            .filter_map(|entry| Some((entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        found.sort();
        places.extend(found.into_iter().rev().map(|(_, place)| place));
    }
    let real = |place: &PathBuf| Some(fs::canonicalize(place.join("postgres")).ok()?.parent()?.to_owned());
    places.iter().filter_map(real).find(|place| place.join("initdb").exists())
}

/// PostgreSQL refuses to run as root.
fn account() -> Result<(u32, u32), String> {
    let accounts = fs::read_to_string("/etc/passwd").map_err(|cause| format!("/etc/passwd: {cause}"))?;
    let numbers = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    numbers("postgres").or_else(|| numbers("nobody")).ok_or_else(|| "there is no account to run PostgreSQL as".to_owned())
}
