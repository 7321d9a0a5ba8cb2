//! What becomes of the rows that foreign keys leave without a parent, where somebody decided it.
//!
//! The same source under the same plan has the same answer, so that load and comparison each find it out for themselves.
//! The keys of the rows concerned are kept in a temporary SQLite database, so that memory does not grow with their number;
//! each thread that asks has a connection of its own to it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef as SqlValue;
use rusqlite::{Connection, OpenFlags, params};
use tempfile::TempDir;

use super::fault::fault;
use super::foreign_key::same_key;
use super::reader::SourceReader;
use super::scan::{ScannedRow, visit_rows};
use crate::catalog::{LinkedTable, OrphanFate, OrphanKey, quoted};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{RowFate, RowKey, ValueRef};

/// Stands in the place of a key's number for a row that is held out.
const HELD_OUT: i64 = -1;

/// The SQL function that tells whether a row is held out; only our own statements may call it.
const IS_HELD_OUT: &str = "outgrow_is_held_out";

/// What became known of a row: its table's place in the list, the place of the key that leads nowhere (none when it is
/// known to be held out), and its name.
pub type Observed<'a> = dyn FnMut(usize, Option<usize>, &dyn Fn() -> RowKey) + 'a;

/// Is told of an orphan: the bytes that stand for its name, its name, and who wants to know.
type Visit<'a> = dyn FnMut(&[u8], &dyn Fn() -> RowKey, &mut Observed<'_>) -> Result<()> + 'a;

/// The fates of all rows that don't just come across.
#[derive(Debug, Default)]
pub struct RowFates {
    directory: Option<TempDir>,
    /// By the table's name: its number in the database, and for each of its keys whether it makes NULLs.
    tables: BTreeMap<String, (i64, Vec<bool>)>,
}

/// The fates of the rows of one table.
#[derive(Debug, Default)]
pub struct TableFates {
    lookup: Option<(Connection, i64, Vec<bool>)>,
}

impl RowFates {
    /// The fates of a table's rows, for one thread.
    pub fn of(&self, table: &str) -> Result<TableFates> {
        let (Some(directory), Some((number, nulling))) = (&self.directory, self.tables.get(table)) else {
            return Ok(TableFates::default());
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file(directory.path()), flags).map_err(failed)?;
        Ok(TableFates { lookup: Some((connection, *number, nulling.clone())) })
    }
}

impl TableFates {
    /// Whether every row of the table comes across.
    pub fn all_kept(&self) -> bool {
        self.lookup.is_none()
    }

    /// The fate of a row; `key` are the places of the values that name it.
    pub fn of(&self, row: &ScannedRow<'_>, key: &[usize]) -> Result<RowFate> {
        if self.lookup.is_none() {
            return Ok(RowFate::Kept);
        }
        self.of_named(key.iter().map(|index| row.value(*index)))
    }

    /// The fate of the row that these values name.
    pub(super) fn of_named<'a>(&self, name: impl Iterator<Item = ValueRef<'a>>) -> Result<RowFate> {
        let Some((connection, number, nulling)) = &self.lookup else { return Ok(RowFate::Kept) };
        let name = handle(name);
        let mut statement = connection.prepare_cached("select key from fate where space = ?1 and row = ?2 order by key").map_err(failed)?;
        let mut found = statement.query(params![number, name]).map_err(failed)?;
        let mut nulled = Vec::new();
        while let Some(row) = found.next().map_err(failed)? {
            let key: i64 = row.get(0).map_err(failed)?;
            if key == HELD_OUT {
                return Ok(RowFate::HeldOut);
            }
            nulled.extend(usize::try_from(key).ok().filter(|key| nulling.get(*key) == Some(&true)));
        }
        Ok(if nulled.is_empty() { RowFate::Kept } else { RowFate::Nulled(nulled) })
    }
}

