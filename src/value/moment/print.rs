//! What a value of the target is in the form of the source's column, for the settler.
//!
//! The decoder has a printer of its own.

use super::super::calendar::{CivilDate, MICROS_OF_DAY, date_of_days};
use super::super::{Fraction, Offset, Separator, TimeForm};
use super::number::{self, Number};
use super::place::{Placed, Shown, clock_at, instant_of};
use super::read::EPOCH;
use super::{Counting, MomentType, Moments, Written, duration};

/// What was printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Printed {
    /// The text that was appended.
    Text,
    Number(Number),
}

/// Prints a value in the column's form, with as much more as it needs; nothing where the form has no room for it.
pub(super) fn print(moments: Moments, placed: Placed, out: &mut Vec<u8>) -> Option<Printed> {
    match (placed, moments.written) {
        (Placed::Duration(value), Written::Number(class)) => number::of_duration(moments.numbers?, class, value).map(Printed::Number),
        (Placed::Duration(value), Written::Duration(form)) => duration::print(form, value, out).map(|()| Printed::Text),
        // The moment so long after 1970.
        (Placed::Duration(value), _) => print_clock(moments.written, value.in_micros()?.checked_add(EPOCH)?, None, out),
        (Placed::OffsetTime { micros, minutes_east }, Written::OffsetTime { time, offset }) => {
            print_time(time, micros, out);
            print_offset(of_minutes(offset, minutes_east)?, out);
            Some(Printed::Text)
        }
        (Placed::OffsetTime { micros, minutes_east }, Written::Time(form)) => {
            print_time(form, micros, out);
            if moments.zone.minutes_east().map(i64::from) != Some(minutes_east) {
                print_offset(of_minutes(PLAIN, minutes_east)?, out);
            }
            Some(Printed::Text)
        }
        (Placed::OffsetTime { .. }, _) => None,
        (Placed::Micros(micros), _) => match moments.target {
            MomentType::Time(_) => print_time_of_day(moments.written, micros, out),
            MomentType::Date | MomentType::Timestamp(_) | MomentType::Timestamptz(_) => print_moment(moments, micros, out),
            MomentType::Timetz(_) | MomentType::Interval(_) => None,
        },
    }
}

/// How an offset is written where the form says nothing else.
const PLAIN: Offset = Offset::Minutes { east: 0, colon: true, space: false };

fn print_time_of_day(written: Written, micros: i64, out: &mut Vec<u8>) -> Option<Printed> {
    match written {
        Written::Time(form) => {
            print_time(form, micros, out);
            Some(Printed::Text)
        }
        Written::CompactTime => {
            print_compact_time(Fraction::None, micros, out);
            Some(Printed::Text)
        }
        Written::Timestamp(form) if form.offset == Offset::Naive => print_clock(written, micros, None, out),
        Written::Date
        | Written::CompactDate
        | Written::OffsetTime { .. }
        | Written::Timestamp(_)
        | Written::CompactTimestamp(_)
        | Written::Duration(_)
        | Written::Number(_) => None,
    }
}

fn print_moment(moments: Moments, micros: i64, out: &mut Vec<u8>) -> Option<Printed> {
    let has_instants = matches!(moments.target, MomentType::Timestamptz(_));
    let instant = || {
        if has_instants {
            return Some(micros);
        }
        match instant_of(moments.zone, micros)? {
            Shown::Once(instant) | Shown::Twice { first: instant } => Some(instant),
            Shown::Never { .. } => None,
        }
    };
    match moments.written {
        Written::Number(class) => {
            let counting = moments.numbers?;
            let counted = match counting {
                Counting::Epoch(_) | Counting::JulianDays => instant()?,
                Counting::CompactDate | Counting::CompactTimestamp | Counting::Years if has_instants => clock_at(moments.zone, micros)?,
                Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => micros,
            };
            number::of_moment(counting, class, counted).map(Printed::Number)
        }
        Written::Timestamp(form) if form.offset != Offset::Naive => {
            let clock = instant()?.checked_add(minutes_of(form.offset) * 60_000_000)?;
            print_clock(moments.written, clock, Some(form.offset), out)
        }
        Written::Date | Written::CompactDate | Written::Timestamp(_) | Written::CompactTimestamp(_) => {
            if !has_instants {
                return print_clock(moments.written, micros, None, out);
            }
            let clock = clock_at(moments.zone, micros)?;
            // A time that the clock showed twice is told from the other by its offset.
            let twice = matches!(instant_of(moments.zone, clock)?, Shown::Twice { .. });
            let offset = if twice { Some(of_minutes(PLAIN, whole_minutes(clock - micros)?)?) } else { None };
            print_clock(moments.written, clock, offset, out)
        }
        Written::Time(_) | Written::CompactTime | Written::OffsetTime { .. } | Written::Duration(_) => None,
    }
}

