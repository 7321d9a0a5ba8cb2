//! Conflict clauses of INSERT in triggers: OR IGNORE, OR REPLACE, ON CONFLICT.
//!
//! Which of them PostgreSQL can give exactly depends on the table's constraints, so what is not known is refused.

use turso_parser::ast::{Expr, OneSelect, Select, Set, Upsert, UpsertDo};

use crate::catalog::quoted;
use crate::value::Conversion;

use super::assign::into_column;
use super::effects::FiredBy;
use super::fault::{Translated, refuse};
use super::from::is_column;
use super::scope::{ColumnScope, Constraints, OtherKeys, TableScope};
use super::typed::{Class, Typed};
use super::walk::{Relation, Walk};

/// An INSERT that is being translated.
pub(super) struct Insert<'i> {
    pub(super) table: &'i TableScope,
    /// The columns that get values.
    pub(super) columns: &'i [&'i ColumnScope],
    /// Their values, row by row of VALUES, or those of each SELECT.
    pub(super) rows: &'i [Vec<Typed>],
    pub(super) select: &'i Select,
}

/// What stands before an INSERT, around its query, and behind it.
#[derive(Debug, Default)]
pub(super) struct Clauses {
    pub(super) before: Option<String>,
    /// Columns whose NULLs leave a row out.
    pub(super) not_null: Vec<String>,
    pub(super) behind: String,
}

