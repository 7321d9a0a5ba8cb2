//! Cells of all classes, with a liking for the edges, and cells that fit a conversion.

use outgrow::value::{Conversion, Epoch, Fraction, Offset, Separator, TimeForm, TimestampForm, UuidForm, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A runner whose cells depend on the seed only.
pub(super) fn runner(cases: u32) -> TestRunner {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&super::seed().to_be_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

pub(super) fn draw<T>(runner: &mut TestRunner, strategy: &BoxedStrategy<T>) -> T
where
    T: std::fmt::Debug + 'static,
{
    strategy.new_tree(runner).unwrap().current()
}

/// Any cell at all.
pub(super) fn cell() -> BoxedStrategy<Value> {
    prop_oneof![
        1 => Just(Value::Null),
        4 => integer().prop_map(Value::Integer),
        4 => real().prop_map(Value::Real),
        8 => text().prop_map(Value::Text),
        4 => bytes().prop_map(Value::Blob),
        1 => text().prop_map(Value::Blob),
    ]
    .boxed()
}

/// Mostly cells that the conversion was made for, and some others.
pub(super) fn cell_for(conversion: Conversion) -> BoxedStrategy<Value> {
    prop_oneof![4 => fitting(conversion), 1 => cell()].boxed()
}

/// Cells that the conversion was made for; a few may yet be out of its range.
pub(super) fn fitting(conversion: Conversion) -> BoxedStrategy<Value> {
    let texts = |strategy: BoxedStrategy<String>| strategy.prop_map(|text| Value::Text(text.into_bytes())).boxed();
    match conversion {
        Conversion::IntegerToBigint => integer().prop_map(Value::Integer).boxed(),
        Conversion::IntegerToBoolean => (0..=1_i64).prop_map(Value::Integer).boxed(),
        Conversion::IntegerToTimestamptz(unit) => epoch(unit).prop_map(Value::Integer).boxed(),
        Conversion::RealToDouble => real().prop_map(Value::Real).boxed(),
        Conversion::NumberToDouble | Conversion::NumberToNumeric => {
            prop_oneof![integer().prop_map(Value::Integer), real().prop_map(Value::Real)].boxed()
        }
        Conversion::NumberToDecimal { precision, scale } => decimal(precision, scale),
        Conversion::TextToText(_) => texts(plain().boxed()),
        Conversion::TextToJson => texts(super::json::document()),
        Conversion::TextToUuid(form) | Conversion::AnyToUuid { form: Some(form), .. } => texts(uuid(form)),
        Conversion::TextToDate => texts(date()),
        Conversion::TextToTime(form) => texts(time(form)),
        Conversion::TextToTimestamp(form) | Conversion::TextToTimestamptz(form) => texts(timestamp(form)),
        Conversion::TextToBytea | Conversion::AnyToBytea { text: true } => text().prop_map(Value::Text).boxed(),
        Conversion::BlobToBytea | Conversion::AnyToBytea { text: false } => bytes().prop_map(Value::Blob).boxed(),
        Conversion::BlobToText => plain().prop_map(|text| Value::Blob(text.into_bytes())).boxed(),
        Conversion::BlobToUuid | Conversion::AnyToUuid { form: None, .. } => vec(any::<u8>(), 16).prop_map(Value::Blob).boxed(),
        Conversion::AnyToText(_) => cell(),
        Conversion::AnyToNumber { to, style } => super::fitted::number(to, style),
        Conversion::AnyToBoolean(form) => super::fitted::boolean(form),
        Conversion::AnyToString { style, .. } => super::fitted::string(style),
        Conversion::AnyToJson { binary, numbers } => super::fitted::json(binary, numbers),
        Conversion::TextToArray(element) => texts(super::fitted::array(element)),
        Conversion::TextToAddress(kind) => texts(super::fitted::address(kind)),
    }
}

pub(super) fn integer() -> BoxedStrategy<i64> {
    let edges = [0, 1, 1 << 31, 1 << 32, 1 << 51, 1 << 53, 10_000, 99_999_999, 100_000_000, 10_i64.pow(15), i64::MAX - 3];
    prop_oneof![
        any::<i64>(),
        -100..100_i64,
        (select(edges.to_vec()), -3..=3_i64, any::<bool>()).prop_map(|(edge, step, negative)| if negative {
            -edge - step
        } else {
            edge + step
        }),
        Just(i64::MIN),
        (0..19_u32, 1..10_i64).prop_map(|(zeros, digit)| digit.saturating_mul(10_i64.pow(zeros))),
    ]
    .boxed()
}

pub(super) fn real() -> BoxedStrategy<f64> {
    let edges = [
        0.0,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        f64::EPSILON,
        2_251_799_813_685_248.0,
        9_007_199_254_740_992.0,
        2_251_799_813_685_247.0,
        0.1,
        1e15,
        1e16,
        1e17,
        1e22,
        1e23,
        1e-5,
        1e-7,
        9_223_372_036_854_775_807.0,
        123_456_789_012_345.6,
    ];
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        any::<i32>().prop_map(f64::from),
        (any::<i32>(), 0..12_i32).prop_map(|(digits, scale)| format!("{digits}e-{scale}").parse().unwrap()),
        (any::<i64>(), -30..30_i32).prop_map(|(digits, exponent)| format!("{digits}e{exponent}").parse().unwrap()),
        (select(edges.to_vec()), any::<bool>()).prop_map(|(edge, negative)| if negative { -edge } else { edge }),
    ]
    .boxed()
}

fn decimal(precision: u8, scale: u8) -> BoxedStrategy<Value> {
    let bound = 10_i64.pow(precision.into());
    let real = (-bound + 1..bound).prop_map(move |digits| Value::Real(format!("{digits}e-{scale}").parse().unwrap()));
    let bound = 10_i64.pow((precision - scale).into());
    let integer = (-bound + 1..bound).prop_map(Value::Integer);
    prop_oneof![real, integer, (-20..20_i64).prop_map(Value::Integer)].boxed()
}

fn epoch(unit: Epoch) -> BoxedStrategy<i64> {
    let per_second = 1_000_000 / unit.micros();
    // PostgreSQL's first and last moment in seconds since 1970.
    let edges = [-210_866_803_200_i64, 9_224_318_016_000];
    prop_oneof![
        (-10_000_000_000..10_000_000_000_i64).prop_map(move |seconds| seconds.saturating_mul(per_second)),
        (0..4_000_000_000_i64, 0..per_second).prop_map(move |(seconds, rest)| seconds.saturating_mul(per_second) + rest),
        (select(edges.to_vec()), -2..=2_i64).prop_map(move |(edge, step)| edge.saturating_mul(per_second).saturating_add(step)),
    ]
    .boxed()
}

fn bytes() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..40), vec(any::<u8>(), 16), vec(0..3_u8, 0..5)].boxed()
}

