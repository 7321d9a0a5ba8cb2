//! Triggers that do nothing but keep an index in step: what they write.

use std::collections::BTreeSet;

use turso_parser::ast::{Stmt, TriggerCmd};

use crate::catalog::Trigger;

use super::fault::Translated;
use super::parse;

/// What a trigger writes, where it does nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// The tables that it inserts into, changes or deletes from, in lower case.
    pub writes: BTreeSet<String>,
    /// Whether it fires for some rows only.
    pub conditional: bool,
}

/// What a trigger writes; none where it can't be read, writes nothing, or can refuse what the application does.
///
/// A SELECT beside the writes is taken for a call of the index's own functions (SpatiaLite's `RTreeAlign`).
pub fn upkeep(trigger: &Trigger) -> Option<Upkeep> {
    let read = read(trigger).ok()?;
    let refuses = trigger.sql.to_ascii_lowercase().contains("raise");
    (!read.writes.is_empty() && !refuses).then_some(read)
}

fn read(trigger: &Trigger) -> Translated<Upkeep> {
    let mut upkeep = Upkeep { writes: BTreeSet::new(), conditional: false };
    let Stmt::CreateTrigger { when_clause, commands, .. } = parse::statement(&trigger.sql)? else { return Ok(upkeep) };
    upkeep.conditional = when_clause.is_some();
    for command in commands {
        match command {
            TriggerCmd::Insert { tbl_name, .. } | TriggerCmd::Update { tbl_name, .. } | TriggerCmd::Delete { tbl_name, .. } => {
                upkeep.writes.insert(tbl_name.as_str().to_ascii_lowercase());
            }
            TriggerCmd::Select(_) => {}
        }
    }
    Ok(upkeep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Option<(Vec<String>, bool)> {
        let sql = format!("CREATE TRIGGER t AFTER UPDATE ON notes {body} END");
        let found = upkeep(&Trigger { name: "t".to_owned(), table: "notes".to_owned(), sql });
        found.map(|found| (found.writes.into_iter().collect(), found.conditional))
    }

    #[test]
    fn tells_what_is_written() {
        let fts = "INSERT INTO Fts(Fts, rowid, a) VALUES ('delete', old.id, old.a); INSERT INTO Fts(rowid, a) VALUES (new.id, new.a);";
        assert_eq!(of(&format!("BEGIN {fts}")), Some((vec!["fts".to_owned()], false)));
        assert_eq!(of(&format!("WHEN new.a > 1 BEGIN {fts} DELETE FROM \"o\";")), Some((vec!["fts".to_owned(), "o".to_owned()], true)));
        assert_eq!(
            of("BEGIN DELETE FROM i WHERE id = old.id; SELECT RTreeAlign('i', new.id, new.g);"),
            Some((vec!["i".to_owned()], false))
        );
        assert_eq!(of("BEGIN SELECT f(1);"), None);
        assert_eq!(of("BEGIN DELETE FROM i; SELECT RAISE(ABORT, 'no');"), None);
        assert_eq!(of("BEGIN nonsense;"), None);
    }
}
