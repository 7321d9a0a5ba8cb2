//! Between reals, integers and decimals: the shortest decimal that reads back as the same real, and the bound below
//! which an integral real passes for an integer.
//!
//! Never used by the decoder.

use std::io::Write;

/// Sign, digits and position of the point of a finite real: `0.d1d2d3… × 10^point`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortestDecimal {
    pub(super) negative: bool,
    digits: [u8; DIGITS_MAX],
    count: usize,
    /// How many digits stand before the point; negative if zeros stand behind it first.
    pub(super) point: i32,
}

/// No `f64` needs more.
const DIGITS_MAX: usize = 17;

impl ShortestDecimal {
    /// The shortest decimal of a real, unless it is infinite or NaN.
    pub(super) fn of(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let mut buffer = [0_u8; 32];
        let mut room = buffer.as_mut_slice();
        write!(room, "{number:e}").ok()?;
        let free = room.len();
        let written = buffer.get(..buffer.len() - free)?;
        let mark = written.iter().position(|byte| *byte == b'e')?;
        let (mantissa, exponent) = written.split_at(mark);
        let exponent = std::str::from_utf8(exponent.get(1..)?).ok()?.parse::<i32>().ok()?;
        let mut decimal = Self { negative: mantissa.first() == Some(&b'-'), digits: [0; DIGITS_MAX], count: 0, point: exponent + 1 };
        for digit in mantissa.iter().filter(|byte| byte.is_ascii_digit()) {
            *decimal.digits.get_mut(decimal.count)? = digit - b'0';
            decimal.count += 1;
        }
        if decimal.digits() == [0] {
            (decimal.count, decimal.point) = (0, 0);
        }
        Some(decimal)
    }

    /// The digits, 0 to 9 each, without leading or trailing zeros; none for zero.
    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    /// How many digits stand before the point; 0 below 1.
    pub(super) fn digits_before_point(&self) -> u32 {
        u32::try_from(self.point).unwrap_or(0)
    }

    /// How many digits stand behind the point; 0 for an integral number.
    pub(super) fn digits_behind_point(&self) -> u32 {
        let count = i32::try_from(self.count).unwrap_or(i32::MAX);
        u32::try_from(count - self.point).unwrap_or(0)
    }

    /// The number as an integer, if it is integral and fits; negative zero is 0.
    pub(super) fn to_integer(self) -> Option<i64> {
        if self.digits_behind_point() > 0 || self.digits_before_point() > 19 {
            return None;
        }
        let zeros = usize::try_from(self.point).ok()?.checked_sub(self.count)?;
        let digits = self.digits().iter().copied().chain(std::iter::repeat_n(0, zeros));
        digits.into_iter().try_fold(0_i64, |number, digit| {
            let digit = i64::from(digit);
            number.checked_mul(10)?.checked_add(if self.negative { -digit } else { digit })
        })
    }
}

/// Integral reals and integers of lesser magnitude are told apart by nothing but their storage class: SQLite's affinities
/// and its own comparison treat them as one number.
const INTEGRAL_BELOW: i64 = 1 << 51;

/// Whether an integer's magnitude is below 2^51.
pub(super) const fn is_integral_below_limit(number: i64) -> bool {
    number > -INTEGRAL_BELOW && number < INTEGRAL_BELOW
}

/// The nearest real to an integer, ties to even, as C's conversion gives it.
pub(super) fn double_of(number: i64) -> f64 {
    // Both halves are exact, so that only the sum rounds, once.
    let high = i32::try_from(number >> 32).unwrap_or_default();
    let low = u32::try_from(number & 0xffff_ffff).unwrap_or_default();
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_a_real_into_its_digits() {
        for (number, negative, digits, point, before, behind, integer) in [
            (0.0, false, &[][..], 0, 0, 0, Some(0)),
            (-0.0, true, &[], 0, 0, 0, Some(0)),
            (1.0, false, &[1], 1, 1, 0, Some(1)),
            (-120.0, true, &[1, 2], 3, 3, 0, Some(-120)),
            (12.05, false, &[1, 2, 0, 5], 2, 2, 2, None),
            (0.001, false, &[1], -2, 0, 3, None),
            (0.25, false, &[2, 5], 0, 0, 2, None),
            (5e-324, false, &[5], -323, 0, 324, None),
            (1e300, false, &[1], 301, 301, 0, None),
            (0.1 + 0.2, false, &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4], 0, 0, 17, None),
        ] {
            let decimal = ShortestDecimal::of(number).unwrap();
            assert_eq!((decimal.negative, decimal.digits(), decimal.point), (negative, digits, point), "{number}");
            assert_eq!((decimal.digits_before_point(), decimal.digits_behind_point()), (before, behind), "{number}");
            assert_eq!(decimal.to_integer(), integer, "{number}");
        }
        assert_eq!(ShortestDecimal::of(f64::INFINITY), None);
        assert_eq!(ShortestDecimal::of(f64::NAN), None);
    }

    #[test]
    fn rounds_an_integer_as_a_reader_of_decimals_does() {
        for number in [
            0,
            1,
            -1,
            i64::MAX,
            i64::MIN,
            i64::MIN + 1,
            (1 << 53) + 1,
            -(1 << 53) - 1,
            (1 << 54) + 2,
            (1 << 54) + 6,
            4_294_967_296,
            -4_294_967_297,
        ] {
            assert_eq!(double_of(number).to_bits(), number.to_string().parse::<f64>().unwrap().to_bits(), "{number}");
        }
    }
}
