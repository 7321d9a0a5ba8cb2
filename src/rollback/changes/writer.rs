//! Counts what changed in a table, and writes it down where that is wanted.
//!
//! Rows that go come first, then those that change, then those that come, so that no key is taken when it is needed. A row of which a
//! cell under a unique index changes goes and comes again as a whole, for the same reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;

use serde_json::json;

use super::files::{Directory, append, done, head, write};
use super::report::TableChanges;
use super::statement::{Spelling, delete, insert, named, update};
use super::subject::{Cell, Reading, Subject};
use super::target_rows::TargetRows;
use super::trial::{Trial, Tried, placed};
use crate::catalog::RowidKind;
use crate::error::Result;
use crate::sqlite::ScannedRow;
use crate::value::{RowKey, Value, ValueRef};

/// Longer bytes don't stand in the file beside.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The books of one table.
pub(super) struct Writer<'a> {
    subject: &'a Subject<'a>,
    pub(super) changes: TableChanges,
    written: Option<Written<'a>>,
}

/// Where the changes of one table are written.
struct Written<'a> {
    directory: &'a mut Directory,
    /// Made when the first row is written: most tables have none.
    trial: Option<Trial>,
    deletes: Option<BufWriter<File>>,
    updates: Option<BufWriter<File>>,
    inserts: Option<BufWriter<File>>,
    beside: Option<BufWriter<File>>,
}

/// A row of the target as it came, and what it is in SQLite.
pub(super) struct TargetRow<'r> {
    pub(super) cells: &'r [Cell],
    pub(super) reading: &'r Reading,
    pub(super) rows: &'r TargetRows,
    /// Its key; for people.
    pub(super) name: RowKey,
}

/// A row of the source, copied.
#[derive(Debug)]
pub(super) struct SourceRow {
    /// What is read of it, by place.
    pub(super) values: Vec<Value>,
}

impl SourceRow {
    pub(super) fn of(row: &ScannedRow<'_>, len: usize) -> Self {
        Self { values: (0..len).map(|place| row.value(place).to_owned()).collect() }
    }
}

impl<'a> Writer<'a> {
    /// Counts only, where no directory is given.
    pub(super) fn new(subject: &'a Subject<'a>, directory: Option<&'a mut Directory>) -> Self {
        let written =
            directory.map(|directory| Written { directory, trial: None, deletes: None, updates: None, inserts: None, beside: None });
        let changes = TableChanges::none(&subject.table.source, &subject.table.target, subject.basis);
        Self { subject, changes, written }
    }

    /// Whether statements are written.
    pub(super) fn writes(&self) -> bool {
        self.written.is_some()
    }

    /// A row that came.
    pub(super) fn inserted(&mut self, row: &TargetRow<'_>) -> Result<()> {
        self.changes.inserted += 1;
        self.came(row)?;
        let key = self.subject.key.iter().flatten();
        if key.into_iter().any(|place| row.cells.get(*place) == Some(&Cell::Unfit)) {
            return self.unwritten(row);
        }
        let unfit = self.beside(row, &(0..row.cells.len()).collect::<Vec<_>>())?;
        let Some(written) = &mut self.written else { return Ok(()) };
        let mut cells: Vec<(usize, Value)> = Vec::new();
        for (place, cell) in row.cells.iter().enumerate().filter(|(place, _)| self.subject.takes(*place)) {
            let value = match cell {
                Cell::Lost => continue,
                Cell::Value(value) => value.clone(),
                Cell::Unfit => substitute(self.subject, place, unfit.get(&place)),
            };
            cells.push((place, value));
        }
        if written.insert(self.subject, &cells, &mut self.changes)? { Ok(()) } else { self.unwritten(row) }
    }

