//! Compares one row, and keeps the books of a table.

use tokio::sync::mpsc::Sender;
use xxhash_rust::xxh3::Xxh3;

use super::report::{CellShape, Difference, Sign};
use super::target_rows::TargetRows;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{ColumnPlan, TablePlan};
use crate::sqlite::ScannedRow;
use crate::value::{CellCounts, QuarantinedCell};
use crate::value::{Fate, RowFate, RowKey, ValueRef};

/// The books of one table.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) rows: u64,
    pub(super) cells: CellCounts,
    pub(super) differences: u64,
    pub(super) shown: Vec<Difference>,
    show: usize,
    /// Closed when the last row is compared, so that the look-up ends.
    quarantine: Option<Sender<QuarantinedCell>>,
    source_scratch: Vec<u8>,
    target_scratch: Vec<u8>,
}

impl Books {
    /// Empty books; the originals that the quarantine must hold are handed to `quarantine`.
    pub(super) fn new(show: usize, quarantine: Sender<QuarantinedCell>) -> Self {
        Self {
            rows: 0,
            cells: CellCounts::default(),
            differences: 0,
            shown: Vec::new(),
            show,
            quarantine: Some(quarantine),
            source_scratch: Vec::new(),
            target_scratch: Vec::new(),
        }
    }

    /// Says that no cell will be handed over any more.
    pub(super) fn close(&mut self) {
        self.quarantine = None;
    }

    /// Notes a difference.
    pub(super) fn differ(&mut self, difference: impl FnOnce() -> Difference) {
        self.differences += 1;
        if self.shown.len() < self.show {
            self.shown.push(difference());
        }
    }

    /// Compares the cells of a row that is on both sides.
    pub(super) fn compare_row(
        &mut self,
        table: &TablePlan,
        (row, fate): (&ScannedRow<'_>, &RowFate),
        target: &TargetRows,
        key: &dyn Fn() -> RowKey,
    ) -> Result<()> {
        self.rows += 1;
        for (index, column) in table.columns.iter().enumerate() {
            self.compare_cell((table, fate), column, row.value(index), target.field(index), key)?;
        }
        Ok(())
    }

    fn compare_cell(
        &mut self,
        (table, row): (&TablePlan, &RowFate),
        column: &ColumnPlan,
        source: ValueRef<'_>,
        field: Option<&[u8]>,
        key: &dyn Fn() -> RowKey,
    ) -> Result<()> {
        let mut target_scratch = std::mem::take(&mut self.target_scratch);
        let verdict = match column.decode(field, &mut target_scratch) {
            Ok(target) if target == source => Ok(()),
            Ok(target) => Err(Some(target)),
            // Bytes that the column's type can't have: a difference like any other.
            Err(_) => Err(None),
        };
        match verdict {
            Ok(()) => self.cells.add(Fate::Exact),
            Err(target) => {
                let mut scratch = std::mem::take(&mut self.source_scratch);
                let settled = table.settle(row, column, source, &mut scratch);
                let as_planned = settled.fate != Fate::Exact && target == Some(settled.value);
                if as_planned {
                    self.cells.add(settled.fate);
                    self.expect_quarantined(table, column, source, settled.fate, key)?;
                } else {
                    let shape = |value: ValueRef<'_>| -> CellShape { (value.class(), value.bytes()) };
                    self.differ(|| Difference {
                        sign: Sign::Changed,
                        row: key(),
                        column: Some(column.source.clone()),
                        source: Some(shape(source)),
                        target: target.map(shape),
                    });
                }
                self.source_scratch = scratch;
            }
        }
        self.target_scratch = target_scratch;
        Ok(())
    }

    /// A quarantined cell's original must be in the quarantine.
    fn expect_quarantined(
        &self,
        table: &TablePlan,
        column: &ColumnPlan,
        source: ValueRef<'_>,
        fate: Fate,
        key: &dyn Fn() -> RowKey,
    ) -> Result<()> {
        let Fate::Quarantined(reason) = fate else { return Ok(()) };
        let cell = QuarantinedCell {
            table: table.source.clone(),
            column: column.source.clone(),
            row: key(),
            class: source.class(),
            original: QuarantinedCell::bytes_of(source),
            reason: reason.id().to_owned(),
        };
        let given_up = || Error::new(ErrorKind::Interrupted, "compare a table", "the connection was given up");
        let quarantine = self.quarantine.as_ref().ok_or_else(given_up)?;
        quarantine.blocking_send(cell).map_err(|_| given_up())
    }

    /// The digest of what a row of the source must come back as; its inexact cells are looked up in the quarantine.
    pub(super) fn digest_source(
        &mut self,
        table: &TablePlan,
        (row, fate): (&ScannedRow<'_>, &RowFate),
        key: &dyn Fn() -> RowKey,
    ) -> Result<u128> {
        self.settle_row(table, (row, fate), key)?;
        Ok(digest_of_settled(table, row, fate))
    }

    /// A row that is held out: every cell of it must be in the quarantine.
    pub(super) fn held_out(&mut self, table: &TablePlan, row: &ScannedRow<'_>, key: &dyn Fn() -> RowKey) -> Result<()> {
        self.settle_row(table, (row, &RowFate::HeldOut), key)
    }

    fn settle_row(&mut self, table: &TablePlan, (row, of_row): (&ScannedRow<'_>, &RowFate), key: &dyn Fn() -> RowKey) -> Result<()> {
        self.rows += 1;
        let mut scratch = std::mem::take(&mut self.source_scratch);
        for (index, column) in table.columns.iter().enumerate() {
            let source = row.value(index);
            let fate = table.settle(of_row, column, source, &mut scratch).fate;
            self.cells.add(fate);
            self.expect_quarantined(table, column, source, fate, key)?;
        }
        self.source_scratch = scratch;
        Ok(())
    }

    /// The digest of a row of the target, taken back through the inverse.
    pub(super) fn digest_target(&mut self, table: &TablePlan, rows: &TargetRows) -> u128 {
        let mut hash = Xxh3::new();
        for (index, column) in table.columns.iter().enumerate() {
            match column.decode(rows.field(index), &mut self.target_scratch) {
                Ok(value) => feed(&mut hash, value),
                // No value of SQLite has this mark: such a row equals none of the source.
                Err(_) => hash.update(&[u8::MAX]),
            }
        }
        hash.digest128()
    }
}

/// The digest of what a row of the source must come back as.
pub(super) fn digest_of_settled(table: &TablePlan, row: &ScannedRow<'_>, fate: &RowFate) -> u128 {
    let mut hash = Xxh3::new();
    let mut scratch = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        feed(&mut hash, table.settle(fate, column, row.value(index), &mut scratch).value);
    }
    hash.digest128()
}

/// Feeds a value so that no two different rows feed the same bytes.
fn feed(hash: &mut Xxh3, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => hash.update(&[0]),
        ValueRef::Integer(number) => {
            hash.update(&[1]);
            hash.update(&number.to_be_bytes());
        }
        ValueRef::Real(number) => {
            hash.update(&[2]);
            hash.update(&number.to_bits().to_be_bytes());
        }
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            hash.update(&[if matches!(value, ValueRef::Text(_)) { 3 } else { 4 }]);
            hash.update(&bytes.len().to_be_bytes());
            hash.update(bytes);
        }
    }
}
