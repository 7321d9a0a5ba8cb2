//! Says which row of the source the server has refused.
//!
//! The server names the row of its COPY, or none. The same rows are read once more, in the same order, and the one that it
//! meant is named by its key; where it named none, the first and the last row that it can be. Never names a cell.

use std::ops::ControlFlow;
use std::path::Path;

use super::blocks::Span;
use super::reader::CHUNK_ROWS;
use crate::error::{Error, Result};
use crate::plan::{ScanColumns, TablePlan};
use crate::sqlite::{RowFates, Rowids, Scan, ScanOrder, SourceReader};
use crate::value::{RowFate, RowKey, ValueRef};

/// The rows of the source among which the refused one is: the first and the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRows {
    /// The first.
    pub first: RowKey,
    /// The last; the first once more, where it is known which one it is.
    pub last: RowKey,
}

/// What is known of the rows of a COPY that was refused and began with the first row of the table. `snapshot` is where they came from.
pub fn refused_rows(snapshot: &Path, fates: &RowFates, table: &TablePlan, error: &Error) -> Result<Option<RefusedRows>> {
    let first = if table.rowid.is_some() { i64::MIN } else { 1 };
    find(snapshot, fates, (table, Span { first, last: i64::MAX }), error.line())
}

/// The error, with the key of the row that it is about. The COPY's first row is the first of `span` that comes across.
pub(super) fn named(snapshot: &Path, fates: &RowFates, of: (&TablePlan, Span), error: Error) -> Error {
    // Whatever keeps the row from being found, the refusal is what has to be told.
    let Ok(Some(RefusedRows { first, last })) = find(snapshot, fates, of, error.line()) else { return error };
    let place = if first == last {
        format!("at the row of the source with the key {first}")
    } else {
        format!("at one of the rows of the source from the key {first} to {last}")
    };
    let bare =
        error.line().map_or_else(|| error.detail().to_owned(), |line| error.detail().replace(&format!(", at row {line} of this COPY"), ""));
    error.with_detail(format!("{bare}, {place}"))
}

fn find(snapshot: &Path, fates: &RowFates, (table, span): (&TablePlan, Span), line: Option<u64>) -> Result<Option<RefusedRows>> {
    let reader = SourceReader::open(snapshot)?;
    let fates = fates.of(&table.source)?;
    let ScanColumns { columns, key } = table.scan_columns();
    let within = table.rowid.as_ref().map(|name| Rowids { name, first: span.first, last: span.last });
    let before = if within.is_some() { 0 } else { span.first.saturating_sub(1) };
    let skip = u64::try_from(before).unwrap_or(0);
    // Read as the load reads it: the rows have to come in the same order.
    let scan = Scan { table: &table.source, columns: &columns, rows: table.rows_where.as_deref(), within, order: ScanOrder::Storage, skip };
    let (mut sent, mut place) = (0, before);
    let mut found: Option<RefusedRows> = None;
    reader.scan(&scan, &mut |row| {
        place += 1;
        if fates.of(row, &key)? == RowFate::HeldOut {
            return Ok(ControlFlow::Continue(()));
        }
        sent += 1;
        if line.is_none_or(|line| line == sent) {
            let name = if key.is_empty() {
                RowKey::of(&[ValueRef::Integer(place)])
            } else {
                RowKey::of(&key.iter().map(|index| row.value(*index)).collect::<Vec<_>>())
            };
            let first = found.take().map_or_else(|| name.clone(), |rows| rows.first);
            found = Some(RefusedRows { first, last: name });
        }
        Ok(if line == Some(sent) || sent >= CHUNK_ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    reader.finish()?;
    Ok(found)
}
