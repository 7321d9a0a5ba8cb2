//! What becomes of the target when the application has gone back.
//!
//! Each way is one transaction: it is done wholly or not at all, and once it is done there is nothing left to do. Where outgrow made the
//! tables, they get another schema name, or are dropped, each by its name. Where the application's own migrations made them, the
//! tables of the plan are emptied. Nothing is taken away that the load did not bring and no change set holds.
//!
//! Never `CASCADE`; what depends on something and is not ours stops it, by name. Never sets a sequence back.

mod emptied;
mod loads;
mod made;
mod renamed;
mod unexported;

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::copy::Ledger;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{EventKind, Journal};
use crate::plan::TargetAfter;
use crate::postgres::{Session, failed};
use crate::rollback::ChangeSet;
use loads::Loads;

const DOING: &str = "clear the target";

/// How long to wait for others who hold the tables.
const PATIENCE: &str = "30s";

/// What became of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cleared {
    /// What was done.
    pub what: ClearedWhat,
    /// To what: the schemas with their new names, the objects that are gone, or the tables that are empty.
    pub names: Vec<String>,
    /// What stays, and why; one sentence each.
    pub left: Vec<String>,
}

/// What was done with the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClearedWhat {
    /// Nothing: it holds no load any more, or none yet.
    Nothing,
    /// Everything stays as it is.
    Kept,
    /// The schema and the ledger have other names, and the schema is there anew and empty.
    Renamed,
    /// What outgrow made is dropped.
    Dropped,
    /// The application's own tables are empty.
    Emptied,
}

impl ClearedWhat {
    /// In words.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Nothing => "there was nothing to clear away",
            Self::Kept => "all stays as it is",
            Self::Renamed => "set aside under another name",
            Self::Dropped => "dropped",
            Self::Emptied => "emptied",
        }
    }
}

/// Makes room in a schema of the target for another load, or leaves all as it is.
///
/// What the application wrote since the load goes with it, so that it has to be exported before: `exported` proves it, and nothing may
/// have been written behind it. Without it, every row must be as the load brought it.
pub async fn clear(
    session: &Session,
    schema: &str,
    after: TargetAfter,
    exported: Option<&ChangeSet>,
    journal: &Journal,
) -> Result<Cleared> {
    if after == TargetAfter::Keep {
        return Ok(Cleared { what: ClearedWhat::Kept, names: Vec::new(), left: Vec::new() });
    }
    Ledger::lock(session).await?;
    let Some(loads) = Loads::of(session, schema).await? else {
        return Ok(Cleared { what: ClearedWhat::Nothing, names: Vec::new(), left: Vec::new() });
    };
    let began = Instant::now();
    journal.note("clear", EventKind::Intent, None, &json!({ "schema": schema, "after": after, "plan": loads.last().id.as_str() }))?;
    run(session, &format!("begin; set local lock_timeout = '{PATIENCE}'; set local search_path = pg_catalog")).await?;
    let cleared = match (after, &loads.last().existing) {
        (TargetAfter::Rename, None) => renamed::rename(session, &loads).await,
        (TargetAfter::Rename, Some(_)) => Err(not_renamed(schema)),
        (TargetAfter::Drop, None) => made::drop_all(session, &loads, exported).await,
        (TargetAfter::Drop, Some(existing)) => emptied::empty(session, &loads, existing, exported).await,
        (TargetAfter::Keep, _) => Err(Error::bug(DOING, "there is nothing to do")),
    };
    let cleared = match cleared {
        Ok(cleared) => cleared,
        Err(error) => {
            // The first error is the one that is told.
            drop(run(session, "rollback").await);
            return Err(error);
        }
    };
    run(session, "commit").await?;
    let seconds = Some(began.elapsed().as_secs_f64());
    journal.note("clear", EventKind::Done, seconds, &json!({ "schema": schema, "what": cleared.what, "names": cleared.names }))?;
    Ok(cleared)
}

fn not_renamed(schema: &str) -> Error {
    let detail = format!(
        "the application's own migrations made the tables of the schema {schema}: with another name it would be lost to them, and \
         their books would speak of tables that are not there; nothing was changed"
    );
    Error::new(ErrorKind::TargetUnfit, DOING, detail).hint(
        "choose `target = \"drop\"`, which empties the tables of the load, or `keep`; or make a copy of the database with pg_dump first",
    )
}

/// Runs statements.
async fn run(session: &Session, sql: &str) -> Result<()> {
    session.client().batch_execute(sql).await.map_err(broken)
}

/// Runs something that others may refuse, and goes on without; tells whether it was done.
async fn tried(session: &Session, sql: &str) -> Result<bool> {
    run(session, "savepoint outgrow_tried").await?;
    match session.client().batch_execute(sql).await {
        Ok(()) => run(session, "release savepoint outgrow_tried").await.map(|()| true),
        Err(error) if error.as_db_error().is_some() => {
            run(session, "rollback to savepoint outgrow_tried; release savepoint outgrow_tried").await.map(|()| false)
        }
        Err(error) => Err(broken(error)),
    }
}

/// What the server says, with the names of what depends on what is to go: they stand in the error's detail, which holds names alone.
fn broken(error: tokio_postgres::Error) -> Error {
    let depends = error
        .as_db_error()
        .filter(|refusal| *refusal.code() == tokio_postgres::error::SqlState::DEPENDENT_OBJECTS_STILL_EXIST)
        .and_then(|refusal| refusal.detail())
        .map(|detail| detail.replace('\n', "; "));
    match depends {
        None => failed(DOING, error),
        Some(names) => Error::new(ErrorKind::TargetUnfit, DOING, format!("{names}; nothing was changed"))
            .hint("outgrow did not make these, and does not take them away: drop or move them, then run the same command again"),
    }
}
