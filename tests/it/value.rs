//! Every conversion and its inverse, with a real server as the judge.
//!
//! `OUTGROW_TEST_BUDGET` multiplies the number of generated cells (1), `OUTGROW_TEST_SEED` changes them (0).

mod fitted;
mod generate;
mod json;
mod law;
mod order;
mod server;

use outgrow::value::{Conversion, Fate, Value, ValueRef, decode, encode, settle};

use crate::fixture::environment;

fn number_from_environment(name: &str, default: u32) -> u32 {
    environment(name).map_or(default, |number| number.parse().unwrap())
}

fn budget(cells: u32) -> u32 {
    cells * number_from_environment("OUTGROW_TEST_BUDGET", 1)
}

fn seed() -> u32 {
    number_from_environment("OUTGROW_TEST_SEED", 0)
}

/// These cells are invented, so that a failed test may show them.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => format!("integer {number}"),
        ValueRef::Real(number) => format!("real {number:?}"),
        ValueRef::Text(bytes) => format!("text \"{}\"", bytes.escape_ascii()),
        ValueRef::Blob(bytes) => format!("blob \"{}\"", bytes.escape_ascii()),
    }
}

fn settled(conversion: Conversion, cell: &Value) -> (Fate, Value) {
    let mut scratch = Vec::new();
    let settled = settle(conversion, cell.as_ref(), &mut scratch);
    (settled.fate, settled.value.to_owned())
}

fn encoded(conversion: Conversion, settled: &Value) -> Vec<u8> {
    let mut field = Vec::new();
    encode(conversion, settled.as_ref(), &mut field)
        .unwrap_or_else(|fault| panic!("{conversion:?}: {} → {fault}", shown(settled.as_ref())));
    field
}

/// The bytes of a field behind its length.
fn body(field: &[u8]) -> Option<&[u8]> {
    let length = i32::from_be_bytes(field[..4].try_into().unwrap());
    if length < 0 {
        assert_eq!((length, field.len()), (-1, 4));
        return None;
    }
    assert_eq!(usize::try_from(length).unwrap(), field.len() - 4);
    Some(&field[4..])
}

fn decoded(conversion: Conversion, field: Option<&[u8]>) -> Value {
    let mut scratch = b"left over".to_vec();
    decode(conversion, field, &mut scratch).unwrap_or_else(|fault| panic!("{conversion:?}: {fault}")).to_owned()
}
