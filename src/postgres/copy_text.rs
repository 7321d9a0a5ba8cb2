//! `COPY` in text form: from one server straight to another, or from a dump.
//!
//! The text form, because that is what two servers of different versions are sure to agree on. Never looks into a row.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};

use super::{Session, failed};
use crate::error::Result;

/// Sends what a `COPY … TO STDOUT` of one session gives to the `COPY … FROM STDIN` of another; gives the number of rows.
pub async fn copy_over(from: &Session, out_of: &str, to: &Session, into: &str, doing: &str) -> Result<u64> {
    let broken = |error| failed(doing, error);
    let mut stream = pin!(from.client().copy_out(out_of).await.map_err(broken)?);
    let mut sink = pin!(to.client().copy_in::<_, Bytes>(into).await.map_err(broken)?);
    while let Some(piece) = stream.try_next().await.map_err(broken)? {
        sink.feed(piece).await.map_err(broken)?;
    }
    sink.finish().await.map_err(broken)
}

/// Sends rows in text form to a `COPY … FROM STDIN`; gives their number.
pub async fn copy_text(to: &Session, into: &str, rows: &str, doing: &str) -> Result<u64> {
    let broken = |error| failed(doing, error);
    let mut sink = pin!(to.client().copy_in::<_, Bytes>(into).await.map_err(broken)?);
    sink.feed(Bytes::copy_from_slice(rows.as_bytes())).await.map_err(broken)?;
    sink.finish().await.map_err(broken)
}
