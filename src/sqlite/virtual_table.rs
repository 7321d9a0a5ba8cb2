//! Reading virtual tables: which of them hold rows of their own, and the ordinary tables that these amount to.
//!
//! A virtual table is a program that runs when it is read. Only modules of the bundled SQLite that are known here are
//! ever asked (full-text and R*Tree); whatever goes wrong with one is its table's matter and stops nothing else.

use rusqlite::Connection;

use super::connection::{each_row, integer_of, name_of};
use super::ddl;
use super::fault::{fault, message};
use crate::catalog::{Affinity, Column, GeometryColumn, GeometryFormat, PrimaryKey, RowidKind, Table, VirtualRows, VirtualTable, quoted};
use crate::error::{Error, ErrorKind, Result};

/// A column as the module declares it.
struct ModuleColumn {
    name: String,
    kind: String,
    hidden: bool,
}

/// Reads a virtual table, and the table that it amounts to where it holds rows of its own.
pub(super) fn read(connection: &Connection, name: &str, sql: &str, geometries: &[GeometryColumn]) -> Option<(VirtualTable, Option<Table>)> {
    let mut table = VirtualTable {
        name: name.to_owned(),
        module: ddl::module(sql)?,
        sql: sql.to_owned(),
        arguments: ddl::arguments(sql),
        shadow_tables: Vec::new(),
        rows: VirtualRows::Nowhere,
    };
    let (rows, amounts_to) = match table.module.as_str() {
        "fts3" | "fts4" | "fts5" => full_text(connection, &table),
        "rtree" | "rtree_i32" => match geometry_of(name, geometries) {
            Some(rows) => (rows, None),
            None => or_unread(&table, tree(connection, &table)),
        },
        module => (VirtualRows::Unread { reason: unknown(module), kept: kept(&table) }, None),
    };
    table.rows = rows;
    Some((table, amounts_to))
}

/// Why a table of another module is not read.
fn unknown(module: &str) -> String {
    match module {
        "fts5vocab" | "fts4aux" => "it shows the words of a full-text index, as PostgreSQL's ts_stat does".to_owned(),
        "dbstat" | "sqlite_dbpage" | "sqlite_stmt" => "it shows how SQLite keeps the file, and has no rows of its own".to_owned(),
        module => format!("the module {module} is none that outgrow knows how to read"),
    }
}

type Found = (VirtualRows, Option<Table>);

fn or_unread(table: &VirtualTable, read: Result<Table>) -> Found {
    match read {
        Ok(amounts_to) => (VirtualRows::Own, Some(amounts_to)),
        Err(error) => (VirtualRows::Unread { reason: error.detail().to_owned(), kept: kept(table) }, None),
    }
}

/// The shadow tables that hold what the rows of an unreadable table are made of.
fn kept(table: &VirtualTable) -> Vec<String> {
    let suffix = match table.module.as_str() {
        "fts1" | "fts2" | "fts3" | "fts4" | "fts5" if table.option("content").is_none() => "content",
        "geopoly" => "rowid",
        _ => return Vec::new(),
    };
    vec![format!("{}_{suffix}", table.name)]
}

fn full_text(connection: &Connection, table: &VirtualTable) -> Found {
    match table.option("content") {
        Some(content) if content.is_empty() && table.option("contentless_unindexed").is_some_and(|set| set != "0") => {
            let reason = "it keeps no text but that of its unindexed columns".to_owned();
            (VirtualRows::Unread { reason, kept: vec![format!("{}_content", table.name)] }, None)
        }
        Some(content) if content.is_empty() => (VirtualRows::Nowhere, None),
        Some(content) => {
            let rowid = table.option("content_rowid").filter(|_| table.module == "fts5").unwrap_or_else(|| "rowid".to_owned());
            match declared(connection, &table.name) {
                Ok(columns) => {
                    let columns = columns.into_iter().filter(|column| is_given(table, column)).map(|column| column.name).collect();
                    (VirtualRows::Elsewhere { table: content, rowid, columns }, None)
                }
                Err(error) => (VirtualRows::Unread { reason: error.detail().to_owned(), kept: Vec::new() }, None),
            }
        }
        None if table.option("uncompress").is_some() => {
            let reason = "its texts are compressed by functions of the application's own".to_owned();
            (VirtualRows::Unread { reason, kept: kept(table) }, None)
        }
        None => or_unread(table, full_text_table(connection, table)),
    }
}

