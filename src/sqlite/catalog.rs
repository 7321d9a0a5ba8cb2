//! Reading the whole schema as a [`SourceCatalog`].
//!
//! What SQLite itself can't prepare (a view over a table that is gone, a virtual table of a module that is not built
//! in) is listed all the same and never stops the rest.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::connection::{each_row, integer_of, name_of, number, statement_of};
use super::own::is_ours;
use super::reader::SourceReader;
use super::{table, virtual_table};
use crate::catalog::{
    FileFacts, FrameworkState, GeometryColumn, SourceCatalog, Table, TextEncoding, Trigger, View, VirtualRows, VirtualTable, quoted,
};
use crate::error::{Error, ErrorKind, Result};

const DOING: &str = "read the schema";

/// An entry of `sqlite_schema`.
#[derive(Debug)]
pub(super) struct SchemaObject {
    kind: String,
    pub(super) name: String,
    table: String,
    pub(super) sql: Option<String>,
}

impl SchemaObject {
    pub(super) fn is_index(&self, name: &str) -> bool {
        self.kind == "index" && self.name == name
    }
}

/// What `PRAGMA table_list` says of a table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Relation {
    shadow: bool,
    pub(super) without_rowid: bool,
    pub(super) strict: bool,
}

impl SourceReader {
    /// Reads the whole schema.
    pub fn catalog(&self) -> Result<SourceCatalog> {
        let connection = self.connection();
        let objects = objects(connection)?;
        let relations = relations(connection)?;
        let geometry_columns = virtual_table::geometry_columns(connection);
        let (mut virtual_tables, mut amounting) = virtual_tables(connection, &objects, &geometry_columns);
        let mut tables = Vec::new();
        for object in objects.iter().filter(|object| object.kind == "table" && !is_own(&object.name)) {
            let relation = relations.get(&object.name).copied().unwrap_or_default();
            if virtual_tables.iter().any(|table| table.name == object.name) {
                tables.extend(amounting.remove(&object.name));
            } else if !adopt_shadow(&mut virtual_tables, &object.name, relation.shadow) {
                tables.push(table::read(connection, object, relation, &objects)?);
            }
        }
        table::resolve_parent_keys(&mut tables);
        Ok(SourceCatalog {
            file: file_facts(self)?,
            tables,
            views: views(connection, &objects)?,
            triggers: by_name(&objects, "trigger", |object| Trigger {
                name: object.name.clone(),
                table: object.table.clone(),
                sql: object.sql.clone().unwrap_or_default(),
            }),
            virtual_tables,
            geometry_columns,
            sequences: sequences(connection, &objects)?,
            left_out: Vec::new(),
            framework: FrameworkState::default(),
        })
    }
}

fn objects(connection: &Connection) -> Result<Vec<SchemaObject>> {
    let mut objects = Vec::new();
    let sql = "select type, name, tbl_name, sql from main.sqlite_schema order by rowid";
    each_row(connection, sql, DOING, &mut |row| {
        let missing = || Error::new(ErrorKind::SourceCorrupt, DOING, "an entry of `sqlite_schema` has no name");
        objects.push(SchemaObject {
            kind: name_of(row, 0)?.ok_or_else(missing)?,
            name: name_of(row, 1)?.ok_or_else(missing)?,
            table: name_of(row, 2)?.ok_or_else(missing)?,
            sql: statement_of(row, 3),
        });
        Ok(())
    })?;
    // A source is the same with what outgrow has made in it and without.
    objects.retain(|object| !is_ours(&object.kind, &object.name, &object.table));
    Ok(objects)
}

/// What SQLite says of each table and view.
pub(super) fn relations(connection: &Connection) -> Result<BTreeMap<String, Relation>> {
    let mut relations = BTreeMap::new();
    each_row(connection, "pragma main.table_list", DOING, &mut |row| {
        if let Some(name) = name_of(row, 1)? {
            let relation = Relation {
                shadow: name_of(row, 2)?.as_deref() == Some("shadow"),
                without_rowid: integer_of(row, 4) != 0,
                strict: integer_of(row, 5) != 0,
            };
            relations.insert(name, relation);
        }
        Ok(())
    })?;
    Ok(relations)
}

/// Whether a table is SQLite's own bookkeeping. Other names that begin with `sqlite_` can only come from a file that was
/// tampered with; they are shown as the ordinary tables that they are.
fn is_own(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "sqlite_sequence" | "sqlite_stat1" | "sqlite_stat2" | "sqlite_stat3" | "sqlite_stat4" | "sqlite_schema" | "sqlite_master"
    )
}

fn by_name<T>(objects: &[SchemaObject], kind: &str, make: impl Fn(&SchemaObject) -> T) -> Vec<T> {
    let mut found: Vec<_> = objects.iter().filter(|object| object.kind == kind).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.into_iter().map(make).collect()
}

