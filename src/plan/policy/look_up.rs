//! What a policy says of a table or a column.

use super::{ColumnName, ColumnPolicy, Policy, Said, TablePolicy};

impl Policy {
    /// What is decided for a table.
    pub fn table(&self, table: &str) -> Option<&TablePolicy> {
        self.tables.iter().find(|said| said.name.eq_ignore_ascii_case(table)).map(|said| &said.what)
    }

    /// The name that a table of the source is to have in the target.
    pub fn name_of_table<'a>(&'a self, table: &'a str) -> &'a str {
        self.table(table).and_then(|policy| policy.name.as_deref()).unwrap_or(table)
    }

    /// What is decided for a column.
    pub fn column(&self, table: &str, column: &str) -> Option<&ColumnPolicy> {
        self.said_of_column(table, column).map(|said| &said.what)
    }

    /// What is decided for a column, and where in the file.
    pub(in crate::plan) fn said_of_column(&self, table: &str, column: &str) -> Option<&Said<ColumnPolicy>> {
        let is_meant = |name: &ColumnName| name.table.eq_ignore_ascii_case(table) && name.column.eq_ignore_ascii_case(column);
        self.columns.iter().find(|said| ColumnName::parse(&said.name).as_ref().is_some_and(is_meant))
    }
}
