//! The DDL of a described table, worded as Laravel's SQLite grammar words it. Never touches a file.

use super::blueprint::{Column, KeyKind, Kind, Table};
use crate::catalog::quoted;

/// The CREATE TABLE statement and its CREATE INDEX statements.
pub(super) fn statements(table: &Table) -> Vec<String> {
    let mut parts: Vec<String> = table.columns.iter().map(definition).collect();
    let mut indexes = Vec::new();
    let mut index = |unique: bool, columns: &[String]| {
        let (word, suffix) = if unique { ("unique index", "unique") } else { ("index", "index") };
        let name = format!("{}_{}_{suffix}", table.name, columns.join("_"));
        indexes.push(format!("create {word} {} on {} ({})", quoted(&name), quoted(table.name), list(columns)));
    };
    for column in &table.columns {
        if column.unique || column.indexed {
            index(column.unique, std::slice::from_ref(&column.name));
        }
        if let Kind::Parent { table: parent, on_delete } = &column.kind {
            let (child, parent) = (quoted(&column.name), quoted(parent));
            parts.push(format!("foreign key({child}) references {parent}(\"id\") on delete {on_delete}"));
        }
    }
    for key in &table.keys {
        match key.kind {
            KeyKind::Primary => parts.push(format!("primary key ({})", list(&key.columns))),
            KeyKind::Unique => index(true, &key.columns),
            KeyKind::Index => index(false, &key.columns),
        }
    }
    indexes.insert(0, format!("create table {} ({})", quoted(table.name), parts.join(", ")));
    indexes
}

fn list(columns: &[String]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

fn definition(column: &Column) -> String {
    let name = quoted(&column.name);
    let (declared, default) = match &column.kind {
        Kind::Id => return format!("{name} integer primary key autoincrement not null"),
        Kind::Parent { .. } | Kind::Whole { .. } | Kind::Millis | Kind::Seconds => ("integer".to_owned(), None),
        Kind::Flag => ("tinyint(1)".to_owned(), Some("'0'".to_owned())),
        Kind::Decimal { .. } => ("numeric".to_owned(), None),
        Kind::Float => ("float".to_owned(), None),
        Kind::Date => ("date".to_owned(), None),
        Kind::DateTime | Kind::Moment => ("datetime".to_owned(), None),
        Kind::Now => ("datetime".to_owned(), Some("CURRENT_TIMESTAMP".to_owned())),
        Kind::Time => ("time".to_owned(), None),
        Kind::Choice(choices) => {
            let listed = choices.iter().map(|choice| format!("'{choice}'")).collect::<Vec<_>>().join(", ");
            (format!("varchar check ({name} in ({listed}))"), choices.first().map(|first| format!("'{first}'")))
        }
        Kind::Limited(width) => (format!("varchar({width})"), None),
        Kind::Text | Kind::Json => ("text".to_owned(), None),
        Kind::Blob => ("blob".to_owned(), None),
        Kind::Phrase(super::blueprint::Phrase::Tag) => ("varchar collate nocase".to_owned(), None),
        Kind::Phrase(_) => ("varchar".to_owned(), None),
    };
    let required = if column.nullable { "" } else { " not null" };
    let default = column.default.map(|text| format!("'{text}'")).or(default).filter(|_| !column.nullable);
    let default = default.map_or_else(String::new, |text| format!(" default {text}"));
    format!("{name} {declared}{required}{default}")
}
