//! What a cell means: read by what it is, whatever form its column has.
//!
//! Only forms that mean one thing are read. `02/03/2024` is nobody's date, and `2024-02-30` is no day.

use super::super::calendar::{CivilDate, DAYS_TO_2000, MICROS_OF_DAY, days_since_2000, read_date, two_digits};
use super::super::{Fraction, Offset, Reason, Separator, TimeForm, TimestampForm, ValueRef};
use super::duration::{self, Duration};
use super::{MomentType, Moments, Written, number};

/// Microseconds from 2000-01-01 to 1970-01-01.
pub(super) const EPOCH: i64 = -DAYS_TO_2000 * MICROS_OF_DAY;

/// What a cell means. Dates and moments are counted in microseconds from 2000-01-01 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) enum Meaning {
    /// What a calendar and a clock show, nobody says where.
    Clock(i64),
    /// A moment of UTC.
    Instant(i64),
    /// Microseconds since midnight, nobody says where.
    TimeOfDay(i64),
    /// Microseconds since midnight, and minutes east of UTC.
    OffsetTime { micros: i64, minutes_east: i64 },
    /// A duration.
    Duration(Duration),
}

/// A cell that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) struct Reading {
    pub(super) meaning: Meaning,
    /// Whether it has digits finer than microseconds, which are left out of the meaning.
    pub(super) finer: bool,
}

/// Reads a cell of a column.
pub(in crate::value) fn read(moments: Moments, value: ValueRef<'_>) -> Result<Reading, Reason> {
    let durations = matches!(moments.target, MomentType::Interval(_));
    match value {
        ValueRef::Text(text) => {
            let duration = if durations { duration::read(text) } else { None };
            let found = duration.or_else(|| read_text(text).map(|(_, reading)| reading));
            found.ok_or(Reason::OtherForm)
        }
        ValueRef::Integer(_) | ValueRef::Real(_) => {
            let counting = moments.numbers.ok_or(Reason::WrongClass)?;
            let meaning = if durations { number::duration(counting, value) } else { number::moment(counting, value) }?;
            Ok(Reading { meaning, finer: false })
        }
        ValueRef::Null | ValueRef::Blob(_) => Err(Reason::WrongClass),
    }
}

/// The form of a text that means a date, a time, a moment or a duration.
///
/// Run on every text that is nothing else: the first byte and the length decide for nearly all.
pub(in crate::value) fn shape(text: &[u8]) -> Option<Written> {
    const LONGEST: usize = 48;
    if text.len() < 3 || text.len() > LONGEST || !matches!(text.first(), Some(b'0'..=b'9' | b'-' | b'P')) {
        return None;
    }
    read_text(text).map(|(written, _)| written).or_else(|| duration::shape(text).map(Written::Duration))
}

/// Reads the text of a date, a time of day or both.
fn read_text(text: &[u8]) -> Option<(Written, Reading)> {
    let exact = |meaning| Reading { meaning, finer: false };
    match (text.get(2), text.get(4)) {
        (_, Some(b'-')) => {
            let (date, rest) = text.split_at_checked(10)?;
            let midnight = days_since_2000(read_date(date)?) * MICROS_OF_DAY;
            let (separator, rest) = match rest.split_first() {
                None => return Some((Written::Date, exact(Meaning::Clock(midnight)))),
                Some((b' ', rest)) => (Separator::Space, rest),
                Some((b'T', rest)) => (Separator::T, rest),
                Some(_) => return None,
            };
            let (time, clock, rest) = read_clock(rest)?;
            let (offset, minutes_east) = read_offset(rest)?;
            let local = midnight + clock.micros;
            let meaning = minutes_east.map_or(Meaning::Clock(local), |minutes| Meaning::Instant(local - minutes * 60_000_000));
            let form = TimestampForm { separator, time, offset };
            Some((Written::Timestamp(form), Reading { meaning, finer: clock.finer }))
        }
        (Some(b':'), _) => {
            let (time, clock, rest) = read_clock(text)?;
            let (offset, minutes_east) = read_offset(rest)?;
            let (written, meaning) = match minutes_east {
                None => (Written::Time(time), Meaning::TimeOfDay(clock.micros)),
                Some(minutes_east) => (Written::OffsetTime { time, offset }, Meaning::OffsetTime { micros: clock.micros, minutes_east }),
            };
            Some((written, Reading { meaning, finer: clock.finer }))
        }
        _ => read_compact(text),
    }
}

