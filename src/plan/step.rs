//! The steps of a plan: everything that will be done to the target, in order.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::policy::{OnConflict, ReferenceContent};

/// One step: done wholly or not at all, and only once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unique within the plan, stable for the same source: `copy:grades`.
    pub id: String,
    /// When it is done.
    pub phase: Phase,
    /// The table, by its source name, that it alone works on: it waits for the steps before it that name the same table,
    /// and runs beside those of others. Where it names none, it waits for all before it, and all behind it wait for it.
    pub table: Option<String>,
    /// What it makes, as shown to people: `index grades_student_id_index`.
    pub object: String,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Runs these statements in one transaction.
    Run {
        /// The statements.
        sql: Vec<String>,
        /// Whether the move can go on without: a refusal is then recorded and shown, and the rest goes on.
        optional: bool,
    },
    /// Loads the rows of the table of this source name.
    Copy {
        /// The table's name in the source.
        table: String,
    },
    /// Adds rows of a file that the policy names.
    Reference(ReferenceLoad),
}

impl Step {
    /// The rows of a file that it adds, where it does that.
    pub fn reference(&self) -> Option<&ReferenceLoad> {
        match &self.action {
            Action::Reference(load) => Some(load),
            Action::Run { .. } | Action::Copy { .. } => None,
        }
    }
}

/// Rows of a file for a table of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReferenceLoad {
    /// The table's name in the target.
    pub table: String,
    /// The file's name, as the policy has it.
    pub file: String,
    /// SHA-256 of its content.
    pub checksum: String,
    /// The columns of the target that name a row.
    pub key: Vec<String>,
    /// What becomes of a row whose key the table holds already.
    pub on_conflict: OnConflict,
    /// What stands in the file.
    pub content: ReferenceContent,
}

/// When a step is done; phases follow each other in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The schema and the tables.
    Tables,
    /// The rows.
    Data,
    /// Primary keys, unique keys, indexes, checks and late defaults.
    Keys,
    /// Foreign keys.
    ForeignKeys,
    /// The next value of every identity column.
    Sequences,
    /// Views and triggers.
    Programs,
    /// Statistics for the planner of PostgreSQL.
    Statistics,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 7] = [Self::Tables, Self::Data, Self::Keys, Self::ForeignKeys, Self::Sequences, Self::Programs, Self::Statistics];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tables => "tables",
            Self::Data => "load",
            Self::Keys => "keys",
            Self::ForeignKeys => "foreign keys",
            Self::Sequences => "sequences",
            Self::Programs => "views and triggers",
            Self::Statistics => "statistics",
        })
    }
}
