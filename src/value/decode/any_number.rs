//! The types of numbers of an application's own schema, in the style of the source's column.

use super::super::{NumberStyle, NumberType, ValueRef};
use super::{Refusal, number};

/// A number as the target holds it, in digits.
enum Digits {
    /// Of a type that holds integers only.
    Whole(i64),
    /// In `scratch`; `inf` where it is infinite.
    Printed,
    Single(f32),
    Double(f64),
}

pub(super) fn decode<'a>(to: NumberType, style: NumberStyle, field: &[u8], scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, Refusal> {
    let digits = match to {
        NumberType::Smallint => Digits::Whole(i16::from_be_bytes(sized(field)?).into()),
        NumberType::Integer => Digits::Whole(i32::from_be_bytes(sized(field)?).into()),
        NumberType::Bigint => Digits::Whole(i64::from_be_bytes(sized(field)?)),
        NumberType::Real => Digits::Single(f32::from_be_bytes(sized(field)?)),
        NumberType::Double => Digits::Double(f64::from_be_bytes(sized(field)?)),
        NumberType::Numeric { .. } | NumberType::Decimal { .. } => {
            number::print(field, scratch).ok_or(Refusal::Malformed)?;
            Digits::Printed
        }
    };
    match style {
        NumberStyle::Text | NumberStyle::TrimmedText => as_text(&digits, style == NumberStyle::TrimmedText, scratch),
        NumberStyle::Affine | NumberStyle::ByScale => {
            let by_scale = style == NumberStyle::ByScale && matches!(to, NumberType::Numeric { .. });
            as_number(&digits, by_scale, scratch).ok_or(Refusal::Unrepresentable)
        }
        NumberStyle::Real | NumberStyle::Widened => {
            as_real(&digits, style == NumberStyle::Widened, scratch).map(ValueRef::Real).ok_or(Refusal::Unrepresentable)
        }
    }
}

fn sized<const N: usize>(field: &[u8]) -> Result<[u8; N], Refusal> {
    field.try_into().map_err(|_| Refusal::Malformed)
}

fn as_text<'a>(digits: &Digits, trimmed: bool, scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, Refusal> {
    let text = match digits {
        Digits::Whole(number) => number.to_string(),
        Digits::Printed => String::from_utf8(std::mem::take(scratch)).map_err(|_| Refusal::Malformed)?,
        // A zero has no sign in text.
        Digits::Single(number) => (number + 0.0).to_string(),
        Digits::Double(number) => (number + 0.0).to_string(),
    };
    let text = match text.as_str() {
        "NaN" => return Err(Refusal::Unrepresentable),
        "inf" => "Infinity",
        "-inf" => "-Infinity",
        text if trimmed && text.contains('.') => text.trim_end_matches('0').trim_end_matches('.'),
        text => text,
    };
    scratch.clear();
    scratch.extend_from_slice(text.as_bytes());
    Ok(ValueRef::Text(scratch))
}

fn as_number(digits: &Digits, by_scale: bool, printed: &[u8]) -> Option<ValueRef<'static>> {
    match digits {
        Digits::Whole(number) => Some(ValueRef::Integer(*number)),
        Digits::Printed if by_scale => number::of_decimal(printed, true),
        Digits::Printed => of_text(std::str::from_utf8(printed).ok()?),
        Digits::Single(number) => of_text(&number.to_string()),
        Digits::Double(number) if number.is_nan() => None,
        Digits::Double(number) => Some(number::of_double(*number)),
    }
}

fn as_real(digits: &Digits, widened: bool, printed: &[u8]) -> Option<f64> {
    let number = match digits {
        Digits::Whole(number) => exact_real(&number.to_string())?,
        Digits::Printed => exact_real(significant(std::str::from_utf8(printed).ok()?))?,
        Digits::Single(number) if widened => f64::from(*number),
        Digits::Single(number) => number.to_string().parse().ok()?,
        Digits::Double(number) => *number,
    };
    (!number.is_nan()).then_some(number)
}

/// An integral number is an integer where 64 bits hold it, any other a real.
fn of_text(printed: &str) -> Option<ValueRef<'static>> {
    let significant = significant(printed);
    significant.parse().map(ValueRef::Integer).ok().or_else(|| exact_real(significant).map(ValueRef::Real))
}

/// Without zeros at the end behind the point.
fn significant(printed: &str) -> &str {
    if printed.contains('.') { printed.trim_end_matches('0').trim_end_matches('.') } else { printed }
}

/// The real that has this shortest decimal.
fn exact_real(significant: &str) -> Option<f64> {
    significant.parse::<f64>().ok().filter(|number| number.to_string() == significant)
}
