//! What people decide for single tables and columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is decided for a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
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
}

/// What is decided for a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
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
