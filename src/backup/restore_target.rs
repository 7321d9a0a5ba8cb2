//! A backup of the target becomes a database again: all of it or, where anything fails, nothing.
//!
//! Never drops anything, and goes into an empty database unless told otherwise.

use std::path::Path;
use std::time::Instant;

use tokio::task::block_in_place;
use tokio_postgres::IsolationLevel;

use super::content::Content;
use super::manifest::Manifest;
use super::name::Side;
use super::report::{BackupFacts, RestoreReport};
use super::target::{Say, compared};
use super::{stream, trial};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::postgres::{Archiver, ConnectionSettings, DisposableOptions, RestoreManner, Session, failed};

/// What is to be restored, and where.
#[derive(Debug, Clone, Copy)]
pub struct RestoreTarget<'a> {
    /// The backup's file; its manifest lies beside it.
    pub backup: &'a Path,
    /// The database, which is there and empty.
    pub target: &'a ConnectionSettings,
    /// Where `pg_restore` may be.
    pub programs: &'a DisposableOptions,
    /// Whether it may hold something already.
    pub not_empty: bool,
    /// Whether objects get the owners and rights that they had.
    pub owners: bool,
    /// Whether the database is compared with the manifest afterwards.
    pub verify: bool,
}

/// Restores a backup of the target.
pub async fn restore_target(order: RestoreTarget<'_>, say: Say<'_>) -> Result<RestoreReport> {
    let began = Instant::now();
    let manifest = Manifest::beside(order.backup)?;
    let doing = format!("restore {} into {}", order.backup.display(), order.target.describe());
    if manifest.side != Side::Target {
        return Err(Error::new(ErrorKind::Usage, doing, "it is a backup of a SQLite database").hint("outgrow restore source … restores it"));
    }
    let read = |error: std::io::Error| Error::new(ErrorKind::BackupDamaged, &doing, format!("it can't be read ({error})"));
    let digest = block_in_place(|| stream::digest(order.backup)).map_err(read)?;
    if digest.sha256 != manifest.sha256 {
        let detail = "the backup is damaged: its SHA-256 is not that of its manifest; nothing was changed";
        return Err(Error::new(ErrorKind::BackupDamaged, doing, detail));
    }
    let archive = std::fs::canonicalize(order.backup).map_err(read)?;
    let archiver = block_in_place(|| Archiver::find(order.programs, manifest.program_major.unwrap_or_default()))?;
    let mut session = Session::connect(order.target).await?;
    if !order.not_empty {
        is_empty(&mut session, &doing).await?;
    }
    say(&format!("restoring it with pg_restore {}", archiver.version()));
    archiver.restore(&archive, order.target, RestoreManner::Whole { owners: order.owners }).await.map_err(|error| {
        let detail = format!("{}; the database is as it was", error.detail());
        let told = Error::new(error.kind(), error.doing(), detail);
        let is_of_a_role = order.owners && error.detail().contains("role \"");
        if is_of_a_role { told.hint("where roles of the old server are missing here: --no-owner") } else { told }
    })?;
    let compared_in = Instant::now();
    let verified = if order.verify {
        say("comparing what is there with what was backed up");
        Some(trial::noted(compared_in, compared(&mut session, &manifest, order.not_empty).await?))
    } else {
        None
    };
    Ok(RestoreReport {
        outcome: verified.as_ref().map_or(Outcome::Done, |test| test.verdict.outcome()),
        backup: BackupFacts::from(&manifest),
        to: order.target.describe(),
        put_aside: Vec::new(),
        verified,
        remarks: Vec::new(),
        seconds: began.elapsed().as_secs_f64(),
    })
}

async fn is_empty(session: &mut Session, doing: &str) -> Result<()> {
    let transaction =
        session.client_mut().build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await;
    let transaction = transaction.map_err(|error| failed(doing, error))?;
    let found = Content::objects(&transaction).await?;
    transaction.rollback().await.map_err(|error| failed(doing, error))?;
    let Some(first) = found.keys().next() else { return Ok(()) };
    let detail = format!("the database is not empty: it holds {} objects, such as the {first}; nothing was changed", found.len());
    Err(Error::new(ErrorKind::Unforeseen, doing, detail)
        .hint("make an empty one (createdb) and name it, or say --not-empty: nothing is dropped, and what is there already makes it fail"))
}
