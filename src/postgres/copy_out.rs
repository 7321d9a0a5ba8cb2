//! Binary `COPY … TO STDOUT`, tuple by tuple.
//!
//! Never holds more than one tuple and one message of the server, and never ends without having seen the trailer:
//! a stream cut short is an error.

use std::ops::Range;
use std::pin::Pin;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::TryStreamExt;
use tokio_postgres::{Client, CopyOutStream};

use super::failed;
use crate::error::{Error, ErrorKind, Result};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// A running `COPY … TO STDOUT (FORMAT binary)`.
///
/// One that is dropped before its end leaves the session busy until the server has sent the rest; the session's
/// canceller shortens that.
pub struct CopyOut {
    stream: Pin<Box<CopyOutStream>>,
    tuples: Tuples,
    doing: String,
    /// The library takes a question behind the end for a mistake of the server.
    ended: bool,
}

impl CopyOut {
    /// Starts the COPY of `fields` columns; `doing` completes "failed to …" in its errors, such as `read "grades"`.
    pub async fn begin(client: &Client, statement: &str, fields: usize, doing: impl Into<String>) -> Result<Self> {
        let doing = doing.into();
        let stream = client.copy_out(statement).await.map_err(|error| failed(&doing, error))?;
        Ok(Self { stream: Box::pin(stream), tuples: Tuples::new(fields), doing, ended: false })
    }

    /// The next tuple; `None` after the last.
    pub async fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            match self.tuples.step() {
                Ok(Step::Tuple) => break,
                Ok(Step::NeedsMore) => match self.next_message().await? {
                    Some(message) => self.tuples.push(message),
                    None => return Err(self.broken("the stream ended in its middle")),
                },
                Ok(Step::End) => {
                    // The server's own end, so that an error behind the trailer is not lost.
                    return match self.next_message().await? {
                        None => Ok(None),
                        Some(_) => Err(self.broken("data follows the trailer")),
                    };
                }
                Err(what) => return Err(self.broken(what)),
            }
        }
        Ok(Some(Row { bytes: &self.tuples.tuple, fields: &self.tuples.fields }))
    }

    /// Some messages of the server as they come, this many bytes of them or a little more, for a [`CopyTuples`] to cut; none
    /// after the last.
    pub async fn next_messages(&mut self, bytes: usize) -> Result<Vec<Bytes>> {
        let mut messages = Vec::new();
        let mut size = 0;
        while size < bytes {
            let Some(message) = self.next_message().await? else { break };
            size += message.len();
            messages.push(message);
        }
        Ok(messages)
    }

    async fn next_message(&mut self) -> Result<Option<Bytes>> {
        if self.ended {
            return Ok(None);
        }
        let message = self.stream.try_next().await.map_err(|error| failed(&self.doing, error))?;
        self.ended = message.is_none();
        Ok(message)
    }

    fn broken(&self, what: &str) -> Error {
        broken(&self.doing, what)
    }
}

fn broken(doing: &str, what: &str) -> Error {
    Error::new(ErrorKind::TargetLost, doing, format!("what the server sent is not a whole binary COPY: {what}"))
        .hint("nothing was concluded from what did arrive")
}

/// Cuts the messages of a COPY into tuples, where they are read on one thread and looked at on another.
///
/// Copies nothing, unless a tuple comes in several messages.
pub struct CopyTuples {
    tuples: Tuples,
    doing: String,
}

impl CopyTuples {
    /// For a COPY of `fields` columns; `doing` completes "failed to …" in its errors.
    pub fn new(fields: usize, doing: impl Into<String>) -> Self {
        Self { tuples: Tuples::new(fields), doing: doing.into() }
    }

    /// Takes the next message.
    pub fn push(&mut self, message: Bytes) {
        self.tuples.push(message);
    }

    /// Goes to the next tuple; false where another message is needed, or after the trailer.
    pub fn advance(&mut self) -> Result<bool> {
        match self.tuples.step() {
            Ok(Step::Tuple) => Ok(true),
            Ok(Step::NeedsMore | Step::End) => Ok(false),
            Err(what) => Err(broken(&self.doing, what)),
        }
    }

