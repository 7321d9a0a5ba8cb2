//! Moments, dates, times and durations written by hand, and what the server shows of them.

use outgrow::value::{
    Conversion, Counting, DurationForm, Epoch, Fate, Fraction, MomentType, Moments, NumberClass, Offset, Reason, Rule, Separator, TimeForm,
    TimestampForm, Value, Written,
};
use tokio_postgres::SimpleQueryMessage;

use super::server::Loaded;
use super::settled;
use crate::fixture::Database;

const PLAIN: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };
const TZ: MomentType = MomentType::Timestamptz(6);
const TS: MomentType = MomentType::Timestamp(6);
const INTEGER: Written = Written::Number(NumberClass::Integer);
const REAL: Written = Written::Number(NumberClass::Real);
const NAIVE: Written = stamp(Fraction::None, Offset::Naive);
const SECONDS: Option<Counting> = Some(Counting::Epoch(Epoch::Seconds));
const MILLIS: Option<Counting> = Some(Counting::Epoch(Epoch::Milliseconds));

const fn stamp(fraction: Fraction, offset: Offset) -> Written {
    Written::Timestamp(TimestampForm { separator: Separator::Space, time: TimeForm { seconds: true, fraction }, offset })
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn of(target: MomentType, written: Written, numbers: Option<Counting>, zone: &str) -> Conversion {
    Conversion::AnyToMoment(Moments { target, written, numbers, zone: zone.parse().unwrap() })
}

/// Exact cells, and the texts in which the server shows them under UTC and ISO dates.
pub(super) fn shown() -> Vec<(Conversion, Value, &'static str)> {
    let mut all = shown_moments();
    all.extend(shown_times());
    all
}

fn shown_moments() -> Vec<(Conversion, Value, &'static str)> {
    vec![
        (of(TZ, NAIVE, None, "UTC"), text("2024-01-02 03:04:05"), "2024-01-02 03:04:05+00"),
        (of(TZ, NAIVE, None, "Europe/Berlin"), text("2024-07-01 12:00:00"), "2024-07-01 10:00:00+00"),
        (of(TZ, NAIVE, None, "Europe/Berlin"), text("2024-10-27 02:30:00+02:00"), "2024-10-27 00:30:00+00"),
        (of(TZ, NAIVE, None, "Europe/Berlin"), text("2024-10-27 02:30:00+01:00"), "2024-10-27 01:30:00+00"),
        (of(TZ, NAIVE, None, "Asia/Kolkata"), text("2024-01-01 00:00:00"), "2023-12-31 18:30:00+00"),
        (of(TZ, NAIVE, None, "-03:30"), text("2024-01-01 00:00:00"), "2024-01-01 03:30:00+00"),
        (of(TZ, Written::Date, None, "Asia/Kolkata"), text("2024-01-01"), "2023-12-31 18:30:00+00"),
        (of(TZ, stamp(Fraction::Fixed(3), Offset::Utc), None, "UTC"), text("2024-01-02 03:04:05.120 UTC"), "2024-01-02 03:04:05.12+00"),
        (
            of(TZ, stamp(Fraction::None, Offset::Hours { east: -3, space: false }), None, "UTC"),
            text("2024-01-02 03:04:05-03"),
            "2024-01-02 06:04:05+00",
        ),
        (of(TS, stamp(Fraction::None, Offset::Z), None, "UTC"), text("2024-01-02 03:04:05Z"), "2024-01-02 03:04:05"),
        (of(TS, stamp(Fraction::None, Offset::Z), None, "America/New_York"), text("2024-01-02 03:04:05Z"), "2024-01-01 22:04:05"),
        (of(TS, Written::CompactTimestamp(Fraction::Fixed(3)), None, "UTC"), text("20240102030405.678"), "2024-01-02 03:04:05.678"),
        (of(MomentType::Timestamp(3), INTEGER, MILLIS, "UTC"), Value::Integer(1_700_000_000_123), "2023-11-14 22:13:20.123"),
        (of(TZ, INTEGER, MILLIS, "UTC"), Value::Integer(-2_208_988_800_000), "1900-01-01 00:00:00+00"),
        (of(TZ, REAL, SECONDS, "UTC"), Value::Real(1_700_000_000.25), "2023-11-14 22:13:20.25+00"),
        (of(TS, REAL, Some(Counting::JulianDays), "UTC"), Value::Real(2_460_310.5), "2024-01-01 00:00:00"),
    ]
}

fn shown_times() -> Vec<(Conversion, Value, &'static str)> {
    vec![
        (of(MomentType::Date, INTEGER, Some(Counting::CompactDate), "UTC"), Value::Integer(20_240_229), "2024-02-29"),
        (of(MomentType::Date, stamp(Fraction::Fixed(6), Offset::Naive), None, "UTC"), text("2024-02-29 00:00:00.000000"), "2024-02-29"),
        (of(MomentType::Date, Written::CompactDate, None, "UTC"), text("00010101"), "0001-01-01"),
        (of(MomentType::Time(3), Written::CompactTime, None, "UTC"), text("123456.5"), "12:34:56.5"),
        (of(MomentType::Time(6), NAIVE, None, "UTC"), text("2000-01-01 12:34:56"), "12:34:56"),
        (of(MomentType::Timetz(6), Written::Time(PLAIN), None, "+05:30"), text("12:34:56"), "12:34:56+05:30"),
        (
            of(MomentType::Timetz(6), Written::OffsetTime { time: PLAIN, offset: Offset::Z }, None, "UTC"),
            text("12:34:56-08:00"),
            "12:34:56-08",
        ),
        (
            of(MomentType::Interval(6), INTEGER, Some(Counting::Epoch(Epoch::Microseconds)), "UTC"),
            Value::Integer(90_061_000_001),
            "1 day 01:01:01.000001",
        ),
        (
            of(MomentType::Interval(6), Written::Duration(DurationForm::Clock(Fraction::None)), None, "UTC"),
            text("-49:00:00"),
            "-2 days -01:00:00",
        ),
        (of(MomentType::Interval(6), Written::Duration(DurationForm::Python), None, "UTC"), text("-1 day, 23:59:59"), "-00:00:01"),
        (
            of(MomentType::Interval(6), Written::Duration(DurationForm::Iso), None, "UTC"),
            text("P1Y2M3DT4H5M6.7S"),
            "1 year 2 mons 3 days 04:05:06.7",
        ),
        (
            of(MomentType::Interval(6), stamp(Fraction::Fixed(6), Offset::Naive), None, "UTC"),
            text("1970-01-02 00:00:01.500000"),
            "1 day 00:00:01.5",
        ),
    ]
}

/// Cells that clocks make awkward: what becomes of them, and what the server's clock in that zone shows.
fn awkward() -> Vec<(Conversion, Value, Fate, Value, &'static str)> {
    let normalised = Fate::Normalised;
    let quarantined = Fate::Quarantined;
    let berlin = of(TZ, NAIVE, SECONDS, "Europe/Berlin");
    let kept = of(TS, INTEGER, SECONDS, "Europe/Berlin");
    vec![
        (berlin, text("2024-10-27 02:30:00"), normalised(Rule::AmbiguousTime), text("2024-10-27 02:30:00+02:00"), "2024-10-27 02:30:00"),
        (berlin, text("2024-03-31 02:30:00"), quarantined(Reason::SkippedTime), text("2024-03-31 03:30:00"), "2024-03-31 03:30:00"),
        (berlin, Value::Integer(1_729_989_000), normalised(Rule::MomentForm), text("2024-10-27 02:30:00+02:00"), "2024-10-27 02:30:00"),
        (berlin, Value::Integer(1_729_992_600), normalised(Rule::MomentForm), text("2024-10-27 02:30:00+01:00"), "2024-10-27 02:30:00"),
        (berlin, text("2024-07-01T12:00:00Z"), normalised(Rule::MomentForm), text("2024-07-01 14:00:00"), "2024-07-01 14:00:00"),
        (
            berlin,
            text("2024-07-01 12:00:00.9999999"),
            normalised(Rule::CutFraction),
            text("2024-07-01 12:00:00.999999"),
            "2024-07-01 12:00:00.999999",
        ),
        (kept, Value::Integer(1_729_989_000), Fate::Exact, Value::Integer(1_729_989_000), "2024-10-27 02:30:00"),
        (kept, Value::Integer(1_729_992_600), quarantined(Reason::Ambiguous), Value::Integer(1_729_989_000), "2024-10-27 02:30:00"),
        (
            of(TZ, NAIVE, None, "Australia/Lord_Howe"),
            text("2024-04-07 01:45:00"),
            normalised(Rule::AmbiguousTime),
            text("2024-04-07 01:45:00+11:00"),
            "2024-04-07 01:45:00",
        ),
        (of(TZ, NAIVE, None, "Asia/Kolkata"), text("2024-02-29 23:59:59"), Fate::Exact, text("2024-02-29 23:59:59"), "2024-02-29 23:59:59"),
        (
            of(TZ, NAIVE, None, "Asia/Kathmandu"),
            text("1985-12-31 23:59:59"),
            Fate::Exact,
            text("1985-12-31 23:59:59"),
            "1985-12-31 23:59:59",
        ),
        (
            of(TZ, NAIVE, None, "America/Sao_Paulo"),
            text("2018-11-04 00:15:00"),
            quarantined(Reason::SkippedTime),
            text("2018-11-04 01:15:00"),
            "2018-11-04 01:15:00",
        ),
        (
            of(TZ, NAIVE, None, "Pacific/Apia"),
            text("2011-12-30 12:00:00"),
            quarantined(Reason::SkippedTime),
            text("2011-12-31 12:00:00"),
            "2011-12-31 12:00:00",
        ),
        (
            of(TZ, NAIVE, None, "Europe/Dublin"),
            text("1971-10-31 02:30:00"),
            normalised(Rule::AmbiguousTime),
            text("1971-10-31 02:30:00+01:00"),
            "1971-10-31 02:30:00",
        ),
    ]
}

/// Cells of another form than their column's: the same as above.
fn of_other_forms() -> Vec<(Conversion, Value, Fate, Value, &'static str)> {
    let normalised = Fate::Normalised;
    let quarantined = Fate::Quarantined;
    vec![
        (of(TZ, NAIVE, None, "+05:45"), text("2024-01-01 00:00:00"), Fate::Exact, text("2024-01-01 00:00:00"), "2024-01-01 00:00:00"),
        (
            of(MomentType::Timestamp(0), NAIVE, None, "UTC"),
            text("2024-01-01 23:59:59.999999"),
            normalised(Rule::CutFraction),
            text("2024-01-01 23:59:59"),
            "2024-01-01 23:59:59",
        ),
        (
            of(MomentType::Timestamptz(3), NAIVE, None, "UTC"),
            text("1969-12-31 23:59:59.9999"),
            normalised(Rule::CutFraction),
            text("1969-12-31 23:59:59.999"),
            "1969-12-31 23:59:59.999",
        ),
        (
            of(MomentType::Date, Written::Date, SECONDS, "Asia/Tokyo"),
            Value::Integer(1_704_034_800),
            normalised(Rule::MomentForm),
            text("2024-01-01"),
            "2024-01-01 00:00:00",
        ),
        (
            of(MomentType::Date, Written::Date, None, "UTC"),
            text("2024-01-01 10:00:00"),
            quarantined(Reason::TimeOfDay),
            text("2024-01-01"),
            "2024-01-01 00:00:00",
        ),
        (
            of(TZ, INTEGER, MILLIS, "UTC"),
            text("2024-01-01 00:00:00"),
            normalised(Rule::MomentForm),
            Value::Integer(1_704_067_200_000),
            "2024-01-01 00:00:00",
        ),
        (
            of(TZ, INTEGER, MILLIS, "UTC"),
            text("1900-01-01 00:00:00 +00:00"),
            normalised(Rule::MomentForm),
            Value::Integer(-2_208_988_800_000),
            "1900-01-01 00:00:00",
        ),
        (
            of(TZ, INTEGER, MILLIS, "UTC"),
            text("2024-01-01 00:00:00.1239"),
            quarantined(Reason::TooPrecise),
            Value::Integer(1_704_067_200_123),
            "2024-01-01 00:00:00.123",
        ),
        (
            of(TZ, REAL, SECONDS, "UTC"),
            Value::Real(1_700_000_000.123_456_7),
            normalised(Rule::RoundReal),
            Value::Real(1_700_000_000.123_457),
            "2023-11-14 22:13:20.123457",
        ),
    ]
}

#[tokio::test]
async fn the_server_shows_the_clocks_of_zones() {
    let mut table = awkward();
    table.extend(of_other_forms());
    for (conversion, cell, fate, value, shown) in &table {
        assert_eq!(settled(*conversion, cell), (*fate, value.clone()), "{conversion:?} {shown}");
    }
    let conversions: Vec<Conversion> = table.iter().map(|(conversion, ..)| *conversion).collect();
    let columns: Vec<Vec<Value>> = table.iter().map(|(_, cell, ..)| vec![cell.clone()]).collect();
    let database = Database::new("value_zones");
    let loaded = Loaded::new(&database, &conversions, &columns).await;
    // As a client of another zone would see it.
    loaded.client().batch_execute("set timezone = 'Asia/Kolkata'").await.unwrap();
    let columns: Vec<String> = conversions.iter().enumerate().map(|(column, conversion)| clock_of(*conversion, column)).collect();
    let messages = loaded.client().simple_query(&format!("select {} from t", columns.join(", "))).await.unwrap();
    let row = messages.iter().find_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None }).unwrap();
    for (column, (conversion, _, _, _, shown)) in table.iter().enumerate() {
        assert_eq!(row.get(column), Some(*shown), "{conversion:?}");
    }
}

