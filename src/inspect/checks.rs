//! Rows that break a CHECK of their own table.
//!
//! SQLite lets them in under `PRAGMA ignore_check_constraints` and when a check is added to a table that has rows.

use std::ops::ControlFlow;

use crate::catalog::{RowIdentity, Table};
use crate::dialect::read_table;
use crate::error::Result;
use crate::sqlite::{Checked, SourceReader};
use crate::value::{BrokenCheck, Evidence, RowKey};

/// Evaluates every check of a table on every row; gives those that some rows break.
///
/// A table whose text our grammar does not read has no checks for the planner either. A check that SQLite can't
/// evaluate here (it calls a function of the application) is none that PostgreSQL could get.
pub(super) fn find(reader: &SourceReader, table: &Table) -> Result<Vec<BrokenCheck>> {
    let mut broken = Vec::new();
    let Ok(ddl) = read_table(&table.sql) else { return Ok(broken) };
    for (position, check) in ddl.checks.iter().enumerate() {
        let mut rows = Evidence::default();
        let checked = reader.rows_against(table, &check.source, &mut |row| {
            if table.identity() == RowIdentity::Position {
                rows.count += 1;
            } else {
                rows.add(&|| RowKey::of(&(0..row.len()).map(|index| row.value(index)).collect::<Vec<_>>()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if matches!(checked, Checked::Violations(_)) && rows.count > 0 {
            let (table, name, condition) = (table.name.clone(), check.name.clone(), check.source.clone());
            broken.push(BrokenCheck { table, check: position, name, condition, rows });
        }
    }
    Ok(broken)
}

/// Whether a table has checks that can be evaluated.
pub(super) fn has_some(table: &Table) -> bool {
    read_table(&table.sql).is_ok_and(|ddl| !ddl.checks.is_empty())
}
