//! The triggers of UPDATE and DELETE: a new row is set to itself, and then deleted, on both sides.
//!
//! Only compares whether that is taken, and for what class of reason it is refused.

use super::behaviour::{Behaviour, Class};
use super::row::Legal;
use super::sides::{Change, Sides};
use super::subject::Subject;
use crate::catalog::quoted;
use crate::error::Result;
use crate::plan::Action;

/// Updates and deletes the row, where triggers of the plan fire then.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>) -> Result<()> {
    let subject = legal.row.subject;
    for (change, word, label) in [(Change::Update, "UPDATE", "update of"), (Change::Delete, "DELETE", "delete from")] {
        if !fires(sides, subject, word) {
            continue;
        }
        let probe = format!("{label} {}", subject.plan.source);
        let Some(key) = key(legal) else {
            sides.not_probed(&probe, "the new row has no key by which it could be found");
            continue;
        };
        let (source, target) = sides.change(&legal.series(), &key, change).await?;
        if !source.agrees(&target) && !is_explained(sides, &source) {
            sides.surprise(probe, source.without_key(), target.without_key());
        }
    }
    Ok(())
}

/// Whether the target has a trigger of the table for this event.
fn fires(sides: &Sides<'_>, subject: Subject<'_>, event: &str) -> bool {
    let source = &subject.table.name;
    let mut triggers = sides.found.catalog.triggers.iter().filter(|trigger| trigger.table.eq_ignore_ascii_case(source));
    triggers.any(|trigger| {
        let id = format!("trigger:{}", trigger.name);
        let step = sides.plan.steps.iter().find(|step| step.id == id && sides.present.has(&id));
        step.is_some_and(|step| match &step.action {
            Action::Run { sql, .. } => sql.iter().any(|sql| is_for(sql, &trigger.name, event)),
            Action::Copy { .. } => false,
        })
    })
}

/// Whether the statement makes this trigger, for this event.
fn is_for(sql: &str, name: &str, event: &str) -> bool {
    let head = sql.strip_prefix("CREATE TRIGGER ").and_then(|rest| rest.strip_prefix(quoted(name).as_str()));
    head.and_then(|head| head.split_whitespace().nth(1)).is_some_and(|word| word == event)
}

/// The positions of the columns by which the row is found; none where it isn't given a key.
fn key(legal: &Legal<'_>) -> Option<Vec<usize>> {
    let subject = legal.row.subject;
    let positions: Vec<usize> = match subject.identity() {
        Some(identity) => vec![identity],
        None => subject.columns().map(|(position, _)| position).filter(|position| subject.in_primary_key(*position)).collect(),
    };
    let given = !positions.is_empty() && positions.iter().all(|position| legal.row.cell(*position).is_some());
    given.then_some(positions)
}

/// A trigger that was not translated says no on the source only, or calls a function there that only the application has.
fn is_explained(sides: &Sides<'_>, source: &Behaviour) -> bool {
    (source.is_refused(&Class::Trigger) || source.is_refused(&Class::Other(None)))
        && sides.found.catalog.triggers.iter().any(|trigger| !sides.present.has(&format!("trigger:{}", trigger.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_read_behind_the_name() {
        let sql = "CREATE TRIGGER \"a BEFORE DELETE\" AFTER UPDATE OF \"x\" ON t FOR EACH ROW EXECUTE FUNCTION f()";
        assert!(is_for(sql, "a BEFORE DELETE", "UPDATE"));
        assert!(!is_for(sql, "a BEFORE DELETE", "DELETE"));
        assert!(!is_for("CREATE FUNCTION \"a\" AFTER UPDATE", "a", "UPDATE"));
    }
}
