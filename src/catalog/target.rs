//! What a PostgreSQL database contains, as far as the planner and the gates need to know.

use serde::{Deserialize, Serialize};

use super::FrameworkState;

/// What stands in the schema that is to be loaded, and the server's facts that decide what can be made there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetCatalog {
    /// `server_version_num`, such as 150018.
    pub version: u32,
    /// `server_encoding`; only `UTF8` holds every text.
    pub encoding: String,
    /// The schema to be loaded.
    pub schema: String,
    /// Every relation and type in that schema, by name.
    pub relations: Vec<TargetRelation>,
    /// The ordinary and partitioned tables among them, with their columns.
    #[serde(default)]
    pub tables: Vec<TargetTable>,
    /// The migrations that the application's framework has applied to it.
    #[serde(default)]
    pub framework: FrameworkState,
    /// The sequences that no column owns or calls, by name.
    #[serde(default)]
    pub sequences: Vec<TargetSequence>,
    /// The extensions that the server has at hand, installed in this database or not, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<TargetExtension>,
}

impl TargetTable {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&TargetColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl TargetCatalog {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TargetTable> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The server's major version, such as 15.
    pub fn major(&self) -> u32 {
        self.version / 10_000
    }

    /// The extension of this name, if the server has it at hand.
    pub fn extension(&self, name: &str) -> Option<&TargetExtension> {
        self.extensions.iter().find(|extension| extension.name == name)
    }
}

/// An extension that the server has at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetExtension {
    /// Name, such as `postgis`.
    pub name: String,
    /// Whether it is installed in the database.
    pub installed: bool,
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

/// A table that is there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTable {
    /// Name.
    pub name: String,
    /// Columns, in order.
    pub columns: Vec<TargetColumn>,
    /// How many rows it holds; none where the role may not read it.
    #[serde(default)]
    pub rows: Option<u64>,
    /// What the role may do with it.
    #[serde(default)]
    pub rights: TargetRights,
    /// `PARTITION BY`: the rows are in its partitions.
    #[serde(default)]
    pub partitioned: bool,
    /// Row security holds for this role, so that a COPY into it is refused.
    #[serde(default)]
    pub row_security: bool,
    /// The primary key, the unique constraints and the unique indexes.
    #[serde(default)]
    pub uniques: Vec<TargetUnique>,
    /// Checks, by name, as `pg_get_constraintdef` writes them.
    #[serde(default)]
    pub checks: Vec<(String, String)>,
    /// Foreign keys of this table.
    #[serde(default)]
    pub foreign_keys: Vec<TargetForeignKey>,
    /// Foreign keys that tables of other schemas have on this one.
    #[serde(default)]
    pub referred_to_by: Vec<TargetReference>,
    /// Triggers that somebody made.
    #[serde(default)]
    pub triggers: Vec<TargetTrigger>,
    /// Rules for DELETE, by name. (COPY passes by rules, so those for INSERT do nothing here.)
    #[serde(default)]
    pub delete_rules: Vec<String>,
    /// Sequences that give values to its columns.
    #[serde(default)]
    pub sequences: Vec<TargetSequence>,
}

/// What the role may do with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own, as the server tells them")]
pub struct TargetRights {
    /// It is, or is a member of, the owner: only then can foreign keys and triggers be set aside.
    pub owner: bool,
    /// SELECT.
    pub select: bool,
    /// INSERT.
    pub insert: bool,
    /// DELETE.
    pub delete: bool,
}

/// A primary key, a unique constraint or a unique index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetUnique {
    /// The name of its index.
    pub name: String,
    /// Its columns; empty where it has an expression or a predicate, whose meaning only the server knows.
    pub columns: Vec<String>,
    /// The primary key.
    pub primary: bool,
    /// Two NULLs are one too many (`NULLS NOT DISTINCT`).
    pub nulls_not_distinct: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetForeignKey {
    /// Its name.
    pub name: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The schema of the table that it refers to.
    pub parent_schema: String,
    /// The table that it refers to.
    pub parent: String,
    /// The columns that it refers to.
    pub parent_columns: Vec<String>,
    /// All of it, as `pg_get_constraintdef` writes it, `NOT VALID` included.
    pub definition: String,
    /// Whether it holds for the rows that are there.
    pub validated: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// A foreign key that another schema's table has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetReference {
    /// The schema of that table.
    pub schema: String,
    /// That table.
    pub table: String,
    /// Whether it holds a row.
    pub has_rows: bool,
}

