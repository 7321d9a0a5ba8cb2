//! Values on their way into a column: SQLite's affinity first, then the column's conversion.

use crate::catalog::Affinity;
use crate::value::{Conversion, Fraction, Offset, PgType, Separator, TimestampForm, UuidForm};

use super::constant::{Constant, decimal_text, exact_double, number, text_sql};
use super::fault::{Translated, refuse};
use super::scope::ColumnScope;
use super::typed::{Class, Typed};

/// The value as the column holds it.
///
/// `lenient` lets a moment into a timestamp column of another written form: a default is read as what it means.
pub(super) fn into_column(value: &Typed, column: &ColumnScope, lenient: bool) -> Translated<String> {
    if value.class == Class::Null {
        return Ok("NULL".to_owned());
    }
    if value.element {
        return super::json_value::into_column(value, column);
    }
    let Some(conversion) = column.conversion else {
        return refuse(format!("value for column {}", column.source), "how its values are converted is not known");
    };
    if !takes_certainly(value, column) {
        return refuse(
            format!("value for column {}", column.source),
            format!("the column's type {} would refuse it or change it", column.pg_type),
        );
    }
    if let Some(stored) = &value.stored {
        if stored.conversion == Some(conversion) && (value.affinity == Some(column.affinity) || value.never_numeric()) {
            return Ok(stored.sql.clone());
        }
        if let (true, Some(from)) = (lenient, stored.conversion)
            && let Some(sql) = moment_into(&stored.sql, from, conversion)
        {
            return Ok(sql);
        }
    }
    let text = match &value.constant {
        Some(constant) => constant_into(constant.clone().with_affinity(column.affinity)?, conversion),
        None => computed_into(value, column.affinity, conversion),
    };
    match text {
        Some(text) => Ok(text),
        None => refuse(
            format!("value for column {}", column.source),
            format!("it does not certainly fit the column's type {} and the form of its values", column.pg_type),
        ),
    }
}

/// Whether a type of the application's own takes the value as it is, as far as that can be told beforehand: a text or a
/// number that is computed and goes beyond it is refused by the server when it comes.
fn takes_certainly(value: &Typed, column: &ColumnScope) -> bool {
    let length = |max: u32| match &value.constant {
        Some(Constant::Text(text)) => text.chars().count() <= usize::try_from(max).unwrap_or(usize::MAX),
        Some(Constant::Integer(_) | Constant::Real(_) | Constant::Blob(_)) | None => true,
    };
    let range = |least: i64, most: i64| value.constant_integer().is_none_or(|number| (least..=most).contains(&number));
    if let PgType::Varchar { max } = column.pg_type {
        length(max)
    } else if let PgType::Char { length: most } = column.pg_type {
        // Blanks at the end would be lost.
        let padded = matches!(value.stored.as_ref().map(|stored| stored.pg_type), Some(PgType::Char { .. }));
        length(most) && (padded || value.constant_text().is_some_and(|text| !text.ends_with(' ')))
    } else if column.pg_type == PgType::Smallint {
        range(i16::MIN.into(), i16::MAX.into())
    } else {
        column.pg_type != PgType::Integer || range(i32::MIN.into(), i32::MAX.into())
    }
}

/// A timestamp in another column's form.
fn moment_into(sql: &str, from: Conversion, into: Conversion) -> Option<String> {
    match (from, into) {
        (Conversion::TextToTimestamp(_), Conversion::TextToTimestamp(form)) if form.time.seconds => Some(sql.to_owned()),
        (Conversion::TextToTimestamp(_), Conversion::TextToTimestamptz(form)) if form.time.seconds => {
            Some(format!("({sql} at time zone 'UTC')"))
        }
        (Conversion::TextToTimestamptz(_), Conversion::TextToTimestamptz(form)) if form.time.seconds => Some(sql.to_owned()),
        _ => None,
    }
}

