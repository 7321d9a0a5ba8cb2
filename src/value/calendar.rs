//! Reads dates, times of day and offsets written in digits, to recognise and to encode them, and counts days.
//!
//! Never used by the decoder, which has its own calendar.

use super::{Fraction, Offset, Separator, TimeForm, TimestampForm};

pub(super) const MICROS_OF_DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL starts to count.
pub(super) const DAYS_TO_2000: i64 = 10_957;

/// A day of the calendar, year 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CivilDate {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

/// Reads `YYYY-MM-DD`, all of it, if the calendar has that day.
pub(super) fn read_date(text: &[u8]) -> Option<CivilDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
    let (month, day) = (two_digits(m1, m2)?, two_digits(d1, d2)?);
    let real = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_of_month(year, month);
    real.then_some(CivilDate { year, month, day })
}

/// Reads a time of day from the start of a text: its form, its microseconds since midnight, and what follows.
pub(super) fn read_time(text: &[u8]) -> Option<(TimeForm, i64, &[u8])> {
    let &[h1, h2, b':', m1, m2, ref rest @ ..] = text else { return None };
    let (hour, minute) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let minutes = hour * 60 + minute;
    let &[b':', s1, s2, ref rest @ ..] = rest else {
        return Some((TimeForm { seconds: false, fraction: Fraction::None }, minutes * 60_000_000, rest));
    };
    let second = two_digits(s1, s2).filter(|second| *second <= 59)?;
    let (fraction, micros, rest) = read_fraction(rest)?;
    Some((TimeForm { seconds: true, fraction }, (minutes * 60 + second) * 1_000_000 + micros, rest))
}

/// Reads a date and time, all of it: its form, the day, and the microseconds since that day's midnight.
pub(super) fn read_timestamp(text: &[u8]) -> Option<(TimestampForm, CivilDate, i64)> {
    let (date, rest) = text.split_at_checked(10)?;
    let (separator, rest) = match rest.split_first()? {
        (b' ', rest) => (Separator::Space, rest),
        (b'T', rest) => (Separator::T, rest),
        _ => return None,
    };
    let (time, micros, rest) = read_time(rest)?;
    let offset = read_offset(rest)?;
    Some((TimestampForm { separator, time, offset }, read_date(date)?, micros))
}

fn read_fraction(text: &[u8]) -> Option<(Fraction, i64, &[u8])> {
    let Some((b'.', rest)) = text.split_first() else { return Some((Fraction::None, 0, text)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at(length);
    let count = u8::try_from(length).ok().filter(|count| (1..=6).contains(count))?;
    let number = digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    let micros = (count..6).fold(number, |number, _| number * 10);
    let fraction = if number == 0 { Fraction::Fixed(count) } else { Fraction::Digits { count, trailing_zero: number % 10 == 0 } };
    Some((fraction, micros, rest))
}

fn read_offset(text: &[u8]) -> Option<Offset> {
    let (space, text) = match text {
        [] => return Some(Offset::Naive),
        [b'Z'] => return Some(Offset::Z),
        [b' ', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (sign, colon, h1, h2, m1, m2) = match *text {
        [sign, h1, h2, b':', m1, m2] => (sign, true, h1, h2, m1, m2),
        [sign, h1, h2, m1, m2] => (sign, false, h1, h2, m1, m2),
        _ => return None,
    };
    let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    if hours > 15 || minutes > 59 {
        return None;
    }
    let magnitude = i16::try_from(hours * 60 + minutes).ok()?;
    let east = match sign {
        b'+' => magnitude,
        b'-' if magnitude > 0 => -magnitude,
        _ => return None,
    };
    Some(Offset::Minutes { east, colon, space })
}

pub(super) fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Counts in eras of 400 years that begin on a 1st of March, so that the leap day is the last of its year.
pub(super) fn days_since_2000(date: CivilDate) -> i64 {
    let CivilDate { year, month, day } = date;
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_OF_ERA + day_of_era - DAYS_FROM_ERA_TO_2000
}

/// The day that so many days lie after 2000-01-01, if it is of the years 0001 to 9999.
pub(super) fn date_of_days(days: i64) -> Option<CivilDate> {
    let from_era = days.checked_add(DAYS_FROM_ERA_TO_2000)?;
    let (era, day_of_era) = (from_era.div_euclid(DAYS_OF_ERA), from_era.rem_euclid(DAYS_OF_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (1..=9_999).contains(&year).then_some(CivilDate { year, month, day })
}

const DAYS_OF_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 2000-01-01.
const DAYS_FROM_ERA_TO_2000: i64 = 730_425;

pub(super) fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_one_that_was_counted() {
        for days in (-730_119..=2_921_939).step_by(13).chain([-730_119, 2_921_939, 59, 60, -1, 0]) {
            assert_eq!(date_of_days(days).map(days_since_2000), Some(days));
        }
        assert_eq!(date_of_days(59), Some(CivilDate { year: 2000, month: 2, day: 29 }));
        assert_eq!((date_of_days(-730_120), date_of_days(2_921_940), date_of_days(i64::MAX)), (None, None, None));
    }
}
