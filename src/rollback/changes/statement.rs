//! Cells and rows as SQLite's SQL. Whether they come back as they were is tried, not believed: see [`super::trial`].

use std::fmt::Write;

use crate::catalog::{TextEncoding, quoted};
use crate::value::{Value, ValueRef};

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As people write it.
    Plain,
    /// Reals as products and quotients of integers, where reading a decimal would round it otherwise.
    Exact,
}

/// A larger cell is not written as a statement: SQLite refuses those of more than a billion bytes.
const LARGEST: usize = 450_000_000;

/// The greatest power of two that is an integer of SQLite's.
const STEP: u32 = 62;

/// A cell as an expression; none where SQLite's SQL has no way to write it.
pub(super) fn literal(value: ValueRef<'_>, encoding: TextEncoding, spelling: Spelling) -> Option<String> {
    if value.bytes() > LARGEST {
        return None;
    }
    match value {
        ValueRef::Null => Some("NULL".to_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => real(number, spelling),
        ValueRef::Text(bytes) => text(bytes, encoding),
        ValueRef::Blob(bytes) => Some(hex(bytes)),
    }
}

fn real(number: f64, spelling: Spelling) -> Option<String> {
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { "9e999" } else { "-9e999" }.to_owned());
    }
    match spelling {
        Spelling::Plain => Some(format!("{number:?}")),
        Spelling::Exact => Some(of_integers(number)),
    }
}

