//! Unique keys and indexes: what an existing row has is refused or taken alike on both sides.

use super::behaviour::Class;
use super::invent::{FAR, invent};
use super::not_null::settle;
use super::row::{Legal, Row, renumber};
use super::sides::{Sides, is_exact};
use super::subject::UniqueKey;
use crate::error::Result;
use crate::value::Value;

/// Probes every unique key that the target has. `samples` are existing rows.
pub(super) async fn probe<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>, samples: &[Vec<Value>]) -> Result<()> {
    let subject = legal.row.subject;
    let clauses = &sides.why.conflict_clauses;
    if clauses.iter().any(|clause| clause.table == subject.plan.source) {
        sides.not_probed(&format!("unique keys of {}", subject.plan.source), "ON CONFLICT clauses, which PostgreSQL doesn't have");
        return Ok(());
    }
    for key in subject.unique_keys() {
        if !sides.present.has(&key.step) {
            continue;
        }
        let name = format!("{} of {}", key.label, subject.plan.source);
        if !one(sides, legal, samples, &key, &name).await? {
            sides.not_probed(&name, "no row was found that SQLite refuses for it");
        }
    }
    Ok(())
}

/// Tries rows with the key of an existing one until SQLite refuses one; each, whatever SQLite did, on PostgreSQL too.
///
/// A row that SQLite takes is a legal one: outside a partial index, or differing in case.
async fn one<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>, samples: &[Vec<Value>], key: &UniqueKey, name: &str) -> Result<bool> {
    let mut refused = false;
    let mut taken = false;
    for series in attempts(legal, samples, key) {
        let source = sides.on_source(&series)?.behaviour;
        let is_refusal = source.is_refused(&Class::Unique);
        let tells_something = (is_refusal && !refused) || (source.is_accepted() && !taken);
        if !tells_something {
            continue;
        }
        let target = sides.on_target(&series).await?.behaviour;
        refused |= is_refusal;
        taken |= source.is_accepted();
        if is_refusal {
            settle(sides, format!("a second row in {name}"), &source, &target);
        } else if !source.agrees(&target) {
            sides.surprise(format!("another row in {name}"), source.without_key(), target.without_key());
        }
        if refused && taken {
            break;
        }
    }
    // Texts that differ in case are another matter than equal ones, and both sides have to agree on it.
    if refused {
        case(sides, legal, samples, key, name).await?;
    }
    Ok(refused)
}

/// Rows with the key of an existing one, or of a legal one that goes before where there is none.
fn attempts<'a>(legal: &Legal<'a>, samples: &[Vec<Value>], key: &UniqueKey) -> Vec<Vec<Row<'a>>> {
    let mut all: Vec<Vec<Row<'a>>> = samples.iter().filter_map(|sample| duplicate(legal, sample, key)).map(|row| legal.with(row)).collect();
    let subject = legal.row.subject;
    let filled: Vec<Value> = legal.row.cells.iter().map(|cell| cell.clone().unwrap_or(Value::Null)).collect();
    if let Some(second) = duplicate(legal, &filled, key) {
        // A key over columns that the legal row leaves out: the same made-up value in both rows.
        let mut first = legal.row.clone();
        let mut second = second;
        for position in key.columns.iter().flatten() {
            if first.cell(*position).is_none()
                && let Some(value) = invent(subject, *position, None, 11)
            {
                first.set(*position, value.clone());
                second.set(*position, value);
            }
        }
        let by_number = subject.identity().is_some_and(|number| key.columns.iter().flatten().any(|position| *position == number));
        if !by_number && subject.identity().is_some_and(|number| !subject.is_child(number)) {
            renumber(&mut first, FAR / 5);
        }
        let mut series = legal.with(first);
        series.push(second);
        all.push(series);
    }
    all
}

/// The existing row once more, with every other unique key altered.
fn duplicate<'a>(legal: &Legal<'a>, sample: &[Value], key: &UniqueKey) -> Option<Row<'a>> {
    let subject = legal.row.subject;
    let mut row = legal.row.clone();
    // An expression, a condition or a computed column may look at any column.
    let whole = key.partial || key.columns.as_ref().is_none_or(|columns| columns.iter().any(|position| subject.is_generated(*position)));
    for (position, column) in subject.columns() {
        let in_key = whole || key.columns.as_ref().is_some_and(|columns| columns.contains(&position));
        let named = key.columns.as_ref().is_some_and(|columns| columns.contains(&position));
        if subject.is_generated(position) || !in_key || (column.identity.is_some() && !named) {
            continue;
        }
        let value = sample.get(position)?;
        if !is_exact(column, value) {
            return None;
        }
        // A cell that is left out keeps its default unless the key wants it.
        if !matches!(value, Value::Null) || named {
            row.set(position, value.clone());
        }
    }
    if whole {
        alter_others(&mut row, key);
    }
    Some(row)
}

/// Alters the other keys of a row that was copied as a whole.
fn alter_others(row: &mut Row<'_>, key: &UniqueKey) {
    let subject = row.subject;
    for columns in subject.unique_keys().into_iter().filter(|other| other.label != key.label).filter_map(|other| other.columns) {
        let free = columns.iter().find(|position| key.columns.as_ref().is_some_and(|own| !own.contains(position)));
        let value = free.and_then(|position| invent(subject, *position, row.cell(*position), 13).map(|value| (*position, value)));
        if let Some((position, value)) = value {
            row.set(position, value);
        }
    }
}

/// A row that differs from an existing one in the case of a text of the key: both sides do the same.
async fn case<'a>(sides: &mut Sides<'a>, legal: &Legal<'a>, samples: &[Vec<Value>], key: &UniqueKey, name: &str) -> Result<()> {
    let Some(columns) = &key.columns else { return Ok(()) };
    for sample in samples {
        let Some(mut row) = duplicate(legal, sample, key) else { continue };
        let swapped = columns.iter().find_map(|position| {
            let column = row.subject.plan.columns.get(*position)?;
            let value = swapped_case(row.cell(*position)?)?;
            // A text with a form of its own may have only one case.
            is_exact(column, &value).then_some((*position, value))
        });
        let Some((position, value)) = swapped else { continue };
        row.set(position, value);
        let series = legal.with(row);
        let source = sides.on_source(&series)?.behaviour;
        if !source.is_accepted() && !source.is_refused(&Class::Unique) {
            continue;
        }
        let target = sides.on_target(&series).await?.behaviour;
        if !source.agrees(&target) {
            sides.surprise(format!("another case of a text in {name}"), source.without_key(), target.without_key());
        }
        return Ok(());
    }
    Ok(())
}

/// The text with the case of its ASCII letters swapped; none where it has none.
fn swapped_case(value: &Value) -> Option<Value> {
    let Value::Text(bytes) = value else { return None };
    let swap = |byte: &u8| if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    bytes.iter().any(u8::is_ascii_alphabetic).then(|| Value::Text(bytes.iter().map(swap).collect()))
}
