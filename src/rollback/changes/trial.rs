//! Tries on SQLite whether the cells of a statement come back as they are wanted, before the statement is written down.
//!
//! A table in memory has columns of the same affinities and text of the same encoding as the source's. So it shows both a literal that
//! SQLite reads otherwise and a cell that a column turns into another storage class.

use rusqlite::Connection;
use rusqlite::types::ValueRef as Stored;

use super::statement::{Spelling, literal};
use crate::catalog::{Affinity, Table, TextEncoding};
use crate::error::{Error, Result};
use crate::value::{Value, ValueRef};

const DOING: &str = "try a statement on SQLite";

/// A table of the source, in memory.
#[derive(Debug)]
pub(super) struct Trial {
    db: Connection,
    encoding: TextEncoding,
}

/// A cell as it is written, and whether SQLite keeps it in another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) literal: String,
    pub(super) converted: bool,
}

impl Trial {
    /// For the rows of this table, by the places of its columns.
    pub(super) fn of(table: &Table, encoding: TextEncoding) -> Result<Self> {
        let name = match encoding {
            TextEncoding::Utf8 => "UTF-8",
            TextEncoding::Utf16Le => "UTF-16le",
            TextEncoding::Utf16Be => "UTF-16be",
        };
        let affinity = |affinity: Affinity| match affinity {
            Affinity::Text => "text",
            Affinity::Numeric => "numeric",
            Affinity::Integer => "integer",
            Affinity::Real => "real",
            Affinity::Blob => "blob",
        };
        let columns: Vec<String> =
            table.columns.iter().enumerate().map(|(place, column)| format!("c{place} {}", affinity(column.affinity))).collect();
        let db = Connection::open_in_memory().map_err(failed)?;
        db.execute_batch(&format!("pragma encoding = '{name}'; create table t({})", columns.join(", "))).map_err(failed)?;
        Ok(Self { db, encoding })
    }

    /// Writes cells for the columns at these places; none for a cell that can't be written.
    pub(super) fn spell(&self, cells: &[(usize, ValueRef<'_>)]) -> Result<Vec<Option<Tried>>> {
        let plain: Vec<Option<String>> = self.literals(cells, Spelling::Plain);
        let kept = self.kept(cells, &plain)?;
        if kept.iter().all(|kept| *kept) {
            return Ok(plain.into_iter().map(|literal| literal.map(|literal| Tried { literal, converted: false })).collect());
        }
        let exact = self.literals(cells, Spelling::Exact);
        let kept_exactly = self.kept(cells, &exact)?;
        let spelled = plain.into_iter().zip(exact).zip(kept.into_iter().zip(kept_exactly));
        Ok(spelled
            .map(|((plain, exact), (kept, kept_exactly))| {
                let literal = if kept || !kept_exactly { plain } else { exact };
                literal.map(|literal| Tried { literal, converted: !kept && !kept_exactly })
            })
            .collect())
    }

    fn literals(&self, cells: &[(usize, ValueRef<'_>)], spelling: Spelling) -> Vec<Option<String>> {
        cells.iter().map(|(_, value)| literal(*value, self.encoding, spelling)).collect()
    }

    /// Whether each of the cells comes back as it is; one that is not written is no matter here.
    fn kept(&self, cells: &[(usize, ValueRef<'_>)], literals: &[Option<String>]) -> Result<Vec<bool>> {
        let written: Vec<(usize, &str)> =
            cells.iter().zip(literals).filter_map(|((place, _), literal)| Some((*place, literal.as_deref()?))).collect();
        if written.is_empty() {
            return Ok(vec![true; cells.len()]);
        }
        let names: Vec<String> = written.iter().map(|(place, _)| format!("c{place}")).collect();
        let names = names.join(", ");
        let values: Vec<&str> = written.iter().map(|(_, literal)| *literal).collect();
        self.db.execute_batch(&format!("insert into t({names}) values({})", values.join(", "))).map_err(failed)?;
        let read = self.db.query_row(&format!("select {names} from t"), [], |row| {
            let mut index = 0;
            let mut kept = Vec::with_capacity(cells.len());
            for ((_, value), literal) in cells.iter().zip(literals) {
                if literal.is_none() {
                    kept.push(true);
                    continue;
                }
                kept.push(same(row.get_ref(index)?, *value));
                index += 1;
            }
            Ok(kept)
        });
        let kept = read.map_err(failed)?;
        self.db.execute_batch("delete from t").map_err(failed)?;
        Ok(kept)
    }
}

fn same(stored: Stored<'_>, wanted: ValueRef<'_>) -> bool {
    let stored = match stored {
        Stored::Null => ValueRef::Null,
        Stored::Integer(number) => ValueRef::Integer(number),
        Stored::Real(number) => ValueRef::Real(number),
        Stored::Text(bytes) => ValueRef::Text(bytes),
        Stored::Blob(bytes) => ValueRef::Blob(bytes),
    };
    stored == wanted
}

/// Values that were copied out of a row, as [`Trial::spell`] takes them.
pub(super) fn placed(cells: &[(usize, Value)]) -> Vec<(usize, ValueRef<'_>)> {
    cells.iter().map(|(place, value)| (*place, value.as_ref())).collect()
}

/// SQLite's message may quote the statement, and so a cell: it is left out.
fn failed(error: rusqlite::Error) -> Error {
    let code = error.sqlite_error_code().map_or_else(String::new, |code| format!(" ({code:?})"));
    Error::bug(DOING, format!("SQLite refused it{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, RowidKind};

    fn table(affinities: &[Affinity]) -> Table {
        let column = |(place, affinity): (usize, &Affinity)| Column {
            name: format!("c{place}"),
            declared: String::new(),
            affinity: *affinity,
            not_null: false,
            default: None,
            generated: None,
            collation: "BINARY".to_owned(),
        };
        Table {
            name: "t".to_owned(),
            sql: String::new(),
            columns: affinities.iter().enumerate().map(column).collect(),
            primary_key: None,
            rowid: RowidKind::None,
            strict: false,
            autoincrement: false,
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            left_out: Vec::new(),
            rows: None,
        }
    }

    #[test]
    fn what_a_column_turns_into_something_else_is_found() {
        let trial = Trial::of(&table(&[Affinity::Integer, Affinity::Blob, Affinity::Text]), TextEncoding::Utf8).unwrap();
        let cells = [(0, ValueRef::Text(b"5")), (1, ValueRef::Text(b"5")), (2, ValueRef::Integer(5))];
        let tried = trial.spell(&cells).unwrap();
        let converted: Vec<bool> = tried.iter().flatten().map(|tried| tried.converted).collect();
        assert_eq!(converted, [true, false, true]);
        let reals = [(1, ValueRef::Real(0.1)), (0, ValueRef::Integer(i64::MIN)), (2, ValueRef::Text(b"it's\0"))];
        assert!(trial.spell(&reals).unwrap().iter().flatten().all(|tried| !tried.converted));
        let nan = trial.spell(&[(1, ValueRef::Real(f64::NAN)), (0, ValueRef::Null)]).unwrap();
        assert_eq!(nan, [None, Some(Tried { literal: "NULL".to_owned(), converted: false })]);
    }
}