/// SQL that shows what the zone's clock shows.
fn clock_of(conversion: Conversion, column: usize) -> String {
    let Conversion::AnyToMoment(moments) = conversion else { panic!("{conversion:?} has no clock") };
    let zone = moments.zone;
    let zone = if zone.to_string().starts_with('+') { format!("interval '{zone}'") } else { format!("'{zone}'") };
    let local = if matches!(moments.target, MomentType::Timestamptz(_)) {
        format!("c{column} at time zone {zone}")
    } else {
        format!("c{column}::timestamp")
    };
    format!("regexp_replace(to_char({local}, 'YYYY-MM-DD HH24:MI:SS.US'), '\\.0+$|(\\.[0-9]*[1-9])0+$', '\\1')")
}

#[test]
fn what_is_no_moment_is_quarantined() {
    let (naive, date) = (of(TZ, NAIVE, MILLIS, "UTC"), of(MomentType::Date, Written::Date, None, "UTC"));
    for cell in [
        "2024-02-30",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "10000-01-01",
        "2024-13-01",
        "infinity",
        "-infinity",
        "now",
        "",
        "24:00:00",
        "2023-02-29 00:00:00",
        "2024-01-01 24:00:00",
        "20240230",
        "4713-01-01 BC",
        "01/02/2024",
        "1704067200",
    ] {
        for conversion in [naive, date] {
            assert_eq!(settled(conversion, &text(cell)), (Fate::Quarantined(Reason::OtherForm), Value::Null), "{cell}");
        }
    }
    for number in [0, 7_289_654_400_000, -2_208_988_800_001, 1_647_950_409_737_000, i64::MAX, i64::MIN] {
        let fate = if number == 0 { Fate::Normalised(Rule::MomentForm) } else { Fate::Quarantined(Reason::UnlikelyMoment) };
        assert_eq!(settled(naive, &Value::Integer(number)).0, fate, "{number}");
        assert_eq!(settled(date, &Value::Integer(number)).0, Fate::Quarantined(Reason::WrongClass), "{number}");
    }
}