/// Whether a column holds what the application gave: one that is not hidden, or the language of the row.
fn is_given(table: &VirtualTable, column: &ModuleColumn) -> bool {
    let is_language = |name: String| table.module == "fts4" && name.eq_ignore_ascii_case(&column.name);
    !column.hidden || table.option("languageid").is_some_and(is_language)
}

/// The table that a full-text table amounts to: its rowid, which is its key, and its columns.
fn full_text_table(connection: &Connection, table: &VirtualTable) -> Result<Table> {
    let columns: Vec<ModuleColumn> = declared(connection, &table.name)?.into_iter().filter(|column| is_given(table, column)).collect();
    // As applications name it.
    let names = if table.module == "fts5" { ["rowid", "_rowid_", "oid", "rowid"] } else { ["docid", "rowid", "_rowid_", "oid"] };
    let free = |name: &&str| !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let rowid = names.into_iter().find(free).ok_or_else(|| unread(table, "its columns leave the rowid without a name"))?;
    let rowid = ModuleColumn { name: rowid.to_owned(), kind: "INTEGER".to_owned(), hidden: false };
    let number = |column: ModuleColumn| if column.hidden { ModuleColumn { kind: "INTEGER".to_owned(), ..column } } else { column };
    let all: Vec<ModuleColumn> = std::iter::once(rowid).chain(columns.into_iter().map(number)).collect();
    amounting_to(connection, table, all, &[])
}

/// The table that an R*Tree amounts to: its first column is the key, and of each dimension the first bound is not above
/// the second.
fn tree(connection: &Connection, table: &VirtualTable) -> Result<Table> {
    let mut columns: Vec<ModuleColumn> = declared(connection, &table.name)?.into_iter().filter(|column| !column.hidden).collect();
    let key = columns.first_mut().ok_or_else(|| unread(table, "it has no columns"))?;
    "INTEGER".clone_into(&mut key.kind);
    let bounds: Vec<String> = columns.iter().skip(1).map(|column| column.name.clone()).take(table.bounds().count()).collect();
    amounting_to(connection, table, columns, &bounds)
}

/// Makes the table, once SQLite has shown that it can read its first row.
fn amounting_to(connection: &Connection, table: &VirtualTable, columns: Vec<ModuleColumn>, bounds: &[String]) -> Result<Table> {
    let names: Vec<String> = columns.iter().map(|column| format!("s.{}", quoted(&column.name))).collect();
    let first = format!("select {} from main.{} as s not indexed limit 1", names.join(", "), quoted(&table.name));
    each_row(connection, &first, &format!("read {}", quoted(&table.name)), &mut |_| Ok(()))?;
    let key = columns.first().map(|column| column.name.clone()).ok_or_else(|| unread(table, "it has no columns"))?;
    let mut definitions: Vec<String> = columns
        .iter()
        .map(|ModuleColumn { name, kind, .. }| {
            let constraint = if *name == key { " PRIMARY KEY" } else { "" };
            format!("{} {kind}{constraint}", quoted(name)).trim_end().to_owned()
        })
        .collect();
    definitions.extend(bounds.chunks_exact(2).filter_map(|pair| match pair {
        [low, high] => Some(format!("CHECK ({} <= {})", quoted(low), quoted(high))),
        _ => None,
    }));
    let column = |ModuleColumn { name, kind, .. }: ModuleColumn| Column {
        // A module keeps what it is given, unless it says otherwise.
        affinity: if *name == key || bounds.contains(&name) { Affinity::of_declared(&kind) } else { Affinity::Blob },
        declared: kind,
        not_null: false,
        default: None,
        generated: None,
        collation: "BINARY".to_owned(),
        name,
    };
    Ok(Table {
        name: table.name.clone(),
        sql: format!("CREATE TABLE {} ({})", quoted(&table.name), definitions.join(", ")),
        columns: columns.into_iter().map(column).collect(),
        primary_key: Some(PrimaryKey { columns: vec![key.clone()] }),
        rowid: RowidKind::Alias { column: key },
        strict: false,
        autoincrement: false,
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        left_out: Vec::new(),
        rows: None,
    })
}

