//! Recognises the form of a text: run on every text cell of a database, so it looks at the first byte and the length
//! before anything else, and never allocates for a text that is not JSON.

use std::io::Write;

use super::json::{JsonFacts, check_json};
use super::{NumberForm, TextShape, UuidForm, calendar};

/// Longest canonical number: `-1.2345678901234567e-300` and some air.
const NUMBER_BYTES_MAX: usize = 32;

/// Recognises the form of a text, and what its JSON holds if it is JSON (scalars too, whatever their shape).
pub(super) fn recognise(text: &[u8]) -> (TextShape, Option<JsonFacts>) {
    let Some(&first) = text.first() else { return (TextShape::Empty, None) };
    let shape = match first {
        b'0'..=b'9' => calendar_shape(text).or_else(|| uuid_form(text).map(TextShape::Uuid)).or_else(|| number_shape(text)),
        b'a'..=b'f' | b'A'..=b'F' => uuid_form(text).map(TextShape::Uuid),
        b'-' | b'I' => number_shape(text),
        b'\\' => is_hex_bytes(text).then_some(TextShape::HexBytes),
        _ => None,
    };
    // Most texts are told apart from JSON here: a failed attempt costs more than all the rest.
    let may_be_json = match first {
        b'{' | b'[' | b'"' | b' ' | b'\t' | b'\n' | b'\r' => true,
        b'-' | b'0'..=b'9' => !matches!(shape, Some(TextShape::Date | TextShape::Time(_) | TextShape::Timestamp(_))),
        b't' => text.starts_with(b"true"),
        b'f' => text.starts_with(b"false"),
        b'n' => text.starts_with(b"null"),
        _ => false,
    };
    let json = if may_be_json { check_json(text) } else { None };
    let structured =
        || text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).is_some_and(|byte| matches!(byte, b'{' | b'['));
    let shape = shape.unwrap_or_else(|| if json.is_some() && structured() { TextShape::Json } else { plain_shape(text) });
    (shape, json)
}

impl TextShape {
    /// Recognises the form of a text.
    pub fn of(text: &[u8]) -> Self {
        recognise(text).0
    }
}

/// The canonical number form of a text, if it has one.
pub(super) fn number_form(text: &[u8]) -> Option<NumberForm> {
    if text.len() > NUMBER_BYTES_MAX || !matches!(text.first(), Some(b'0'..=b'9' | b'-' | b'I')) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    if matches!(text, "Infinity" | "-Infinity") {
        return Some(NumberForm::Real);
    }
    let mut canonical = [0_u8; NUMBER_BYTES_MAX];
    let mut room = canonical.as_mut_slice();
    let form = if text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) {
        write!(room, "{}", text.parse::<i64>().ok()?).ok()?;
        NumberForm::Integer
    } else {
        write!(room, "{:?}", text.parse::<f64>().ok()?).ok()?;
        NumberForm::Real
    };
    let written = NUMBER_BYTES_MAX - room.len();
    (canonical.get(..written) == Some(text.as_bytes())).then_some(form)
}

