//! Columns of dates, times, moments and durations: their cells, and what the server itself makes of them.

use outgrow::value::{
    Counting, DurationForm, Fraction, MomentType, Moments, NumberClass, Offset, Separator, TimeForm, TimestampForm, Value, Written,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::{date, time, timestamp};

const DAY: i64 = 86_400;

/// Cells of the column's own form, and some of every other that can be read.
pub(super) fn cells(moments: Moments) -> BoxedStrategy<Value> {
    prop_oneof![5 => own(moments), 1 => others()].boxed()
}

/// Cells of the column's own form.
pub(super) fn own(moments: Moments) -> BoxedStrategy<Value> {
    let texts = |strategy: BoxedStrategy<String>| strategy.prop_map(|text| Value::Text(text.into_bytes())).boxed();
    let digits = match moments.target {
        MomentType::Date => 6,
        MomentType::Time(digits)
        | MomentType::Timetz(digits)
        | MomentType::Timestamp(digits)
        | MomentType::Timestamptz(digits)
        | MomentType::Interval(digits) => digits,
    };
    let clock = move |form| kept(form, digits);
    match moments.written {
        Written::Date => texts(date()),
        Written::CompactDate => texts(date().prop_map(|date| date.replace('-', "")).boxed()),
        Written::Time(form) => texts(clock(form)),
        Written::CompactTime => texts(clock(PLAIN).prop_map(|time| time.replace(':', "")).boxed()),
        Written::OffsetTime { time, offset } => {
            let stamps = timestamp(TimestampForm { separator: Separator::Space, time, offset });
            texts(stamps.prop_map(|stamp| stamp[11..].to_owned()).boxed())
        }
        Written::Timestamp(form) => {
            let days = match moments.target {
                MomentType::Time(_) => Just("2000-01-01".to_owned()).boxed(),
                MomentType::Date
                | MomentType::Timetz(_)
                | MomentType::Timestamp(_)
                | MomentType::Timestamptz(_)
                | MomentType::Interval(_) => date(),
            };
            let midnight = moments.target == MomentType::Date;
            let stamps = (days, clock(form.time), timestamp(form)).prop_map(move |(day, clock, stamp)| {
                let clock = if midnight { clock.replace(|digit: char| digit.is_ascii_digit(), "0") } else { clock };
                let offset = stamp[11..].find([' ', '+', '-', 'Z']).map_or("", |at| &stamp[11 + at..]).to_owned();
                format!("{day}{}{clock}{offset}", if form.separator == Separator::T { 'T' } else { ' ' })
            });
            texts(stamps.boxed())
        }
        Written::CompactTimestamp(fraction) => {
            let form = TimeForm { seconds: true, fraction };
            texts((date(), clock(form)).prop_map(|(date, time)| format!("{date}{time}").replace(['-', ':'], "")).boxed())
        }
        Written::Duration(form) => texts(duration(form, digits)),
        Written::Number(class) => numbers(moments, class),
    }
}

const PLAIN: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };

/// Times with no more digits than a column keeps.
fn kept(form: TimeForm, digits: u8) -> BoxedStrategy<String> {
    let whole = move |time: &str| {
        let Some((whole, fraction)) = time.split_once('.') else { return time.to_owned() };
        let kept: String = fraction.chars().zip(0..).map(|(digit, place)| if place < digits { digit } else { '0' }).collect();
        let some = kept.trim_end_matches('0');
        match form.fraction {
            Fraction::None | Fraction::DigitsOrNone { .. } | Fraction::Trimmed if some.is_empty() => whole.to_owned(),
            Fraction::None | Fraction::Fixed(_) | Fraction::Digits { .. } | Fraction::DigitsOrNone { .. } => format!("{whole}.{kept}"),
            Fraction::Trimmed => format!("{whole}.{some}"),
        }
    };
    time(form).prop_map(move |time| whole(&time)).boxed()
}

