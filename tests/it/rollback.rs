//! The way back: what was written to PostgreSQL since the cutover, and what becomes of the target.

mod changes;
mod target;

use std::path::{Path, PathBuf};

use outgrow::copy::Ledger;
use outgrow::plan::Plan;
use outgrow::rollback::{ChangeSet, Changes, Mark, TableChanges};

use crate::fixture::{Database, in_own_runtime};
use crate::program::Program;
use crate::target::moved;

/// The plan by which this target was loaded.
fn plan(database: &Database) -> Plan {
    in_own_runtime(async { Ledger::last_plan(&database.session().await, "").await.unwrap().unwrap() })
}

/// Loads a source, and marks the moment.
fn cut_over(program: &Program, source: &Path, database: &Database) -> (Plan, Mark) {
    moved(program, source, database);
    (plan(database), mark(database))
}

/// Marks the moment.
fn mark(database: &Database) -> Mark {
    in_own_runtime(async { Mark::take(&database.session().await, "public").await.unwrap() })
}

fn count(database: &Database, plan: &Plan, mark: &Mark, source: &Path) -> Changes {
    in_own_runtime(async { outgrow::rollback::count(&mut database.session().await, plan, mark, source).await.unwrap() })
}

fn export(database: &Database, plan: &Plan, mark: &Mark, source: &Path, directory: &Path) -> ChangeSet {
    in_own_runtime(async { outgrow::rollback::export(&mut database.session().await, plan, mark, source, directory).await.unwrap() })
}

/// Rows that came, changed and went in a table.
fn of(tables: &[TableChanges], name: &str) -> (u64, u64, u64) {
    let table = tables.iter().find(|table| table.table == name).unwrap();
    (table.inserted, table.updated, table.deleted)
}

/// A copy of the source with the changes in it.
fn brought_over(program: &Program, source: &Path, set: &ChangeSet) -> PathBuf {
    let copy = program.path("back.db");
    std::fs::copy(source, &copy).unwrap();
    outgrow::rollback::apply(set, &copy).unwrap();
    copy
}
