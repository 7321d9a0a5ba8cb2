//! Numbers of every class in a type of numbers that is there already, and what reads as true or false.
//!
//! A cell is read, fitted into the type, and comes back in the column's style. Where that is another cell than it was,
//! it is normalised; where the type or the style has no room for it, quarantined.

use super::super::decimal::{double_of, is_integral_below_limit};
use super::super::plain::Plain;
use super::super::{BooleanForm, Fate, NumberStyle, NumberType, Reason, Rule, ValueRef, single};
use super::Settled;

/// A cell that is a number.
enum Read {
    Finite(Plain),
    Infinite(f64),
}

/// A number as the target holds it.
enum Held {
    Integer(i64),
    Decimal(Plain),
    Single(f32),
    Double(f64),
}

pub(super) fn number<'a>(to: NumberType, style: NumberStyle, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    // Only `numeric` without limits remembers the scale.
    let scaled = style != NumberStyle::ByScale || matches!(to, NumberType::Numeric { .. });
    let style = if scaled { style } else { NumberStyle::Affine };
    scratch.clear();
    match read(value).and_then(|read| hold(to, style, value, read)).and_then(|held| come_back(style, &held, value, scratch)) {
        Err(reason) => Settled::quarantined(reason, ValueRef::Null),
        Ok((back, rule)) => {
            let back = back.unwrap_or(ValueRef::Text(scratch));
            if back == value { Settled::exact(value) } else { Settled { fate: Fate::Normalised(rule), value: back } }
        }
    }
}

