//! Binary `COPY … FROM STDIN`.
//!
//! The caller gives tuples as `value::encode` writes them, in pieces of about 64 KiB, cut anywhere; this adds the header and
//! the trailer. Never looks into a tuple, and never ends a COPY that was not finished: a dropped one is undone.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::CopyInSink;

use super::failed;
use crate::error::Result;

/// Signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// A field count of -1.
const TRAILER: &[u8] = &[0xff, 0xff];

/// What can start a COPY: a connection or a transaction.
pub trait CopySource {
    /// Starts the COPY of `statement`.
    fn begin(&self, statement: &str) -> impl Future<Output = std::result::Result<CopyInSink<Bytes>, tokio_postgres::Error>> + Send;
}

impl CopySource for tokio_postgres::Client {
    async fn begin(&self, statement: &str) -> std::result::Result<CopyInSink<Bytes>, tokio_postgres::Error> {
        self.copy_in(statement).await
    }
}

impl CopySource for tokio_postgres::Transaction<'_> {
    async fn begin(&self, statement: &str) -> std::result::Result<CopyInSink<Bytes>, tokio_postgres::Error> {
        self.copy_in(statement).await
    }
}

/// A running `COPY … FROM STDIN (FORMAT binary)`.
pub struct CopyIn {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    doing: String,
}

impl CopyIn {
    /// Starts the COPY; `doing` completes "failed to …" in its errors, such as `load "grades"`.
    pub async fn begin(client: &impl CopySource, statement: &str, doing: impl Into<String>) -> Result<Self> {
        let doing = doing.into();
        let sink = client.begin(statement).await.map_err(|error| failed(&doing, error))?;
        let mut copy = Self { sink: Box::pin(sink), doing };
        copy.send(Bytes::from_static(HEADER)).await?;
        Ok(copy)
    }

    /// Sends the next bytes of the tuples.
    pub async fn send(&mut self, tuples: Bytes) -> Result<()> {
        // Without a flush the library gathers 4 KiB and passes larger pieces on as they are.
        self.sink.feed(tuples).await.map_err(|error| failed(&self.doing, error))
    }

    /// Ends the COPY; gives the number of rows that the server took.
    pub async fn finish(mut self) -> Result<u64> {
        self.send(Bytes::from_static(TRAILER)).await?;
        self.sink.as_mut().finish().await.map_err(|error| failed(self.doing, error))
    }
}
