//! Comparison: affinities applied as SQLite does, collations, and the narrowest form that compares the same.

use crate::catalog::Affinity;
use crate::value::{Conversion, Fraction, Offset, PgType, Separator, TimeForm, TimestampForm};

use super::constant::{Constant, EXACT_IN_DOUBLE, decimal_text, text_sql};
use super::fault::{Translated, refuse};
use super::json_value::{element_pair, rank};
use super::shim::call;
use super::stored::{equatable, ordered};
use super::typed::{Class, Collation, Typed};

/// What two values are compared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Equality,
    Order,
}

/// `left op right` as a condition; `op` is a comparison operator that both dialects share.
pub(super) fn comparison(left: &Typed, op: &str, right: &Typed) -> Translated<Typed> {
    if left.class == Class::Null || right.class == Class::Null {
        return Ok(Typed::computed("NULL::boolean", Class::Condition));
    }
    if let Some(sql) = truth(left, op, right).or_else(|| truth(right, op, left)) {
        return Ok(Typed::computed(sql, Class::Condition));
    }
    let purpose = if matches!(op, "=" | "<>") { Purpose::Equality } else { Purpose::Order };
    let (left, right) = pair(left, right, purpose)?;
    Ok(Typed::computed(format!("({left} {op} {right})"), Class::Condition))
}

/// `left IS right` or `left IS NOT right`.
pub(super) fn identity(left: &Typed, negated: bool, right: &Typed) -> Translated<Typed> {
    if right.class == Class::Null {
        return Ok(null_test(left, negated));
    }
    if left.class == Class::Null {
        return Ok(null_test(right, negated));
    }
    let (left, right) = pair(left, right, Purpose::Equality)?;
    // IS says NOT DISTINCT.
    let distinct = if negated { "IS DISTINCT FROM" } else { "IS NOT DISTINCT FROM" };
    Ok(Typed::computed(format!("({left} {distinct} {right})"), Class::Condition))
}

/// `value IS NULL`, or its opposite.
pub(super) fn null_test(value: &Typed, negated: bool) -> Typed {
    let sql = value.stored.as_ref().map_or(&value.sql, |stored| &stored.sql);
    Typed::computed(format!("({sql} IS {}NULL)", if negated { "NOT " } else { "" }), Class::Condition)
}

/// A condition compared with 0 or 1 is the condition or its negation.
fn truth(condition: &Typed, op: &str, constant: &Typed) -> Option<String> {
    if condition.class != Class::Condition || condition.constant.is_some() {
        return None;
    }
    let one = match constant.constant_integer()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    match op {
        "=" => Some(if one { condition.sql.clone() } else { format!("(NOT {})", condition.sql) }),
        "<>" => Some(if one { format!("(NOT {})", condition.sql) } else { condition.sql.clone() }),
        _ => None,
    }
}

/// Both operands in texts of one type that compare in PostgreSQL as the values did in SQLite.
pub(super) fn pair(left: &Typed, right: &Typed, purpose: Purpose) -> Translated<(String, String)> {
    let collation = comparison_collation(left, right);
    if left.element {
        return element_pair(left, right, purpose, collation);
    }
    if right.element {
        return element_pair(right, left, purpose, collation).map(|(right, left)| (left, right));
    }
    if let Some(stored) = stored_pair(left, right, purpose, collation) {
        return Ok(stored);
    }
    if let Some(sides) = number_and_text(left, right)? {
        return Ok(sides);
    }
    if let Some((text, number)) = number_and_text(right, left)? {
        return Ok((number, text));
    }
    let (left, right) = with_affinities(left, right)?;
    match (left.class, right.class) {
        (Class::Text, Class::Text) => Ok((text_operand(&left, collation, purpose), text_operand(&right, collation, purpose))),
        (Class::Null, _) | (_, Class::Null) | (Class::Blob, Class::Blob) | (Class::Condition, Class::Condition) => {
            Ok((left.sql, right.sql))
        }
        (Class::Opaque, _) | (_, Class::Opaque) => {
            refuse("comparison of values of unknown classes", "the class differs from cell to cell, and with it the order")
        }
        // A text is less than a blob, whatever they say.
        (Class::Text, Class::Blob) => Ok((ranked(&left, "0"), ranked(&right, "1"))),
        (Class::Blob, Class::Text) => Ok((ranked(&left, "1"), ranked(&right, "0"))),
        // And a number is less than both, as it is less than NaN.
        (_, Class::Text | Class::Blob) => Ok((comparable(&left)?, ranked(&right, "'NaN'::numeric"))),
        (Class::Text | Class::Blob, _) => Ok((ranked(&left, "'NaN'::numeric"), comparable(&right)?)),
        _ => numbers(&left, &right),
    }
}

