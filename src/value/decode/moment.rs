//! PostgreSQL's counts of days and microseconds since 2000-01-01, as the text or number that the column's form says.

use jiff::Span;
use jiff::civil::{Date, date};

use super::super::{Epoch, Fraction, Offset, Separator, TimeForm, TimestampForm};

const EPOCH: Date = date(2000, 1, 1);
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Nothing if the moment lies between two units, or is one of PostgreSQL's infinities.
pub(super) fn to_epoch(unit: Epoch, micros: i64) -> Option<i64> {
    let from_1970 = i128::from(micros) + 30 * 365 * i128::from(DAY) + 7 * i128::from(DAY);
    let divisor = match unit {
        Epoch::Seconds => 1_000_000,
        Epoch::Milliseconds => 1_000,
        Epoch::Microseconds => 1,
    };
    let finite = micros != i64::MAX && micros != i64::MIN;
    (finite && from_1970 % divisor == 0).then(|| i64::try_from(from_1970 / divisor).ok()).flatten()
}

/// Nothing outside the years 0001 to 9999.
pub(super) fn print_date(days: i64, out: &mut Vec<u8>) -> Option<()> {
    let date = EPOCH.checked_add(Span::new().try_days(days).ok()?).ok()?;
    let year = i64::from(date.year());
    if year < 1 {
        return None;
    }
    print_digits(year, 4, out);
    out.push(b'-');
    print_digits(date.month().into(), 2, out);
    out.push(b'-');
    print_digits(date.day().into(), 2, out);
    Some(())
}

/// Nothing where the form has no room for the seconds or the fraction, or at 24:00:00.
pub(super) fn print_time(form: TimeForm, micros: i64, out: &mut Vec<u8>) -> Option<()> {
    if !(0..DAY).contains(&micros) {
        return None;
    }
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    print_digits(seconds / 3_600, 2, out);
    out.push(b':');
    print_digits(seconds / 60 % 60, 2, out);
    if !form.seconds {
        return (seconds % 60 == 0 && fraction == 0).then_some(());
    }
    out.push(b':');
    print_digits(seconds % 60, 2, out);
    print_fraction(form.fraction, fraction, out)
}

/// Of a date and time without an offset.
pub(super) fn print_timestamp(form: TimestampForm, micros: i64, out: &mut Vec<u8>) -> Option<()> {
    print_date(micros.div_euclid(DAY), out)?;
    out.push(match form.separator {
        Separator::Space => b' ',
        Separator::T => b'T',
    });
    print_time(form.time, micros.rem_euclid(DAY), out)?;
    match form.offset {
        Offset::Naive => {}
        Offset::Z => out.push(b'Z'),
        Offset::Utc => out.extend_from_slice(b" UTC"),
        Offset::Hours { east, space } => {
            if space {
                out.push(b' ');
            }
            out.push(if east < 0 { b'-' } else { b'+' });
            print_digits(i64::from(east).abs(), 2, out);
        }
        Offset::Minutes { east, colon, space } => {
            if space {
                out.push(b' ');
            }
            out.push(if east < 0 { b'-' } else { b'+' });
            let minutes = i64::from(east).abs();
            print_digits(minutes / 60, 2, out);
            if colon {
                out.push(b':');
            }
            print_digits(minutes % 60, 2, out);
        }
    }
    Some(())
}

/// What the clock shows at the offset, at a moment of UTC.
pub(super) fn at_offset(offset: Offset, micros: i64) -> Option<i64> {
    match offset {
        Offset::Naive | Offset::Z | Offset::Utc => Some(micros),
        Offset::Hours { east, .. } => micros.checked_add(i64::from(east) * 3_600 * 1_000_000),
        Offset::Minutes { east, .. } => micros.checked_add(i64::from(east) * 60 * 1_000_000),
    }
}

fn print_fraction(form: Fraction, micros: i64, out: &mut Vec<u8>) -> Option<()> {
    let count = match form {
        Fraction::None => 0,
        Fraction::DigitsOrNone { .. } | Fraction::Trimmed if micros == 0 => 0,
        Fraction::Fixed(count) | Fraction::Digits { count, .. } | Fraction::DigitsOrNone { count, .. } => count,
        Fraction::Trimmed => 6,
    };
    if count > 0 {
        out.push(b'.');
    }
    let (mut rest, mut unit) = (micros, 100_000);
    for _ in 0..count {
        print_digits(rest / unit, 1, out);
        rest %= unit;
        unit /= 10;
    }
    if form == Fraction::Trimmed && count > 0 {
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    (rest == 0).then_some(())
}

pub(super) fn print_digits(number: i64, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or_default());
    }
}