/// Whether a text is `\x` and an even number of lower-case hex digits.
pub(super) fn is_hex_bytes(text: &[u8]) -> bool {
    text.strip_prefix(b"\\x")
        .is_some_and(|digits| digits.len().is_multiple_of(2) && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')))
}

/// How a UUID is written, if the text is one.
pub(super) fn uuid_form(text: &[u8]) -> Option<UuidForm> {
    let hyphens = match text.len() {
        32 => false,
        36 => true,
        _ => return None,
    };
    let (mut lower, mut upper) = (false, false);
    for (index, byte) in text.iter().enumerate() {
        match (byte, hyphens && matches!(index, 8 | 13 | 18 | 23)) {
            (b'-', true) | (b'0'..=b'9', false) => {}
            (b'a'..=b'f', false) => lower = true,
            (b'A'..=b'F', false) => upper = true,
            _ => return None,
        }
    }
    match (hyphens, lower, upper) {
        (true, true, false) => Some(UuidForm::Hyphenated),
        (true, false, true) => Some(UuidForm::HyphenatedUpper),
        (true, false, false) => Some(UuidForm::HyphenatedDigits),
        (false, true, false) => Some(UuidForm::Simple),
        (false, false, true) => Some(UuidForm::SimpleUpper),
        (false, false, false) => Some(UuidForm::SimpleDigits),
        (_, true, true) => None,
    }
}

fn calendar_shape(text: &[u8]) -> Option<TextShape> {
    match (text.get(2), text.get(4)) {
        (Some(b':'), _) => calendar::read_time(text).filter(|(_, _, rest)| rest.is_empty()).map(|(form, _, _)| TextShape::Time(form)),
        (_, Some(b'-')) if text.len() == 10 => calendar::read_date(text).map(|_| TextShape::Date),
        (_, Some(b'-')) => calendar::read_timestamp(text).map(|(form, _, _)| TextShape::Timestamp(form)),
        _ => None,
    }
}

fn number_shape(text: &[u8]) -> Option<TextShape> {
    number_form(text).map(TextShape::Number)
}

fn plain_shape(text: &[u8]) -> TextShape {
    if std::str::from_utf8(text).is_err() {
        TextShape::InvalidUtf8
    } else if text.contains(&0) {
        TextShape::Nul
    } else {
        TextShape::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fraction, Offset, Separator, TimeForm, TimestampForm};
    use super::*;

    fn timestamp(separator: Separator, seconds: bool, fraction: Fraction, offset: Offset) -> TextShape {
        TextShape::Timestamp(TimestampForm { separator, time: TimeForm { seconds, fraction }, offset })
    }

    #[test]
    fn recognises_dates_and_times() {
        let minutes = |east, colon, space| Offset::Minutes { east, colon, space };
        let digits = |count, trailing_zero| Fraction::Digits { count, trailing_zero };
        for (text, shape) in [
            ("2024-02-29", TextShape::Date),
            ("0001-01-01", TextShape::Date),
            ("9999-12-31", TextShape::Date),
            ("12:34", TextShape::Time(TimeForm { seconds: false, fraction: Fraction::None })),
            ("23:59:59", TextShape::Time(TimeForm { seconds: true, fraction: Fraction::None })),
            ("00:00:00.000", TextShape::Time(TimeForm { seconds: true, fraction: Fraction::Fixed(3) })),
            ("00:00:00.120", TextShape::Time(TimeForm { seconds: true, fraction: digits(3, true) })),
            ("2024-01-02 03:04", timestamp(Separator::Space, false, Fraction::None, Offset::Naive)),
            ("2024-01-02 03:04:05", timestamp(Separator::Space, true, Fraction::None, Offset::Naive)),
            ("2024-01-02T03:04:05Z", timestamp(Separator::T, true, Fraction::None, Offset::Z)),
            ("2024-01-02T03:04:05.123456+02:00", timestamp(Separator::T, true, digits(6, false), minutes(120, true, false))),
            ("2024-01-02 03:04:05.1 -0530", timestamp(Separator::Space, true, digits(1, false), minutes(-330, false, true))),
            ("2024-01-02 03:04:05+15:59", timestamp(Separator::Space, true, Fraction::None, minutes(959, true, false))),
            ("2024-01-02 03:04:05+0000", timestamp(Separator::Space, true, Fraction::None, minutes(0, false, false))),
        ] {
            assert_eq!(TextShape::of(text.as_bytes()), shape, "{text}");
        }
    }

    #[test]
    fn leaves_what_is_almost_a_date_plain() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2024-01-00",
            "0000-01-01",
            "2024-1-01",
            "2024-01-01 ",
            " 2024-01-01",
            "24:00",
            "12:60",
            "12:34:60",
            "12:34:56.",
            "12:34:56.1234567",
            "12:34Z",
            "2024-01-02 03",
            "2024-01-02t03:04",
            "2024-01-02T03:04:05z",
            "2024-01-02 03:04:05-00:00",
            "2024-01-02 03:04:05+16:00",
            "2024-01-02 03:04:05+02",
            "2024-01-02 03:04:05+02:60",
            "2024-01-02 24:00:00",
            "2024-01-02  03:04:05",
            "2024-01-02 03:04:05 UTC",
            "2024-01-02 03:04:05.1234567",
            "２024-01-02",
        ] {
            assert_eq!(TextShape::of(text.as_bytes()), TextShape::Plain, "{text}");
        }
    }

    #[test]
    fn recognises_everything_else() {
        use NumberForm::{Integer, Real};
        for (text, shape) in [
            (&b""[..], TextShape::Empty),
            (b"0", TextShape::Number(Integer)),
            (b"-9223372036854775808", TextShape::Number(Integer)),
            (b"9223372036854775808", TextShape::Plain),
            (b"-0", TextShape::Plain),
            (b"007", TextShape::Plain),
            (b"+5", TextShape::Plain),
            (b"1.5", TextShape::Number(Real)),
            (b"-0.0", TextShape::Number(Real)),
            (b"1e16", TextShape::Number(Real)),
            (b"1.50", TextShape::Plain),
            (b"1e5", TextShape::Plain),
            (b"Infinity", TextShape::Number(Real)),
            (b"-Infinity", TextShape::Number(Real)),
            (b"NaN", TextShape::Plain),
            (b"-", TextShape::Plain),
            (b"1.7976931348623157e308", TextShape::Number(Real)),
            (b"\\x", TextShape::HexBytes),
            (b"\\x00ff", TextShape::HexBytes),
            (b"\\x00f", TextShape::Plain),
            (b"\\x00FF", TextShape::Plain),
            (b"01234567-89ab-cdef-0123-456789abcdef", TextShape::Uuid(UuidForm::Hyphenated)),
            (b"F1234567-89AB-CDEF-0123-456789ABCDEF", TextShape::Uuid(UuidForm::HyphenatedUpper)),
            (b"00000000-0000-0000-0000-000000000000", TextShape::Uuid(UuidForm::HyphenatedDigits)),
            (b"0123456789abcdef0123456789abcdef", TextShape::Uuid(UuidForm::Simple)),
            (b"0123456789ABCDEF0123456789ABCDEF", TextShape::Uuid(UuidForm::SimpleUpper)),
            (b"01234567890123456789012345678901", TextShape::Uuid(UuidForm::SimpleDigits)),
            (b"0123456789aBcdef0123456789abcdef", TextShape::Plain),
            (b"0123456-789ab-cdef-0123-456789abcdef", TextShape::Plain),
            (b"{\"a\":[1]}", TextShape::Json),
            (b" [ ]", TextShape::Json),
            (b"{a:1}", TextShape::Plain),
            (b"null", TextShape::Plain),
            (b"a\0b", TextShape::Nul),
            (b"2024-01-01\0", TextShape::Nul),
            (b"\0", TextShape::Nul),
            (b"\xff\0", TextShape::InvalidUtf8),
            (b"\xed\xa0\x80", TextShape::InvalidUtf8),
            ("Gülnar".as_bytes(), TextShape::Plain),
        ] {
            assert_eq!(TextShape::of(text), shape, "{}", text.escape_ascii());
        }
    }
}
