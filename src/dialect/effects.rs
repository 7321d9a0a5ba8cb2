//! What a trigger fires on and what it writes, as its text says: for probing it, not for translating it.

use std::collections::{BTreeMap, BTreeSet};

use turso_parser::ast::{OneSelect, ResultColumn, Select, Set, Stmt, TriggerCmd, TriggerEvent, TriggerTime, UpsertDo};

use crate::catalog::{Trigger, quoted};

use super::parse;

/// What fires a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FiredBy {
    /// INSERT.
    Insert,
    /// UPDATE, of some columns or of any.
    Update,
    /// DELETE.
    Delete,
}

/// What a trigger fires on and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    /// The statement that fires it.
    pub fired_by: FiredBy,
    /// What it writes, statement by statement.
    pub writes: Vec<Written>,
    head: String,
}

/// What one statement of a trigger writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The table or view, in lower case.
    pub table: String,
    /// The expression that each column gets, by the column's name in lower case.
    pub columns: BTreeMap<String, String>,
    /// Of columns whose expression can't be told apart from others: the whole text.
    pub others: Option<String>,
}

impl Effects {
    /// A temporary trigger that fires when this one does and has another body.
    pub fn beside(&self, name: &str, body: &str) -> String {
        format!("CREATE TEMP TRIGGER {} {} BEGIN {body}; END", quoted(name), self.head)
    }
}

/// What fires a trigger, and the columns of UPDATE OF in lower case; all three statements where its text can't be read.
pub fn fired_by(trigger: &Trigger) -> Vec<(FiredBy, BTreeSet<String>)> {
    let Ok(Stmt::CreateTrigger { event, .. }) = parse::statement(&trigger.sql) else {
        return [FiredBy::Insert, FiredBy::Update, FiredBy::Delete].map(|fired_by| (fired_by, BTreeSet::new())).to_vec();
    };
    vec![match event {
        TriggerEvent::Insert => (FiredBy::Insert, BTreeSet::new()),
        TriggerEvent::Delete => (FiredBy::Delete, BTreeSet::new()),
        TriggerEvent::Update => (FiredBy::Update, BTreeSet::new()),
        TriggerEvent::UpdateOf(columns) => (FiredBy::Update, columns.iter().map(|column| column.as_str().to_ascii_lowercase()).collect()),
    }]
}

/// What a trigger fires on and writes; none where its text can't be read.
pub fn effects(trigger: &Trigger) -> Option<Effects> {
    let Ok(Stmt::CreateTrigger { time, event, tbl_name, when_clause, commands, .. }) = parse::statement(&trigger.sql) else {
        return None;
    };
    let time = match time.unwrap_or(TriggerTime::Before) {
        TriggerTime::Before => "BEFORE",
        TriggerTime::After => "AFTER",
        TriggerTime::InsteadOf => "INSTEAD OF",
    };
    let (fired_by, event) = match event {
        TriggerEvent::Insert => (FiredBy::Insert, "INSERT".to_owned()),
        TriggerEvent::Delete => (FiredBy::Delete, "DELETE".to_owned()),
        TriggerEvent::Update => (FiredBy::Update, "UPDATE".to_owned()),
        TriggerEvent::UpdateOf(columns) => {
            let columns: Vec<String> = columns.iter().map(|column| quoted(column.as_str())).collect();
            (FiredBy::Update, format!("UPDATE OF {}", columns.join(", ")))
        }
    };
    let when = when_clause.map_or_else(String::new, |condition| format!(" WHEN ({condition})"));
    let head = format!("{time} {event} ON main.{} FOR EACH ROW{when}", quoted(tbl_name.name.as_str()));
    Some(Effects { fired_by, writes: commands.iter().filter_map(written).collect(), head })
}