    /// A row of which the cells at these places changed; `key` is what names it in the source.
    pub(super) fn updated(&mut self, row: &TargetRow<'_>, changed: &[usize], source: &SourceRow, key: &[usize]) -> Result<()> {
        let unfit = self.beside(row, changed)?;
        let Some(written) = &mut self.written else { return Ok(()) };
        let fit: Vec<(usize, Value)> = changed
            .iter()
            .filter_map(|place| match row.cells.get(*place) {
                Some(Cell::Value(value)) => Some((*place, value.clone())),
                Some(Cell::Lost | Cell::Unfit) | None => None,
            })
            .collect();
        for place in unfit.keys() {
            let column = self.subject.read.get(*place).map(String::as_str).unwrap_or_default();
            written.updates()?;
            if let Some(updates) = &mut written.updates {
                write(
                    updates,
                    &format!(
                        "-- row {}: {} stays as it is; see the file beside\n",
                        row.name,
                        RowKey::of(&[ValueRef::Text(column.as_bytes())])
                    ),
                )?;
            }
        }
        if fit.is_empty() {
            return Ok(());
        }
        if written.update(self.subject, (&fit, source, key), &mut self.changes)? { Ok(()) } else { self.unwritten(row) }
    }

    /// What else a row holds that SQLite has no column for.
    pub(super) fn came(&mut self, row: &TargetRow<'_>) -> Result<()> {
        for (place, column) in self.subject.came.iter().enumerate() {
            let Some(text) = row.reading.came(row.rows, place) else { continue };
            self.changes.beside += 1;
            if let Some(written) = &mut self.written {
                written.beside(&json!({ "row": row.name.as_str(), "column": column, "text": text }))?;
            }
        }
        Ok(())
    }

    /// A row that went; `key` is what names it in the source, where anything does.
    pub(super) fn deleted(&mut self, columns: &[String], key: &[Value], name: &RowKey) -> Result<()> {
        self.changes.deleted += 1;
        let Some(written) = &mut self.written else { return Ok(()) };
        let condition = if key.is_empty() { None } else { named(columns, key, self.subject.encoding, Spelling::Exact) };
        let Some(condition) = condition else {
            self.changes.unwritten += 1;
            return written.beside(&json!({ "row": name.as_str(), "deleted": true }));
        };
        let sql = delete(&self.subject.table.source, &condition);
        write(Written::at(&mut written.deletes, written.directory)?, &sql)
    }

    /// Tells SQLite the greatest number that was given to a row, so that it gives it to no other.
    pub(super) fn given(&mut self, number: i64) -> Result<()> {
        let Some(written) = &mut self.written else { return Ok(()) };
        let table = format!("'{}'", self.subject.source.name.replace('\'', "''"));
        let sql = format!(
            "UPDATE sqlite_sequence SET seq = {number} WHERE name = {table} AND seq < {number};\n\
             INSERT INTO sqlite_sequence(name, seq) SELECT {table}, {number} WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {table});\n"
        );
        write(Written::at(&mut written.inserts, written.directory)?, &sql)
    }

    /// Notes the cells at these places that SQLite has no form for, with their texts.
    fn beside(&mut self, row: &TargetRow<'_>, places: &[usize]) -> Result<BTreeMap<usize, String>> {
        let mut unfit = BTreeMap::new();
        for place in places.iter().filter(|place| row.cells.get(**place) == Some(&Cell::Unfit) && self.subject.takes(**place)) {
            self.changes.beside += 1;
            let text = row.reading.text(row.rows, *place).unwrap_or_default();
            if let (Some(written), Some(column)) = (&mut self.written, self.subject.read.get(*place)) {
                written.beside(&json!({ "row": row.name.as_str(), "column": column, "text": text }))?;
            }
            unfit.insert(*place, text);
        }
        Ok(unfit)
    }

