//! What goes into a type of strings, bytes or JSON that is there already.

use std::io::Write;

use super::super::canonical::{push_hex, write_real};
use super::super::json::check_json;
use super::super::plain::Plain;
use super::super::{
    Fate, NumberForm, Reason, Rule, StorageClass, StringStyle, StringType, TextRules, ValueRef, json_tree, recognise, sqlite_json,
};
use super::text::{HEX_BYTES_MAX, is_fine, mend, substitute};
use super::{FIELD_BYTES_MAX, Settled};

/// Any cell, in a type of strings.
pub(super) fn string<'a>(
    to: StringType,
    style: StringStyle,
    rules: TextRules,
    value: ValueRef<'a>,
    scratch: &'a mut Vec<u8>,
) -> Settled<'a> {
    if let (ValueRef::Text(text), StringStyle::Text) = (value, style)
        && is_fine(text)
        && fits(to, text)
    {
        return Settled::exact(value);
    }
    scratch.clear();
    let written = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Integer(number) => {
            write!(scratch, "{number}").expect("a Vec takes everything that is written to it");
            Fate::Exact
        }
        ValueRef::Real(number) if number.is_nan() => return Settled::quarantined(Reason::NotANumber, ValueRef::Null),
        ValueRef::Real(number) => {
            write_real(scratch, number);
            Fate::Exact
        }
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if is_fine(bytes) => {
            scratch.extend_from_slice(bytes);
            Fate::Exact
        }
        ValueRef::Text(bytes) => mend(bytes, rules, scratch),
        ValueRef::Blob(bytes) if bytes.len() > HEX_BYTES_MAX => return Settled::quarantined(Reason::TooLarge, ValueRef::Null),
        ValueRef::Blob(bytes) => {
            push_hex(scratch, bytes);
            Fate::Quarantined(if std::str::from_utf8(bytes).is_ok() { Reason::Nul } else { Reason::InvalidUtf8 })
        }
    };
    if scratch.len() > FIELD_BYTES_MAX {
        return Settled::quarantined(Reason::TooLarge, ValueRef::Null);
    }
    let cut = cut(to, scratch);
    if matches!((cut, value), (Fate::Quarantined(_), ValueRef::Integer(_) | ValueRef::Real(_))) {
        // A part of a number is another number.
        return Settled { fate: cut, value: ValueRef::Null };
    }
    let back = match style {
        StringStyle::Text => ValueRef::Text(scratch),
        StringStyle::Blob => ValueRef::Blob(scratch),
        StringStyle::Number => canonical_number(scratch).unwrap_or(ValueRef::Text(scratch)),
    };
    let fate = match (written, cut) {
        (quarantined @ Fate::Quarantined(_), _) | (_, quarantined @ Fate::Quarantined(_)) => quarantined,
        (normalised @ Fate::Normalised(_), _) | (_, normalised @ Fate::Normalised(_)) => normalised,
        (Fate::Exact, Fate::Exact) if back == value => Fate::Exact,
        (Fate::Exact, Fate::Exact) => Fate::Normalised(Rule::StorageClass),
    };
    Settled { fate, value: back }
}

/// Texts and blobs, in `bytea`.
pub(super) fn bytes<'a>(text: bool, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    let class = if text { StorageClass::Text } else { StorageClass::Blob };
    match value {
        _ if value.class() == class => Settled::exact(value),
        ValueRef::Text(bytes) => Settled { fate: Fate::Normalised(Rule::StorageClass), value: ValueRef::Blob(bytes) },
        ValueRef::Blob(bytes) => Settled { fate: Fate::Normalised(Rule::StorageClass), value: ValueRef::Text(bytes) },
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => substitute(class, value, Reason::WrongClass, scratch),
    }
}

/// JSON, in `json` or `jsonb`.
pub(super) fn json<'a>(binary: bool, numbers: bool, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    scratch.clear();
    let rule = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Integer(number) => {
            write!(scratch, "{number}").expect("a Vec takes everything that is written to it");
            Rule::StorageClass
        }
        ValueRef::Real(number) if !number.is_finite() => return Settled::quarantined(Reason::NotJson, ValueRef::Null),
        ValueRef::Real(number) => {
            write_real(scratch, number);
            Rule::StorageClass
        }
        ValueRef::Text(text) => {
            scratch.extend_from_slice(text);
            if binary { Rule::JsonbForm } else { Rule::NumberForm }
        }
        ValueRef::Blob(blob) if check_json(blob).is_some() => {
            scratch.extend_from_slice(blob);
            Rule::StorageClass
        }
        ValueRef::Blob(blob) => match sqlite_json::to_text(blob) {
            Some(text) => {
                scratch.extend_from_slice(text.as_bytes());
                Rule::BinaryJson
            }
            None => return Settled::quarantined(Reason::NotJson, ValueRef::Null),
        },
    };
    if let Err(reason) = if binary { to_jsonb(scratch) } else { check_json(scratch).map(drop).ok_or(Reason::NotJson) } {
        return Settled::quarantined(reason, ValueRef::Null);
    }
    let number = if numbers { json_number(scratch) } else { None };
    let back = number.unwrap_or(ValueRef::Text(scratch));
    if back == value {
        return Settled::exact(back);
    }
    let same_class = back.class() == value.class();
    let rule = if rule == Rule::BinaryJson {
        rule
    } else if !same_class {
        Rule::StorageClass
    } else if rule == Rule::StorageClass {
        Rule::NumberForm
    } else {
        rule
    };
    Settled { fate: Fate::Normalised(rule), value: back }
}

