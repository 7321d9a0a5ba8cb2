//! `uuid` as text, and `text` that stands for a value of any class.

use super::super::{NumberForm, UuidForm, ValueRef, recognise};

pub(super) fn print_uuid(form: UuidForm, field: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let uuid = uuid::Uuid::from_slice(field).ok()?;
    let mut room = [0; uuid::fmt::Hyphenated::LENGTH];
    let printed: &str = match form {
        UuidForm::Hyphenated | UuidForm::HyphenatedDigits => uuid.hyphenated().encode_lower(&mut room),
        UuidForm::HyphenatedUpper => uuid.hyphenated().encode_upper(&mut room),
        UuidForm::Simple | UuidForm::SimpleDigits => uuid.simple().encode_lower(&mut room),
        UuidForm::SimpleUpper => uuid.simple().encode_upper(&mut room),
    };
    out.extend_from_slice(printed.as_bytes());
    Some(())
}

/// A canonical number is that number, `\x` and hex are those bytes, anything else is text.
pub(super) fn of_any<'a>(field: &'a [u8], scratch: &'a mut Vec<u8>) -> ValueRef<'a> {
    if recognise::is_hex_bytes(field) {
        let mut nibbles = field.iter().skip(2).filter_map(|digit| char::from(*digit).to_digit(16));
        while let (Some(high), Some(low)) = (nibbles.next(), nibbles.next()) {
            scratch.extend(u8::try_from(16 * high + low));
        }
        return ValueRef::Blob(scratch);
    }
    let Some((form, text)) = recognise::number_form(field).zip(std::str::from_utf8(field).ok()) else { return ValueRef::Text(field) };
    let number = match form {
        NumberForm::Integer => text.parse().ok().map(ValueRef::Integer),
        NumberForm::Real => text.parse().ok().map(ValueRef::Real),
    };
    number.unwrap_or(ValueRef::Text(field))
}
