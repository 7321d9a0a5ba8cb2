//! A value as text, so that two servers' spellings of the same value can be told from two values.

use tokio_postgres::types::Type;

use crate::value::ValueRef;

/// The common form of what PostgreSQL wrote of a value of this type.
pub(super) fn of_target(text: &str, of: &Type) -> Vec<u8> {
    let form = match *of {
        Type::BOOL => if text == "t" { "1" } else { "0" }.to_owned(),
        Type::FLOAT4 | Type::FLOAT8 => text.parse().map_or_else(|_| text.to_owned(), of_real),
        Type::NUMERIC => without_zeros(text).to_owned(),
        Type::BYTEA => text.strip_prefix("\\x").unwrap_or(text).to_owned(),
        _ => text.to_owned(),
    };
    form.into_bytes()
}

/// The common form of a value of SQLite; none for NULL.
pub(super) fn of_source(value: ValueRef<'_>) -> Option<Vec<u8>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string().into_bytes()),
        ValueRef::Real(number) => Some(of_real(number).into_bytes()),
        ValueRef::Text(bytes) => Some(bytes.to_vec()),
        ValueRef::Blob(bytes) => Some(bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
    }
}

/// The shortest text that is read as this number, without an exponent.
fn of_real(number: f64) -> String {
    let text = number.to_string();
    if text == "-0" { "0".to_owned() } else { text }
}

/// The same number without zeros behind its last digit.
fn without_zeros(text: &str) -> &str {
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    if short == "-0" { "0" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_write_the_same_value_alike() {
        for (text, of, value) in [
            ("t", Type::BOOL, ValueRef::Integer(1)),
            ("f", Type::BOOL, ValueRef::Integer(0)),
            ("1e+20", Type::FLOAT8, ValueRef::Real(1e20)),
            ("10", Type::FLOAT8, ValueRef::Real(10.0)),
            ("10.00", Type::NUMERIC, ValueRef::Real(10.0)),
            ("100", Type::NUMERIC, ValueRef::Integer(100)),
            ("0.10", Type::NUMERIC, ValueRef::Real(0.1)),
            ("-5", Type::INT8, ValueRef::Integer(-5)),
            ("\\x00ff", Type::BYTEA, ValueRef::Blob(&[0, 255])),
            ("é", Type::TEXT, ValueRef::Text("é".as_bytes())),
        ] {
            assert_eq!(Some(of_target(text, &of)), of_source(value), "{text}");
        }
        assert_ne!(Some(of_target("10.01", &Type::NUMERIC)), of_source(ValueRef::Real(10.0)));
        assert_ne!(Some(of_target("t", &Type::TEXT)), of_source(ValueRef::Integer(1)));
        assert_eq!(of_source(ValueRef::Null), None);
    }
}
