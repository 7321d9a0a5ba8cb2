//! The rows of a view in a form that both sides share, as a multiset of hashes.
//!
//! Lenient on purpose: a view has no conversion, so an integer is compared by its value, a real number to twelve digits,
//! a boolean as 0 or 1, a text by its bytes. A cell that has no such form makes the whole view one that was only counted.

use std::collections::BTreeMap;

use tokio_postgres::types::Type;
use xxhash_rust::xxh3::Xxh3;

use crate::value::ValueRef;

/// Up to how many rows of a view are compared; beyond, they are counted.
pub(super) const ROWS_COMPARED: u64 = 10_000;

/// How the cells of a column of a view are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Integers and decimals.
    Number,
    /// Real numbers.
    Real,
    Boolean,
    Text,
    Bytes,
    Uuid,
    /// SQLite may have written it in many ways.
    Unknown,
}

impl Form {
    pub(super) fn of(column: &Type) -> Self {
        match *column {
            Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC => Self::Number,
            Type::FLOAT4 | Type::FLOAT8 => Self::Real,
            Type::BOOL => Self::Boolean,
            // A date has one form only, that of SQLite's own functions.
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::DATE => Self::Text,
            Type::BYTEA => Self::Bytes,
            Type::UUID => Self::Uuid,
            _ => Self::Unknown,
        }
    }
}

/// The rows of one side.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) count: u64,
    hashes: BTreeMap<u128, u64>,
    /// Whether some cell had no form to compare.
    pub(super) incomparable: bool,
}

impl Rows {
    /// Takes a row, cell by cell; `None` has no form to compare.
    pub(super) fn add(&mut self, cells: impl Iterator<Item = Option<Vec<u8>>>) {
        self.count += 1;
        if self.count > ROWS_COMPARED || self.incomparable {
            return;
        }
        let mut hash = Xxh3::new();
        for cell in cells {
            let Some(cell) = cell else {
                self.incomparable = true;
                return;
            };
            hash.update(&cell.len().to_be_bytes());
            hash.update(&cell);
        }
        *self.hashes.entry(hash.digest128()).or_default() += 1;
    }

    /// Whether both sides have the same rows, each as often.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.hashes == other.hashes
    }
}

/// A cell of the source.
pub(super) fn source_cell(form: Form, value: ValueRef<'_>) -> Option<Vec<u8>> {
    match (form, value) {
        (_, ValueRef::Null) => Some(b"-".to_vec()),
        (Form::Number | Form::Boolean, ValueRef::Integer(number)) => Some(number_form(&number.to_string())),
        (Form::Number | Form::Boolean, ValueRef::Real(number)) => Some(number_form(&number.to_string())),
        (Form::Real, ValueRef::Integer(number)) => Some(real_form(&number.to_string())),
        (Form::Real, ValueRef::Real(number)) => Some(real_form(&number.to_string())),
        // A text where PostgreSQL has a number is a difference and no question of form.
        (Form::Number | Form::Real | Form::Boolean | Form::Text | Form::Bytes, ValueRef::Text(bytes))
        | (Form::Bytes, ValueRef::Blob(bytes)) => Some(text_form(bytes)),
        (Form::Uuid, ValueRef::Text(text)) => Some(uuid_form(&String::from_utf8_lossy(text))),
        (Form::Uuid, ValueRef::Blob(bytes)) => Some(uuid_form(&uuid::Uuid::from_slice(bytes).ok()?.to_string())),
        (Form::Number | Form::Real | Form::Boolean | Form::Text | Form::Uuid | Form::Bytes | Form::Unknown, _) => None,
    }
}

/// A cell of the target, as its text.
pub(super) fn target_cell(form: Form, text: Option<&str>) -> Option<Vec<u8>> {
    let Some(text) = text else { return Some(b"-".to_vec()) };
    match form {
        Form::Number => Some(number_form(text)),
        Form::Real => Some(real_form(text)),
        Form::Boolean => Some(number_form(if text == "true" { "1" } else { "0" })),
        Form::Text => Some(text_form(text.as_bytes())),
        Form::Bytes => bytes_of(text).map(|bytes| text_form(&bytes)),
        Form::Uuid => Some(uuid_form(text)),
        Form::Unknown => None,
    }
}

