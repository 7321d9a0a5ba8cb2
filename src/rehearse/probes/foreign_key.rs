//! Foreign keys: a row whose parent doesn't exist is refused on both sides.

use super::behaviour::{Behaviour, Class};
use super::invent::{FAR, invent};
use super::not_null::settle;
use super::row::{Legal, Row, parent_columns};
use super::sides::{Sides, is_exact};
use super::subject::Subject;
use crate::catalog::{Deferral, ForeignKey};
use crate::error::Result;

/// Probes every foreign key of the table that the target has.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>) -> Result<()> {
    let subject = legal.row.subject;
    for key in &subject.table.foreign_keys {
        if !sides.present.has(&format!("foreign-key:{}:{}", subject.table.name, key.id)) {
            continue;
        }
        let columns: Vec<&str> = key.columns.iter().map(|pair| pair.child.as_str()).collect();
        let place = format!("{}.{}", subject.plan.source, columns.join("+"));
        let Some(row) = orphan(sides, legal, subject, key) else {
            sides.not_probed(&format!("foreign key {place}"), "no value was found that is no parent's");
            continue;
        };
        let series = legal.with(row);
        let source = match key.deferral {
            Deferral::Immediate => sides.on_source(&series)?.behaviour,
            // A commit would refuse it, and nothing is committed here.
            Deferral::Deferred => Behaviour::Refused(Class::ForeignKey),
        };
        if source.is_refused(&Class::ForeignKey) {
            let target = sides.on_target(&series).await?.behaviour;
            settle(sides, format!("no parent for {place}"), &source, &target);
        } else {
            sides.not_probed(&format!("foreign key {place}"), &format!("a row without parent was {} on SQLite", source.without_key()));
        }
    }
    Ok(())
}

/// The legal row with a parent that doesn't exist.
fn orphan<'a>(sides: &Sides<'a>, legal: &Legal<'a>, subject: Subject<'a>, key: &ForeignKey) -> Option<Row<'a>> {
    let parent = sides.subject(&key.parent)?;
    let mut row = legal.row.clone();
    for (child, column) in subject.children(key)?.into_iter().zip(parent_columns(parent, key)?) {
        if subject.is_generated(child) {
            return None;
        }
        let value = invent(parent, column, row.cell(child), FAR).or_else(|| invent(subject, child, row.cell(child), FAR))?;
        if !is_exact(subject.plan.columns.get(child)?, &value) {
            return None;
        }
        row.set(child, value);
    }
    Some(row)
}
