//! Identifiers in SQL text.

/// The name as a quoted identifier, right for SQLite and for PostgreSQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
