//! Triggers that fire each other: those of a view that a trigger writes to, and those that lead back to its own table.

use crate::catalog::Trigger;
use crate::dialect::{TriggerSql, Untranslatable, fired_by};

use super::policy::TriggerRule;

/// A trigger of the source and what was made of it.
pub(super) type Made<'a> = (&'a Trigger, Result<TriggerSql, Untranslatable>);

/// Takes back triggers that rely on others which do not come across, or which touch their own table behind them.
pub(super) fn judge(triggers: &[Trigger], all: &mut [Made<'_>], rule: TriggerRule) {
    while let Some((at, why)) = (0..all.len()).find_map(|at| Some((at, missing(triggers, all, at)?))) {
        if let Some((_, made)) = all.get_mut(at) {
            *made = Err(why);
        }
    }
    let back: Vec<usize> = (0..all.len()).filter(|at| leads_back(all, *at)).collect();
    for at in back {
        let Some((_, made)) = all.get_mut(at) else { continue };
        let Ok(sql) = made else { continue };
        let why = Untranslatable {
            construct: "trigger that leads back to its own table".to_owned(),
            reason:
                "what it writes fires a trigger that reads or writes the table; PostgreSQL has changed all rows of the statement by then, \
                     SQLite the row at hand"
                    .to_owned(),
        };
        if sql.after && rule == TriggerRule::SingleRow {
            sql.single_row = Some(why);
        } else {
            *made = Err(why);
        }
    }
}

/// Why a view that the trigger writes to would not do what it does in the source.
fn missing(triggers: &[Trigger], all: &[Made<'_>], at: usize) -> Option<Untranslatable> {
    let (_, Ok(sql)) = all.get(at)? else { return None };
    sql.through.iter().find_map(|(view, event)| {
        let of_view = triggers.iter().filter(|trigger| trigger.table.eq_ignore_ascii_case(view));
        let mut fired = of_view.filter(|trigger| fired_by(trigger).iter().any(|(fired_by, _)| fired_by == event));
        let comes = |trigger: &Trigger| all.iter().any(|(other, made)| other.name == trigger.name && made.is_ok());
        let lost = fired.find(|trigger| !comes(trigger))?;
        Some(Untranslatable {
            construct: format!("writing to view {view}"),
            reason: format!("the view's trigger {} does not come across", lost.name),
        })
    })
}

/// Whether what the trigger writes elsewhere fires triggers that read or write its own table.
fn leads_back(all: &[Made<'_>], at: usize) -> bool {
    let Some((trigger, Ok(sql))) = all.get(at) else { return false };
    // The triggers of a table on its way to a row are called at once, on both sides; a view's own ones, too.
    if !sql.after && sql.through.is_empty() {
        return false;
    }
    let mut seen = vec![trigger.table.to_ascii_lowercase()];
    let mut waiting: Vec<&String> = sql.writes.iter().collect();
    while let Some(table) = waiting.pop() {
        let name = table.to_ascii_lowercase();
        if seen.contains(&name) {
            continue;
        }
        for (_, made) in all.iter().filter(|(other, _)| other.table.eq_ignore_ascii_case(&name) && other.name != trigger.name) {
            // What does not come across does nothing.
            let Ok(made) = made else { continue };
            if made.uses.iter().chain(&made.writes).any(|touched| touched.eq_ignore_ascii_case(&trigger.table)) {
                return true;
            }
            waiting.extend(&made.writes);
        }
        seen.push(name);
    }
    false
}
