//! Why a plan is as it is: every decision with its reason, evidence and counter-examples.

use serde::{Deserialize, Serialize};

use crate::mapping::CounterExample;
use crate::value::{Conversion, Evidence, Fate};

/// The planner's account of itself; input of the gates and of the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[must_use = "an unread report is not actionable"]
pub struct PlanReport {
    /// A decision for every column of every table.
    pub columns: Vec<ColumnDecision>,
    /// Names that had to change.
    pub renames: Vec<Rename>,
    /// Objects that could not be translated exactly, each with its original text.
    pub untranslated: Vec<Untranslated>,
    /// Foreign keys that PostgreSQL can't have as they are.
    pub foreign_keys: Vec<ForeignKeyProblem>,
    /// Primary keys with NULLs, which become unique indexes.
    pub null_keys: Vec<NullKey>,
    /// Virtual tables, which don't come across.
    pub virtual_tables: Vec<SkippedVirtualTable>,
    /// `ON CONFLICT` clauses of constraints, which PostgreSQL doesn't have.
    pub conflict_clauses: Vec<ConflictClause>,
    /// Keys that may be longer than a b-tree of PostgreSQL takes.
    pub long_keys: Vec<LongKey>,
    /// Tables whose rows may not fit into a page.
    pub wide_rows: Vec<WideRow>,
    /// Triggers that are equal only for statements that change one row, as the policy lets them be.
    pub single_row_triggers: Vec<SingleRowTrigger>,
    /// Generated columns that a trigger computes.
    pub computed_columns: Vec<ComputedColumn>,
}

/// How a column comes across, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDecision {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// The declared type.
    pub declared: String,
    /// The conversion.
    pub conversion: Conversion,
    /// The id of the mapping rule that chose it.
    pub rule: String,
    /// Why, with counts.
    pub because: String,
    /// Cells that break what the declaration intends.
    pub counter_examples: Vec<CounterExample>,
    /// Cells that won't come across exactly, by what becomes of them.
    pub inexact: Vec<Inexact>,
    /// The collation that it declares, where that is another than `BINARY`.
    pub collation: Option<String>,
    /// NULLs in a column declared NOT NULL, which therefore isn't so in the target.
    pub nulls_against_declaration: u64,
    /// JSON texts with an escaped NUL or a lone surrogate, which no JSON operator of PostgreSQL can read.
    pub unreadable_json: Evidence,
}

/// Cells that won't come across exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inexact {
    /// What becomes of them.
    pub fate: Fate,
    /// How many, and in which rows first.
    pub evidence: Evidence,
}

/// A name that had to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// What it names: `table`, `column of grades`, `index`.
    pub what: String,
    /// The name in the source.
    pub source: String,
    /// The name in the target.
    pub target: String,
}

/// An object that could not be translated exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untranslated {
    /// `view`, `trigger`, `index`, `check`, `default`, `generated column`.
    pub kind: String,
    /// Its name, or the place it stands in.
    pub name: String,
    /// The construct that has no exact counterpart.
    pub construct: String,
    /// Why not.
    pub reason: String,
    /// Its text in the source.
    pub original: String,
}

/// A foreign key that PostgreSQL can't have as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyProblem {
    /// `grades.student_id → students.id`
    pub place: String,
    /// Why not.
    pub reason: String,
}

/// A primary key with NULLs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullKey {
    /// The table's name in the source.
    pub table: String,
    /// Rows with a NULL in the key.
    pub rows: u64,
}

/// A virtual table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedVirtualTable {
    /// Its name.
    pub name: String,
    /// Its module.
    pub module: String,
    /// The ordinary tables that the module keeps its data in; they are not copied either.
    pub shadow_tables: Vec<String>,
    /// Its text in the source.
    pub original: String,
}

/// An `ON CONFLICT` clause of a constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictClause {
    /// The table's name in the source.
    pub table: String,
    /// The constraint and its clause: `UNIQUE (u) ON CONFLICT REPLACE`.
    pub clause: String,
}

/// A key that may be longer than a b-tree of PostgreSQL takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongKey {
    /// The table's name in the source.
    pub table: String,
    /// `index pages_url`, or `primary key`.
    pub index: String,
    /// Whether it is unique.
    pub unique: bool,
    /// The bytes that the longest key may take.
    pub bytes: u64,
    /// What is made instead.
    pub instead: String,
}

/// A table whose rows may not fit into a page of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WideRow {
    /// The table's name in the source.
    pub table: String,
    /// How many columns it has.
    pub columns: u64,
    /// The bytes that a row may take when what is long is kept elsewhere.
    pub bytes: u64,
}

/// A trigger that is equal only for statements that change one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SingleRowTrigger {
    /// Its name.
    pub trigger: String,
    /// The table that it belongs to.
    pub table: String,
    /// The construct that makes it so.
    pub construct: String,
    /// Why.
    pub reason: String,
}

/// A generated column that a trigger computes, because PostgreSQL does not call its expression immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedColumn {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
}
