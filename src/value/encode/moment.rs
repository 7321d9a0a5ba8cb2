//! Dates and times in PostgreSQL's own counts: days and microseconds since 2000-01-01.

use super::super::calendar::{CivilDate, read_date, read_time, read_timestamp};
use super::super::{Epoch, Offset};

const MICROS_OF_DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to 2000-01-01.
const DAYS_TO_2000: i64 = 10_957;

pub(super) fn of_epoch(unit: Epoch, number: i64) -> Option<i64> {
    // Counted from 2000 first: PostgreSQL's last moments don't fit 64 bits as microseconds from 1970.
    number.checked_sub(DAYS_TO_2000 * MICROS_OF_DAY / unit.micros())?.checked_mul(unit.micros())
}

pub(super) fn of_date(text: &[u8]) -> Option<i32> {
    i32::try_from(days_since_2000(read_date(text)?)).ok()
}

pub(super) fn of_time(text: &[u8]) -> Option<i64> {
    let (_, micros, rest) = read_time(text)?;
    rest.is_empty().then_some(micros)
}

/// The date and time as they are written, whatever the offset.
pub(super) fn of_local(text: &[u8]) -> Option<i64> {
    let (_, date, micros) = read_timestamp(text)?;
    Some(days_since_2000(date) * MICROS_OF_DAY + micros)
}

/// The moment that is meant; without an offset it is taken as UTC.
pub(super) fn of_instant(text: &[u8]) -> Option<i64> {
    let (form, date, micros) = read_timestamp(text)?;
    let minutes_east = match form.offset {
        Offset::Naive | Offset::Z => 0,
        Offset::Minutes { east, .. } => i64::from(east),
    };
    Some(days_since_2000(date) * MICROS_OF_DAY + micros - minutes_east * 60_000_000)
}

/// Counts in eras of 400 years that begin on a 1st of March, so that the leap day is the last of its year.
fn days_since_2000(date: CivilDate) -> i64 {
    let CivilDate { year, month, day } = date;
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    // 730,425 days lie between 0000-03-01 and 2000-01-01.
    era * 146_097 + day_of_era - 730_425
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_2000() {
        for (text, days) in [
            (&b"2000-01-01"[..], 0),
            (b"1999-12-31", -1),
            (b"2000-02-29", 59),
            (b"2000-03-01", 60),
            (b"1970-01-01", -10_957),
            (b"0001-01-01", -730_119),
            (b"9999-12-31", 2_921_939),
        ] {
            assert_eq!(of_date(text), Some(days), "{}", text.escape_ascii());
        }
        assert_eq!(of_time(b"00:01:00.25"), Some(60_250_000));
        assert_eq!(of_time(b"23:59:59.999999"), Some(MICROS_OF_DAY - 1));
        assert_eq!(of_local(b"2000-01-01T00:00:01+02:00"), Some(1_000_000));
        assert_eq!(of_instant(b"2000-01-01T00:00:00+02:00"), Some(-7_200_000_000));
        assert_eq!(of_instant(b"2000-01-01 00:00:00 -0030"), Some(1_800_000_000));
        assert_eq!(of_epoch(Epoch::Milliseconds, 946_684_800_001), Some(1_000));
    }
}
