//! Reading the rows of a table.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, params};

use super::fault::fault;
use super::reader::SourceReader;
use crate::catalog::quoted;
use crate::error::Result;
use crate::value::ValueRef;

/// What to read of a table.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns, in the order in which the row has them; the rowid's access name is one too.
    pub columns: &'a [String],
    /// The rows: a condition over the table's columns by their bare names; none for all of them.
    pub rows: Option<&'a str>,
    /// A part of the rows, by their rowids; none for all of them.
    pub within: Option<Rowids<'a>>,
    /// The order of the rows.
    pub order: ScanOrder<'a>,
    /// How many rows to leave out at the beginning.
    pub skip: u64,
}

/// A range of rowids, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rowids<'a> {
    /// A name by which the table gives them.
    pub name: &'a str,
    /// The least.
    pub first: i64,
    /// The greatest.
    pub last: i64,
}

/// The order in which rows are read.
#[derive(Debug, Clone, Copy)]
pub enum ScanOrder<'a> {
    /// As the table's b-tree has them: by rowid, or by primary key in a WITHOUT ROWID table. Always the same.
    Storage,
    /// Ascending by these columns, NULLs first, texts compared byte for byte (`BINARY`) whatever the column declares.
    By(&'a [String]),
}

/// One row, valid until the next.
#[derive(Debug)]
pub struct ScannedRow<'r> {
    row: &'r Row<'r>,
    len: usize,
}

impl<'r> ScannedRow<'r> {
    pub(super) fn new(row: &'r Row<'r>, len: usize) -> Self {
        Self { row, len }
    }

    /// The value of the column at this position of [`Scan::columns`].
    ///
    /// # Panics
    ///
    /// When there is no such position, as a slice does.
    pub fn value(&self, index: usize) -> ValueRef<'_> {
        match self.row.get_ref(index).expect("the position is below the row's length") {
            rusqlite::types::ValueRef::Null => ValueRef::Null,
            rusqlite::types::ValueRef::Integer(number) => ValueRef::Integer(number),
            rusqlite::types::ValueRef::Real(number) => ValueRef::Real(number),
            rusqlite::types::ValueRef::Text(bytes) => ValueRef::Text(bytes),
            rusqlite::types::ValueRef::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }

    /// How many values the row has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the row has no values.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl SourceReader {
    /// Visits the rows of a table until the visitor breaks; tells how many it visited.
    pub fn scan(&self, scan: &Scan<'_>, visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>) -> Result<u64> {
        let doing = format!("read the rows of {}", quoted(scan.table));
        let skip = i64::try_from(scan.skip).unwrap_or(i64::MAX);
        let sql = statement(scan, &self.storage_order(scan.table)?, "");
        visit_rows(self.connection(), &sql, Some(skip), &doing, visit).map_err(|error| self.judged(error))
    }

    /// Visits the rows as [`Self::scan`] does, with each of the columns followed, after all of them, by the bytes of its
    /// text as the file stores them, in the file's own encoding; NULL where the value is no text.
    pub fn scan_stored_texts(&self, scan: &Scan<'_>, visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>) -> Result<u64> {
        let doing = format!("read the stored texts of {}", quoted(scan.table));
        let skip = i64::try_from(scan.skip).unwrap_or(i64::MAX);
        let stored = scan.columns.iter().map(|column| {
            let column = format!("s.{}", quoted(column));
            format!(", case typeof({column}) when 'text' then cast({column} as blob) end")
        });
        let sql = statement(scan, &self.storage_order(scan.table)?, &stored.collect::<String>());
        visit_rows(self.connection(), &sql, Some(skip), &doing, visit).map_err(|error| self.judged(error))
    }

    /// Whether SQLite can read these columns of a table; if not, why (a generated column that calls a function of the
    /// application's own, for example). Reads no row.
    pub fn unreadable(&self, table: &str, columns: &[String]) -> Option<String> {
        let scan = Scan { table, columns, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
        let order = self.storage_order(table).unwrap_or_default();
        self.connection().prepare(&statement(&scan, &order, "")).err().map(|error| super::fault::message(&error))
    }

    /// The order of a WITHOUT ROWID table's b-tree, in which `not indexed` alone does not keep SQLite; empty for others.
    fn storage_order(&self, table: &str) -> Result<Vec<String>> {
        let mut terms = Vec::new();
        if self.is_without_rowid(table)? {
            let parts = super::table::primary_key_parts(self.connection(), table)?;
            terms.extend(parts.into_iter().filter_map(|part| {
                let direction = if part.descending { "desc" } else { "asc" };
                Some(format!("s.{} collate {} {direction}", quoted(&part.column?), quoted(&part.collation)))
            }));
        }
        Ok(terms)
    }
}

/// The query of a scan; `further` follows its columns. Every name is qualified, because SQLite takes an unknown name in double quotes for a string.
fn statement(scan: &Scan<'_>, storage_order: &[String], further: &str) -> String {
    let list = |columns: &[String], suffix: &str| {
        columns.iter().map(|column| format!("s.{}{suffix}", quoted(column))).collect::<Vec<_>>().join(", ")
    };
    let columns = if scan.columns.is_empty() { "null".to_owned() } else { list(scan.columns, "") };
    let table = quoted(scan.table);
    let within = scan.within.map(|Rowids { name, first, last }| format!("s.{} between {first} and {last}", quoted(name)));
    let rows = filter(&[scan.rows.map(|condition| format!("({condition}\n)")), within]);
    match scan.order {
        // Without an index there is only the table's own b-tree to walk through; SQLite would else prefer a covering index.
        ScanOrder::Storage | ScanOrder::By([]) => {
            let order = if storage_order.is_empty() { String::new() } else { format!("order by {}", storage_order.join(", ")) };
            format!("select {columns}{further} from main.{table} as s not indexed {rows} {order} limit -1 offset ?1")
        }
        ScanOrder::By(keys) => {
            let keys = list(keys, " collate binary asc nulls first");
            format!("select {columns}{further} from main.{table} as s {rows} order by {keys} limit -1 offset ?1")
        }
    }
}

/// The WHERE clause of what holds of the rows; the line break behind a condition ends a comment that it may end with.
fn filter(conditions: &[Option<String>]) -> String {
    let all: Vec<&str> = conditions.iter().flatten().map(String::as_str).collect();
    if all.is_empty() { String::new() } else { format!("where {}", all.join(" and ")) }
}

/// Runs a query, with the one parameter that it may have, and visits its rows.
pub(super) fn visit_rows(
    connection: &Connection,
    sql: &str,
    parameter: Option<i64>,
    doing: &str,
    visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    let failed = |error| fault(doing, error);
    let mut statement = connection.prepare(sql).map_err(failed)?;
    let len = statement.column_count();
    let mut rows = match parameter {
        Some(parameter) => statement.query(params![parameter]).map_err(failed)?,
        None => statement.query([]).map_err(failed)?,
    };
    let mut visited = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        visited += 1;
        if visit(&ScannedRow::new(row, len))?.is_break() {
            break;
        }
    }
    Ok(visited)
}