/// Text that PostgreSQL can hold.
pub(super) fn plain() -> impl Strategy<Value = String> {
    let character =
        prop_oneof![any::<char>(), prop::char::range(' ', '~'), select("ıİğüşəçö\u{2400}\u{fffd}\\\"'\t\n\r".chars().collect::<Vec<_>>())];
    vec(character.prop_filter("no NUL", |character| *character != '\0'), 0..20).prop_map(String::from_iter)
}

fn text() -> BoxedStrategy<Vec<u8>> {
    let naive = |separator| {
        let time = TimeForm { seconds: true, fraction: Fraction::Trimmed };
        timestamp(TimestampForm { separator, time, offset: Offset::Naive })
    };
    let strings = prop_oneof![
        4 => plain(),
        1 => integer().prop_map(|number| number.to_string()),
        1 => real().prop_map(|number| format!("{number:?}")),
        1 => real().prop_map(|number| number.to_string()),
        1 => select(vec!["", "Infinity", "-Infinity", "inf", "NaN", "-0", "-0.0", "1e5", "\\x", "\\x0", "\\xAB", "null", "true", "24:00", "0000-01-01"]).prop_map(str::to_owned),
        1 => bytes().prop_map(|bytes| bytes.iter().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))),
        1 => super::json::document(),
        1 => date(),
        1 => naive(Separator::Space),
        1 => uuid(UuidForm::Hyphenated),
    ];
    let piece = prop_oneof![
        Just(b"\0".to_vec()),
        Just(b"5".to_vec()),
        Just(b"\xff".to_vec()),
        Just(b"\xe2\x82".to_vec()),
        Just(b"\xed\xa0\x80".to_vec()),
        Just("ğ".into())
    ];
    prop_oneof![
        6 => strings.prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..12),
        1 => vec(piece, 0..5).prop_map(|pieces| pieces.concat()),
    ]
    .boxed()
}

