//! The other types of an application's own schema.

use super::super::{AddressType, BooleanForm, ElementType, StringStyle, StringType, UuidForm, UuidLayout, ValueRef};
use super::{Refusal, text};

pub(super) fn boolean(form: BooleanForm, field: &[u8]) -> Result<ValueRef<'static>, Refusal> {
    let yes = match field {
        [0] => false,
        [1] => true,
        _ => return Err(Refusal::Malformed),
    };
    let of = |if_true: &'static str, if_false: &'static str| ValueRef::Text(if yes { if_true } else { if_false }.as_bytes());
    Ok(match form {
        BooleanForm::Integer => ValueRef::Integer(yes.into()),
        BooleanForm::Digit => of("1", "0"),
        BooleanForm::Initial => of("t", "f"),
        BooleanForm::InitialUpper => of("T", "F"),
        BooleanForm::Word => of("true", "false"),
        BooleanForm::WordTitle => of("True", "False"),
        BooleanForm::WordUpper => of("TRUE", "FALSE"),
        BooleanForm::Letter => of("y", "n"),
        BooleanForm::LetterUpper => of("Y", "N"),
        BooleanForm::Answer => of("yes", "no"),
        BooleanForm::AnswerTitle => of("Yes", "No"),
        BooleanForm::AnswerUpper => of("YES", "NO"),
        BooleanForm::Switch => of("on", "off"),
        BooleanForm::SwitchTitle => of("On", "Off"),
        BooleanForm::SwitchUpper => of("ON", "OFF"),
    })
}

/// `character` has come with the blanks that fill it up.
pub(super) fn string<'a>(to: StringType, style: StringStyle, field: &'a [u8], scratch: &'a mut Vec<u8>) -> ValueRef<'a> {
    let bytes = match to {
        StringType::Text | StringType::Citext | StringType::Varchar { .. } => field,
        StringType::Char { .. } => {
            let blanks = field.iter().rev().take_while(|byte| **byte == b' ').count();
            field.get(..field.len() - blanks).unwrap_or_default()
        }
    };
    match style {
        StringStyle::Text => ValueRef::Text(bytes),
        StringStyle::Blob => ValueRef::Blob(bytes),
        StringStyle::Number => match text::of_any(bytes, scratch) {
            number @ (ValueRef::Integer(_) | ValueRef::Real(_)) => number,
            ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => ValueRef::Text(bytes),
        },
    }
}

/// `jsonb` comes as the number of its format, which is 1, and a text.
pub(super) fn json(binary: bool, numbers: bool, field: &[u8]) -> Result<ValueRef<'_>, Refusal> {
    let document = match field {
        document if !binary => document,
        [1, document @ ..] => document,
        _ => return Err(Refusal::Malformed),
    };
    let number = if numbers { json_number(document) } else { None };
    Ok(number.unwrap_or(ValueRef::Text(document)))
}

fn json_number(document: &[u8]) -> Option<ValueRef<'static>> {
    if !matches!(document, [b'-', b'0'..=b'9', ..] | [b'0'..=b'9', ..]) {
        return None;
    }
    let text = std::str::from_utf8(document).ok()?;
    if !text.contains(['.', 'e', 'E']) {
        return text.parse().ok().map(ValueRef::Integer);
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    is_decimal_of(number, text).then_some(ValueRef::Real(number))
}

/// Whether the digits of a text, wherever its point stands, are those of the shortest decimal of the number.
fn is_decimal_of(number: f64, text: &str) -> bool {
    let normal = |text: &str| -> Option<(String, i64)> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{}{behind}", whole.trim_start_matches('-'));
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        let exponent = exponent.parse::<i64>().ok()? - i64::try_from(behind.len()).ok()? + i64::try_from(zeros).ok()?;
        let digits = digits.trim_matches('0').to_owned();
        let exponent = if digits.is_empty() { 0 } else { exponent };
        Some((digits, exponent))
    };
    normal(text).is_some_and(|written| normal(&format!("{number:e}")) == Some(written))
}

pub(super) fn uuid<'a>(form: Option<UuidForm>, layout: UuidLayout, field: &[u8], scratch: &'a mut Vec<u8>) -> Option<ValueRef<'a>> {
    let Some(form) = form else {
        scratch.extend_from_slice(field);
        if layout == UuidLayout::Dotnet {
            for group in [0..4, 4..6, 6..8] {
                scratch.get_mut(group)?.reverse();
            }
        }
        return (field.len() == 16).then_some(ValueRef::Blob(scratch));
    };
    text::print_uuid(form, field, scratch)?;
    Some(ValueRef::Text(scratch))
}

