//! Sign-offs: who has agreed to what, and whether that still holds.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;

use super::store::{WorkDirectory, failed, open};
use crate::error::{Error, Result};
use crate::plan::Decisions;

/// Somebody's word that a move may be made as it was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SignOff {
    /// In which role.
    pub role: String,
    /// Who.
    pub by: String,
    /// What they said besides.
    pub note: Option<String>,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// What was agreed to.
    pub decisions: Decisions,
    /// When it was taken back (RFC 3339, UTC).
    pub withdrawn_at: Option<String>,
}

/// A role whose word is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MissingSignOff {
    /// The role.
    pub role: String,
    /// Why: it was never given, was taken back, or was given to something else.
    pub why: String,
}

impl SignOff {
    /// Why it does not hold for these decisions; none where it holds.
    pub fn void(&self, decisions: &Decisions) -> Option<String> {
        if let Some(at) = &self.withdrawn_at {
            return Some(format!("{} withdrew it at {at}", self.by));
        }
        let changed = decisions.changed_since(&self.decisions);
        (!changed.is_empty())
            .then(|| format!("{} signed at {}, and since then something changed: {}", self.by, self.at, changed.join(", ")))
    }
}

/// The roles whose word is missing for these decisions, in the order of the policy. The last word of a role counts.
pub fn missing(roles: &[String], sign_offs: &[SignOff], decisions: &Decisions) -> Vec<MissingSignOff> {
    let why = |role: &String| match sign_offs.iter().rev().find(|sign_off| sign_off.role == *role) {
        None => Some("nobody has signed".to_owned()),
        Some(last) => last.void(decisions),
    };
    roles.iter().filter_map(|role| why(role).map(|why| MissingSignOff { role: role.clone(), why })).collect()
}

/// Notes somebody's word.
pub fn sign_off(directory: &WorkDirectory, role: &str, by: &str, note: Option<&str>, decisions: &Decisions) -> Result<SignOff> {
    let given = SignOff {
        role: role.to_owned(),
        by: by.to_owned(),
        note: note.map(str::to_owned),
        at: Timestamp::now().to_string(),
        decisions: decisions.clone(),
        withdrawn_at: None,
    };
    let hashes = serde_json::to_string(decisions).map_err(|error| Error::bug("keep a sign-off", error.to_string()))?;
    open(directory)?
        .execute(
            "insert into sign_off(role, by, note, at, decisions) values(?, ?, ?, ?, ?)",
            params![given.role, given.by, given.note, given.at, hashes],
        )
        .map_err(failed)?;
    Ok(given)
}

/// Takes a role's last word back; whether there was one that had not been taken back.
pub fn withdraw(directory: &WorkDirectory, role: &str) -> Result<bool> {
    let changed = open(directory)?.execute(
        "update sign_off set withdrawn_at = ? where withdrawn_at is null and id = (select max(id) from sign_off where role = ?)",
        params![Timestamp::now().to_string(), role],
    );
    changed.map(|rows| rows > 0).map_err(failed)
}

/// Every sign-off of a work directory, oldest first; none where there is no journal, or one of before there were any.
pub fn sign_offs(directory: &Path) -> Result<Vec<SignOff>> {
    let file = WorkDirectory::journal_file(directory);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let known = "select exists(select 1 from sqlite_schema where type = 'table' and name = 'sign_off')";
    if !db.query_row(known, [], |row| row.get::<_, bool>(0)).map_err(failed)? {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare("select role, by, note, at, decisions, withdrawn_at from sign_off order by id").map_err(failed)?;
    let rows = statement.query_map([], read).map_err(failed)?;
    rows.map(|row| row.map_err(failed).and_then(|read| read)).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<SignOff>> {
    let hashes: String = row.get("decisions")?;
    let unreadable = |error: serde_json::Error| Error::bug("read a sign-off", error.to_string());
    let (role, by, note, at) = (row.get("role")?, row.get("by")?, row.get("note")?, row.get("at")?);
    let withdrawn_at = row.get("withdrawn_at")?;
    let decisions = serde_json::from_str(&hashes).map_err(unreadable);
    Ok(decisions.map(|decisions| SignOff { role, by, note, at, decisions, withdrawn_at }))
}
