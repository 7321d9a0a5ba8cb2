//! Dates and times in PostgreSQL's own counts: days and microseconds since 2000-01-01.

use super::super::calendar::{DAYS_TO_2000, MICROS_OF_DAY, days_since_2000, read_date, read_time, read_timestamp};
use super::super::moment::{Duration, Placed, place};
use super::super::{Epoch, MomentType, Moments, Offset, ValueRef};

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

/// Appends a cell of a column of several forms; nothing if it means no value of the type.
pub(super) fn append(moments: Moments, value: ValueRef<'_>, out: &mut Vec<u8>) -> Option<()> {
    let (placed, _) = place(moments, value).ok()?;
    match placed {
        Placed::Micros(micros) if moments.target == MomentType::Date => {
            out.extend_from_slice(&i32::try_from(micros.div_euclid(MICROS_OF_DAY)).ok()?.to_be_bytes());
        }
        Placed::Micros(micros) => out.extend_from_slice(&micros.to_be_bytes()),
        Placed::OffsetTime { micros, minutes_east } => {
            out.extend_from_slice(&micros.to_be_bytes());
            out.extend_from_slice(&i32::try_from(-60 * minutes_east).ok()?.to_be_bytes());
        }
        Placed::Duration(Duration { months, days, micros }) => {
            out.extend_from_slice(&micros.to_be_bytes());
            out.extend_from_slice(&days.to_be_bytes());
            out.extend_from_slice(&months.to_be_bytes());
        }
    }
    Some(())
}

/// The moment that is meant; without an offset it is taken as UTC.
pub(super) fn of_instant(text: &[u8]) -> Option<i64> {
    let (form, date, micros) = read_timestamp(text)?;
    let minutes_east = match form.offset {
        Offset::Naive | Offset::Z | Offset::Utc => 0,
        Offset::Minutes { east, .. } => i64::from(east),
        Offset::Hours { east, .. } => i64::from(east) * 60,
    };
    Some(days_since_2000(date) * MICROS_OF_DAY + micros - minutes_east * 60_000_000)
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