    /// The tuple that [`Self::advance`] went to.
    pub fn row(&self) -> Row<'_> {
        Row { bytes: &self.tuples.tuple, fields: &self.tuples.fields }
    }

    /// Fails unless the trailer has been seen: a stream cut short is no end.
    pub fn finish(&self) -> Result<()> {
        if self.tuples.ended { Ok(()) } else { Err(broken(&self.doing, "the stream ended in its middle")) }
    }
}

impl std::fmt::Debug for CopyTuples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyTuples").field("doing", &self.doing).finish_non_exhaustive()
    }
}

/// One tuple: the raw bytes of its fields.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    bytes: &'a [u8],
    fields: &'a [Option<Range<usize>>],
}

impl<'a> Row<'a> {
    /// The bytes of a field in PostgreSQL's binary form; `None` is NULL.
    ///
    /// # Panics
    /// If the COPY has no such field.
    pub fn field(&self, index: usize) -> Option<&'a [u8]> {
        self.fields[index].clone().map(|range| &self.bytes[range])
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether the tuple has no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Shows sizes, never content.
impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|field| field.as_ref().map(ExactSizeIterator::len))).finish()
    }
}

/// What the bytes at hand allow.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// A tuple stands in `tuple` and `fields`.
    Tuple,
    NeedsMore,
    End,
}

/// Cuts the stream's bytes into tuples, wherever its messages begin and end.
struct Tuples {
    expected: usize,
    /// Bytes that no tuple has been made of.
    pending: Bytes,
    /// The size that `pending` must have before it is worth looking again.
    wanted: usize,
    begun: bool,
    ended: bool,
    tuple: Bytes,
    fields: Vec<Option<Range<usize>>>,
    /// Pieces of a tuple larger than one message.
    parts: Vec<Bytes>,
    parts_bytes: usize,
}

impl Tuples {
    fn new(expected: usize) -> Self {
        Self {
            expected,
            pending: Bytes::new(),
            wanted: 0,
            begun: false,
            ended: false,
            tuple: Bytes::new(),
            fields: Vec::with_capacity(expected),
            parts: Vec::new(),
            parts_bytes: 0,
        }
    }

    fn push(&mut self, message: Bytes) {
        if self.pending.is_empty() && self.parts.is_empty() {
            self.pending = message;
            return;
        }
        // Joined once, when enough has come, so that a large field in small messages costs no quadratic time.
        if self.parts.is_empty() {
            self.parts_bytes = self.pending.len();
            self.parts.push(std::mem::take(&mut self.pending));
        }
        self.parts_bytes += message.len();
        self.parts.push(message);
        if self.parts_bytes >= self.wanted {
            let mut joined = BytesMut::with_capacity(self.parts_bytes);
            self.parts.drain(..).for_each(|part| joined.extend_from_slice(&part));
            self.pending = joined.freeze();
        }
    }