/// Turns a document into what `jsonb` prints for it.
fn to_jsonb(text: &mut Vec<u8>) -> Result<(), Reason> {
    let mut printed = String::with_capacity(text.len());
    json_tree::print_jsonb(&json_tree::read(text)?, &mut printed)?;
    // Its binary form has a byte in front.
    if printed.len() >= FIELD_BYTES_MAX {
        return Err(Reason::TooLarge);
    }
    *text = printed.into_bytes();
    Ok(())
}

/// A document that is a number, where an integer or real is that number.
fn json_number(text: &[u8]) -> Option<ValueRef<'static>> {
    let plain = Plain::read(text).ok()?;
    if text.iter().all(|byte| *byte == b'-' || byte.is_ascii_digit()) {
        return plain.to_integer().map(ValueRef::Integer);
    }
    let real = plain.to_real()?;
    Some(ValueRef::Real(if text.first() == Some(&b'-') { -real.abs() } else { real }))
}

fn canonical_number(text: &[u8]) -> Option<ValueRef<'static>> {
    let form = recognise::number_form(text)?;
    let text = std::str::from_utf8(text).ok()?;
    match form {
        NumberForm::Integer => text.parse().ok().map(ValueRef::Integer),
        NumberForm::Real => text.parse().ok().map(ValueRef::Real),
    }
}

/// Whether a text comes back from the type as it is.
fn fits(to: StringType, text: &[u8]) -> bool {
    match to {
        StringType::Text | StringType::Citext => true,
        StringType::Varchar { max } => end_of(max, text).is_none(),
        StringType::Char { length } => text.last() != Some(&b' ') && end_of(length, text).is_none(),
    }
}

/// Makes a text fit the type, and says what that does to it. PostgreSQL itself leaves out blanks beyond the length.
fn cut(to: StringType, text: &mut Vec<u8>) -> Fate {
    let (max, blanks) = match to {
        StringType::Text | StringType::Citext => return Fate::Exact,
        StringType::Varchar { max } => (max, false),
        StringType::Char { length } => (length, true),
    };
    let mut fate = Fate::Exact;
    if blanks && text.last() == Some(&b' ') {
        trim(text);
        fate = Fate::Normalised(Rule::TrailingBlanks);
    }
    if let Some(end) = end_of(max, text) {
        let only_blanks = text.iter().skip(end).all(|byte| *byte == b' ');
        fate = if only_blanks { Fate::Normalised(Rule::TrailingBlanks) } else { Fate::Quarantined(Reason::TooLong) };
        text.truncate(end);
        if blanks {
            trim(text);
        }
    }
    fate
}

fn trim(text: &mut Vec<u8>) {
    text.truncate(text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1));
}

