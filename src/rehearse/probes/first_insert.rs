//! The first insert: a row by its defaults and identity, as the application will make it on the day after.

use super::behaviour::Behaviour;
use super::defaults;
use super::row::Legal;
use super::sides::{Sides, Tried};
use super::subject::Subject;
use crate::error::Result;
use crate::value::Value;

/// Inserts the row on both sides and compares what they did, the new key and the defaults. Says whether both took it.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, subject: Subject<'a>, legal: &Legal<'a>) -> Result<bool> {
    let series = legal.series();
    let source = sides.on_source(&series)?;
    let target = sides.on_target(&series).await?;
    let probe = format!("first insert into {}", subject.plan.source);
    // The application's own sequences may stand further on.
    let ahead = sides.plan.existing.is_some() || subject.plan.rows_where.is_some();
    let same = source.behaviour.agrees(&target.behaviour) && keys_agree(ahead, legal, &source, &target);
    if same {
        sides.report.first_inserts += 1;
    } else {
        sides.surprise(probe, source.behaviour.to_string(), target.behaviour.to_string());
    }
    if target.behaviour.is_accepted() {
        defaults::compare(sides, legal, &source.stored, &target.stored);
    }
    Ok(target.behaviour.is_accepted())
}

fn keys_agree(ahead: bool, legal: &Legal<'_>, source: &Tried<Value>, target: &Tried<Option<Vec<u8>>>) -> bool {
    let (Behaviour::Accepted { key: Some(source) }, Behaviour::Accepted { key }) = (&source.behaviour, &target.behaviour) else {
        return true;
    };
    // A row of the same table that went before it with a key of its own moves SQLite's next key and not a sequence's.
    let moved = legal.before.iter().any(|row| row.subject.plan.source == legal.row.subject.plan.source);
    // Below zero SQLite counts on, where the plan lets a sequence begin at 1.
    let moved = moved || *source < 1;
    // A sequence begins above the rows that are left out, too.
    let above = ahead && key.is_some_and(|key| key > *source);
    moved || above || *key == Some(*source)
}
