//! The conversions of integers and reals.

use super::super::decimal::{ShortestDecimal, double_of, is_integral_below_limit};
use super::super::{Epoch, Reason, ValueRef};
use super::Settled;

/// Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's timestamps start to count.
const MICROS_TO_2000: i64 = 946_684_800_000_000;
/// The least timestamp, 4714-11-24 BC, in microseconds since 2000 (`MIN_TIMESTAMP` in PostgreSQL's `timestamp.h`).
const TIMESTAMP_MIN: i64 = -211_813_488_000_000_000;
/// The first microsecond after the greatest, 294277-01-01 (`END_TIMESTAMP`).
const TIMESTAMP_END: i64 = 9_223_371_331_200_000_000;

/// What becomes of an integer or real: nothing to say where it is exact, or the substitute and the reason.
type Objection = Option<(ValueRef<'static>, Reason)>;

const FINE: Objection = None;
const WRONG_CLASS: Objection = Some((ValueRef::Null, Reason::WrongClass));
const OUT_OF_RANGE: Objection = Some((ValueRef::Null, Reason::OutOfRange));
const TOO_PRECISE: Objection = Some((ValueRef::Null, Reason::TooPrecise));
const NOT_BOOLEAN: Objection = Some((ValueRef::Null, Reason::NotBoolean));
const NOT_A_NUMBER: Objection = Some((ValueRef::Null, Reason::NotANumber));

fn judged(value: ValueRef<'_>, integer: impl FnOnce(i64) -> Objection, real: impl FnOnce(f64) -> Objection) -> Settled<'_> {
    let objection = match value {
        ValueRef::Null => FINE,
        ValueRef::Integer(number) => integer(number),
        ValueRef::Real(number) if number.is_nan() => NOT_A_NUMBER,
        ValueRef::Real(number) => real(number),
        ValueRef::Text(_) | ValueRef::Blob(_) => WRONG_CLASS,
    };
    match objection {
        None => Settled::exact(value),
        Some((substitute, reason)) => Settled::quarantined(reason, substitute),
    }
}

pub(super) fn bigint(value: ValueRef<'_>) -> Settled<'_> {
    judged(value, |_| FINE, |_| WRONG_CLASS)
}

pub(super) fn boolean(value: ValueRef<'_>) -> Settled<'_> {
    let integer = |number| if matches!(number, 0 | 1) { FINE } else { NOT_BOOLEAN };
    judged(value, integer, |_| WRONG_CLASS)
}

pub(super) fn timestamptz(unit: Epoch, value: ValueRef<'_>) -> Settled<'_> {
    let integer = |number| if is_timestamp(unit, number) { FINE } else { OUT_OF_RANGE };
    judged(value, integer, |_| WRONG_CLASS)
}

pub(super) fn double(value: ValueRef<'_>) -> Settled<'_> {
    judged(value, |_| WRONG_CLASS, |_| FINE)
}

pub(super) fn affine_double(value: ValueRef<'_>) -> Settled<'_> {
    let integer = |number| {
        if is_integral_below_limit(number) { FINE } else { Some((ValueRef::Real(double_of(number)), Reason::Ambiguous)) }
    };
    let real = |number| {
        let integer = integral(number).filter(|integer| is_integral_below_limit(*integer))?;
        Some((ValueRef::Integer(integer), Reason::Ambiguous))
    };
    judged(value, integer, real)
}

pub(super) fn numeric(value: ValueRef<'_>) -> Settled<'_> {
    // `numeric` has no negative zero.
    let real = |number: f64| (number == 0.0 && number.is_sign_negative()).then_some((ValueRef::Real(0.0), Reason::Ambiguous));
    judged(value, |_| FINE, real)
}

pub(super) fn decimal(precision: u8, scale: u8, value: ValueRef<'_>) -> Settled<'_> {
    let before_point = u32::from(precision.saturating_sub(scale));
    let integer = |number: i64| {
        let bound = 10_u64.checked_pow(before_point);
        if bound.is_none_or(|bound| number.unsigned_abs() < bound) { FINE } else { OUT_OF_RANGE }
    };
    let real = |number| match ShortestDecimal::of(number) {
        Some(decimal) if decimal.digits_before_point() <= before_point => {
            if decimal.digits_behind_point() > u32::from(scale) {
                TOO_PRECISE
            } else {
                decimal.to_integer().map(|integer| (ValueRef::Integer(integer), Reason::Ambiguous))
            }
        }
        Some(_) | None => OUT_OF_RANGE,
    };
    judged(value, integer, real)
}

fn integral(number: f64) -> Option<i64> {
    if number.fract() == 0.0 { ShortestDecimal::of(number)?.to_integer() } else { None }
}

fn is_timestamp(unit: Epoch, number: i64) -> bool {
    // Counted from 2000 first: PostgreSQL's last moments don't fit 64 bits as microseconds from 1970.
    let from_2000 = number.checked_sub(MICROS_TO_2000 / unit.micros());
    let micros = from_2000.and_then(|number| number.checked_mul(unit.micros()));
    micros.is_some_and(|micros| (TIMESTAMP_MIN..TIMESTAMP_END).contains(&micros))
}
