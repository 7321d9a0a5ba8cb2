//! The types that the policy gives to columns.

use super::nearest::did_you_mean;
use super::{EmptyText, Policy, Said, type_name};
use crate::catalog::{Column, SourceCatalog, Table, TargetType};
use crate::error::Result;
use crate::value::{Epoch, TextRules, Zone};

impl Policy {
    /// The type that a column is given, as written: by its own name, by its table's rule for the declared type, or by
    /// that for all tables.
    pub(in crate::plan) fn type_of(&self, table: &str, column: &Column) -> Option<&str> {
        let own = self.column(table, &column.name).and_then(|decided| decided.pg_type.as_deref());
        let of_table = || {
            let types = &self.table(table)?.types;
            types.iter().find(|(declared, _)| same_type(declared, &column.declared)).map(|(_, given)| given.as_str())
        };
        let of_all = || self.types.iter().find(|said| same_type(&said.name, &column.declared)).map(|said| said.what.as_str());
        own.or_else(of_table).or_else(of_all)
    }

    /// What becomes of text that PostgreSQL can't hold, in this column.
    pub(in crate::plan) fn text_rules(&self, table: &str, column: &str) -> TextRules {
        let rules = self.rules.text;
        let decided = self.column(table, column);
        TextRules {
            nul: decided.and_then(|decided| decided.nul).unwrap_or(rules.nul),
            invalid_utf8: decided.and_then(|decided| decided.invalid_utf8).unwrap_or(rules.invalid_utf8),
        }
    }

    /// Whether an empty text of this column becomes NULL where the type has none.
    pub(in crate::plan) fn empty_is_null(&self, table: &str, column: &str) -> bool {
        self.column(table, column).and_then(|decided| decided.empty).unwrap_or(self.rules.empty) == EmptyText::Null
    }

    /// What the column's moments mean: the zone of those without an offset, and what its numbers count, where it is decided.
    pub(in crate::plan) fn moments(&self, table: &str, column: &str) -> (Zone, Option<Epoch>) {
        let decided = self.column(table, column);
        (decided.and_then(|decided| decided.zone).unwrap_or(self.rules.zone), decided.and_then(|decided| decided.unit))
    }

    /// Every type that the policy writes is one, and every declared type that it speaks of is declared.
    pub(super) fn types_are_known(&self, catalog: &SourceCatalog) -> Result<()> {
        for said in &self.columns {
            said.what.pg_type.as_ref().map_or(Ok(()), |written| is_type(said, written))?;
            if !said.what.values.is_empty() && said.what.pg_type.is_some() {
                return Err(said.error("a column takes `values` or `type`, not both: mapped values are text"));
            }
        }
        for said in &self.tables {
            let tables: Vec<&Table> = catalog.table(&said.name).into_iter().collect();
            for (declared, written) in &said.what.types {
                is_declared(said, declared, &tables)?;
                is_type(said, written)?;
            }
        }
        let tables: Vec<&Table> = catalog.tables.iter().collect();
        for said in &self.types {
            is_declared(said, &said.name, &tables)?;
            is_type(said, &said.what)?;
        }
        Ok(())
    }
}

fn is_type<T>(said: &Said<T>, written: &str) -> Result<()> {
    type_name::parse(written).map(drop).map_err(|(why, hint)| said.error(why).hint(hint))
}

fn is_declared<T>(said: &Said<T>, declared: &str, tables: &[&Table]) -> Result<()> {
    let known = || tables.iter().flat_map(|table| table.columns.iter().map(|column| column.declared.as_str()));
    if known().any(|known| same_type(known, declared)) {
        return Ok(());
    }
    Err(said.error(format!("no column is declared {declared:?}")).hint(did_you_mean(
        declared,
        known(),
        "`outgrow inspect --json` shows them",
    )))
}

/// Whether two declared types are the same but for case and spaces.
fn same_type(a: &str, b: &str) -> bool {
    let folded = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase();
    folded(a) == folded(b)
}

/// The type of this name; one that the policy may write was read before.
pub(in crate::plan) fn type_named(written: &str) -> Option<TargetType> {
    type_name::parse(written).ok()
}
