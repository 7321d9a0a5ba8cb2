//! The rows of a table of the target, handed from the connection to the comparing thread in small batches.

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::catalog::quoted;
use crate::error::{Error, Result};
use crate::plan::{Compare, Plan, TablePlan};
use crate::postgres::{CopyOut, Session};

/// Bytes in one batch.
const BATCH_BYTES: usize = 64 * 1024;

/// Batches between connection and comparing thread; a batch is as large as the largest row.
const BATCHES_AHEAD: usize = 3;

/// Rows as they came: for each field its length (−1 is NULL) and its bytes.
type Batch = Vec<u8>;

/// Where the comparing thread takes rows from.
#[derive(Debug)]
pub(super) struct TargetRows {
    batches: Receiver<Result<Batch>>,
    batch: Batch,
    position: usize,
    fields: usize,
    /// Where the fields of the current row begin and end; `None` is NULL.
    current: Vec<Option<(usize, usize)>>,
}

impl TargetRows {
    /// Goes to the next row; false behind the last. Blocks.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if self.position >= self.batch.len() {
            match self.batches.blocking_recv() {
                None => return Ok(false),
                Some(batch) => self.batch = batch?,
            }
            self.position = 0;
        }
        self.current.clear();
        for _ in 0..self.fields {
            self.take_field().ok_or_else(|| Error::bug("compare a table", "a row came in pieces"))?;
        }
        Ok(true)
    }

    /// Finds the next field's place; none where the batch ends in its middle.
    fn take_field(&mut self) -> Option<()> {
        let start = self.position.checked_add(4)?;
        let length = i32::from_be_bytes(self.batch.get(self.position..start)?.try_into().ok()?);
        self.position = start;
        let place = match usize::try_from(length) {
            Ok(length) => Some((start, start.checked_add(length)?)),
            Err(_) => None,
        };
        if let Some((start, end)) = place {
            self.batch.get(start..end)?;
            self.position = end;
        }
        self.current.push(place);
        Some(())
    }

    /// A field of the current row.
    pub(super) fn field(&self, index: usize) -> Option<&[u8]> {
        let (start, end) = (*self.current.get(index)?)?;
        self.batch.get(start..end)
    }
}

/// The pair of ends: the first feeds, the second is read.
pub(super) fn rows_of(table: &TablePlan) -> (Sender<Result<Batch>>, TargetRows) {
    let (sender, batches) = channel(BATCHES_AHEAD);
    (sender, TargetRows { batches, batch: Vec::new(), position: 0, fields: table.columns.len(), current: Vec::new() })
}

/// Reads the table from the target and feeds it to the comparing thread, until either ends.
pub(super) async fn feed(session: &Session, plan: &Plan, table: &TablePlan, sender: Sender<Result<Batch>>) {
    if let Err(error) = try_feed(session, plan, table, &sender).await {
        // The comparing thread reports it; if that has gone already, its own error is reported.
        drop(sender.send(Err(error)).await);
    }
}

async fn try_feed(session: &Session, plan: &Plan, table: &TablePlan, sender: &Sender<Result<Batch>>) -> Result<()> {
    let doing = format!("read {}", table.target);
    let mut rows = CopyOut::begin(session.client(), &statement(plan, table), table.columns.len(), doing).await?;
    let mut batch = Batch::new();
    while let Some(row) = rows.next_row().await? {
        for index in 0..row.len() {
            match row.field(index) {
                None => batch.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(bytes) => {
                    let length = i32::try_from(bytes.len()).map_err(|error| Error::bug("compare a table", error.to_string()))?;
                    batch.extend_from_slice(&length.to_be_bytes());
                    batch.extend_from_slice(bytes);
                }
            }
        }
        if batch.len() >= BATCH_BYTES && sender.send(Ok(std::mem::take(&mut batch))).await.is_err() {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        // A closed end means that the comparison is over.
        drop(sender.send(Ok(batch)).await);
    }
    Ok(())
}

fn statement(plan: &Plan, table: &TablePlan) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.target)).collect();
    let order = match &table.compare {
        Compare::Multiset => String::new(),
        Compare::Ordered(key) => {
            let parts: Vec<String> = key
                .iter()
                .filter_map(|index| table.columns.get(*index))
                .map(|column| {
                    let collation = if column.pg_type().collates() { " COLLATE \"C\"" } else { "" };
                    format!("{}{collation} NULLS FIRST", quoted(&column.target))
                })
                .collect();
            format!(" ORDER BY {}", parts.join(", "))
        }
    };
    format!("COPY (SELECT {} FROM {}.{}{order}) TO STDOUT (FORMAT binary)", columns.join(", "), quoted(&plan.schema), quoted(&table.target))
}
