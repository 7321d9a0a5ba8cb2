//! What became of every cell of the source when it was settled under the conversions that were chosen.
//!
//! Filled before a row is loaded, by whoever can read the source; the planner only reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::plan::Inexact;
use crate::value::Evidence;

/// What became of every cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settlement {
    /// The cells that are not exact, by table and column of the source.
    pub columns: BTreeMap<String, BTreeMap<String, Vec<Inexact>>>,
    /// What the target would refuse.
    pub misfits: Vec<Misfit>,
    /// Tables of the source whose very rows are in the target already.
    pub identical: BTreeSet<String>,
    /// What the source's own counters say.
    pub counters: Vec<CounterValue>,
}

/// Cells or rows that the target would refuse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Misfit {
    /// The table's name in the source.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// What the target would refuse them for.
    pub kind: MisfitKind,
    /// How many, and in which rows first.
    pub rows: Evidence,
}

/// What the target would refuse a cell or a row for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MisfitKind {
    /// NULL, or a cell that would go into the quarantine and leave NULL behind, in a column that is NOT NULL.
    NotNull,
    /// The same key a second time, under this unique index.
    Duplicate(String),
    /// No parent, under this foreign key.
    Orphan(String),
    /// A check of this name, as the server judged it.
    Check(String),
    /// An exclusion constraint of this name, as the server judged it.
    Exclusion(String),
    /// The server did not take the rows for a trial; what it said.
    Refused(String),
    /// Nothing is known: these constraints could not be judged beforehand; which, and why.
    Unjudged(String),
}

/// What a counter of the source says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CounterValue {
    /// The name of the target's sequence.
    pub sequence: String,
    /// The next number.
    pub next: i64,
}
