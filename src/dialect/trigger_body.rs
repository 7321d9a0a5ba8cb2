//! The statements of a trigger.

use std::collections::BTreeSet;

use turso_parser::ast::{Expr, Name, OneSelect, Operator, ResolveType, ResultColumn, Select, Set, TriggerCmd, TriggerTime};

use crate::catalog::quoted;

use super::assign::into_column;
use super::constant::{string_literal, text_sql};
use super::fault::{Translated, refuse};
use super::from::is_column;
use super::scope::{ColumnScope, RelationKind, TableScope};
use super::table::only_abort;
use super::trigger::{Event, Firing};
use super::typed::{Class, Typed};
use super::walk::{Frame, Relation, Walk, is_rowid};

/// The lines of a trigger's function.
pub(super) struct Body<'t> {
    firing: Firing<'t>,
    pub(super) lines: Vec<String>,
    pub(super) writes: BTreeSet<String>,
    /// Whether it may skip the row and end there.
    pub(super) skips: bool,
}

impl<'t> Body<'t> {
    pub(super) fn new(firing: Firing<'t>) -> Self {
        Self { firing, lines: Vec::new(), writes: BTreeSet::new(), skips: false }
    }

    /// Adds the lines of one statement.
    pub(super) fn command(&mut self, walk: &mut Walk<'_>, command: &TriggerCmd) -> Translated<()> {
        match command {
            TriggerCmd::Update { or_conflict, tbl_name, sets, from, where_clause } => {
                only_abort(*or_conflict)?;
                if from.is_some() {
                    return refuse("UPDATE … FROM", "which of several matching rows wins is not the same on both sides");
                }
                self.update(walk, tbl_name, sets, where_clause.as_deref())
            }
            TriggerCmd::Delete { tbl_name, where_clause } => self.delete(walk, tbl_name, where_clause.as_deref()),
            TriggerCmd::Insert { or_conflict, tbl_name, col_names, select, upsert, returning } => {
                only_abort(*or_conflict)?;
                if upsert.is_some() || !returning.is_empty() {
                    return refuse("INSERT … ON CONFLICT", "upserts in triggers are not translated");
                }
                self.insert(walk, tbl_name, col_names, select)
            }
            TriggerCmd::Select(select) => self.select(walk, select),
        }
    }

