//! What the planner found that stands between the source and tables which are there already.

use serde::{Deserialize, Serialize};

use super::Misfit;

/// The part of the planner's account that is about the target's own tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExistingReport {
    /// What has no place in the target, or no value in the source.
    pub no_place: Vec<NoPlace>,
    /// Tables in which the application's framework keeps its own books, which are not loaded.
    pub left_alone: Vec<String>,
    /// Tables to be loaded that hold rows.
    pub seeded: Vec<SeededTable>,
    /// Cells and rows that the target would refuse.
    pub misfits: Vec<Misfit>,
    /// Rights that the role lacks.
    pub missing_rights: Vec<MissingRight>,
    /// Sequences that can't count on.
    pub sequences: Vec<SequenceAtItsEnd>,
    /// Triggers that are disabled while their table is loaded, as `table.trigger`.
    pub triggers_aside: Vec<String>,
    /// Foreign keys that are taken out of the way, as `table.name`.
    pub foreign_keys_aside: Vec<String>,
}

/// Something of one side that the other has no place or no value for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NoPlace {
    /// The table or the column (`table.column`), by its name on the side that has it.
    pub place: String,
    /// What is the matter, and what it means for the data.
    pub reason: String,
    /// What to do.
    pub advice: String,
    /// Rows that it is about.
    pub rows: u64,
    /// Whether the move stops for it.
    pub stops: bool,
}

/// A table to be loaded that holds rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SeededTable {
    /// The table's name in the target.
    pub table: String,
    /// How many rows; none where the role may not look.
    pub rows: Option<u64>,
    /// They are the very rows of the source.
    pub identical: bool,
    /// They are deleted when the load of the table begins.
    pub replaced: bool,
    /// Why they can't be deleted, where something is in the way.
    pub in_the_way: Option<String>,
}

/// A right that the role lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MissingRight {
    /// The table or the sequence.
    pub place: String,
    /// The right, and what it is needed for.
    pub reason: String,
    /// The statement that gives it, or another way on.
    pub advice: String,
}

/// A sequence that can't give the values that come next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SequenceAtItsEnd {
    /// `table.column`
    pub place: String,
    /// What is the matter.
    pub reason: String,
    /// What to do.
    pub advice: String,
}