impl Insert<'_> {
    fn constraints<'w>(&self, walk: &Walk<'w>) -> Translated<&'w Constraints> {
        match walk.scope.constraints(&self.table.source) {
            Some(constraints) if constraints.others != OtherKeys::Missing => Ok(constraints),
            Some(_) => refuse("INSERT with a conflict clause", "a unique index of the table does not come across"),
            None => refuse("INSERT with a conflict clause", "the table's constraints are not known"),
        }
    }

    fn values(&self, name: &str) -> Option<Vec<&Typed>> {
        let position = self.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
        Some(self.rows.iter().filter_map(|row| row.get(position)).collect())
    }

    /// Whether it certainly inserts one row, whatever the tables hold.
    fn is_one_row(&self) -> bool {
        let plain = self.select.with.is_none() && self.select.body.compounds.is_empty() && self.select.limit.is_none();
        plain
            && match &self.select.body.select {
                OneSelect::Values(rows) => rows.len() == 1,
                OneSelect::Select { from, where_clause, group_by, .. } => from.is_none() && where_clause.is_none() && group_by.is_none(),
            }
    }

    /// Whether the column is the row's number and is left to be given.
    fn is_numbered(&self, name: &str) -> bool {
        let alias = self.table.rowid_alias().is_some_and(|column| column.source.eq_ignore_ascii_case(name));
        alias && self.values(name).is_none_or(|values| values.iter().all(|value| value.class == Class::Null))
    }

    /// OR IGNORE: a row that breaks a unique, NOT NULL or CHECK constraint is left out.
    pub(super) fn or_ignore(&self, walk: &Walk<'_>) -> Translated<Clauses> {
        let constraints = self.constraints(walk)?;
        if constraints.checks {
            return refuse(
                "OR IGNORE",
                "the table has a CHECK, and ON CONFLICT DO NOTHING leaves out only rows that break a unique constraint",
            );
        }
        let mut not_null = Vec::new();
        for name in &constraints.not_null {
            match self.values(name) {
                _ if self.is_numbered(name) => {}
                Some(values) if values.iter().all(|value| value.never_null) => {}
                Some(_) => not_null.extend(self.table.column(name).map(|column| column.target.clone())),
                None if constraints.defaults.iter().any(|known| known.eq_ignore_ascii_case(name)) => {}
                None => return refuse("OR IGNORE", format!("{name} is NOT NULL and gets no value, so that no row would ever be inserted")),
            }
        }
        Ok(Clauses { before: None, not_null, behind: " ON CONFLICT DO NOTHING".to_owned() })
    }

    /// OR REPLACE: the rows in the way are deleted first, without their triggers.
    pub(super) fn or_replace(&self, walk: &Walk<'_>, own: &TableScope) -> Translated<Clauses> {
        let constraints = self.constraints(walk)?;
        let why = if self.table.source == own.source {
            Some("it writes the trigger's own table")
        } else if !self.is_one_row() {
            Some("it may insert several rows, which may be in each other's way")
        } else if constraints.triggers.contains(&FiredBy::Insert) {
            Some("the table has INSERT triggers, whose statements would go by the same clause")
        } else if constraints.acted_on {
            Some("a foreign key that refers to the table does something when a row is deleted")
        } else if constraints.others == OtherKeys::Some {
            Some("a unique key of the table is one over expressions, of some rows only, or not compared byte by byte")
        } else {
            None
        };
        if let Some(why) = why {
            return refuse("OR REPLACE", why);
        }
        for name in &constraints.not_null {
            let nullable = self.values(name).is_some_and(|values| !values.iter().all(|value| value.never_null));
            let kept = self.table.column(name).is_some_and(|column| column.not_null || column.rowid_alias);
            if nullable && !self.is_numbered(name) && (!kept || constraints.defaults.iter().any(|known| known.eq_ignore_ascii_case(name))) {
                return refuse("OR REPLACE", format!("a NULL for {name} becomes its default, in SQLite only"));
            }
        }
        let mut conditions = Vec::new();
        for key in &constraints.keys {
            conditions.extend(self.in_the_way(key, constraints)?);
        }
        if conditions.is_empty() {
            return Ok(Clauses::default());
        }
        if constraints.referenced || constraints.triggers.contains(&FiredBy::Delete) {
            return self.in_place(constraints);
        }
        let before = format!("DELETE FROM {} WHERE {};", self.table.target_sql(), conditions.join(" OR "));
        Ok(Clauses { before: Some(before), ..Clauses::default() })
    }

    /// OR REPLACE by changing the row that is in the way, where a DELETE would be refused, or fire triggers that SQLite does
    /// not fire. All columns get what a new row has.
    fn in_place(&self, constraints: &Constraints) -> Translated<Clauses> {
        let [key] = constraints.keys.as_slice() else {
            return refuse(
                "OR REPLACE",
                "the table has DELETE triggers, or foreign keys refer to it, and its row may be in the way by several unique keys",
            );
        };
        if constraints.triggers.contains(&FiredBy::Update) {
            return refuse("OR REPLACE", "the table has UPDATE triggers, and DELETE triggers or foreign keys that refer to it");
        }
        let is_key = |column: &ColumnScope| key.iter().any(|name| name.eq_ignore_ascii_case(&column.source));
        let mut names = Vec::new();
        let mut assignments = Vec::new();
        for column in self.table.columns.iter().filter(|column| !column.generated) {
            let name = quoted(&column.target);
            let given = self.columns.iter().any(|given| given.source == column.source);
            match (is_key(column), given) {
                // Of texts and integers, equal ones are the same.
                (true, _) => match column.conversion {
                    Some(Conversion::IntegerToBigint | Conversion::TextToText(_)) => names.push(name),
                    Some(_) | None => {
                        return refuse("OR REPLACE", "its row is changed in its place, and its key is no integer and no text");
                    }
                },
                (false, true) => assignments.push(format!("{name} = excluded.{name}")),
                (false, false) => assignments.push(format!("{name} = DEFAULT")),
            }
        }
        let action = if assignments.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", assignments.join(", ")) };
        Ok(Clauses { behind: format!(" ON CONFLICT ({}) DO {action}", names.join(", ")), ..Clauses::default() })
    }

    /// The condition of the rows with the same key; none where the new row has a NULL in it.
    fn in_the_way(&self, key: &[String], constraints: &Constraints) -> Translated<Option<String>> {
        let mut equal = Vec::new();
        for name in key {
            let Some(column) = self.table.column(name) else { return refuse("OR REPLACE", "a column of a key does not come across") };
            let value = match self.values(name).as_deref() {
                _ if self.is_numbered(name) => return Ok(None),
                Some([value]) => *value,
                None if !constraints.defaults.iter().any(|known| known.eq_ignore_ascii_case(name)) => return Ok(None),
                Some(_) | None => return refuse("OR REPLACE", format!("{name} belongs to a key and gets its default")),
            };
            if value.class == Class::Null {
                return Ok(None);
            }
            let text = into_column(value, column, true)?;
            if text.contains("gen_random_uuid(") || text.contains("clock_timestamp(") {
                return refuse("OR REPLACE", "a value of a key is another one each time that it is computed");
            }
            equal.push(format!("{} = {text}", quoted(&column.target)));
        }
        Ok(Some(format!("({})", equal.join(" AND "))))
    }

    /// ON CONFLICT …
    pub(super) fn upsert(&self, walk: &mut Walk<'_>, upsert: &Upsert) -> Translated<Clauses> {
        let constraints = self.constraints(walk)?;
        if upsert.next.is_some() {
            return refuse("ON CONFLICT", "there are several of them");
        }
        let Some(target) = &upsert.index else {
            return match &upsert.do_clause {
                UpsertDo::Nothing => Ok(Clauses { behind: " ON CONFLICT DO NOTHING".to_owned(), ..Clauses::default() }),
                UpsertDo::Set { .. } => refuse("ON CONFLICT DO UPDATE", "PostgreSQL wants to know on which columns"),
            };
        };
        let names: Option<Vec<&str>> = target.targets.iter().map(|term| is_column(&term.expr)).collect();
        let (Some(names), None) = (names, &target.where_clause) else {
            return refuse("ON CONFLICT", "its target is an expression or a partial index");
        };
        let is_target = |key: &Vec<String>| {
            key.len() == names.len() && names.iter().all(|name| key.iter().any(|other| other.eq_ignore_ascii_case(name)))
        };
        let elsewhere = constraints.keys.iter().filter(|key| !is_target(key)).any(|key| !key.iter().any(|name| self.is_numbered(name)));
        if constraints.others == OtherKeys::Some || elsewhere || !constraints.keys.iter().any(is_target) {
            return refuse(
                "ON CONFLICT",
                "the row may be in conflict with another key as well, which is looked at first on one of the sides",
            );
        }
        let columns: Option<Vec<String>> = names.iter().map(|name| self.table.column(name).map(|column| quoted(&column.target))).collect();
        let behind = format!(" ON CONFLICT ({})", columns.unwrap_or_default().join(", "));
        match &upsert.do_clause {
            UpsertDo::Nothing => Ok(Clauses { behind: format!("{behind} DO NOTHING"), ..Clauses::default() }),
            UpsertDo::Set { sets, where_clause } => {
                if !self.is_one_row() {
                    return refuse("ON CONFLICT DO UPDATE", "PostgreSQL does not update a row that the same statement has inserted");
                }
                let mut excluded = Relation::of_table(self.table, "excluded", "excluded".to_owned());
                // The number that the row would have got is not the same on both sides.
                excluded.columns.retain(|column| !self.is_numbered(&column.source));
                walk.frames.push(super::trigger_body::own_columns(self.table));
                if let Some(frame) = walk.frame() {
                    frame.relations.push(excluded);
                }
                let assignments = super::trigger_body::assignments(walk, self.table, sets)?;
                let condition = super::trigger_body::condition_sql(walk, where_clause.as_deref())?;
                walk.frames.pop();
                Ok(Clauses { behind: format!("{behind} DO UPDATE SET {}{condition}", assignments.join(", ")), ..Clauses::default() })
            }
        }
    }
}

