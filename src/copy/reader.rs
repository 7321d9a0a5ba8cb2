//! Reads rows of the snapshot and encodes them, ahead of the connection, on a thread of its own.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::blocks::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{ColumnPlan, ScanColumns, TablePlan};
use crate::sqlite::{RowFates, Rowids, Scan, ScanOrder, ScannedRow, SourceReader, TableFates};
use crate::value::{CellCounts, Fate, QuarantinedCell, RowFate, RowKey, ValueRef};

/// Bytes in one piece handed to the connection; larger pieces bring nothing.
const PIECE_BYTES: usize = 64 * 1024;

/// A cell of more bytes is sent from where SQLite holds it, without a copy of the whole.
const LARGE_CELL: usize = 256 * 1024;

/// Pieces between reader and connection: enough to keep both busy.
const PIECES_AHEAD: usize = 4;

/// Bytes after which a chunk is committed: what a kill costs at the most.
const CHUNK_BYTES: u64 = 64 * 1024 * 1024;

/// Rows after which a chunk is committed.
pub(super) const CHUNK_ROWS: u64 = 200_000;

/// What a reader is asked for.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) table: Arc<TablePlan>,
    /// By rowid where the table has one, else by place.
    pub(super) span: Span,
}

/// What a reader hands over.
#[derive(Debug)]
pub(super) enum Piece {
    /// Encoded rows, cut anywhere.
    Rows(Bytes),
    /// The end of a chunk: it can be committed.
    Chunk(Chunk),
    /// The end of an order, and what of it was not read, so that others may.
    End(Option<Span>),
}

/// The books of a chunk.
#[derive(Debug)]
pub(super) struct Chunk {
    /// What of the table it covers.
    pub(super) span: Span,
    /// Rows of the source, those that are held out included.
    pub(super) rows: u64,
    /// Rows that are kept out of the table.
    pub(super) held_out: u64,
    pub(super) bytes: u64,
    pub(super) cells: CellCounts,
    pub(super) quarantine: Vec<QuarantinedCell>,
    /// Memory that the quarantined cells take.
    held: usize,
}

impl Chunk {
    fn beginning(first: i64) -> Self {
        let span = Span { first, last: first };
        Self { span, rows: 0, held_out: 0, bytes: 0, cells: CellCounts::default(), quarantine: Vec::new(), held: 0 }
    }
}

/// A thread that reads, and the way to it and from it.
#[derive(Debug)]
pub(super) struct Reader {
    orders: std::sync::mpsc::Sender<Order>,
    pieces: Receiver<Piece>,
    thread: JoinHandle<Result<()>>,
}

impl Reader {
    /// Starts a reader of the snapshot that keeps at most about `held` bytes of quarantined cells.
    pub(super) fn start(snapshot: &Path, fates: Arc<RowFates>, held: usize) -> Self {
        let (orders, taken) = std::sync::mpsc::channel();
        let (sender, pieces) = channel(PIECES_AHEAD);
        let snapshot: PathBuf = snapshot.to_owned();
        let thread = tokio::task::spawn_blocking(move || serve(&snapshot, &fates, &taken, &sender, held));
        Self { orders, pieces, thread }
    }

    /// Asks for rows; what is asked for later comes later.
    pub(super) fn order(&self, order: Order) {
        // A reader that is gone says why when the next piece is asked for.
        drop(self.orders.send(order));
    }

    /// The next piece; the reader's error where it ended.
    pub(super) async fn next(&mut self) -> Result<Piece> {
        if let Some(piece) = self.pieces.recv().await {
            return Ok(piece);
        }
        let ended = (&mut self.thread).await.map_err(|error| Error::bug("read a table", error.to_string()))?;
        Err(ended.err().unwrap_or_else(|| Error::bug("read a table", "the reader ended before its time")))
    }

