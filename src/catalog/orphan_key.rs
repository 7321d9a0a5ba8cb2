//! What becomes of rows that a foreign key leaves without a parent.

use serde::{Deserialize, Serialize};

use super::{ForeignKeyColumn, RowIdentity};

/// A foreign key, and what becomes of the rows that it leaves without a parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanKey {
    /// The number of the key in its table.
    pub foreign_key: i64,
    /// The table that it refers to.
    pub parent: String,
    /// Its columns, on both sides.
    pub columns: Vec<ForeignKeyColumn>,
    /// What becomes of its orphans.
    pub fate: OrphanFate,
}

/// What becomes of a row without a parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrphanFate {
    /// It comes across as it is.
    Stay,
    /// It is kept out of its table, and every cell of it in the quarantine. A row that refers to it is an orphan in its turn.
    HeldOut,
    /// It comes across, with NULL in these columns, whose cells are kept in the quarantine.
    Null {
        /// The columns.
        columns: Vec<String>,
    },
}

/// What has to be known of a table to follow its foreign keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedTable {
    /// Its name.
    pub name: String,
    /// What tells its rows apart.
    pub identity: RowIdentity,
    /// The condition for the rows that are moved; none where all are.
    pub rows: Option<String>,
    /// Its foreign keys.
    pub keys: Vec<OrphanKey>,
}

impl LinkedTable {
    /// The columns whose values tell its rows apart; none where only their place does.
    pub fn identity_columns(&self) -> &[String] {
        match &self.identity {
            RowIdentity::Columns(columns) => columns,
            RowIdentity::Rowid(name) => std::slice::from_ref(name),
            RowIdentity::Position => &[],
        }
    }
}
