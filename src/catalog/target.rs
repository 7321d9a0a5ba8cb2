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
    /// The ordinary and partitioned tables among them, with their columns.
    #[serde(default)]
    pub tables: Vec<TargetTable>,
    /// The extensions that the server has at hand, installed in this database or not, by name.
    #[serde(default)]
    pub extensions: Vec<TargetExtension>,
}

impl TargetCatalog {
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTable {
    /// Name.
    pub name: String,
    /// Columns, in order.
    pub columns: Vec<TargetColumn>,
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
