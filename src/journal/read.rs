//! Reading the journal, also while another run writes it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;

use super::store::{WorkDirectory, failed};
use crate::error::Result;

/// A run of a verb.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// Its number in the work directory.
    pub id: i64,
    /// The verb.
    pub verb: String,
    /// The version of outgrow that ran.
    pub version: String,
    /// The source as named.
    pub source: String,
    /// The target, described without secrets.
    pub target: String,
    /// The plan it followed.
    pub plan: Option<String>,
    /// When it began (RFC 3339, UTC).
    pub started_at: String,
    /// When it ended; none while it runs, or when it was killed.
    pub ended_at: Option<String>,
    /// Its exit code.
    pub exit_code: Option<u8>,
    /// What it ended with, in words.
    pub ending: Option<String>,
    /// What happened in it, in order.
    pub events: Vec<Event>,
}

/// What happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Which step.
    pub step: String,
    /// `intent`, `done`, `already-done`, `refused`, `failed` or `evidence`.
    pub kind: String,
    /// How long it took, in seconds.
    pub seconds: Option<f64>,
    /// What was found, as JSON.
    pub detail: serde_json::Value,
}

/// Every run of a work directory, oldest first; empty where there is no journal.
pub fn runs(directory: &Path) -> Result<Vec<Run>> {
    read(directory, "select * from run order by id")
}

/// The newest run, with its events.
pub fn last_run(directory: &Path) -> Result<Option<Run>> {
    Ok(read(directory, "select * from run order by id desc limit 1")?.pop())
}

fn read(directory: &Path, sql: &str) -> Result<Vec<Run>> {
    let file = WorkDirectory::journal_file(directory);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let mut statement = db.prepare(sql).map_err(failed)?;
    let runs = statement.query_map([], run).map_err(failed)?.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
    runs.into_iter()
        .map(|mut run| {
            run.events = events(&db, run.id)?;
            Ok(run)
        })
        .collect()
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        verb: row.get("verb")?,
        version: row.get("version")?,
        source: row.get("source")?,
        target: row.get("target")?,
        plan: row.get("plan")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        exit_code: row.get("exit_code")?,
        ending: row.get("ending")?,
        events: Vec::new(),
    })
}

fn events(db: &Connection, run: i64) -> Result<Vec<Event>> {
    let mut statement = db.prepare("select at, step, kind, seconds, detail from event where run = ? order by id").map_err(failed)?;
    let events = statement.query_map(params![run], |row| {
        let detail: String = row.get("detail")?;
        Ok(Event {
            at: row.get("at")?,
            step: row.get("step")?,
            kind: row.get("kind")?,
            seconds: row.get("seconds")?,
            detail: serde_json::from_str(&detail).unwrap_or(serde_json::Value::String(detail)),
        })
    });
    events.map_err(failed)?.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)
}
