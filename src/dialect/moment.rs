//! The arguments of the date and time functions: a moment, and what modifiers make of it.

use crate::value::{Conversion, Epoch, Fraction, Offset, PgType};

use super::fault::{Translated, refuse};
use super::typed::Typed;

/// A point in time as SQLite's functions have it: UTC, without a zone.
pub(super) struct Moment {
    /// A PostgreSQL `timestamp`.
    pub(super) sql: String,
    /// It may have digits below milliseconds, which SQLite rounds.
    pub(super) fine: bool,
}

/// The current time in UTC.
pub(super) const NOW: &str = "(now() at time zone 'utc')";

/// Reads a time value and its modifiers.
pub(super) fn moment(args: &[Typed], construct: &str) -> Translated<Moment> {
    let Some((value, modifiers)) = args.split_first() else {
        return Ok(Moment { sql: NOW.to_owned(), fine: false });
    };
    let (mut moment, modifiers) = match (value.constant_text(), &value.stored) {
        (Some(text), _) if text.eq_ignore_ascii_case("now") => (Moment { sql: NOW.to_owned(), fine: false }, modifiers),
        (Some(_), _) => return refuse(construct, "its time is a literal other than 'now'"),
        (None, Some(stored)) => stored_moment(&stored.sql, stored.conversion, stored.pg_type, modifiers, construct)?,
        (None, None) => return refuse(construct, "its argument is not a column with dates of one form"),
    };
    for modifier in modifiers {
        let Some(text) = modifier.constant_text() else { return refuse(construct, "a modifier is not a literal") };
        moment.sql = modified(&moment.sql, text, construct)?;
    }
    Ok(moment)
}

fn stored_moment<'a>(
    sql: &str,
    conversion: Option<Conversion>,
    pg_type: PgType,
    modifiers: &'a [Typed],
    construct: &str,
) -> Translated<(Moment, &'a [Typed])> {
    let fine = |fraction: Fraction| match fraction {
        Fraction::None => false,
        Fraction::Fixed(digits) | Fraction::Digits { count: digits, .. } | Fraction::DigitsOrNone { count: digits, .. } => digits > 3,
        Fraction::Trimmed => true,
    };
    match conversion {
        Some(Conversion::TextToDate) => Ok((Moment { sql: format!("{sql}::timestamp"), fine: false }, modifiers)),
        Some(Conversion::TextToTimestamp(form)) => Ok((Moment { sql: sql.to_owned(), fine: fine(form.time.fraction) }, modifiers)),
        Some(Conversion::TextToTimestamptz(form)) => match form.offset {
            // SQLite does not read an offset without a colon.
            Offset::Utc | Offset::Hours { .. } | Offset::Minutes { colon: false, .. } => {
                refuse(construct, "SQLite does not read an offset without a colon")
            }
            Offset::Naive | Offset::Z | Offset::Minutes { .. } => {
                Ok((Moment { sql: format!("({sql} at time zone 'UTC')"), fine: fine(form.time.fraction) }, modifiers))
            }
        },
        Some(Conversion::IntegerToTimestamptz(Epoch::Seconds)) => match modifiers.split_first() {
            Some((first, rest)) if first.constant_text().is_some_and(|text| text.eq_ignore_ascii_case("unixepoch")) => {
                Ok((Moment { sql: format!("({sql} at time zone 'UTC')"), fine: false }, rest))
            }
            Some(_) | None => refuse(construct, "an integer is a Julian day number without the modifier 'unixepoch'"),
        },
        _ => refuse(construct, format!("its argument is a {pg_type} column that holds no dates of one form")),
    }
}

/// What a modifier makes of the moment.
fn modified(sql: &str, modifier: &str, construct: &str) -> Translated<String> {
    let word = modifier.to_ascii_lowercase();
    match word.as_str() {
        "utc" | "localtime" => {
            return refuse(
                format!("{construct} with '{word}'"),
                "it depends on the time zone of the application's machine: write `at time zone` with that zone",
            );
        }
        "start of day" => return Ok(format!("date_trunc('day', {sql})")),
        "start of month" => return Ok(format!("date_trunc('month', {sql})")),
        "start of year" => return Ok(format!("date_trunc('year', {sql})")),
        _ => {}
    }
    let mut words = if word.trim() == word { word.split_whitespace() } else { "".split_whitespace() };
    if let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) {
        let count: Option<i32> = number.parse().ok();
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        if let (Some(count), "day" | "hour" | "minute" | "second") = (count, unit) {
            let moved = format!("({sql} + interval '{count} {unit}s')");
            if sql == NOW {
                return Ok(moved);
            }
            if count < 0 {
                return refuse(
                    format!("{construct} with '{word}'"),
                    "it could lead to before the year 1, which both sides write differently",
                );
            }
            // SQLite knows no time after the year 9999.
            return Ok(format!("(case when {moved} < timestamp '10000-01-01' then {moved} end)"));
        }
    }
    refuse(format!("{construct} with '{word}'"), "the modifier is not one that both sides compute alike")
}
