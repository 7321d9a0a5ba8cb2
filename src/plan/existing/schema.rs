//! What a plan for tables that are there already holds besides.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::SequencePlan;
use crate::catalog::TargetCatalog;

/// What a plan for tables that are there already holds besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExistingSchema {
    /// The target as it was before the load, without the list of its relations.
    pub before: TargetCatalog,
    /// Tables (by their names in the source) whose seeded rows are deleted when their load begins, and how many those are.
    pub replaced: BTreeMap<String, u64>,
    /// Tables (by their names in the source) that hold the very rows of the source already: compared, and not loaded.
    pub identical: BTreeSet<String>,
    /// Tables of the source in which the application's framework keeps its own books: compared or of no meaning elsewhere, and
    /// not loaded.
    pub left_alone: BTreeSet<String>,
    /// Tables of the source that have no place in the target; they hold no row.
    pub without_place: BTreeSet<String>,
    /// Columns (`table.column`) of the source that have no place in the target; their tables hold no row.
    pub columns_without_place: BTreeSet<String>,
    /// Sequences that have to stand above what is loaded.
    pub sequences: Vec<SequencePlan>,
    /// The foreign keys that are taken out of the way and put back, as `table` and name.
    pub foreign_keys_aside: BTreeSet<(String, String)>,
    /// The triggers that are disabled and enabled again, as `table` and name.
    pub triggers_aside: BTreeSet<(String, String)>,
}