/// A trigger that somebody made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTrigger {
    /// Its name.
    pub name: String,
    /// When it fires.
    pub enabled: TriggerState,
    /// It fires on INSERT.
    pub on_insert: bool,
    /// It fires on DELETE.
    pub on_delete: bool,
}

/// When a trigger fires (`pg_trigger.tgenabled`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerState {
    /// In ordinary sessions.
    Origin,
    /// In every session.
    Always,
    /// In sessions that replay a replication.
    Replica,
    /// Never.
    Disabled,
}

/// A sequence that gives a column its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetSequence {
    /// The column; none for one that stands free.
    pub column: Option<String>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The next value that it would give; none where the role may not look.
    pub next: Option<i64>,
    /// What it counts by.
    pub increment: i64,
    /// The least value that it gives.
    pub min: i64,
    /// The greatest value that it gives.
    pub max: i64,
    /// Whether the role may set it.
    pub settable: bool,
}

/// A column that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetColumn {
    /// Name.
    pub name: String,
    /// Its type; of a domain, the type below it.
    pub pg_type: TargetType,
    /// The type as `format_type` writes it, such as `character varying(64)`.
    pub written: String,
    /// NOT NULL, by the column or its domain.
    pub not_null: bool,
    /// Whether it has a default (an identity or a sequence included).
    pub has_default: bool,
    /// `GENERATED … AS IDENTITY`.
    pub identity: Option<TargetIdentity>,
    /// The sequence that gives its next value: that of the identity, or the one that its default calls or it owns.
    pub sequence: Option<String>,
    /// Computed by the server; can't be loaded.
    pub generated: bool,
}

/// Whether an identity column takes a given value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetIdentity {
    /// Only through COPY, or with `OVERRIDING SYSTEM VALUE`.
    Always,
    /// As any other column.
    ByDefault,
}

/// The types that a target's columns may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetType {
    /// `boolean`
    Boolean,
    /// `smallint`
    Smallint,
    /// `integer`
    Integer,
    /// `bigint`
    Bigint,
    /// `real`
    Real,
    /// `double precision`
    DoublePrecision,
    /// `numeric`, with precision and scale where they are given.
    Numeric {
        /// Digits in all, and behind the point.
        limits: Option<(u16, i16)>,
    },
    /// `money`
    Money,
    /// `text`
    Text,
    /// `citext`, of the extension.
    Citext,
    /// `character varying`, with its greatest length in characters.
    Varchar {
        /// Characters.
        max: Option<u32>,
    },
    /// `character(n)`
    Char {
        /// Characters.
        length: u32,
    },
    /// `bytea`
    Bytea,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// `uuid`
    Uuid,
    /// `date`
    Date,
    /// `time`
    Time {
        /// Digits of a second that are kept, 0 to 6.
        digits: u8,
    },
    /// `time with time zone`
    Timetz {
        /// Digits of a second that are kept, 0 to 6.
        digits: u8,
    },
    /// `timestamp`
    Timestamp {
        /// Digits of a second that are kept, 0 to 6.
        digits: u8,
    },
    /// `timestamp with time zone`
    Timestamptz {
        /// Digits of a second that are kept, 0 to 6.
        digits: u8,
    },
    /// `interval`
    Interval,
    /// `inet`
    Inet,
    /// `cidr`
    Cidr,
    /// `macaddr`
    Macaddr,
    /// An enumeration.
    Enum {
        /// Its labels, in their order.
        labels: Vec<String>,
    },
    /// A one-dimensional array.
    Array {
        /// The type of its elements.
        element: Box<TargetType>,
        /// The number (`oid`) of the element's type, which PostgreSQL's binary form of an array names.
        element_oid: u32,
    },
    /// Any other.
    Other,
}
