//! Triggers: a PL/pgSQL function and the trigger that calls it.

use std::collections::BTreeSet;

use turso_parser::ast::{Expr, Stmt, TriggerCmd, TriggerEvent, TriggerTime};

use crate::catalog::{Trigger, quoted};
use crate::value::Conversion;

use super::assign::into_column;
use super::effects::FiredBy;
use super::fault::{Translated, Untranslatable, refuse};
use super::index::column_list;
use super::parse;
use super::scope::{ColumnScope, RelationKind, Scope, TableScope};
use super::translator::Translator;
use super::trigger_body::Body;
use super::typed::{Class, Collation, Typed};
use super::walk::{Frame, Place, Relation, Walk};

/// A translated trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerSql {
    /// Name of the trigger and of its function.
    pub name: String,
    /// The CREATE FUNCTION statement.
    pub function: String,
    /// The CREATE TRIGGER statement.
    pub trigger: String,
    /// Source names of the tables and views that it reads.
    pub uses: BTreeSet<String>,
    /// Source names of the tables that it writes.
    pub writes: BTreeSet<String>,
    /// Those of them that may be ahead of what SQLite has there, until the statement that fired it is at its end:
    /// nothing else may look at them meanwhile.
    pub ahead: BTreeSet<String>,
    /// The views that it writes to, and how: the view's triggers for that must come across, too.
    pub through: BTreeSet<(String, FiredBy)>,
    /// It fires behind the change of its row; on PostgreSQL when the statement has changed all its rows.
    pub after: bool,
    /// It is equal only for statements that change one row, for this reason.
    pub single_row: Option<Untranslatable>,
}

/// When and where a trigger fires.
#[derive(Debug, Clone, Copy)]
pub(super) struct Firing<'t> {
    pub(super) table: &'t TableScope,
    pub(super) time: TriggerTime,
    pub(super) event: Event,
}

/// What a trigger fires on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
}

impl Event {
    /// The statement that it is.
    pub(super) fn fired_by(self) -> FiredBy {
        match self {
            Self::Insert => FiredBy::Insert,
            Self::Update => FiredBy::Update,
            Self::Delete => FiredBy::Delete,
        }
    }
}

impl Translator<'_> {
    /// A trigger. The view of an INSTEAD OF trigger must be in the scope already.
    pub fn trigger(&self, trigger: &Trigger) -> Result<TriggerSql, Untranslatable> {
        let Stmt::CreateTrigger { time, event, tbl_name, when_clause, commands, temporary, .. } = parse::statement(&trigger.sql)? else {
            return refuse("CREATE TRIGGER", "the text is another statement");
        };
        if temporary || trigger.name.len() > 63 {
            return refuse("CREATE TRIGGER", "its name has more than 63 bytes, or it is temporary");
        }
        let table = self.table(tbl_name.name.as_str())?;
        let (kind, of) = match &event {
            TriggerEvent::Delete => (Event::Delete, &[][..]),
            TriggerEvent::Insert => (Event::Insert, &[][..]),
            TriggerEvent::Update => (Event::Update, &[][..]),
            TriggerEvent::UpdateOf(columns) => (Event::Update, columns.as_slice()),
        };
        let firing = Firing { table, time: time.unwrap_or(TriggerTime::Before), event: kind };
        if (firing.time == TriggerTime::InsteadOf) != (table.kind == RelationKind::View) {
            return refuse("INSTEAD OF", "it is for views, and views have no other triggers");
        }
        let columns = of.iter().map(|name| match table.column(name.as_str()) {
            Some(column) => Ok(column.target.clone()),
            None => refuse("UPDATE OF", "there is no such column"),
        });
        let mut columns = columns.collect::<Translated<Vec<String>>>()?;
        if firing.time == TriggerTime::InsteadOf && !columns.is_empty() {
            // PostgreSQL takes no list there. SQLite refuses a statement that sets none of the columns of any trigger, so that
            // one list, or the same list in all triggers, says nothing about the others.
            let all = table.columns.iter().all(|column| columns.contains(&column.target));
            let lists = self.scope.update_lists(&table.source, FiredBy::Update);
            if !all && lists.is_none_or(|lists| lists.len() != 1) {
                return refuse(
                    "INSTEAD OF UPDATE OF",
                    "PostgreSQL takes no column list there, and triggers of the view have different ones",
                );
            }
            columns.clear();
        }
        let mut walk = Walk::new(self.scope, Place::Trigger);
        walk.frames.push(rows(self.scope, firing));
        let (text, body) = function_body(&mut walk, firing, &trigger.name, when_clause.as_deref(), &commands)?;
        if let (Some(why), false) = (&body.single_row, self.single_row) {
            return Err(why.clone());
        }
        let (function, created) = print(trigger, firing, &columns, &text);
        let Body { uses, writes, ahead, through, single_row, .. } = body;
        Ok(TriggerSql {
            name: trigger.name.clone(),
            function,
            trigger: created,
            uses,
            writes,
            ahead,
            through,
            after: firing.time == TriggerTime::After,
            single_row,
        })
    }
}

