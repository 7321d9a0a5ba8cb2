//! Columns of every type and form: what tests over all conversions go through.

use super::super::{Epoch, Fraction, Offset, Separator, TimeForm, TimestampForm};
use super::{Counting, DurationForm, MomentType, Moments, NumberClass, Written, Zone};

const SECONDS: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };
const MILLIS: TimeForm = TimeForm { seconds: true, fraction: Fraction::Fixed(3) };
const PYTHON: TimeForm = TimeForm { seconds: true, fraction: Fraction::DigitsOrNone { count: 6, trailing_zero: true } };
const MINUTES: TimeForm = TimeForm { seconds: false, fraction: Fraction::None };

/// Columns of every type and form.
pub(in crate::value) fn samples() -> Vec<Moments> {
    let zones = ["UTC", "+05:30", "-03:30", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    let zones: Vec<Zone> = zones.iter().filter_map(|name| name.parse().ok()).collect();
    let clocks = [MomentType::Timestamptz(6), MomentType::Timestamp(6), MomentType::Timestamptz(3), MomentType::Timestamp(0)];
    let mut samples = Vec::new();
    let mut add = |target, written, numbers, zone| samples.push(Moments { target, written, numbers, zone });
    for zone in &zones {
        for target in clocks {
            add(target, stamp(Separator::Space, SECONDS, Offset::Naive), Some(Counting::Epoch(Epoch::Seconds)), *zone);
        }
        add(MomentType::Timestamptz(6), stamp(Separator::T, PYTHON, Offset::Naive), None, *zone);
        add(MomentType::Timestamp(6), stamp(Separator::T, MILLIS, Offset::Z), None, *zone);
        add(MomentType::Timestamp(3), integers(), Some(Counting::Epoch(Epoch::Milliseconds)), *zone);
        add(MomentType::Date, Written::Date, None, *zone);
        add(MomentType::Timestamptz(6), Written::CompactTimestamp(Fraction::Fixed(3)), None, *zone);
    }
    for (target, written, numbers) in in_utc() {
        add(target, written, numbers, Zone::UTC);
    }
    for target in [MomentType::Time(6), MomentType::Time(0)] {
        for written in [Written::Time(PYTHON), Written::Time(MINUTES), Written::CompactTime, stamp(Separator::Space, PYTHON, Offset::Naive)]
        {
            add(target, written, None, Zone::UTC);
        }
    }
    for offset in OFFSETS {
        add(MomentType::Timetz(6), Written::OffsetTime { time: MILLIS, offset }, None, Zone::UTC);
    }
    add(MomentType::Timetz(3), Written::Time(SECONDS), None, "+05:30".parse().unwrap_or_default());
    for target in [MomentType::Interval(6), MomentType::Interval(0)] {
        let clock = Written::Duration(DurationForm::Clock(Fraction::Fixed(3)));
        for written in
            [clock, Written::Duration(DurationForm::Python), Written::Duration(DurationForm::Django), Written::Duration(DurationForm::Iso)]
        {
            add(target, written, None, Zone::UTC);
        }
        add(target, stamp(Separator::Space, PYTHON, Offset::Naive), None, Zone::UTC);
        add(target, integers(), Some(Counting::Epoch(Epoch::Microseconds)), Zone::UTC);
        add(target, integers(), Some(Counting::Epoch(Epoch::Seconds)), Zone::UTC);
        add(target, Written::Number(NumberClass::Real), Some(Counting::Epoch(Epoch::Seconds)), Zone::UTC);
    }
    samples
}

const OFFSETS: [Offset; 7] = [
    Offset::Z,
    Offset::Utc,
    Offset::Minutes { east: 0, colon: true, space: false },
    Offset::Minutes { east: -330, colon: false, space: true },
    Offset::Minutes { east: 959, colon: true, space: true },
    Offset::Hours { east: 2, space: false },
    Offset::Hours { east: -11, space: true },
];

const fn stamp(separator: Separator, time: TimeForm, offset: Offset) -> Written {
    Written::Timestamp(TimestampForm { separator, time, offset })
}

const fn integers() -> Written {
    Written::Number(NumberClass::Integer)
}

fn in_utc() -> Vec<(MomentType, Written, Option<Counting>)> {
    let (tz, naive) = (MomentType::Timestamptz(6), MomentType::Timestamp(6));
    let mut found: Vec<_> = OFFSETS.map(|offset| (tz, stamp(Separator::Space, PYTHON, offset), None)).to_vec();
    let classes = [NumberClass::Integer, NumberClass::Real, NumberClass::Affine];
    for unit in Epoch::ALL {
        found.extend(classes.map(|class| (tz, Written::Number(class), Some(Counting::Epoch(unit)))));
    }
    found.extend([naive, MomentType::Timestamp(0)].map(|target| (target, Written::Number(NumberClass::Real), Some(Counting::JulianDays))));
    found.push((MomentType::Date, Written::Number(NumberClass::Affine), Some(Counting::JulianDays)));
    for counting in [Counting::CompactDate, Counting::CompactTimestamp, Counting::Years] {
        found.push((naive, integers(), Some(counting)));
    }
    found.push((MomentType::Date, integers(), Some(Counting::Epoch(Epoch::Seconds))));
    found.push((MomentType::Date, integers(), Some(Counting::CompactDate)));
    found.push((MomentType::Date, integers(), Some(Counting::Years)));
    for written in
        [Written::Date, Written::CompactDate, stamp(Separator::Space, MINUTES, Offset::Naive), stamp(Separator::T, MILLIS, Offset::Z)]
    {
        found.extend([naive, tz, MomentType::Date].map(|target| (target, written, None)));
    }
    found
}