fn numbers(moments: Moments, class: NumberClass) -> BoxedStrategy<Value> {
    let real = move |number: f64| {
        let integral = number.fract() == 0.0 && class == NumberClass::Affine;
        if integral { Value::Integer(format!("{number:.0}").parse().unwrap()) } else { Value::Real(number) }
    };
    let whole_days = moments.target == MomentType::Date;
    let seconds =
        (-2_200_000_000..7_200_000_000_i64).prop_map(move |seconds| if whole_days { seconds - seconds.rem_euclid(DAY) } else { seconds });
    let seconds = prop_oneof![4 => seconds, 1 => (0..30_000_i64).prop_map(|days| days * DAY)].boxed();
    match moments.numbers.unwrap() {
        Counting::Epoch(unit) if class == NumberClass::Integer => {
            seconds.prop_map(move |seconds| Value::Integer(seconds * (1_000_000 / unit.micros()))).boxed()
        }
        Counting::Epoch(unit) => {
            let whole = matches!(moments.target, MomentType::Interval(0));
            let micros = (seconds, prop_oneof![Just(0), 0..1_000_000_i64]);
            micros
                .prop_map(move |(seconds, rest)| {
                    let micros = seconds * 1_000_000 + if whole { 0 } else { rest };
                    real(micros.to_string().parse::<f64>().unwrap() / unit.micros().to_string().parse::<f64>().unwrap())
                })
                .boxed()
        }
        Counting::JulianDays => seconds
            .prop_map(move |seconds| {
                let millis = seconds * 1_000 + 210_866_760_000_000;
                real(millis.to_string().parse::<f64>().unwrap() / 86_400_000.0)
            })
            .boxed(),
        Counting::CompactDate => date().prop_map(|date| Value::Integer(date.replace('-', "").parse().unwrap())).boxed(),
        Counting::CompactTimestamp => (date(), time(PLAIN))
            .prop_map(|(date, time)| Value::Integer(format!("{date}{time}").replace(['-', ':'], "").parse().unwrap()))
            .boxed(),
        Counting::Years => (1..=9_999_i64).prop_map(Value::Integer).boxed(),
    }
}

fn duration(form: DurationForm, digits: u8) -> BoxedStrategy<String> {
    let rest = |fraction| kept(TimeForm { seconds: true, fraction }, digits);
    let python = Fraction::DigitsOrNone { count: 6, trailing_zero: true };
    let days = prop_oneof![Just(0_i64), Just(1), Just(-1), -4_000_000..4_000_000_i64];
    match form {
        DurationForm::Clock(fraction) => (0..500_000_i64, rest(fraction), any::<bool>())
            .prop_map(|(hours, rest, negative)| {
                let text = format!("{hours:02}{}", &rest[2..]);
                let zero = !text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
                if negative && !zero { format!("-{text}") } else { text }
            })
            .boxed(),
        DurationForm::Python => (days, rest(python))
            .prop_map(|(days, rest)| {
                let rest = rest.strip_prefix('0').unwrap_or(&rest);
                match days {
                    0 => rest.to_owned(),
                    1 | -1 => format!("{days} day, {rest}"),
                    _ => format!("{days} days, {rest}"),
                }
            })
            .boxed(),
        DurationForm::Django => {
            (days, rest(python)).prop_map(|(days, rest)| if days == 0 { rest } else { format!("{days} {rest}") }).boxed()
        }
        DurationForm::Iso => {
            let seconds = prop_oneof![Just("1S"), Just("59.999999S"), Just("0.5S"), Just("7S")];
            let seconds = seconds.prop_map(move |text| if digits < 6 { "30S" } else { text });
            (0..4_i64, 0..12_i64, 0..400_i64, 0..50_i64, 0..60_i64, prop_oneof![Just(None), seconds.prop_map(Some)], any::<bool>())
                .prop_map(|(years, months, days, hours, minutes, seconds, negative)| {
                    let named = |parts: &[(i64, char)]| -> String {
                        let some = parts.iter().filter(|(number, _)| *number > 0);
                        some.fold(String::new(), |text, (number, unit)| format!("{text}{number}{unit}"))
                    };
                    let date = named(&[(years, 'Y'), (months, 'M'), (days, 'D')]);
                    let time = format!("{}{}", named(&[(hours, 'H'), (minutes, 'M')]), seconds.unwrap_or_default());
                    match (date.is_empty(), time.is_empty()) {
                        (true, true) => "PT0S".to_owned(),
                        (_, true) => format!("{}P{date}", if negative { "-" } else { "" }),
                        (_, false) => format!("{}P{date}T{time}", if negative { "-" } else { "" }),
                    }
                })
                .boxed()
        }
    }
}