    /// Waits for the thread to let go of the snapshot.
    pub(super) async fn finish(self) -> Result<()> {
        drop((self.orders, self.pieces));
        self.thread.await.map_err(|error| Error::bug("read a table", error.to_string()))?
    }
}

/// Reads what is ordered until nobody orders any more.
fn serve(snapshot: &Path, fates: &RowFates, orders: &std::sync::mpsc::Receiver<Order>, pieces: &Sender<Piece>, held: usize) -> Result<()> {
    let reader = SourceReader::open(snapshot)?;
    while let Ok(order) = orders.recv() {
        read(&reader, &order, fates.of(&order.table.source)?, pieces, held)?;
    }
    reader.finish()
}

/// Reads the rows of an order in storage order, which is the same in every run over the same snapshot.
fn read(reader: &SourceReader, order: &Order, fates: TableFates, pieces: &Sender<Piece>, held: usize) -> Result<()> {
    let (table, span) = (&*order.table, order.span);
    let ScanColumns { mut columns, key } = table.scan_columns();
    let rowid = table.rowid.as_ref().map(|name| {
        columns.iter().position(|column| column.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
            columns.push(name.clone());
            columns.len() - 1
        })
    });
    let skip = if rowid.is_some() { 0 } else { u64::try_from(span.first.saturating_sub(1)).unwrap_or(0) };
    let within = table.rowid.as_ref().map(|name| Rowids { name, first: span.first, last: span.last });
    let scan = Scan { table: &table.source, columns: &columns, rows: table.rows_where.as_deref(), within, order: ScanOrder::Storage, skip };
    let mut encoder = Encoder {
        table,
        fates,
        key,
        rowid,
        pieces,
        held,
        buffer: Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4),
        scratch: Vec::new(),
        chunk: Chunk::beginning(span.first),
        place: span.first.saturating_sub(1),
    };
    let mut rest = None;
    reader.scan(&scan, &mut |row| {
        let at = encoder.row(row)?;
        if !encoder.is_full() || at >= span.last {
            return Ok(ControlFlow::Continue(()));
        }
        encoder.end_chunk(at)?;
        if encoder.rowid.is_none() {
            return Ok(ControlFlow::Continue(()));
        }
        rest = Some(Span { first: at + 1, last: span.last });
        Ok(ControlFlow::Break(()))
    })?;
    if rest.is_none() {
        encoder.end_chunk(span.last)?;
    }
    hand_over(pieces, Piece::End(rest))
}

fn hand_over(pieces: &Sender<Piece>, piece: Piece) -> Result<()> {
    // The other end goes away when the connection failed; its error is the one to report.
    pieces.blocking_send(piece).map_err(|_| Error::new(ErrorKind::Interrupted, "load a table", "the connection was given up"))
}

struct Encoder<'a> {
    table: &'a TablePlan,
    fates: TableFates,
    key: Vec<usize>,
    rowid: Option<usize>,
    pieces: &'a Sender<Piece>,
    held: usize,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    chunk: Chunk,
    place: i64,
}

