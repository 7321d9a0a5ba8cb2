//! What a SQLite file contains.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Affinity, FrameworkState, GeometryColumn, VirtualTable};

/// All objects of a SQLite file, each list in order of its name (tables in order of creation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCatalog {
    /// Facts about the file itself.
    pub file: FileFacts,
    /// Tables with rows of their own, without SQLite's own (`sqlite_%`) and without shadow tables of virtual tables. A
    /// virtual table that holds rows is one of them, as the ordinary table that it amounts to.
    pub tables: Vec<Table>,
    /// Views.
    pub views: Vec<View>,
    /// Triggers of tables and views.
    pub triggers: Vec<Trigger>,
    /// Virtual tables, each with its shadow tables.
    pub virtual_tables: Vec<VirtualTable>,
    /// Columns of geometries, as the file's own books name them.
    pub geometry_columns: Vec<GeometryColumn>,
    /// `sqlite_sequence`: the highest rowid ever given in each AUTOINCREMENT table that had a row.
    pub sequences: BTreeMap<String, i64>,
    /// Tables that are left out because somebody decided so; they stand nowhere above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The migrations that the application's framework has applied to it.
    #[serde(default)]
    pub framework: FrameworkState,
}

impl SourceCatalog {
    /// The table of this name, compared as SQLite compares names (ASCII case folded).
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// The virtual table of this name.
    pub fn virtual_table(&self, name: &str) -> Option<&VirtualTable> {
        self.virtual_tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

/// Facts about the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Size of the database in bytes: page size × page count.
    pub bytes: u64,
    /// Page size in bytes.
    pub page_bytes: u32,
    /// Pages in the free list.
    pub free_pages: u64,
    /// How text is stored.
    pub encoding: TextEncoding,
    /// The journal mode recorded in the file.
    pub journal_mode: JournalMode,
    /// `PRAGMA user_version`.
    pub user_version: i64,
    /// `PRAGMA application_id`.
    pub application_id: i64,
    /// `PRAGMA schema_version`: changes with every change of the schema.
    pub schema_version: i64,
    /// `PRAGMA auto_vacuum`: 0 none, 1 full, 2 incremental.
    pub auto_vacuum: i64,
    /// Version of the SQLite library that reads the file.
    pub sqlite_version: String,
}

/// How a file stores text; SQLite hands it out as UTF-8 in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextEncoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

/// The journal mode recorded in a file's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalMode {
    /// A rollback journal (delete, truncate or persist).
    Rollback,
    /// A write-ahead log.
    Wal,
}

/// An ordinary table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Name as written in the schema.
    pub name: String,
    /// The CREATE TABLE text; of a virtual table, that of the table that it amounts to.
    pub sql: String,
    /// Columns in order, generated ones included, hidden ones of virtual tables never.
    pub columns: Vec<Column>,
    /// The declared primary key.
    pub primary_key: Option<PrimaryKey>,
    /// How rows are identified.
    pub rowid: RowidKind,
    /// Declared STRICT.
    pub strict: bool,
    /// Declared AUTOINCREMENT.
    pub autoincrement: bool,
    /// Foreign keys in the order of their declaration.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes, automatic ones included, by name.
    pub indexes: Vec<Index>,
    /// Columns that are left out because somebody decided so; they stand nowhere above but in the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The rows that are moved, where somebody decided that not all are: a condition of SQLite's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
}

impl Table {
    /// The column of this name, compared as SQLite compares names (ASCII case folded), with its position.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, column)| column.name.eq_ignore_ascii_case(name))
    }

    /// The column that is the rowid by another name (`INTEGER PRIMARY KEY`).
    pub fn rowid_alias(&self) -> Option<&str> {
        match &self.rowid {
            RowidKind::Alias { column } => Some(column),
            RowidKind::Hidden { .. } | RowidKind::None => None,
        }
    }

    /// What names a row of this table to a human: its rowid alias, its declared primary key, its rowid, or its place.
    pub fn identity(&self) -> RowIdentity {
        match (&self.rowid, &self.primary_key) {
            (RowidKind::Alias { column }, _) => RowIdentity::Columns(vec![column.clone()]),
            (RowidKind::Hidden { .. } | RowidKind::None, Some(key)) => RowIdentity::Columns(key.columns.clone()),
            (RowidKind::Hidden { access: Some(access) }, None) if self.columns.len() < MOST_COLUMNS => RowIdentity::Rowid(access.clone()),
            (RowidKind::Hidden { .. } | RowidKind::None, None) => RowIdentity::Position,
        }
    }
}