/// A rank that stands for whatever the value is, and NULL for NULL.
fn ranked(side: &Typed, rank: &str) -> String {
    if side.constant.is_some() {
        return rank.to_owned();
    }
    let sql = side.stored.as_ref().map_or(&side.sql, |stored| &stored.sql);
    format!("(CASE WHEN {sql} IS NOT NULL THEN {rank} END)")
}

/// A number of a numeric column, and a text that is compared with it: as a number where it looks like one, and where
/// it doesn't as what is greater than every number.
fn number_and_text(number: &Typed, text: &Typed) -> Translated<Option<(String, String)>> {
    let numeric = |side: &Typed| matches!(side.affinity, Some(Affinity::Integer | Affinity::Real | Affinity::Numeric));
    if !numeric(number) || numeric(text) || text.class != Class::Text || text.constant.is_some() || text.never_numeric() {
        return Ok(None);
    }
    match number.class {
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric => {
            Ok(Some((comparable(number)?, call("comparable_text", &[&text.value()]))))
        }
        Class::Text | Class::Blob => {
            refuse("comparison of a number with text", "SQLite compares text that looks like a number as a number, cell by cell")
        }
        Class::Null | Class::Opaque => Ok(None),
    }
}

/// A number as a decimal that compares with all others as the number does.
pub(super) fn comparable(side: &Typed) -> Translated<String> {
    match (side.class, &side.constant) {
        (_, Some(Constant::Integer(value))) => Ok(format!("'{value}'::numeric")),
        (Class::Real | Class::NumberDouble, _) => Ok(call("comparable", &[&side.sql])),
        (Class::NumberNumeric, _) if side.is_decimal() => Ok(side.sql.clone()),
        (Class::NumberNumeric, _) => Ok(call("comparable_number", &[&side.sql])),
        (Class::Condition | Class::Integer | Class::Null | Class::Text | Class::Blob | Class::Opaque, _) => side.number("comparison"),
    }
}

/// Both as their columns hold them, where that compares the same.
fn stored_pair(left: &Typed, right: &Typed, purpose: Purpose, collation: Collation) -> Option<(String, String)> {
    if collation != Collation::Binary {
        return None;
    }
    if let (Some(a), Some(b)) = (&left.stored, &right.stored) {
        let conversion = a.conversion?;
        let fits = a.conversion == b.conversion && if purpose == Purpose::Order { ordered(conversion) } else { equatable(conversion) };
        let derived = purpose == Purpose::Order && a.pg_type == PgType::Text && (left.derived || right.derived);
        // Values that one side's affinity would still change are not compared as they are.
        let settled = !derived && (left.affinity == right.affinity || conversion_is_settled(conversion));
        return (fits && settled).then(|| (a.sql.clone(), b.sql.clone()));
    }
    if let (Some(a), Some(text)) = (&left.stored, right.constant_text()) {
        return Some((a.sql.clone(), temporal_literal(a.conversion?, text)?));
    }
    if let (Some(text), Some(b)) = (left.constant_text(), &right.stored) {
        return Some((temporal_literal(b.conversion?, text)?, b.sql.clone()));
    }
    None
}

