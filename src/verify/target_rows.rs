//! The rows of one table of the target, or of a part of it, as the comparing thread takes them.
//!
//! Large tables come as a COPY: a task takes the server's messages as they are, and the thread cuts them where they lie. Small
//! ones come in one answer. Of wide ones only a few rows are asked for at a time, so that no more of them are ever on their way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::vec::IntoIter;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::error::{Error, ErrorKind, Result};
use crate::postgres::{CopyOut, CopyTuples, Field, Session, failed};

/// Bytes of messages that are handed over together.
const BATCH_BYTES: usize = 64 * 1024;

/// Batches on their way to the thread.
const BATCHES_AHEAD: usize = 3;

/// The name of the cursor; a worker has one at a time.
const CURSOR: &str = "outgrow_rows";

/// How rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// In one stream.
    Stream,
    /// In one answer, which is held as a whole.
    AtOnce,
    /// So many at a time.
    Few(u64),
}

/// What is handed from the task to the thread; no messages are the end.
type Fed = Result<Vec<Bytes>>;

/// Where the comparing thread takes rows from.
pub(super) struct TargetRows<'a> {
    rows: Rows<'a>,
    fields: usize,
    stop: &'a AtomicBool,
}

enum Rows<'a> {
    Copied { batches: Receiver<Fed>, messages: IntoIter<Bytes>, tuples: CopyTuples, ended: bool },
    Answered { rows: IntoIter<tokio_postgres::Row>, current: Option<tokio_postgres::Row>, cursor: Option<Cursor<'a>> },
}

/// What fetches more rows.
struct Cursor<'a> {
    session: &'a Session,
    handle: &'a Handle,
    fetch: String,
    doing: String,
}

impl<'a> TargetRows<'a> {
    /// Asks for the rows of a query with so many columns. Blocks.
    pub(super) fn of(
        session: &'a Session,
        handle: &'a Handle,
        stop: &'a AtomicBool,
        (query, fields): (&str, usize),
        manner: Manner,
        doing: &str,
    ) -> Result<Self> {
        let rows = match manner {
            Manner::Stream => {
                let statement = format!("copy ({query}) to stdout (format binary)");
                let copy = handle.block_on(CopyOut::begin(session.client(), &statement, fields, doing))?;
                let (sender, batches) = channel(BATCHES_AHEAD);
                handle.spawn(feed(copy, sender));
                Rows::Copied { batches, messages: Vec::new().into_iter(), tuples: CopyTuples::new(fields, doing), ended: false }
            }
            Manner::AtOnce => {
                let rows = handle.block_on(session.client().query_typed(query, &[])).map_err(|error| failed(doing, error))?;
                Rows::Answered { rows: rows.into_iter(), current: None, cursor: None }
            }
            Manner::Few(rows) => {
                let declare = format!("declare {CURSOR} no scroll cursor for {query}");
                let declared = async {
                    // The client learns the types of the columns here, and has nothing to ask for in the middle of an answer.
                    session.client().prepare(query).await?;
                    session.client().batch_execute(&declare).await
                };
                handle.block_on(declared).map_err(|error| failed(doing, error))?;
                let fetch = format!("fetch forward {rows} from {CURSOR}");
                let cursor = Cursor { session, handle, fetch, doing: doing.to_owned() };
                Rows::Answered { rows: Vec::new().into_iter(), current: None, cursor: Some(cursor) }
            }
        };
        Ok(Self { rows, fields, stop })
    }

    /// Goes to the next row; false behind the last. Blocks.
    pub(super) fn advance(&mut self) -> Result<bool> {
        match &mut self.rows {
            Rows::Copied { batches, messages, tuples, ended } => loop {
                if !*ended && tuples.advance()? {
                    return Ok(true);
                }
                if let Some(message) = messages.next() {
                    tuples.push(message);
                    continue;
                }
                if *ended {
                    return Ok(false);
                }
                stopped(self.stop)?;
                *messages = batches.blocking_recv().unwrap_or_else(|| Err(given_up()))?.into_iter();
                if messages.len() == 0 {
                    tuples.finish()?;
                    *ended = true;
                }
            },
            Rows::Answered { rows, current, cursor } => {
                // The row that was looked at goes before the next one comes: it may be large.
                *current = None;
                if rows.len() == 0
                    && let Some(more) = cursor
                {
                    stopped(self.stop)?;
                    let fetched = more.next()?;
                    if fetched.is_empty() {
                        *cursor = None;
                    }
                    *rows = fetched.into_iter();
                }
                let Some(row) = rows.next() else { return Ok(false) };
                if row.len() != self.fields {
                    return Err(Error::bug("compare a table", "a row has another number of fields than was asked for"));
                }
                *current = Some(row);
                Ok(true)
            }
        }
    }

    /// A field of the current row.
    pub(super) fn field(&self, index: usize) -> Result<Option<&[u8]>> {
        match &self.rows {
            Rows::Copied { tuples, .. } => Ok(tuples.row().field(index)),
            Rows::Answered { current, .. } => {
                let bug = |what: String| Error::bug("compare a table", what);
                let row = current.as_ref().ok_or_else(|| bug("there is no row to look at".to_owned()))?;
                let field: Option<Field<'_>> = row.try_get(index).map_err(|error| bug(error.to_string()))?;
                Ok(field.map(|field| field.0))
            }
        }
    }
}

impl Cursor<'_> {
    /// The next rows; none behind the last, where the cursor is closed.
    fn next(&self) -> Result<Vec<tokio_postgres::Row>> {
        let client = self.session.client();
        let failed = |error| failed(&self.doing, error);
        let rows = self.handle.block_on(client.query_typed(&self.fetch, &[])).map_err(failed)?;
        if rows.is_empty() {
            self.handle.block_on(client.batch_execute(&format!("close {CURSOR}"))).map_err(failed)?;
        }
        Ok(rows)
    }
}

/// Feeds the messages of a COPY to the comparing thread, until either ends.
async fn feed(mut copy: CopyOut, sender: Sender<Fed>) {
    loop {
        let messages = copy.next_messages(BATCH_BYTES).await;
        let is_last = messages.as_ref().map_or(true, Vec::is_empty);
        // A closed end means that the comparison is over, for a reason that is told elsewhere.
        if sender.send(messages).await.is_err() || is_last {
            return;
        }
    }
}

fn stopped(stop: &AtomicBool) -> Result<()> {
    if stop.load(Ordering::Relaxed) { Err(given_up()) } else { Ok(()) }
}

/// Rows that nobody feeds any more: never taken for the end of the table.
pub(super) fn given_up() -> Error {
    Error::new(ErrorKind::Interrupted, "compare a table", "the comparison was given up")
}
