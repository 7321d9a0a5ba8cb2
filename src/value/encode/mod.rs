//! Turns settled cells into the fields of a binary COPY tuple.
//!
//! Never looks whether a value was worth settling otherwise: that is [`super::settle`]'s, and calling this with
//! anything else than its answer is a fault or a value that PostgreSQL refuses. Shares no code with the decoder.

mod fitted;
mod moment;
mod number;
mod numeric;

use std::io::Write;

use super::canonical::{push_hex, write_real};
use super::decimal::{ShortestDecimal, double_of};
use super::{Conversion, ValueFault, ValueRef};

/// Appends one field: its length in four bytes (−1 for NULL), then PostgreSQL's binary form of the value.
///
/// On a fault `out` is as it was.
pub fn encode(conversion: Conversion, settled_value: ValueRef<'_>, out: &mut Vec<u8>) -> Result<(), ValueFault> {
    let start = out.len();
    if matches!(settled_value, ValueRef::Null) {
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        return Ok(());
    }
    out.extend_from_slice(&[0; 4]);
    let length = append(conversion, settled_value, out).and_then(|()| i32::try_from(out.len() - start - 4).ok());
    if let (Some(length), Some(field)) = (length, out.get_mut(start..start + 4)) {
        field.copy_from_slice(&length.to_be_bytes());
        return Ok(());
    }
    out.truncate(start);
    Err(ValueFault::Unsettled { pg_type: conversion.pg_type(), class: settled_value.class() })
}

/// The field's bytes where they are those of the settled value, as they stand: they need not be copied to be sent.
pub fn carried(conversion: Conversion, settled_value: ValueRef<'_>) -> Option<&[u8]> {
    match (conversion, settled_value) {
        (Conversion::TextToText(_) | Conversion::TextToJson | Conversion::TextToBytea, ValueRef::Text(bytes))
        | (Conversion::BlobToBytea | Conversion::BlobToText, ValueRef::Blob(bytes)) => Some(bytes),
        _ => None,
    }
}

/// Appends the value's bytes; nothing if it is not of the conversion.
fn append(conversion: Conversion, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    match conversion {
        Conversion::IntegerToBigint => out.extend_from_slice(&integer(value)?.to_be_bytes()),
        Conversion::IntegerToBoolean => out.push(u8::try_from(integer(value)?).ok().filter(|bit| *bit <= 1)?),
        Conversion::IntegerToTimestamptz(unit) => out.extend_from_slice(&moment::of_epoch(unit, integer(value)?)?.to_be_bytes()),
        Conversion::RealToDouble => out.extend_from_slice(&real(value)?.to_be_bytes()),
        Conversion::NumberToDouble => out.extend_from_slice(&integer(value).map(double_of).or(real(value))?.to_be_bytes()),
        Conversion::NumberToNumeric => append_number(value, 1, out)?,
        Conversion::NumberToDecimal { .. } => append_number(value, 0, out)?,
        Conversion::TextToText(_) | Conversion::TextToJson | Conversion::TextToBytea => out.extend_from_slice(text(value)?),
        Conversion::TextToUuid(_) => append_uuid(text(value)?, out)?,
        Conversion::TextToDate => out.extend_from_slice(&moment::of_date(text(value)?)?.to_be_bytes()),
        Conversion::TextToTime(_) => out.extend_from_slice(&moment::of_time(text(value)?)?.to_be_bytes()),
        Conversion::TextToTimestamp(_) => out.extend_from_slice(&moment::of_local(text(value)?)?.to_be_bytes()),
        Conversion::TextToTimestamptz(_) => out.extend_from_slice(&moment::of_instant(text(value)?)?.to_be_bytes()),
        Conversion::BlobToBytea | Conversion::BlobToText => out.extend_from_slice(blob(value)?),
        Conversion::BlobToUuid => out.extend_from_slice(blob(value).filter(|bytes| bytes.len() == 16)?),
        Conversion::AnyToText(_) => match value {
            ValueRef::Null => return None,
            ValueRef::Integer(number) => write!(out, "{number}").ok()?,
            ValueRef::Real(number) => write_real(out, number),
            ValueRef::Text(bytes) => out.extend_from_slice(bytes),
            ValueRef::Blob(bytes) => push_hex(out, bytes),
        },
        Conversion::AnyToNumber { to, style } => number::append(to, style, value, out)?,
        Conversion::AnyToBoolean(_) => fitted::append_boolean(value, out)?,
        Conversion::AnyToString { .. } => fitted::append_string(value, out)?,
        Conversion::AnyToBytea { .. } => fitted::append_bytes(value, out)?,
        Conversion::AnyToJson { binary, .. } => fitted::append_json(binary, value, out)?,
        Conversion::AnyToUuid { layout, .. } => fitted::append_uuid(layout, value, out)?,
        Conversion::TextToArray(element) => fitted::append_array(element, value, out)?,
        Conversion::TextToAddress(kind) => fitted::append_address(kind, value, out)?,
        Conversion::AnyToMoment(moments) => moment::append(moments, value, out)?,
    }
    Some(())
}

/// An integer gets scale 0, a real at least `scale_min`.
fn append_number(value: ValueRef<'_>, scale_min: u16, out: &mut Vec<u8>) -> Option<()> {
    match value {
        ValueRef::Integer(number) => numeric::append_integer(number, out),
        ValueRef::Real(number) => match ShortestDecimal::of(number) {
            Some(decimal) => numeric::append_decimal(&decimal, scale_min, out)?,
            None => numeric::append_infinity(number, out)?,
        },
        ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => return None,
    }
    Some(())
}

fn append_uuid(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut high = None;
    for byte in text.iter().filter(|byte| **byte != b'-') {
        let nibble = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        };
        match high.take() {
            None => high = Some(nibble),
            Some(high) => out.push((high << 4) | nibble),
        }
    }
    matches!(text.len(), 32 | 36).then_some(())
}

const fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
    }
}

const fn real(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Real(number) => Some(number),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
    }
}

const fn text(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) => Some(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}

const fn blob(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Blob(bytes) => Some(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => None,
    }
}
