//! What all cells of a source are: the profile of every column, and the rows whose foreign keys lead nowhere.
//!
//! Filled by `inspect`, read by the planner. Holds counts, bounds and row keys, and no cell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ColumnProfile, Evidence, TriedColumn};

/// The profile of every table that was scanned: ordinary ones, neither virtual tables nor their shadow tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceProfile {
    /// By the table's name.
    pub tables: BTreeMap<String, TableProfile>,
    /// What `integrity_check` found; empty when the file is sound.
    pub integrity: Vec<String>,
    /// Rows whose parent is missing, for each foreign key that has some, in order of table and key.
    pub orphans: Vec<OrphanSet>,
    /// Foreign keys that SQLite itself can't check.
    pub foreign_key_problems: Vec<ForeignKeyProblem>,
    /// What becomes of rows without a parent, where somebody decided that not all come across as they are: for each foreign
    /// key the rows that it leaves without one, be it missing or held out itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fated: Vec<FatedOrphans>,
    /// The rows that are held out because they, or what they refer to, have no parent: by the table's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held_out: BTreeMap<String, Evidence>,
    /// Rows that break a CHECK of their table, for each check that some break.
    pub broken_checks: Vec<BrokenCheck>,
    /// Conversions that somebody chose, tried on every cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<TriedColumn>,
    /// The counters that sequences go on from: for each sequence of the policy, in its order, the names and next numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Vec<(String, i64)>>,
    /// Rows whose keys a file of reference data has, too: for each file of the policy, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Evidence>,
    /// Rows that are not moved because somebody decided so, by the table's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
}

impl SourceProfile {
    /// What becomes of the orphans of a foreign key, where it was looked for.
    pub fn fated(&self, table: &str, foreign_key: i64) -> Option<&FatedOrphans> {
        self.fated.iter().find(|fated| fated.table == table && fated.foreign_key == foreign_key)
    }

    /// What the trial of a column came to, where somebody chose its conversion.
    pub fn tried(&self, table: &str, column: &str) -> Option<&TriedColumn> {
        self.tried.iter().find(|tried| tried.table == table && tried.column == column)
    }
}

/// What the rows of one table are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// How many rows.
    pub rows: u64,
    /// How many cells were read: rows × columns, without the unreadable ones.
    pub cells: u64,
    /// By the column's name, generated columns included.
    pub columns: BTreeMap<String, ColumnProfile>,
    /// Columns that SQLite can't read here (they need a function or a collation that only the application has), and why.
    /// Where they are all of the table's columns, nothing of the table could be read, not even the number of its rows.
    pub unreadable: BTreeMap<String, String>,
    /// Rows whose text is ill-formed UTF-16, in a file whose texts are UTF-16: by the column's name, for those that have
    /// some. SQLite turns such a text into another one when it is asked for UTF-8, so what was read is not what is stored.
    pub ill_formed_utf16: BTreeMap<String, Evidence>,
    /// The sum of the XXH3 (128 bits, in hex) of every row: of its cells, each with its storage class and length, and of its
    /// rowid where that is no column (or its place, where the rowid can't be read). So it is the same however the rows were
    /// divided among those who read them.
    pub digest: String,
    /// Rows whose declared primary key holds a NULL.
    pub key_nulls: Evidence,
    /// The least rowid; none where the table has no rows or no readable rowid.
    pub min_rowid: Option<i64>,
    /// The greatest rowid; that of all rows where only some are moved.
    pub max_rowid: Option<i64>,
}

impl TableProfile {
    /// No row has more bytes than so many: the longest cells of all columns together, a number taken for eight bytes.
    pub fn longest_row(&self) -> u64 {
        let longest = |column: &ColumnProfile| column.texts.max_bytes.max(column.blobs.max_bytes).max(8);
        self.columns.values().map(longest).fold(0, u64::saturating_add)
    }
}

/// The rows of one table that one foreign key leaves without parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrphanSet {
    /// The child table.
    pub table: String,
    /// The number of its foreign key.
    pub foreign_key: i64,
    /// The parent table as the schema names it; it may not exist.
    pub parent: String,
    /// The child's columns.
    pub columns: Vec<String>,
    /// The orphans.
    pub rows: Evidence,
    /// Further rows that hang on the orphans through foreign keys, however far: they would lose their parents if the
    /// orphans were left out. The keys are those of different tables, told apart in [`OrphanSet::transitive_tables`].
    pub transitive: Evidence,
    /// The same further rows by the table that they stand in.
    pub transitive_tables: BTreeMap<String, Evidence>,
}

/// The rows that one foreign key leaves without a parent, where somebody decided what becomes of orphans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FatedOrphans {
    /// The child table.
    pub table: String,
    /// The number of its foreign key.
    pub foreign_key: i64,
    /// The rows: those that are held out anyway are among them only where this key holds rows out.
    pub rows: Evidence,
}

/// A foreign key that SQLite itself can't check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyProblem {
    /// The child table.
    pub table: String,
    /// The number of its foreign key; none where SQLite does not say which of the table's keys it is.
    pub foreign_key: Option<i64>,
    /// The parent table as the schema names it.
    pub parent: Option<String>,
    /// What SQLite says about it.
    pub problem: String,
}

/// A CHECK constraint that some rows of its own table break.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrokenCheck {
    /// The table.
    pub table: String,
    /// Its place among the table's checks, from 0.
    pub check: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The condition, as SQLite has it.
    pub condition: String,
    /// The rows.
    pub rows: Evidence,
}
