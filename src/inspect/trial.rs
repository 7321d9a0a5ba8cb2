//! Tries conversions that somebody chose on every cell of their columns.

use std::ops::ControlFlow;

use super::table::Identity;
use crate::catalog::{SourceCatalog, Table};
use crate::error::Result;
use crate::sqlite::{Scan, ScanOrder, SourceReader};
use crate::value::{ColumnTrial, TriedColumn};

/// Tries each of these, with one more scan of each of their tables.
pub fn try_conversions(reader: &SourceReader, catalog: &SourceCatalog, trials: &[ColumnTrial]) -> Result<Vec<TriedColumn>> {
    let mut tried = Vec::with_capacity(trials.len());
    for table in &catalog.tables {
        let of_table: Vec<&ColumnTrial> = trials.iter().filter(|trial| trial.table == table.name).collect();
        if !of_table.is_empty() {
            tried.extend(try_table(reader, table, &of_table)?);
        }
    }
    Ok(tried)
}

fn try_table(reader: &SourceReader, table: &Table, trials: &[&ColumnTrial]) -> Result<Vec<TriedColumn>> {
    let mut columns: Vec<String> = trials.iter().map(|trial| trial.column.clone()).collect();
    // The columns that name a row stand behind those that are tried.
    let named_by = table.primary_key.iter().flat_map(|key| key.columns.iter().cloned());
    columns.extend(table.rowid_alias().map(str::to_owned).into_iter().chain(named_by));
    let identity = Identity::of(table, &columns);
    columns.extend(identity.appended.clone());
    let mut books: Vec<TriedColumn> = trials.iter().map(|trial| TriedColumn::begin(trial)).collect();
    let mut scratch = Vec::new();
    let mut place = 0;
    let scan =
        Scan { table: &table.name, columns: &columns, rows: table.rows.as_deref(), within: None, order: ScanOrder::Storage, skip: 0 };
    reader.scan(&scan, &mut |row| {
        place += 1;
        for (index, (trial, book)) in trials.iter().zip(&mut books).enumerate() {
            book.observe(trial, row.value(index), &|| identity.key(row, place), &mut scratch);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(books.into_iter().map(TriedColumn::end).collect())
}
