//! What changed in a table whose rows are named by a key on both sides.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::digest::digest;
use super::run::{Found, Side};
use super::subject::{Cell, Subject};
use super::target_rows::TargetRows;
use super::writer::{SourceRow, TargetRow, Writer};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::sqlite::{Scan, ScanOrder, ScannedRow};
use crate::value::{RowFate, RowKey, Value, ValueRef};
use crate::verify::in_order;

/// Goes through the rows that may be new, and, where rows went, through the keys of both sides.
pub(super) fn compare(side: &Side<'_>, subject: &Subject<'_>, key: &[usize], found: Found, writer: &mut Writer<'_>) -> Result<()> {
    let kept = if found.newer == 0 { 0 } else { changed(side, subject, key, writer)? };
    let gone = subject.before.saturating_sub(found.rows.saturating_sub(found.newer)).saturating_sub(kept);
    if gone == 0 {
        return Ok(());
    }
    if !writer.writes() {
        writer.changes.deleted = gone;
        return Ok(());
    }
    if subject.is_ordered() { gone_in_order(side, subject, key, writer) } else { gone_by_digest(side, subject, key, writer) }
}

/// What there is to know of the source's row of a key.
struct Match {
    /// Whether the row came across with the load.
    moved: bool,
    changed: Vec<usize>,
    row: Option<SourceRow>,
}

/// Lays each row that may be new beside the source's row of its key. Gives how many of those came across with the load.
fn changed(side: &Side<'_>, subject: &Subject<'_>, key: &[usize], writer: &mut Writer<'_>) -> Result<u64> {
    let rows_where = subject.table.rows_where.as_deref();
    let mut look_up = side.reader.look_up(&subject.table.source, &subject.read, key, rows_where)?;
    let reading = subject.reading(subject.newer());
    let mut rows = TargetRows::of(side.session, &reading.query, reading.fields, &format!("read {}", subject.table.target))?;
    let mut kept = 0;
    while rows.advance()? {
        let cells = subject.take(&reading, &rows);
        let values = key_of(&cells, key);
        let row = TargetRow { cells: &cells, reading: &reading, rows: &rows, name: name(&cells, key) };
        let mut found: Option<Match> = None;
        if let Some(values) = &values {
            look_up.visit(values, &mut |there| {
                found = Some(matched(side, subject, &cells, there, writer.writes())?);
                Ok(())
            })?;
        }
        match found {
            None => writer.inserted(&row)?,
            Some(Match { moved, changed, row: source }) => {
                writer.came(&row)?;
                kept += u64::from(moved);
                match (moved, changed.is_empty()) {
                    (true, true) => continue,
                    (true, false) => writer.changes.updated += 1,
                    // The source has a row of this key that did not come across; the new one takes its place.
                    (false, _) => writer.changes.inserted += 1,
                }
                if let Some(source) = source.filter(|_| !changed.is_empty()) {
                    writer.updated(&row, &changed, &source, key)?;
                }
            }
        }
    }
    Ok(kept)
}

fn matched(side: &Side<'_>, subject: &Subject<'_>, cells: &[Cell], there: &ScannedRow<'_>, copy: bool) -> Result<Match> {
    let in_plan = subject.table.rows_where.is_none() || there.value(subject.read.len()) == ValueRef::Integer(1);
    let fate = side.fates.of(there, &subject.name)?;
    let moved = in_plan && fate != RowFate::HeldOut;
    let changed = subject.changed(cells, there, moved.then_some(&fate));
    let row = (copy && !changed.is_empty()).then(|| SourceRow::of(there, subject.read.len()));
    Ok(Match { moved, changed, row })
}

/// The key of a row of the target; none where no row of SQLite's can have it.
fn key_of(cells: &[Cell], key: &[usize]) -> Option<Vec<Value>> {
    let value = |place: &usize| match cells.get(*place) {
        Some(Cell::Value(value)) => Some(value.clone()),
        Some(Cell::Lost | Cell::Unfit) | None => None,
    };
    key.iter().map(value).collect()
}

fn name(cells: &[Cell], key: &[usize]) -> RowKey {
    let values = key.iter().map(|place| match cells.get(*place) {
        Some(Cell::Value(value)) => value.as_ref(),
        Some(Cell::Lost | Cell::Unfit) | None => ValueRef::Null,
    });
    RowKey::of(&values.collect::<Vec<_>>())
}

/// The keys of all rows of the target, taken back.
struct Keys<'s> {
    rows: TargetRows,
    subject: &'s Subject<'s>,
    key: &'s [usize],
}

impl<'s> Keys<'s> {
    fn of(side: &Side<'_>, subject: &'s Subject<'s>, key: &'s [usize], order: &str) -> Result<Self> {
        let columns: Vec<String> =
            key.iter().filter_map(|place| subject.table.columns.get(*place)).map(|column| quoted(&column.target)).collect();
        let query = format!("select {} from {}{order}", columns.join(", "), subject.place());
        let rows = TargetRows::of(side.session, &query, key.len(), &format!("read the keys of {}", subject.table.target))?;
        Ok(Self { rows, subject, key })
    }