    fn target<'s>(&mut self, walk: &Walk<'s>, name: &Name, event: Event, condition: Option<&Expr>) -> Translated<&'s TableScope> {
        let Some(table) = walk.scope.table(name.as_str()) else {
            return refuse(format!("table {}", name.as_str()), "there is no such table among those that come across");
        };
        if table.kind == RelationKind::View {
            return refuse(format!("writing to view {}", table.source), "it needs the view's own triggers");
        }
        if table.source == self.firing.table.source {
            if self.firing.time != TriggerTime::After {
                return refuse("BEFORE trigger that writes its own table", "PostgreSQL refuses to change a row that is being changed");
            }
            if event != Event::Insert && !condition.is_some_and(|condition| pinned(condition, table)) {
                return refuse(
                    "AFTER trigger that writes other rows of its own table",
                    "PostgreSQL runs it when the statement has changed all its rows, SQLite after each row",
                );
            }
        }
        self.writes.insert(table.source.clone());
        Ok(table)
    }

    fn update(&mut self, walk: &mut Walk<'_>, name: &Name, sets: &[Set], condition: Option<&Expr>) -> Translated<()> {
        let table = self.target(walk, name, Event::Update, condition)?;
        walk.frames.push(own_columns(table));
        let mut assignments = Vec::new();
        for set in sets {
            let [column] = set.col_names.as_slice() else { return refuse("UPDATE … SET (…)", "row values are not translated") };
            let column = find(table, column.as_str())?;
            let value = walk.expr(&set.expr)?;
            assignments.push(format!("{} = {}", quoted(&column.target), into_column(&value, column, true)?));
        }
        let condition = condition_sql(walk, condition)?;
        walk.frames.pop();
        self.lines.push(format!("UPDATE {} SET {}{condition};", table.target_sql(), assignments.join(", ")));
        Ok(())
    }

    fn delete(&mut self, walk: &mut Walk<'_>, name: &Name, condition: Option<&Expr>) -> Translated<()> {
        let table = self.target(walk, name, Event::Delete, condition)?;
        walk.frames.push(own_columns(table));
        let condition = condition_sql(walk, condition)?;
        walk.frames.pop();
        self.lines.push(format!("DELETE FROM {}{condition};", table.target_sql()));
        Ok(())
    }

    fn insert(&mut self, walk: &mut Walk<'_>, name: &Name, names: &[Name], select: &Select) -> Translated<()> {
        let table = self.target(walk, name, Event::Insert, None)?;
        let columns: Vec<&ColumnScope> = if names.is_empty() {
            table.columns.iter().filter(|column| !column.generated).collect()
        } else {
            names.iter().map(|name| find(table, name.as_str())).collect::<Translated<Vec<_>>>()?
        };
        let mut query = walk.query(select)?;
        let rows: Vec<Vec<Typed>> = query.arms.iter().map(|arm| arm.values.clone()).collect();
        if rows.iter().any(|values| values.len() != columns.len()) {
            return refuse("INSERT", "the number of values differs from the number of columns");
        }
        let left_out = left_out(&columns, &rows)?;
        if left_out.is_some() && rows.len() > 1 && !select.order_by.is_empty() {
            return refuse("INSERT", "its rows are sorted by the number of a column, and one has to be left out");
        }
        let kept = |(position, _): &(usize, &&ColumnScope)| Some(*position) != left_out;
        for (arm, values) in rows.iter().enumerate() {
            let pairs = columns.iter().enumerate().filter(kept).filter_map(|(position, column)| Some((values.get(position)?, column)));
            let texts = pairs.map(|(value, column)| into_column(value, column, true).map(|text| typed_text(&text, column)));
            query.set_texts(arm, texts.collect::<Translated<Vec<_>>>()?);
        }
        let list: Vec<String> = columns.iter().enumerate().filter(kept).map(|(_, column)| quoted(&column.target)).collect();
        self.lines.push(format!("INSERT INTO {} ({}) {};", table.target_sql(), list.join(", "), query.print()));
        Ok(())
    }

    /// A SELECT in a trigger has no effect but those of RAISE.
    fn select(&mut self, walk: &mut Walk<'_>, select: &Select) -> Translated<()> {
        let OneSelect::Select { columns, from, where_clause, group_by: None, .. } = &select.body.select else {
            return refuse("SELECT in a trigger", "it is grouped or made of VALUES");
        };
        let ([ResultColumn::Expr(expr, _)], true, None) = (columns.as_slice(), select.body.compounds.is_empty(), &select.with) else {
            return refuse("SELECT in a trigger", "it is not a plain RAISE");
        };
        let mut expr: &Expr = expr;
        while let Expr::Parenthesized(items) = expr {
            let [inner] = items.as_slice() else { return refuse("row value", "row values are not translated") };
            expr = inner;
        }
        if let Some(from) = from {
            if !matches!(expr, Expr::Raise(..)) {
                return refuse("SELECT … FROM in a trigger", "only a RAISE has an effect");
            }
            walk.frames.push(Frame::default());
            let from = walk.sources(from)?;
            let condition = condition_sql(walk, where_clause.as_deref())?;
            walk.frames.pop();
            let line = self.raise(expr)?;
            self.lines.push(format!("IF EXISTS (SELECT 1 FROM {from}{condition}) THEN {line} END IF;"));
            return Ok(());
        }
        let line = self.raising(walk, expr)?;
        match where_clause {
            Some(condition) => {
                let condition = walk.condition(condition)?;
                self.lines.push(format!("IF {condition} THEN {line} END IF;"));
            }
            None => self.lines.push(line),
        }
        Ok(())
    }

    /// RAISE, or a CASE of RAISEs and values without effect.
    fn raising(&mut self, walk: &mut Walk<'_>, expr: &Expr) -> Translated<String> {
        let Expr::Case { base, when_then_pairs, else_expr } = expr else { return self.raise(expr) };
        let base = base.as_ref().map(|base| walk.expr(base)).transpose()?;
        let mut text = String::new();
        for (when, then) in when_then_pairs {
            let word = if text.is_empty() { "IF" } else { "ELSIF" };
            let when = walk.expr(when)?;
            let condition = match &base {
                Some(base) => super::compare::comparison(base, "=", &when)?.sql,
                None => when.condition()?,
            };
            text.extend([format!("{word} {condition} THEN {} ", self.raise_or_nothing(then)?)]);
        }
        if let Some(otherwise) = else_expr {
            text.extend([format!("ELSE {} ", self.raise_or_nothing(otherwise)?)]);
        }
        Ok(format!("{text}END IF;"))
    }

    fn raise_or_nothing(&mut self, expr: &Expr) -> Translated<String> {
        if matches!(expr, Expr::Literal(_)) { Ok("NULL;".to_owned()) } else { self.raise(expr) }
    }

    fn raise(&mut self, expr: &Expr) -> Translated<String> {
        let Expr::Raise(action, message) = expr else {
            return refuse("SELECT in a trigger", "it calls something that is not RAISE");
        };
        match (action, message.as_deref()) {
            (ResolveType::Abort | ResolveType::Rollback, Some(Expr::Literal(turso_parser::ast::Literal::String(text)))) => Ok(format!(
                "RAISE EXCEPTION USING MESSAGE = {}, ERRCODE = 'integrity_constraint_violation';",
                text_sql(&string_literal(text))
            )),
            (ResolveType::Abort | ResolveType::Rollback, Some(Expr::Id(name))) if name.quoted() => {
                Ok(format!("RAISE EXCEPTION USING MESSAGE = {}, ERRCODE = 'integrity_constraint_violation';", text_sql(name.as_str())))
            }
            (ResolveType::Ignore, _) if self.firing.time == TriggerTime::Before && self.writes.is_empty() => {
                self.skips = true;
                Ok("RETURN NULL;".to_owned())
            }
            (ResolveType::Ignore, _) => refuse("RAISE(IGNORE)", "only a BEFORE trigger can skip the row, and only before it writes"),
            (ResolveType::Fail, _) => refuse("RAISE(FAIL)", "PostgreSQL always undoes the statement"),
            (ResolveType::Abort | ResolveType::Rollback | ResolveType::Replace, _) => refuse("RAISE", "the message is not a literal"),
        }
    }
}

