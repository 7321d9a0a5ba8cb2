//! What a PostgreSQL database contains, as far as the planner and the gates need to know.

use serde::{Deserialize, Serialize};

/// What stands in the schema that is to be loaded, and the server's facts that decide what can be made there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetCatalog {
    /// `server_version_num`, such as 150018.
    pub version: u32,
    /// `server_encoding`; only `UTF8` holds every text.
    pub encoding: String,
    /// The schema to be loaded.
    pub schema: String,
    /// Every relation and type in that schema, by name.
    pub relations: Vec<TargetRelation>,
}

impl TargetCatalog {
    /// The server's major version, such as 15.
    pub fn major(&self) -> u32 {
        self.version / 10_000
    }
}

/// A table, view, sequence, index or type of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRelation {
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: TargetRelationKind,
    /// Whether it holds a row; false for what holds none by its nature.
    pub has_rows: bool,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetRelationKind {
    /// A table (partitioned and foreign ones included).
    Table,
    /// A view (materialised ones included).
    View,
    /// A sequence.
    Sequence,
    /// An index.
    Index,
    /// A type, of whatever kind.
    Other,
}