pub(super) fn boolean(form: BooleanForm, value: ValueRef<'_>) -> Settled<'_> {
    let read = match value {
        ValueRef::Null => return Settled::exact(value),
        ValueRef::Integer(0) | ValueRef::Real(0.0) => Ok(false),
        ValueRef::Integer(1) | ValueRef::Real(1.0) => Ok(true),
        ValueRef::Real(number) if number.is_nan() => Err(Reason::NotANumber),
        ValueRef::Text(text) => BooleanForm::read(text).map(|(_, meant)| meant).ok_or(Reason::NotBoolean),
        ValueRef::Integer(_) | ValueRef::Real(_) => Err(Reason::NotBoolean),
        ValueRef::Blob(_) => Err(Reason::WrongClass),
    };
    match read {
        Err(reason) => Settled::quarantined(reason, ValueRef::Null),
        Ok(meant) => {
            let back = match form.words() {
                Some([yes, no]) => ValueRef::Text(if meant { yes } else { no }.as_bytes()),
                None => ValueRef::Integer(meant.into()),
            };
            if back == value { Settled::exact(value) } else { Settled { fate: Fate::Normalised(Rule::BooleanForm), value: back } }
        }
    }
}

fn read(value: ValueRef<'_>) -> Result<Read, Reason> {
    match value {
        ValueRef::Integer(number) => Ok(Read::Finite(Plain::of_integer(number))),
        ValueRef::Real(number) if number.is_nan() => Err(Reason::NotANumber),
        ValueRef::Real(number) => Ok(Plain::of_real(number).map_or(Read::Infinite(number), Read::Finite)),
        ValueRef::Text(text) => match text.trim_ascii() {
            b"Infinity" => Ok(Read::Infinite(f64::INFINITY)),
            b"-Infinity" => Ok(Read::Infinite(f64::NEG_INFINITY)),
            text => Plain::read(text).map(Read::Finite),
        },
        ValueRef::Null | ValueRef::Blob(_) => Err(Reason::WrongClass),
    }
}

/// Fits a number into the type.
fn hold(to: NumberType, style: NumberStyle, cell: ValueRef<'_>, read: Read) -> Result<Held, Reason> {
    let (least, most) = match to {
        NumberType::Smallint => (i16::MIN.into(), i16::MAX.into()),
        NumberType::Integer => (i32::MIN.into(), i32::MAX.into()),
        NumberType::Bigint => (i64::MIN, i64::MAX),
        NumberType::Real => return single_of(style, cell, &read).map(Held::Single),
        NumberType::Double => return double(cell, &read).map(Held::Double),
        NumberType::Numeric { infinities } => {
            return match read {
                Read::Infinite(number) if infinities => Ok(Held::Double(number)),
                Read::Infinite(_) => Err(Reason::OutOfRange),
                Read::Finite(plain) if style == NumberStyle::ByScale && matches!(cell, ValueRef::Real(_)) => {
                    Ok(Held::Decimal(plain.with_scale_of(1)))
                }
                Read::Finite(plain) => Ok(Held::Decimal(plain)),
            };
        }
        NumberType::Decimal { precision, scale } => return decimal(precision, scale, read).map(Held::Decimal),
    };
    let Read::Finite(plain) = read else { return Err(Reason::OutOfRange) };
    if plain.clone().rescale(0).is_none() {
        return Err(Reason::TooPrecise);
    }
    plain.to_integer().filter(|number| (least..=most).contains(number)).map(Held::Integer).ok_or(Reason::OutOfRange)
}

fn decimal(precision: u16, scale: i16, read: Read) -> Result<Plain, Reason> {
    let Read::Finite(plain) = read else { return Err(Reason::OutOfRange) };
    if plain.digits_before_point() > i64::from(precision) - i64::from(scale) {
        return Err(Reason::OutOfRange);
    }
    plain.rescale(scale).ok_or(Reason::TooPrecise)
}

/// A real as it is; an integer or a text only where a real has all its digits.
fn double(cell: ValueRef<'_>, read: &Read) -> Result<f64, Reason> {
    match (cell, read) {
        (ValueRef::Real(number), _) => Ok(number),
        (_, Read::Infinite(number)) => Ok(*number),
        (ValueRef::Integer(number), Read::Finite(_)) => {
            // At most 53 digits of base two between the first and the last that is not 0.
            let magnitude = number.unsigned_abs();
            let exact = magnitude.checked_shr(magnitude.trailing_zeros()).is_none_or(|digits| digits < 1 << 53);
            exact.then(|| double_of(number)).ok_or(Reason::TooPrecise)
        }
        (_, Read::Finite(plain)) if plain.nearest_real().is_none() => Err(Reason::OutOfRange),
        (_, Read::Finite(plain)) => plain.to_real().ok_or(Reason::TooPrecise),
    }
}

/// The nearest number of single precision, unless that is an infinity or zero.
fn single_of(style: NumberStyle, cell: ValueRef<'_>, read: &Read) -> Result<f32, Reason> {
    let number = single::nearest(style, cell).ok_or(Reason::NotANumber)?;
    let vanished = matches!(read, Read::Finite(plain) if number == 0.0 && !plain.digits().is_empty());
    let burst = matches!(read, Read::Finite(_)) && number.is_infinite();
    if vanished || burst { Err(Reason::OutOfRange) } else { Ok(number) }
}

/// What comes back, nothing where it is the text in `scratch`; and the rule by which the cell may have changed.
fn come_back(
    style: NumberStyle,
    held: &Held,
    cell: ValueRef<'_>,
    scratch: &mut Vec<u8>,
) -> Result<(Option<ValueRef<'static>>, Rule), Reason> {
    let as_text = matches!(style, NumberStyle::Text | NumberStyle::TrimmedText);
    let affine = matches!(style, NumberStyle::Affine | NumberStyle::ByScale);
    let mut text = |text: String| {
        scratch.extend_from_slice(text.as_bytes());
        Ok((None, Rule::NumberForm))
    };
    match held {
        Held::Integer(number) if as_text => text(number.to_string()),
        Held::Integer(number) if affine => Ok((Some(ValueRef::Integer(*number)), Rule::NumberForm)),
        Held::Integer(number) => real(Plain::of_integer(*number).to_real()),
        Held::Decimal(plain) if style == NumberStyle::Text => text(plain.to_string()),
        Held::Decimal(plain) if style == NumberStyle::TrimmedText => text(plain.clone().trimmed().to_string()),
        Held::Decimal(plain) if affine && (style == NumberStyle::Affine || plain.scale() == 0) => match plain.to_integer() {
            Some(number) if is_same(cell, number) => Ok((Some(ValueRef::Integer(number)), Rule::NumberForm)),
            Some(_) => Err(Reason::Ambiguous),
            None => real(plain.to_real()),
        },
        Held::Decimal(plain) => real(plain.to_real()),
        Held::Double(number) if as_text => text(shown(&number.to_string())),
        Held::Double(number) if affine => match Plain::of_real(*number).and_then(|plain| plain.to_integer()) {
            Some(integer) if is_integral_below_limit(integer) => Ok((Some(ValueRef::Integer(integer)), Rule::NumberForm)),
            // An integer beyond the limit would come back as a real.
            Some(_) | None if matches!(cell, ValueRef::Integer(_)) => Err(Reason::Ambiguous),
            Some(_) | None => real(Some(*number)),
        },
        Held::Double(number) => real(Some(*number)),
        Held::Single(number) if style == NumberStyle::Widened => {
            let back = f64::from(*number);
            Ok((Some(ValueRef::Real(back)), if is_number(cell, back) { Rule::NumberForm } else { Rule::RoundToReal }))
        }
        Held::Single(number) => {
            let decimal = number.to_string();
            let back = decimal.parse::<f64>().map_err(|_| Reason::NotANumber)?;
            let rule = if is_number(cell, back) { Rule::NumberForm } else { Rule::RoundToReal };
            if as_text {
                return text(shown(&decimal)).map(|(back, _)| (back, rule));
            }
            let integer = if affine { decimal.parse().ok().map(ValueRef::Integer) } else { None };
            Ok((Some(integer.unwrap_or(ValueRef::Real(back))), rule))
        }
    }
}

/// The number of a style that has reals only, which not every decimal is.
fn real(number: Option<f64>) -> Result<(Option<ValueRef<'static>>, Rule), Reason> {
    number.map(|number| (Some(ValueRef::Real(number)), Rule::NumberForm)).ok_or(Reason::TooPrecise)
}

/// Whether an integer is the cell's own number: the shortest decimal of a real beyond 2^53 need not be.
fn is_same(cell: ValueRef<'_>, integer: i64) -> bool {
    match cell {
        ValueRef::Real(_) => integer.unsigned_abs() <= 1 << 53,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Text(_) | ValueRef::Blob(_) => true,
    }
}

/// Whether a cell is the number that a real is the shortest decimal of.
fn is_number(cell: ValueRef<'_>, number: f64) -> bool {
    match read(cell) {
        Ok(Read::Finite(plain)) => Plain::of_real(number).is_some_and(|back| back.trimmed() == plain.trimmed()),
        Ok(Read::Infinite(cell)) => cell.to_bits() == number.to_bits(),
        Err(_) => false,
    }
}

/// Rust says `inf` where everybody else says `Infinity`; negative zero is 0 in text.
fn shown(number: &str) -> String {
    match number {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        "-0" => "0".to_owned(),
        finite => finite.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Conversion, settle};
    use super::super::tests::check;
    use super::*;
    use ValueRef::{Blob, Integer, Real, Text};

    const NULL: ValueRef<'static> = ValueRef::Null;

    fn to(to: NumberType, style: NumberStyle) -> Conversion {
        Conversion::AnyToNumber { to, style }
    }

    const fn quarantined(reason: Reason) -> Fate {
        Fate::Quarantined(reason)
    }

    #[test]
    fn settles_into_types_of_integers() {
        use NumberStyle::{Affine, Real as AsReal, Text as AsText};
        let form = Fate::Normalised(Rule::NumberForm);
        let small = to(NumberType::Smallint, Affine);
        let whole = to(NumberType::Integer, Affine);
        check(&[
            (small, Integer(32_767), Fate::Exact, Integer(32_767)),
            (small, Integer(32_768), quarantined(Reason::OutOfRange), NULL),
            (whole, Integer(-2_147_483_648), Fate::Exact, Integer(-2_147_483_648)),
            (whole, Integer(2_147_483_648), quarantined(Reason::OutOfRange), NULL),
            (whole, Text(b" 12 "), form, Integer(12)),
            (whole, Text(b"12.00"), form, Integer(12)),
            (whole, Text(b"12.30"), quarantined(Reason::TooPrecise), NULL),
            (whole, Text(b"toto"), quarantined(Reason::NotANumber), NULL),
            (whole, Text(b""), quarantined(Reason::NotANumber), NULL),
            (whole, Real(5.0), form, Integer(5)),
            (whole, Real(2.5), quarantined(Reason::TooPrecise), NULL),
            (whole, Real(f64::INFINITY), quarantined(Reason::OutOfRange), NULL),
            (whole, Real(f64::NAN), quarantined(Reason::NotANumber), NULL),
            (whole, Blob(b"5"), quarantined(Reason::WrongClass), NULL),
            (to(NumberType::Integer, AsReal), Real(5.0), Fate::Exact, Real(5.0)),
            (to(NumberType::Integer, AsReal), Integer(5), form, Real(5.0)),
            (to(NumberType::Bigint, AsReal), Integer(i64::MAX), quarantined(Reason::TooPrecise), NULL),
            (to(NumberType::Bigint, AsText), Text(b"007"), form, Text(b"7")),
            (to(NumberType::Bigint, AsText), Text(b"7"), Fate::Exact, Text(b"7")),
        ]);
    }

    #[test]
    fn settles_into_decimals() {
        use NumberStyle::{Affine, ByScale, Text as AsText, TrimmedText};
        let form = Fate::Normalised(Rule::NumberForm);
        let price = NumberType::Decimal { precision: 5, scale: 2 };
        let hundreds = to(NumberType::Decimal { precision: 2, scale: -2 }, Affine);
        let free = NumberType::Numeric { infinities: false };
        check(&[
            (to(price, Affine), Real(999.99), Fate::Exact, Real(999.99)),
            (to(price, Affine), Integer(999), Fate::Exact, Integer(999)),
            (to(price, Affine), Real(1_230.99), quarantined(Reason::OutOfRange), NULL),
            (to(price, Affine), Real(0.001), quarantined(Reason::TooPrecise), NULL),
            (to(price, Affine), Real(5.0), form, Integer(5)),
            (to(price, Affine), Text(b"12.50"), form, Real(12.5)),
            (to(price, AsText), Text(b"12.50"), Fate::Exact, Text(b"12.50")),
            (to(price, AsText), Text(b"12.5"), form, Text(b"12.50")),
            (to(price, AsText), Text(b"-0"), form, Text(b"0.00")),
            (to(price, TrimmedText), Text(b"12.5"), Fate::Exact, Text(b"12.5")),
            (hundreds, Integer(1_200), Fate::Exact, Integer(1_200)),
            (hundreds, Integer(1_250), quarantined(Reason::TooPrecise), NULL),
            (hundreds, Integer(10_000), quarantined(Reason::OutOfRange), NULL),
            (to(free, ByScale), Real(5.0), Fate::Exact, Real(5.0)),
            (to(free, ByScale), Integer(5), Fate::Exact, Integer(5)),
            (to(free, ByScale), Text(b"5.00"), form, Real(5.0)),
            (to(free, Affine), Real(1_152_921_504_606_846_976.0), quarantined(Reason::Ambiguous), NULL),
            (to(free, Affine), Text(b"0.1000000000000000055"), quarantined(Reason::TooPrecise), NULL),
            (to(free, AsText), Text(b"0.1000000000000000055"), Fate::Exact, Text(b"0.1000000000000000055")),
            (to(free, AsText), Text(b"1e200000"), quarantined(Reason::OutOfRange), NULL),
            (to(free, AsText), Text(b"Infinity"), quarantined(Reason::OutOfRange), NULL),
            (to(NumberType::Numeric { infinities: true }, AsText), Text(b"Infinity"), Fate::Exact, Text(b"Infinity")),
        ]);
    }

    #[test]
    fn settles_into_floats() {
        use NumberStyle::{Affine, Real as AsReal, TrimmedText, Widened};
        let (form, round) = (Fate::Normalised(Rule::NumberForm), Fate::Normalised(Rule::RoundToReal));
        let single = |style| to(NumberType::Real, style);
        let double = |style| to(NumberType::Double, style);
        check(&[
            (single(AsReal), Real(0.1), Fate::Exact, Real(0.1)),
            (single(AsReal), Real(0.123_456_789_012), round, Real(0.123_456_79)),
            (single(AsReal), Real(1_731_888_000.5), round, Real(1_731_888_000.0)),
            (single(AsReal), Real(-0.0), Fate::Exact, Real(-0.0)),
            (single(AsReal), Real(1e300), quarantined(Reason::OutOfRange), NULL),
            (single(AsReal), Real(1e-300), quarantined(Reason::OutOfRange), NULL),
            (single(AsReal), Real(f64::INFINITY), Fate::Exact, Real(f64::INFINITY)),
            (single(Widened), Real(0.100_000_001_490_116_12), Fate::Exact, Real(0.100_000_001_490_116_12)),
            (single(Widened), Real(0.1), round, Real(0.100_000_001_490_116_12)),
            (single(Affine), Integer(16_777_217), round, Integer(16_777_216)),
            (single(Affine), Text(b"2.50"), form, Real(2.5)),
            (double(Affine), Integer(7), Fate::Exact, Integer(7)),
            (double(Affine), Real(7.0), form, Integer(7)),
            (double(Affine), Integer(1 << 51), quarantined(Reason::Ambiguous), NULL),
            (double(AsReal), Integer(i64::MAX), quarantined(Reason::TooPrecise), NULL),
            (double(AsReal), Integer(1 << 60), form, Real(1_152_921_504_606_846_976.0)),
            (double(AsReal), Text(b"0.1000000000000000055"), quarantined(Reason::TooPrecise), NULL),
            (double(AsReal), Text(b"1e400"), quarantined(Reason::OutOfRange), NULL),
            (double(TrimmedText), Text(b"0.1"), Fate::Exact, Text(b"0.1")),
        ]);
    }

    #[test]
    fn settles_what_is_true_or_false() {
        let form = Fate::Normalised(Rule::BooleanForm);
        let (number, letter) = (Conversion::AnyToBoolean(BooleanForm::Integer), Conversion::AnyToBoolean(BooleanForm::LetterUpper));
        check(&[
            (number, Integer(1), Fate::Exact, Integer(1)),
            (number, Integer(2), quarantined(Reason::NotBoolean), NULL),
            (number, Real(0.0), form, Integer(0)),
            (number, Text(b"true"), form, Integer(1)),
            (number, Text(b""), quarantined(Reason::NotBoolean), NULL),
            (letter, Text(b"Y"), Fate::Exact, Text(b"Y")),
            (letter, Text(b"no"), form, Text(b"N")),
            (letter, Integer(0), form, Text(b"N")),
            (letter, Text(b"maybe"), quarantined(Reason::NotBoolean), NULL),
            (letter, Blob(b"Y"), quarantined(Reason::WrongClass), NULL),
        ]);
        assert_eq!(settle(letter, NULL, &mut Vec::new()).fate, Fate::Exact);
    }
}