/// Cells of any form that means a date, a time, a moment or a duration, and of some that mean none.
fn others() -> BoxedStrategy<Value> {
    let odd = vec![
        // The clocks of Berlin, New York and Lord Howe show these twice, and the last three never.
        "2024-10-27 02:30:00",
        "2024-11-03 01:30:00",
        "2024-04-07 01:45:00",
        "2024-03-31 02:30:00",
        "2024-03-10 02:30:00",
        "2024-10-06 02:15:00",
        "2024-10-27 01:30:00Z",
        "2024-11-03 06:30:00+00:00",
        "2024-11-03T01:30:00-05:00",
        "1893-04-01 00:03:00",
        "2024-01-02 03:04:05.123456789 +0000 UTC",
        "2024-01-02 03:04:05.999999999",
        "2024-01-02T03:04:05,5-00:30",
        "2024-01-02 03:04+02",
        "20240102030405.6",
        "24:00:00",
        "12:34:56+05:30",
        "9999-12-31 23:59:59.999999",
        "0001-01-01 00:00:00+15:00",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "2024-02-30",
        "10000-01-01",
        "infinity",
        "-infinity",
        "now",
        "2024-06-30 23:59:60",
        "02/03/2024",
        "P1W",
        "P1Y",
        "-P1DT1.000001S",
        "PT",
        "P",
        "49:00:00.0000009",
        "1 day, 1:02:03",
        "-1 23:00:00",
        "1970-01-03 00:00:00.000000",
        "",
        " 2024-01-01",
    ];
    let forms =
        [Offset::Naive, Offset::Z, Offset::Minutes { east: 120, colon: true, space: false }, Offset::Hours { east: -3, space: true }];
    let stamps = (select(forms.to_vec()), any::<bool>()).prop_flat_map(|(offset, t)| {
        let separator = if t { Separator::T } else { Separator::Space };
        timestamp(TimestampForm { separator, time: TimeForm { seconds: true, fraction: Fraction::Trimmed }, offset })
    });
    let texts = prop_oneof![3 => select(odd).prop_map(str::to_owned), 2 => stamps, 1 => date(), 1 => time(PLAIN)];
    prop_oneof![
        6 => texts.prop_map(|text| Value::Text(text.into_bytes())),
        1 => (0..4_000_000_000_i64).prop_map(Value::Integer),
        1 => (0..4_000_000_000_000_i64).prop_map(|millis| Value::Real(millis.to_string().parse::<f64>().unwrap() / 1_000.0)),
    ]
    .boxed()
}

/// SQL that says whether the column's value is the one that the server reads in the spelled cell.
pub(super) fn agreement(moments: Moments, own: &str, spelled: &str) -> String {
    let zone = moments.zone;
    // PostgreSQL wants a T between the digits of a date and those of a time.
    let text = format!("regexp_replace({spelled}, '^(\\d{{8}})(\\d{{6}})', '\\1T\\2')");
    let told = format!("({spelled} ~ ':\\d\\d(\\.\\d+)?(Z| UTC| ?[+-]\\d\\d(:?\\d\\d)?)$')");
    // An offset in figures means west of Greenwich where it is the name of a zone.
    let zone = if zone.is_fixed() && zone.to_string() != "UTC" { format!("interval '{zone}'") } else { format!("'{zone}'") };
    match moments.target {
        MomentType::Time(_) if matches!(moments.written, Written::Timestamp(_)) => format!("{own} = {spelled}::timestamp::time"),
        MomentType::Time(_) => format!("{own} = {spelled}::time"),
        MomentType::Timetz(_) => {
            format!("{own} = (case when {told} then {spelled} else {spelled} || '{}' end)::timetz", moments.zone)
        }
        MomentType::Interval(_) => interval_agreement(moments, own, spelled),
        MomentType::Date | MomentType::Timestamp(_) | MomentType::Timestamptz(_) => {
            let (local, instant) = match (moments.written, moments.numbers) {
                (Written::Number(_), Some(counting)) => number_as(counting, spelled),
                _ => (Some(format!("{text}::timestamp")), Some(format!("{text}::timestamptz"))),
            };
            let instant = match (local, instant) {
                (Some(local), Some(instant)) => format!("case when {told} then {instant} else {local} at time zone {zone} end"),
                (Some(local), None) => format!("{local} at time zone {zone}"),
                (None, instant) => instant.unwrap(),
            };
            match (moments.target, moments.written) {
                (MomentType::Timestamptz(_), _) => format!("{own} = {instant}"),
                // Not through the zone, whose clock may have shown it twice or never.
                (_, Written::Date | Written::CompactDate | Written::CompactTimestamp(_)) => format!("{own} = {text}::timestamp"),
                (_, Written::Timestamp(form)) if form.offset == Offset::Naive => format!("{own} = {text}::timestamp"),
                _ => format!("{own} = ({instant}) at time zone {zone}"),
            }
        }
    }
}

/// What a number counts, as the clock's time or as a moment.
fn number_as(counting: Counting, spelled: &str) -> (Option<String>, Option<String>) {
    let since_2000 = |micros: String| format!("(timestamptz '2000-01-01 00:00:00+00' + ({micros})::bigint * interval '1 microsecond')");
    match counting {
        Counting::Epoch(unit) => (None, Some(since_2000(format!("round({spelled}::numeric * {}) - 946684800000000", unit.micros())))),
        Counting::JulianDays => (None, Some(since_2000(format!("1000 * (round({spelled}::numeric * 86400000) - 2451544.5 * 86400000)")))),
        Counting::CompactDate => (Some(format!("to_date(({spelled}::bigint)::text, 'YYYYMMDD')::timestamp")), None),
        Counting::CompactTimestamp => (Some(format!("to_timestamp(({spelled}::bigint)::text, 'YYYYMMDDHH24MISS')::timestamp")), None),
        Counting::Years => (Some(format!("make_date({spelled}::int, 1, 1)::timestamp")), None),
    }
}

