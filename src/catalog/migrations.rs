//! Which migrations of the application's framework a database has behind it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A framework's ledger: the table in which it keeps which of its migrations were applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationLedger {
    /// The table.
    pub table: &'static str,
    /// The columns that together name a migration.
    pub name: &'static [&'static str],
    /// What must hold for a row to count; a row of a migration that failed or was taken back does not.
    pub counts: &'static [RowCounts],
}

/// When a row of a ledger counts as an applied migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowCounts {
    /// Where this column is true.
    IfTrue(&'static str),
    /// Where this column is false.
    IfFalse(&'static str),
    /// Where this column holds something.
    IfSet(&'static str),
    /// Where this column holds nothing.
    IfUnset(&'static str),
}

impl MigrationLedger {
    /// Every column that is read.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.name.iter().copied().chain(self.counts.iter().map(|counts| counts.column()))
    }
}

impl RowCounts {
    /// The column that is looked at.
    pub const fn column(self) -> &'static str {
        match self {
            Self::IfTrue(column) | Self::IfFalse(column) | Self::IfSet(column) | Self::IfUnset(column) => column,
        }
    }
}

/// The applied migrations of every framework whose ledger was found: names and versions, as the framework writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkState {
    /// By the framework's id.
    pub applied: BTreeMap<String, BTreeSet<String>>,
}