/// A finite real as its mantissa, multiplied or divided by powers of two: each of these steps is exact.
fn of_integers(number: f64) -> String {
    let bits = number.to_bits();
    let (sign, exponent, fraction) = (bits >> 63, (bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    let (mut mantissa, mut power) = match i32::try_from(exponent).unwrap_or(0) {
        0 => (fraction, -1074),
        exponent => (fraction | (1 << 52), exponent - 1075),
    };
    if mantissa == 0 {
        // Only the literal has a sign.
        return format!("{number:?}");
    }
    while mantissa.is_multiple_of(2) {
        mantissa /= 2;
        power += 1;
    }
    let mut written = format!("{}CAST({mantissa} AS REAL)", if sign == 1 { "-" } else { "" });
    let (operator, mut left) = if power < 0 { ("/", power.unsigned_abs()) } else { ("*", power.unsigned_abs()) };
    while left > 0 {
        let step = left.min(STEP);
        push(&mut written, format_args!(" {operator} CAST({} AS REAL)", 1_u64 << step));
        left -= step;
    }
    format!("({written})")
}

fn text(bytes: &[u8], encoding: TextEncoding) -> Option<String> {
    let readable = std::str::from_utf8(bytes);
    if let Ok(text) = readable
        && !text.contains(|letter: char| letter.is_control() && letter != '\n' && letter != '\t')
    {
        return Some(format!("'{}'", text.replace('\'', "''")));
    }
    // The cast takes the bytes as text of the database's encoding.
    let units = |to_bytes: fn(u16) -> [u8; 2]| readable.ok().map(|text| hex(&text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>()));
    let stored = match encoding {
        TextEncoding::Utf8 => Some(hex(bytes)),
        TextEncoding::Utf16Le => units(u16::to_le_bytes),
        TextEncoding::Utf16Be => units(u16::to_be_bytes),
    };
    stored.map(|stored| format!("CAST({stored} AS TEXT)"))
}

fn hex(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len() * 2 + 3);
    written.push_str("x'");
    for byte in bytes {
        push(&mut written, format_args!("{byte:02x}"));
    }
    written.push('\'');
    written
}

fn push(written: &mut String, what: std::fmt::Arguments<'_>) {
    // A String takes everything that is written to it.
    written.write_fmt(what).ok();
}

/// The condition for the row that these values name; none where one of them can't be written.
pub(super) fn named(columns: &[String], key: &[Value], encoding: TextEncoding, spelling: Spelling) -> Option<String> {
    let terms = columns.iter().zip(key).map(|(column, value)| {
        let literal = literal(value.as_ref(), encoding, spelling)?;
        // Two texts that a column's collation takes for the same are two rows all the same.
        let collation = if matches!(value, Value::Text(_)) { " COLLATE BINARY" } else { "" };
        let operator = if matches!(value, Value::Null) { "IS" } else { "=" };
        Some(format!("{} {operator} {literal}{collation}", quoted(column)))
    });
    terms.collect::<Option<Vec<_>>>().map(|terms| terms.join(" AND "))
}

/// `INSERT`.
pub(super) fn insert(table: &str, cells: &[(&str, String)]) -> String {
    if cells.is_empty() {
        return format!("INSERT INTO {} DEFAULT VALUES;\n", quoted(table));
    }
    let names: Vec<String> = cells.iter().map(|(name, _)| quoted(name)).collect();
    let values: Vec<&str> = cells.iter().map(|(_, value)| value.as_str()).collect();
    format!("INSERT INTO {}({}) VALUES({});\n", quoted(table), names.join(", "), values.join(", "))
}

/// `UPDATE` of the row that the condition names.
pub(super) fn update(table: &str, cells: &[(&str, String)], condition: &str) -> String {
    let set: Vec<String> = cells.iter().map(|(name, value)| format!("{} = {value}", quoted(name))).collect();
    format!("UPDATE {} SET {} WHERE {condition};\n", quoted(table), set.join(", "))
}

/// `DELETE` of the row that the condition names.
pub(super) fn delete(table: &str, condition: &str) -> String {
    format!("DELETE FROM {} WHERE {condition};\n", quoted(table))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;
    use rusqlite::types::ValueRef as Stored;

    use super::*;

    fn read_back(literal: &str, encoding: &str) -> Value {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(&format!("pragma encoding = '{encoding}'; create table t(c blob); insert into t values({literal})")).unwrap();
        db.query_row("select c from t", [], |row| {
            Ok(match row.get_ref(0)? {
                Stored::Null => Value::Null,
                Stored::Integer(number) => Value::Integer(number),
                Stored::Real(number) => Value::Real(number),
                Stored::Text(bytes) => Value::Text(bytes.to_vec()),
                Stored::Blob(bytes) => Value::Blob(bytes.to_vec()),
            })
        })
        .unwrap()
    }

    fn check(value: &Value) {
        for (encoding, name) in [(TextEncoding::Utf8, "UTF-8"), (TextEncoding::Utf16Le, "UTF-16le"), (TextEncoding::Utf16Be, "UTF-16be")] {
            let Some(written) = literal(value.as_ref(), encoding, Spelling::Exact) else {
                assert!(matches!(value, Value::Text(bytes) if encoding != TextEncoding::Utf8 && std::str::from_utf8(bytes).is_err()));
                continue;
            };
            assert!(read_back(&written, name) == *value, "{written} in {name}");
        }
    }

    #[test]
    fn every_cell_comes_back_as_it_was() {
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            check(&Value::Integer(number));
        }
        let reals = [0.0, -0.0, 0.1, 1e308, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-310, 9_007_199_254_740_993.0, f64::INFINITY];
        for number in reals {
            check(&Value::Real(number));
            check(&Value::Real(-number));
        }
        for text in ["", "it's", "'", "a\0b", "\0", "line\nline\ttab", "cr\r\nlf", "ä€😀", "\u{1b}[0m", ".quit", "--"] {
            check(&Value::Text(text.as_bytes().to_vec()));
        }
        check(&Value::Text(vec![0xff, 0x80, b'\'']));
        check(&Value::Blob(vec![0, 0xff, b'\'']));
        check(&Value::Null);
        assert_eq!(literal(ValueRef::Real(f64::NAN), TextEncoding::Utf8, Spelling::Plain), None);
    }

    proptest! {
        #[test]
        fn any_cell_comes_back_as_it_was(bits in any::<u64>(), bytes in proptest::collection::vec(any::<u8>(), 0..40), text in any::<String>()) {
            let number = f64::from_bits(bits);
            if !number.is_nan() {
                check(&Value::Real(number));
            }
            check(&Value::Integer(i64::from_le_bytes(bits.to_le_bytes())));
            check(&Value::Text(bytes.clone()));
            check(&Value::Text(text.into_bytes()));
            check(&Value::Blob(bytes));
        }
    }
}
