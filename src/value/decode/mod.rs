//! Turns fields of PostgreSQL's binary form back into cells.
//!
//! Verification believes this and not the encoder, so it has a calendar, a reader of decimals and a printer of its
//! own. Strict: a field that is not a value of the type, or that the source's column has no exact form for, is a
//! fault, never the nearest cell.

mod any_number;
mod fitted;
mod moment;
mod number;
mod text;

use super::{Conversion, ValueFault, ValueRef};

/// Reads one field, `None` for NULL, into the cell that it stands for. `scratch` is overwritten.
pub fn decode<'a>(conversion: Conversion, field: Option<&'a [u8]>, scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, ValueFault> {
    let Some(field) = field else { return Ok(ValueRef::Null) };
    let pg_type = conversion.pg_type();
    let malformed = ValueFault::Malformed { pg_type, bytes: field.len() };
    let unrepresentable = ValueFault::Unrepresentable { pg_type };
    let refused = |refusal: Refusal| if refusal == Refusal::Malformed { malformed } else { unrepresentable };
    scratch.clear();
    match conversion {
        Conversion::IntegerToBigint => Ok(ValueRef::Integer(eight_bytes(field).map(i64::from_be_bytes).ok_or(malformed)?)),
        Conversion::IntegerToBoolean => match field {
            [0] => Ok(ValueRef::Integer(0)),
            [1] => Ok(ValueRef::Integer(1)),
            _ => Err(malformed),
        },
        Conversion::IntegerToTimestamptz(unit) => {
            let micros = eight_bytes(field).map(i64::from_be_bytes).ok_or(malformed)?;
            moment::to_epoch(unit, micros).map(ValueRef::Integer).ok_or(unrepresentable)
        }
        Conversion::RealToDouble => {
            let number = eight_bytes(field).map(f64::from_be_bytes).ok_or(malformed)?;
            if number.is_nan() { Err(unrepresentable) } else { Ok(ValueRef::Real(number)) }
        }
        Conversion::NumberToDouble => {
            let number = eight_bytes(field).map(f64::from_be_bytes).ok_or(malformed)?;
            if number.is_nan() { Err(unrepresentable) } else { Ok(number::of_double(number)) }
        }
        Conversion::NumberToNumeric | Conversion::NumberToDecimal { .. } => {
            number::print(field, scratch).ok_or(malformed)?;
            number::of_decimal(scratch, conversion == Conversion::NumberToNumeric).ok_or(unrepresentable)
        }
        Conversion::TextToText(_) | Conversion::TextToJson | Conversion::TextToBytea | Conversion::AnyToBytea { text: true } => {
            Ok(ValueRef::Text(field))
        }
        Conversion::TextToUuid(form) => {
            text::print_uuid(form, field, scratch).ok_or(malformed)?;
            Ok(ValueRef::Text(scratch))
        }
        Conversion::TextToDate => {
            let days = <[u8; 4]>::try_from(field).map(i32::from_be_bytes).map_err(|_| malformed)?;
            moment::print_date(days.into(), scratch).ok_or(unrepresentable)?;
            Ok(ValueRef::Text(scratch))
        }
        Conversion::TextToTime(form) => {
            let micros = eight_bytes(field).map(i64::from_be_bytes).ok_or(malformed)?;
            moment::print_time(form, micros, scratch).ok_or(unrepresentable)?;
            Ok(ValueRef::Text(scratch))
        }
        Conversion::TextToTimestamp(form) => {
            let micros = eight_bytes(field).map(i64::from_be_bytes).ok_or(malformed)?;
            moment::print_timestamp(form, micros, scratch).ok_or(unrepresentable)?;
            Ok(ValueRef::Text(scratch))
        }
        Conversion::TextToTimestamptz(form) => {
            let micros = eight_bytes(field).map(i64::from_be_bytes).ok_or(malformed)?;
            let local = moment::at_offset(form.offset, micros).ok_or(unrepresentable)?;
            moment::print_timestamp(form, local, scratch).ok_or(unrepresentable)?;
            Ok(ValueRef::Text(scratch))
        }
        Conversion::BlobToBytea | Conversion::BlobToText | Conversion::AnyToBytea { text: false } => Ok(ValueRef::Blob(field)),
        Conversion::BlobToUuid => Some(ValueRef::Blob(field)).filter(|_| field.len() == 16).ok_or(malformed),
        Conversion::AnyToText(_) => Ok(text::of_any(field, scratch)),
        Conversion::AnyToNumber { to, style } => any_number::decode(to, style, field, scratch).map_err(refused),
        Conversion::AnyToBoolean(form) => fitted::boolean(form, field).map_err(refused),
        Conversion::AnyToString { to, style, .. } => Ok(fitted::string(to, style, field, scratch)),
        Conversion::AnyToJson { binary, numbers } => fitted::json(binary, numbers, field).map_err(refused),
        Conversion::AnyToUuid { form, layout } => fitted::uuid(form, layout, field, scratch).ok_or(malformed),
        Conversion::TextToArray(element) => fitted::array(element, field, scratch).map_err(refused),
        Conversion::TextToAddress(kind) => fitted::address(kind, field, scratch).map_err(refused),
    }
}

/// Why a field gives no cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Malformed,
    Unrepresentable,
}

fn eight_bytes(field: &[u8]) -> Option<[u8; 8]> {
    field.try_into().ok()
}
