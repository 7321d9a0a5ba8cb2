//! Compares one row, and keeps the books of a table.

use super::digest::RowDigest;
use super::quarantine::Quarantine;
use super::report::{CellShape, Difference, Sign};
use super::target_rows::TargetRows;
use crate::error::Result;
use crate::plan::{ColumnPlan, TablePlan};
use crate::sqlite::ScannedRow;
use crate::value::CellCounts;
use crate::value::{Fate, RowFate, RowKey, ValueRef};

/// The books of one table, or of a part of one.
pub(super) struct Books {
    /// Rows of the source that were compared.
    pub(super) rows: u64,
    pub(super) cells: CellCounts,
    pub(super) differences: u64,
    pub(super) shown: Vec<Difference>,
    /// Rows of reference data that the source holds too, and that were compared.
    pub(super) reference_in_source: u64,
    show: usize,
    /// None where the quarantine was asked before.
    quarantine: Option<Quarantine>,
    digest: RowDigest,
    source_scratch: Vec<u8>,
    target_scratch: Vec<u8>,
}

impl Books {
    /// Empty books; the originals that the quarantine must hold are handed to `quarantine`.
    pub(super) fn new(show: usize, quarantine: Option<Quarantine>) -> Self {
        Self {
            rows: 0,
            cells: CellCounts::default(),
            differences: 0,
            shown: Vec::new(),
            reference_in_source: 0,
            show,
            quarantine,
            digest: RowDigest::default(),
            source_scratch: Vec::new(),
            target_scratch: Vec::new(),
        }
    }

    /// Says that no cell will be handed over any more, and gives back the memory of large ones.
    pub(super) fn closed(self) -> Self {
        Self { quarantine: None, digest: RowDigest::default(), source_scratch: Vec::new(), target_scratch: Vec::new(), ..self }
    }

    /// Adds the books of the part behind.
    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.cells.merge(&other.cells);
        self.differences += other.differences;
        self.reference_in_source += other.reference_in_source;
        let room = self.show.saturating_sub(self.shown.len());
        self.shown.extend(other.shown.into_iter().take(room));
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
        target: &TargetRows<'_>,
        key: &dyn Fn() -> RowKey,
    ) -> Result<()> {
        self.rows += 1;
        for (index, column) in table.columns.iter().enumerate() {
            self.compare_cell((table, fate), column, row.value(index), target.field(index)?, key)?;
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
        match (fate, &self.quarantine) {
            (Fate::Quarantined(_), Some(quarantine)) => quarantine.expect(table, column, key(), source),
            (Fate::Quarantined(_), None) | (Fate::Exact | Fate::Normalised(_), _) => Ok(()),
        }
    }

    /// The digest of what a row of the source must come back as; its inexact cells are looked up in the quarantine.
    pub(super) fn digest_source(
        &mut self,
        table: &TablePlan,
        (row, of_row): (&ScannedRow<'_>, &RowFate),
        key: &dyn Fn() -> RowKey,
    ) -> Result<u128> {
        self.rows += 1;
        let mut scratch = std::mem::take(&mut self.source_scratch);
        for (index, column) in table.columns.iter().enumerate() {
            let source = row.value(index);
            let settled = table.settle(of_row, column, source, &mut scratch);
            self.digest.cell(settled.value);
            let fate = settled.fate;
            self.cells.add(fate);
            self.expect_quarantined(table, column, source, fate, key)?;
        }
        self.source_scratch = scratch;
        Ok(self.digest.finish())
    }

    /// A row that is held out: every cell of it must be in the quarantine.
    pub(super) fn held_out(&mut self, table: &TablePlan, row: &ScannedRow<'_>, key: &dyn Fn() -> RowKey) -> Result<()> {
        self.digest_source(table, (row, &RowFate::HeldOut), key).map(drop)
    }

    /// The digest of a row of the target, taken back through the inverse.
    pub(super) fn digest_target(&mut self, table: &TablePlan, rows: &TargetRows<'_>) -> Result<u128> {
        for (index, column) in table.columns.iter().enumerate() {
            match column.decode(rows.field(index)?, &mut self.target_scratch) {
                Ok(value) => self.digest.cell(value),
                Err(_) => self.digest.no_cell(),
            }
        }
        Ok(self.digest.finish())
    }
}

/// The digest of what a row of the source must come back as.
pub(super) fn digest_of_settled(
    table: &TablePlan,
    (row, fate): (&ScannedRow<'_>, &RowFate),
    digest: &mut RowDigest,
    scratch: &mut Vec<u8>,
) -> u128 {
    for (index, column) in table.columns.iter().enumerate() {
        digest.cell(table.settle(fate, column, row.value(index), scratch).value);
    }
    digest.finish()
}

/// Shows counts and differences only.
impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rows, cells, differences, .. } = self;
        f.debug_struct("Books").field("rows", rows).field("cells", cells).field("differences", differences).finish_non_exhaustive()
    }
}
