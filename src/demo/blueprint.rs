//! The descriptions of the demo's tables, read from `school/*.txt`.
//!
//! `name rows` opens a table; the indented items below it are columns (`name kind`, then `?` for nullable, `unique`,
//! `index`, `null` for ON DELETE SET NULL, `= default`), foreign keys (`name > table`), `times`, `soft`, `morph(name)`,
//! and keys over several columns: `primary(…)`, `unique(…)`, `index(…)`. An `id` is added where no primary key is named.
//! Never guesses: an item that it can't read is an error.

use crate::error::{Error, Result};

const SOURCES: [&str; 5] = [
    include_str!("school/framework.txt"),
    include_str!("school/institutions.txt"),
    include_str!("school/people.txt"),
    include_str!("school/teaching.txt"),
    include_str!("school/office.txt"),
];

/// A table to be made and filled.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) rows: u32,
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Key>,
}

/// A column and what stands in it.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) unique: bool,
    pub(super) indexed: bool,
    pub(super) default: Option<&'static str>,
}

/// A key over several columns.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) kind: KeyKind,
    pub(super) columns: Vec<String>,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Primary,
    Unique,
    Index,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Parent {
        table: &'static str,
        on_delete: &'static str,
    },
    Whole {
        low: i64,
        high: i64,
    },
    Flag,
    Decimal {
        digits: u32,
        scale: u32,
    },
    Float,
    Date,
    DateTime,
    Now,
    Time,
    Millis,
    Seconds,
    /// Epoch milliseconds in a column that is declared `datetime`.
    Moment,
    Choice(Vec<&'static str>),
    Limited(u32),
    Text,
    Json,
    Blob,
    Phrase(Phrase),
}

/// The kinds of short text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phrase {
    Word,
    Title,
    Person,
    Email,
    Phone,
    City,
    Address,
    School,
    Section,
    Year,
    Subject,
    Role,
    Permission,
    Guard,
    Class,
    Tag,
    Code,
    Slug,
    Url,
    Uuid,
    Token,
    Path,
    Mime,
    Ip,
    Agent,
    Color,
    Cron,
}

/// All tables, parents before nothing in particular: foreign keys are off while the file is written.
pub(super) fn tables() -> Result<Vec<Table>> {
    let mut tables: Vec<Table> = Vec::new();
    for line in SOURCES.iter().flat_map(|source| source.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(items) = line.strip_prefix("  ") {
            let table = tables.last_mut().ok_or_else(|| unreadable(line))?;
            for item in split(items) {
                table.read(item)?;
            }
        } else {
            let (name, rows) = line.split_once(' ').ok_or_else(|| unreadable(line))?;
            let rows = if rows == "-" { 0 } else { number(rows)? };
            tables.push(Table { name, rows, columns: Vec::new(), keys: Vec::new() });
        }
    }
    let count = u32::try_from(tables.len()).unwrap_or(u32::MAX);
    for table in &mut tables {
        if table.name == "migrations" {
            table.rows = count;
        }
        if !table.keys.iter().any(|key| key.kind == KeyKind::Primary) {
            table.columns.insert(0, Column::new("id", Kind::Id));
        }
    }
    Ok(tables)
}

impl Column {
    fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, nullable: false, unique: false, indexed: false, default: None }
    }

    fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }
}

impl Table {
    fn read(&mut self, item: &'static str) -> Result<()> {
        if let Some((head, inner)) = item.strip_suffix(')').and_then(|item| item.split_once('(')) {
            let kind = match head {
                "primary" => Some(KeyKind::Primary),
                "unique" => Some(KeyKind::Unique),
                "index" => Some(KeyKind::Index),
                _ => None,
            };
            if let Some(kind) = kind {
                self.keys.push(Key { kind, columns: inner.split(' ').map(str::to_owned).collect() });
                return Ok(());
            }
            if head == "morph" {
                let names = [format!("{inner}_type"), format!("{inner}_id")];
                let [kind, id] = names.clone();
                self.columns.push(Column::new(kind, Kind::Phrase(Phrase::Class)));
                self.columns.push(Column::new(id, Kind::Whole { low: 1, high: 300 }));
                self.keys.push(Key { kind: KeyKind::Index, columns: names.into() });
                return Ok(());
            }
        }
        match item {
            "times" => {
                self.columns.extend(["created_at", "updated_at"].map(|name| Column::new(name, Kind::DateTime).nullable()));
            }
            "soft" => self.columns.push(Column::new("deleted_at", Kind::DateTime).nullable()),
            column => self.columns.push(read_column(column)?),
        }
        Ok(())
    }
}

