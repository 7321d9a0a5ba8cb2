//! Numbers that count moments and durations, both ways, for the settler and the encoder.

use super::super::calendar::{CivilDate, MICROS_OF_DAY, date_of_days, days_since_2000};
use super::super::decimal::double_of;
use super::super::{Epoch, Reason, ValueRef};
use super::duration::Duration;
use super::read::{EPOCH, Meaning, clock_of, compact_date};
use super::{Counting, NumberClass};

/// Milliseconds from the beginning of Julian days to 2000-01-01.
const JULIAN_MILLIS_TO_2000: i64 = 211_813_444_800_000;
const MILLIS_OF_DAY: i64 = MICROS_OF_DAY / 1_000;

/// The moment that a number counts, if it is one of the years 1900 to 2200.
pub(super) fn moment(counting: Counting, value: ValueRef<'_>) -> Result<Meaning, Reason> {
    match counting {
        Counting::Epoch(unit) => {
            let since_1970 = match value {
                ValueRef::Integer(number) if unit.sane(number) => number.checked_mul(unit.micros()),
                ValueRef::Real(number) => nearest(number, unit.micros()).filter(|micros| Epoch::Microseconds.sane(*micros)),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
            };
            since_1970.map(|micros| Meaning::Instant(micros + EPOCH)).ok_or(Reason::UnlikelyMoment)
        }
        Counting::JulianDays => {
            let millis = match value {
                ValueRef::Integer(number) => number.checked_mul(MILLIS_OF_DAY),
                ValueRef::Real(number) => nearest(number, MILLIS_OF_DAY),
                ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => None,
            };
            let since_2000 = millis.and_then(|millis| millis.checked_sub(JULIAN_MILLIS_TO_2000)?.checked_mul(1_000));
            let sane = since_2000.filter(|micros| micros.checked_sub(EPOCH).is_some_and(|micros| Epoch::Microseconds.sane(micros)));
            sane.map(Meaning::Instant).ok_or(Reason::UnlikelyMoment)
        }
        Counting::CompactDate => Ok(Meaning::Clock(compact_date(&digits::<8>(value)?).ok_or(Reason::OtherForm)?)),
        Counting::CompactTimestamp => {
            let [y1, y2, y3, y4, o1, o2, d1, d2, h1, h2, m1, m2, s1, s2] = digits::<14>(value)?;
            let midnight = compact_date(&[y1, y2, y3, y4, o1, o2, d1, d2]);
            let micros = clock_of(h1, h2, m1, m2, s1, s2);
            midnight.zip(micros).map(|(midnight, micros)| Meaning::Clock(midnight + micros)).ok_or(Reason::OtherForm)
        }
        Counting::Years => {
            let ValueRef::Integer(year) = value else { return Err(Reason::WrongClass) };
            let first = (1..=9_999).contains(&year).then(|| days_since_2000(CivilDate { year, month: 1, day: 1 }));
            first.map(|days| Meaning::Clock(days * MICROS_OF_DAY)).ok_or(Reason::OtherForm)
        }
    }
}

/// The duration that a number counts.
pub(super) fn duration(counting: Counting, value: ValueRef<'_>) -> Result<Meaning, Reason> {
    let unit = match counting {
        Counting::Epoch(unit) => unit.micros(),
        Counting::JulianDays => MICROS_OF_DAY,
        Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => return Err(Reason::OtherForm),
    };
    let micros = match value {
        ValueRef::Integer(number) => number.checked_mul(unit),
        // Beyond 2^33 seconds a real can't tell microseconds apart.
        ValueRef::Real(number) => nearest(number, unit).filter(|micros| micros.unsigned_abs() < 1 << 52),
        ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => None,
    };
    micros.and_then(Duration::of_micros).map(Meaning::Duration).ok_or(Reason::OutOfRange)
}

/// The digits of an integer that has just so many.
fn digits<const COUNT: usize>(value: ValueRef<'_>) -> Result<[u8; COUNT], Reason> {
    let ValueRef::Integer(number) = value else { return Err(Reason::WrongClass) };
    number.to_string().into_bytes().try_into().map_err(|_| Reason::OtherForm)
}

/// The product of a real and an integer, to the nearest integer, computed without a rounding before that.
fn nearest(number: f64, unit: i64) -> Option<i64> {
    const FRACTION_BITS: u32 = 52;
    if !number.is_finite() {
        return None;
    }
    let bits = number.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let biased = i32::try_from((bits >> FRACTION_BITS) & 0x7ff).ok()?;
    let (mantissa, exponent) = if biased == 0 { (fraction, -1_074) } else { (fraction | (1 << FRACTION_BITS), biased - 1_075) };
    let product = i128::from(mantissa) * i128::from(unit);
    let magnitude = match u32::try_from(exponent) {
        Ok(up) => product.checked_mul(1_i128.checked_shl(up).filter(|power| *power > 0)?)?,
        Err(_) => match exponent.unsigned_abs() {
            // The product is below 2^117.
            down @ 1..=120 => (product + (1 << (down - 1))) >> down,
            _ => 0,
        },
    };
    i64::try_from(if number < 0.0 { -magnitude } else { magnitude }).ok()
}

