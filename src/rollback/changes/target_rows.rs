//! The rows of a query of the target, for a thread that may block.

use std::vec::IntoIter;

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::error::Result;
use crate::postgres::{CopyOut, CopyTuples, Session};

/// Bytes of messages that are fetched together.
const BATCH_BYTES: usize = 256 * 1024;

/// The rows of a query, in one stream.
pub(super) struct TargetRows {
    handle: Handle,
    copy: CopyOut,
    tuples: CopyTuples,
    messages: IntoIter<Bytes>,
    ended: bool,
}

impl TargetRows {
    /// Asks for the rows of a query with so many columns. Blocks.
    pub(super) fn of(session: &Session, query: &str, fields: usize, doing: &str) -> Result<Self> {
        let handle = Handle::current();
        let statement = format!("copy ({query}) to stdout (format binary)");
        let copy = handle.block_on(CopyOut::begin(session.client(), &statement, fields, doing))?;
        Ok(Self { handle, copy, tuples: CopyTuples::new(fields, doing), messages: Vec::new().into_iter(), ended: false })
    }

    /// Goes to the next row; false behind the last. Blocks.
    pub(super) fn advance(&mut self) -> Result<bool> {
        loop {
            if self.ended {
                return Ok(false);
            }
            if self.tuples.advance()? {
                return Ok(true);
            }
            if let Some(message) = self.messages.next() {
                self.tuples.push(message);
                continue;
            }
            self.messages = self.handle.block_on(self.copy.next_messages(BATCH_BYTES))?.into_iter();
            if self.messages.len() == 0 {
                self.tuples.finish()?;
                self.ended = true;
            }
        }
    }

    /// A field of the current row.
    pub(super) fn field(&self, index: usize) -> Option<&[u8]> {
        self.tuples.row().field(index)
    }
}