fn computed_into(value: &Typed, affinity: Affinity, conversion: Conversion) -> Option<String> {
    let numeric = matches!(affinity, Affinity::Numeric | Affinity::Integer);
    match conversion {
        Conversion::IntegerToBigint => match &value.integer_text {
            Some(integer) if numeric => Some(integer.clone()),
            Some(_) | None => (affinity != Affinity::Text && affinity != Affinity::Real).then(|| value.integer()).flatten(),
        },
        Conversion::IntegerToBoolean => match value.class {
            Class::Condition => Some(value.sql.clone()),
            Class::Integer if value.zero_one => Some(format!("({} <> 0)", value.sql)),
            Class::Null
            | Class::Integer
            | Class::Real
            | Class::NumberDouble
            | Class::NumberNumeric
            | Class::Text
            | Class::Blob
            | Class::Opaque => None,
        },
        Conversion::IntegerToTimestamptz(unit) => {
            let integer = value.integer_text.clone().filter(|_| numeric).or_else(|| value.integer())?;
            // With a time zone, the addition would not be immutable, as generated columns have to be.
            let interval = format!("interval '{} microseconds'", unit.micros());
            Some(format!("((timestamp '1970-01-01 00:00:00' + {integer} * {interval}) at time zone 'UTC')"))
        }
        Conversion::RealToDouble => real_into(value, affinity),
        Conversion::NumberToDouble => matches!(value.class, Class::Real | Class::NumberDouble).then(|| value.sql.clone()),
        Conversion::NumberToNumeric => value.integer().map(|integer| format!("{integer}::numeric")),
        Conversion::TextToText(_) => match value.class {
            Class::Text if !numeric || value.never_numeric() => Some(value.value()),
            Class::Integer | Class::Condition | Class::Real | Class::NumberDouble | Class::NumberNumeric if affinity == Affinity::Text => {
                value.text("").ok()
            }
            Class::Null
            | Class::Condition
            | Class::Integer
            | Class::Real
            | Class::NumberDouble
            | Class::NumberNumeric
            | Class::Text
            | Class::Blob
            | Class::Opaque => None,
        },
        Conversion::BlobToBytea => (value.class == Class::Blob).then(|| value.sql.clone()),
        Conversion::TextToJson => super::json_value::into_json(value, affinity),
        Conversion::NumberToDecimal { .. }
        | Conversion::TextToUuid(_)
        | Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::TextToBytea
        | Conversion::BlobToText
        | Conversion::BlobToUuid
        | Conversion::AnyToText(_)
        | Conversion::AnyToNumber { .. }
        | Conversion::AnyToBoolean(_)
        | Conversion::AnyToString { .. }
        | Conversion::AnyToBytea { .. }
        | Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_)
        | Conversion::AnyToMoment(_) => None,
    }
}

/// A real for a column of reals: a column of affinity REAL makes one of every number.
fn real_into(value: &Typed, affinity: Affinity) -> Option<String> {
    let numeric = matches!(affinity, Affinity::Numeric | Affinity::Integer);
    match value.class {
        Class::Real if !numeric => Some(value.sql.clone()),
        Class::NumberDouble if affinity == Affinity::Real => Some(value.sql.clone()),
        Class::Condition | Class::Integer | Class::NumberNumeric if affinity == Affinity::Real => value.real("").ok(),
        Class::Null
        | Class::Condition
        | Class::Integer
        | Class::Real
        | Class::NumberDouble
        | Class::NumberNumeric
        | Class::Text
        | Class::Blob
        | Class::Opaque => None,
    }
}