/// A number as it comes back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Real(f64),
}

/// What the number of a moment (in microseconds since 2000, the clock's where clocks are counted) is in the column.
///
/// Nothing where it lies between two of the column's numbers.
pub(super) fn of_moment(counting: Counting, class: NumberClass, micros: i64) -> Option<Number> {
    let (steps, per_unit) = match counting {
        Counting::Epoch(unit) => (micros.checked_sub(EPOCH)?, unit.micros()),
        Counting::JulianDays => (whole(micros, 1_000)? + JULIAN_MILLIS_TO_2000, MILLIS_OF_DAY),
        Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => return calendar_number(counting, class, micros),
    };
    of_steps(steps, per_unit, class)
}

/// What the number of a duration is in the column.
pub(super) fn of_duration(counting: Counting, class: NumberClass, duration: Duration) -> Option<Number> {
    let unit = match counting {
        Counting::Epoch(unit) => unit.micros(),
        Counting::JulianDays => MICROS_OF_DAY,
        Counting::CompactDate | Counting::CompactTimestamp | Counting::Years => return None,
    };
    of_steps(duration.in_micros()?, unit, class)
}

fn calendar_number(counting: Counting, class: NumberClass, micros: i64) -> Option<Number> {
    let CivilDate { year, month, day } = date_of_days(micros.div_euclid(MICROS_OF_DAY))?;
    let seconds = whole(micros.rem_euclid(MICROS_OF_DAY), 1_000_000)?;
    let date = year * 10_000 + month * 100 + day;
    let number = match counting {
        Counting::CompactDate if seconds == 0 && year >= 1_000 => date,
        Counting::CompactTimestamp if year >= 1_000 => date * 1_000_000 + seconds / 3_600 * 10_000 + seconds / 60 % 60 * 100 + seconds % 60,
        Counting::Years if seconds == 0 && month == 1 && day == 1 => year,
        Counting::CompactDate | Counting::CompactTimestamp | Counting::Years | Counting::Epoch(_) | Counting::JulianDays => return None,
    };
    matches!(class, NumberClass::Integer | NumberClass::Affine).then_some(Number::Integer(number))
}

fn of_steps(steps: i64, per_unit: i64, class: NumberClass) -> Option<Number> {
    let integer = whole(steps, per_unit);
    // Both are below 2^53, so that the quotient is the nearest real to the true one.
    let real = || (steps.unsigned_abs() < 1 << 53).then(|| Number::Real(double_of(steps) / double_of(per_unit)));
    match (class, integer) {
        (NumberClass::Integer | NumberClass::Affine, Some(integer)) => Some(Number::Integer(integer)),
        (NumberClass::Integer, None) => None,
        (NumberClass::Affine, None) | (NumberClass::Real, _) => real(),
    }
}

fn whole(number: i64, unit: i64) -> Option<i64> {
    (number % unit == 0).then(|| number / unit)
}

/// Microseconds between two of the column's numbers.
pub(super) const fn step(counting: Counting, class: NumberClass) -> i64 {
    match (counting, class) {
        (Counting::Epoch(unit), NumberClass::Integer) => unit.micros(),
        (Counting::Epoch(_), NumberClass::Real | NumberClass::Affine) => 1,
        (Counting::JulianDays, NumberClass::Real | NumberClass::Affine) => 1_000,
        (Counting::JulianDays | Counting::CompactDate | Counting::Years, _) => MICROS_OF_DAY,
        (Counting::CompactTimestamp, _) => 1_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_rounded_once() {
        for (number, unit, product) in [
            (0.0, 1_000_000, Some(0)),
            (-0.0, 1_000_000, Some(0)),
            (1_700_000_000.123_456_7, 1_000_000, Some(1_700_000_000_123_457)),
            (-1.5, 1, Some(-2)),
            (0.1, 10, Some(1)),
            (1e-300, 1_000_000, Some(0)),
            (5e-324, i64::MAX, Some(0)),
            (9.3e18, 1, None),
            (1e300, 1, None),
            (f64::INFINITY, 1, None),
            (4_611_686_018_427_387_904.0, 1, Some(1 << 62)),
        ] {
            assert_eq!(nearest(number, unit), product, "{number:?} × {unit}");
        }
    }

    #[test]
    fn days_are_counted_as_sqlite_does() {
        // select julianday('2024-02-29 12:34:56.789')
        let value = ValueRef::Real(2_460_370.024_268_391);
        assert_eq!(moment(Counting::JulianDays, value), Ok(Meaning::Instant(762_525_296_789_000)));
        assert_eq!(moment(Counting::JulianDays, ValueRef::Real(2_451_544.5)), Ok(Meaning::Instant(0)));
        assert_eq!(moment(Counting::JulianDays, ValueRef::Integer(2_451_545)), Ok(Meaning::Instant(MICROS_OF_DAY / 2)));
    }
}
