//! Rows that break a CHECK constraint of their table.

use std::ops::ControlFlow;

use rusqlite::ErrorCode;

use super::fault::{code, fault, message};
use super::foreign_key::Checked;
use super::reader::SourceReader;
use super::scan::ScannedRow;
use crate::catalog::{RowIdentity, Table, quoted};
use crate::error::Result;

impl SourceReader {
    /// Visits the rows for which the condition of a CHECK constraint is false, with the values of their
    /// [`Table::identity`] (nothing for a position). `condition` is the constraint's own text.
    ///
    /// `integrity_check` says nothing of them where the file is read-only.
    pub fn rows_against(
        &self,
        table: &Table,
        condition: &str,
        visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<Checked> {
        let doing = format!("evaluate the checks of {}", quoted(&table.name));
        let name = quoted(&table.name);
        let identity = match table.identity() {
            RowIdentity::Columns(columns) => columns,
            RowIdentity::Rowid(access) => vec![access],
            RowIdentity::Position => Vec::new(),
        };
        let selected: Vec<String> = identity.iter().map(|column| format!("{name}.{}", quoted(column))).collect();
        let selected = if selected.is_empty() { "null".to_owned() } else { selected.join(", ") };
        // The line break ends a comment that the condition may end with.
        let sql = format!("select {selected} from main.{name} where not ({condition}\n)");
        let failed = |error: rusqlite::Error| match code(&error) {
            // A function that is not there, or one that does not take a value (`malformed JSON`).
            Some(ErrorCode::Unknown) => Ok(Checked::Impossible(message(&error))),
            Some(_) | None => Err(fault(&doing, error)),
        };
        let mut statement = match self.connection().prepare(&sql) {
            Ok(statement) => statement,
            Err(error) => return failed(error),
        };
        let mut rows = statement.raw_query();
        let mut broken = 0;
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    broken += 1;
                    if visit(&ScannedRow::new(row, identity.len()))?.is_break() {
                        return Ok(Checked::Violations(broken));
                    }
                }
                Ok(None) => return Ok(Checked::Violations(broken)),
                Err(error) => return failed(error),
            }
        }
    }
}
