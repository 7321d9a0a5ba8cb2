//! Writing the journal.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use rustix::fs::{FlockOperation, flock};

use crate::error::{Error, ErrorKind, Outcome, Result};

/// The journal's tables, one text for each `user_version` from 1 on: what it adds to the one before.
const SCHEMA: [&str; 2] = [
    "create table if not exists run(
        id integer primary key, verb text not null, version text not null, source text not null, target text not null,
        plan text, started_at text not null, ended_at text, exit_code integer, ending text);
    create table if not exists event(
        id integer primary key, run integer not null references run(id), at text not null, step text not null,
        kind text not null, seconds real, detail text not null);
    create index if not exists event_by_run on event(run, id);",
    "create table sign_off(
        id integer primary key, role text not null, by text not null, note text, at text not null, decisions text not null,
        withdrawn_at text);",
];

/// The directory that holds the journal, snapshots and reports, held by one run at a time.
#[derive(Debug)]
pub struct WorkDirectory {
    path: PathBuf,
    /// Released when the file is closed, also by a kill.
    _lock: File,
}

impl WorkDirectory {
    /// Makes the directory (mode 0700) where it isn't there, and takes its lock; another run's lock is
    /// [`ErrorKind::Locked`].
    pub fn hold(path: &Path) -> Result<Self> {
        let doing = || format!("hold the work directory {}", path.display());
        let failed = |error: std::io::Error| Error::new(ErrorKind::WorkDirectory, doing(), error.to_string()).because(error);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock")).map_err(failed)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| Error::new(ErrorKind::Locked, doing(), "another run of outgrow holds it; nothing was changed"))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal's file in a work directory.
    pub(super) fn journal_file(path: &Path) -> PathBuf {
        path.join("journal.sqlite")
    }
}

/// What an event says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// It is about to be done.
    Intent,
    /// It is done.
    Done,
    /// It was found done by an earlier run.
    AlreadyDone,
    /// The server refused it; the move went on without.
    Refused,
    /// It failed, and the run ended.
    Failed,
    /// What was found or decided: a plan, a verdict, counts.
    Evidence,
}

impl EventKind {
    /// The name in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Done => "done",
            Self::AlreadyDone => "already-done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Evidence => "evidence",
        }
    }
}

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    db: Mutex<Connection>,
    run: i64,
    ended: AtomicBool,
}

/// A run that is given up without a word was stopped by a signal.
impl Drop for Journal {
    fn drop(&mut self) {
        if !self.ended.load(Ordering::Relaxed) {
            // Nobody is left to tell if even this can't be written.
            drop(self.finish(ErrorKind::Interrupted.policy().exit_code.number(), "stopped by a signal; the same command resumes it"));
        }
    }
}

impl Journal {
    /// Begins a run. `source` and `target` are shown as they are: they must not hold a secret.
    pub fn begin(directory: &WorkDirectory, verb: &str, source: &str, target: &str) -> Result<Self> {
        let db = open(directory)?;
        db.execute(
            "insert into run(verb, version, source, target, started_at) values(?, ?, ?, ?, ?)",
            params![verb, env!("CARGO_PKG_VERSION"), source, target, Timestamp::now().to_string()],
        )
        .map_err(failed)?;
        let run = db.last_insert_rowid();
        Ok(Self { db: Mutex::new(db), run, ended: AtomicBool::new(false) })
    }

    /// The run's number in this work directory.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// Names the plan that the run follows.
    pub fn plan(&self, id: &str) -> Result<()> {
        self.write("update run set plan = ? where id = ?", params![id, self.run])
    }

    /// Notes an event of a step. `seconds` is how long it took; `detail` is JSON.
    pub fn note(&self, step: &str, kind: EventKind, seconds: Option<f64>, detail: &serde_json::Value) -> Result<()> {
        self.write(
            "insert into event(run, at, step, kind, seconds, detail) values(?, ?, ?, ?, ?, ?)",
            params![self.run, Timestamp::now().to_string(), step, kind.name(), seconds, detail.to_string()],
        )
    }

    /// Ends the run with a result.
    pub fn end(&self, outcome: Outcome) -> Result<()> {
        self.finish(outcome.exit_code().number(), &format!("{outcome:?}").to_lowercase())
    }

    /// Ends the run with an error.
    pub fn fail(&self, error: &Error) -> Result<()> {
        self.finish(error.kind().policy().exit_code.number(), &error.to_string())
    }

    fn finish(&self, exit_code: u8, ending: &str) -> Result<()> {
        self.ended.store(true, Ordering::Relaxed);
        self.write(
            "update run set ended_at = ?, exit_code = ?, ending = ? where id = ?",
            params![Timestamp::now().to_string(), exit_code, ending, self.run],
        )
    }

    fn write(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<()> {
        let db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        db.execute(sql, values).map_err(failed).map(drop)
    }
}

/// Opens the journal of a work directory that is held, and brings its tables up to date.
pub(super) fn open(directory: &WorkDirectory) -> Result<Connection> {
    let file = WorkDirectory::journal_file(directory.path());
    // SQLite would make it readable for everybody; the files that it puts beside it take its mode.
    let made = OpenOptions::new().create(true).append(true).mode(0o600).open(&file);
    made.map_err(|error| Error::new(ErrorKind::WorkDirectory, "keep the journal", error.to_string()).because(error))?;
    let mut db = Connection::open(&file).map_err(failed)?;
    // An intent is with the system before its effect begins, which a kill can't undo. A loss of power may take the last
    // lines with it; the ledger in the target is what a resumed run goes by.
    db.execute_batch("pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on;").map_err(failed)?;
    let newest = u32::try_from(SCHEMA.len()).unwrap_or(u32::MAX);
    let version: u32 = db.query_row("pragma user_version", [], |row| row.get(0)).map_err(failed)?;
    if version > newest {
        let detail = format!("the journal in {} was written by a newer version of outgrow", directory.path().display());
        return Err(Error::new(ErrorKind::WorkDirectory, "keep the journal", detail)
            .hint("use that version, or name another directory with --work-dir"));
    }
    if version < newest {
        let change = db.transaction().map_err(failed)?;
        for addition in SCHEMA.iter().skip(usize::try_from(version).unwrap_or(usize::MAX)) {
            change.execute_batch(addition).map_err(failed)?;
        }
        change.pragma_update(None, "user_version", newest).map_err(failed)?;
        change.commit().map_err(failed)?;
    }
    Ok(db)
}

/// The journal can't be read or written.
pub(super) fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, "keep the journal", error.to_string()).because(error)
}
