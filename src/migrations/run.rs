//! Runs what is still to be run.

use std::time::Instant;

use tokio_postgres::error::ErrorPosition;

use super::ledger::{Ledger, taken};
use super::report::{MigrationFailure, MigrationLine, MigrationState, MigrationsReport};
use super::review::{lines, pending};
use crate::copy;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::{MigrationFile, MigrationVersion, Plan, Policy, Statement, statements};
use crate::postgres::{ConnectionSettings, Session, failed};

/// What somebody says of a migration that was begun without a transaction, and whose end is not known.
#[derive(Debug, Clone)]
pub enum Settle {
    /// All of it is done.
    Applied(MigrationVersion),
    /// Nothing of it is left, and it is to be run again.
    Again(MigrationVersion),
}

/// Refuses, before anything is loaded, migrations that could not be run behind the load: files and ledger disagree, or
/// the ledger's name is that of another table.
pub async fn admit(session: &Session, policy: &Policy, plan: Option<&Plan>) -> Result<()> {
    if policy.migrations.directory.is_none() {
        return Ok(());
    }
    let ledger = Ledger::of(&policy.migrations, &policy.target.schema);
    let name = &policy.migrations.table;
    if plan.is_some_and(|plan| plan.relations.contains(name) || plan.tables.iter().any(|table| table.target == *name)) {
        return Err(taken(&ledger.shown(), "is one that the source has, too: it comes across under that name"));
    }
    let rows = ledger.rows(session).await?.unwrap_or_default();
    pending(&policy.migrations, &lines(&policy.migrations, &rows), &ledger.shown()).map(drop)
}

/// Where each migration stands. Makes nothing.
pub async fn status(session: &Session, policy: &Policy) -> Result<MigrationsReport> {
    let ledger = Ledger::of(&policy.migrations, &policy.target.schema);
    let rows = ledger.rows(session).await?.unwrap_or_default();
    Ok(MigrationsReport { ledger: ledger.shown(), migrations: lines(&policy.migrations, &rows), failed: None })
}

/// Runs what is still to be run, in order, until one fails. Nothing is run where files and ledger disagree.
pub async fn run_migrations(
    target: &ConnectionSettings,
    policy: &Policy,
    settle: Option<&Settle>,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<MigrationsReport> {
    let session = Session::connect(target).await?;
    copy::Ledger::lock(&session).await?;
    let ledger = Ledger::of(&policy.migrations, &policy.target.schema);
    match settle {
        Some(Settle::Applied(version)) => ledger.settle(&session, version, true).await?,
        Some(Settle::Again(version)) => ledger.settle(&session, version, false).await?,
        None => {}
    }
    let rows = ledger.rows(&session).await?;
    let there = rows.is_some();
    let mut all = lines(&policy.migrations, &rows.unwrap_or_default());
    let files = pending(&policy.migrations, &all, &ledger.shown())?;
    if !there && !files.is_empty() {
        ledger.make(&session).await?;
    }
    let mut stopped = None;
    for file in files {
        tell(&file.name);
        // A session of its own: what a file sets holds for that file alone.
        let of_file = Session::connect(target).await?;
        let ended = apply(&of_file, &ledger, &policy.target.schema, file).await?;
        if let Some(line) = all.iter_mut().find(|line| line.version == file.version.as_str()) {
            line.state = if ended.is_some() { MigrationState::Failed } else { MigrationState::Applied };
        }
        stopped = ended;
        if stopped.is_some() {
            break;
        }
    }
    noted(&mut all, &ledger, &session).await?;
    Ok(MigrationsReport { ledger: ledger.shown(), migrations: all, failed: stopped })
}

/// Takes over what the ledger says now of what was run.
async fn noted(lines: &mut [MigrationLine], ledger: &Ledger, session: &Session) -> Result<()> {
    for row in ledger.rows(session).await?.unwrap_or_default() {
        let Some(line) = lines.iter_mut().find(|line| line.version == row.version.as_str()) else { continue };
        line.applied_at = Some(row.applied_at);
        line.applied_by = Some(row.applied_by);
        line.execution_ms = row.execution_ms;
    }
    Ok(())
}

/// Runs a file; what the server refuses is a result.
async fn apply(session: &Session, ledger: &Ledger, schema: &str, file: &MigrationFile) -> Result<Option<MigrationFailure>> {
    let doing = || format!("run the migration {}", file.name);
    session.set_search_path(&[schema, "public"]).await?;
    if file.in_transaction {
        session.client().batch_execute("begin").await.map_err(|error| failed(doing(), error))?;
    } else {
        ledger.note(session, file, None).await?;
        failpoint::pass("migration.started")?;
    }
    let began = Instant::now();
    for statement in statements(&file.text) {
        let Err(error) = session.client().batch_execute(statement.text).await else { continue };
        let position = error.as_db_error().and_then(|error| error.position()).cloned();
        let error = failed(doing(), error);
        let is_refusal = matches!(error.kind(), ErrorKind::TargetRefused | ErrorKind::TargetRights);
        let line = line_of(&statement, position.as_ref());
        return if is_refusal { Ok(Some(failure(file, line, &error))) } else { Err(error.hint(left(file))) };
    }
    let execution_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    failpoint::pass("migration.done")?;
    ledger.note(session, file, Some(execution_ms)).await?;
    if file.in_transaction {
        // A constraint that is deferred is checked only here.
        if let Err(error) = session.client().batch_execute("commit").await {
            let error = failed(doing(), error);
            let last = statements(&file.text).last().map_or(1, |statement| statement.line);
            let is_refusal = matches!(error.kind(), ErrorKind::TargetRefused | ErrorKind::TargetRights);
            return if is_refusal { Ok(Some(failure(file, last, &error))) } else { Err(error) };
        }
    }
    failpoint::pass("migration.committed")?;
    Ok(None)
}

/// The line of the file in which the server stumbled: the statement's first, where it says no place.
fn line_of(statement: &Statement<'_>, position: Option<&ErrorPosition>) -> usize {
    let Some(ErrorPosition::Original(position)) = position else { return statement.line };
    let before = usize::try_from(*position).unwrap_or(1).saturating_sub(1);
    statement.line + statement.text.chars().take(before).filter(|letter| *letter == '\n').count()
}

fn left(file: &MigrationFile) -> String {
    if file.in_transaction {
        "nothing of this migration is left; those before it are done".to_owned()
    } else {
        let version = file.version.as_str();
        format!(
            "it is not run in a transaction, so that part of it may be done: see what it left and put that right, then run outgrow migrations URL \
             --again {version}, or --applied {version} where you finished it by hand"
        )
    }
}

fn failure(file: &MigrationFile, line: usize, error: &Error) -> MigrationFailure {
    let action = if file.in_transaction {
        "Nothing of it is left; those before it are done. Mend it, and run `outgrow migrations` with the same URL: it goes on from there."
            .to_owned()
    } else {
        let left = left(file);
        format!("{}{}.", left.get(..1).unwrap_or_default().to_uppercase(), left.get(1..).unwrap_or_default())
    };
    MigrationFailure { name: file.name.clone(), line: u64::try_from(line).unwrap_or(u64::MAX), message: error.detail().to_owned(), action }
}