impl SourceReader {
    /// Finds the fates of all rows of these tables. `observe` hears of each row once for each of its keys that leads
    /// nowhere, and once more when it is held out.
    ///
    /// A row is held out when one of the keys that hold rows out leads to no row, or to one that is held out itself. The
    /// other keys are looked at when this is settled, and only for the rows that come across.
    pub fn row_fates(&self, tables: &[LinkedTable], observe: &mut Observed<'_>) -> Result<RowFates> {
        if tables.iter().flat_map(|table| &table.keys).all(|key| key.fate == OrphanFate::Stay) {
            return Ok(RowFates::default());
        }
        let directory = tempfile::Builder::new().prefix("outgrow-fates-").tempdir().map_err(|error| not_kept().because(error))?;
        let kept = Arc::new(Mutex::new(Connection::open(file(directory.path())).map_err(failed)?));
        lock(&kept)
            .execute_batch(
                "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32768;
                 create table fate(space integer, row blob, key integer, primary key(space, row, key)) without rowid; begin",
            )
            .map_err(failed)?;
        self.provide(&kept)?;
        let mut search = Search { reader: self, tables, kept: &kept, any_held_out: vec![false; tables.len()], observe };
        let settled = search.settle();
        self.connection().remove_function(IS_HELD_OUT, -1).map_err(|error| fault("forget which rows are held out", error))?;
        settled?;
        lock(&kept).execute_batch("commit").map_err(failed)?;
        let concerned = |number: &i64| -> Result<bool> {
            let sql = "select exists(select 1 from fate where space = ?1)";
            lock(&kept).query_row(sql, [number], |row| row.get(0)).map_err(failed)
        };
        let mut found = BTreeMap::new();
        for (number, table) in (0..).zip(tables) {
            if concerned(&number)? {
                let nulling = table.keys.iter().map(|key| matches!(key.fate, OrphanFate::Null { .. })).collect();
                found.insert(table.name.clone(), (number, nulling));
            }
        }
        Ok(RowFates { directory: Some(directory), tables: found })
    }

    fn provide(&self, kept: &Arc<Mutex<Connection>>) -> Result<()> {
        let kept = Arc::clone(kept);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        self.connection()
            .create_scalar_function(IS_HELD_OUT, -1, flags, move |context| {
                let space: i64 = context.get(0)?;
                let name = handle((1..context.len()).map(|index| value(context.get_raw(index))));
                is_held_out(&lock(&kept), space, &name)
            })
            .map_err(|error| fault("provide the rows that are held out", error))
    }
}

struct Search<'a, 'o> {
    reader: &'a SourceReader,
    tables: &'a [LinkedTable],
    kept: &'a Arc<Mutex<Connection>>,
    /// Whether rows of a table are held out by now: where none are, nobody has to ask row by row.
    any_held_out: Vec<bool>,
    observe: &'a mut Observed<'o>,
}

