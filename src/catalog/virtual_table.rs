//! Virtual tables of a SQLite file: what they are made with, and where their rows are.

use serde::{Deserialize, Serialize};

/// A virtual table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualTable {
    /// Name.
    pub name: String,
    /// Module, in lower case: `fts5`, `rtree` …
    pub module: String,
    /// The CREATE VIRTUAL TABLE text.
    pub sql: String,
    /// What stands in the parentheses behind the module.
    pub arguments: Vec<ModuleArgument>,
    /// The ordinary tables that the module keeps its data in, by name.
    pub shadow_tables: Vec<String>,
    /// Where its rows are.
    pub rows: VirtualRows,
}

/// An argument of a module: a column (`body UNINDEXED`) or an option (`tokenize = 'porter ascii'`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleArgument {
    /// The words before `=`, without quotes and comments; all of them where there is no `=`.
    pub words: Vec<String>,
    /// The words behind `=`.
    pub value: Option<Vec<String>>,
}

/// Where the rows of a virtual table are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VirtualRows {
    /// Here and nowhere else: the table stands among the ordinary ones, too, as the table that it amounts to.
    Own,
    /// In another table or view, of which this is an index.
    Elsewhere {
        /// Its name.
        table: String,
        /// The column of it that is the rowid here.
        rowid: String,
        /// The columns that are indexed, by their names there.
        columns: Vec<String>,
    },
    /// In a table with a column of geometries, of which this is the index of their extents.
    Geometry {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Nowhere: it is an index of texts that it does not keep.
    Nowhere,
    /// They can't be read.
    Unread {
        /// Why not.
        reason: String,
        /// The shadow tables that hold what the rows are made of: they stand among the ordinary tables, too.
        kept: Vec<String>,
    },
}

/// A column of geometries that the file's own books name: GeoPackage's or SpatiaLite's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeometryColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// How its cells are written.
    pub format: GeometryFormat,
    /// The kind of geometry, as the file names it: `POINT`, or SpatiaLite's number.
    pub kind: String,
    /// The number of its spatial reference system.
    pub srid: i64,
}

/// How geometries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeometryFormat {
    /// A header of GeoPackage's (`GP` …), then WKB.
    GeoPackage,
    /// SpatiaLite's own form, which contains no whole WKB.
    Spatialite,
}

impl VirtualTable {
    /// Whether it is a full-text table, of whatever version.
    pub fn is_full_text(&self) -> bool {
        matches!(self.module.as_str(), "fts1" | "fts2" | "fts3" | "fts4" | "fts5")
    }

    /// The arguments of an R*Tree that are bounds: all behind the key that don't begin with `+`.
    pub fn bounds(&self) -> impl Iterator<Item = &ModuleArgument> {
        self.arguments.iter().skip(1).filter(|argument| argument.words.first().is_some_and(|word| word != "+"))
    }

    /// The value of an option, its words joined by single spaces; the last one given counts.
    pub fn option(&self, name: &str) -> Option<String> {
        self.options(name).last()
    }

    /// The values of an option that may be given more than once.
    pub fn options(&self, name: &str) -> impl Iterator<Item = String> {
        let named =
            self.arguments.iter().filter(move |argument| matches!(argument.words.as_slice(), [word] if word.eq_ignore_ascii_case(name)));
        named.filter_map(|argument| argument.value.as_ref()).map(|words| words.join(" "))
    }
}