/// The literal of a constant that has the column's affinity already.
fn constant_into(constant: Constant, conversion: Conversion) -> Option<String> {
    match (conversion, constant) {
        (Conversion::IntegerToBigint | Conversion::NumberToNumeric, constant @ Constant::Integer(_))
        | (Conversion::RealToDouble | Conversion::NumberToDouble, constant @ Constant::Real(_))
        | (Conversion::BlobToBytea, constant @ Constant::Blob(_)) => Some(constant.sql()),
        (Conversion::IntegerToBoolean, Constant::Integer(value @ (0 | 1))) => Some(if value == 1 { "true" } else { "false" }.to_owned()),
        (Conversion::IntegerToTimestamptz(unit), Constant::Integer(value)) => value
            .checked_mul(unit.micros())
            .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok())
            .filter(|moment| *moment >= jiff::Timestamp::UNIX_EPOCH)
            .map(|moment| format!("timestamptz '{}'", moment.strftime("%Y-%m-%d %H:%M:%S%.6f+00"))),
        (Conversion::NumberToDouble, Constant::Integer(value)) => exact_double(value).map(|real| Constant::Real(real).sql()),
        (Conversion::NumberToNumeric, Constant::Real(value)) if value.is_finite() => Some(decimal_text(value)),
        (Conversion::NumberToDecimal { precision, scale }, Constant::Integer(value)) => fits(&value.to_string(), precision, scale),
        (Conversion::NumberToDecimal { precision, scale }, Constant::Real(value)) if value.is_finite() => {
            fits(&decimal_text(value), precision, scale)
        }
        (Conversion::TextToText(_), Constant::Text(text)) => Some(text_sql(&text)),
        (Conversion::AnyToText(_), Constant::Integer(value)) => Some(text_sql(&value.to_string())),
        (Conversion::AnyToText(_), Constant::Text(text))
            if number(&text).is_none() && !text.starts_with("\\x") && !text.contains("Infinity") =>
        {
            Some(text_sql(&text))
        }
        (Conversion::AnyToBoolean(form), Constant::Text(text)) => {
            let [yes, no] = form.words()?;
            (text == yes || text == no).then(|| if text == yes { "true" } else { "false" }.to_owned())
        }
        // Of these, `jsonb` writes what was written.
        (Conversion::AnyToJson { binary: true, numbers: false }, Constant::Text(text))
            if ["{}", "[]", "null", "true", "false"].contains(&text.as_str()) =>
        {
            Some(text_sql(&text))
        }
        (Conversion::TextToJson, Constant::Text(text)) if serde_json::from_str::<serde_json::Value>(&text).is_ok() => Some(text_sql(&text)),
        (Conversion::TextToUuid(form), Constant::Text(text)) => (uuid_form(&text) == Some(form)).then(|| text_sql(&text)),
        (Conversion::TextToDate, Constant::Text(text)) => {
            let date: Option<jiff::civil::Date> = text.parse().ok();
            date.filter(|date| date.strftime("%Y-%m-%d").to_string() == text).map(|_| text_sql(&text))
        }
        (Conversion::TextToTimestamp(form), Constant::Text(text)) => timestamp_constant(&text, form),
        (Conversion::BlobToText, Constant::Blob(bytes)) => {
            String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).map(|text| text_sql(&text))
        }
        (Conversion::BlobToUuid, Constant::Blob(bytes)) => uuid::Uuid::from_slice(&bytes).ok().map(|uuid| text_sql(&uuid.to_string())),
        (Conversion::TextToBytea, Constant::Text(text)) => Some(Constant::Blob(text.into_bytes()).sql()),
        _ => None,
    }
}

/// The decimal, if the column holds it without rounding.
fn fits(text: &str, precision: u8, scale: u8) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole_digits = whole.trim_start_matches('-').trim_start_matches('0').len();
    let fraction_digits = fraction.trim_end_matches('0').len();
    let (precision, scale) = (usize::from(precision), usize::from(scale));
    (whole_digits + scale <= precision && fraction_digits <= scale).then(|| text.to_owned())
}

/// The form in which a UUID is written.
fn uuid_form(text: &str) -> Option<UuidForm> {
    let uuid: uuid::Uuid = text.parse().ok()?;
    let lower = uuid.hyphenated().to_string();
    let simple = uuid.simple().to_string();
    if text == lower {
        Some(UuidForm::Hyphenated)
    } else if text == simple {
        Some(UuidForm::Simple)
    } else if text == lower.to_ascii_uppercase() {
        Some(UuidForm::HyphenatedUpper)
    } else {
        (text == simple.to_ascii_uppercase()).then_some(UuidForm::SimpleUpper)
    }
}

fn timestamp_constant(text: &str, form: TimestampForm) -> Option<String> {
    let separator = match form.separator {
        Separator::Space => " ",
        Separator::T => "T",
    };
    let clock = if form.time.seconds { "%H:%M:%S" } else { "%H:%M" };
    let fraction = match form.time.fraction {
        Fraction::None => String::new(),
        Fraction::Fixed(digits) | Fraction::Digits { count: digits, .. } => format!("%.{digits}f"),
        Fraction::DigitsOrNone { .. } | Fraction::Trimmed => "%.f".to_owned(),
    };
    let moment: jiff::civil::DateTime = text.parse().ok()?;
    let written = moment.strftime(&format!("%Y-%m-%d{separator}{clock}{fraction}")).to_string();
    (form.offset == Offset::Naive && written == text).then(|| text_sql(text))
}
