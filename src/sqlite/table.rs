//! Reading one table of the schema: columns, keys and indexes.

use rusqlite::Connection;

use super::catalog::{Relation, SchemaObject};
use super::connection::{each_row, integer_of, name_of};
use super::ddl;
use super::fault::fault;
use crate::catalog::{
    Affinity, Column, Deferral, ForeignKey, ForeignKeyAction, ForeignKeyColumn, GeneratedKind, Index, IndexOrigin, IndexPart, PrimaryKey,
    RowidKind, Table, quoted,
};
use crate::error::Result;

/// Reads a table. Implicit parent keys are resolved by [`resolve_parent_keys`], once all tables are known.
pub(super) fn read(connection: &Connection, object: &SchemaObject, relation: Relation, objects: &[SchemaObject]) -> Result<Table> {
    let sql = object.sql.clone().unwrap_or_default();
    let mut table = Table {
        name: object.name.clone(),
        columns: Vec::new(),
        primary_key: None,
        rowid: RowidKind::None,
        strict: relation.strict,
        autoincrement: false,
        foreign_keys: foreign_keys(connection, &object.name, &sql)?,
        indexes: indexes(connection, &object.name, objects)?,
        left_out: Vec::new(),
        rows: None,
        sql,
    };
    read_columns(connection, &mut table)?;
    table.rowid = rowid_kind(&table, relation.without_rowid);
    Ok(table)
}

fn doing(table: &str) -> String {
    format!("read the schema of {}", quoted(table))
}

fn read_columns(connection: &Connection, table: &mut Table) -> Result<()> {
    let doing = doing(&table.name);
    let mut key = Vec::new();
    let sql = format!("pragma main.table_xinfo({})", quoted(&table.name));
    each_row(connection, &sql, &doing, &mut |row| {
        let name = name_of(row, 1)?.unwrap_or_default();
        let declared = name_of(row, 2)?.unwrap_or_default();
        let (_, collation, _, _, autoincrement) = connection
            .column_metadata(Some(c"main"), cstr(&table.name).as_c_str(), cstr(&name).as_c_str())
            .map_err(|error| fault(&doing, error))?;
        table.autoincrement |= autoincrement;
        let place = integer_of(row, 5);
        if place > 0 {
            key.push((place, name.clone()));
        }
        table.columns.push(Column {
            affinity: if table.strict { Affinity::of_strict(&declared) } else { Affinity::of_declared(&declared) },
            declared,
            not_null: integer_of(row, 3) != 0,
            default: name_of(row, 4)?,
            generated: match integer_of(row, 6) {
                2 => Some(GeneratedKind::Virtual),
                3 => Some(GeneratedKind::Stored),
                _ => None,
            },
            collation: collation.map_or_else(|| "BINARY".to_owned(), |name| name.to_string_lossy().into_owned()),
            name,
        });
        Ok(())
    })?;
    key.sort();
    if !key.is_empty() {
        table.primary_key = Some(PrimaryKey { columns: key.into_iter().map(|(_, name)| name).collect() });
    }
    Ok(())
}

/// A name for SQLite's C interface. Names come from C strings, so there is no NUL to lose.
fn cstr(name: &str) -> std::ffi::CString {
    std::ffi::CString::new(name.replace('\0', "")).unwrap_or_default()
}

/// An INTEGER PRIMARY KEY is the rowid, and then SQLite needs no index for it. It makes one where the key is something
/// else, such as `INTEGER PRIMARY KEY DESC`, which for old times' sake is not the rowid.
fn rowid_kind(table: &Table, without_rowid: bool) -> RowidKind {
    if without_rowid {
        return RowidKind::None;
    }
    let key_index = table.indexes.iter().any(|index| index.origin == IndexOrigin::PrimaryKey);
    if let Some([column]) = table.primary_key.as_ref().map(|key| key.columns.as_slice())
        && !key_index
        && table.column(column).is_some_and(|(_, column)| column.declared.eq_ignore_ascii_case("INTEGER"))
    {
        return RowidKind::Alias { column: column.clone() };
    }
    let access = ["rowid", "_rowid_", "oid"].into_iter().find(|name| table.column(name).is_none());
    RowidKind::Hidden { access: access.map(ToOwned::to_owned) }
}

