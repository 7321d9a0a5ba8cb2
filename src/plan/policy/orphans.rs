//! What the policy decides of rows whose parent is missing.

use super::nearest::did_you_mean;
use super::select::unknown_table;
use super::{ColumnName, OrphanRule, Policy};
use crate::catalog::{ForeignKey, SourceCatalog};
use crate::error::Result;

impl Policy {
    /// What becomes of the orphans of a foreign key: what is said of it, of its table, or of all.
    pub fn orphan_rule(&self, table: &str, key: &ForeignKey) -> OrphanRule {
        let columns = columns_of(key);
        let is_meant = |name: &ColumnName| name.table.eq_ignore_ascii_case(table) && name.column.eq_ignore_ascii_case(&columns);
        let said = self.foreign_keys.iter().find(|said| ColumnName::parse(&said.name).as_ref().is_some_and(is_meant));
        said.and_then(|said| said.what.orphans)
            .or_else(|| self.table(table).and_then(|policy| policy.orphans))
            .unwrap_or(self.rules.orphans)
    }

    /// Every foreign key that the policy names is one.
    pub(super) fn foreign_keys_are_known(&self, catalog: &SourceCatalog) -> Result<()> {
        for said in &self.foreign_keys {
            let Some(name) = ColumnName::parse(&said.name) else {
                let detail = "it is not of the form `table.column`, or `table.one+other` for a key of several columns";
                return Err(said.error(detail).hint("a name that holds a point stands in double quotes: [foreign-keys.'\"a.b\".c']"));
            };
            let Some(table) = catalog.table(&name.table) else { return Err(unknown_table(said, &name.table, catalog)) };
            let known: Vec<String> = table.foreign_keys.iter().map(columns_of).collect();
            if !known.iter().any(|columns| columns.eq_ignore_ascii_case(&name.column)) {
                let otherwise = if known.is_empty() { "the table has none" } else { "`outgrow inspect` lists them" };
                let hint = did_you_mean(&name.column, known.iter().map(String::as_str), otherwise);
                return Err(said.error(format!("the table {} has no foreign key over {}", table.name, name.column)).hint(hint));
            }
        }
        Ok(())
    }
}

/// The columns of a key as findings write them.
fn columns_of(key: &ForeignKey) -> String {
    key.columns.iter().map(|pair| pair.child.as_str()).collect::<Vec<_>>().join("+")
}