    /// A row of which SQLite's SQL can't write a cell: its cells stand beside.
    fn unwritten(&mut self, row: &TargetRow<'_>) -> Result<()> {
        self.changes.unwritten += 1;
        let Some(written) = &mut self.written else { return Ok(()) };
        for (place, column) in self.subject.read.iter().enumerate().take(row.cells.len()) {
            let value = match row.cells.get(place) {
                Some(Cell::Value(value)) => readable(value),
                Some(Cell::Unfit) => json!(row.reading.text(row.rows, place)),
                Some(Cell::Lost) | None => continue,
            };
            written.beside(&json!({ "row": row.name.as_str(), "column": column, "value": value }))?;
        }
        Ok(())
    }

    /// Brings the files of the table to the disk.
    pub(super) fn finish(self, since: &str, until: &str) -> Result<TableChanges> {
        let Self { subject, mut changes, written } = self;
        let Some(Written { directory, deletes, updates, inserts, beside, .. }) = written else { return Ok(changes) };
        if deletes.is_none() && updates.is_none() && inserts.is_none() && beside.is_none() {
            return Ok(changes);
        }
        let stem = directory.stem(&subject.table.source);
        if let Some(beside) = beside {
            let name = format!("{stem}.beside.jsonl");
            let mut file = directory.create(&name)?;
            append(&mut file, beside)?;
            done(file)?;
            changes.beside_file = Some(name);
        }
        if deletes.is_some() || updates.is_some() || inserts.is_some() {
            let name = format!("{stem}.sql");
            let mut file = directory.create(&name)?;
            write(&mut file, &head(&changes, since, until))?;
            for spool in [deletes, updates, inserts].into_iter().flatten() {
                append(&mut file, spool)?;
            }
            done(file)?;
            changes.file = Some(name);
        }
        Ok(changes)
    }
}

impl Written<'_> {
    fn at<'f>(file: &'f mut Option<BufWriter<File>>, directory: &Directory) -> Result<&'f mut BufWriter<File>> {
        Ok(match file {
            Some(file) => file,
            None => file.insert(directory.spool()?),
        })
    }

    fn updates(&mut self) -> Result<()> {
        Self::at(&mut self.updates, self.directory).map(drop)
    }

    fn beside(&mut self, line: &serde_json::Value) -> Result<()> {
        write(Self::at(&mut self.beside, self.directory)?, &format!("{line}\n"))
    }

    /// Writes cells as SQL; none where one of them can't be written.
    fn spell(&mut self, subject: &Subject<'_>, cells: &[(usize, Value)], changes: &mut TableChanges) -> Result<Option<Vec<String>>> {
        let in_source: Vec<(usize, Value)> =
            cells.iter().filter_map(|(place, value)| Some((subject.in_source(*place)?, value.clone()))).collect();
        let trial = match &self.trial {
            Some(trial) => trial,
            None => self.trial.insert(Trial::of(subject.source, subject.encoding)?),
        };
        let tried: Option<Vec<Tried>> = trial.spell(&placed(&in_source))?.into_iter().collect();
        let Some(tried) = tried.filter(|tried| tried.len() == cells.len()) else { return Ok(None) };
        let converted = tried.iter().filter(|tried| tried.converted).count();
        changes.converted += u64::try_from(converted).unwrap_or(u64::MAX);
        Ok(Some(tried.into_iter().map(|tried| tried.literal).collect()))
    }

    fn insert(&mut self, subject: &Subject<'_>, cells: &[(usize, Value)], changes: &mut TableChanges) -> Result<bool> {
        let Some(literals) = self.spell(subject, cells, changes)? else { return Ok(false) };
        let names = cells.iter().filter_map(|(place, _)| subject.read.get(*place)).map(String::as_str);
        let cells: Vec<(&str, String)> = names.zip(literals).collect();
        write(Self::at(&mut self.inserts, self.directory)?, &insert(&subject.table.source, &cells))?;
        Ok(true)
    }

    /// Writes the change of a row; false where a cell can't be written.
    fn update(
        &mut self,
        subject: &Subject<'_>,
        (changed, source, key): (&[(usize, Value)], &SourceRow, &[usize]),
        changes: &mut TableChanges,
    ) -> Result<bool> {
        let values: Vec<Value> = key.iter().filter_map(|place| source.values.get(*place)).cloned().collect();
        let columns = subject.names(key);
        let Some(condition) = named(&columns, &values, subject.encoding, Spelling::Exact) else { return Ok(false) };
        if !is_unique(subject, changed) {
            let Some(literals) = self.spell(subject, changed, changes)? else { return Ok(false) };
            let names = changed.iter().filter_map(|(place, _)| subject.read.get(*place)).map(String::as_str);
            let cells: Vec<(&str, String)> = names.zip(literals).collect();
            write(Self::at(&mut self.updates, self.directory)?, &update(&subject.table.source, &cells, &condition))?;
            return Ok(true);
        }
        let mut whole: Vec<(usize, Value)> = Vec::new();
        for (place, value) in source.values.iter().enumerate().filter(|(place, _)| subject.takes(*place)) {
            let new = changed.iter().find(|(changed, _)| *changed == place).map(|(_, value)| value);
            whole.push((place, new.unwrap_or(value).clone()));
        }
        let Some(literals) = self.spell(subject, &whole, changes)? else { return Ok(false) };
        let names = whole.iter().filter_map(|(place, _)| subject.read.get(*place)).map(String::as_str);
        let mut cells: Vec<(&str, String)> = names.zip(literals).collect();
        // The row keeps its number, which nothing may show, and which other tables of SQLite's own may know.
        if let (RowidKind::Hidden { .. }, Some(name), Some(Value::Integer(rowid))) =
            (&subject.source.rowid, &subject.table.rowid, subject.rowid.and_then(|place| source.values.get(place)))
        {
            cells.push((name, rowid.to_string()));
        }
        let name = &subject.table.source;
        write(Self::at(&mut self.deletes, self.directory)?, &format!("-- comes again below\n{}", delete(name, &condition)))?;
        write(Self::at(&mut self.inserts, self.directory)?, &insert(name, &cells))?;
        Ok(true)
    }
}

