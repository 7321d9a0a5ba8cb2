//! One table of the plan: how its rows are read on both sides, and how a row of the one is found on the other.

use std::collections::BTreeSet;

use super::mark::{Mark, MarkedTable};
use super::report::{Basis, ChangeSetNote};
use super::target_rows::TargetRows;
use crate::catalog::{MOST_COLUMNS, RowIdentity, Table, TextEncoding, quoted};
use crate::plan::{Compare, TablePlan};
use crate::sqlite::ScannedRow;
use crate::value::{Conversion, PgType, RowFate, Value, ValueRef};

/// A cell of the target, taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Its column is not there any more, or is of another type.
    Lost,
    /// What it is in SQLite.
    Value(Value),
    /// SQLite has no form for it.
    Unfit,
}

/// A table, and how it is read.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) table: &'a TablePlan,
    pub(super) source: &'a Table,
    pub(super) encoding: TextEncoding,
    pub(super) basis: Basis,
    /// How many rows the target held at the mark.
    pub(super) before: u64,
    /// Where the columns that name a row stand, where they do so on both sides.
    pub(super) key: Option<Vec<usize>>,
    schema: &'a str,
    /// The condition for rows that came behind the mark.
    newer: &'a str,
    /// The plan's columns that are not there any more.
    lost: BTreeSet<usize>,
    /// Columns that came since.
    pub(super) came: Vec<String>,
    /// What is read of the source: the plan's columns first.
    pub(super) read: Vec<String>,
    /// Where the values that name a row for people stand among these.
    pub(super) name: Vec<usize>,
    /// Where the rowid stands, if it can be read.
    pub(super) rowid: Option<usize>,
}

/// The query for rows of the target, and what stands where in its answer.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) query: String,
    pub(super) fields: usize,
    /// The field of each of the plan's columns, and the one with its text.
    places: Vec<Option<(usize, Option<usize>)>>,
    came: Vec<usize>,
}

