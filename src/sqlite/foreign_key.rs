//! Rows that a foreign key leaves without parent, and the rows that hang on given rows.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::ErrorCode;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef as SqlValue;

use super::connection::{integer_of, name_of};
use super::fault::{code, fault, message};
use super::reader::SourceReader;
use super::scan::{ScannedRow, visit_rows};
use crate::catalog::{ForeignKey, ForeignKeyColumn, RowIdentity, RowidKind, Table, quoted};
use crate::error::Result;
use crate::value::ValueRef;

/// A row that violates a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The child's rowid; none in a WITHOUT ROWID table.
    pub rowid: Option<i64>,
    /// The parent table.
    pub parent: String,
    /// The foreign key's number ([`ForeignKey::id`]).
    pub foreign_key: i64,
}

/// What a check of foreign keys came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It was made; so many violations were visited.
    Violations(u64),
    /// SQLite can't make it, and says why: the parent's columns are no key, a collation is unknown …
    Impossible(String),
}

/// A row found through a foreign key.
#[derive(Debug)]
pub struct LinkedRow<'r> {
    row: &'r ScannedRow<'r>,
    identity: usize,
    handle: usize,
}

impl LinkedRow<'_> {
    /// The values of the table's [`Table::identity`]; empty for a position.
    pub fn identity(&self) -> Vec<ValueRef<'_>> {
        (0..self.identity).map(|index| self.row.value(index)).collect()
    }

    /// What tells the row from every other of its table; none where nothing does.
    pub fn handle(&self) -> Option<RowHandle> {
        (self.handle > 0).then(|| RowHandle::of((self.identity..self.identity + self.handle).map(|index| self.row.value(index))))
    }
}

/// What tells a row from every other of its table: its rowid, or its key in a WITHOUT ROWID table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowHandle(Vec<u8>);

impl RowHandle {
    fn of<'a>(values: impl IntoIterator<Item = ValueRef<'a>>) -> Self {
        let mut bytes = Vec::new();
        for value in values {
            value.append_to(&mut bytes);
        }
        Self(bytes)
    }
}

/// The SQL function that tells whether a row is in the set at hand; only our own statements may call it.
const IN_SET: &str = "outgrow_in_set";