/// The virtual tables, and the ordinary ones that those with rows of their own amount to.
fn virtual_tables(
    connection: &Connection,
    objects: &[SchemaObject],
    geometries: &[GeometryColumn],
) -> (Vec<VirtualTable>, BTreeMap<String, Table>) {
    let made = by_name(objects, "table", |object| virtual_table::read(connection, &object.name, object.sql.as_deref()?, geometries));
    let mut amounting = BTreeMap::new();
    let mut tables = Vec::new();
    for (table, amounts_to) in made.into_iter().flatten() {
        amounting.extend(amounts_to.map(|amounts_to| (table.name.clone(), amounts_to)));
        tables.push(table);
    }
    (tables, amounting)
}

/// Gives a shadow table to the virtual table it belongs to; false for an ordinary table, and for a shadow table that is
/// kept as one because nothing else can be read of its owner.
///
/// SQLite marks the shadow tables of the modules that it has. Those of other known modules are told by their names.
fn adopt_shadow(virtual_tables: &mut [VirtualTable], name: &str, marked: bool) -> bool {
    let lower = name.to_ascii_lowercase();
    let owner = virtual_tables
        .iter_mut()
        .filter(|owner| {
            let suffix = lower.strip_prefix(&owner.name.to_ascii_lowercase()).and_then(|rest| rest.strip_prefix('_'));
            suffix.is_some_and(|suffix| marked || is_shadow_suffix(&owner.module, suffix))
        })
        .max_by_key(|owner| owner.name.len());
    match owner {
        Some(owner) => {
            owner.shadow_tables.push(name.to_owned());
            owner.shadow_tables.sort();
            !matches!(&owner.rows, VirtualRows::Unread { kept, .. } if kept.iter().any(|kept| kept.eq_ignore_ascii_case(name)))
        }
        None => false,
    }
}

/// Whether tables with this suffix are shadow tables of a module that this build of SQLite does not have.
fn is_shadow_suffix(module: &str, suffix: &str) -> bool {
    match module {
        "fts1" | "fts2" => matches!(suffix, "content" | "segments" | "segdir" | "term"),
        "geopoly" => matches!(suffix, "node" | "parent" | "rowid"),
        "spellfix1" => suffix == "vocab",
        "vec0" => {
            matches!(suffix, "chunks" | "rowids" | "info" | "auxiliary")
                || ["vector_chunks", "metadatachunks", "metadatatext"].iter().any(|stem| suffix.starts_with(stem))
        }
        "vss0" => matches!(suffix, "index" | "data"),
        _ => false,
    }
}

fn views(connection: &Connection, objects: &[SchemaObject]) -> Result<Vec<View>> {
    let mut views = by_name(objects, "view", |object| View {
        name: object.name.clone(),
        sql: object.sql.clone().unwrap_or_default(),
        columns: Vec::new(),
    });
    for view in &mut views {
        let mut columns = Vec::new();
        let sql = format!("pragma main.table_xinfo({})", quoted(&view.name));
        let read = each_row(connection, &sql, DOING, &mut |row| {
            columns.extend(name_of(row, 1)?);
            Ok(())
        });
        match read {
            Ok(()) => view.columns = columns,
            // SQLite can't prepare it: it stays without columns. Damage is another matter.
            Err(error) if error.kind() == ErrorKind::Unforeseen => {}
            Err(error) => return Err(error),
        }
    }
    Ok(views)
}

fn sequences(connection: &Connection, objects: &[SchemaObject]) -> Result<BTreeMap<String, i64>> {
    let mut sequences = BTreeMap::new();
    if !objects.iter().any(|object| object.name.eq_ignore_ascii_case("sqlite_sequence")) {
        return Ok(sequences);
    }
    let sql = "select name, seq from main.sqlite_sequence where typeof(seq) = 'integer' order by seq";
    each_row(connection, sql, "read `sqlite_sequence`", &mut |row| {
        if let Some(name) = name_of(row, 0)? {
            sequences.insert(name, integer_of(row, 1));
        }
        Ok(())
    })?;
    Ok(sequences)
}

fn file_facts(reader: &SourceReader) -> Result<FileFacts> {
    let connection = reader.connection();
    let pragma = |name: &str| number(connection, &format!("pragma main.{name}"), DOING);
    let senseless = |_| Error::new(ErrorKind::SourceCorrupt, DOING, "the file's size or page size makes no sense");
    let page_bytes = u32::try_from(pragma("page_size")?).map_err(senseless)?;
    let pages = u64::try_from(pragma("page_count")?).map_err(senseless)?;
    let mut encoding = TextEncoding::Utf8;
    each_row(connection, "pragma main.encoding", DOING, &mut |row| {
        encoding = match name_of(row, 0)?.as_deref() {
            Some("UTF-16le") => TextEncoding::Utf16Le,
            Some("UTF-16be") => TextEncoding::Utf16Be,
            Some(_) | None => TextEncoding::Utf8,
        };
        Ok(())
    })?;
    Ok(FileFacts {
        bytes: pages * u64::from(page_bytes),
        page_bytes,
        free_pages: u64::try_from(pragma("freelist_count")?).map_err(senseless)?,
        encoding,
        journal_mode: reader.header().journal_mode,
        user_version: pragma("user_version")?,
        application_id: pragma("application_id")?,
        schema_version: pragma("schema_version")?,
        auto_vacuum: pragma("auto_vacuum")?,
        sqlite_version: rusqlite::version().to_owned(),
    })
}
