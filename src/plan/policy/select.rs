//! Lays the policy beside the source: every name in it must be known, and what it leaves out is left out from here on.

use std::collections::BTreeMap;

use super::nearest::did_you_mean;
use super::{ColumnName, ColumnPolicy, Policy, Said, TablePolicy};
use crate::catalog::{SourceCatalog, Table};
use crate::error::{Error, Result};

/// The longest identifier that PostgreSQL keeps, in bytes.
const NAME_BYTES: usize = 63;

/// What gives another answer each time, in lower case: a condition with it would not mean the same rows twice.
const UNSTEADY: &[&str] = &["'now'", "current_time", "current_date", "random(", "randomblob(", "changes(", "last_insert_rowid("];

impl Policy {
    /// The part of the source that is moved: without the tables and columns that are left out, each table with the
    /// condition for its rows. An error where the policy names what the source doesn't have, or decides what can't be.
    pub fn select(&self, catalog: &SourceCatalog) -> Result<SourceCatalog> {
        self.tables_are_known(catalog)?;
        self.columns_are_known(catalog)?;
        self.foreign_keys_are_known(catalog)?;
        self.names_are_free(catalog)?;
        self.sequences_are_known(catalog)?;
        self.types_are_known(catalog)?;
        let mut selected = catalog.clone();
        let is_skipped = |name: &str| self.table(name).is_some_and(|table| table.skip);
        selected.left_out = catalog.tables.iter().map(|table| table.name.clone()).filter(|name| is_skipped(name)).collect();
        selected.tables.retain(|table| !is_skipped(&table.name));
        selected.sequences.retain(|name, _| !is_skipped(name));
        for table in &mut selected.tables {
            let name = table.name.clone();
            let is_skipped = |column: &str| self.column(&name, column).is_some_and(|column| column.skip);
            table.left_out = table.columns.iter().map(|column| column.name.clone()).filter(|column| is_skipped(column)).collect();
            table.columns.retain(|column| !is_skipped(&column.name));
            table.rows = self.table(&name).and_then(|policy| policy.rows.clone());
        }
        Ok(selected)
    }

    fn tables_are_known(&self, catalog: &SourceCatalog) -> Result<()> {
        for said in &self.tables {
            let Some(table) = catalog.table(&said.name) else { return Err(unknown_table(said, &said.name, catalog)) };
            if self.tables.iter().any(|other| other.line < said.line && other.name.eq_ignore_ascii_case(&said.name)) {
                return Err(said.error("the same table is named twice, in other letters"));
            }
            steady(said, table)?;
        }
        Ok(())
    }

    fn columns_are_known(&self, catalog: &SourceCatalog) -> Result<()> {
        for said in &self.columns {
            let Some(name) = ColumnName::parse(&said.name) else {
                let detail = "it is not of the form `table.column`";
                return Err(said.error(detail).hint("a name that holds a point stands in double quotes: [columns.'\"a.b\".c']"));
            };
            let Some(table) = catalog.table(&name.table) else { return Err(unknown_table(said, &name.table, catalog)) };
            let Some((_, column)) = table.column(&name.column) else {
                let known = table.columns.iter().map(|column| column.name.as_str());
                let hint = did_you_mean(&name.column, known, "`outgrow inspect` lists the columns");
                return Err(said.error(format!("the table {} has no column {}", table.name, name.column)).hint(hint));
            };
            let is_same = |other: &Said<ColumnPolicy>| {
                ColumnName::parse(&other.name)
                    .is_some_and(|other| other.table.eq_ignore_ascii_case(&name.table) && other.column.eq_ignore_ascii_case(&name.column))
            };
            if self.columns.iter().any(|other| other.line < said.line && is_same(other)) {
                return Err(said.error("the same column is named twice, in other letters"));
            }
            if said.what.skip {
                can_be_left_out(said, table, &column.name)?;
            }
        }
        for table in &catalog.tables {
            let is_skipped = |column: &str| self.column(&table.name, column).is_some_and(|column| column.skip);
            if !table.columns.is_empty() && table.columns.iter().all(|column| is_skipped(&column.name)) {
                let detail = format!("every column of {} is left out", table.name);
                return Err(Error::new(crate::error::ErrorKind::Policy, "follow the policy", detail)
                    .hint(format!("leave the table out: [tables.\"{}\"] skip = true", table.name)));
            }
        }
        Ok(())
    }

