//! Conversions with the same inverse: whatever the target's type is called, the same value stands for the same cell.

use crate::value::{
    Conversion, Counting, Fraction, MomentType, Moments, NumberClass, NumberStyle, NumberType, Offset, StringStyle, StringType, UuidLayout,
    Written, Zone,
};

/// Most digits of a decimal whose shortest form a double keeps.
const DIGITS: u16 = 15;

/// The ordinary conversion that gives back the same cells as this one, where there is one; else the same.
///
/// An application's own types have conversions that read much and write one form. What an expression meets is what is
/// written, and that is often what an ordinary column has.
pub fn alike(conversion: Conversion) -> Conversion {
    ordinary(conversion).unwrap_or(conversion)
}

fn ordinary(conversion: Conversion) -> Option<Conversion> {
    match conversion {
        Conversion::AnyToNumber { to, style } => number(to, style),
        Conversion::AnyToBoolean(form) => form.words().is_none().then_some(Conversion::IntegerToBoolean),
        Conversion::AnyToString { to, style, rules } => match (to, style) {
            (StringType::Text | StringType::Varchar { .. } | StringType::Char { .. }, StringStyle::Text) => {
                Some(Conversion::TextToText(rules))
            }
            (StringType::Text, StringStyle::Blob) => Some(Conversion::BlobToText),
            // `citext` compares otherwise, and a number that is written as a text is told cell by cell.
            (StringType::Citext, _)
            | (StringType::Varchar { .. } | StringType::Char { .. }, StringStyle::Blob)
            | (_, StringStyle::Number) => None,
        },
        Conversion::AnyToBytea { text } => Some(if text { Conversion::TextToBytea } else { Conversion::BlobToBytea }),
        Conversion::AnyToJson { binary: false, numbers: false } => Some(Conversion::TextToJson),
        Conversion::AnyToUuid { form: Some(form), .. } => Some(Conversion::TextToUuid(form)),
        Conversion::AnyToUuid { form: None, layout: UuidLayout::Rfc } => Some(Conversion::BlobToUuid),
        Conversion::AnyToMoment(moments) => moment(moments),
        Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_)
        | Conversion::IntegerToBigint
        | Conversion::IntegerToBoolean
        | Conversion::IntegerToTimestamptz(_)
        | Conversion::RealToDouble
        | Conversion::NumberToDouble
        | Conversion::NumberToNumeric
        | Conversion::NumberToDecimal { .. }
        | Conversion::TextToText(_)
        | Conversion::TextToJson
        | Conversion::TextToUuid(_)
        | Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::TextToBytea
        | Conversion::BlobToBytea
        | Conversion::BlobToText
        | Conversion::BlobToUuid
        | Conversion::AnyToText(_) => None,
    }
}

fn number(to: NumberType, style: NumberStyle) -> Option<Conversion> {
    match (to, style) {
        (NumberType::Smallint | NumberType::Integer | NumberType::Bigint, NumberStyle::Affine | NumberStyle::ByScale) => {
            Some(Conversion::IntegerToBigint)
        }
        (NumberType::Double, NumberStyle::Affine | NumberStyle::ByScale) => Some(Conversion::NumberToDouble),
        (NumberType::Double, NumberStyle::Real | NumberStyle::Widened) => Some(Conversion::RealToDouble),
        (NumberType::Numeric { .. }, NumberStyle::ByScale) => Some(Conversion::NumberToNumeric),
        (NumberType::Decimal { precision, scale }, NumberStyle::Affine | NumberStyle::ByScale) if precision <= DIGITS => {
            let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
            Some(Conversion::NumberToDecimal { precision, scale })
        }
        (
            NumberType::Smallint
            | NumberType::Integer
            | NumberType::Bigint
            | NumberType::Real
            | NumberType::Double
            | NumberType::Numeric { .. }
            | NumberType::Decimal { .. },
            _,
        ) => None,
    }
}