impl SourceReader {
    /// Lets SQLite check the foreign keys of a table (`PRAGMA foreign_key_check`) and visits each violation.
    pub fn foreign_key_violations(&self, table: &str, visit: &mut dyn FnMut(&Violation) -> Result<ControlFlow<()>>) -> Result<Checked> {
        let doing = format!("check the foreign keys of {}", quoted(table));
        let sql = format!("pragma main.foreign_key_check({})", quoted(table));
        let mut statement = match self.connection().prepare(&sql) {
            Ok(statement) => statement,
            Err(error) => return impossible(&doing, error),
        };
        let mut rows = statement.raw_query();
        let mut violations = 0;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(Checked::Violations(violations)),
                Err(error) => return impossible(&doing, error),
            };
            violations += 1;
            let violation = Violation {
                rowid: match row.get_ref(1) {
                    Ok(SqlValue::Integer(rowid)) => Some(rowid),
                    Ok(SqlValue::Null | SqlValue::Real(_) | SqlValue::Text(_) | SqlValue::Blob(_)) | Err(_) => None,
                },
                parent: name_of(row, 2)?.unwrap_or_default(),
                foreign_key: integer_of(row, 3),
            };
            if visit(&violation)?.is_break() {
                return Ok(Checked::Violations(violations));
            }
        }
    }

    /// Whether it is certain that every row of `child` finds its parent by the foreign key `key`, over all rows of both.
    ///
    /// Where an index holds the child's columns, it is walked through in its order, so that the looks into the parent's key go forward
    /// too: SQLite's own check looks there in the order of the child's rows, and so all over the file.
    pub fn has_all_parents(&self, child: &Table, key: &ForeignKey, parent: &Table) -> bool {
        let Some(same) = same_key(&key.columns) else { return false };
        let set: Vec<_> = key.columns.iter().map(|column| format!("c.{} is not null", quoted(&column.child))).collect();
        let sql = format!(
            "select 1 from main.{} as c where {} and not exists (select 1 from main.{} as p where {same}) limit 1",
            quoted(&child.name),
            set.join(" and "),
            quoted(&parent.name)
        );
        // Why it can't be answered is told by who looks closer.
        self.connection().prepare(&sql).and_then(|mut statement| Ok(statement.raw_query().next()?.is_none())).unwrap_or(false)
    }

    /// Visits the rows of `child` that the foreign key `key` leaves without parent; `parent` is none when there is no
    /// such table.
    pub fn orphans(
        &self,
        child: &Table,
        key: &ForeignKey,
        parent: Option<&Table>,
        visit: &mut dyn FnMut(&LinkedRow<'_>) -> Result<()>,
    ) -> Result<Checked> {
        let set: Vec<_> = key.columns.iter().map(|column| format!("c.{} is not null", quoted(&column.child))).collect();
        let mut condition = set.join(" and ");
        if let Some(rows) = &child.rows {
            condition = format!("{condition} and ({rows}\n)");
        }
        if let Some(parent) = parent {
            let Some(same) = same_key(&key.columns) else { return Ok(no_parent_key(parent)) };
            let moved = parent.rows.as_ref().map(|rows| format!(" and ({rows}\n)")).unwrap_or_default();
            condition = format!("{condition} and not exists (select 1 from main.{} as p where {same}{moved})", quoted(&parent.name));
        }
        let sql = format!("select {} from main.{} as c where {condition}", selected(child), quoted(&child.name));
        self.linked_rows(child, &sql, visit)
    }

    /// Visits the rows of `child` whose parent by the foreign key `key` is one of `rows` of `parent`.
    pub fn dependents(
        &self,
        child: &Table,
        key: &ForeignKey,
        parent: &Table,
        rows: BTreeSet<RowHandle>,
        visit: &mut dyn FnMut(&LinkedRow<'_>) -> Result<()>,
    ) -> Result<Checked> {
        let handle = handle_columns(parent);
        let (Some(same), false) = (same_key(&key.columns), handle.is_empty()) else { return Ok(no_parent_key(parent)) };
        let handle: Vec<_> = handle.iter().map(|column| format!("p.{}", quoted(column))).collect();
        // CROSS JOIN keeps the order: one walk through the child, one look into the parent's key for each row.
        let sql = format!(
            "select {} from main.{} as c cross join main.{} as p where {same} and {IN_SET}({}){}",
            selected(child),
            quoted(&child.name),
            quoted(&parent.name),
            handle.join(", "),
            child.rows.as_ref().map(|rows| only(child, rows)).unwrap_or_default(),
        );
        self.provide_set(rows)?;
        let visited = self.linked_rows(child, &sql, visit);
        self.connection().remove_function(IN_SET, -1).map_err(|error| fault("forget a set of rows", error))?;
        visited
    }

    fn provide_set(&self, rows: BTreeSet<RowHandle>) -> Result<()> {
        let rows = Arc::new(Mutex::new(rows));
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
        self.connection()
            .create_scalar_function(IN_SET, -1, flags, move |context| {
                let handle = RowHandle::of((0..context.len()).map(|index| match context.get_raw(index) {
                    SqlValue::Null => ValueRef::Null,
                    SqlValue::Integer(number) => ValueRef::Integer(number),
                    SqlValue::Real(number) => ValueRef::Real(number),
                    SqlValue::Text(bytes) => ValueRef::Text(bytes),
                    SqlValue::Blob(bytes) => ValueRef::Blob(bytes),
                }));
                Ok(rows.lock().unwrap_or_else(PoisonError::into_inner).contains(&handle))
            })
            .map_err(|error| fault("provide a set of rows", error))
    }

    fn linked_rows(&self, child: &Table, sql: &str, visit: &mut dyn FnMut(&LinkedRow<'_>) -> Result<()>) -> Result<Checked> {
        let doing = format!("follow the foreign keys of {}", quoted(&child.name));
        // What SQLite can't prepare it can't run either; what fails later is damage.
        if let Err(error) = self.connection().prepare(sql) {
            return impossible(&doing, error);
        }
        let (identity, handle) = (identity_columns(child).len(), handle_columns(child).len());
        let visited = visit_rows(self.connection(), sql, None, &doing, &mut |row| {
            visit(&LinkedRow { row, identity, handle })?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Checked::Violations(visited))
    }
}

/// The further condition that a row of the child is one that is moved; in a query of its own, where bare names mean the
/// child's columns and not the parent's.
fn only(child: &Table, rows: &str) -> String {
    let columns: Vec<_> = child.columns.iter().map(|column| format!("c.{0} as {0}", quoted(&column.name))).collect();
    format!(" and exists (select 1 from (select {}) where ({rows}\n))", columns.join(", "))
}

/// The condition that child and parent agree. The unary plus takes the child's own affinity away, so that the parent's
/// is applied to its value, and the parent stands first, so that its collation counts: as SQLite enforces the key.
pub(super) fn same_key(columns: &[ForeignKeyColumn]) -> Option<String> {
    let pairs: Option<Vec<_>> =
        columns.iter().map(|column| Some(format!("p.{} = +c.{}", quoted(column.parent.as_ref()?), quoted(&column.child)))).collect();
    Some(pairs?.join(" and "))
}

fn no_parent_key(parent: &Table) -> Checked {
    Checked::Impossible(format!("the referenced columns are no key of {}", quoted(&parent.name)))
}

fn impossible(doing: &str, error: rusqlite::Error) -> Result<Checked> {
    match code(&error) {
        Some(ErrorCode::Unknown) => Ok(Checked::Impossible(message(&error))),
        Some(_) | None => Err(fault(doing, error)),
    }
}

fn selected(table: &Table) -> String {
    let columns: Vec<_> =
        identity_columns(table).iter().chain(&handle_columns(table)).map(|column| format!("c.{}", quoted(column))).collect();
    if columns.is_empty() { "null".to_owned() } else { columns.join(", ") }
}

fn identity_columns(table: &Table) -> Vec<String> {
    match table.identity() {
        RowIdentity::Columns(columns) => columns,
        RowIdentity::Rowid(access) => vec![access],
        RowIdentity::Position => Vec::new(),
    }
}

fn handle_columns(table: &Table) -> Vec<String> {
    match &table.rowid {
        RowidKind::Alias { column } => vec![column.clone()],
        RowidKind::Hidden { access } => access.iter().cloned().collect(),
        RowidKind::None => table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default(),
    }
}
