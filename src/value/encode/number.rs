//! The binary form of the types of numbers that an application's own schema may have.

use super::super::plain::Plain;
use super::super::{NumberStyle, NumberType, ValueRef, single};
use super::{integer, numeric};
use crate::value::decimal::double_of;

pub(super) fn append(to: NumberType, style: NumberStyle, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    match to {
        NumberType::Smallint => out.extend_from_slice(&i16::try_from(whole(value)?).ok()?.to_be_bytes()),
        NumberType::Integer => out.extend_from_slice(&i32::try_from(whole(value)?).ok()?.to_be_bytes()),
        NumberType::Bigint => out.extend_from_slice(&whole(value)?.to_be_bytes()),
        NumberType::Real => out.extend_from_slice(&single::nearest(style, value).filter(|number| !number.is_nan())?.to_be_bytes()),
        NumberType::Double => out.extend_from_slice(&double(value)?.to_be_bytes()),
        NumberType::Numeric { .. } => append_numeric(value, (style == NumberStyle::ByScale).into(), out)?,
        NumberType::Decimal { .. } => append_numeric(value, 0, out)?,
    }
    Some(())
}

/// A real gets at least so many digits behind the point.
fn append_numeric(value: ValueRef<'_>, scale_min: u16, out: &mut Vec<u8>) -> Option<()> {
    match value {
        ValueRef::Text(b"Infinity") => numeric::append_infinity(f64::INFINITY, out),
        ValueRef::Text(b"-Infinity") => numeric::append_infinity(f64::NEG_INFINITY, out),
        ValueRef::Text(text) => numeric::append_plain(&Plain::read(text).ok()?, out),
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Null | ValueRef::Blob(_) => super::append_number(value, scale_min, out),
    }
}

fn whole(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => Plain::of_real(number)?.to_integer(),
        ValueRef::Text(text) => Plain::read(text).ok()?.to_integer(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn double(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Blob(_) => integer(value).map(double_of),
    }
}