/// Prints what the calendar and the clock show.
fn print_clock(written: Written, clock: i64, offset: Option<Offset>, out: &mut Vec<u8>) -> Option<Printed> {
    const SECONDS: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };
    let CivilDate { year, month, day } = date_of_days(clock.div_euclid(MICROS_OF_DAY))?;
    let micros = clock.rem_euclid(MICROS_OF_DAY);
    let compact = match written {
        Written::CompactDate | Written::CompactTimestamp(_) => true,
        Written::Date | Written::Timestamp(_) => false,
        Written::Time(_) | Written::CompactTime | Written::OffsetTime { .. } | Written::Duration(_) | Written::Number(_) => return None,
    };
    // No form of digits alone has room for an offset.
    if compact && offset.is_some() {
        return None;
    }
    print_digits(year, 4, out);
    for part in [month, day] {
        if !compact {
            out.push(b'-');
        }
        print_digits(part, 2, out);
    }
    match written {
        Written::Date | Written::CompactDate if micros == 0 && offset.is_none() => {}
        Written::CompactDate => print_compact_time(Fraction::None, micros, out),
        Written::CompactTimestamp(fraction) => print_compact_time(fraction, micros, out),
        Written::Timestamp(form) => {
            out.push(match form.separator {
                Separator::Space => b' ',
                Separator::T => b'T',
            });
            print_time(form.time, micros, out);
        }
        Written::Date
        | Written::Time(_)
        | Written::CompactTime
        | Written::OffsetTime { .. }
        | Written::Duration(_)
        | Written::Number(_) => {
            out.push(b' ');
            print_time(SECONDS, micros, out);
        }
    }
    if let Some(offset) = offset {
        print_offset(offset, out);
    }
    Some(Printed::Text)
}

fn print_time(form: TimeForm, micros: i64, out: &mut Vec<u8>) {
    let seconds = micros / 1_000_000;
    print_digits(seconds / 3_600, 2, out);
    out.push(b':');
    print_digits(seconds / 60 % 60, 2, out);
    if form.seconds || micros % 60_000_000 != 0 {
        out.push(b':');
        print_digits(seconds % 60, 2, out);
        print_fraction(form.fraction, micros % 1_000_000, out);
    }
}

fn print_compact_time(fraction: Fraction, micros: i64, out: &mut Vec<u8>) {
    let seconds = micros / 1_000_000;
    print_digits(seconds / 3_600 * 10_000 + seconds / 60 % 60 * 100 + seconds % 60, 6, out);
    print_fraction(fraction, micros % 1_000_000, out);
}

/// Prints a fraction with the form's digits, or with as many as it needs.
pub(super) fn print_fraction(form: Fraction, micros: i64, out: &mut Vec<u8>) {
    let digits = format!("{micros:06}");
    let least = match form {
        Fraction::None | Fraction::Trimmed => 0,
        Fraction::DigitsOrNone { .. } if micros == 0 => 0,
        Fraction::Fixed(count) | Fraction::Digits { count, .. } | Fraction::DigitsOrNone { count, .. } => usize::from(count),
    };
    let needed = digits.trim_end_matches('0').len();
    if let Some(digits) = digits.get(..least.max(needed)).filter(|digits| !digits.is_empty()) {
        out.push(b'.');
        out.extend_from_slice(digits.as_bytes());
    }
}

fn print_offset(offset: Offset, out: &mut Vec<u8>) {
    let (minutes, colon, space, short) = match offset {
        Offset::Naive => return,
        Offset::Z => return out.push(b'Z'),
        Offset::Utc => return out.extend_from_slice(b" UTC"),
        Offset::Minutes { east, colon, space } => (i64::from(east), colon, space, false),
        Offset::Hours { east, space } => (i64::from(east) * 60, false, space, true),
    };
    if space {
        out.push(b' ');
    }
    out.push(if minutes < 0 { b'-' } else { b'+' });
    print_digits(minutes.abs() / 60, 2, out);
    if colon {
        out.push(b':');
    }
    if !short {
        print_digits(minutes.abs() % 60, 2, out);
    }
}

/// Another offset in the same style, or in the plain one where the style has no room for it.
fn of_minutes(style: Offset, minutes: i64) -> Option<Offset> {
    let east = i16::try_from(minutes).ok().filter(|minutes| minutes.abs() < 16 * 60)?;
    Some(match style {
        Offset::Z | Offset::Utc if east == 0 => style,
        Offset::Minutes { colon, space, .. } => Offset::Minutes { east, colon, space },
        Offset::Hours { space, .. } if east % 60 == 0 => Offset::Hours { east: i8::try_from(east / 60).ok()?, space },
        Offset::Hours { space, .. } => Offset::Minutes { east, colon: true, space },
        Offset::Naive | Offset::Z | Offset::Utc => Offset::Minutes { east, colon: true, space: false },
    })
}

fn minutes_of(offset: Offset) -> i64 {
    match offset {
        Offset::Naive | Offset::Z | Offset::Utc => 0,
        Offset::Minutes { east, .. } => i64::from(east),
        Offset::Hours { east, .. } => i64::from(east) * 60,
    }
}

fn whole_minutes(micros: i64) -> Option<i64> {
    (micros % 60_000_000 == 0).then_some(micros / 60_000_000)
}

pub(super) fn print_digits(number: i64, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or_default());
    }
}
