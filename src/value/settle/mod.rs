//! Says, before anything is sent, what a cell will be after the round trip and in which class of promise 1 that is.
//!
//! Total: every value settles under every conversion. Allocates only for a text that needs mending or a substitute.

mod any_form;
mod any_number;
mod any_text;
mod form;
mod number;
mod text;

use super::{Conversion, Fate, Reason, StorageClass, ValueRef};

/// Most bytes of one field: PostgreSQL allocates less than 1 GiB at once, four bytes of it for the length.
pub(super) const FIELD_BYTES_MAX: usize = 0x3fff_fffb;

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled<'a> {
    /// The class of promise 1.
    pub fate: Fate,
    /// What [`super::encode`] takes, and what [`super::decode`] gives back.
    pub value: ValueRef<'a>,
}

impl<'a> Settled<'a> {
    const fn exact(value: ValueRef<'a>) -> Self {
        Self { fate: Fate::Exact, value }
    }

    const fn quarantined(reason: Reason, substitute: ValueRef<'a>) -> Self {
        Self { fate: Fate::Quarantined(reason), value: substitute }
    }
}

/// Settles a cell: what it will be in the target, as a SQLite value, and why.
///
/// The substitute of a quarantined cell is NULL wherever the target's type is not `text` or `bytea`; there it shows
/// as much of the original as can be shown. `scratch` is overwritten.
pub fn settle<'a>(conversion: Conversion, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    if matches!(value, ValueRef::Null) {
        return Settled::exact(value);
    }
    if value.bytes() > FIELD_BYTES_MAX {
        return Settled::quarantined(Reason::TooLarge, ValueRef::Null);
    }
    match conversion {
        Conversion::IntegerToBigint => number::bigint(value),
        Conversion::IntegerToBoolean => number::boolean(value),
        Conversion::IntegerToTimestamptz(unit) => number::timestamptz(unit, value),
        Conversion::RealToDouble => number::double(value),
        Conversion::NumberToDouble => number::affine_double(value),
        Conversion::NumberToNumeric => number::numeric(value),
        Conversion::NumberToDecimal { precision, scale } => number::decimal(precision, scale, value),
        Conversion::TextToText(rules) => text::settle_text(rules, value, scratch),
        Conversion::TextToJson => form::json(value),
        Conversion::TextToUuid(form) => form::uuid(form, value),
        Conversion::TextToDate => form::date(value),
        Conversion::TextToTime(form) => form::time(form, value),
        Conversion::TextToTimestamp(form) | Conversion::TextToTimestamptz(form) => form::timestamp(form, value),
        Conversion::TextToBytea => text::settle_bytes(StorageClass::Text, value, scratch),
        Conversion::BlobToBytea => text::settle_bytes(StorageClass::Blob, value, scratch),
        Conversion::BlobToText => text::settle_blob_as_text(value, scratch),
        Conversion::BlobToUuid => form::uuid_bytes(value),
        Conversion::AnyToText(rules) => text::settle_any(rules, value, scratch),
        Conversion::AnyToNumber { to, style } => any_number::number(to, style, value, scratch),
        Conversion::AnyToBoolean(form) => any_number::boolean(form, value),
        Conversion::AnyToString { to, style, rules } => any_text::string(to, style, rules, value, scratch),
        Conversion::AnyToBytea { text } => any_text::bytes(text, value, scratch),
        Conversion::AnyToJson { binary, numbers } => any_text::json(binary, numbers, value, scratch),
        Conversion::AnyToUuid { form, layout } => any_form::uuid(form, layout, value, scratch),
        Conversion::TextToArray(element) => any_form::array(element, value, scratch),
        Conversion::TextToAddress(kind) => any_form::address(kind, value, scratch),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Epoch, Fraction, Offset, Rule, Separator, TextFault, TextRules, TimeForm, TimestampForm, UuidForm};
    use super::ValueRef::{Blob, Integer, Null, Real, Text};
    use super::*;

    const LIMIT: f64 = 2_251_799_813_685_248.0;

    fn rules(nul: TextFault, invalid_utf8: TextFault) -> TextRules {
        TextRules { nul, invalid_utf8 }
    }

    pub(super) fn check(cases: &[(Conversion, ValueRef<'_>, Fate, ValueRef<'_>)]) {
        for (conversion, cell, fate, value) in cases {
            let mut scratch = b"left over".to_vec();
            let settled = settle(*conversion, *cell, &mut scratch);
            assert_eq!(settled.fate, *fate, "{conversion:?} {cell:?}");
            assert!(settled.value == *value, "{conversion:?} {cell:?} → {:?}", settled.value);
        }
    }

    #[test]
    fn settles_numbers() {
        use Conversion::{IntegerToBigint, IntegerToBoolean, IntegerToTimestamptz, NumberToDouble, NumberToNumeric, RealToDouble};
        let decimal = Conversion::NumberToDecimal { precision: 5, scale: 2 };
        let quarantined = Fate::Quarantined;
        check(&[
            (IntegerToBigint, Null, Fate::Exact, Null),
            (IntegerToBigint, Integer(i64::MIN), Fate::Exact, Integer(i64::MIN)),
            (IntegerToBigint, Real(5.0), quarantined(Reason::WrongClass), Null),
            (IntegerToBigint, Text(b"5"), quarantined(Reason::WrongClass), Null),
            (IntegerToBoolean, Integer(1), Fate::Exact, Integer(1)),
            (IntegerToBoolean, Integer(-1), quarantined(Reason::NotBoolean), Null),
            (IntegerToTimestamptz(Epoch::Seconds), Integer(9_224_318_015_999), Fate::Exact, Integer(9_224_318_015_999)),
            (IntegerToTimestamptz(Epoch::Seconds), Integer(9_224_318_016_000), quarantined(Reason::OutOfRange), Null),
            (IntegerToTimestamptz(Epoch::Seconds), Integer(-210_866_803_200), Fate::Exact, Integer(-210_866_803_200)),
            (IntegerToTimestamptz(Epoch::Seconds), Integer(-210_866_803_201), quarantined(Reason::OutOfRange), Null),
            (IntegerToTimestamptz(Epoch::Microseconds), Integer(i64::MIN), quarantined(Reason::OutOfRange), Null),
            (RealToDouble, Real(-0.0), Fate::Exact, Real(-0.0)),
            (RealToDouble, Real(f64::NAN), quarantined(Reason::NotANumber), Null),
            (RealToDouble, Integer(1), quarantined(Reason::WrongClass), Null),
            (NumberToDouble, Integer((1 << 51) - 1), Fate::Exact, Integer((1 << 51) - 1)),
            (NumberToDouble, Integer(1 << 51), quarantined(Reason::Ambiguous), Real(LIMIT)),
            (NumberToDouble, Integer(i64::MAX), quarantined(Reason::Ambiguous), Real(9_223_372_036_854_775_808.0)),
            (NumberToDouble, Real(LIMIT), Fate::Exact, Real(LIMIT)),
            (NumberToDouble, Real(LIMIT - 1.0), quarantined(Reason::Ambiguous), Integer((1 << 51) - 1)),
            (NumberToDouble, Real(-0.0), quarantined(Reason::Ambiguous), Integer(0)),
            (NumberToDouble, Real(f64::INFINITY), Fate::Exact, Real(f64::INFINITY)),
            (NumberToNumeric, Real(5.0), Fate::Exact, Real(5.0)),
            (NumberToNumeric, Real(-0.0), quarantined(Reason::Ambiguous), Real(0.0)),
            (NumberToNumeric, Real(f64::NEG_INFINITY), Fate::Exact, Real(f64::NEG_INFINITY)),
            (NumberToNumeric, Blob(b""), quarantined(Reason::WrongClass), Null),
            (decimal, Integer(999), Fate::Exact, Integer(999)),
            (decimal, Integer(-1_000), quarantined(Reason::OutOfRange), Null),
            (decimal, Real(999.99), Fate::Exact, Real(999.99)),
            (decimal, Real(5.0), quarantined(Reason::Ambiguous), Integer(5)),
            (decimal, Real(-0.0), quarantined(Reason::Ambiguous), Integer(0)),
            (decimal, Real(0.001), quarantined(Reason::TooPrecise), Null),
            (decimal, Real(1e300), quarantined(Reason::OutOfRange), Null),
            (decimal, Real(f64::INFINITY), quarantined(Reason::OutOfRange), Null),
        ]);
    }

    #[test]
    fn settles_forms() {
        use Conversion::{BlobToUuid, TextToDate, TextToJson, TextToTimestamp, TextToUuid};
        let time = TimeForm { seconds: true, fraction: Fraction::Trimmed };
        let timestamp = TextToTimestamp(TimestampForm { separator: Separator::T, time, offset: Offset::Naive });
        let wrong_class = Fate::Quarantined(Reason::WrongClass);
        let other_form = Fate::Quarantined(Reason::OtherForm);
        let nil = Text(b"00000000-0000-0000-0000-000000000000");
        check(&[
            (TextToJson, Text(b" {} "), Fate::Exact, Text(b" {} ")),
            (TextToJson, Text(b"{}\0"), Fate::Quarantined(Reason::NotJson), Null),
            (TextToJson, Integer(1), wrong_class, Null),
            (TextToUuid(UuidForm::HyphenatedUpper), nil, Fate::Exact, nil),
            (TextToUuid(UuidForm::Simple), nil, other_form, Null),
            (TextToDate, Text(b"2024-02-30"), other_form, Null),
            (TextToDate, Text(b"2024-02-29"), Fate::Exact, Text(b"2024-02-29")),
            (TextToDate, Blob(b"2024-02-29"), wrong_class, Null),
            (timestamp, Text(b"2024-02-29T01:02:03.5"), Fate::Exact, Text(b"2024-02-29T01:02:03.5")),
            (timestamp, Text(b"2024-02-29T01:02:03.50"), other_form, Null),
            (timestamp, Text(b"2024-02-29T01:02:03.0"), other_form, Null),
            (timestamp, Text(b"2024-02-29 01:02:03"), other_form, Null),
            (timestamp, Text(b"2024-02-29T01:02:03Z"), other_form, Null),
            (BlobToUuid, Blob(&[7; 16]), Fate::Exact, Blob(&[7; 16])),
            (BlobToUuid, Blob(&[7; 15]), other_form, Null),
            (BlobToUuid, Text(&[b'7'; 16]), wrong_class, Null),
        ]);
    }

    #[test]
    fn settles_texts() {
        use TextFault::{Quarantine, Replace, Strip};
        let with = |nul, invalid| Conversion::TextToText(rules(nul, invalid));
        let text = with(Quarantine, Quarantine);
        let both = Text(b"a\0\0\xffb");
        check(&[
            (text, Text(b""), Fate::Exact, Text(b"")),
            (text, Text(b"a\0b"), Fate::Quarantined(Reason::Nul), Text("a\u{2400}b".as_bytes())),
            (text, Text(b"a\xff"), Fate::Quarantined(Reason::InvalidUtf8), Text("a\u{fffd}".as_bytes())),
            (text, Integer(-5), Fate::Quarantined(Reason::WrongClass), Text(b"-5")),
            (text, Real(5.0), Fate::Quarantined(Reason::WrongClass), Text(b"5.0")),
            (text, Real(f64::INFINITY), Fate::Quarantined(Reason::WrongClass), Text(b"Infinity")),
            (text, Blob(b"abc"), Fate::Quarantined(Reason::WrongClass), Text(b"abc")),
            (text, Blob(b"a\0"), Fate::Quarantined(Reason::WrongClass), Text(b"\\x6100")),
            (with(Replace, Quarantine), Text(b"\0"), Fate::Normalised(Rule::ReplaceNul), Text("\u{2400}".as_bytes())),
            (with(Strip, Quarantine), Text(b"a\0b"), Fate::Normalised(Rule::StripNul), Text(b"ab")),
            (with(Quarantine, Replace), Text(b"\xff"), Fate::Normalised(Rule::ReplaceInvalidUtf8), Text("\u{fffd}".as_bytes())),
            (with(Quarantine, Strip), Text(b"a\xff"), Fate::Normalised(Rule::StripInvalidUtf8), Text(b"a")),
            (with(Strip, Quarantine), both, Fate::Quarantined(Reason::InvalidUtf8), Text("a\u{fffd}b".as_bytes())),
            (with(Quarantine, Strip), both, Fate::Quarantined(Reason::Nul), Text("a\u{2400}\u{2400}b".as_bytes())),
            (with(Replace, Strip), both, Fate::Normalised(Rule::MendNulAndUtf8), Text("a\u{2400}\u{2400}b".as_bytes())),
        ]);
    }

    #[test]
    fn settles_bytes_and_mixtures() {
        use Conversion::{BlobToBytea, BlobToText, TextToBytea};
        use TextFault::{Quarantine, Strip};
        let any = Conversion::AnyToText(rules(Strip, Quarantine));
        let ambiguous = Fate::Quarantined(Reason::Ambiguous);
        let wrong_class = Fate::Quarantined(Reason::WrongClass);
        check(&[
            (TextToBytea, Text(b"\0\xff"), Fate::Exact, Text(b"\0\xff")),
            (TextToBytea, Blob(b"\0\xff"), wrong_class, Text(b"\0\xff")),
            (TextToBytea, Integer(7), wrong_class, Text(b"7")),
            (BlobToBytea, Text(b"\0\xff"), wrong_class, Blob(b"\0\xff")),
            (BlobToBytea, Real(1e16), wrong_class, Blob(b"1e16")),
            (BlobToText, Blob(b"abc"), Fate::Exact, Blob(b"abc")),
            (BlobToText, Blob(b"\0"), Fate::Quarantined(Reason::Nul), Blob(b"\\x00")),
            (BlobToText, Blob(b"\xff"), Fate::Quarantined(Reason::InvalidUtf8), Blob(b"\\xff")),
            (BlobToText, Text(b"abc"), wrong_class, Blob(b"abc")),
            (any, Integer(5), Fate::Exact, Integer(5)),
            (any, Blob(b""), Fate::Exact, Blob(b"")),
            (any, Real(f64::NAN), Fate::Quarantined(Reason::NotANumber), Null),
            (any, Text(b"05"), Fate::Exact, Text(b"05")),
            (any, Text(b"5"), ambiguous, Integer(5)),
            (any, Text(b"5\0"), ambiguous, Integer(5)),
            (any, Text(b"-0.0"), ambiguous, Real(-0.0)),
            (any, Text(b"-Infinity"), ambiguous, Real(f64::NEG_INFINITY)),
            (any, Text(b"\\x00ff"), ambiguous, Blob(b"\0\xff")),
            (any, Text(b"\\x"), ambiguous, Blob(b"")),
            (any, Text(b"a\0"), Fate::Normalised(Rule::StripNul), Text(b"a")),
        ]);
    }
}