impl Encoder<'_> {
    /// Encodes a row, and tells its rowid or place.
    fn row(&mut self, row: &ScannedRow<'_>) -> Result<i64> {
        self.place = match self.rowid.map(|index| row.value(index)) {
            Some(ValueRef::Integer(rowid)) => rowid,
            Some(_) => return Err(self.unforeseen("a rowid is no integer")),
            None => self.place + 1,
        };
        let fate = self.fates.of(row, &self.key)?;
        let comes_across = fate != RowFate::HeldOut;
        if comes_across {
            let fields = i16::try_from(self.table.loaded().count())
                .map_err(|error| self.unforeseen("more columns than a row can have").because(error))?;
            self.buffer.extend_from_slice(&fields.to_be_bytes());
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        for (index, column) in self.table.columns.iter().enumerate() {
            let value = row.value(index);
            let settled = self.table.settle(&fate, column, value, &mut scratch);
            self.chunk.cells.add(settled.fate);
            if comes_across && column.generated.is_none() {
                self.cell(column, settled.value)?;
            }
            if let Fate::Quarantined(reason) = settled.fate {
                let cell = self.quarantined(row, column, value, reason.id());
                self.chunk.held += cell.size();
                self.chunk.quarantine.push(cell);
            }
        }
        scratch.truncate(0);
        scratch.shrink_to(LARGE_CELL);
        self.scratch = scratch;
        self.chunk.rows += 1;
        self.chunk.held_out += u64::from(!comes_across);
        if self.buffer.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(self.place)
    }

    fn cell(&mut self, column: &ColumnPlan, value: ValueRef<'_>) -> Result<()> {
        if column.not_null && matches!(value, ValueRef::Null) {
            return Err(self.unforeseen(&format!("no value for {}.{}, which is NOT NULL", self.table.source, column.source)));
        }
        if let Some(bytes) = column.carried(value).filter(|bytes| bytes.len() > LARGE_CELL) {
            return self.large(column, bytes);
        }
        column
            .encode(value, &mut self.buffer)
            .map_err(|fault| Error::bug("encode a cell", format!("{}.{}: {fault}", self.table.source, column.source)))
    }

    /// Sends a large cell piece by piece: the whole of it is in memory once.
    fn large(&mut self, column: &ColumnPlan, bytes: &[u8]) -> Result<()> {
        let length = i32::try_from(bytes.len())
            .map_err(|error| self.unforeseen(&format!("a cell of {} is larger than 2 GiB", column.source)).because(error))?;
        self.buffer.extend_from_slice(&length.to_be_bytes());
        for part in bytes.chunks(PIECE_BYTES) {
            self.buffer.extend_from_slice(part);
            self.flush()?;
        }
        Ok(())
    }

    fn quarantined(&self, row: &ScannedRow<'_>, column: &ColumnPlan, value: ValueRef<'_>, reason: &str) -> QuarantinedCell {
        let key = if self.key.is_empty() {
            RowKey::of(&[ValueRef::Integer(self.place)])
        } else {
            RowKey::of(&self.key.iter().map(|index| row.value(*index)).collect::<Vec<_>>())
        };
        QuarantinedCell {
            table: self.table.source.clone(),
            column: column.source.clone(),
            row: key,
            class: value.class(),
            original: QuarantinedCell::bytes_of(value),
            reason: reason.to_owned(),
        }
    }

    fn is_full(&self) -> bool {
        self.chunk.rows >= CHUNK_ROWS || self.chunk.bytes >= CHUNK_BYTES || self.chunk.held >= self.held
    }

    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.chunk.bytes += u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        let mut piece = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4)));
        // The connection copies what it sends: a little of it at a time.
        while piece.len() > 4 * PIECE_BYTES {
            hand_over(self.pieces, Piece::Rows(piece.split_to(2 * PIECE_BYTES)))?;
        }
        hand_over(self.pieces, Piece::Rows(piece))
    }

    /// Ends the chunk behind the row of this rowid or place; one without rows is none.
    fn end_chunk(&mut self, last: i64) -> Result<()> {
        self.flush()?;
        let mut chunk = std::mem::replace(&mut self.chunk, Chunk::beginning(last.saturating_add(1)));
        if chunk.rows == 0 {
            self.chunk.span.first = chunk.span.first;
            return Ok(());
        }
        if chunk.bytes == 0 {
            // All of its rows are held out: the chunk is noted like any other.
            hand_over(self.pieces, Piece::Rows(Bytes::new()))?;
        }
        chunk.span.last = last;
        hand_over(self.pieces, Piece::Chunk(chunk))
    }

    fn unforeseen(&self, detail: &str) -> Error {
        Error::new(ErrorKind::Unforeseen, format!("load {}", self.table.source), detail)
            .hint("the source is not what the plan was made for: nothing of this chunk was loaded; make a new plan")
    }
}