/// An array of one dimension that starts at 1, as compact JSON.
pub(super) fn array<'a>(kind: ElementType, field: &[u8], scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, Refusal> {
    let (dimensions, rest) = word(field)?;
    let (_, rest) = word(rest)?;
    let (oid, rest) = word(rest)?;
    if u32::try_from(oid) != Ok(kind.oid()) {
        return Err(Refusal::Malformed);
    }
    if dimensions == 0 {
        scratch.extend_from_slice(b"[]");
        return if rest.is_empty() { Ok(ValueRef::Text(scratch)) } else { Err(Refusal::Malformed) };
    }
    let (count, rest) = word(rest)?;
    let (first, mut rest) = word(rest)?;
    if dimensions != 1 || first != 1 {
        return Err(Refusal::Unrepresentable);
    }
    scratch.push(b'[');
    for position in 0..count {
        if position > 0 {
            scratch.push(b',');
        }
        let (length, content) = word(rest)?;
        if length < 0 {
            scratch.extend_from_slice(b"null");
            rest = content;
            continue;
        }
        let length = usize::try_from(length).map_err(|_| Refusal::Malformed)?;
        let (content, after) = content.split_at_checked(length).ok_or(Refusal::Malformed)?;
        print_element(kind, content, scratch)?;
        rest = after;
    }
    scratch.push(b']');
    if rest.is_empty() { Ok(ValueRef::Text(scratch)) } else { Err(Refusal::Malformed) }
}

fn word(bytes: &[u8]) -> Result<(i32, &[u8]), Refusal> {
    let (word, rest) = bytes.split_first_chunk::<4>().ok_or(Refusal::Malformed)?;
    Ok((i32::from_be_bytes(*word), rest))
}

fn print_element(kind: ElementType, content: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let printed = match kind {
        ElementType::Text | ElementType::Varchar { .. } => {
            let text = std::str::from_utf8(content).map_err(|_| Refusal::Malformed)?;
            serde_json::to_string(text).map_err(|_| Refusal::Malformed)?
        }
        ElementType::Smallint => content.try_into().map(i16::from_be_bytes).map_err(|_| Refusal::Malformed)?.to_string(),
        ElementType::Integer => content.try_into().map(i32::from_be_bytes).map_err(|_| Refusal::Malformed)?.to_string(),
        ElementType::Bigint => content.try_into().map(i64::from_be_bytes).map_err(|_| Refusal::Malformed)?.to_string(),
        ElementType::Double => {
            let number = content.try_into().map(f64::from_be_bytes).map_err(|_| Refusal::Malformed)?;
            if !number.is_finite() || (number == 0.0 && number.is_sign_negative()) {
                return Err(Refusal::Unrepresentable);
            }
            number.to_string()
        }
        ElementType::Boolean => match content {
            [0] => "false".to_owned(),
            [1] => "true".to_owned(),
            _ => return Err(Refusal::Malformed),
        },
        ElementType::Uuid => {
            let uuid = uuid::Uuid::from_slice(content).map_err(|_| Refusal::Malformed)?;
            format!("\"{}\"", uuid.hyphenated())
        }
    };
    out.extend_from_slice(printed.as_bytes());
    Ok(())
}

/// Family, bits, whether it is a network, how many bytes, and those; a card's address is its six bytes.
pub(super) fn address<'a>(kind: AddressType, field: &[u8], scratch: &'a mut Vec<u8>) -> Result<ValueRef<'a>, Refusal> {
    let printed = match (kind, field) {
        (AddressType::Macaddr, bytes) if bytes.len() == 6 => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"),
        (AddressType::Inet | AddressType::Cidr, [2, bits, _, 4, a, b, c, d]) => {
            format!("{a}.{b}.{c}.{d}{}", suffix(kind, *bits, 32))
        }
        (AddressType::Inet | AddressType::Cidr, [3, bits, _, 16, address @ ..]) => {
            let address: [u8; 16] = address.try_into().map_err(|_| Refusal::Malformed)?;
            format!("{}{}", print_v6(address), suffix(kind, *bits, 128))
        }
        (AddressType::Inet | AddressType::Cidr | AddressType::Macaddr, _) => return Err(Refusal::Malformed),
    };
    scratch.extend_from_slice(printed.as_bytes());
    Ok(ValueRef::Text(scratch))
}

/// The bits of the network, left out of the address of a host.
fn suffix(kind: AddressType, bits: u8, all: u8) -> String {
    if kind == AddressType::Inet && bits == all { String::new() } else { format!("/{bits}") }
}

/// Rust's own form, but for the addresses `::a.b.c.d`, which it writes in hex.
fn print_v6(address: [u8; 16]) -> String {
    match address {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] if a > 0 || b > 0 => format!("::{a}.{b}.{c}.{d}"),
        _ => core::net::Ipv6Addr::from(address).to_string(),
    }
}