fn unread(table: &VirtualTable, why: &str) -> Error {
    Error::new(ErrorKind::Unforeseen, format!("read the schema of {}", quoted(&table.name)), why)
}

/// The columns that the module declares, hidden ones included.
fn declared(connection: &Connection, table: &str) -> Result<Vec<ModuleColumn>> {
    let mut columns = Vec::new();
    let doing = format!("read the schema of {}", quoted(table));
    // The pragma keeps silent where the module can't be started; this says why.
    connection.prepare(&format!("select 1 from main.{}", quoted(table))).map_err(|error| {
        let said = message(&error);
        let error = fault(&doing, error);
        Error::new(error.kind(), &doing, format!("SQLite refuses it: {said}"))
    })?;
    each_row(connection, &format!("pragma main.table_xinfo({})", quoted(table)), &doing, &mut |row| {
        let name = name_of(row, 1)?.unwrap_or_default();
        columns.push(ModuleColumn { name, kind: name_of(row, 2)?.unwrap_or_default(), hidden: integer_of(row, 6) == 1 });
        Ok(())
    })?;
    Ok(columns)
}

/// The geometries that an R*Tree of this name indexes: GeoPackage and SpatiaLite fix how it is called.
fn geometry_of(name: &str, geometries: &[GeometryColumn]) -> Option<VirtualRows> {
    let indexed = geometries.iter().find(|geometry| {
        let prefix = match geometry.format {
            GeometryFormat::GeoPackage => "rtree",
            GeometryFormat::Spatialite => "idx",
        };
        name.eq_ignore_ascii_case(&format!("{prefix}_{}_{}", geometry.table, geometry.column))
    })?;
    Some(VirtualRows::Geometry { table: indexed.table.clone(), column: indexed.column.clone() })
}

/// The columns of geometries that the file's own books name. Books that are not as they should be name none.
pub(super) fn geometry_columns(connection: &Connection) -> Vec<GeometryColumn> {
    let books = [
        (GeometryFormat::GeoPackage, "select table_name, column_name, geometry_type_name, srs_id from main.gpkg_geometry_columns"),
        (GeometryFormat::Spatialite, "select f_table_name, f_geometry_column, geometry_type, srid from main.geometry_columns"),
    ];
    let mut found = Vec::new();
    for (format, sql) in books {
        let mut of_book = Vec::new();
        let read = each_row(connection, &format!("{sql} order by 1, 2"), "read the books of geometries", &mut |row| {
            let (Some(table), Some(column)) = (name_of(row, 0)?, name_of(row, 1)?) else { return Ok(()) };
            let kind = name_of(row, 2)?.unwrap_or_else(|| integer_of(row, 2).to_string());
            // Findings show it: a word is what it should be.
            let is_word = (1..=40).contains(&kind.len()) && kind.chars().all(|sign| sign.is_ascii_alphanumeric());
            let kind = if is_word { kind } else { "unknown".to_owned() };
            of_book.push(GeometryColumn { table, column, format, kind, srid: integer_of(row, 3) });
            Ok(())
        });
        if read.is_ok() {
            found.append(&mut of_book);
        }
    }
    found
}
