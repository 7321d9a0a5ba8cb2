//! Durations as texts, read and printed for the settler and the encoder.
//!
//! A duration is kept as PostgreSQL keeps it, in months, days and microseconds. One that says no months and is not in
//! ISO's form is its length: whole days of 24 hours, and the rest.

use super::super::Fraction;
use super::super::calendar::{MICROS_OF_DAY, two_digits};
use super::DurationForm;
use super::print::{print_digits, print_fraction};
use super::read::{Meaning, Reading, read_fraction};

/// A duration in the three counts of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) struct Duration {
    pub(in crate::value) months: i32,
    pub(in crate::value) days: i32,
    pub(in crate::value) micros: i64,
}

impl Duration {
    /// A length, in whole days and the rest, both of its sign.
    pub(super) fn of_micros(micros: i64) -> Option<Self> {
        Some(Self { months: 0, days: i32::try_from(micros / MICROS_OF_DAY).ok()?, micros: micros % MICROS_OF_DAY })
    }

    /// The length, where no months make it uncertain.
    pub(super) fn in_micros(self) -> Option<i64> {
        let days = i64::from(self.days).checked_mul(MICROS_OF_DAY)?;
        if self.months == 0 { days.checked_add(self.micros) } else { None }
    }
}

/// The form of a duration's text.
pub(super) fn shape(text: &[u8]) -> Option<DurationForm> {
    read_any(text).map(|(form, _)| form)
}

/// Reads the text of a duration.
pub(super) fn read(text: &[u8]) -> Option<Reading> {
    read_any(text).map(|(_, reading)| reading)
}

fn read_any(text: &[u8]) -> Option<(DurationForm, Reading)> {
    let (negative, rest) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let sign = if negative { -1 } else { 1 };
    if let Some((b'P', rest)) = rest.split_first() {
        return read_iso(rest, sign).map(|reading| (DurationForm::Iso, reading));
    }
    let (number, after) = read_number(rest)?;
    let (form, days, clock) = match after {
        [b':', ..] => {
            let (width, hours) = (rest.len() - after.len(), number);
            let (fraction, micros, finer) = read_rest_of_clock(after)?;
            let length = hours.checked_mul(3_600_000_000)?.checked_add(micros)?.checked_mul(sign)?;
            let form = if width < 2 { DurationForm::Python } else { DurationForm::Clock(fraction) };
            return Some((form, Reading { meaning: Meaning::Duration(Duration::of_micros(length)?), finer }));
        }
        [b' ', clock @ ..] if clock.first().is_some_and(u8::is_ascii_digit) => (DurationForm::Django, number, clock),
        _ => {
            let clock = after.strip_prefix(b" days, ").or_else(|| after.strip_prefix(b" day, "))?;
            (DurationForm::Python, number, clock)
        }
    };
    // The sign is that of the days; the time of day is always added.
    let (hours, after) = read_number(clock)?;
    let (_, micros, finer) = read_rest_of_clock(after)?;
    if hours > 23 {
        return None;
    }
    let length = days.checked_mul(sign * MICROS_OF_DAY)?.checked_add(hours * 3_600_000_000 + micros)?;
    Some((form, Reading { meaning: Meaning::Duration(Duration::of_micros(length)?), finer }))
}

/// Reads `:MM:SS[.f]`, all of it.
fn read_rest_of_clock(text: &[u8]) -> Option<(Fraction, i64, bool)> {
    let &[b':', m1, m2, b':', s1, s2, ref rest @ ..] = text else { return None };
    let minutes = two_digits(m1, m2).filter(|minutes| *minutes <= 59)?;
    let seconds = two_digits(s1, s2).filter(|seconds| *seconds <= 59)?;
    let (fraction, micros, finer, rest) = read_fraction(rest)?;
    rest.is_empty().then_some((fraction, (minutes * 60 + seconds) * 1_000_000 + micros, finer))
}

