//! What the translator knows of the tables and views on both sides.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Affinity, Trigger, quoted};
use crate::value::{Conversion, PgType};

use super::effects::{FiredBy, fired_by};

/// The tables and views that SQL text can name, by their names in the source.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    relations: BTreeMap<String, TableScope>,
    constraints: BTreeMap<String, Constraints>,
    /// What the views read, by the view's name.
    views: BTreeMap<String, BTreeSet<String>>,
    /// The column lists of the triggers, by what they are of and what fires them; an empty list stands for all columns.
    triggers: BTreeMap<(String, FiredBy), BTreeSet<BTreeSet<String>>>,
    /// The expressions of generated columns, by table and column.
    generated: BTreeMap<(String, String), String>,
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
    /// What fires its triggers.
    pub triggers: BTreeSet<FiredBy>,
    /// Foreign keys refer to it.
    pub referenced: bool,
    /// One of these does something when a row is deleted.
    pub acted_on: bool,
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

    /// Says which triggers there are.
    pub fn note_triggers(&mut self, triggers: &[Trigger]) {
        for trigger in triggers {
            for (fired_by, columns) in fired_by(trigger) {
                self.triggers.entry((trigger.table.to_ascii_lowercase(), fired_by)).or_default().insert(columns);
            }
        }
    }

    /// The column lists of the triggers of a table or view that this statement fires; none where there is no trigger.
    pub(super) fn update_lists(&self, source: &str, fired_by: FiredBy) -> Option<&BTreeSet<BTreeSet<String>>> {
        self.triggers.get(&(source.to_ascii_lowercase(), fired_by))
    }

    /// Says how a generated column is computed, as SQLite's text.
    pub fn note_generated(&mut self, source: &str, column: &str, expression: &str) {
        self.generated.insert((source.to_ascii_lowercase(), column.to_ascii_lowercase()), expression.to_owned());
    }

    /// How a generated column is computed.
    pub(super) fn generated(&self, source: &str, column: &str) -> Option<&str> {
        self.generated.get(&(source.to_ascii_lowercase(), column.to_ascii_lowercase())).map(String::as_str)
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
