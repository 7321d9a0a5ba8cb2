//! What people decide on tables that are there already.

use serde::{Deserialize, Serialize};

/// Whose tables are loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Those that are there, where at least one has the name of a table of the source; else outgrow makes them.
    #[default]
    Auto,
    /// outgrow makes the tables.
    Own,
    /// The tables that the application's own migrations made: their types rule.
    Existing,
}

/// How names of tables and columns that are there already are matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameRule {
    /// As they are; where that matches none, without regard to case, if only one matches then.
    #[default]
    Exact,
    /// As well as that, `createdAt` matches `created_at`.
    SnakeCase,
}

/// What becomes of rows that stand in a table which is to be loaded: those that migrations put there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeededRule {
    /// Somebody has to decide.
    #[default]
    Refuse,
    /// They are deleted in the transaction that begins the load of their table.
    Replace,
}

/// A table of the source that counts what sequences of the target count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Counter {
    /// The table.
    pub table: String,
    /// Its column that names the counter.
    pub name: String,
    /// Its column that holds the next number.
    pub next: String,
    /// The name of the sequence, with `{}` in the place of the counter's name.
    pub sequence: String,
}
