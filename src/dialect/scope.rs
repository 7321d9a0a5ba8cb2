//! What the translator knows of the tables and views on both sides.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Affinity, quoted};
use crate::value::{Conversion, PgType};

/// The tables and views that SQL text can name, by their names in the source.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    relations: BTreeMap<String, TableScope>,
    constraints: BTreeMap<String, Constraints>,
    /// What the views read, by the view's name.
    views: BTreeMap<String, BTreeSet<String>>,
}

/// What of a table decides whether a new row is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// The unique keys over whole columns, compared byte by byte, that both sides have: source names.
    pub keys: Vec<Vec<String>>,
    /// Its other unique keys.
    pub others: OtherKeys,
    /// There are CHECK constraints.
    pub checks: bool,
    /// The columns that are NOT NULL in the source.
    pub not_null: Vec<String>,
    /// The columns that have a default.
    pub defaults: BTreeSet<String>,
    /// There are triggers.
    pub triggers: bool,
    /// Foreign keys refer to it.
    pub referenced: bool,
}

/// The unique keys of a table that are not over whole columns, compared byte by byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OtherKeys {
    /// There are none.
    #[default]
    None,
    /// There are some: over expressions, of some rows only, under a collation, or of digests.
    Some,
    /// There is one that does not come across.
    Missing,
}

impl Scope {
    /// A scope without tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table, or a view that was translated.
    pub fn add(&mut self, relation: TableScope) {
        self.relations.insert(relation.source.to_ascii_lowercase(), relation);
    }

    /// Says what decides whether the table takes a row.
    pub fn constrain(&mut self, source: &str, constraints: Constraints) {
        self.constraints.insert(source.to_ascii_lowercase(), constraints);
    }

    /// Says what a view reads.
    pub fn note_view(&mut self, source: &str, uses: BTreeSet<String>) {
        self.views.insert(source.to_ascii_lowercase(), uses);
    }

    /// The tables behind these tables and views, and they themselves.
    pub(super) fn behind(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut waiting: Vec<String> = names.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            if all.insert(name.clone()) {
                waiting.extend(self.views.get(&name.to_ascii_lowercase()).into_iter().flatten().cloned());
            }
        }
        all
    }

    /// What decides whether the table takes a row, if that is known.
    pub(super) fn constraints(&self, source: &str) -> Option<&Constraints> {
        self.constraints.get(&source.to_ascii_lowercase())
    }

    /// The table or view of this name in the source.
    pub fn table(&self, source: &str) -> Option<&TableScope> {
        self.relations.get(&source.to_ascii_lowercase())
    }
}

/// A table or a view on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableScope {
    /// Name in the source.
    pub source: String,
    /// Schema on the target, if names are to be qualified.
    pub schema: Option<String>,
    /// Name on the target.
    pub target: String,
    /// Columns in the order of the source.
    pub columns: Vec<ColumnScope>,
    /// Source names of the columns of the primary key; empty unless the target has it as its primary key, too.
    pub primary_key: Vec<String>,
    /// A table or a view.
    pub kind: RelationKind,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view.
    View,
}

impl TableScope {
    /// The qualified name on the target.
    pub fn target_sql(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&self.target)),
            None => quoted(&self.target),
        }
    }

    /// The column of this name in the source.
    pub fn column(&self, source: &str) -> Option<&ColumnScope> {
        self.columns.iter().find(|column| column.source.eq_ignore_ascii_case(source))
    }

    /// The column that a rowid name stands for.
    pub(super) fn rowid_alias(&self) -> Option<&ColumnScope> {
        self.columns.iter().find(|column| column.rowid_alias)
    }
}

/// A column on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnScope {
    /// Name in the source.
    pub source: String,
    /// Name on the target.
    pub target: String,
    /// Type on the target.
    pub pg_type: PgType,
    /// How its cells are converted; none if that is not known, and then the column can only be passed on.
    pub conversion: Option<Conversion>,
    /// Affinity of the declared type.
    pub affinity: Affinity,
    /// Declared collation.
    pub collation: String,
    /// NOT NULL on both sides.
    pub not_null: bool,
    /// The rowid by another name.
    pub rowid_alias: bool,
    /// A generated column.
    pub generated: bool,
}

impl ColumnScope {
    /// An ordinary nullable column of the same name on both sides.
    pub fn new(name: impl Into<String>, conversion: Conversion, affinity: Affinity) -> Self {
        let name = name.into();
        Self {
            source: name.clone(),
            target: name,
            pg_type: conversion.pg_type(),
            conversion: Some(conversion),
            affinity,
            collation: "BINARY".to_owned(),
            not_null: false,
            rowid_alias: false,
            generated: false,
        }
    }
}
