//! The statements of a trigger.

use std::collections::BTreeSet;

use turso_parser::ast::{
    Expr, FromClause, Name, OneSelect, ResolveType, ResultColumn, Select, SelectBody, Set, TriggerCmd, TriggerTime, Upsert,
};

use crate::catalog::quoted;

use super::assign::into_column;
use super::conflict::{Clauses, Insert, around, breaks_nothing, raised_message};
use super::constant::{string_literal, text_sql};
use super::effects::FiredBy;
use super::fault::{Translated, Untranslatable, refuse};
use super::index::column_list;
use super::own_table::{OwnReads, demands_none, goes_by_row, is_pinned, over_new};
use super::scope::{ColumnScope, RelationKind, TableScope};
use super::table::only_abort;
use super::through_view::{fits_as_it_is, fits_view};
use super::trigger::{Event, Firing};
use super::typed::{Class, Typed};
use super::walk::{Frame, Relation, Walk, is_rowid};

const ALL_ROWS: &str = "PostgreSQL runs it when the statement has changed all its rows, SQLite after each row";

/// The lines of a trigger's function.
pub(super) struct Body<'t> {
    firing: Firing<'t>,
    pub(super) lines: Vec<String>,
    pub(super) writes: BTreeSet<String>,
    /// Whether it may skip the row and end there.
    pub(super) skips: bool,
    /// How many lines stand before the first that writes.
    pub(super) first_write: usize,
    /// Tables that it writes of what it reads of its own table.
    pub(super) ahead: BTreeSet<String>,
    /// Why it is equal for statements of one row only.
    pub(super) single_row: Option<Untranslatable>,
    /// The views that it writes, and how: their own triggers have to come across.
    pub(super) through: BTreeSet<(String, FiredBy)>,
    /// Everything that it reads.
    pub(super) uses: BTreeSet<String>,
    /// What each statement (and first of all WHEN) touches.
    touched: Vec<Touched>,
    /// What the statement at hand touches.
    at_hand: Touched,
}

/// What a statement touches.
#[derive(Debug, Default)]
struct Touched {
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
    /// It may run again without building on what it did before.
    repeatable: bool,
    /// It reads its own table, and that by the key of the row at hand.
    by_key: bool,
    /// It changes rows that it finds by a value of NEW or OLD.
    by_row: bool,
    /// The columns of NEW and OLD that it uses, and which of the two.
    row_columns: BTreeSet<String>,
    rows: BTreeSet<String>,
    /// What it became.
    line: String,
}

impl<'t> Body<'t> {
    pub(super) fn new(firing: Firing<'t>, walk: &mut Walk<'_>) -> Self {
        walk.own = Some(OwnReads::of(&firing.table.source));
        Self {
            firing,
            lines: Vec::new(),
            writes: BTreeSet::new(),
            skips: false,
            first_write: 0,
            ahead: BTreeSet::new(),
            single_row: None,
            through: BTreeSet::new(),
            uses: BTreeSet::new(),
            touched: Vec::new(),
            at_hand: Touched::default(),
        }
    }

    /// Whether what its own table holds in between decides which rows a statement changes.
    fn decided(&self, condition: Option<&Expr>, reads: usize) -> bool {
        let behind_delete = self.firing.event == Event::Delete;
        let demands = condition.filter(|_| behind_delete).map_or(0, |condition| demands_none(condition, &self.firing.table.source));
        reads != demands
    }

