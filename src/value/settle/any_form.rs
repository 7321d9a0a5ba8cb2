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

#[cfg(test)]
mod tests {
    use super::super::super::Conversion;
    use super::super::tests::check;
    use super::*;
    use ValueRef::{Blob, Integer, Text};

    const NULL: ValueRef<'static> = ValueRef::Null;

    #[test]
    fn settles_uuids() {
        let text = Conversion::AnyToUuid { form: Some(UuidForm::Hyphenated), layout: UuidLayout::Dotnet };
        let blob = Conversion::AnyToUuid { form: None, layout: UuidLayout::Dotnet };
        let hyphenated = Text(b"00010203-0405-0607-0809-0a0b0c0d0e0f");
        let bytes = Blob(&[3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
        let form = Fate::Normalised(Rule::UuidForm);
        check(&[
            (text, hyphenated, Fate::Exact, hyphenated),
            (text, Text(b"{00010203-0405-0607-0809-0A0B0C0D0E0F}"), form, hyphenated),
            (text, Text(b"000102030405060708090a0b0c0d0e0f"), form, hyphenated),
            (text, bytes, form, hyphenated),
            (text, Text(b"000102030405060708090a0b0c0d0e0"), Fate::Quarantined(Reason::OtherForm), NULL),
            (text, Integer(1), Fate::Quarantined(Reason::WrongClass), NULL),
            (blob, bytes, Fate::Exact, bytes),
            (blob, hyphenated, form, bytes),
            (blob, Blob(&[0; 15]), Fate::Quarantined(Reason::OtherForm), NULL),
        ]);
    }

    #[test]
    fn settles_arrays() {
        let form = Fate::Normalised(Rule::ArrayForm);
        let quarantined = Fate::Quarantined;
        let texts = Conversion::TextToArray(ElementType::Varchar { max: Some(2) });
        let numbers = Conversion::TextToArray(ElementType::Smallint);
        check(&[
            (texts, Text(b"[\"a\",null,\"b\\\"\"]"), Fate::Exact, Text(b"[\"a\",null,\"b\\\"\"]")),
            (texts, Text(b"[ \"\\u0061\" , \"b\" ]"), form, Text(b"[\"a\",\"b\"]")),
            (texts, Text(b"[]"), Fate::Exact, Text(b"[]")),
            (texts, Text(b"[\"abc\"]"), quarantined(Reason::TooLong), NULL),
            (texts, Text(b"[1]"), quarantined(Reason::OtherForm), NULL),
            (texts, Text(b"[[\"a\"]]"), quarantined(Reason::OtherForm), NULL),
            (texts, Text(b"{\"a\":1}"), quarantined(Reason::OtherForm), NULL),
            (texts, Text(b"{a,b}"), quarantined(Reason::NotJson), NULL),
            (texts, Text(b"[\"\\u0000\"]"), quarantined(Reason::Nul), NULL),
            (texts, Blob(b"[]"), quarantined(Reason::WrongClass), NULL),
            (numbers, Text(b"[1,-2]"), Fate::Exact, Text(b"[1,-2]")),
            (numbers, Text(b"[1.0,1e2]"), form, Text(b"[1,100]")),
            (numbers, Text(b"[1.5]"), quarantined(Reason::TooPrecise), NULL),
            (numbers, Text(b"[32768]"), quarantined(Reason::OutOfRange), NULL),
            (Conversion::TextToArray(ElementType::Double), Text(b"[0.5,1.0]"), form, Text(b"[0.5,1]")),
            (Conversion::TextToArray(ElementType::Boolean), Text(b"[true,false]"), Fate::Exact, Text(b"[true,false]")),
        ]);
    }

    #[test]
    fn settles_addresses() {
        let (host, network) = (Conversion::TextToAddress(AddressType::Inet), Conversion::TextToAddress(AddressType::Cidr));
        let form = Fate::Normalised(Rule::AddressForm);
        check(&[
            (host, Text(b"10.0.0.1"), Fate::Exact, Text(b"10.0.0.1")),
            (host, Text(b"2001:DB8::1/128"), form, Text(b"2001:db8::1")),
            (host, Text(b"localhost"), Fate::Quarantined(Reason::OtherForm), NULL),
            (host, Integer(1), Fate::Quarantined(Reason::WrongClass), NULL),
            (network, Text(b"10.0.0.0"), form, Text(b"10.0.0.0/32")),
            (network, Text(b"10.0.0.1/8"), Fate::Quarantined(Reason::OtherForm), NULL),
        ]);
    }
}
