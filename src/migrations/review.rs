//! What the files and the ledger say of each other.

use super::ledger::Row;
use super::report::{MigrationLine, MigrationState};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{MigrationFile, MigrationsPolicy};

/// Each migration in the order of the versions, and what stands in the ledger of it.
pub(super) fn lines(policy: &MigrationsPolicy, rows: &[Row]) -> Vec<MigrationLine> {
    let last = rows.iter().map(|row| &row.version).max();
    let mut lines: Vec<_> = policy
        .files
        .iter()
        .map(|file| {
            let row = rows.iter().find(|row| row.version == file.version);
            let state = match row {
                Some(row) if row.started => MigrationState::Started,
                Some(row) if row.checksum != file.checksum => MigrationState::Changed,
                Some(_) => MigrationState::Skipped,
                None if !policy.allow_out_of_order && last.is_some_and(|last| file.version < *last) => MigrationState::OutOfOrder,
                None => MigrationState::Pending,
            };
            (&file.version, line(&file.name, file.version.as_str(), state, row))
        })
        .collect();
    let is_there = |row: &&Row| policy.files.iter().any(|file| file.version == row.version);
    lines.extend(rows.iter().filter(|row| !is_there(row)).map(|row| {
        let state = if row.started { MigrationState::Started } else { MigrationState::Missing };
        (&row.version, line(&row.name, row.version.as_str(), state, Some(row)))
    }));
    lines.sort_by_key(|(version, _)| *version);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn line(name: &str, version: &str, state: MigrationState, row: Option<&Row>) -> MigrationLine {
    MigrationLine {
        version: version.to_owned(),
        name: name.to_owned(),
        state,
        applied_at: row.map(|row| row.applied_at.clone()),
        applied_by: row.map(|row| row.applied_by.clone()),
        execution_ms: row.and_then(|row| row.execution_ms),
    }
}

/// The files that are still to be run; an error that names everything in which files and ledger disagree.
pub(super) fn pending<'a>(policy: &'a MigrationsPolicy, lines: &[MigrationLine], ledger: &str) -> Result<Vec<&'a MigrationFile>> {
    let (mut problems, mut hints) = (Vec::new(), Vec::new());
    for line in lines {
        let (problem, hint) = match line.state {
            MigrationState::Applied | MigrationState::Skipped | MigrationState::Pending | MigrationState::Failed => continue,
            MigrationState::Started => (
                format!("{} was begun without a transaction, and nothing says how it ended: part of it may be done", line.name),
                format!(
                    "see what it left, then say so: outgrow migrations URL --applied {0} (all of it is done), or --again {0} (nothing of it is left)",
                    line.version
                ),
            ),
            MigrationState::Changed => (
                format!("{} says something else than when it was run", line.name),
                "put the file back as it was, and write what is to change as another migration".to_owned(),
            ),
            MigrationState::Missing => {
                (format!("{} was run, and its file is not there", line.name), "put the file back into the directory".to_owned())
            }
            MigrationState::OutOfOrder => (
                format!("{} was not run, and one of a later version was", line.name),
                "give it a later version; or permit it under [migrations]: allow-out-of-order = true".to_owned(),
            ),
        };
        problems.push(problem);
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    if problems.is_empty() {
        let is_pending =
            |file: &&MigrationFile| lines.iter().any(|line| line.state == MigrationState::Pending && line.version == file.version.as_str());
        return Ok(policy.files.iter().filter(is_pending).collect());
    }
    let detail = format!("the files and the ledger {ledger} disagree, and no migration was run: {}", problems.join("; "));
    Err(hints.into_iter().fold(Error::new(ErrorKind::Unforeseen, "run the migrations", detail), Error::hint))
}