    /// No two things may end up with one name, where the policy chose it.
    fn names_are_free(&self, catalog: &SourceCatalog) -> Result<()> {
        let mut relations: BTreeMap<&str, (String, Option<&Said<TablePolicy>>)> = BTreeMap::new();
        for view in &catalog.views {
            relations.insert(&view.name, (format!("the view {}", view.name), None));
        }
        for index in catalog.tables.iter().flat_map(|table| &table.indexes).filter(|index| index.sql.is_some()) {
            relations.insert(&index.name, (format!("the index {}", index.name), None));
        }
        for table in &catalog.tables {
            let said = self.tables.iter().find(|said| said.name.eq_ignore_ascii_case(&table.name));
            if said.is_some_and(|said| said.what.skip) {
                continue;
            }
            let chosen = said.filter(|said| said.what.name.is_some());
            let name = chosen.and_then(|said| said.what.name.as_deref()).unwrap_or(&table.name);
            if let Some(said) = chosen {
                said.can_be_called(name, &[])?;
            }
            let what = format!("the table {}", table.name);
            if let Some((other, by)) = relations.insert(name, (what.clone(), chosen))
                && let Some(said) = chosen.or(by)
            {
                return Err(said.error(format!("{what} and {other} would both be called {name}")).hint("choose another name"));
            }
            self.columns_are_free(table)?;
        }
        Ok(())
    }

    fn columns_are_free(&self, table: &Table) -> Result<()> {
        let mut names: BTreeMap<&str, (&str, Option<&Said<ColumnPolicy>>)> = BTreeMap::new();
        for column in &table.columns {
            let said = self.said_of_column(&table.name, &column.name);
            if said.is_some_and(|said| said.what.skip) {
                continue;
            }
            let chosen = said.filter(|said| said.what.name.is_some());
            let name = chosen.and_then(|said| said.what.name.as_deref()).unwrap_or(&column.name);
            if let Some(said) = chosen {
                said.can_be_called(name, &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"])?;
            }
            if let Some((other, by)) = names.insert(name, (&column.name, chosen))
                && let Some(said) = chosen.or(by)
            {
                let detail = format!("the columns {} and {other} of {} would both be called {name}", column.name, table.name);
                return Err(said.error(detail).hint("choose another name"));
            }
        }
        Ok(())
    }
}

impl<T> Said<T> {
    fn can_be_called(&self, name: &str, reserved: &[&str]) -> Result<()> {
        let why = if name.is_empty() || name.contains('\0') {
            "PostgreSQL has no empty names, and none with a NUL byte".to_owned()
        } else if name.len() > NAME_BYTES {
            format!("the name has {} bytes, and PostgreSQL keeps {NAME_BYTES}", name.len())
        } else if reserved.contains(&name) {
            format!("every table of PostgreSQL has a column {name} already")
        } else {
            return Ok(());
        };
        Err(self.error(why).hint("choose another name"))
    }
}

pub(super) fn unknown_table<T>(said: &Said<T>, name: &str, catalog: &SourceCatalog) -> Error {
    let other = if catalog.views.iter().any(|view| view.name.eq_ignore_ascii_case(name)) {
        "that is a view, which is translated, not moved"
    } else if catalog.virtual_tables.iter().any(|table| table.name.eq_ignore_ascii_case(name)) {
        "that is a virtual table, which is not moved anyway"
    } else {
        let known = catalog.tables.iter().map(|table| table.name.as_str());
        let hint = did_you_mean(name, known, "`outgrow inspect` lists the tables");
        return said.error(format!("the source has no table {name}")).hint(hint);
    };
    said.error(other)
}

/// Leaving something out needs a reason, which stands in the report; and what is left out of a table must be the same
/// whenever it is asked for.
fn steady(said: &Said<TablePolicy>, table: &Table) -> Result<()> {
    let policy = &said.what;
    if policy.skip {
        needs_reason(said, policy.reason.as_deref())?;
    }
    if policy.skip && (policy.rows.is_some() || policy.name.is_some()) {
        return Err(said.error("the table is left out, so that nothing else can be said of it"));
    }
    let Some(condition) = &policy.rows else { return Ok(()) };
    let folded = condition.to_ascii_lowercase();
    if condition.trim().is_empty() || condition.contains(';') {
        return Err(said.error("`rows` is no condition").hint("write it as behind WHERE: rows = \"created_at >= '2020-01-01'\""));
    }
    match UNSTEADY.iter().find(|part| folded.contains(*part)) {
        Some(part) => {
            let detail = format!("`rows` has another answer each time: it holds {}", part.trim_end_matches('('));
            Err(said.error(detail).hint(format!("name the moment or the value itself, so that the rows of {} stay the same", table.name)))
        }
        None => Ok(()),
    }
}

fn needs_reason<T>(said: &Said<T>, reason: Option<&str>) -> Result<()> {
    if reason.is_some_and(|reason| !reason.trim().is_empty()) {
        return Ok(());
    }
    Err(said.error("it is left out without a reason").hint("say why, for the report: reason = \"…\""))
}

/// A key must stay whole: rows are told apart by it, and other tables refer to it.
fn can_be_left_out(said: &Said<ColumnPolicy>, table: &Table, column: &str) -> Result<()> {
    needs_reason(said, said.what.reason.as_deref())?;
    if said.what.name.is_some() || !said.what.values.is_empty() || said.what.pg_type.is_some() {
        return Err(said.error("the column is left out, so that nothing else can be said of it"));
    }
    let in_key = table.primary_key.iter().any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(column)));
    if in_key {
        return Err(said.error("it is part of the primary key, by which rows are told apart, and can't be left out"));
    }
    Ok(())
}