fn read_column(item: &'static str) -> Result<Column> {
    let (name, rest) = item.split_once(' ').ok_or_else(|| unreadable(item))?;
    let (kind, marks) = if let Some(parent) = rest.strip_prefix("> ") {
        let (table, marks) = parent.split_once(' ').unwrap_or((parent, ""));
        let on_delete = if marks.contains("null") { "set null" } else { "cascade" };
        (Kind::Parent { table, on_delete }, marks)
    } else {
        let end = rest.find(')').map_or_else(|| rest.find(' ').unwrap_or(rest.len()), |close| close + 1);
        let (kind, marks) = rest.split_at(end);
        (read_kind(kind)?, marks)
    };
    let (marks, default) = marks.split_once("= ").map_or((marks, None), |(marks, default)| (marks, Some(default)));
    let has = |mark: &str| marks.split(' ').any(|word| word == mark);
    Ok(Column { nullable: has("?"), unique: has("unique"), indexed: has("index"), default, ..Column::new(name, kind) })
}

fn read_kind(text: &'static str) -> Result<Kind> {
    if let Some((head, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        return match head {
            "int" => {
                let (low, high) = inner.split_once("..").ok_or_else(|| unreadable(text))?;
                Ok(Kind::Whole { low: number(low)?, high: number(high)? })
            }
            "decimal" => {
                let (digits, scale) = inner.split_once(',').ok_or_else(|| unreadable(text))?;
                Ok(Kind::Decimal { digits: number(digits)?, scale: number(scale)? })
            }
            "enum" => Ok(Kind::Choice(inner.split('|').collect())),
            "varchar" => Ok(Kind::Limited(number(inner)?)),
            _ => Err(unreadable(text)),
        };
    }
    Ok(match text {
        "bool" => Kind::Flag,
        "float" => Kind::Float,
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "now" => Kind::Now,
        "time" => Kind::Time,
        "millis" => Kind::Millis,
        "seconds" => Kind::Seconds,
        "moment" => Kind::Moment,
        "text" => Kind::Text,
        "json" => Kind::Json,
        "blob" => Kind::Blob,
        _ => Kind::Phrase(read_phrase(text)?),
    })
}

fn read_phrase(text: &'static str) -> Result<Phrase> {
    Ok(match text {
        "string" => Phrase::Word,
        "title" => Phrase::Title,
        "person" => Phrase::Person,
        "email" => Phrase::Email,
        "phone" => Phrase::Phone,
        "city" => Phrase::City,
        "address" => Phrase::Address,
        "school" => Phrase::School,
        "section" => Phrase::Section,
        "year" => Phrase::Year,
        "subject" => Phrase::Subject,
        "role" => Phrase::Role,
        "permission" => Phrase::Permission,
        "guard" => Phrase::Guard,
        "class" => Phrase::Class,
        "tag" => Phrase::Tag,
        "code" => Phrase::Code,
        "slug" => Phrase::Slug,
        "url" => Phrase::Url,
        "uuid" => Phrase::Uuid,
        "token" => Phrase::Token,
        "path" => Phrase::Path,
        "mime" => Phrase::Mime,
        "ip" => Phrase::Ip,
        "agent" => Phrase::Agent,
        "color" => Phrase::Color,
        "cron" => Phrase::Cron,
        _ => return Err(unreadable(text)),
    })
}

/// Splits at the commas that stand outside parentheses.
fn split(items: &'static str) -> impl Iterator<Item = &'static str> {
    let mut depth = 0_u32;
    items
        .split(move |letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            letter == ',' && depth == 0
        })
        .map(str::trim)
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N> {
    text.trim().parse().map_err(|_| unreadable(text))
}

fn unreadable(item: &str) -> Error {
    Error::bug("read the demo's description", format!("`{item}` is not understood"))
}