/// All digits of a whole number, whatever its type: twelve are all that the smaller ones have.
fn number_form(text: &str) -> Vec<u8> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) | None => text,
    };
    match whole.parse::<i128>() {
        Ok(number) if number.unsigned_abs() >= 1_000_000_000_000 => format!("i{number}").into_bytes(),
        Ok(_) | Err(_) => real_form(text),
    }
}

/// Twelve digits: sums of reals depend on the order of their rows.
fn real_form(text: &str) -> Vec<u8> {
    // PostgreSQL writes infinities as Rust reads them.
    let number = text.parse::<f64>().unwrap_or(f64::NAN);
    let number = if number == 0.0 { 0.0 } else { number };
    format!("n{number:.11e}").into_bytes()
}

fn text_form(text: &[u8]) -> Vec<u8> {
    [b"t", text].concat()
}

fn uuid_form(text: &str) -> Vec<u8> {
    format!("u{}", text.replace('-', "").to_ascii_lowercase()).into_bytes()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let hex = text.strip_prefix("\\x")?;
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cell_has_one_form_on_both_sides() {
        let same = |form, value, text| source_cell(form, value) == target_cell(form, Some(text));
        assert!(same(Form::Number, ValueRef::Integer(5), "5.00"));
        assert!(same(Form::Number, ValueRef::Real(0.1 + 0.2), "0.3"));
        assert!(same(Form::Boolean, ValueRef::Integer(1), "true"));
        assert!(same(Form::Boolean, ValueRef::Integer(0), "false"));
        assert!(same(Form::Text, ValueRef::Text(b"abc"), "abc"));
        assert!(same(Form::Bytes, ValueRef::Blob(&[0, 255]), "\\x00ff"));
        assert!(same(Form::Uuid, ValueRef::Blob(&[0xAB; 16]), "abababab-abab-abab-abab-abababababab"));
        assert!(!same(Form::Number, ValueRef::Text(b"5"), "5"));
        assert!(!same(Form::Number, ValueRef::Integer(5), "6"));
        assert!(same(Form::Number, ValueRef::Integer(9_007_199_254_740_993), "9007199254740993"));
        assert!(same(Form::Number, ValueRef::Integer(-9_007_199_254_740_993), "-9007199254740993.00"));
        assert!(same(Form::Number, ValueRef::Real(1e15), "1000000000000000"));
        assert!(!same(Form::Number, ValueRef::Integer(9_007_199_254_740_993), "9007199254740992"));
        assert!(!same(Form::Number, ValueRef::Integer(1_000_000_000_000), "1000000000001"));
        assert!(!same(Form::Number, ValueRef::Integer(999_999_999_999), "999999999998"));
        assert!(same(Form::Real, ValueRef::Real(1e15 + 1.0), "1000000000000000"));
        assert!(same(Form::Real, ValueRef::Integer(5), "5"));
        assert!(!same(Form::Real, ValueRef::Real(1.5), "1.25"));
        assert!(!same(Form::Text, ValueRef::Text(b""), "x"));
        assert_ne!(source_cell(Form::Text, ValueRef::Null), target_cell(Form::Text, Some("-")));
        assert_eq!(source_cell(Form::Unknown, ValueRef::Integer(1)), None);
    }

    #[test]
    fn rows_are_a_multiset() {
        let rows = |cells: &[&str]| {
            let mut rows = Rows::default();
            for cell in cells {
                rows.add([target_cell(Form::Text, Some(cell))].into_iter());
            }
            rows
        };
        assert!(rows(&["a", "b", "a"]).same_as(&rows(&["a", "a", "b"])));
        assert!(!rows(&["a", "b", "b"]).same_as(&rows(&["a", "a", "b"])));
    }
}