/// Reads what follows the `P`: each unit once, in its order, weeks alone.
fn read_iso(mut text: &[u8], sign: i64) -> Option<Reading> {
    let (mut months, mut days, mut micros) = (0_i64, 0_i64, 0_i64);
    let (mut finer, mut in_time, mut last, mut any) = (false, false, 0_u8, false);
    while let Some((first, rest)) = text.split_first() {
        if *first == b'T' && !in_time {
            (in_time, text) = (true, rest);
            // A `T` is followed by something.
            any = false;
            continue;
        }
        let (number, rest) = read_number(text)?;
        let (fraction, part, more, rest) = read_fraction(rest)?;
        let (unit, rest) = rest.split_first()?;
        let (place, into, factor) = match (unit, in_time) {
            (b'Y', false) => (1, &mut months, 12),
            (b'M', false) => (2, &mut months, 1),
            (b'W', false) => (3, &mut days, 7),
            (b'D', false) => (4, &mut days, 1),
            (b'H', true) => (5, &mut micros, 3_600_000_000),
            (b'M', true) => (6, &mut micros, 60_000_000),
            (b'S', true) => (7, &mut micros, 1_000_000),
            _ => return None,
        };
        if place <= last || (fraction != Fraction::None && place != 7) {
            return None;
        }
        *into = number.checked_mul(factor)?.checked_add(part)?.checked_add(*into)?;
        (finer, last, any, text) = (finer || more, place, true, rest);
    }
    let duration =
        Duration { months: i32::try_from(sign * months).ok()?, days: i32::try_from(sign * days).ok()?, micros: sign.checked_mul(micros)? };
    any.then_some(Reading { meaning: Meaning::Duration(duration), finer })
}

/// Reads an integer of at most 15 digits from the start of a text.
fn read_number(text: &[u8]) -> Option<(i64, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=15).contains(&count) {
        return None;
    }
    let (digits, rest) = text.split_at(count);
    Some((digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')), rest))
}

/// Prints a duration; nothing where the form has no room for months, or for parts of both signs.
pub(super) fn print(form: DurationForm, duration: Duration, out: &mut Vec<u8>) -> Option<()> {
    const OR_NONE: Fraction = Fraction::DigitsOrNone { count: 6, trailing_zero: true };
    match form {
        DurationForm::Iso => print_iso(duration, out),
        DurationForm::Clock(fraction) => {
            let length = duration.in_micros()?;
            if length < 0 {
                out.push(b'-');
            }
            let length = length.checked_abs()?;
            print_padded(length / 3_600_000_000, 2, out);
            print_rest_of_clock(fraction, length % 3_600_000_000, out);
            Some(())
        }
        DurationForm::Python | DurationForm::Django => {
            let length = duration.in_micros()?;
            let (days, rest) = (length.div_euclid(MICROS_OF_DAY), length.rem_euclid(MICROS_OF_DAY));
            let python = form == DurationForm::Python;
            if days != 0 {
                let unit = if !python {
                    ""
                } else if days.abs() == 1 {
                    " day,"
                } else {
                    " days,"
                };
                out.extend_from_slice(format!("{days}{unit} ").as_bytes());
            }
            print_padded(rest / 3_600_000_000, if python { 1 } else { 2 }, out);
            print_rest_of_clock(OR_NONE, rest % 3_600_000_000, out);
            Some(())
        }
    }
}

fn print_rest_of_clock(fraction: Fraction, micros: i64, out: &mut Vec<u8>) {
    let seconds = micros / 1_000_000;
    out.push(b':');
    print_digits(seconds / 60, 2, out);
    out.push(b':');
    print_digits(seconds % 60, 2, out);
    print_fraction(fraction, micros % 1_000_000, out);
}

fn print_padded(number: i64, width: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{number:0width$}").as_bytes());
}

fn print_iso(duration: Duration, out: &mut Vec<u8>) -> Option<()> {
    let parts = [i64::from(duration.months), i64::from(duration.days), duration.micros];
    let (negative, positive) = (parts.iter().any(|part| *part < 0), parts.iter().any(|part| *part > 0));
    if negative && positive {
        return None;
    }
    if negative {
        out.push(b'-');
    }
    out.push(b'P');
    let [months, days, micros] = parts.map(i64::unsigned_abs);
    let mut unit = |number: u64, name: char| {
        if number > 0 {
            out.extend_from_slice(format!("{number}{name}").as_bytes());
        }
    };
    unit(months / 12, 'Y');
    unit(months % 12, 'M');
    unit(days, 'D');
    if micros > 0 || (months == 0 && days == 0) {
        out.push(b'T');
        let mut unit = |number: u64, name: char| {
            if number > 0 {
                out.extend_from_slice(format!("{number}{name}").as_bytes());
            }
        };
        unit(micros / 3_600_000_000, 'H');
        unit(micros / 60_000_000 % 60, 'M');
        let (seconds, fraction) = (micros / 1_000_000 % 60, micros % 1_000_000);
        if seconds > 0 || fraction > 0 || micros == 0 {
            out.extend_from_slice(seconds.to_string().as_bytes());
            print_fraction(Fraction::Trimmed, i64::try_from(fraction).ok()?, out);
            out.push(b'S');
        }
    }
    Some(())
}