pub(super) fn uuid(form: UuidForm) -> BoxedStrategy<String> {
    any::<[u8; 16]>()
        .prop_map(move |bytes| {
            let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            let digits: String = hex.chars().map(|digit| if digit.is_ascii_digit() { digit } else { '7' }).collect();
            let (hex, hyphens) = match form {
                UuidForm::Hyphenated => (hex, true),
                UuidForm::HyphenatedUpper => (hex.to_uppercase(), true),
                UuidForm::HyphenatedDigits => (digits, true),
                UuidForm::Simple => (hex, false),
                UuidForm::SimpleUpper => (hex.to_uppercase(), false),
                UuidForm::SimpleDigits => (digits, false),
            };
            if hyphens { [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-") } else { hex }
        })
        .boxed()
}

pub(super) fn date() -> BoxedStrategy<String> {
    let year = prop_oneof![1..=9999_u32, 1990..2040_u32, select(vec![1_u32, 4, 100, 400, 1900, 2000, 2100, 9999])];
    (year, 1..=12_u32, 1..=31_u32)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{:02}", day.min(last_day(year, month))))
        .boxed()
}

fn last_day(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][usize::try_from(month - 1).unwrap()]
}

pub(super) fn time(form: TimeForm) -> BoxedStrategy<String> {
    let fraction = prop_oneof![Just(0), 0..1_000_000_u32, (0..100_u32).prop_map(|hundredths| hundredths * 10_000)];
    let clock = prop_oneof![(0..24_u32, 0..60_u32, 0..60_u32), Just((0, 0, 0)), Just((23, 59, 59)), (0..2_u32, 0..2_u32, 0..2_u32)];
    (clock, fraction)
        .prop_map(move |((hour, minute, second), fraction)| {
            let minutes = format!("{hour:02}:{minute:02}");
            if form.seconds { format!("{minutes}:{second:02}{}", fraction_text(form.fraction, fraction)) } else { minutes }
        })
        .boxed()
}

/// Of six digits, those that the form has room for.
fn fraction_text(form: Fraction, micros: u32) -> String {
    let digits = format!("{micros:06}");
    let cut = |count: u8| format!(".{}", &digits[..usize::from(count)]);
    match form {
        Fraction::None => String::new(),
        Fraction::Fixed(count) | Fraction::Digits { count, .. } => cut(count),
        Fraction::DigitsOrNone { count, .. } => Some(cut(count)).filter(|digits| digits.trim_end_matches('0') != ".").unwrap_or_default(),
        Fraction::Trimmed => cut(6).trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

pub(super) fn timestamp(form: TimestampForm) -> BoxedStrategy<String> {
    let separator = match form.separator {
        Separator::Space => ' ',
        Separator::T => 'T',
    };
    let offset = match form.offset {
        Offset::Naive => String::new(),
        Offset::Z => "Z".to_owned(),
        Offset::Minutes { east, colon, space } => {
            let (hours, minutes) = (east.abs() / 60, east.abs() % 60);
            format!(
                "{}{}{hours:02}{}{minutes:02}",
                if space { " " } else { "" },
                if east < 0 { '-' } else { '+' },
                if colon { ":" } else { "" }
            )
        }
    };
    (date(), time(form.time)).prop_map(move |(date, time)| format!("{date}{separator}{time}{offset}")).boxed()
}
