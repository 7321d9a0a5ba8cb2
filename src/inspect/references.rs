//! Rows of the source whose keys a file of reference data has, too.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::catalog::Table;
use crate::error::Result;
use crate::sqlite::{Scan, ScanOrder, SourceReader};
use crate::value::{Evidence, RowKey, ValueRef};

/// The rows of a table whose key has one of these texts. An integer is meant by every text that says it (`7`, `007`); what
/// no plain text can tell (a real, a blob) is the server's to compare when the file is loaded.
pub fn rows_with_keys(reader: &SourceReader, table: &Table, columns: &[String], texts: &[Vec<String>]) -> Result<Evidence> {
    let wanted: BTreeSet<Vec<String>> = texts.iter().cloned().chain(texts.iter().map(|key| numbers(key))).collect();
    let scan = Scan { table: &table.name, columns, rows: table.rows.as_deref(), within: None, order: ScanOrder::Storage, skip: 0 };
    let mut found = Evidence::default();
    if wanted.is_empty() {
        return Ok(found);
    }
    reader.scan(&scan, &mut |row| {
        let values: Vec<ValueRef<'_>> = (0..columns.len()).map(|place| row.value(place)).collect();
        let text = values.iter().map(|value| text(*value)).collect::<Option<Vec<String>>>();
        if text.is_some_and(|text| wanted.contains(&text)) {
            found.add(&|| RowKey::of(&values));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn numbers(key: &[String]) -> Vec<String> {
    key.iter().map(|text| text.trim().parse::<i64>().map_or_else(|_| text.clone(), |number| number.to_string())).collect()
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}