/// The position of the column that numbers the rows, where each row has NULL for its number: there SQLite gives the
/// next one, and PostgreSQL only where the column is left out.
fn left_out(columns: &[&ColumnScope], rows: &[Vec<Typed>]) -> Translated<Option<usize>> {
    let Some(position) = columns.iter().position(|column| column.rowid_alias) else { return Ok(None) };
    let numbers: Vec<&Typed> = rows.iter().filter_map(|values| values.get(position)).collect();
    if numbers.iter().all(|number| number.never_null) {
        return Ok(None);
    }
    if columns.len() > 1 && numbers.iter().all(|number| number.class == Class::Null) {
        return Ok(Some(position));
    }
    refuse("INSERT", "the row's number may be NULL; SQLite gives the next number then, and PostgreSQL an error")
}

fn own_columns(table: &TableScope) -> Frame {
    Frame { relations: vec![Relation::of_table(table, &table.source, quoted(&table.target))], ..Frame::default() }
}

fn condition_sql(walk: &mut Walk<'_>, condition: Option<&Expr>) -> Translated<String> {
    condition.map_or(Ok(String::new()), |condition| Ok(format!(" WHERE {}", walk.condition(condition)?)))
}

fn find<'s>(table: &'s TableScope, name: &str) -> Translated<&'s ColumnScope> {
    let column = table.column(name).or_else(|| if is_rowid(name) { table.rowid_alias() } else { None });
    match column {
        Some(column) if !column.generated => Ok(column),
        Some(_) => refuse(format!("column {name}"), "it is generated"),
        None => refuse(format!("column {name}"), "there is no such column"),
    }
}

/// A literal with its type: in a query it would be text.
fn typed_text(text: &str, column: &ColumnScope) -> String {
    let bare = text == "NULL" || text.starts_with('\'') && text.ends_with('\'');
    if bare { format!("{text}::{}", column.pg_type) } else { text.to_owned() }
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
