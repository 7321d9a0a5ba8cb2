//! What changed in a table whose rows nothing names on both sides: as multisets of whole rows.
//!
//! A row that changed is one that went and one that came. The counts of the rows' digests live in a temporary SQLite database, which
//! moves from memory to disk by itself.

use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::digest::digest;
use super::report::Basis;
use super::run::{Found, Side};
use super::subject::{Cell, Subject};
use super::target_rows::TargetRows;
use super::writer::{TargetRow, Writer};
use crate::catalog::RowIdentity;
use crate::error::{Error, ErrorKind, Result};
use crate::sqlite::{Scan, ScanOrder, ScannedRow};
use crate::value::{RowFate, RowKey, Value, ValueRef};

const COUNT: &str = "insert into seen(digest, surplus) values(?1, ?2) on conflict do update set surplus = surplus + ?2";

/// Compares the rows of both sides. Where only counting is wanted, says what can be told without reading them.
pub(super) fn compare(side: &Side<'_>, subject: &Subject<'_>, found: Found, writer: &mut Writer<'_>) -> Result<()> {
    let old = found.rows.saturating_sub(found.newer);
    let gone = subject.before.saturating_sub(old);
    if gone == 0 && found.newer == 0 {
        return Ok(());
    }
    if !writer.writes() && subject.basis == Basis::Transactions {
        writer.changes.exact = false;
        writer.changes.inserted = found.newer;
        writer.changes.deleted = gone;
        return Ok(());
    }
    let multiset = Multiset { side, subject, seen: opened()? };
    multiset.count_source()?;
    multiset.count_target()?;
    let left_over = |sql: &str| multiset.seen.query_row(sql, [], |row| row.get::<_, bool>(0)).map_err(failed);
    if left_over("select exists(select 1 from seen where surplus < 0)")? {
        multiset.went(writer)?;
    }
    multiset.came(writer)
}

struct Multiset<'a> {
    side: &'a Side<'a>,
    subject: &'a Subject<'a>,
    seen: Connection,
}

fn opened() -> Result<Connection> {
    let seen = Connection::open("").map_err(failed)?;
    seen.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32768;
         create table seen(digest blob primary key, surplus integer not null) without rowid; begin",
    )
    .map_err(failed)?;
    Ok(seen)
}

impl Multiset<'_> {
    fn count_source(&self) -> Result<()> {
        let mut count = self.seen.prepare(COUNT).map_err(failed)?;
        self.each_kept(&mut |_, digest| count.execute(params![digest, -1]).map(drop).map_err(failed))
    }

    fn count_target(&self) -> Result<()> {
        let mut count = self.seen.prepare(COUNT).map_err(failed)?;
        let reading = self.subject.reading(None);
        let mut rows = TargetRows::of(self.side.session, &reading.query, reading.fields, &self.doing())?;
        let mut buffer = Vec::new();
        while rows.advance()? {
            if let Some(digest) = self.digest(&self.subject.take(&reading, &rows), &mut buffer) {
                count.execute(params![digest, 1]).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The source's rows that are not in the target any more. Of several that are the same, any will do.
    fn went(&self, writer: &mut Writer<'_>) -> Result<()> {
        let mut take = self.seen.prepare("update seen set surplus = surplus + 1 where digest = ? and surplus < 0").map_err(failed)?;
        let subject = self.subject;
        let names: Vec<usize> = match (&subject.table.identity, subject.rowid) {
            (_, Some(rowid)) => vec![rowid],
            (RowIdentity::Columns(_), None) => subject.name.clone(),
            (RowIdentity::Rowid(_) | RowIdentity::Position, None) => Vec::new(),
        };
        let columns = subject.names(&names);
        self.each_kept(&mut |row, digest| {
            if take.execute(params![digest]).map_err(failed)? == 0 {
                return Ok(());
            }
            let key: Vec<Value> = names.iter().map(|place| row.value(*place).to_owned()).collect();
            let name = RowKey::of(&key.iter().map(Value::as_ref).collect::<Vec<_>>());
            writer.deleted(&columns, &key, &name)
        })
    }

    /// The target's rows that are not in the source.
    fn came(&self, writer: &mut Writer<'_>) -> Result<()> {
        let mut take = self.seen.prepare("update seen set surplus = surplus - 1 where digest = ? and surplus > 0").map_err(failed)?;
        let reading = self.subject.reading(self.subject.newer());
        let mut rows = TargetRows::of(self.side.session, &reading.query, reading.fields, &self.doing())?;
        let (mut buffer, mut position) = (Vec::new(), 0);
        while rows.advance()? {
            position += 1;
            let cells = self.subject.take(&reading, &rows);
            let is_new = match self.digest(&cells, &mut buffer) {
                Some(digest) => take.execute(params![digest]).map_err(failed)? > 0,
                // A cell of it is none of SQLite's: no row of the source can have become this one.
                None => true,
            };
            if is_new {
                let name = RowKey::of(&[ValueRef::Integer(position)]);
                writer.inserted(&TargetRow { cells: &cells, reading: &reading, rows: &rows, name })?;
            }
        }
        Ok(())
    }

    fn each_kept(&self, visit: &mut dyn FnMut(&ScannedRow<'_>, [u8; 16]) -> Result<()>) -> Result<()> {
        let subject = self.subject;
        let rows = subject.table.rows_where.as_deref();
        let scan = Scan { table: &subject.table.source, columns: &subject.read, rows, within: None, order: ScanOrder::Storage, skip: 0 };
        let mut settled: Vec<Value> = Vec::new();
        let mut buffer = Vec::new();
        self.side
            .reader
            .scan(&scan, &mut |row| {
                let fate = self.side.fates.of(row, &subject.name)?;
                if fate != RowFate::HeldOut {
                    settled.clear();
                    subject.settled(row, &fate, &mut |value| settled.push(value.to_owned()));
                    visit(row, digest(settled.iter().map(Value::as_ref), &mut buffer))?;
                }
                Ok(ControlFlow::Continue(()))
            })
            .map(drop)
    }

    /// The digest of a row of the target; none where SQLite has no form for a cell.
    fn digest(&self, cells: &[Cell], buffer: &mut Vec<u8>) -> Option<[u8; 16]> {
        let compared = cells.iter().enumerate().filter(|(place, _)| self.subject.is_compared(*place));
        let values: Option<Vec<ValueRef<'_>>> = compared
            .map(|(_, cell)| match cell {
                Cell::Value(value) => Some(value.as_ref()),
                Cell::Lost | Cell::Unfit => None,
            })
            .collect();
        values.map(|values| digest(values.into_iter(), buffer))
    }

    fn doing(&self) -> String {
        format!("read {}", self.subject.table.target)
    }
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, "compare a table", "the temporary database of row digests can't be kept").because(error)
}