    /// The next key; none behind the last. One that no row of the source can have is passed by.
    fn next(&mut self) -> Result<Option<Vec<Value>>> {
        while self.rows.advance()? {
            let mut scratch = Vec::new();
            let values = self.key.iter().enumerate().map(|(field, place)| {
                let column = self.subject.table.columns.get(*place)?;
                column.decode(self.rows.field(field), &mut scratch).ok().map(ValueRef::to_owned)
            });
            if let Some(values) = values.collect::<Option<Vec<_>>>() {
                return Ok(Some(values));
            }
        }
        Ok(None)
    }
}

/// Both sides come in the order of the key, and are laid beside each other.
fn gone_in_order(side: &Side<'_>, subject: &Subject<'_>, key: &[usize], writer: &mut Writer<'_>) -> Result<()> {
    let terms = key.iter().filter_map(|place| subject.table.columns.get(*place)).map(|column| {
        let collation = if column.pg_type().collates() { " collate \"C\"" } else { "" };
        format!("{}{collation} nulls first", quoted(&column.target))
    });
    let order = format!(" order by {}", terms.collect::<Vec<_>>().join(", "));
    let mut keys = Keys::of(side, subject, key, &order)?;
    let columns = subject.names(key);
    let mut at = keys.next()?;
    each_kept(side, subject, ScanOrder::By(&columns), &mut |row| {
        let is_there = loop {
            let Some(there) = &at else { break false };
            let parts = key.iter().zip(there).map(|(place, there)| in_order(row.value(*place), there.as_ref()));
            match parts.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal) {
                Ordering::Less => break false,
                Ordering::Equal => break true,
                Ordering::Greater => at = keys.next()?,
            }
        };
        if is_there { Ok(()) } else { went(subject, row, key, writer) }
    })
}

/// The keys of the target are noted in a temporary SQLite database, which moves from memory to disk by itself.
fn gone_by_digest(side: &Side<'_>, subject: &Subject<'_>, key: &[usize], writer: &mut Writer<'_>) -> Result<()> {
    let noted = Connection::open("").map_err(failed)?;
    noted
        .execute_batch(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32768;
             create table noted(digest blob primary key) without rowid; begin",
        )
        .map_err(failed)?;
    let mut note = noted.prepare("insert or ignore into noted values(?)").map_err(failed)?;
    let mut keys = Keys::of(side, subject, key, "")?;
    let mut buffer = Vec::new();
    while let Some(values) = keys.next()? {
        note.execute([digest(values.iter().map(Value::as_ref), &mut buffer)]).map_err(failed)?;
    }
    let mut is_there = noted.prepare("select exists(select 1 from noted where digest = ?)").map_err(failed)?;
    each_kept(side, subject, ScanOrder::Storage, &mut |row| {
        let digest = digest(key.iter().map(|place| row.value(*place)), &mut buffer);
        let there: bool = is_there.query_row(params![digest], |row| row.get(0)).map_err(failed)?;
        if there { Ok(()) } else { went(subject, row, key, writer) }
    })
}

/// Visits the rows of the source that came across.
fn each_kept(
    side: &Side<'_>,
    subject: &Subject<'_>,
    order: ScanOrder<'_>,
    visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<()>,
) -> Result<()> {
    let rows = subject.table.rows_where.as_deref();
    let scan = Scan { table: &subject.table.source, columns: &subject.read, rows, within: None, order, skip: 0 };
    side.reader
        .scan(&scan, &mut |row| {
            if side.fates.of(row, &subject.name)? != RowFate::HeldOut {
                visit(row)?;
            }
            Ok(ControlFlow::Continue(()))
        })
        .map(drop)
}

fn went(subject: &Subject<'_>, row: &ScannedRow<'_>, key: &[usize], writer: &mut Writer<'_>) -> Result<()> {
    let values: Vec<Value> = key.iter().map(|place| row.value(*place).to_owned()).collect();
    let name = RowKey::of(&values.iter().map(Value::as_ref).collect::<Vec<_>>());
    writer.deleted(&subject.names(key), &values, &name)
}

/// Whether the keys of the source come across as they are, so that one that comes back names its row.
pub(super) fn comes_back(side: &Side<'_>, subject: &Subject<'_>, key: &[usize]) -> Result<bool> {
    let columns = subject.names(key);
    let rows = subject.table.rows_where.as_deref();
    let scan = Scan { table: &subject.table.source, columns: &columns, rows, within: None, order: ScanOrder::Storage, skip: 0 };
    let (mut exact, mut scratch) = (true, Vec::new());
    side.reader.scan(&scan, &mut |row| {
        exact &= key.iter().enumerate().all(|(at, place)| {
            let Some(column) = subject.table.columns.get(*place) else { return false };
            column.settle(row.value(at), &mut scratch).value == row.value(at)
        });
        Ok(if exact { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(exact)
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, "look for rows that went", "the temporary database of keys can't be kept").because(error)
}
