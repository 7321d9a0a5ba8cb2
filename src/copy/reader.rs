//! Reads a table's rows from the snapshot and encodes them, ahead of the connection.

use std::ops::ControlFlow;
use std::path::Path;

use tokio::sync::mpsc::Sender;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{ColumnPlan, ScanColumns, TablePlan};
use crate::sqlite::{RowFates, Scan, ScanOrder, ScannedRow, SourceReader, TableFates};
use crate::value::{CellCounts, Fate, QuarantinedCell, RowFate, RowKey, ValueRef};

/// Bytes in one piece handed to the connection; larger pieces bring nothing.
const PIECE_BYTES: usize = 64 * 1024;

/// Bytes after which a chunk is committed: what a kill costs at the most, and what the quarantined cells of a chunk may
/// take in memory.
const CHUNK_BYTES: usize = 64 * 1024 * 1024;

/// Rows after which a chunk is committed.
const CHUNK_ROWS: u64 = 200_000;

/// What the reader hands over.
#[derive(Debug)]
pub(super) enum Piece {
    /// Encoded rows.
    Rows(Vec<u8>),
    /// The end of a chunk: it can be committed.
    Chunk(Chunk),
}

/// The books of a chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk {
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

/// Reads the rows behind the first `skip`, in storage order, which is the same in every run over the same snapshot.
pub(super) fn read(snapshot: &Path, table: &TablePlan, fates: &RowFates, skip: u64, pieces: &Sender<Piece>) -> Result<()> {
    let reader = SourceReader::open(snapshot)?;
    let fates = fates.of(&table.source)?;
    let ScanColumns { columns, key: key_from } = table.scan_columns();
    let mut encoder =
        Encoder { table, fates, key_from, pieces, buffer: Vec::new(), scratch: Vec::new(), chunk: Chunk::default(), position: skip };
    let scan = Scan { table: &table.source, columns: &columns, rows: table.rows_where.as_deref(), order: ScanOrder::Storage, skip };
    reader.scan(&scan, &mut |row| encoder.row(row).map(|()| ControlFlow::Continue(())))?;
    encoder.end_chunk()?;
    reader.finish()
}

struct Encoder<'a> {
    table: &'a TablePlan,
    fates: TableFates,
    key_from: Vec<usize>,
    pieces: &'a Sender<Piece>,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    chunk: Chunk,
    position: u64,
}

impl Encoder<'_> {
    fn row(&mut self, row: &ScannedRow<'_>) -> Result<()> {
        self.position += 1;
        let fate = self.fates.of(row, &self.key_from)?;
        let comes_across = fate != RowFate::HeldOut;
        if comes_across {
            let fields = i16::try_from(self.table.loaded().count())
                .map_err(|error| self.unforeseen("more columns than a row can have").because(error))?;
            self.buffer.extend_from_slice(&fields.to_be_bytes());
        }
        for (index, column) in self.table.columns.iter().enumerate() {
            let value = row.value(index);
            let settled = self.table.settle(&fate, column, value, &mut self.scratch);
            self.chunk.cells.add(settled.fate);
            if comes_across && column.generated.is_none() {
                if column.not_null && matches!(settled.value, ValueRef::Null) {
                    return Err(self.unforeseen(&format!("no value for {}.{}, which is NOT NULL", self.table.source, column.source)));
                }
                column
                    .encode(settled.value, &mut self.buffer)
                    .map_err(|fault| Error::bug("encode a cell", format!("{}.{}: {fault}", self.table.source, column.source)))?;
            }
            if let Fate::Quarantined(reason) = settled.fate {
                let cell = self.quarantined(row, column, value, reason.id());
                self.chunk.held += cell.size();
                self.chunk.quarantine.push(cell);
            }
        }
        self.chunk.rows += 1;
        self.chunk.held_out += u64::from(!comes_across);
        if self.buffer.len() >= PIECE_BYTES {
            self.flush()?;
        }
        let bytes = usize::try_from(self.chunk.bytes).unwrap_or(usize::MAX);
        if self.chunk.rows >= CHUNK_ROWS || bytes.saturating_add(self.chunk.held) >= CHUNK_BYTES {
            self.end_chunk()?;
        }
        Ok(())
    }

    fn quarantined(&self, row: &ScannedRow<'_>, column: &ColumnPlan, value: ValueRef<'_>, reason: &str) -> QuarantinedCell {
        let position = i64::try_from(self.position).unwrap_or(i64::MAX);
        let key = if self.key_from.is_empty() {
            RowKey::of(&[ValueRef::Integer(position)])
        } else {
            RowKey::of(&self.key_from.iter().map(|index| row.value(*index)).collect::<Vec<_>>())
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

    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.chunk.bytes += u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4));
        self.hand_over(Piece::Rows(piece))
    }

    fn end_chunk(&mut self) -> Result<()> {
        self.flush()?;
        if self.chunk.rows == 0 {
            return Ok(());
        }
        if self.chunk.bytes == 0 {
            // All of its rows are held out: the chunk is noted like any other.
            self.hand_over(Piece::Rows(Vec::new()))?;
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.hand_over(Piece::Chunk(chunk))
    }

    fn hand_over(&self, piece: Piece) -> Result<()> {
        // The other end goes away when the connection failed; its error is the one to report.
        self.pieces.blocking_send(piece).map_err(|_| Error::new(ErrorKind::Interrupted, "load a table", "the connection was given up"))
    }

    fn unforeseen(&self, detail: &str) -> Error {
        Error::new(ErrorKind::Unforeseen, format!("load {}", self.table.source), detail)
            .hint("the source is not what the plan was made for: nothing of this chunk was loaded; make a new plan")
    }
}