/// Refuses an UPDATE OR … that could break a constraint: then what becomes of it is SQLite's own. One that can't is the same
/// under every clause.
pub(super) fn breaks_nothing(walk: &mut Walk<'_>, table: &TableScope, sets: &[Set]) -> Translated<()> {
    const CONSTRUCT: &str = "UPDATE OR …";
    let Some(constraints) = walk.scope.constraints(&table.source) else {
        return refuse(CONSTRUCT, "the table's constraints are not known");
    };
    if constraints.checks || constraints.others != OtherKeys::None {
        return refuse(
            CONSTRUCT,
            "the table has a CHECK, or a unique key over expressions, of some rows only, or not compared byte by byte",
        );
    }
    if !constraints.triggers.is_empty() {
        return refuse(CONSTRUCT, "the table has triggers, whose statements would go by the same clause");
    }
    for set in sets {
        for name in &set.col_names {
            let is_set = |column: &String| column.eq_ignore_ascii_case(name.as_str());
            if table.column(name.as_str()).is_none() || constraints.keys.iter().flatten().any(is_set) {
                return refuse(CONSTRUCT, format!("{} belongs to a unique key, and another row may have it already", name.as_str()));
            }
            if constraints.not_null.iter().any(is_set) && (set.col_names.len() > 1 || !walk.expr(&set.expr)?.never_null) {
                return refuse(CONSTRUCT, format!("{} is NOT NULL, and may get a NULL", name.as_str()));
            }
        }
    }
    Ok(())
}

/// The query without the rows that have a NULL in one of these columns.
pub(super) fn around(query: String, columns: &[String], not_null: &[String]) -> String {
    if not_null.is_empty() {
        return query;
    }
    let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let given: Vec<String> = not_null.iter().map(|name| format!("\"given\".{} IS NOT NULL", quoted(name))).collect();
    format!("SELECT * FROM ({query}) AS \"given\" ({}) WHERE {}", names.join(", "), given.join(" AND "))
}

/// The message of RAISE: a literal, a word in double quotes, or an expression of text.
pub(super) fn raised_message(walk: &mut Walk<'_>, expr: &Expr) -> Translated<String> {
    let value = walk.expr(expr)?;
    Ok(format!("coalesce({}, '')", value.text("RAISE")?))
}