fn written(command: &TriggerCmd) -> Option<Written> {
    match command {
        TriggerCmd::Update { tbl_name, sets, from, .. } => {
            let mut written = Written { table: tbl_name.as_str().to_ascii_lowercase(), ..Written::default() };
            written.set(sets);
            // What the values come from says something about each.
            let from = from.as_ref().map(ToString::to_string);
            written.columns.values_mut().for_each(|text| text.extend(from.iter().flat_map(|from| [" ", from.as_str()])));
            Some(written)
        }
        TriggerCmd::Insert { tbl_name, col_names, select, upsert, .. } => {
            let mut written = Written { table: tbl_name.as_str().to_ascii_lowercase(), ..Written::default() };
            let names: Vec<String> = col_names.iter().map(|name| name.as_str().to_ascii_lowercase()).collect();
            if !written.insert(&names, select) {
                written.others = Some(select.to_string());
            }
            let mut upsert = upsert.as_deref();
            while let Some(clause) = upsert {
                if let UpsertDo::Set { sets, .. } = &clause.do_clause {
                    written.set(sets);
                }
                upsert = clause.next.as_deref();
            }
            Some(written)
        }
        TriggerCmd::Delete { tbl_name, .. } => Some(Written { table: tbl_name.as_str().to_ascii_lowercase(), ..Written::default() }),
        TriggerCmd::Select(_) => None,
    }
}

impl Written {
    fn give(&mut self, column: &str, text: &str) {
        let known = self.columns.entry(column.to_ascii_lowercase()).or_default();
        known.extend([" ", text]);
    }

    fn set(&mut self, sets: &[Set]) {
        for set in sets {
            for name in &set.col_names {
                self.give(name.as_str(), &set.expr.to_string());
            }
        }
    }

    /// Gives the named columns the values of each arm, by position. False where they can't be told apart.
    fn insert(&mut self, names: &[String], select: &Select) -> bool {
        if names.is_empty() || select.with.is_some() {
            return false;
        }
        let arms = std::iter::once(&select.body.select).chain(select.body.compounds.iter().map(|compound| &compound.select));
        for arm in arms {
            let rows: Vec<Vec<String>> = match arm {
                OneSelect::Values(rows) => rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect(),
                // What the rows come from says something about each value.
                OneSelect::Select { columns, from, .. } => {
                    let source = from.as_ref().map(ToString::to_string).unwrap_or_default();
                    let text = |column: &ResultColumn| match column {
                        ResultColumn::Expr(expr, _) => Some(format!("{expr} {source}")),
                        ResultColumn::Star | ResultColumn::TableStar(_) => None,
                    };
                    let Some(row) = columns.iter().map(text).collect::<Option<Vec<String>>>() else { return false };
                    vec![row]
                }
            };
            for row in rows {
                if row.len() != names.len() {
                    return false;
                }
                names.iter().zip(&row).for_each(|(name, text)| self.give(name, text));
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Effects {
        effects(&Trigger { name: "t".to_owned(), table: "notes".to_owned(), sql: sql.to_owned() }).unwrap()
    }

    #[test]
    fn says_what_each_column_gets() {
        let found = of("CREATE TRIGGER t UPDATE OF a, \"b c\" ON notes WHEN new.a > 1 BEGIN \
             INSERT INTO Log(A, b) VALUES (1, new.b), (2, datetime('now')); UPDATE o SET (x, y) = (3, 4) WHERE z; DELETE FROM p; \
             INSERT INTO q SELECT * FROM notes; SELECT RAISE(ABORT, 'no'); END");
        assert_eq!(found.fired_by, FiredBy::Update);
        let tables: Vec<&str> = found.writes.iter().map(|written| written.table.as_str()).collect();
        assert_eq!(tables, ["log", "o", "p", "q"]);
        let log = found.writes.first().unwrap();
        assert!(log.columns["a"].contains('2') && log.columns["b"].contains("'now'") && log.others.is_none());
        assert!(found.writes[3].others.as_deref().unwrap().contains("notes"));
        let beside = found.beside("w", "SELECT 1");
        assert!(beside.starts_with("CREATE TEMP TRIGGER \"w\" BEFORE UPDATE OF \"a\", \"b c\" ON main.\"notes\""), "{beside}");
    }
}
