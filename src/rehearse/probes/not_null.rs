//! NOT NULL: a row without a value is refused on both sides.

use super::behaviour::{Behaviour, Class};
use super::row::Legal;
use super::sides::Sides;
use crate::error::Result;
use crate::value::Value;

/// Probes every column that is NOT NULL on both sides; the legal row was proven by the first insert.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>) -> Result<()> {
    let subject = legal.row.subject;
    for (position, column) in subject.columns() {
        // An identity takes NULL for the next number on SQLite only, and no application relies on sending it.
        if !column.not_null || column.identity.is_some() || subject.is_generated(position) {
            continue;
        }
        let mut row = legal.row.clone();
        row.set(position, Value::Null);
        let series = legal.with(row);
        let source = sides.on_source(&series)?.behaviour;
        if !source.is_refused(&Class::NotNull) {
            // ON CONFLICT REPLACE or a trigger puts a value there; the report names both.
            continue;
        }
        let target = sides.on_target(&series).await?.behaviour;
        let probe = format!("NULL into {}.{}", subject.plan.source, column.source);
        settle(sides, probe, &source, &target);
    }
    Ok(())
}

/// Counts a constraint that both sides keep, and notes one that they don't.
pub(super) fn settle(sides: &mut Sides<'_>, probe: String, source: &Behaviour, target: &Behaviour) {
    sides.report.constraints += 1;
    if !source.agrees(target) {
        sides.surprise(probe, source.without_key(), target.without_key());
    }
}