impl<'a> Subject<'a> {
    /// What there is to know of a table, apart from its key; none where it is not in the target any more.
    pub(super) fn of(
        (table, source, encoding): (&'a TablePlan, &'a Table, TextEncoding),
        (mark, now): (&'a Mark, &Mark),
        newer: Option<&'a str>,
        notes: &mut Vec<ChangeSetNote>,
    ) -> Option<Self> {
        let mut note = |place: &str, what: &str| notes.push(ChangeSetNote { place: place.to_owned(), what: what.to_owned() });
        let Some(there) = now.tables.get(&table.target) else {
            note(&table.target, "the table is not in the target any more; its rows stay in SQLite as they are");
            return None;
        };
        let then = mark.tables.get(&table.target);
        let is_same = then.is_some_and(|then| then.oid == there.oid && then.storage == there.storage);
        if newer.is_some() && !is_same {
            note(
                &table.target,
                "its storage was made anew since (TRUNCATE, VACUUM FULL, CLUSTER or ALTER TABLE), so that all its rows are compared",
            );
        }
        let (lost, came) = columns(table, then, there, &mut note);
        let (read, name, rowid) = read(table, source);
        Some(Self {
            table,
            source,
            encoding,
            basis: if is_same && newer.is_some() { Basis::Transactions } else { Basis::Values },
            before: then.map_or(0, |then| then.rows),
            key: None,
            schema: &mark.schema,
            newer: newer.unwrap_or_default(),
            lost,
            came,
            read,
            name,
            rowid,
        })
    }

    /// The places of the columns that name a row, if all of them can be read on both sides.
    pub(super) fn identity(&self) -> Option<Vec<usize>> {
        let RowIdentity::Columns(names) = &self.table.identity else { return None };
        let place = |name: &String| {
            let place = self.table.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
            (!self.lost.contains(&place)).then_some(place)
        };
        names.iter().map(place).collect()
    }

    /// Whether what named its rows is not there any more, so that a changed row could not be told from a new one.
    pub(super) fn is_nameless(&self) -> bool {
        let RowIdentity::Columns(names) = &self.table.identity else { return false };
        let is_lost = |place: usize| self.lost.contains(&place);
        let columns = self.table.columns.iter().enumerate();
        columns.filter(|(_, column)| names.iter().any(|name| name.eq_ignore_ascii_case(&column.source))).any(|(place, _)| is_lost(place))
    }

    /// Whether the key sorts alike on both sides, whatever the application has written into it since: a row that seemed to be missing
    /// because it stands elsewhere would be deleted.
    pub(super) fn is_ordered(&self) -> bool {
        let sorts_alike = |place: &usize| {
            self.table.columns.get(*place).is_some_and(|column| {
                let is_integer = matches!(column.pg_type(), PgType::Bigint | PgType::Integer | PgType::Smallint);
                let is_itself = matches!(column.conversion, Conversion::TextToText(_) | Conversion::BlobToBytea);
                column.values.is_none() && (is_integer || is_itself)
            })
        };
        matches!((&self.table.compare, &self.key), (Compare::Ordered(order), Some(key)) if order == key && key.iter().all(sorts_alike))
    }

    /// The table in the target's SQL.
    pub(super) fn place(&self) -> String {
        format!("{}.{}", quoted(self.schema), quoted(&self.table.target))
    }

    /// The condition for the rows that may be new; none where all may be.
    pub(super) fn newer(&self) -> Option<&str> {
        match self.basis {
            Basis::Transactions => Some(self.newer),
            Basis::Values | Basis::Gone => None,
        }
    }

    /// The names of the columns at these places in the source.
    pub(super) fn names(&self, places: &[usize]) -> Vec<String> {
        places.iter().filter_map(|place| self.read.get(*place)).cloned().collect()
    }

    /// Whether a column of the plan takes a value in SQLite: not where SQLite computes it.
    pub(super) fn takes(&self, place: usize) -> bool {
        self.in_source(place).is_some_and(|at| self.source.columns.get(at).is_some_and(|column| column.generated.is_none()))
    }

    /// Where a column that is read stands in the source's table.
    pub(super) fn in_source(&self, place: usize) -> Option<usize> {
        self.source.column(self.read.get(place)?).map(|(at, _)| at)
    }

    /// How rows of the target are asked for, with the texts of what SQLite may have no form for.
    pub(super) fn reading(&self, condition: Option<&str>) -> Reading {
        let mut fields: Vec<String> = Vec::new();
        let mut add = |field: String| {
            fields.push(field);
            fields.len() - 1
        };
        let mut places = Vec::with_capacity(self.table.columns.len());
        for (place, column) in self.table.columns.iter().enumerate() {
            let name = quoted(&column.target);
            places.push((!self.lost.contains(&place)).then(|| {
                let field = add(name.clone());
                (field, (!is_text(column.pg_type())).then(|| add(format!("{name}::text"))))
            }));
        }
        let came = self.came.iter().map(|column| add(format!("{}::text", quoted(column)))).collect();
        let condition = condition.map(|condition| format!(" where {condition}")).unwrap_or_default();
        // Without a column there would be no row to read.
        let list = if fields.is_empty() { "null".to_owned() } else { fields.join(", ") };
        Reading { query: format!("select {list} from {}{condition}", self.place()), fields: fields.len().max(1), places, came }
    }

    /// Takes a row of the target back.
    pub(super) fn take(&self, reading: &Reading, rows: &TargetRows) -> Vec<Cell> {
        let mut scratch = Vec::new();
        let columns = self.table.columns.iter().zip(&reading.places);
        columns
            .map(|(column, place)| match place {
                None => Cell::Lost,
                Some((field, _)) => {
                    column.decode(rows.field(*field), &mut scratch).map_or(Cell::Unfit, |value| Cell::Value(value.to_owned()))
                }
            })
            .collect()
    }

    /// The columns of the plan of which a row of the target says something else than the row of the source. The source's row
    /// stands for what the plan made of it, or, where it did not come across, for itself.
    pub(super) fn changed(&self, cells: &[Cell], row: &ScannedRow<'_>, fate: Option<&RowFate>) -> Vec<usize> {
        let mut scratch = Vec::new();
        let mut differs = |place: usize, cell: &Cell| {
            let Some(column) = self.table.columns.get(place).filter(|_| self.takes(place)) else { return false };
            match cell {
                Cell::Lost => false,
                Cell::Unfit => true,
                Cell::Value(value) => {
                    let there = row.value(place);
                    let planned = |fate| self.table.settle(fate, column, there, &mut scratch).value == value.as_ref();
                    value.as_ref() != there && !fate.is_some_and(planned)
                }
            }
        };
        cells.iter().enumerate().filter(|(place, cell)| differs(*place, cell)).map(|(place, _)| place).collect()
    }

    /// The cells that a row of the source became, for those columns that take a value and are still there.
    pub(super) fn settled<'r>(&'r self, row: &'r ScannedRow<'_>, fate: &RowFate, take: &mut dyn FnMut(ValueRef<'_>)) {
        let mut scratch = Vec::new();
        for (place, column) in self.table.columns.iter().enumerate().filter(|(place, _)| self.is_compared(*place)) {
            take(self.table.settle(fate, column, row.value(place), &mut scratch).value);
        }
    }

    /// Whether a column is compared: it is there on both sides, and nobody computes it.
    pub(super) fn is_compared(&self, place: usize) -> bool {
        !self.lost.contains(&place) && self.takes(place)
    }
}

impl Reading {
    /// What PostgreSQL writes for a cell.
    pub(super) fn text(&self, rows: &TargetRows, place: usize) -> Option<String> {
        let (field, text) = (*self.places.get(place)?)?;
        let bytes = rows.field(text.unwrap_or(field))?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// What PostgreSQL writes for the cell of a column that came since, by its place among these.
    pub(super) fn came(&self, rows: &TargetRows, place: usize) -> Option<String> {
        let bytes = rows.field(*self.came.get(place)?)?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The plan's columns that are lost, and those that came.
fn columns(
    table: &TablePlan,
    then: Option<&MarkedTable>,
    there: &MarkedTable,
    note: &mut dyn FnMut(&str, &str),
) -> (BTreeSet<usize>, Vec<String>) {
    let mut lost = BTreeSet::new();
    let type_of =
        |marked: &MarkedTable, name: &str| marked.columns.iter().find(|(column, _)| column == name).map(|(_, written)| written.clone());
    for (place, column) in table.columns.iter().enumerate() {
        let at = format!("{}.{}", table.target, column.target);
        match (then.and_then(|then| type_of(then, &column.target)), type_of(there, &column.target)) {
            (_, None) => {
                note(&at, "the column is not in the target any more; its cells stay in SQLite as they are");
                lost.insert(place);
            }
            (Some(then), Some(now)) if !same_form(&then, &now) => {
                note(
                    &at,
                    &format!(
                        "the column was of the type {then} and is {now} now; its cells stand in the file beside, and in SQLite they stay as they are"
                    ),
                );
                lost.insert(place);
            }
            (Some(_) | None, Some(_)) => {}
        }
    }
    let is_planned = |name: &String| table.columns.iter().any(|column| column.target == *name);
    let was_there = |name: &String| then.is_some_and(|then| type_of(then, name).is_some());
    let mut came = Vec::new();
    for (name, _) in &there.columns {
        let retyped = lost.iter().filter_map(|place| table.columns.get(*place)).any(|column| column.target == *name);
        if !is_planned(name) && !was_there(name) {
            note(
                &format!("{}.{name}", table.target),
                "the column came since; SQLite has no place for its cells, and they stand in the file beside",
            );
        }
        if retyped || !is_planned(name) && !was_there(name) {
            came.push(name.clone());
        }
    }
    (lost, came)
}

/// Whether the values of two types have the same binary form: another length makes no other one.
fn same_form(then: &str, now: &str) -> bool {
    let form = |written: &str| {
        let bare = match written.split_once('(') {
            Some((before, rest)) => format!("{before}{}", rest.split_once(')').map_or("", |(_, behind)| behind)),
            None => written.to_owned(),
        };
        if bare == "character varying" { "text".to_owned() } else { bare }
    };
    form(then) == form(now)
}

/// Types whose binary form is their text, or of which SQLite takes every value.
fn is_text(pg_type: PgType) -> bool {
    matches!(pg_type, PgType::Text | PgType::Varchar { .. } | PgType::Char { .. } | PgType::Citext | PgType::Bytea | PgType::Json)
}

/// What is read of the source, where in it the values stand that name a row, and where the rowid.
fn read(table: &TablePlan, source: &Table) -> (Vec<String>, Vec<usize>, Option<usize>) {
    let scan = table.scan_columns();
    let mut read = scan.columns;
    let at = |read: &[String], name: &str| read.iter().position(|column| column.eq_ignore_ascii_case(name));
    for column in source.columns.iter().filter(|column| column.generated.is_none()) {
        if at(&read, &column.name).is_none() {
            read.push(column.name.clone());
        }
    }
    let rowid = table.rowid.as_ref().and_then(|name| {
        at(&read, name).or_else(|| {
            (read.len() < MOST_COLUMNS - 1).then(|| {
                read.push(name.clone());
                read.len() - 1
            })
        })
    });
    (read, scan.key, rowid)
}

#[cfg(test)]
mod tests {
    use super::same_form;

    #[test]
    fn another_length_is_no_other_type() {
        for (then, now, same) in [
            ("character varying(40)", "text", true),
            ("timestamp(0) without time zone", "timestamp without time zone", true),
            ("numeric(10,2)", "numeric", true),
            ("integer", "bigint", false),
            ("timestamp without time zone", "timestamp with time zone", false),
            ("character(3)", "text", false),
        ] {
            assert_eq!(same_form(then, now), same, "{then} and {now}");
        }
    }
}
