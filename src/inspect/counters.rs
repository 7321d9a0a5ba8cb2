//! Tables of the source that count.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::sqlite::{Scan, ScanOrder, SourceReader};
use crate::value::ValueRef;

/// The next numbers of a table's counters, each with the counter's name where a column names it; rows without an integer,
/// or without a name that is text, count nothing.
pub fn counters(reader: &SourceReader, table: &str, name: Option<&str>, next: &str) -> Result<Vec<(String, i64)>> {
    let columns: Vec<String> = [next].into_iter().chain(name).map(str::to_owned).collect();
    let scan = Scan { table, columns: &columns, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
    let mut values = Vec::new();
    reader.scan(&scan, &mut |row| {
        let named = match name.map(|_| row.value(1)) {
            None => Some(""),
            Some(ValueRef::Text(bytes)) => std::str::from_utf8(bytes).ok(),
            Some(ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_)) => None,
        };
        if let (Some(named), ValueRef::Integer(next)) = (named, row.value(0)) {
            values.push((named.to_owned(), next));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(values)
}
