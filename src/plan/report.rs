//! Why a plan is as it is: every decision with its reason, evidence and counter-examples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::existing::ExistingReport;
use super::policy::{Policy, TypeRule};
use super::references::ReferenceConflict;
use crate::catalog::GeometryFormat;
use crate::mapping::CounterExample;
use crate::preset::Preset;
use crate::value::{Conversion, Evidence, Fate, Rule, TriedColumn, ValueMap};

/// The planner's account of itself; input of the gates and of the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[must_use = "an unread report is not actionable"]
pub struct PlanReport {
    /// The application's framework, where one is named or recognised.
    pub framework: Option<FrameworkReport>,
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
    /// Virtual tables that don't come across.
    pub virtual_tables: Vec<SkippedVirtualTable>,
    /// Virtual tables that have a counterpart.
    pub replaced_virtual_tables: Vec<ReplacedVirtualTable>,
    /// Columns of geometries.
    pub geometry_columns: Vec<GeometryDecision>,
    /// `ON CONFLICT` clauses of constraints, which PostgreSQL doesn't have.
    pub conflict_clauses: Vec<ConflictClause>,
    /// What stands between the source and tables that are there already.
    pub existing: Option<ExistingReport>,
    /// What the policy leaves out, and what can't be made without it.
    pub left_out: Vec<LeftOut>,
    /// Columns whose values the policy maps to others.
    pub value_maps: Vec<MappedColumn>,
    /// Keys that may be longer than a b-tree of PostgreSQL takes.
    pub long_keys: Vec<LongKey>,
    /// Tables whose rows may not fit into a page.
    pub wide_rows: Vec<WideRow>,
    /// Triggers that are equal only for statements that change one row, as the policy lets them be.
    pub single_row_triggers: Vec<SingleRowTrigger>,
    /// Generated columns that a trigger computes.
    pub computed_columns: Vec<ComputedColumn>,
    /// Rows of reference data whose keys the source has, too.
    pub references: Vec<ReferenceConflict>,
}

/// The application's framework, and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkReport {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether the policy names it; otherwise it was recognised.
    pub named: bool,
    /// Whether columns get the types that it makes on PostgreSQL, where every cell fits them.
    pub types: bool,
}

impl FrameworkReport {
    /// What is said of a framework in a schema of outgrow's own, or in one that is there already, where its types rule anyway.
    pub(super) fn of(policy: &Policy, preset: &Preset, own_schema: bool) -> Self {
        let types = match policy.rules.types {
            TypeRule::Faithful | TypeRule::Refined => false,
            TypeRule::Framework => own_schema,
        };
        Self { id: preset.id.to_owned(), name: preset.name.to_owned(), named: policy.source.framework.is_some(), types }
    }
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

impl Inexact {
    /// What a trial of every cell found.
    pub(super) fn of_trial(tried: &TriedColumn) -> Vec<Self> {
        tried.inexact.iter().map(|(fate, evidence)| Self { fate: *fate, evidence: evidence.clone() }).collect()
    }
}

/// A column whose values the policy maps to others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// How many cells each key of the policy has.
    pub mapped: BTreeMap<String, u64>,
    /// Cells that the policy does not name.
    pub unmapped: Evidence,
    /// Whether every value of the target stands for one of the source, so that the map can be gone back.
    pub reversible: bool,
}

impl MappedColumn {
    pub(super) fn of(map: &ValueMap, tried: &TriedColumn) -> Self {
        let merged = tried.inexact.iter().any(|(fate, _)| *fate == Fate::Normalised(Rule::ValueMap));
        Self {
            table: tried.table.clone(),
            column: tried.column.clone(),
            mapped: tried.mapped.clone(),
            unmapped: tried.unmapped.clone(),
            reversible: map.is_one_to_one() && !merged,
        }
    }
}

/// A name that is another one in the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// What it names: `table`, `column of grades`, `index`.
    pub what: String,
    /// The name in the source.
    pub source: String,
    /// The name in the target.
    pub target: String,
    /// Whether the policy chose it; otherwise PostgreSQL can't take the old one.
    pub chosen: bool,
}

impl Rename {
    /// A name that the policy chose.
    pub(super) fn chosen(what: &str, source: &str, target: &str) -> Self {
        Self { what: what.to_owned(), source: source.to_owned(), target: target.to_owned(), chosen: true }
    }

    /// A name that PostgreSQL forces.
    pub(super) fn forced(what: &str, source: &str, target: &str) -> Self {
        Self { chosen: false, ..Self::chosen(what, source, target) }
    }
}

/// Something that is left out because the policy says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What and where: `table log`, `column orders.note`, `rows of orders`, `foreign key a.b → c.d`.
    pub what: String,
    /// How many rows hold it, or how many rows or objects it is.
    pub count: u64,
    /// Why.
    pub reason: String,
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

/// A virtual table that doesn't come across.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedVirtualTable {
    /// Its name.
    pub name: String,
    /// Its module.
    pub module: String,
    /// The ordinary tables that the module keeps its data in; they are not copied either.
    pub shadow_tables: Vec<String>,
    /// Why not.
    pub reason: String,
    /// Triggers that only keep it in step, and don't come across either.
    pub triggers: Vec<String>,
    /// Its text in the source.
    pub original: String,
}

/// A virtual table that has a counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedVirtualTable {
    /// Its name.
    pub name: String,
    /// Its module.
    pub module: String,
    /// What takes its place: `a view of notes …`.
    pub replacement: String,
    /// The condition that takes the place of MATCH, or of the comparison of bounds; none where nothing new is needed.
    pub query: Option<String>,
    /// What is not as it was.
    pub notes: Vec<String>,
    /// Triggers that only kept it in step, and are not needed any more.
    pub triggers: Vec<String>,
    /// Its text in the source.
    pub original: String,
}

/// A column of geometries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeometryDecision {
    /// The table's name in the source.
    pub table: String,
    /// The column's name in the source.
    pub column: String,
    /// The column's name in the target.
    pub target: String,
    /// Whether it is `bytea` in the target.
    pub bytes: bool,
    /// How its cells are written.
    pub format: GeometryFormat,
    /// The kind of geometry, as the file names it.
    pub kind: String,
    /// The number of its spatial reference system.
    pub srid: i64,
    /// The R*Tree of its extents, which doesn't come across.
    pub index: Option<String>,
    /// Triggers that only keep that in step, and don't come across either.
    pub triggers: Vec<String>,
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