    fn step(&mut self) -> std::result::Result<Step, &'static str> {
        if self.ended {
            return if self.pending.is_empty() { Ok(Step::End) } else { Err("data follows the trailer") };
        }
        if !self.parts.is_empty() {
            return Ok(Step::NeedsMore);
        }
        if !self.begun && !self.take_header()? {
            return Ok(Step::NeedsMore);
        }
        let Some(count) = i16_at(&self.pending, 0) else { return Ok(self.wants(2)) };
        if count == -1 {
            self.pending.advance(2);
            self.ended = true;
            return self.step();
        }
        if usize::try_from(count) != Ok(self.expected) {
            return Err("a tuple has another number of fields than was asked for");
        }
        self.fields.clear();
        let mut at = 2;
        for _ in 0..self.expected {
            let Some(length) = i32_at(&self.pending, at) else { return Ok(self.wants(at + 4)) };
            at += 4;
            self.fields.push(match usize::try_from(length) {
                Ok(length) => Some(at..at + length),
                Err(_) if length == -1 => None,
                Err(_) => return Err("a field has a negative length"),
            });
            at += usize::try_from(length).unwrap_or(0);
        }
        if self.pending.len() < at {
            return Ok(self.wants(at));
        }
        self.tuple = self.pending.split_to(at);
        Ok(Step::Tuple)
    }

    fn wants(&mut self, bytes: usize) -> Step {
        self.wanted = bytes;
        Step::NeedsMore
    }

    /// Takes signature, flags and header extension off; false while they are not all there.
    fn take_header(&mut self) -> std::result::Result<bool, &'static str> {
        let fixed = SIGNATURE.len() + 8;
        let seen = self.pending.len().min(SIGNATURE.len());
        if self.pending[..seen] != SIGNATURE[..seen] {
            return Err("it does not begin with the signature");
        }
        let (Some(flags), Some(extension)) = (i32_at(&self.pending, SIGNATURE.len()), i32_at(&self.pending, SIGNATURE.len() + 4)) else {
            self.wanted = fixed;
            return Ok(false);
        };
        if flags != 0 {
            return Err("its header has flags that are not known");
        }
        let whole = fixed + usize::try_from(extension).map_err(|_| "its header has a negative length")?;
        if self.pending.len() < whole {
            self.wanted = whole;
            return Ok(false);
        }
        self.pending.advance(whole);
        self.begun = true;
        Ok(true)
    }
}

fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    bytes.get(at..)?.first_chunk().map(|chunk| i16::from_be_bytes(*chunk))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_be_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Tuple = Vec<Option<Vec<u8>>>;

    fn encoded(rows: &[Tuple]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0; 8]].concat();
        for row in rows {
            bytes.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
            for field in row {
                match field {
                    None => bytes.extend((-1_i32).to_be_bytes()),
                    Some(field) => {
                        bytes.extend(i32::try_from(field.len()).unwrap().to_be_bytes());
                        bytes.extend(field);
                    }
                }
            }
        }
        bytes.extend([0xff, 0xff]);
        bytes
    }

    fn decoded(messages: &[&[u8]], fields: usize) -> std::result::Result<Vec<Tuple>, &'static str> {
        let mut tuples = Tuples::new(fields);
        let mut messages = messages.iter();
        let mut rows = Vec::new();
        loop {
            match tuples.step()? {
                Step::NeedsMore => tuples.push(Bytes::copy_from_slice(messages.next().ok_or("cut short")?)),
                Step::End => return if messages.next().is_none() { Ok(rows) } else { Err("more") },
                Step::Tuple => {
                    let row = Row { bytes: &tuples.tuple, fields: &tuples.fields };
                    rows.push((0..row.len()).map(|index| row.field(index).map(ToOwned::to_owned)).collect());
                }
            }
        }
    }

    fn rows() -> impl Strategy<Value = Vec<Tuple>> {
        let field = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20));
        proptest::collection::vec(proptest::collection::vec(field, 3), 0..8)
    }

    proptest! {
        #[test]
        fn tuples_come_whole_wherever_the_messages_are_cut(rows in rows(), size in 1..40_usize) {
            let bytes = encoded(&rows);
            let messages = bytes.chunks(size).collect::<Vec<_>>();
            prop_assert_eq!(decoded(&messages, 3), Ok(rows));
        }

        #[test]
        fn a_stream_cut_short_is_never_whole(rows in rows(), size in 1..40_usize, cut in any::<prop::sample::Index>()) {
            let bytes = encoded(&rows);
            let short = &bytes[..cut.index(bytes.len())];
            let messages = short.chunks(size).collect::<Vec<_>>();
            prop_assert_eq!(decoded(&messages, 3), Err("cut short"));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let whole = [SIGNATURE, &[0; 8], &bytes].concat();
            drop(decoded(&[&whole], 2));
            drop(decoded(&[&bytes], 2));
        }
    }

    #[test]
    fn another_number_of_fields_is_refused() {
        let bytes = encoded(&[vec![None, None]]);
        assert!(decoded(&[&bytes], 3).is_err());
        assert_eq!(decoded(&[&bytes], 2).unwrap(), [[None, None]]);
    }
}