    /// What it is a trigger of.
    pub(super) fn own(&self) -> &'t TableScope {
        self.firing.table
    }

    /// Ends a statement, or the condition of WHEN: keeps what it has touched.
    pub(super) fn end(&mut self, walk: &mut Walk<'_>) {
        let own = walk.own.replace(OwnReads::of(&self.firing.table.source)).unwrap_or_default();
        let mut touched = std::mem::take(&mut self.at_hand);
        touched.reads = walk.scope.behind(&std::mem::take(&mut walk.uses));
        touched.by_key = touched.repeatable && own.goes_by_one_key();
        (touched.row_columns, touched.rows) = (own.row_columns, own.rows);
        touched.line = self.lines.last().cloned().unwrap_or_default();
        self.uses.extend(touched.reads.iter().cloned());
        self.touched.push(touched);
    }

    /// Judges an AFTER trigger that reads its own table: see `own_table`.
    pub(super) fn judge_reads(&mut self, conditional: bool) {
        let reading = |touched: &&Touched| touched.reads.contains(&self.firing.table.source);
        let own = &self.firing.table.source;
        if self.firing.time != TriggerTime::After || !self.uses.contains(own) {
            return;
        }
        let mut provable = self.single_row.is_none();
        if conditional {
            let asked = self.touched.first().map(|when| &when.row_columns);
            let same = |touched: &Touched| asked.is_some_and(|asked| asked.is_subset(&touched.row_columns));
            provable &= self.firing.event != Event::Update && self.touched.iter().filter(reading).all(same);
        }
        if self.firing.event == Event::Update {
            provable &= self.touched.iter().filter(reading).all(|touched| touched.by_row && touched.rows.len() == 1);
            let of = |row: &str| -> BTreeSet<String> {
                let of_row = self.touched.iter().filter(reading).filter(|touched| touched.rows.contains(row));
                of_row.map(|touched| over_new(&touched.line)).collect()
            };
            provable &= of("OLD") == of("NEW");
        }
        for (at, touched) in self.touched.iter().enumerate().filter(|(_, touched)| touched.reads.contains(own)) {
            provable &= touched.by_key && self.through.is_empty();
            for other in self.touched.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, other)| other) {
                provable &= other.writes.is_disjoint(&touched.reads) && touched.writes.is_disjoint(&other.reads);
                provable &= other.by_key || touched.writes.is_disjoint(&other.writes);
            }
            provable &= touched.writes.is_disjoint(&touched.reads);
            self.ahead.extend(touched.writes.iter().cloned());
        }
        if !provable {
            self.ahead.clear();
            self.single_row = Some(Untranslatable::new("AFTER trigger that reads its own table", ALL_ROWS));
        }
    }

    /// Adds the lines of one statement.
    pub(super) fn command(&mut self, walk: &mut Walk<'_>, command: &TriggerCmd) -> Translated<()> {
        match command {
            TriggerCmd::Update { or_conflict, tbl_name, sets, from, where_clause } => {
                let source = UpdateSource { from: from.as_ref(), condition: where_clause.as_deref() };
                self.update(walk, tbl_name, sets, source, *or_conflict)
            }
            TriggerCmd::Delete { tbl_name, where_clause } => self.delete(walk, tbl_name, where_clause.as_deref()),
            TriggerCmd::Insert { or_conflict, tbl_name, col_names, select, upsert, returning } => {
                if !returning.is_empty() {
                    return refuse("RETURNING", "SQLite takes none in a trigger");
                }
                let conflict = OnConflict { clause: *or_conflict, upsert: upsert.as_deref() };
                match single_rows(select) {
                    // One after the other, each may replace the one before.
                    Some(rows) if *or_conflict == Some(ResolveType::Replace) => {
                        rows.iter().try_for_each(|row| self.insert(walk, tbl_name, col_names, row, conflict))?;
                        let table = walk.scope.table(tbl_name.as_str()).map(|table| &table.source);
                        if table.is_some_and(|table| walk.uses.contains(table)) {
                            return refuse("OR REPLACE", "it inserts several rows, and reads the table for them");
                        }
                        Ok(())
                    }
                    Some(_) | None => self.insert(walk, tbl_name, col_names, select, conflict),
                }
            }
            TriggerCmd::Select(select) => self.select(walk, select),
        }
    }

    fn target<'s>(&mut self, walk: &mut Walk<'s>, name: &Name, event: Event, own_row: bool) -> Translated<&'s TableScope> {
        let Some(table) = walk.scope.table(name.as_str()) else {
            return refuse(format!("table {}", name.as_str()), "there is no such table among those that come across");
        };
        if table.kind == RelationKind::View {
            self.through_view(walk, table, event)?;
        }
        if table.source == self.firing.table.source {
            // Before an INSERT, no row is being changed, and both sides run the trigger before each row.
            let before_insert = self.firing.event == Event::Insert && event != Event::Insert;
            if self.firing.time != TriggerTime::After && !before_insert {
                return refuse("BEFORE trigger that writes its own table", "PostgreSQL refuses to change a row that is being changed");
            }
            if self.firing.time == TriggerTime::After && !own_row {
                self.single_row = Some(Untranslatable::new("AFTER trigger that writes other rows of its own table", ALL_ROWS));
            }
        }
        if self.writes.is_empty() {
            self.first_write = self.lines.len();
        }
        self.writes.insert(table.source.clone());
        self.at_hand.writes.insert(table.source.clone());
        Ok(table)
    }

    fn update(
        &mut self,
        walk: &mut Walk<'_>,
        name: &Name,
        sets: &[Set],
        source: UpdateSource<'_>,
        or_conflict: Option<ResolveType>,
    ) -> Translated<()> {
        let UpdateSource { from, condition } = source;
        let where_clause = condition;
        // Beside FROM, a name without its table could be of another one.
        let own_row = from.is_none() && is_pinned(walk, name, condition);
        let table = self.target(walk, name, Event::Update, own_row)?;
        walk.frames.push(own_columns(table));
        let (items, mut conditions) = match from {
            Some(from) if table.kind == RelationKind::Table => walk.update_sources(from)?,
            Some(_) => return refuse("UPDATE … FROM", "it updates a view"),
            None => (String::new(), Vec::new()),
        };
        let joined_by = walk.frame().map(|frame| std::mem::take(&mut frame.bare)).unwrap_or_default();
        if from.is_some() {
            walk.note_own_reads(condition);
        }
        // Whether FROM has a row of the own table decides, too.
        let joins_own = from.is_some() && walk.own_reads() > 0;
        if only_abort(or_conflict).is_err() {
            breaks_nothing(walk, table, sets)?;
        }
        let assignments = assignments(walk, table, sets)?;
        if let Some(from) = from {
            walk.one_row_of(from, condition)?;
        }
        if table.kind == RelationKind::View {
            sets.iter().try_for_each(|set| fits_view(walk, table, set))?;
        }
        let builds_on = walk.frame().is_some_and(|frame| frame.bare.iter().any(|(relation, _)| *relation == 0));
        let reads = walk.own_reads();
        conditions.extend(condition.map(|condition| walk.condition(condition)).transpose()?);
        let mut looked_at = walk.frames.pop().map(|frame| frame.bare).unwrap_or_default();
        looked_at.extend(joined_by);
        looked_at.retain(|(relation, _)| *relation == 0);
        let set = |name: &str| sets.iter().flat_map(|set| &set.col_names).any(|given| given.as_str().eq_ignore_ascii_case(name));
        let looks_at_set = looked_at.iter().filter_map(|(_, at)| table.columns.get(*at)).any(|column| set(&column.source));
        // A row that is changed because of what the own table held in between would stay changed.
        let decided = self.decided(where_clause, walk.own_reads() - reads);
        self.at_hand.repeatable = !joins_own
            && !decided
            && !builds_on
            && !looks_at_set
            && table.source != self.firing.table.source
            && table.kind == RelationKind::Table;
        self.at_hand.by_row = from.is_none() && where_clause.is_some_and(|condition| goes_by_row(condition, table, self.firing.table));
        let items = if items.is_empty() { items } else { format!(" FROM {items}") };
        let condition = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        self.lines.push(format!("UPDATE {} SET {}{items}{condition};", table.target_sql(), assignments.join(", ")));
        Ok(())
    }

    fn delete(&mut self, walk: &mut Walk<'_>, name: &Name, condition: Option<&Expr>) -> Translated<()> {
        let own_row = is_pinned(walk, name, condition);
        let where_clause = condition;
        let table = self.target(walk, name, Event::Delete, own_row)?;
        walk.frames.push(own_columns(table));
        let reads = walk.own_reads();
        let condition = condition_sql(walk, condition)?;
        walk.frames.pop();
        let decided = self.decided(where_clause, walk.own_reads() - reads);
        self.at_hand.repeatable = !decided && table.source != self.firing.table.source && table.kind == RelationKind::Table;
        self.at_hand.by_row = where_clause.is_some_and(|condition| goes_by_row(condition, table, self.firing.table));
        self.lines.push(format!("DELETE FROM {}{condition};", table.target_sql()));
        Ok(())
    }

    fn insert(&mut self, walk: &mut Walk<'_>, name: &Name, names: &[Name], select: &Select, conflict: OnConflict<'_>) -> Translated<()> {
        let table = self.target(walk, name, Event::Insert, false)?;
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
        if table.kind == RelationKind::View {
            let pairs = rows.iter().flat_map(|values| columns.iter().zip(values));
            pairs.into_iter().try_for_each(|(column, value)| fits_as_it_is(value, column))?;
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
        let insert = Insert { table, columns: &columns, rows: &rows, select };
        let clauses = conflict.clauses(walk, &insert, self.firing.table)?;
        let names: Vec<String> = columns.iter().enumerate().filter(kept).map(|(_, column)| column.target.clone()).collect();
        let query = around(query.print(), &names, &clauses.not_null);
        self.lines.extend(clauses.before);
        self.lines.push(format!("INSERT INTO {} ({}) {query}{};", table.target_sql(), column_list(&names), clauses.behind));
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
            let line = self.raise(walk, expr)?;
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
        let Expr::Case { base, when_then_pairs, else_expr } = expr else { return self.raise(walk, expr) };
        let base = base.as_ref().map(|base| walk.expr(base)).transpose()?;
        let mut text = String::new();
        for (when, then) in when_then_pairs {
            let word = if text.is_empty() { "IF" } else { "ELSIF" };
            let when = walk.expr(when)?;
            let condition = match &base {
                Some(base) => super::compare::comparison(base, "=", &when)?.sql,
                None => when.condition()?,
            };
            text.extend([format!("{word} {condition} THEN {} ", self.raise_or_nothing(walk, then)?)]);
        }
        if let Some(otherwise) = else_expr {
            text.extend([format!("ELSE {} ", self.raise_or_nothing(walk, otherwise)?)]);
        }
        Ok(format!("{text}END IF;"))
    }

    fn raise_or_nothing(&mut self, walk: &mut Walk<'_>, expr: &Expr) -> Translated<String> {
        if matches!(expr, Expr::Literal(_)) { Ok("NULL;".to_owned()) } else { self.raise(walk, expr) }
    }

    fn raise(&mut self, walk: &mut Walk<'_>, expr: &Expr) -> Translated<String> {
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
            (ResolveType::Abort | ResolveType::Rollback, Some(expr)) => {
                Ok(format!("RAISE EXCEPTION USING MESSAGE = {}, ERRCODE = 'integrity_constraint_violation';", raised_message(walk, expr)?))
            }
            (ResolveType::Ignore, _) if self.firing.time != TriggerTime::After && self.writes.is_empty() => {
                self.skips = true;
                Ok("RETURN NULL;".to_owned())
            }
            (ResolveType::Ignore, _) => {
                refuse("RAISE(IGNORE)", "only a BEFORE or INSTEAD OF trigger can skip the row, and only before it writes")
            }
            (ResolveType::Fail, _) => refuse("RAISE(FAIL)", "PostgreSQL always undoes the statement"),
            (ResolveType::Abort | ResolveType::Rollback | ResolveType::Replace, _) => refuse("RAISE", "the message is not a literal"),
        }
    }
}

