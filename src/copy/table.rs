//! Loads one table.

use std::path::Path;
use std::sync::Arc;

use super::TableCopy;
use super::ledger::Ledger;
use super::reader::{Piece, read};
use super::run::{Observer, Progress};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::{Plan, TablePlan};
use crate::postgres::{CopyIn, Session, failed};
use crate::sqlite::RowFates;

/// Pieces between reader and connection: enough to keep both busy. A piece is as large as the largest row, so more of
/// them would hold many rows of large blobs at once.
const PIECES_AHEAD: usize = 3;

/// Loads what is not loaded yet, chunk by chunk, and returns the books of all of it.
pub(super) async fn load(
    session: &Session,
    ledger: &Ledger<'_>,
    plan: &Plan,
    table: &TablePlan,
    (snapshot, fates): (&Path, &Arc<RowFates>),
    (mut copied, mut chunks): (TableCopy, i64),
    observer: &dyn Observer,
) -> Result<TableCopy> {
    let (sender, mut pieces) = tokio::sync::mpsc::channel(PIECES_AHEAD);
    let reader = {
        let (snapshot, fates, table, skip) = (snapshot.to_owned(), Arc::clone(fates), table.clone(), copied.rows);
        tokio::task::spawn_blocking(move || read(&snapshot, &table, &fates, skip, &sender))
    };
    let sql = copy_statement(plan, table);
    let doing = format!("load {}", table.target);
    // Rows that migrations put there go in the transaction that brings the first of ours, so that no one sees neither.
    let replaced = plan.existing.as_ref().and_then(|existing| existing.replaced.get(&table.source));
    let mut clear = replaced.filter(|_| chunks == 0).map(|rows| (clear_statement(plan, table), *rows));
    let mut open: Option<CopyIn> = None;
    let mut sent: Result<()> = Ok(());
    while let Some(piece) = pieces.recv().await {
        sent = match piece {
            Piece::Rows(bytes) => send(session, &sql, &doing, &mut open, &mut clear, bytes).await,
            Piece::Chunk(chunk) => {
                let done = commit(session, ledger, &table.source, chunks, &chunk, open.take()).await;
                if done.is_ok() {
                    chunks += 1;
                    copied.rows += chunk.rows;
                    copied.bytes += chunk.bytes;
                    copied.cells.merge(&chunk.cells);
                    observer.progress(&Progress::Rows { table: &table.source, rows: copied.rows, of: table.rows, bytes: copied.bytes });
                }
                done
            }
        };
        if sent.is_err() {
            break;
        }
    }
    drop(pieces);
    let read = reader.await.map_err(|error| Error::bug("read a table", error.to_string()))?;
    // A failed connection makes the reader fail too: the connection's error comes first.
    sent.and(read)?;
    if copied.rows != table.rows {
        let detail = format!("the snapshot has {} rows where the plan counted {}", copied.rows, table.rows);
        return Err(Error::new(crate::error::ErrorKind::Unforeseen, format!("load {}", table.source), detail));
    }
    Ok(copied)
}

/// The columns by name, so that the target's own order never matters.
fn copy_statement(plan: &Plan, table: &TablePlan) -> String {
    let columns: Vec<String> = table.loaded().map(|column| quoted(&column.target)).collect();
    format!("copy {}.{} ({}) from stdin (format binary)", quoted(&plan.schema), quoted(&table.target), columns.join(", "))
}

/// All rows of this table and of no other.
fn clear_statement(plan: &Plan, table: &TablePlan) -> String {
    format!("delete from {}.{}", quoted(&plan.schema), quoted(&table.target))
}

/// Deletes as many rows as the plan has seen; where there are others by now, nothing is deleted.
async fn delete_seeded(session: &Session, doing: &str, sql: &str, rows: u64) -> Result<()> {
    let deleted = session.client().execute(sql, &[]).await.map_err(|error| failed(doing, error))?;
    if deleted == rows {
        return Ok(());
    }
    let detail = format!("the table held {rows} rows when the plan was made, and holds {deleted} now; nothing of it was changed");
    Err(Error::new(ErrorKind::Unforeseen, doing, detail).hint("stop whoever writes to the target, and run again"))
}

async fn send(
    session: &Session,
    sql: &str,
    doing: &str,
    open: &mut Option<CopyIn>,
    clear: &mut Option<(String, u64)>,
    bytes: Vec<u8>,
) -> Result<()> {
    if open.is_none() {
        session.client().batch_execute("begin").await.map_err(|error| failed("begin a chunk", error))?;
        if let Some((statement, rows)) = clear.take() {
            delete_seeded(session, doing, &statement, rows).await?;
        }
        *open = Some(CopyIn::begin(session.client(), sql, doing).await?);
    }
    match open {
        Some(copy) => copy.send(bytes.into()).await,
        None => Ok(()),
    }
}

async fn commit(
    session: &Session,
    ledger: &Ledger<'_>,
    table: &str,
    number: i64,
    chunk: &super::reader::Chunk,
    copy: Option<CopyIn>,
) -> Result<()> {
    let Some(copy) = copy else { return Err(Error::bug("commit a chunk", "no rows were sent for it")) };
    failpoint::pass("copy.chunk.sent")?;
    let rows = copy.finish().await?;
    let sent = chunk.rows.saturating_sub(chunk.held_out);
    if rows != sent {
        return Err(Error::bug("commit a chunk", format!("{sent} rows were sent and {rows} arrived")));
    }
    ledger.note_chunk(table, number, chunk).await?;
    failpoint::pass("copy.chunk.noted")?;
    session.client().batch_execute("commit").await.map_err(|error| failed("commit a chunk", error))?;
    failpoint::pass("copy.chunk.committed")
}
