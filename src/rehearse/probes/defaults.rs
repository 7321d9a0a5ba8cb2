//! Defaults: each evaluates on PostgreSQL, and gives what SQLite stores.

use super::row::{Legal, has_default};
use super::sides::Sides;
use super::subject::Subject;
use crate::catalog::quoted;
use crate::error::Result;
use crate::plan::ColumnPlan;
use crate::postgres::failed;
use crate::value::{Fraction, TextShape, Value, ValueRef};

/// Compares the defaults that the row's insert evaluated on both sides.
pub(super) fn compare(sides: &mut Sides<'_>, legal: &Legal<'_>, source: &[Value], target: &[Option<Vec<u8>>]) {
    let subject = legal.row.subject;
    for (position, column) in subject.columns() {
        let (Some(text), None) = (default_of(sides, subject, position), legal.row.cells.get(position).and_then(Option::as_ref)) else {
            continue;
        };
        let (Some(stored), Some(field)) = (source.get(position), target.get(position)) else { continue };
        sides.report.defaults += 1;
        let mut scratch = Vec::new();
        let expected = column.settle(stored.as_ref(), &mut scratch).value;
        let mut scratch = Vec::new();
        let probe = format!("default of {}.{}", subject.plan.source, column.source);
        match column.decode(field.as_deref(), &mut scratch) {
            Err(_) => sides.surprise(probe, class_of(expected), "a value that SQLite would have in another form"),
            Ok(value) if is_volatile(&text) && !same_form(expected, value) => {
                sides.surprise(probe, class_of(expected), format!("{} of another class or form", class_of(value)));
            }
            Ok(value) if !is_volatile(&text) && value != expected => {
                sides.surprise(probe, class_of(expected), format!("another value: {}", class_of(value)));
            }
            Ok(_) => {}
        }
    }
}

/// Evaluates the defaults of the columns that the row gives a value.
pub(super) async fn evaluate(sides: &mut Sides<'_>, subject: Subject<'_>, legal: Option<&Legal<'_>>) -> Result<()> {
    for (position, column) in subject.columns() {
        let given = legal.is_none_or(|legal| legal.row.cells.get(position).is_some_and(Option::is_some));
        if default_of(sides, subject, position).is_none() || !given {
            continue;
        }
        sides.report.defaults += 1;
        if let Some(code) = refusal(sides, column).await? {
            sides.surprise(
                format!("default of {}.{}", subject.plan.source, column.source),
                "evaluated",
                format!("refused: SQLSTATE {code}"),
            );
        }
    }
    Ok(())
}

async fn refusal(sides: &Sides<'_>, column: &ColumnPlan) -> Result<Option<String>> {
    let Some(default) = &column.default else { return Ok(None) };
    let schema = quoted(&sides.plan.schema);
    sides.run("begin").await?;
    let sql = format!("set local search_path = {schema}; select ({default})::{}", column.pg_type());
    let evaluated = sides.session.client().batch_execute(&sql).await;
    sides.run("rollback").await?;
    match evaluated {
        Ok(()) => Ok(None),
        Err(error) => match error.as_db_error() {
            Some(refusal) => Ok(Some(refusal.code().code().to_owned())),
            None => Err(failed("evaluate a default", error)),
        },
    }
}

/// The source's text of a default that the target has too; a column that the database numbers uses none.
fn default_of(sides: &Sides<'_>, subject: Subject<'_>, position: usize) -> Option<String> {
    let column = subject.plan.columns.get(position)?;
    let text = subject.table.columns.get(position)?.default.clone()?;
    (column.identity.is_none() && has_default(sides, subject, column)).then_some(text)
}

/// Whether a default gives another value each time.
fn is_volatile(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    // SQLite refuses a column in a default, so that a call or one of these words is all that can vary.
    let is_string = text.starts_with('\'') || text.starts_with('"');
    !is_string
        && (text.starts_with("current_")
            || text.contains('(')
                && ["now", "date", "time", "day", "random", "unixepoch", "current_"].iter().any(|word| text.contains(word)))
}

fn class_of(value: ValueRef<'_>) -> &'static str {
    value.class().name()
}

/// Whether two values are of the same class, and two moments written alike.
fn same_form(one: ValueRef<'_>, other: ValueRef<'_>) -> bool {
    match (one, other) {
        (ValueRef::Text(one), ValueRef::Text(other)) => match (TextShape::of(one), TextShape::of(other)) {
            (TextShape::Timestamp(one), TextShape::Timestamp(other)) => {
                one.separator == other.separator
                    && one.offset == other.offset
                    && one.time.seconds == other.time.seconds
                    && digits(one.time.fraction) == digits(other.time.fraction)
            }
            (TextShape::Time(one), TextShape::Time(other)) => {
                one.seconds == other.seconds && digits(one.fraction) == digits(other.fraction)
            }
            (TextShape::Date, other) => other == TextShape::Date,
            // What chance makes of hexadecimal digits may look like anything.
            (_, TextShape::Date | TextShape::Time(_) | TextShape::Timestamp(_)) | (TextShape::Time(_) | TextShape::Timestamp(_), _) => {
                false
            }
            (_, _) => true,
        },
        (one, other) => one.class() == other.class(),
    }
}

fn digits(fraction: Fraction) -> Option<u8> {
    match fraction {
        Fraction::None => Some(0),
        Fraction::Fixed(count) | Fraction::Digits { count, .. } => Some(count),
        // As many as there are.
        Fraction::DigitsOrNone { .. } | Fraction::Trimmed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_varies_and_a_constant_does_not() {
        for text in ["CURRENT_TIMESTAMP", "(datetime('now'))", "(lower(hex(randomblob(16))))", "(strftime('%s'))"] {
            assert!(is_volatile(text), "{text}");
        }
        for text in ["1", "'now (or never)'", "'random'", "(1 + 1)", "NULL", "\"date()\""] {
            assert!(!is_volatile(text), "{text}");
        }
    }

    #[test]
    fn moments_are_compared_by_form_and_not_by_value() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        assert!(same_form(text("2026-01-01 10:00:00"), text("1999-12-31 23:59:59")));
        assert!(!same_form(text("2026-01-01 10:00:00"), text("1999-12-31T23:59:59Z")));
        assert!(!same_form(text("2026-01-01 10:00:00"), text("plain")));
        assert!(same_form(text("2026-01-01 10:00:00.120"), text("2026-01-01 10:00:00.123")));
        assert!(!same_form(text("1"), ValueRef::Integer(1)));
        assert!(same_form(text("0a1b"), text("12")));
    }
}