/// Whether no affinity changes a value of the conversion.
fn conversion_is_settled(conversion: Conversion) -> bool {
    match conversion {
        Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::BlobToBytea
        | Conversion::BlobToText
        | Conversion::BlobToUuid => true,
        Conversion::IntegerToBigint
        | Conversion::IntegerToBoolean
        | Conversion::IntegerToTimestamptz(_)
        | Conversion::RealToDouble
        | Conversion::NumberToDouble
        | Conversion::NumberToNumeric
        | Conversion::NumberToDecimal { .. }
        | Conversion::TextToText(_)
        | Conversion::TextToJson
        | Conversion::TextToUuid(_)
        | Conversion::TextToBytea
        | Conversion::AnyToText(_)
        | Conversion::AnyToNumber { .. }
        | Conversion::AnyToBoolean(_)
        | Conversion::AnyToString { .. }
        | Conversion::AnyToBytea { .. }
        | Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_)
        | Conversion::AnyToMoment(_) => false,
    }
}

/// The literal of the column's type, if the text is in the column's form.
fn temporal_literal(conversion: Conversion, text: &str) -> Option<String> {
    if conversion == Conversion::TextToDate {
        let date: jiff::civil::Date = text.parse().ok()?;
        return (date.strftime("%Y-%m-%d").to_string() == text).then(|| format!("date {}", text_sql(text)));
    }
    let plain = TimeForm { seconds: true, fraction: Fraction::None };
    if conversion == Conversion::TextToTimestamp(TimestampForm { separator: Separator::Space, time: plain, offset: Offset::Naive }) {
        let moment: jiff::civil::DateTime = text.parse().ok()?;
        return (moment.strftime("%Y-%m-%d %H:%M:%S").to_string() == text).then(|| format!("timestamp {}", text_sql(text)));
    }
    None
}

/// The collation of a comparison: a COLLATE operator's, else a column's, the left one first.
fn comparison_collation(left: &Typed, right: &Typed) -> Collation {
    [left, right]
        .into_iter()
        .find(|side| side.explicit_collation)
        .or_else(|| [left, right].into_iter().find(|side| side.collation.is_some()))
        .and_then(|side| side.collation)
        .unwrap_or(Collation::Binary)
}

fn text_operand(side: &Typed, collation: Collation, purpose: Purpose) -> String {
    if let Some(text) = side.constant_text() {
        // The server does not take "lower" of a literal with a collation in a generated column.
        return text_sql(&collation.key_of(text));
    }
    let key = collation.key(&side.sql);
    let plain = side.constant.is_none() && side.is_uncollated();
    if purpose == Purpose::Order && plain && collation != Collation::Nocase { format!("{key} collate \"C\"") } else { key }
}

/// A text value as the key of an ORDER BY under its own collation; others as they are.
pub(super) fn order_key(value: &Typed) -> Translated<String> {
    let collation = value.collation.unwrap_or(Collation::Binary);
    if let (Some(stored), Collation::Binary) = (&value.stored, collation)
        && stored.conversion.is_some_and(ordered)
        && !(value.derived && stored.pg_type == PgType::Text)
    {
        return Ok(stored.sql.clone());
    }
    if value.element {
        return if collation == Collation::Binary { Ok(rank(&value.sql)) } else { refuse("ORDER BY", "a value of JSON under a collation") };
    }
    match value.class {
        Class::Text => Ok(text_operand(value, collation, Purpose::Order)),
        Class::Opaque => refuse("ORDER BY", "the storage classes of the values are not known"),
        Class::Condition => Ok(value.value()),
        Class::Null | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Blob => Ok(value.sql.clone()),
    }
}