/// Where the rows of an UPDATE come from.
#[derive(Clone, Copy)]
struct UpdateSource<'u> {
    from: Option<&'u FromClause>,
    condition: Option<&'u Expr>,
}

/// What an INSERT does about rows in its way.
#[derive(Clone, Copy)]
struct OnConflict<'c> {
    clause: Option<ResolveType>,
    upsert: Option<&'c Upsert>,
}

impl OnConflict<'_> {
    fn clauses(self, walk: &mut Walk<'_>, insert: &Insert<'_>, own: &TableScope) -> Translated<Clauses> {
        match (self.clause, self.upsert) {
            (Some(ResolveType::Ignore), None) => insert.or_ignore(walk),
            (Some(ResolveType::Replace), None) => insert.or_replace(walk, own),
            (None | Some(ResolveType::Abort), Some(upsert)) => insert.upsert(walk, upsert),
            (clause, None) => only_abort(clause).map(|()| Clauses::default()),
            (Some(_), Some(_)) => refuse("INSERT OR … ON CONFLICT", "it says twice what becomes of a conflict"),
        }
    }
}

/// The assignments of SET.
pub(super) fn assignments(walk: &mut Walk<'_>, table: &TableScope, sets: &[Set]) -> Translated<Vec<String>> {
    let mut assignments = Vec::new();
    for set in sets {
        let pairs: Vec<(&Name, &Expr)> = match (set.col_names.as_slice(), &*set.expr) {
            ([name], expr) => vec![(name, expr)],
            (names, Expr::Parenthesized(values)) if names.len() == values.len() => {
                names.iter().zip(values.iter().map(|value| &**value)).collect()
            }
            _ => return refuse("UPDATE … SET (…)", "its values are not written one by one"),
        };
        for (name, expr) in pairs {
            let column = find(table, name.as_str())?;
            let value = walk.expr(expr)?;
            assignments.push(format!("{} = {}", quoted(&column.target), into_column(&value, column, true)?));
        }
    }
    Ok(assignments)
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

pub(super) fn own_columns(table: &TableScope) -> Frame {
    Frame { relations: vec![Relation::of_table(table, &table.source, quoted(&table.target))], ..Frame::default() }
}

pub(super) fn condition_sql(walk: &mut Walk<'_>, condition: Option<&Expr>) -> Translated<String> {
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

/// The rows of a plain VALUES of several rows, each as a VALUES of its own.
fn single_rows(select: &Select) -> Option<Vec<Select>> {
    let plain = select.with.is_none() && select.body.compounds.is_empty() && select.limit.is_none() && select.order_by.is_empty();
    let OneSelect::Values(rows) = &select.body.select else { return None };
    let single = |row| Select { body: SelectBody { select: OneSelect::Values(vec![row]), compounds: Vec::new() }, ..select.clone() };
    (plain && rows.len() > 1).then(|| rows.iter().cloned().map(single).collect())
}