fn read_compact(text: &[u8]) -> Option<(Written, Reading)> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(count);
    let exact = |meaning| Reading { meaning, finer: false };
    match (digits, rest) {
        ([h1, h2, m1, m2, s1, s2], rest) => {
            let (_, micros, finer, rest) = read_fraction(rest)?;
            let meaning = Meaning::TimeOfDay(clock_of(*h1, *h2, *m1, *m2, *s1, *s2)? + micros);
            rest.is_empty().then_some((Written::CompactTime, Reading { meaning, finer }))
        }
        ([_, _, _, _, _, _, _, _], []) => Some((Written::CompactDate, exact(Meaning::Clock(compact_date(digits)?)))),
        ([_, _, _, _, _, _, _, _, h1, h2, m1, m2, s1, s2], rest) => {
            let midnight = compact_date(digits.get(..8)?)?;
            let (fraction, micros, finer, rest) = read_fraction(rest)?;
            let meaning = Meaning::Clock(midnight + clock_of(*h1, *h2, *m1, *m2, *s1, *s2)? + micros);
            rest.is_empty().then_some((Written::CompactTimestamp(fraction), Reading { meaning, finer }))
        }
        _ => None,
    }
}

/// The midnight of `YYYYMMDD`.
pub(super) fn compact_date(digits: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, m1, m2, d1, d2] = digits else { return None };
    let CivilDate { year, month, day } = read_date(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2])?;
    Some(days_since_2000(CivilDate { year, month, day }) * MICROS_OF_DAY)
}

/// Microseconds since midnight of `HHMMSS`.
pub(super) fn clock_of(h1: u8, h2: u8, m1: u8, m2: u8, s1: u8, s2: u8) -> Option<i64> {
    let hour = two_digits(h1, h2).filter(|hour| *hour <= 23)?;
    let minute = two_digits(m1, m2).filter(|minute| *minute <= 59)?;
    let second = two_digits(s1, s2).filter(|second| *second <= 59)?;
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000)
}

struct Clock {
    micros: i64,
    finer: bool,
}

/// Reads `HH:MM[:SS[.f]]` from the start of a text, and says what follows.
fn read_clock(text: &[u8]) -> Option<(TimeForm, Clock, &[u8])> {
    let &[h1, h2, b':', m1, m2, ref rest @ ..] = text else { return None };
    let &[b':', s1, s2, ref rest @ ..] = rest else {
        let micros = clock_of(h1, h2, m1, m2, b'0', b'0')?;
        return Some((TimeForm { seconds: false, fraction: Fraction::None }, Clock { micros, finer: false }, rest));
    };
    let seconds = clock_of(h1, h2, m1, m2, s1, s2)?;
    let (fraction, micros, finer, rest) = read_fraction(rest)?;
    Some((TimeForm { seconds: true, fraction }, Clock { micros: seconds + micros, finer }, rest))
}

/// Reads a fraction of any length: its form, its microseconds, whether there is more behind them, and what follows.
pub(super) fn read_fraction(text: &[u8]) -> Option<(Fraction, i64, bool, &[u8])> {
    let Some((b'.' | b',', rest)) = text.split_first() else { return Some((Fraction::None, 0, false, text)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at(length);
    let kept = digits.get(..length.min(6))?;
    let count = u8::try_from(kept.len()).ok().filter(|count| *count > 0)?;
    let number = kept.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    let micros = (count..6).fold(number, |number, _| number * 10);
    let finer = digits.iter().skip(6).any(|digit| *digit != b'0');
    let fraction = if number == 0 { Fraction::Fixed(count) } else { Fraction::Digits { count, trailing_zero: number % 10 == 0 } };
    Some((fraction, micros, finer, rest))
}

/// Reads what follows a time, all of it: its form, and minutes east of UTC where it says so.
fn read_offset(text: &[u8]) -> Option<(Offset, Option<i64>)> {
    let (space, rest) = match text {
        [] => return Some((Offset::Naive, None)),
        b"Z" | b"z" | b" Z" => return Some((Offset::Z, Some(0))),
        b" UTC" | b"UTC" | b" +0000 UTC" | b" GMT" => return Some((Offset::Utc, Some(0))),
        [b' ', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (sign, rest) = match rest.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes, written) = match *rest {
        [h1, h2] => (two_digits(h1, h2)?, 0, None),
        [h1, h2, b':', m1, m2] => (two_digits(h1, h2)?, two_digits(m1, m2)?, Some(true)),
        [h1, h2, m1, m2] => (two_digits(h1, h2)?, two_digits(m1, m2)?, Some(false)),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let minutes_east = sign * (hours * 60 + minutes);
    let form = match written {
        Some(colon) => Offset::Minutes { east: i16::try_from(minutes_east).ok()?, colon, space },
        None => Offset::Hours { east: i8::try_from(sign * hours).ok()?, space },
    };
    Some((form, Some(minutes_east)))
}
