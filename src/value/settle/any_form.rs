//! UUIDs, arrays and network addresses in a column that is there already: what is read comes back in one form.

use super::super::address::Address;
use super::super::array::{Element, elements};
use super::super::json_tree::print_string;
use super::super::{AddressType, ElementType, Fate, Reason, Rule, UuidForm, UuidLayout, ValueRef, uuid_bytes};
use super::{FIELD_BYTES_MAX, Settled};

/// A UUID, as text of a form or as 16 bytes.
pub(super) fn uuid<'a>(form: Option<UuidForm>, layout: UuidLayout, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    let digits = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Text(text) => uuid_bytes::read(text),
        ValueRef::Blob(bytes) => <[u8; 16]>::try_from(bytes).ok().map(|bytes| uuid_bytes::reordered(layout, bytes)),
        ValueRef::Integer(_) | ValueRef::Real(_) => return Settled::quarantined(Reason::WrongClass, ValueRef::Null),
    };
    let Some(digits) = digits else { return Settled::quarantined(Reason::OtherForm, ValueRef::Null) };
    scratch.clear();
    let back = match form {
        None => {
            scratch.extend_from_slice(&uuid_bytes::reordered(layout, digits));
            ValueRef::Blob(scratch)
        }
        Some(form) => {
            uuid_bytes::write(form, digits, scratch);
            ValueRef::Text(scratch)
        }
    };
    compared(value, back, Rule::UuidForm)
}

/// A JSON array, as compact JSON.
pub(super) fn array<'a>(element: ElementType, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    let text = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Text(text) => text,
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => return Settled::quarantined(Reason::WrongClass, ValueRef::Null),
    };
    let elements = match elements(element, text) {
        Ok(elements) => elements,
        Err(reason) => return Settled::quarantined(reason, ValueRef::Null),
    };
    let mut printed = String::from("[");
    for (position, element) in elements.iter().enumerate() {
        printed.push_str(if position > 0 { "," } else { "" });
        match element {
            Element::Null => printed.push_str("null"),
            Element::Text(text) => print_string(text, &mut printed),
            Element::Integer(number) => printed.push_str(&number.to_string()),
            Element::Real(number) => printed.push_str(&number.to_string()),
            Element::Boolean(value) => printed.push_str(if *value { "true" } else { "false" }),
            Element::Uuid(digits) => {
                scratch.clear();
                uuid_bytes::write(UuidForm::Hyphenated, *digits, scratch);
                printed.push('"');
                printed.push_str(&String::from_utf8_lossy(scratch));
                printed.push('"');
            }
        }
    }
    printed.push(']');
    // In the binary form an element has a length of four bytes.
    if printed.len().saturating_add(elements.len().saturating_mul(16)) > FIELD_BYTES_MAX {
        return Settled::quarantined(Reason::TooLarge, ValueRef::Null);
    }
    *scratch = printed.into_bytes();
    compared(value, ValueRef::Text(scratch), Rule::ArrayForm)
}

/// A network address, as PostgreSQL writes it.
pub(super) fn address<'a>(kind: AddressType, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    let text = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Text(text) => text,
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => return Settled::quarantined(Reason::WrongClass, ValueRef::Null),
    };
    let Some(address) = Address::read(kind, text) else { return Settled::quarantined(Reason::OtherForm, ValueRef::Null) };
    scratch.clear();
    scratch.extend_from_slice(address.written(kind).as_bytes());
    compared(value, ValueRef::Text(scratch), Rule::AddressForm)
}

fn compared<'a>(cell: ValueRef<'a>, back: ValueRef<'a>, rule: Rule) -> Settled<'a> {
    if back == cell { Settled::exact(back) } else { Settled { fate: Fate::Normalised(rule), value: back } }
}
