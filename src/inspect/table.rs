//! The profile of one table, or of a part of its rows: one scan, in order of storage.
//!
//! Parts that are joined in that order give what one scan gives: counts and bounds add up, samples are those of the first rows, and
//! the digest is a sum over the rows.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::utf16;
use crate::catalog::{MOST_COLUMNS, RowIdentity, RowidKind, Table, TextEncoding};
use crate::error::{Error, ErrorKind, Result};
use crate::sqlite::{Rowids, Scan, ScanOrder, ScannedRow, SourceReader};
use crate::value::{ColumnProfile, Evidence, RowKey, TableProfile, ValueRef};

/// Rows between two reports of progress: some milliseconds' worth.
const ROWS_PER_REPORT: u64 = 16_384;
/// What is digested at once. A row may be wider than memory should be.
const DIGESTED_BYTES: usize = 64 * 1024;

/// What was found in some of a table's rows.
#[derive(Debug, Default)]
pub(super) struct Part {
    profile: TableProfile,
    digest: u128,
}

/// Reads the rows of a table, or those between two rowids; `read` is told how many, from time to time.
pub(super) fn part(
    reader: &SourceReader,
    table: &Table,
    within: Option<Rowids<'_>>,
    encoding: TextEncoding,
    read: &mut dyn FnMut(u64, u64),
) -> Result<Part> {
    let (columns, unreadable) = readable_columns(reader, table);
    if columns.is_empty() {
        return Ok(Part { profile: TableProfile { unreadable, ..TableProfile::default() }, digest: 0 });
    }
    let identity = Identity::of(table, &columns);
    let selected: Vec<String> = columns.iter().chain(&identity.appended).cloned().collect();
    let width = u64::try_from(columns.len()).unwrap_or(u64::MAX);
    let mut profiles = vec![ColumnProfile::default(); columns.len()];
    let mut part = Part { profile: TableProfile { unreadable, ..TableProfile::default() }, digest: 0 };
    let mut digest = RowDigest::default();
    let profile = &mut part.profile;

    let scan = Scan { table: &table.name, columns: &selected, rows: table.rows.as_deref(), within, order: ScanOrder::Storage, skip: 0 };
    reader.scan(&scan, &mut |row| {
        profile.rows += 1;
        let (number, named) = (profile.rows, OnceCell::new());
        let key = || -> RowKey { named.get_or_init(|| identity.key(row, number)).clone() };
        for (index, column) in profiles.iter_mut().enumerate() {
            let value = row.value(index);
            column.observe(value, &key);
            digest.add(value);
        }
        digest.add(identity.place(row, profile.rows));
        part.digest = part.digest.wrapping_add(digest.end());
        if identity.declared_key.iter().any(|index| row.value(*index) == ValueRef::Null) {
            profile.key_nulls.add(&key);
        }
        if let Some(ValueRef::Integer(rowid)) = identity.rowid.map(|index| row.value(index)) {
            profile.min_rowid = Some(profile.min_rowid.map_or(rowid, |least| least.min(rowid)));
            profile.max_rowid = profile.max_rowid.max(Some(rowid));
        }
        if profile.rows.is_multiple_of(ROWS_PER_REPORT) {
            read(ROWS_PER_REPORT, ROWS_PER_REPORT * width);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let rest = profile.rows % ROWS_PER_REPORT;
    read(rest, rest * width);

    profile.cells = profile.rows * width;
    profile.ill_formed_utf16 = ill_formed(reader, &scan, &columns, &identity, encoding)?;
    profile.columns = columns.into_iter().zip(profiles).collect();
    Ok(part)
}

impl Part {
    /// Takes in the rows that stand behind these.
    pub(super) fn append(&mut self, behind: Self) {
        let Self { profile, digest } = behind;
        let TableProfile { rows, cells, columns, unreadable: _, ill_formed_utf16, digest: _, key_nulls, min_rowid, max_rowid } = profile;
        self.digest = self.digest.wrapping_add(digest);
        let whole = &mut self.profile;
        whole.rows += rows;
        whole.cells += cells;
        for (name, column) in columns {
            whole.columns.entry(name).or_default().append(column);
        }
        for (name, evidence) in ill_formed_utf16 {
            whole.ill_formed_utf16.entry(name).or_default().append(evidence);
        }
        whole.key_nulls.append(key_nulls);
        whole.min_rowid = whole.min_rowid.into_iter().chain(min_rowid).min();
        whole.max_rowid = whole.max_rowid.max(max_rowid);
    }

    /// The profile of the table whose last part this was.
    pub(super) fn end(self) -> TableProfile {
        let Self { mut profile, digest } = self;
        if !profile.columns.is_empty() {
            profile.digest = format!("{digest:032x}");
        }
        profile
    }
}

/// XXH3 of one row at a time.
#[derive(Default)]
struct RowDigest {
    bytes: Vec<u8>,
    /// Of what no longer fits the buffer.
    wide: Option<Box<Xxh3>>,
}

impl RowDigest {
    fn add(&mut self, value: ValueRef<'_>) {
        if self.bytes.len() + value.bytes() > DIGESTED_BYTES {
            let wide = self.wide.get_or_insert_with(|| Box::new(Xxh3::new()));
            wide.update(&self.bytes);
            self.bytes.clear();
            // A long cell is not copied.
            if let ValueRef::Text(content) | ValueRef::Blob(content) = value {
                value.append_head_to(&mut self.bytes);
                wide.update(&self.bytes);
                wide.update(content);
                self.bytes.clear();
                return;
            }
        }
        value.append_to(&mut self.bytes);
    }

    fn end(&mut self) -> u128 {
        let digest = match self.wide.take() {
            None => xxh3_128(&self.bytes),
            Some(mut wide) => {
                wide.update(&self.bytes);
                wide.digest128()
            }
        };
        self.bytes.clear();
        digest
    }
}

/// The profile of a virtual table whose module fails while it is read; any other error is handed back.
pub(super) fn unread(table: &Table, error: Error) -> Result<Part> {
    if !matches!(error.kind(), ErrorKind::SourceCorrupt | ErrorKind::Unforeseen) {
        return Err(error);
    }
    let unreadable = table.columns.iter().map(|column| (column.name.clone(), error.detail().to_owned())).collect();
    Ok(Part { profile: TableProfile { unreadable, ..TableProfile::default() }, digest: 0 })
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
    /// Position of the rowid, where it is what names the row.
    rowid: Option<usize>,
    /// What tells where the row stands, besides its cells.
    place: Place,
    /// Positions of the declared primary key.
    declared_key: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Place {
    /// Its own cells do: the rowid or the primary key of a table without one is among them.
    Cells,
    /// The rowid, at this position.
    Rowid(usize),
    /// The number of rows before it.
    Number,
}

impl Identity {
    pub(super) fn of(table: &Table, columns: &[String]) -> Self {
        let position = |name: &String| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let declared_key = table.primary_key.iter().flat_map(|key| &key.columns).filter_map(position).collect();
        let hidden = hidden_rowid(table).filter(|_| columns.len() < MOST_COLUMNS).map(str::to_owned);
        let place = match (&table.rowid, &hidden) {
            (RowidKind::Alias { .. } | RowidKind::None, _) => Place::Cells,
            (RowidKind::Hidden { .. }, Some(_)) => Place::Rowid(columns.len()),
            (RowidKind::Hidden { .. }, None) => Place::Number,
        };
        let (named_by, rowid) = match table.identity() {
            RowIdentity::Columns(key) => {
                let rowid = table.rowid_alias().and_then(|alias| position(&alias.to_owned()));
                (key.iter().map(position).collect(), rowid)
            }
            RowIdentity::Rowid(_) => (hidden.as_ref().map(|_| vec![columns.len()]), hidden.as_ref().map(|_| columns.len())),
            RowIdentity::Position => (None, None),
        };
        Self { appended: hidden, named_by, rowid, place, declared_key }
    }

    pub(super) fn key(&self, row: &ScannedRow<'_>, number: u64) -> RowKey {
        match &self.named_by {
            Some(positions) => RowKey::of(&positions.iter().map(|index| row.value(*index)).collect::<Vec<_>>()),
            None => RowKey::of(&[numbered(number)]),
        }
    }

    fn place<'r>(&self, row: &'r ScannedRow<'_>, number: u64) -> ValueRef<'r> {
        match self.place {
            Place::Cells => ValueRef::Null,
            Place::Rowid(index) => row.value(index),
            Place::Number => numbered(number),
        }
    }
}

fn numbered(number: u64) -> ValueRef<'static> {
    ValueRef::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The name of a rowid that is no column.
fn hidden_rowid(table: &Table) -> Option<&str> {
    match &table.rowid {
        RowidKind::Hidden { access } => access.as_deref(),
        RowidKind::Alias { .. } | RowidKind::None => None,
    }
}

/// The name by which a table can be read in parts: of its rowid, where that also names its rows or other columns do.
pub(super) fn divided_by(table: &Table) -> Option<&str> {
    let named = match table.identity() {
        RowIdentity::Columns(_) | RowIdentity::Rowid(_) => true,
        RowIdentity::Position => false,
    };
    table.rowid_alias().or_else(|| hidden_rowid(table)).filter(|_| named && table.columns.len() < MOST_COLUMNS)
}