/// The two statements that make it.
fn print(trigger: &Trigger, firing: Firing<'_>, columns: &[String], body: &str) -> (String, String) {
    let name = match &firing.table.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&trigger.name)),
        None => quoted(&trigger.name),
    };
    let time = match firing.time {
        TriggerTime::Before => "BEFORE",
        TriggerTime::After => "AFTER",
        TriggerTime::InsteadOf => "INSTEAD OF",
    };
    let event = match firing.event {
        Event::Insert => "INSERT".to_owned(),
        Event::Delete => "DELETE".to_owned(),
        Event::Update if columns.is_empty() => "UPDATE".to_owned(),
        Event::Update => format!("UPDATE OF {}", column_list(columns)),
    };
    let function = format!("CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $outgrow$\nBEGIN\n{body}END\n$outgrow$");
    let target = firing.table.target_sql();
    let created = format!("CREATE TRIGGER {} {time} {event} ON {target} FOR EACH ROW EXECUTE FUNCTION {name}()", quoted(&trigger.name));
    (function, created)
}

/// The rows NEW and OLD, as far as the event has them.
fn rows(scope: &Scope, firing: Firing<'_>) -> Frame {
    let mut frame = Frame::default();
    if firing.event != Event::Delete {
        let mut new = Relation::of_table(firing.table, "new", "NEW".to_owned());
        if firing.time == TriggerTime::Before && firing.event == Event::Insert {
            // Before the insert, SQLite shows −1 where PostgreSQL shows the number that the row will have.
            new.columns.retain(|column| !column.rowid_alias);
        }
        if firing.time == TriggerTime::Before {
            // PostgreSQL computes generated columns after its BEFORE triggers: NEW has NULL where SQLite has the value.
            // Before an UPDATE, SQLite computes them of the columns that its triggers name, and of NULL in the place of others.
            let insert = firing.event == Event::Insert;
            let computed = new.columns.iter().map(|column| generated(scope, firing.table, &new, column).filter(|_| insert));
            let computed: Vec<Option<Typed>> = computed.collect();
            let kept: Vec<bool> = new.columns.iter().zip(&computed).map(|(column, typed)| !column.generated || typed.is_some()).collect();
            let mut kept = kept.into_iter();
            new.columns.retain(|_| kept.next().unwrap_or_default());
            let values = computed.into_iter().flatten();
            let places = new.columns.iter().enumerate().filter(|(_, column)| column.generated).map(|(position, _)| position);
            new.computed = places.zip(values).collect();
        }
        frame.relations.push(new);
    }
    if firing.event != Event::Insert {
        frame.relations.push(Relation::of_table(firing.table, "old", "OLD".to_owned()));
    }
    frame
}

/// A generated column of NEW as its expression; none where that can't be written over NEW.
fn generated(scope: &Scope, table: &TableScope, new: &Relation, column: &ColumnScope) -> Option<Typed> {
    let text = scope.generated(&table.source, &column.source).filter(|_| column.generated)?;
    let expr = parse::expression(text).ok()?;
    let mut walk = Walk::new(scope, Place::Generated);
    let mut row = Relation { name: table.source.clone(), ..new.clone() };
    row.columns.retain(|column| !column.generated);
    "\"new\"".clone_into(&mut row.qualifier);
    walk.frames.push(Frame { relations: vec![row], ..Frame::default() });
    let value = walk.expr(&expr).ok()?;
    // Its integers may be beyond 64 bits, which SQLite computes as real numbers.
    let wide = matches!(column.conversion, Some(Conversion::NumberToNumeric | Conversion::NumberToDouble));
    if wide && value.class == Class::Integer {
        return None;
    }
    let sql = into_column(&value, column, false).ok()?;
    let typed = Typed::stored(format!("({sql})"), column.conversion, column.pg_type);
    Some(typed.with_column(column.affinity, Collation::named(&column.collation).ok()))
}

fn function_body<'t>(
    walk: &mut Walk<'_>,
    firing: Firing<'t>,
    name: &str,
    when: Option<&Expr>,
    commands: &[TriggerCmd],
) -> Translated<(String, Body<'t>)> {
    let result = match (firing.time, firing.event) {
        (TriggerTime::After, _) => "RETURN NULL;",
        (TriggerTime::Before | TriggerTime::InsteadOf, Event::Delete) => "RETURN OLD;",
        (TriggerTime::Before | TriggerTime::InsteadOf, Event::Insert | Event::Update) => "RETURN NEW;",
    };
    let mut body = Body::new(firing, walk);
    let condition = when.map(|condition| walk.condition(condition)).transpose()?;
    body.end(walk);
    for command in commands {
        body.command(walk, command)?;
        body.end(walk);
    }
    body.judge_reads(when.is_some());
    let mut text = String::new();
    if !body.writes.is_empty() {
        let flag = flag(name);
        // SQLite does not fire a trigger again while it runs (recursive_triggers is off).
        text.extend([format!("  IF current_setting('{flag}', true) = 'on' THEN\n    {result}\n  END IF;\n")]);
        // What ends the trigger in its middle stands before the first line that writes.
        body.lines.insert(body.first_write, format!("PERFORM set_config('{flag}', 'on', true);"));
        body.lines.push(format!("PERFORM set_config('{flag}', 'off', true);"));
    }
    let indent = if condition.is_some() { "    " } else { "  " };
    let lines: String = body.lines.iter().flat_map(|line| [indent, line, "\n"]).collect();
    match condition {
        Some(condition) => text.extend([format!("  IF {condition} THEN\n{lines}  END IF;\n")]),
        None => text.push_str(&lines),
    }
    text.extend([format!("  {result}\n")]);
    if text.contains("$outgrow$") {
        return refuse("CREATE TRIGGER", "its text has the marks that its function is put between");
    }
    Ok((text, body))
}

/// The setting that says that the trigger is running.
fn flag(name: &str) -> String {
    let plain = name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign.to_string() } else { format!("_{:x}_", u32::from(sign)) });
    format!("outgrow.trigger_{}", plain.collect::<String>())
}