fn interval_agreement(moments: Moments, own: &str, spelled: &str) -> String {
    match (moments.written, moments.numbers) {
        (Written::Number(_), Some(Counting::Epoch(unit))) => {
            format!("round(extract(epoch from {own}) * 1000000) = round({spelled}::numeric * {})", unit.micros())
        }
        (Written::Timestamp(_), _) => format!("{own} = {spelled}::timestamp - timestamp '1970-01-01'"),
        (Written::Duration(DurationForm::Iso), _) => {
            format!("{own} = case when {spelled} like '-%' then -(substr({spelled}, 2)::interval) else {spelled}::interval end")
        }
        _ => format!("{own} = {spelled}::interval"),
    }
}

/// Two exact cells, the first of which is the greater one for SQLite only.
pub(super) fn disordered_pair(moments: Moments) -> [String; 2] {
    let fraction = |fraction| match fraction {
        Fraction::Fixed(count) | Fraction::Digits { count, .. } => format!(".{}", "0".repeat(count.into())),
        Fraction::None | Fraction::DigitsOrNone { .. } | Fraction::Trimmed => String::new(),
    };
    match moments.written {
        Written::Duration(DurationForm::Clock(form)) => ["99", "100"].map(|hours| format!("{hours}:00:00{}", fraction(form))),
        Written::Duration(DurationForm::Python) => ["9", "10"].map(|days| format!("{days} days, 0:00:00")),
        Written::Duration(DurationForm::Django) => ["9", "10"].map(|days| format!("{days} 00:00:00")),
        Written::Duration(DurationForm::Iso) => ["9", "10"].map(|days| format!("P{days}D")),
        Written::OffsetTime { time, offset } => {
            let at = |hour: u8, plain: &str, styled: &str| {
                let text = format!("{hour}:00:00{}", fraction(time.fraction));
                match offset {
                    Offset::Naive => panic!("a time without an offset"),
                    Offset::Z => text + if hour == 11 { "Z" } else { plain },
                    Offset::Utc => text + if hour == 11 { " UTC" } else { plain },
                    Offset::Minutes { colon, space, .. } => {
                        text + if space { " " } else { "" } + &if colon { plain.to_owned() } else { plain.replace(':', "") }
                    }
                    Offset::Hours { space, .. } => text + if space { " " } else { "" } + styled,
                }
            };
            [at(12, "+02:00", "+02"), at(11, "+00:00", "+00")]
        }
        Written::Time(_) => ["12:00:00", "11:00:00+00:00"].map(str::to_owned),
        Written::Timestamp(form) if form.offset == Offset::Z => {
            let separator = if form.separator == Separator::T { 'T' } else { ' ' };
            let (none, some) = match form.time.fraction {
                _ if !form.time.seconds => ("", ":05"),
                Fraction::Fixed(3) => (":00.100", ":00.1001"),
                Fraction::DigitsOrNone { count: 6, .. } => (":00", ":00.123456"),
                fraction @ (Fraction::None
                | Fraction::Fixed(_)
                | Fraction::Digits { .. }
                | Fraction::DigitsOrNone { .. }
                | Fraction::Trimmed) => panic!("no pair for {fraction:?}"),
            };
            [none, some].map(|rest| format!("2024-01-01{separator}00:00{rest}Z"))
        }
        Written::Date | Written::Timestamp(_) => {
            // The clock is put back, once in each zone, and the later of two times has the lesser offset.
            let separator =
                if matches!(moments.written, Written::Timestamp(TimestampForm { separator: Separator::T, .. })) { 'T' } else { ' ' };
            let (clock, offsets) = match moments.zone.to_string().as_str() {
                "Europe/Berlin" => ("2024-10-27 02:30:00", ["+02:00", "+01:00"]),
                "Australia/Lord_Howe" => ("2024-04-07 01:45:00", ["+11:00", "+10:30"]),
                "Asia/Kolkata" => ("1945-10-14 23:30:00", ["+06:30", "+05:30"]),
                // West of Greenwich it is the greater figure, but its clock runs through the same hour once more.
                "America/New_York" => {
                    return [("01:59:59", "-04:00"), ("01:30:00", "-05:00")]
                        .map(|(clock, offset)| format!("2024-11-03{separator}{clock}{offset}"));
                }
                zone => panic!("no pair for {zone}"),
            };
            offsets.map(|offset| format!("{}{offset}", clock.replace(' ', &separator.to_string())))
        }
        Written::CompactDate | Written::CompactTime | Written::CompactTimestamp(_) | Written::Number(_) => {
            panic!("{moments:?} should keep the order")
        }
    }
}
