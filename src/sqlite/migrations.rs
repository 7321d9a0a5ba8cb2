//! The applied migrations that a framework's ledger names.

use std::collections::BTreeSet;

use super::connection::{each_row, statement_of};
use super::reader::SourceReader;
use crate::catalog::{MigrationLedger, RowCounts, quoted};
use crate::error::Result;

/// More rows than any ledger of migrations has; a table of so many is something else.
const GREATEST: u32 = 100_000;

impl SourceReader {
    /// Reads which migrations were applied. The ledger's table and columns must exist. None where the table has more
    /// rows than any ledger.
    pub fn applied_migrations(&self, ledger: &MigrationLedger) -> Result<Option<BTreeSet<String>>> {
        let name: Vec<String> = ledger.name.iter().map(|column| format!("coalesce(cast({} as text), '')", quoted(column))).collect();
        let counts: Vec<String> = ledger.counts.iter().map(|counts| condition(*counts)).collect();
        let only = if counts.is_empty() { String::new() } else { format!(" where {}", counts.join(" and ")) };
        let sql = format!("select {} from main.{}{only} limit {}", name.join(" || ' ' || "), quoted(ledger.table), GREATEST + 1);
        let (mut applied, mut rows) = (BTreeSet::new(), 0);
        each_row(self.connection(), &sql, &format!("read the ledger of migrations {}", quoted(ledger.table)), &mut |row| {
            rows += 1;
            applied.extend(statement_of(row, 0));
            Ok(())
        })?;
        Ok((rows <= GREATEST).then_some(applied))
    }
}

fn condition(counts: RowCounts) -> String {
    let column = quoted(counts.column());
    match counts {
        RowCounts::IfTrue(_) => format!("lower({column}) in ('1', 'true', 't')"),
        RowCounts::IfFalse(_) => format!("lower({column}) in ('0', 'false', 'f')"),
        RowCounts::IfSet(_) => format!("{column} is not null"),
        RowCounts::IfUnset(_) => format!("{column} is null"),
    }
}