/// The most columns that SQLite lets a table or a query have; a query for all of so many has no room for the rowid.
pub const MOST_COLUMNS: usize = 2000;

/// What names a row in findings and reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowIdentity {
    /// The values of these columns: the rowid alias or the declared primary key (which may hold NULLs).
    Columns(Vec<String>),
    /// The rowid, read by this name.
    Rowid(String),
    /// Its place in the order of storage, from 1: nothing else can be read of it.
    Position,
}

/// How the rows of a table are identified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowidKind {
    /// The rowid has no column; `access` is a name for it (`rowid`, `_rowid_`, `oid`) that no column shadows.
    Hidden {
        /// A usable name, or none when columns shadow all three.
        access: Option<String>,
    },
    /// This column is the rowid.
    Alias {
        /// The column's name.
        column: String,
    },
    /// Declared WITHOUT ROWID.
    None,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name as written in the schema.
    pub name: String,
    /// Declared type as written, empty where there is none.
    pub declared: String,
    /// Affinity that follows from it.
    pub affinity: Affinity,
    /// Declared NOT NULL (a rowid alias and a key of a WITHOUT ROWID table are so without saying).
    pub not_null: bool,
    /// The text of the DEFAULT clause.
    pub default: Option<String>,
    /// Whether and how the column is computed.
    pub generated: Option<GeneratedKind>,
    /// Default collation: `BINARY` unless declared.
    pub collation: String,
}

/// How a generated column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratedKind {
    /// Computed when read.
    Virtual,
    /// Computed when written.
    Stored,
}

/// A declared primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    /// Column names in key order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// SQLite's number of the key within its table (`PRAGMA foreign_key_list`).
    pub id: i64,
    /// The parent table's name as written; it may not exist.
    pub parent: String,
    /// Child and parent columns, in order.
    pub columns: Vec<ForeignKeyColumn>,
    /// ON DELETE.
    pub on_delete: ForeignKeyAction,
    /// ON UPDATE.
    pub on_update: ForeignKeyAction,
    /// DEFERRABLE, as far as SQLite honours it.
    pub deferral: Deferral,
}

/// One pair of columns of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyColumn {
    /// The child's column.
    pub child: String,
    /// The parent's column: as written, or resolved from the parent's primary key where it was left out; none
    /// where that is impossible (no such table, no key, or another number of columns).
    pub parent: Option<String>,
}

/// What a foreign key does to children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignKeyAction {
    /// NO ACTION.
    NoAction,
    /// RESTRICT.
    Restrict,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
    /// CASCADE.
    Cascade,
}

/// When a foreign key is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deferral {
    /// At once.
    Immediate,
    /// At COMMIT (`DEFERRABLE INITIALLY DEFERRED`).
    Deferred,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Name; automatic ones are named `sqlite_autoindex_…`.
    pub name: String,
    /// The CREATE INDEX text; none for automatic ones.
    pub sql: Option<String>,
    /// UNIQUE.
    pub unique: bool,
    /// Where it comes from.
    pub origin: IndexOrigin,
    /// Has a WHERE clause (its text is in `sql`).
    pub partial: bool,
    /// Key parts in order.
    pub parts: Vec<IndexPart>,
}

/// Where an index comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexOrigin {
    /// CREATE INDEX.
    Created,
    /// A UNIQUE constraint.
    Unique,
    /// The PRIMARY KEY.
    PrimaryKey,
}

/// A key part of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    /// The column's name; none for an expression (its text is in the index's `sql`) or the rowid.
    pub column: Option<String>,
    /// Descending.
    pub descending: bool,
    /// Collation.
    pub collation: String,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Name.
    pub name: String,
    /// The CREATE VIEW text.
    pub sql: String,
    /// Names of its columns, empty when SQLite itself can't prepare it.
    pub columns: Vec<String>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Name.
    pub name: String,
    /// The table or view it belongs to.
    pub table: String,
    /// The CREATE TRIGGER text.
    pub sql: String,
}