fn moment(moments: Moments) -> Option<Conversion> {
    // Where the column keeps more than the form shows, the form grows with the cell.
    let keeps = |digits: u8, fraction: Fraction| match fraction {
        Fraction::None => digits == 0,
        Fraction::Fixed(shown) => shown == 6 && digits == 6,
        Fraction::DigitsOrNone { count, .. } | Fraction::Digits { count, .. } => count == 6 && digits == 6,
        Fraction::Trimmed => false,
    };
    match (moments.target, moments.written) {
        (MomentType::Date, Written::Date) => Some(Conversion::TextToDate),
        (MomentType::Time(digits), Written::Time(form)) if keeps(digits, form.fraction) => Some(Conversion::TextToTime(form)),
        (MomentType::Timestamp(digits), Written::Timestamp(form)) if keeps(digits, form.time.fraction) && form.offset == Offset::Naive => {
            Some(Conversion::TextToTimestamp(form))
        }
        (MomentType::Timestamptz(digits), Written::Timestamp(form))
            if keeps(digits, form.time.fraction)
                && (form.offset == Offset::Z || form.offset == Offset::Naive && moments.zone == Zone::UTC) =>
        {
            Some(Conversion::TextToTimestamptz(form))
        }
        (MomentType::Timestamptz(6..), Written::Number(NumberClass::Integer)) => match moments.numbers {
            Some(Counting::Epoch(unit)) => Some(Conversion::IntegerToTimestamptz(unit)),
            Some(Counting::JulianDays | Counting::CompactDate | Counting::CompactTimestamp | Counting::Years) | None => None,
        },
        (
            MomentType::Date
            | MomentType::Time(_)
            | MomentType::Timetz(_)
            | MomentType::Timestamp(_)
            | MomentType::Timestamptz(_)
            | MomentType::Interval(_),
            _,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{BooleanForm, Fate, TextRules, TimeForm, TimestampForm, UuidForm, Value, settle};

    fn values() -> Vec<Value> {
        let texts = [
            "",
            "a",
            "ab  ",
            "12",
            "-7.50",
            "1e3",
            "t",
            "f",
            "true",
            "No",
            "2024-02-29",
            "2024-02-29 23:59:58",
            "2024-02-29T23:59:58.5Z",
            "12:30:00",
            "12:30:00.123456",
            "{\"a\": 1}",
            "[1,2]",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
        ];
        let numbers = [0, 1, -1, 42, 32_767, 2_147_483_647, 1_700_000_000, 9_007_199_254_740_993, i64::MAX, i64::MIN];
        let reals = [0.0, 0.5, -2.25, 5.0, 1e15, 1e300, 2_251_799_813_685_248.0, 1_234_567.891, f64::INFINITY];
        let texts = texts.iter().flat_map(|text| [Value::Text(text.as_bytes().to_vec()), Value::Blob(text.as_bytes().to_vec())]);
        let blobs = [Value::Blob(vec![0xAB; 16]), Value::Blob(vec![0xFF])];
        texts.chain(numbers.map(Value::Integer)).chain(reals.map(Value::Real)).chain(blobs).chain([Value::Null]).collect()
    }

    fn conversions() -> Vec<Conversion> {
        let plain = TimeForm { seconds: true, fraction: Fraction::None };
        let micros = TimeForm { seconds: true, fraction: Fraction::Fixed(6) };
        let python = TimeForm { seconds: true, fraction: Fraction::DigitsOrNone { count: 6, trailing_zero: true } };
        let stamp = |time, offset| Written::Timestamp(TimestampForm { separator: crate::value::Separator::Space, time, offset });
        let numbers = [
            NumberType::Smallint,
            NumberType::Integer,
            NumberType::Bigint,
            NumberType::Real,
            NumberType::Double,
            NumberType::Numeric { infinities: true },
            NumberType::Decimal { precision: 10, scale: 2 },
            NumberType::Decimal { precision: 30, scale: 2 },
            NumberType::Decimal { precision: 5, scale: -2 },
        ];
        let styles = [NumberStyle::Affine, NumberStyle::ByScale, NumberStyle::Real, NumberStyle::Widened, NumberStyle::Text];
        let mut all: Vec<Conversion> =
            numbers.into_iter().flat_map(|to| styles.map(|style| Conversion::AnyToNumber { to, style })).collect();
        for to in [StringType::Text, StringType::Citext, StringType::Varchar { max: 5 }, StringType::Char { length: 5 }] {
            all.extend([StringStyle::Text, StringStyle::Blob, StringStyle::Number].map(|style| Conversion::AnyToString {
                to,
                style,
                rules: TextRules::default(),
            }));
        }
        all.extend([BooleanForm::Integer, BooleanForm::Initial].map(Conversion::AnyToBoolean));
        all.extend([true, false].map(|text| Conversion::AnyToBytea { text }));
        all.extend([(true, false), (false, true), (false, false)].map(|(binary, numbers)| Conversion::AnyToJson { binary, numbers }));
        for form in [Some(UuidForm::Hyphenated), Some(UuidForm::SimpleUpper), None] {
            all.extend([UuidLayout::Rfc, UuidLayout::Dotnet].map(|layout| Conversion::AnyToUuid { form, layout }));
        }
        let targets = [
            MomentType::Date,
            MomentType::Time(0),
            MomentType::Time(6),
            MomentType::Timestamp(0),
            MomentType::Timestamp(6),
            MomentType::Timestamptz(0),
            MomentType::Timestamptz(6),
        ];
        let writtens = [
            Written::Date,
            Written::Time(plain),
            Written::Time(micros),
            stamp(plain, Offset::Naive),
            stamp(micros, Offset::Naive),
            stamp(micros, Offset::Z),
            stamp(python, Offset::Naive),
            stamp(python, Offset::Z),
            Written::Number(NumberClass::Integer),
        ];
        let zones = [Zone::UTC, "+04:00".parse().unwrap()];
        for (target, written) in targets.into_iter().flat_map(|target| writtens.map(|written| (target, written))) {
            let numbers = matches!(written, Written::Number(_)).then_some(Counting::Epoch(crate::value::Epoch::Seconds));
            all.extend(zones.map(|zone| Conversion::AnyToMoment(Moments { target, written, numbers, zone })));
        }
        all
    }

    /// What a column gives back is exactly what a column of the ordinary conversion holds.
    #[test]
    fn what_is_written_is_exact_under_the_ordinary_conversion() {
        let mut ordinary = 0;
        for conversion in conversions().into_iter().filter(|conversion| alike(*conversion) != *conversion) {
            ordinary += 1;
            for value in values() {
                let (mut scratch, mut again) = (Vec::new(), Vec::new());
                let written = settle(conversion, value.as_ref(), &mut scratch).value;
                let fate = settle(alike(conversion), written, &mut again).fate;
                assert_eq!(fate, Fate::Exact, "{conversion:?} writes {written:?}, which {:?} does not hold", alike(conversion));
            }
        }
        assert!(ordinary > 25, "{ordinary}");
    }
}
