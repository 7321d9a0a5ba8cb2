//! Says which rows differ in a table whose rows nothing identifies on both sides, as multisets of whole rows.
//!
//! The digest of each row of the source counts up, that of each row of the target counts down; what is left over
//! differs. The counts live in a temporary SQLite database, which moves from memory to disk by itself. Only tables come here
//! of which the sums of the digests differ.

use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::cells::{Books, digest_of_settled};
use super::digest::RowDigest;
use super::report::{Difference, Sign};
use super::target_rows::TargetRows;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::TablePlan;
use crate::sqlite::{Scan, ScannedRow, SourceReader, TableFates};
use crate::value::{RowFate, RowKey, ValueRef};

const COUNT: &str = "insert into seen(digest, surplus) values(?1, ?2) on conflict do update set surplus = surplus + ?2";

/// Compares every row of both sides; of the rows of reference data, which `reference` gives, those that the source holds too. `key` is where the scan has what names a row.
pub(super) fn compare<'a>(
    reader: &SourceReader,
    (table, fates): (&TablePlan, &TableFates),
    scan: &Scan<'_>,
    key: &[usize],
    (mut target, reference): (TargetRows<'_>, &dyn Fn() -> Result<Option<TargetRows<'a>>>),
    books: &mut Books,
) -> Result<()> {
    let seen = Connection::open("").map_err(failed)?;
    seen.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32768;
         create table seen(digest blob primary key, surplus integer not null) without rowid; begin",
    )
    .map_err(failed)?;
    let mut count = seen.prepare(COUNT).map_err(failed)?;
    let mut position = 0;
    reader.scan(scan, &mut |row| {
        position += 1;
        let fate = fates.of(row, key)?;
        if fate == RowFate::HeldOut {
            books.held_out(table, row, &|| name(row, key, position))?;
            return Ok(ControlFlow::Continue(()));
        }
        let digest = books.digest_source(table, (row, &fate), &|| name(row, key, position))?;
        count.execute(params![digest.to_be_bytes(), -1]).map_err(failed)?;
        Ok(ControlFlow::Continue(()))
    })?;
    while target.advance()? {
        let digest = books.digest_target(table, &target)?;
        count.execute(params![digest.to_be_bytes(), 1]).map_err(failed)?;
    }
    drop(count);
    drop(target);
    if let Some(rows) = reference()? {
        take_known(&seen, table, rows, books)?;
    }
    let left_over = |sql: &str| seen.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let missing = left_over("select coalesce(-sum(surplus), 0) from seen where surplus < 0")?;
    let surplus = left_over("select coalesce(sum(surplus), 0) from seen where surplus > 0")?;
    for number in 1..=surplus {
        let row = RowKey::of(&[ValueRef::Integer(number)]);
        books.differ(|| Difference { sign: Sign::Surplus, row, column: None, source: None, target: None });
    }
    if missing > 0 {
        name_missing(reader, (table, fates), scan, key, &seen, books)?;
    }
    Ok(())
}

/// Takes rows of reference data for those of the source that they are equal to.
fn take_known(seen: &Connection, table: &TablePlan, mut rows: TargetRows<'_>, books: &mut Books) -> Result<()> {
    let mut take = seen.prepare("update seen set surplus = surplus + 1 where digest = ? and surplus < 0").map_err(failed)?;
    while rows.advance()? {
        let digest = books.digest_target(table, &rows)?;
        let taken = take.execute(params![digest.to_be_bytes()]).map_err(failed)?;
        books.reference_in_source += u64::try_from(taken).unwrap_or(0);
    }
    Ok(())
}

/// Reads the source once more to say which of its rows are missing.
fn name_missing(
    reader: &SourceReader,
    (table, fates): (&TablePlan, &TableFates),
    scan: &Scan<'_>,
    key: &[usize],
    seen: &Connection,
    books: &mut Books,
) -> Result<()> {
    let mut take = seen.prepare("update seen set surplus = surplus + 1 where digest = ? and surplus < 0").map_err(failed)?;
    let (mut position, mut digest, mut scratch) = (0, RowDigest::default(), Vec::new());
    reader.scan(scan, &mut |row| {
        position += 1;
        let fate = fates.of(row, key)?;
        if fate == RowFate::HeldOut {
            return Ok(ControlFlow::Continue(()));
        }
        let digest = digest_of_settled(table, (row, &fate), &mut digest, &mut scratch);
        if take.execute(params![digest.to_be_bytes()]).map_err(failed)? > 0 {
            let row = name(row, key, position);
            books.differ(|| Difference { sign: Sign::Missing, row, column: None, source: None, target: None });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// How a row is named: by its key, or by its place where it has none.
pub(super) fn name(row: &ScannedRow<'_>, key: &[usize], position: i64) -> RowKey {
    if key.is_empty() {
        RowKey::of(&[ValueRef::Integer(position)])
    } else {
        RowKey::of(&key.iter().map(|index| row.value(*index)).collect::<Vec<_>>())
    }
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, "compare a table", "the temporary database of row digests can't be kept").because(error)
}
