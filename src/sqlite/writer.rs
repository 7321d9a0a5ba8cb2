//! The one connection that may write to the source: to hold its write lock, to freeze it and to thaw it.
//!
//! Nothing of the application's runs on it: no trigger fires, no foreign key is followed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::access::locate;
use super::fault::{code, fault, message};
use super::header;
use super::held::HeldFile;
use super::holders::{Holders, Holding, Unseen};
use crate::error::{Error, ErrorKind, Result};

/// The longest pause between two attempts, in microseconds. Shorter than those of SQLite's own busy handler, so that the
/// application's writers leave a gap.
const LONGEST_PAUSE: u64 = 8000;

/// The source, open for writing. The connection stands first: it must be closed before the handle, which keeps SQLite's
/// locks from being dropped by a reader's.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    _held: HeldFile,
    path: PathBuf,
}

impl Writer {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let doing = format!("open {} for writing", path.display());
        let unreadable =
            |error: std::io::Error| Error::new(ErrorKind::SourceMissing, &doing, format!("it can't be read ({error})")).because(error);
        let real = locate(path)?;
        let held = HeldFile::open(&real).map_err(unreadable)?;
        let mut first = Vec::with_capacity(header::LOOKED_AT);
        let looked_at = u64::try_from(header::LOOKED_AT).unwrap_or(u64::MAX);
        held.reader().take(looked_at).read_to_end(&mut first).map_err(unreadable)?;
        header::examine(path, &first, held.metadata().map_err(unreadable)?.len())?;
        let connection = connect(&real).map_err(|error| refused(&doing, error))?;
        Ok(Self { connection, _held: held, path: path.to_owned() })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Does something that waits for other programs' locks, until `deadline`.
    pub(super) fn patiently<T>(
        &self,
        doing: &str,
        deadline: Instant,
        mut attempt: impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        loop {
            match attempt(&self.connection) {
                Ok(done) => return Ok(done),
                Err(error) if is_busy(&error) && Instant::now() < deadline => std::thread::sleep(pause()),
                Err(error) if is_busy(&error) => return Err(self.kept_waiting(doing, error)),
                Err(error) => return Err(refused(doing, error)),
            }
        }
    }

    /// Says who has kept us waiting.
    fn kept_waiting(&self, doing: &str, error: rusqlite::Error) -> Error {
        let holders = Holders::of(&self.path).unwrap_or_default();
        let busy: Vec<String> = holders
            .others()
            .filter(|holder| holder.what != Holding::Idle)
            .map(|holder| {
                let does = if holder.what == Holding::Writing { "writes" } else { "reads" };
                format!("process {} ({}) {does}", holder.pid, holder.command)
            })
            .collect();
        let elsewhere = holders.unseen.iter().any(|unseen| matches!(unseen, Unseen::Elsewhere(_)));
        let who = match busy.as_slice() {
            [] if elsewhere => "a process in another container or on another machine".to_owned(),
            [] => "another connection".to_owned(),
            busy => busy.join(", "),
        };
        Error::new(ErrorKind::SourceBusy, doing, format!("its lock was not to be had in the time given: {who}; nothing was changed"))
            .hint("let that program end its transaction, stop it, or wait for it longer")
            .because(error)
    }
}

fn connect(real: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(real, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Our own patience is told apart from SQLite's, which can't be given a deadline over several statements.
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch("pragma trusted_schema = off; pragma foreign_keys = off; pragma synchronous = full;")?;
    Ok(connection)
}

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(code(error), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed))
}

/// Between half a millisecond and the longest pause; the clock's last digits are chance enough.
fn pause() -> Duration {
    let chance = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| u64::from(since.subsec_micros()));
    Duration::from_micros(500 + chance % LONGEST_PAUSE)
}

/// An error of a file that was to be written.
pub(super) fn refused(doing: &str, error: rusqlite::Error) -> Error {
    match code(&error) {
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => {
            let detail = format!("the file or its directory can't be written ({}); nothing was changed", message(&error));
            Error::new(ErrorKind::SourceMissing, doing, detail)
                .hint("run this as the user whom the file belongs to, and check the disk that it lies on")
                .because(error)
        }
        Some(ErrorCode::DiskFull) => {
            Error::new(ErrorKind::WorkDirectory, doing, "the disk of the database is full; nothing was changed").because(error)
        }
        Some(_) | None => fault(doing, error),
    }
}

/// The write lock of the source, held until this is dropped: everybody else may read and nobody may write.
#[derive(Debug)]
pub struct WriteLock {
    writer: Writer,
    deadline: Instant,
}

impl WriteLock {
    /// Takes the lock, waiting as long as given for those who write now. It goes with the process, however that ends.
    pub fn take(path: &Path, wait: Duration) -> Result<Self> {
        let deadline = Instant::now() + wait;
        let writer = Writer::open(path)?;
        let doing = format!("take the write lock of {}", path.display());
        writer.patiently(&doing, deadline, |connection| connection.execute_batch("begin immediate"))?;
        Ok(Self { writer, deadline })
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Commits what was made under the lock, waiting for readers where the file's mode asks for it.
    pub(super) fn commit(self, doing: &str) -> Result<()> {
        // Those who were reading when the lock was taken are given a moment, however little of the time is left.
        let deadline = self.deadline.max(Instant::now() + Duration::from_millis(200));
        self.writer.patiently(doing, deadline, |connection| connection.execute_batch("commit"))
    }

    /// Gives the lock back.
    pub fn release(self) -> Result<()> {
        let doing = format!("give the write lock of {} back", self.writer.path().display());
        self.writer.connection().execute_batch("rollback").map_err(|error| refused(&doing, error))
    }
}