impl Search<'_, '_> {
    fn settle(&mut self) -> Result<()> {
        // Tables that got rows held out in the round before; all of them in the first.
        let mut fresh: Vec<bool> = vec![true; self.tables.len()];
        let mut first = true;
        while fresh.contains(&true) {
            let mut next = vec![false; self.tables.len()];
            for (number, table) in self.tables.iter().enumerate() {
                for (place, key) in table.keys.iter().enumerate().filter(|(_, key)| key.fate == OrphanFate::HeldOut) {
                    let parent = self.place_of(&key.parent);
                    if (first || parent.and_then(|parent| fresh.get(parent)) == Some(&true))
                        && self.hold_out(number, place)?
                        && let Some(next) = next.get_mut(number)
                    {
                        *next = true;
                        self.any_held_out.get_mut(number).into_iter().for_each(|any| *any = true);
                    }
                }
            }
            (fresh, first) = (next, false);
        }
        for (number, table) in self.tables.iter().enumerate() {
            for (place, _) in table.keys.iter().enumerate().filter(|(_, key)| key.fate != OrphanFate::HeldOut) {
                self.look(number, place)?;
            }
        }
        Ok(())
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Holds out the orphans of a key; tells whether there are any that were not held out before.
    fn hold_out(&mut self, number: usize, place: usize) -> Result<bool> {
        let space = i64::try_from(number).unwrap_or(i64::MAX);
        let mut any = false;
        let kept = Arc::clone(self.kept);
        self.orphans(number, place, &mut |name, row_key, observe| {
            if note(&lock(&kept), space, name, i64::try_from(place).unwrap_or(i64::MAX))? {
                observe(number, Some(place), row_key);
            }
            if note(&lock(&kept), space, name, HELD_OUT)? {
                any = true;
                observe(number, None, row_key);
            }
            Ok(())
        })?;
        Ok(any)
    }

    /// Notes the orphans of a key among the rows that come across.
    fn look(&mut self, number: usize, place: usize) -> Result<()> {
        let space = i64::try_from(number).unwrap_or(i64::MAX);
        let kept = Arc::clone(self.kept);
        self.orphans(number, place, &mut |name, row_key, observe| {
            let noted = !is_held_out(&lock(&kept), space, name).map_err(failed)?
                && note(&lock(&kept), space, name, i64::try_from(place).unwrap_or(i64::MAX))?;
            if noted {
                observe(number, Some(place), row_key);
            }
            Ok(())
        })
    }

    /// Visits the rows whose parent by a key is not there, or held out.
    fn orphans(&mut self, number: usize, place: usize, visit: &mut Visit<'_>) -> Result<()> {
        let Some(table) = self.tables.get(number) else { return Ok(()) };
        let Some(sql) = table.keys.get(place).and_then(|key| self.statement(table, key)) else { return Ok(()) };
        let doing = format!("look for rows of {} without a parent", quoted(&table.name));
        let len = table.identity_columns().len();
        let observe = &mut *self.observe;
        visit_rows(self.reader.connection(), &sql, None, &doing, &mut |row| {
            let name = handle((0..len).map(|index| row.value(index)));
            visit(&name, &|| RowKey::of(&(0..len).map(|index| row.value(index)).collect::<Vec<_>>()), observe)?;
            Ok(ControlFlow::Continue(()))
        })
        .map(drop)
    }

    /// The query for a key's orphans: their names. None where nothing names them, or the parent is not known.
    fn statement(&self, table: &LinkedTable, key: &OrphanKey) -> Option<String> {
        let parent_number = self.place_of(&key.parent)?;
        let parent = self.tables.get(parent_number)?;
        let same = same_key(&key.columns)?;
        let names = |alias: &str, table: &LinkedTable| {
            table.identity_columns().iter().map(|column| format!("{alias}.{}", quoted(column))).collect::<Vec<_>>().join(", ")
        };
        let set: Vec<_> = key.columns.iter().map(|column| format!("c.{} is not null", quoted(&column.child))).collect();
        let moved = |rows: &Option<String>| rows.as_ref().map(|rows| format!(" and ({rows}\n)")).unwrap_or_default();
        let held_out = if self.any_held_out.get(parent_number) == Some(&true) {
            format!(" and not {IS_HELD_OUT}({parent_number}, {})", names("p", parent))
        } else {
            String::new()
        };
        let named = names("c", table);
        (!named.is_empty()).then(|| {
            format!(
                "select {named} from main.{} as c where {}{} and not exists (select 1 from main.{} as p where {same}{}{held_out})",
                quoted(&table.name),
                set.join(" and "),
                moved(&table.rows),
                quoted(&parent.name),
                moved(&parent.rows),
            )
        })
    }
}

fn file(directory: &Path) -> PathBuf {
    directory.join("fates.sqlite")
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a row; tells whether it was not noted before.
fn note(connection: &Connection, space: i64, name: &[u8], key: i64) -> Result<bool> {
    let mut statement = connection.prepare_cached("insert or ignore into fate values(?1, ?2, ?3)").map_err(failed)?;
    statement.execute(params![space, name, key]).map(|changed| changed > 0).map_err(failed)
}

fn is_held_out(connection: &Connection, space: i64, name: &[u8]) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached("select exists(select 1 from fate where space = ?1 and row = ?2 and key = ?3)")?;
    statement.query_row(params![space, name, HELD_OUT], |row| row.get(0))
}

/// The values that name a row, so that different rows have different bytes.
fn handle<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        value.append_to(&mut bytes);
    }
    bytes
}

pub(super) fn value(value: SqlValue<'_>) -> ValueRef<'_> {
    match value {
        SqlValue::Null => ValueRef::Null,
        SqlValue::Integer(number) => ValueRef::Integer(number),
        SqlValue::Real(number) => ValueRef::Real(number),
        SqlValue::Text(bytes) => ValueRef::Text(bytes),
        SqlValue::Blob(bytes) => ValueRef::Blob(bytes),
    }
}

fn failed(error: rusqlite::Error) -> Error {
    not_kept().because(error)
}

fn not_kept() -> Error {
    Error::new(ErrorKind::WorkDirectory, "look for rows without a parent", "the temporary database of their keys can't be kept")
}
