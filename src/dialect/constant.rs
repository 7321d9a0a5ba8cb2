//! Constants: their SQLite value, what an affinity makes of them, and their PostgreSQL text.

use crate::catalog::Affinity;

use super::fault::{Translated, refuse};

/// A literal's value in SQLite.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// 2^53: below it every integer is a double.
pub(super) const EXACT_IN_DOUBLE: i64 = 9_007_199_254_740_992;

impl Constant {
    /// The literal in PostgreSQL.
    pub(super) fn sql(&self) -> String {
        match self {
            // The smallest integer is not a literal in PostgreSQL.
            Self::Integer(i64::MIN) => "'-9223372036854775808'::bigint".to_owned(),
            Self::Integer(value) if *value < 0 => format!("({value})"),
            Self::Integer(value) => value.to_string(),
            Self::Real(value) => real_sql(*value),
            Self::Text(value) => text_sql(value),
            Self::Blob(bytes) => blob_sql(bytes),
        }
    }

    /// What SQLite makes of it where this affinity is applied.
    pub(super) fn with_affinity(self, affinity: Affinity) -> Translated<Self> {
        Ok(match (affinity, self) {
            (Affinity::Text, Self::Integer(value)) => Self::Text(value.to_string()),
            (Affinity::Text, Self::Real(_)) => return refuse("real number as text", "the constant has to be written by the server"),
            (Affinity::Numeric | Affinity::Integer, Self::Text(text)) => number(&text).unwrap_or(Self::Text(text)),
            (Affinity::Numeric | Affinity::Integer, Self::Real(value)) => integral(value).map_or(Self::Real(value), Self::Integer),
            (Affinity::Real, Self::Text(text)) => match number(&text) {
                Some(value) => value.with_affinity(Affinity::Real)?,
                None => Self::Text(text),
            },
            (Affinity::Real, Self::Integer(value)) => match exact_double(value) {
                Some(real) => Self::Real(real),
                None => return refuse("large integer", "it is not exact as a real number"),
            },
            (_, other) => other,
        })
    }
}

/// The text literal.
pub fn text_sql(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn blob_sql(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("'\\x{}'::bytea", digits.concat())
}

fn real_sql(value: f64) -> String {
    if value.is_infinite() {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("'{sign}Infinity'::float8");
    }
    format!("'{value:?}'::float8")
}

/// The decimal text of a finite real, always with a point.
pub(super) fn decimal_text(value: f64) -> String {
    let text = format!("{value}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// The integer as a double, if that is exact.
pub(super) fn exact_double(value: i64) -> Option<f64> {
    if value.abs_diff(0) > EXACT_IN_DOUBLE.abs_diff(0) {
        return None;
    }
    value.to_string().parse().ok()
}

/// The real as an integer, if it is a small one: exactly the reals that SQLite stores as integers.
pub(super) fn integral(value: f64) -> Option<i64> {
    if !value.is_finite() || value.abs() >= 2_251_799_813_685_248.0 || value.fract().abs() > 0.0 {
        return None;
    }
    format!("{value:.0}").parse().ok()
}

/// The number that a text looks like to SQLite.
pub(super) fn number(text: &str) -> Option<Constant> {
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    if let Ok(value) = trimmed.parse::<i64>() {
        return Some(Constant::Integer(value));
    }
    let shaped = trimmed.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
        && trimmed.bytes().any(|byte| byte.is_ascii_digit());
    if !shaped {
        return None;
    }
    let value: f64 = trimmed.parse().ok()?;
    Some(integral(value).map_or(Constant::Real(value), Constant::Integer))
}

/// The value of a numeric literal in SQL text.
pub(super) fn numeric_literal(text: &str) -> Translated<Constant> {
    let plain = text.replace('_', "");
    if let Some(hex) = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        return match u64::from_str_radix(hex, 16) {
            Ok(bits) => Ok(Constant::Integer(i64::from_ne_bytes(bits.to_ne_bytes()))),
            Err(_) => refuse("hexadecimal literal", "it has more than 64 bits"),
        };
    }
    if let Ok(value) = plain.parse::<i64>() {
        return Ok(Constant::Integer(value));
    }
    match plain.parse::<f64>() {
        Ok(value) => Ok(Constant::Real(value)),
        Err(_) => refuse("number", "it is not readable"),
    }
}

/// The value of a string literal, quotes included.
pub(super) fn string_literal(text: &str) -> String {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

/// The bytes of a blob literal `X'…'`.
pub(super) fn blob_literal(text: &str) -> Translated<Constant> {
    let hex: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let bytes = hex.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16)).collect::<Result<Vec<u8>, _>>();
    match bytes {
        Ok(bytes) if hex.len().is_multiple_of(2) => Ok(Constant::Blob(bytes)),
        Ok(_) | Err(_) => refuse("blob literal", "it is not readable"),
    }
}
