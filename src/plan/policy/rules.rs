//! Rules for values and constraints of the whole source: `[rules]`.

use serde::{Deserialize, Serialize};

use super::{EmptyText, TypeRule};
use crate::value::{TextRules, Zone};

/// Rules for values and constraints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rules {
    /// What becomes of text that PostgreSQL can't hold.
    pub text: TextRules,
    /// What becomes of rows whose parent is missing.
    pub orphans: OrphanRule,
    /// What becomes of rows that break a CHECK of their table.
    pub checks: CheckRule,
    /// Which types columns get in a schema of outgrow's own.
    pub types: TypeRule,
    /// Whether columns of integers get the narrowest type that holds them, in a schema of outgrow's own.
    pub narrow: bool,
    /// What becomes of empty texts where the column's type has none.
    pub empty: EmptyText,
    /// The zone of times that are written without one.
    pub zone: Zone,
    /// What becomes of triggers that are equal only for statements that change one row.
    pub triggers: TriggerRule,
}

/// What becomes of rows whose parent is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrphanRule {
    /// Somebody has to decide before the move.
    #[default]
    Stop,
    /// The rows come across; the foreign key is made `NOT VALID`: it binds new rows and leaves the old ones.
    NotValid,
    /// The rows are kept out of their table, and every cell of them in the quarantine.
    Quarantine,
    /// The rows come across with NULL where they refer to their parent, and the originals are kept in the quarantine.
    Null,
}

/// What becomes of rows that break a CHECK of their table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckRule {
    /// Somebody has to decide before the move.
    #[default]
    Stop,
    /// The rows come across; the check is made `NOT VALID`: it binds new rows and leaves the old ones.
    NotValid,
}

/// What becomes of triggers that are equal only for statements that change one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerRule {
    /// They are left out, and somebody has to decide before the move.
    #[default]
    Exact,
    /// They come across; where one statement changes several rows, they may do something else than on SQLite.
    SingleRow,
}
