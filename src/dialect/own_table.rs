//! AFTER triggers that read the table they belong to.
//!
//! PostgreSQL fires an AFTER trigger when the statement has changed all its rows, SQLite after each row. So a trigger sees
//! its own table *ahead* of where SQLite shows it. One pattern gives the same all the same, whatever the number and the
//! order of the rows:
//!
//! ```sql
//! CREATE TRIGGER … AFTER INSERT ON part BEGIN
//!   UPDATE whole SET parts = (SELECT count(*) FROM part WHERE part.whole_id = NEW.whole_id) WHERE id = NEW.whole_id;
//! END
//! ```
//!
//! Its own table is read only through rows with the key of the row at hand, nothing else of that row is used, and what is
//! computed does not build on what was computed before, nor does it decide which rows are changed: what was changed or
//! deleted in between would stay so. (Only `NOT EXISTS` behind a DELETE may decide: once the last row of a key is gone, it
//! stays gone.) The last row of each key then sees all rows of its key, on both sides, and its result is what stays. Until
//! then the two sides may differ, so nothing else may look at the table that the trigger writes: the planner makes sure of
//! that.
//!
//! WHEN may ask for that key only, so that it says the same of all rows of a key. An UPDATE takes a row from one key to
//! another: there each statement must stand twice, for the key of OLD and for that of NEW, and change rows by it.

use std::collections::BTreeSet;

use turso_parser::ast::{Expr, Name, OneSelect, Operator, SelectTable, UnaryOperator};

use super::from::is_column;
use super::scope::TableScope;
use super::walk::{Frame, Relation, Walk, is_rowid};

/// What a statement of a trigger reads of the trigger's own table and row.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnReads {
    /// The trigger's table.
    pub(super) table: String,
    /// For each time that the table is read: the column by which just the rows with the row's own value are read.
    pub(super) reads: Vec<Option<String>>,
    /// The columns of NEW or OLD that are used.
    pub(super) row_columns: BTreeSet<String>,
    /// Which of NEW and OLD are used.
    pub(super) rows: BTreeSet<String>,
}

impl OwnReads {
    /// The reads of a statement of a trigger of this table, before there are any.
    pub(super) fn of(table: &str) -> Self {
        Self { table: table.to_owned(), ..Self::default() }
    }

    /// Whether everything that the statement reads of the table and of the row goes by one column.
    pub(super) fn goes_by_one_key(&self) -> bool {
        let (Some(Some(key)), 1) = (self.reads.first(), self.row_columns.len()) else { return false };
        self.reads.iter().all(|read| read.as_ref() == Some(key)) && self.row_columns.contains(key)
    }
}

impl Walk<'_> {
    /// How many times the trigger's own table was read.
    pub(super) fn own_reads(&self) -> usize {
        self.own.as_ref().map_or(0, |own| own.reads.len())
    }

    /// Notes what a SELECT reads of the trigger's own table.
    pub(super) fn note_own_reads(&mut self, condition: Option<&Expr>) {
        let Some(frame) = self.frames.last() else { return };
        let Some(own) = &mut self.own else { return };
        for relation in frame.relations.iter().filter(|relation| !relation.table.is_empty()) {
            if relation.table.eq_ignore_ascii_case(&own.table) {
                own.reads.push(condition.and_then(|condition| key_of(condition, relation, frame)));
            } else if self.scope.behind(&BTreeSet::from([relation.table.clone()])).contains(&own.table) {
                // Of a view, it is not known which rows it reads.
                own.reads.push(None);
            }
        }
    }
}

/// The column of the relation that the condition says is that of NEW or OLD.
fn key_of(condition: &Expr, relation: &Relation, frame: &Frame) -> Option<String> {
    if let Expr::Parenthesized(items) = condition {
        return if let [inner] = items.as_slice() { key_of(inner, relation, frame) } else { None };
    }
    let Expr::Binary(left, operator, right) = condition else { return None };
    if *operator == Operator::And {
        return key_of(left, relation, frame).or_else(|| key_of(right, relation, frame));
    }
    let equal = *operator == Operator::Equals;
    equal.then(|| equal_key(left, right, relation, frame).or_else(|| equal_key(right, left, relation, frame)))?
}

fn equal_key(own: &Expr, row: &Expr, relation: &Relation, frame: &Frame) -> Option<String> {
    let Expr::Qualified(word, of_row) = row else { return None };
    if !["new", "old"].iter().any(|known| word.as_str().eq_ignore_ascii_case(known)) {
        return None;
    }
    let column = if let Expr::Qualified(name, column) = own {
        Some(column).filter(|_| name.as_str().eq_ignore_ascii_case(&relation.name))
    } else if let Expr::Id(column) | Expr::Name(column) = own {
        Some(column).filter(|_| frame.relations.len() == 1)
    } else {
        None
    }?;
    let same = column.as_str().eq_ignore_ascii_case(of_row.as_str());
    // Under another collation, rows of one key would be rows of several.
    let known = relation.columns.iter().find(|known| known.source.eq_ignore_ascii_case(column.as_str()))?;
    let binary = known.collation.eq_ignore_ascii_case("binary");
    (same && binary).then(|| column.as_str().to_ascii_lowercase())
}