/// Applies affinities before a comparison, as <https://sqlite.org/datatype3.html> §4.2 says.
fn with_affinities(left: &Typed, right: &Typed) -> Translated<(Typed, Typed)> {
    let numeric = |side: &Typed| matches!(side.affinity, Some(Affinity::Integer | Affinity::Real | Affinity::Numeric));
    let text = |side: &Typed| side.affinity == Some(Affinity::Text);
    if numeric(left) && !numeric(right) {
        Ok((left.clone(), as_number(right)?))
    } else if numeric(right) && !numeric(left) {
        Ok((as_number(left)?, right.clone()))
    } else if text(left) && !text(right) {
        Ok((left.clone(), as_text(right)?))
    } else if text(right) && !text(left) {
        Ok((as_text(left)?, right.clone()))
    } else {
        Ok((left.clone(), right.clone()))
    }
}

fn as_number(side: &Typed) -> Translated<Typed> {
    if side.class != Class::Text || side.never_numeric() {
        return Ok(side.clone());
    }
    match &side.constant {
        Some(constant) => Ok(Typed::constant(constant.clone().with_affinity(Affinity::Numeric)?)),
        None => refuse("comparison of a number with text", "SQLite compares text that looks like a number as a number, cell by cell"),
    }
}

fn as_text(side: &Typed) -> Translated<Typed> {
    match (side.class, &side.constant) {
        (Class::Real | Class::Integer | Class::Condition | Class::NumberDouble | Class::NumberNumeric, _)
            if !matches!(side.constant, Some(Constant::Integer(_))) =>
        {
            Ok(Typed::computed(side.text("comparison of text with a number")?, Class::Text))
        }
        (_, Some(constant)) => Ok(Typed::constant(constant.clone().with_affinity(Affinity::Text)?)),
        _ => Ok(side.clone()),
    }
}

/// Two numbers of possibly different types.
fn numbers(left: &Typed, right: &Typed) -> Translated<(String, String)> {
    let whole = |side: &Typed| if side.class == Class::Condition { side.value() } else { side.sql.clone() };
    let integer = |side: &Typed| matches!(side.class, Class::Integer | Class::Condition);
    let double = |side: &Typed| matches!(side.class, Class::Real | Class::NumberDouble);
    if integer(left) && integer(right) || double(left) && double(right) {
        return Ok((whole(left), whole(right)));
    }
    if integer(left) && double(right) {
        return mixed_numbers(left, right);
    }
    if double(left) && integer(right) {
        let (b, a) = mixed_numbers(right, left)?;
        return Ok((a, b));
    }
    match (plain_decimal(left), plain_decimal(right)) {
        (Some(left), Some(right)) => Ok((left, right)),
        _ => Ok((comparable(left)?, comparable(right)?)),
    }
}

/// A number as it is, where that is an exact decimal.
fn plain_decimal(side: &Typed) -> Option<String> {
    match (&side.constant, side.class) {
        (Some(Constant::Real(value)), _) if value.abs() < 9_007_199_254_740_992.0 => Some(decimal_text(*value)),
        (None, Class::Condition) => Some(side.value()),
        (_, Class::Integer) => Some(side.sql.clone()),
        (None, Class::NumberNumeric) if side.is_decimal() => Some(side.sql.clone()),
        _ => None,
    }
}

/// An integer and a double, each in a form that compares exactly.
fn mixed_numbers(integer: &Typed, double: &Typed) -> Translated<(String, String)> {
    let whole = if integer.class == Class::Condition { integer.value() } else { integer.sql.clone() };
    if let Some(value) = integer.constant_integer()
        && value.unsigned_abs() < EXACT_IN_DOUBLE.unsigned_abs()
    {
        return Ok((whole, double.sql.clone()));
    }
    if integer.zero_one {
        return Ok((whole, double.sql.clone()));
    }
    match double.constant {
        Some(Constant::Real(value)) if value.abs() < 9_007_199_254_740_992.0 => Ok((whole, decimal_text(value))),
        Some(_) | None => Ok((comparable(integer)?, comparable(double)?)),
    }
}