/// Whether a changed column stands under a unique index, or may do so: nobody reads the expressions and conditions of one here.
fn is_unique(subject: &Subject<'_>, changed: &[(usize, Value)]) -> bool {
    let is_changed =
        |name: &str| changed.iter().any(|(place, _)| subject.read.get(*place).is_some_and(|column| column.eq_ignore_ascii_case(name)));
    subject
        .source
        .indexes
        .iter()
        .filter(|index| index.unique)
        .any(|index| index.partial || index.parts.iter().any(|part| part.column.as_deref().is_none_or(is_changed)))
}

/// What a new row gets for a cell that SQLite has no form for: nothing, or, where the column takes no NULL, what PostgreSQL writes.
fn substitute(subject: &Subject<'_>, place: usize, text: Option<&String>) -> Value {
    let not_null = subject.in_source(place).and_then(|at| subject.source.columns.get(at)).is_some_and(|column| column.not_null);
    match text {
        Some(text) if not_null => Value::Text(text.clone().into_bytes()),
        Some(_) | None => Value::Null,
    }
}

/// A cell for people.
fn readable(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => json!(number),
        Value::Real(number) if number.is_finite() => json!(number),
        Value::Real(number) => json!({ "real": number.to_string() }),
        Value::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => of_bytes("text", bytes),
        },
        Value::Blob(bytes) => of_bytes("blob", bytes),
    }
}

/// Bytes that are no text, if they are not too many.
fn of_bytes(class: &str, bytes: &[u8]) -> serde_json::Value {
    if bytes.len() > MOST_BYTES {
        return json!({ "class": class, "bytes": bytes.len(), "stays": "in PostgreSQL" });
    }
    let hex = bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // A String takes everything that is written to it.
        write!(hex, "{byte:02x}").ok();
        hex
    });
    json!({ class: hex })
}