/// Where the character behind so many begins, if there is one.
fn end_of(characters: u32, text: &[u8]) -> Option<usize> {
    let characters = usize::try_from(characters).unwrap_or(usize::MAX);
    // Characters are never more than bytes.
    if text.len() <= characters {
        return None;
    }
    std::str::from_utf8(text).ok()?.char_indices().nth(characters).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::super::super::Conversion;
    use super::super::tests::check;
    use super::*;
    use ValueRef::{Blob, Integer, Real, Text};

    const NULL: ValueRef<'static> = ValueRef::Null;

    fn to(to: StringType, style: StringStyle) -> Conversion {
        Conversion::AnyToString { to, style, rules: TextRules::default() }
    }

    #[test]
    fn settles_strings() {
        let (class, blanks) = (Fate::Normalised(Rule::StorageClass), Fate::Normalised(Rule::TrailingBlanks));
        let long = Fate::Quarantined(Reason::TooLong);
        let three = StringType::Varchar { max: 3 };
        let varchar = to(three, StringStyle::Text);
        let fixed = to(StringType::Char { length: 3 }, StringStyle::Text);
        let number = to(three, StringStyle::Number);
        check(&[
            (varchar, Text("ğüş".as_bytes()), Fate::Exact, Text("ğüş".as_bytes())),
            (varchar, Text("ğüşi".as_bytes()), long, Text("ğüş".as_bytes())),
            (varchar, Text(b"ab "), Fate::Exact, Text(b"ab ")),
            (varchar, Text(b"ab   "), blanks, Text(b"ab ")),
            (varchar, Text(b"a\0b"), Fate::Quarantined(Reason::Nul), Text("a\u{2400}b".as_bytes())),
            (varchar, Integer(-12), class, Text(b"-12")),
            (varchar, Integer(-123), long, NULL),
            (varchar, Blob(b"abc"), class, Text(b"abc")),
            (varchar, Blob(b"\xff"), Fate::Quarantined(Reason::InvalidUtf8), Text(b"\\xf")),
            (fixed, Text(b"ab"), Fate::Exact, Text(b"ab")),
            (fixed, Text(b"ab "), blanks, Text(b"ab")),
            (fixed, Text(b"   "), blanks, Text(b"")),
            (fixed, Text(b"ab    "), blanks, Text(b"ab")),
            (fixed, Text(b"a bc"), long, Text(b"a b")),
            (number, Integer(12), Fate::Exact, Integer(12)),
            (number, Real(0.5), Fate::Exact, Real(0.5)),
            (number, Text(b"12"), class, Integer(12)),
            (number, Text(b"abc"), Fate::Exact, Text(b"abc")),
            (to(StringType::Text, StringStyle::Blob), Blob(b"<p>"), Fate::Exact, Blob(b"<p>")),
            (to(StringType::Text, StringStyle::Blob), Text(b"<p>"), class, Blob(b"<p>")),
            (to(StringType::Text, StringStyle::Text), Blob(b"\xff"), Fate::Quarantined(Reason::InvalidUtf8), Text(b"\\xff")),
        ]);
    }

    #[test]
    fn settles_bytes_of_both_classes() {
        let class = Fate::Normalised(Rule::StorageClass);
        let (blobs, texts) = (Conversion::AnyToBytea { text: false }, Conversion::AnyToBytea { text: true });
        check(&[
            (blobs, Blob(b"\0"), Fate::Exact, Blob(b"\0")),
            (blobs, Text(b"-----BEGIN"), class, Blob(b"-----BEGIN")),
            (texts, Text(b"\xff"), Fate::Exact, Text(b"\xff")),
            (texts, Blob(b"\xff"), class, Text(b"\xff")),
            (blobs, Integer(7), Fate::Quarantined(Reason::WrongClass), Blob(b"7")),
        ]);
    }

    #[test]
    fn settles_json() {
        let of = |binary, numbers| Conversion::AnyToJson { binary, numbers };
        let (kept, bound) = (of(false, false), of(true, false));
        let (class, form) = (Fate::Normalised(Rule::StorageClass), Fate::Normalised(Rule::JsonbForm));
        let blob = Blob(b"\x2b\x13\x37");
        check(&[
            (kept, Text(b" {\"b\":1,\"a\":1}"), Fate::Exact, Text(b" {\"b\":1,\"a\":1}")),
            (kept, Integer(5), class, Text(b"5")),
            (kept, Blob(b"{}"), class, Text(b"{}")),
            (bound, Text(b"{\"b\":1,\"a\":1.50}"), form, Text(b"{\"a\": 1.50, \"b\": 1}")),
            (bound, Text(b"[1, 2]"), Fate::Exact, Text(b"[1, 2]")),
            (bound, Text(b"[\"\\u0000\"]"), Fate::Quarantined(Reason::Nul), NULL),
            (bound, Text(b"[\"\\ud800\"]"), Fate::Quarantined(Reason::NotJson), NULL),
            (bound, Text(b"1e200000"), Fate::Quarantined(Reason::OutOfRange), NULL),
            (bound, Text(b"{a}"), Fate::Quarantined(Reason::NotJson), NULL),
            (bound, Text(b""), Fate::Quarantined(Reason::NotJson), NULL),
            (bound, blob, Fate::Normalised(Rule::BinaryJson), Text(b"[7]")),
            (bound, Blob(b"\xff"), Fate::Quarantined(Reason::NotJson), NULL),
            (bound, Real(f64::INFINITY), Fate::Quarantined(Reason::NotJson), NULL),
            (of(true, true), Integer(5), Fate::Exact, Integer(5)),
            (of(true, true), Text(b"5"), class, Integer(5)),
            (of(true, true), Text(b"\"5\""), Fate::Exact, Text(b"\"5\"")),
            (of(true, true), Real(1e16), class, Integer(10_000_000_000_000_000)),
            (of(true, true), Real(-0.0), Fate::Normalised(Rule::NumberForm), Real(0.0)),
            (of(false, true), Real(1e16), Fate::Exact, Real(1e16)),
            (of(false, true), Text(b"0.10000000000000000555"), Fate::Exact, Text(b"0.10000000000000000555")),
        ]);
    }
}
