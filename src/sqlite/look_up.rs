//! Rows of a table by their keys, one after the other.

use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef as SqlValue};

use super::fault::fault;
use super::reader::SourceReader;
use super::scan::ScannedRow;
use crate::catalog::quoted;
use crate::error::Result;
use crate::value::{Value, ValueRef};

/// Looks up rows of one table by the values of its key.
#[derive(Debug)]
pub struct LookUp<'r> {
    reader: &'r SourceReader,
    statement: Statement<'r>,
    key: Vec<usize>,
    doing: String,
}

impl SourceReader {
    /// Prepares to look up rows by these columns, which stand at these places among those that are read. With a condition, a last
    /// value says whether it holds (1) or not (0).
    pub fn look_up(&self, table: &str, columns: &[String], key: &[usize], condition: Option<&str>) -> Result<LookUp<'_>> {
        let doing = format!("look up rows of {}", quoted(table));
        let name = |column: &String| format!("s.{}", quoted(column));
        let terms: Vec<String> = key.iter().filter_map(|place| columns.get(*place)).map(|column| format!("{} = ?", name(column))).collect();
        let mut read: Vec<String> = columns.iter().map(name).collect();
        read.extend(condition.map(|condition| format!("(({condition}\n) is true)")));
        let sql = format!("select {} from main.{} as s where {}", read.join(", "), quoted(table), terms.join(" and "));
        let statement = self.connection().prepare(&sql).map_err(|error| fault(&doing, error))?;
        Ok(LookUp { reader: self, statement, key: key.to_vec(), doing })
    }
}

impl LookUp<'_> {
    /// Visits the row of this key; false where there is none. Two keys are the same only where class and bytes are.
    pub fn visit(&mut self, key: &[Value], visit: &mut dyn FnMut(&ScannedRow<'_>) -> Result<()>) -> Result<bool> {
        let failed = |error| fault(&self.doing, error);
        let parameters = rusqlite::params_from_iter(key.iter().map(|value| Parameter(value.as_ref())));
        let len = self.statement.column_count();
        let mut rows = self.statement.query(parameters).map_err(failed)?;
        while let Some(row) = rows.next().map_err(|error| self.reader.judged(failed(error)))? {
            let row = ScannedRow::new(row, len);
            if self.key.iter().zip(key).all(|(place, value)| row.value(*place) == value.as_ref()) {
                visit(&row)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

struct Parameter<'a>(ValueRef<'a>);

impl rusqlite::ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            ValueRef::Null => SqlValue::Null,
            ValueRef::Integer(number) => SqlValue::Integer(number),
            ValueRef::Real(number) => SqlValue::Real(number),
            ValueRef::Text(bytes) => SqlValue::Text(bytes),
            ValueRef::Blob(bytes) => SqlValue::Blob(bytes),
        }))
    }
}
