//! Connections to SQLite files as this program wants them, and the small change of querying.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::fault::fault;
use crate::error::{Error, ErrorKind, Result};

/// Settings for reading a file of which nothing is known: what its schema names is not trusted, nothing can be written.
pub(super) fn harden(connection: &Connection, busy: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    // The bundled SQLite enforces foreign keys unless told not to; a reader has none to enforce.
    connection.execute_batch("pragma trusted_schema = off; pragma query_only = on; pragma foreign_keys = off; pragma cell_size_check = on;")
}

/// Begins the read transaction and reads the schema, so that the snapshot starts here and not at the first query.
pub(super) fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("begin")?;
    connection.query_row("select count(*) from main.sqlite_schema", [], |_| Ok(()))
}

/// The path as a URI that says that the file can't change; every byte that could mean something in a URI is escaped.
pub(super) fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            other => {
                // Writing to a String can't fail.
                write!(uri, "%{other:02x}").ok();
            }
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Runs a query without parameters and visits each row.
pub(super) fn each_row(connection: &Connection, sql: &str, doing: &str, visit: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let mut statement = connection.prepare(sql).map_err(|error| fault(doing, error))?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| fault(doing, error))? {
        visit(row)?;
    }
    Ok(())
}

/// The one number that a pragma tells.
pub(super) fn number(connection: &Connection, sql: &str, doing: &str) -> Result<i64> {
    connection.query_row(sql, [], |row| row.get(0)).map_err(|error| fault(doing, error))
}

/// An integer of a row of SQLite's own; NULL reads as 0.
pub(super) fn integer_of(row: &Row<'_>, index: usize) -> i64 {
    match row.get_ref(index) {
        Ok(ValueRef::Integer(number)) => number,
        Ok(ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_)) | Err(_) => 0,
    }
}

/// A name or a piece of SQL from the schema, which has to be UTF-8 to be of use to anyone.
pub(super) fn name_of(row: &Row<'_>, index: usize) -> Result<Option<String>> {
    let Some(bytes) = bytes_of(row, index) else { return Ok(None) };
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(error) => Err(Error::new(
            ErrorKind::SourceCorrupt,
            "read the schema",
            format!("the name or default `{}` is not valid UTF-8; nothing was changed", String::from_utf8_lossy(bytes)),
        )
        .hint("rename the object, or set the default anew, with a program that knows its encoding")
        .because(error)),
    }
}

/// The text of a statement; bytes that are not UTF-8 (a comment in an old code page) become U+FFFD, which the dialect
/// does not translate where it stands in a literal.
pub(super) fn statement_of(row: &Row<'_>, index: usize) -> Option<String> {
    Some(String::from_utf8_lossy(bytes_of(row, index)?).into_owned())
}

fn bytes_of<'r>(row: &'r Row<'_>, index: usize) -> Option<&'r [u8]> {
    match row.get_ref(index) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Some(bytes),
        Ok(ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_means_something_in_a_uri() {
        assert_eq!(immutable_uri(Path::new("/a b/c?d#e%f.db")), "file:///a%20b/c%3fd%23e%25f.db?immutable=1");
    }
}
