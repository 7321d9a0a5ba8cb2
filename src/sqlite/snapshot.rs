//! A whole, consistent copy of the source, made through SQLite's backup interface.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::access::beside;
use super::fault::{code, fault};
use super::reader::SourceReader;
use crate::error::{Error, ErrorKind, Result};

/// Pages copied between two reports of progress: 4 MiB at the usual page size.
const PAGES_PER_STEP: i32 = 1024;

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// Bytes copied.
    pub bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

impl SourceReader {
    /// Copies what this reader sees, committed frames of the log included, to a new file `to` (mode 0600).
    ///
    /// Written as `<to>.partial`, flushed to disk and renamed, so that `to` is whole or not there. The copy is in
    /// rollback mode whatever the source's mode: opening it leaves no files beside it. Refuses to replace a file.
    pub fn snapshot(&self, to: &Path, progress: &mut dyn FnMut(SnapshotProgress)) -> Result<()> {
        let doing = self.copying(to);
        let partial = self.copy_partial(to, &doing, progress)?;
        settle(&partial, to, &doing)
    }

    /// The same, and finishes reading as soon as the last page is copied: whoever waits for this reader's lock does not
    /// wait for the copy to reach the disk, too.
    pub fn into_snapshot(self, to: &Path, progress: &mut dyn FnMut(SnapshotProgress)) -> Result<()> {
        let doing = self.copying(to);
        let partial = self.copy_partial(to, &doing, progress)?;
        self.finish().and_then(|()| settle(&partial, to, &doing))
    }

    fn copying(&self, to: &Path) -> String {
        format!("copy {} to {}", self.path().display(), to.display())
    }

    /// Copies all pages to `<to>.partial`.
    fn copy_partial(&self, to: &Path, doing: &str, progress: &mut dyn FnMut(SnapshotProgress)) -> Result<PathBuf> {
        if to.exists() {
            return Err(Error::new(ErrorKind::WorkDirectory, doing, "there is a file of that name, which is not replaced"));
        }
        let partial = beside(to, ".partial");
        let made = remove_if_there(&partial).and_then(|()| remove_if_there(&beside(&partial, "-journal")));
        made.and_then(|()| OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map(drop))
            .map_err(|error| unwritable(doing, error))?;
        self.copy_pages(&partial, doing, progress).map_err(|error| self.judged(error))?;
        Ok(partial)
    }

    fn copy_pages(&self, partial: &Path, doing: &str, progress: &mut dyn FnMut(SnapshotProgress)) -> Result<()> {
        let page_bytes = super::connection::number(self.connection(), "pragma main.page_size", doing)?;
        let mut copy = open_own(partial).map_err(|error| writing(doing, error))?;
        // A copy that is cut off is thrown away, so it needs no journal.
        copy.execute_batch("pragma journal_mode = off; pragma synchronous = off;").map_err(|error| writing(doing, error))?;
        let backup = Backup::new(self.connection(), &mut copy).map_err(|error| writing(doing, error))?;
        let bytes = |pages: i32| u64::try_from(i64::from(pages) * page_bytes).unwrap_or(0);
        loop {
            let step = backup.step(PAGES_PER_STEP).map_err(|error| writing(doing, error))?;
            let at = backup.progress();
            progress(SnapshotProgress { bytes: bytes(at.pagecount - at.remaining), total_bytes: bytes(at.pagecount) });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                // Neither happens: the source is read in a transaction that is open, the copy is ours.
                StepResult::Busy | StepResult::Locked | _ => {
                    return Err(Error::new(ErrorKind::SourceBusy, doing, "the database is locked by another program"));
                }
            }
        }
        drop(backup);
        copy.close().map_err(|(_, error)| writing(doing, error))
    }
}

fn unwritable(doing: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, doing, format!("the copy can't be written ({error})")).because(error)
}

/// Puts a copy into its place once it is on disk.
fn settle(partial: &Path, to: &Path, doing: &str) -> Result<()> {
    leave_wal_mode(partial).map_err(|error| writing(doing, error))?;
    // No connection to the copy is open any more: a plain handle takes no lock away.
    let placed = File::open(partial).and_then(|file| file.sync_all()).and_then(|()| fs::rename(partial, to));
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    placed.and_then(|()| File::open(directory)?.sync_all()).map_err(|error| unwritable(doing, error))
}

/// Gives a database that we made the mark of WAL mode; nothing lies beside it afterwards.
pub fn enter_wal_mode(path: &Path) -> Result<()> {
    let doing = format!("put {} into WAL mode", path.display());
    let copy = open_own(path).map_err(|error| writing(&doing, error))?;
    let mode: rusqlite::Result<String> = copy.query_row("pragma journal_mode = wal", [], |row| row.get(0));
    let mode = mode.map_err(|error| writing(&doing, error))?;
    copy.close().map_err(|(_, error)| writing(&doing, error))?;
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    Err(Error::new(ErrorKind::WorkDirectory, doing, "SQLite can't keep a log in that directory"))
}

/// Turns a database that came with the mark of WAL mode into one of rollback mode.
fn leave_wal_mode(path: &Path) -> rusqlite::Result<()> {
    let copy = open_own(path)?;
    copy.execute_batch("pragma synchronous = off; pragma journal_mode = delete;")?;
    copy.close().map_err(|(_, error)| error)
}

/// Opens a file that we made.
pub(super) fn open_own(path: &Path) -> rusqlite::Result<Connection> {
    // An absolute path: SQLite would take a relative one that begins with `file:` for a URI.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// An error of a copy: what can't be written is the work directory's fault, the rest the source's.
fn writing(doing: &str, error: rusqlite::Error) -> Error {
    match code(&error) {
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied) => {
            Error::new(ErrorKind::WorkDirectory, doing, "the copy can't be written").because(error)
        }
        Some(_) | None => fault(doing, error),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