/// How many times the condition demands that there be no row of the table.
pub(super) fn demands_none(condition: &Expr, own: &str) -> usize {
    if let Expr::Parenthesized(items) = condition {
        return if let [inner] = items.as_slice() { demands_none(inner, own) } else { 0 };
    }
    if let Expr::Binary(left, Operator::And, right) = condition {
        return demands_none(left, own) + demands_none(right, own);
    }
    let Expr::Unary(UnaryOperator::Not, inner) = condition else { return 0 };
    let Expr::Exists(select) = &**inner else { return 0 };
    let OneSelect::Select { from: Some(from), group_by: None, .. } = &select.body.select else { return 0 };
    let plain = select.with.is_none() && select.body.compounds.is_empty() && select.limit.is_none() && from.joins.is_empty();
    let of_own = matches!(&*from.select, SelectTable::Table(name, ..) if name.name.as_str().eq_ignore_ascii_case(own));
    usize::from(plain && of_own)
}

/// Whether the condition asks for rows by a value of NEW or OLD, so that different values mean different rows.
pub(super) fn goes_by_row(condition: &Expr, table: &TableScope, own: &TableScope) -> bool {
    if let Expr::Parenthesized(items) = condition {
        return matches!(items.as_slice(), [inner] if goes_by_row(inner, table, own));
    }
    let Expr::Binary(left, operator, right) = condition else { return false };
    if *operator == Operator::And {
        return goes_by_row(left, table, own) || goes_by_row(right, table, own);
    }
    let column = |expr: &Expr| {
        let name = if let Expr::Id(name) | Expr::Name(name) = expr {
            Some(name)
        } else if let Expr::Qualified(word, name) = expr {
            Some(name).filter(|_| word.as_str().eq_ignore_ascii_case(&table.source))
        } else {
            None
        };
        name.and_then(|name| table.column(name.as_str()))
    };
    let of_row = |expr: &Expr| {
        let Expr::Qualified(word, name) = expr else { return None };
        let known = ["new", "old"].iter().any(|known| word.as_str().eq_ignore_ascii_case(known));
        own.column(name.as_str()).filter(|_| known)
    };
    let pair = column(left).zip(of_row(right)).or_else(|| column(right).zip(of_row(left)));
    *operator == Operator::Equals
        && pair.is_some_and(|(column, of_row)| {
            let binary = [column, of_row].iter().all(|column| column.collation.eq_ignore_ascii_case("binary"));
            binary && column.affinity == of_row.affinity
        })
}

/// The text with NEW in the place of OLD, outside of texts in quotes.
pub(super) fn over_new(line: &str) -> String {
    let parts = line.split('\'').enumerate();
    let parts: Vec<String> =
        parts.map(|(number, part)| if number % 2 == 0 { part.replace("OLD.\"", "NEW.\"") } else { part.to_owned() }).collect();
    parts.join("'")
}

/// Whether the condition is that of the row at hand in a table of this name.
pub(super) fn is_pinned(walk: &Walk<'_>, name: &Name, condition: Option<&Expr>) -> bool {
    let table = walk.scope.table(name.as_str());
    table.is_some_and(|table| condition.is_some_and(|condition| pinned(condition, table)))
}

/// Whether a condition is `key = NEW.key` or `key = OLD.key`, with more or without.
fn pinned(condition: &Expr, table: &TableScope) -> bool {
    let is_key = |name: &str| match table.primary_key.as_slice() {
        [key] if key.eq_ignore_ascii_case(name) => true,
        _ => {
            table.rowid_alias().is_some_and(|column| column.source.eq_ignore_ascii_case(name))
                || table.rowid_alias().is_some() && is_rowid(name)
        }
    };
    let row_key = |expr: &Expr| matches!(expr, Expr::Qualified(row, name) if ["new", "old"].iter().any(|word| row.as_str().eq_ignore_ascii_case(word)) && is_key(name.as_str()));
    let own_key = |expr: &Expr| !row_key(expr) && is_column(expr).is_some_and(is_key);
    if let Expr::Parenthesized(items) = condition {
        return matches!(items.as_slice(), [inner] if pinned(inner, table));
    }
    let Expr::Binary(left, operator, right) = condition else { return false };
    if *operator == Operator::And {
        return pinned(left, table) || pinned(right, table);
    }
    matches!(operator, Operator::Equals | Operator::Is) && (own_key(left) && row_key(right) || own_key(right) && row_key(left))
}
