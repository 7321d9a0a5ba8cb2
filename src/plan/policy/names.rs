//! What people decide for single tables and columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::OrphanRule;
use crate::value::{Epoch, TextFault, UuidLayout, Zone};

/// What is decided for a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TablePolicy {
    /// Its name in the target.
    pub name: Option<String>,
    /// Leaves it out.
    pub skip: bool,
    /// The rows that are moved: a condition of SQLite's over the table's columns.
    pub rows: Option<String>,
    /// Why it, or some of its rows, are left out.
    pub reason: Option<String>,
    /// The types that columns of a declared type get in this table.
    pub types: BTreeMap<String, String>,
    /// What becomes of its rows whose parent is missing.
    pub orphans: Option<OrphanRule>,
    /// Whether its columns get the types that their values prove.
    pub refine: Option<bool>,
    /// Whether its columns of integers get the narrowest type that holds them.
    pub narrow: Option<bool>,
}

/// What is decided for a foreign key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ForeignKeyPolicy {
    /// What becomes of rows that it leaves without a parent.
    pub orphans: Option<OrphanRule>,
}

/// What is decided for a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ColumnPolicy {
    /// Its name in the target.
    pub name: Option<String>,
    /// Leaves it out.
    pub skip: bool,
    /// Why it is left out.
    pub reason: Option<String>,
    /// What its values are called in the target.
    pub values: BTreeMap<String, String>,
    /// What becomes of a value that `values` does not name.
    pub unmapped: Unmapped,
    /// Its type in the target, as PostgreSQL writes it.
    #[serde(rename = "type")]
    pub pg_type: Option<String>,
    /// Whether it gets the type that its values prove.
    pub refine: Option<bool>,
    /// Whether it gets the narrowest type that holds its integers.
    pub narrow: Option<bool>,
    /// What becomes of cells that are not of the type: the one that is named, or the one that the column declares.
    pub misfits: Option<Misfits>,
    /// What becomes of an empty text where the type has none.
    pub empty: Option<EmptyText>,
    /// The order of the bytes of UUIDs in blobs.
    pub uuid: Option<UuidLayout>,
    /// The zone of times that are written without one.
    pub zone: Option<Zone>,
    /// What its numbers count, where they are moments.
    pub unit: Option<Epoch>,
    /// What becomes of text with a NUL byte.
    pub nul: Option<TextFault>,
    /// What becomes of text that is not UTF-8.
    pub invalid_utf8: Option<TextFault>,
}

/// What becomes of cells that are not of their column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfits {
    /// The column gets a type that holds them all.
    Widen,
    /// They go into the quarantine, and the column gets NULL.
    Quarantine,
    /// Somebody has to decide before the move.
    Stop,
}

/// What becomes of an empty text where the type has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyText {
    /// It is a text like any other, and so a cell that is not of the type.
    #[default]
    Keep,
    /// It becomes NULL.
    Null,
}

/// What becomes of a value that a map of values does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmapped {
    /// Somebody has to decide before the move.
    #[default]
    Stop,
    /// It stays as it is.
    Keep,
    /// It goes into the quarantine, and the column gets NULL.
    Quarantine,
}