fn indexes(connection: &Connection, table: &str, objects: &[SchemaObject]) -> Result<Vec<Index>> {
    let doing = doing(table);
    let mut indexes = Vec::new();
    each_row(connection, &format!("pragma main.index_list({})", quoted(table)), &doing, &mut |row| {
        let name = name_of(row, 1)?.unwrap_or_default();
        indexes.push(Index {
            sql: objects.iter().find(|object| object.is_index(&name)).and_then(|object| object.sql.clone()),
            unique: integer_of(row, 2) != 0,
            origin: match name_of(row, 3)?.as_deref() {
                Some("pk") => IndexOrigin::PrimaryKey,
                Some("u") => IndexOrigin::Unique,
                Some(_) | None => IndexOrigin::Created,
            },
            partial: integer_of(row, 4) != 0,
            parts: index_parts(connection, &name, &doing)?,
            name,
        });
        Ok(())
    })?;
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(indexes)
}

/// The parts of the primary key of a WITHOUT ROWID table, with their collation and direction.
pub(super) fn primary_key_parts(connection: &Connection, table: &str) -> Result<Vec<IndexPart>> {
    let key = indexes(connection, table, &[])?.into_iter().find(|index| index.origin == IndexOrigin::PrimaryKey);
    Ok(key.map(|index| index.parts).unwrap_or_default())
}

fn index_parts(connection: &Connection, index: &str, doing: &str) -> Result<Vec<IndexPart>> {
    let mut parts = Vec::new();
    each_row(connection, &format!("pragma main.index_xinfo({})", quoted(index)), doing, &mut |row| {
        // The rest are the columns that SQLite adds to find the row.
        if integer_of(row, 5) != 0 {
            parts.push(IndexPart {
                column: name_of(row, 2)?,
                descending: integer_of(row, 3) != 0,
                collation: name_of(row, 4)?.unwrap_or_else(|| "BINARY".to_owned()),
            });
        }
        Ok(())
    })?;
    Ok(parts)
}

fn foreign_keys(connection: &Connection, table: &str, sql: &str) -> Result<Vec<ForeignKey>> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    each_row(connection, &format!("pragma main.foreign_key_list({})", quoted(table)), &doing(table), &mut |row| {
        let column = ForeignKeyColumn { child: name_of(row, 3)?.unwrap_or_default(), parent: name_of(row, 4)? };
        let id = integer_of(row, 0);
        match keys.iter_mut().find(|key| key.id == id) {
            Some(key) => key.columns.push(column),
            None => keys.push(ForeignKey {
                id,
                parent: name_of(row, 2)?.unwrap_or_default(),
                columns: vec![column],
                on_update: action(name_of(row, 5)?.as_deref()),
                on_delete: action(name_of(row, 6)?.as_deref()),
                deferral: Deferral::Immediate,
            }),
        }
        Ok(())
    })?;
    // SQLite numbers them from the last declared to the first.
    keys.sort_by_key(|key| std::cmp::Reverse(key.id));
    let deferrals = ddl::deferrals(sql);
    if deferrals.len() == keys.len() {
        for (key, deferral) in keys.iter_mut().zip(deferrals) {
            key.deferral = deferral;
        }
    }
    Ok(keys)
}

fn action(name: Option<&str>) -> ForeignKeyAction {
    match name {
        Some("RESTRICT") => ForeignKeyAction::Restrict,
        Some("SET NULL") => ForeignKeyAction::SetNull,
        Some("SET DEFAULT") => ForeignKeyAction::SetDefault,
        Some("CASCADE") => ForeignKeyAction::Cascade,
        Some(_) | None => ForeignKeyAction::NoAction,
    }
}

/// Fills in the parent columns that a foreign key leaves out: they are the parent's primary key, if the number agrees.
pub(super) fn resolve_parent_keys(tables: &mut [Table]) {
    let keys: Vec<_> = tables.iter().map(|table| (table.name.clone(), table.primary_key.clone())).collect();
    for key in tables.iter_mut().flat_map(|table| &mut table.foreign_keys) {
        let parent = keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.parent)).and_then(|(_, primary)| primary.as_ref());
        let Some(parent) = parent.filter(|parent| parent.columns.len() == key.columns.len()) else { continue };
        for (column, parent) in key.columns.iter_mut().zip(&parent.columns) {
            column.parent.get_or_insert_with(|| parent.clone());
        }
    }
}
