//! The profile of one table: one scan, in order of storage.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use xxhash_rust::xxh3::Xxh3;

use super::{InspectProgress, utf16};
use crate::catalog::{RowIdentity, Table, TextEncoding};
use crate::error::{Error, ErrorKind, Result};
use crate::sqlite::{Scan, ScanOrder, ScannedRow, SourceReader};
use crate::value::{ColumnProfile, Evidence, RowKey, TableProfile, ValueRef};

/// Rows between two reports of progress: some milliseconds' worth.
const ROWS_PER_REPORT: u64 = 16_384;

/// Reads every row of a table.
pub(super) fn profile(
    reader: &SourceReader,
    table: &Table,
    encoding: TextEncoding,
    progress: &mut dyn FnMut(InspectProgress<'_>),
) -> Result<TableProfile> {
    let (columns, unreadable) = readable_columns(reader, table);
    if columns.is_empty() {
        return Ok(TableProfile { unreadable, ..TableProfile::default() });
    }
    let identity = Identity::of(table, &columns);
    let selected: Vec<String> = columns.iter().chain(&identity.appended).cloned().collect();
    let mut profiles = vec![ColumnProfile::default(); columns.len()];
    let mut profile = TableProfile { unreadable, ..TableProfile::default() };
    let mut digest = Xxh3::new();
    let mut bytes = Vec::new();

    let scan =
        Scan { table: &table.name, columns: &selected, rows: table.rows.as_deref(), within: None, order: ScanOrder::Storage, skip: 0 };
    reader.scan(&scan, &mut |row| {
        profile.rows += 1;
        let key = || identity.key(row, profile.rows);
        bytes.clear();
        for (index, column) in profiles.iter_mut().enumerate() {
            let value = row.value(index);
            column.observe(value, &key);
            value.append_to(&mut bytes);
            // A row may be wider than memory should be.
            if bytes.len() > 64 * 1024 {
                digest.update(&bytes);
                bytes.clear();
            }
        }
        digest.update(&bytes);
        if identity.declared_key.iter().any(|index| row.value(*index) == ValueRef::Null) {
            profile.key_nulls.add(&key);
        }
        if let Some(ValueRef::Integer(rowid)) = identity.rowid.map(|index| row.value(index)) {
            profile.min_rowid = Some(profile.min_rowid.map_or(rowid, |least| least.min(rowid)));
            profile.max_rowid = Some(profile.max_rowid.map_or(rowid, |greatest| greatest.max(rowid)));
        }
        profile.cells += columns_in(&columns);
        if profile.rows.is_multiple_of(ROWS_PER_REPORT) {
            progress(InspectProgress::Rows { table: &table.name, rows: profile.rows, cells: profile.cells });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    progress(InspectProgress::Rows { table: &table.name, rows: profile.rows, cells: profile.cells });

    profile.ill_formed_utf16 = ill_formed(reader, &scan, &columns, &identity, encoding)?;
    profile.digest = format!("{:032x}", digest.digest128());
    profile.columns = columns.into_iter().zip(profiles).collect();
    Ok(profile)
}

/// The profile of a virtual table whose module fails while it is read; any other error is handed back.
pub(super) fn unread(table: &Table, error: Error) -> Result<TableProfile> {
    if !matches!(error.kind(), ErrorKind::SourceCorrupt | ErrorKind::Unforeseen) {
        return Err(error);
    }
    let unreadable = table.columns.iter().map(|column| (column.name.clone(), error.detail().to_owned())).collect();
    Ok(TableProfile { unreadable, ..TableProfile::default() })
}

/// The rows whose text SQLite changes on the way out, by column.
fn ill_formed(
    reader: &SourceReader,
    scan: &Scan<'_>,
    columns: &[String],
    identity: &Identity,
    encoding: TextEncoding,
) -> Result<BTreeMap<String, Evidence>> {
    let order = match encoding {
        // These bytes are read as they are stored: `invalid UTF-8` is a matter of the column's profile.
        TextEncoding::Utf8 => return Ok(BTreeMap::new()),
        TextEncoding::Utf16Le => utf16::ByteOrder::Little,
        TextEncoding::Utf16Be => utf16::ByteOrder::Big,
    };
    let mut found = vec![Evidence::default(); columns.len()];
    let mut place = 0;
    reader.scan_stored_texts(scan, &mut |row| {
        place += 1;
        for (index, evidence) in found.iter_mut().enumerate() {
            if let ValueRef::Blob(bytes) = row.value(scan.columns.len() + index)
                && !utf16::is_well_formed(bytes, order)
            {
                evidence.add(&|| identity.key(row, place));
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let columns = columns.iter().cloned().zip(found);
    Ok(columns.filter(|(_, evidence)| evidence.count > 0).collect())
}

fn columns_in(columns: &[String]) -> u64 {
    u64::try_from(columns.len()).unwrap_or(u64::MAX)
}

/// The columns that SQLite can read, and why it can't read the others.
fn readable_columns(reader: &SourceReader, table: &Table) -> (Vec<String>, BTreeMap<String, String>) {
    let all: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    if reader.unreadable(&table.name, &all).is_none() {
        return (all, BTreeMap::new());
    }
    let mut unreadable = BTreeMap::new();
    let mut readable = Vec::new();
    for column in all {
        match reader.unreadable(&table.name, std::slice::from_ref(&column)) {
            Some(reason) => {
                unreadable.insert(column, reason);
            }
            None => readable.push(column),
        }
    }
    (readable, unreadable)
}

/// Where in a scanned row its identity stands.
pub(super) struct Identity {
    /// A column to read besides the table's own.
    pub(super) appended: Option<String>,
    /// Positions of what names the row; none for its place.
    named_by: Option<Vec<usize>>,
    /// Position of the rowid.
    rowid: Option<usize>,
    /// Positions of the declared primary key.
    declared_key: Vec<usize>,
}

impl Identity {
    pub(super) fn of(table: &Table, columns: &[String]) -> Self {
        let position = |name: &String| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let declared_key = table.primary_key.iter().flat_map(|key| &key.columns).filter_map(position).collect();
        match table.identity() {
            RowIdentity::Columns(key) => {
                let rowid = table.rowid_alias().and_then(|alias| position(&alias.to_owned()));
                Self { appended: None, named_by: key.iter().map(position).collect(), rowid, declared_key }
            }
            RowIdentity::Rowid(access) => {
                let at = columns.len();
                Self { appended: Some(access), named_by: Some(vec![at]), rowid: Some(at), declared_key }
            }
            RowIdentity::Position => Self { appended: None, named_by: None, rowid: None, declared_key },
        }
    }

    pub(super) fn key(&self, row: &ScannedRow<'_>, place: u64) -> RowKey {
        match &self.named_by {
            Some(positions) => RowKey::of(&positions.iter().map(|index| row.value(*index)).collect::<Vec<_>>()),
            None => RowKey::of(&[ValueRef::Integer(i64::try_from(place).unwrap_or(i64::MAX))]),
        }
    }
}
