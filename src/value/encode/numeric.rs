//! PostgreSQL's binary `numeric`: four 16-bit words (count of digits, weight, sign, scale), then digits of base 10,000.

use super::super::decimal::ShortestDecimal;
use super::super::plain::Plain;

const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const POSITIVE_INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

pub(super) fn append_integer(number: i64, out: &mut Vec<u8>) {
    // 10,000^5 is more than any 64-bit integer.
    let mut digits = [0_u16; 5];
    let mut rest = number.unsigned_abs();
    for digit in digits.iter_mut().rev() {
        *digit = u16::try_from(rest % 10_000).unwrap_or_default();
        rest /= 10_000;
    }
    let skipped = digits.iter().take_while(|digit| **digit == 0).count();
    let kept = digits.iter().rposition(|digit| *digit != 0).map_or(skipped, |last| last + 1);
    let digits = digits.get(skipped..kept).unwrap_or_default();
    let weight = i16::try_from(skipped).map_or(0, |skipped| (4 - skipped).max(0));
    append_header(digits.len(), weight, number < 0, 0, out);
    for digit in digits {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

/// The scale is the digits behind the point, and at least `scale_min`.
pub(super) fn append_decimal(decimal: &ShortestDecimal, scale_min: u16, out: &mut Vec<u8>) -> Option<()> {
    let scale = u16::try_from(decimal.digits_behind_point()).ok()?.max(scale_min);
    let digits = decimal.digits();
    if digits.is_empty() {
        append_header(0, 0, false, scale, out);
        return Some(());
    }
    // The point stands between two digits of base 10,000: zeros in front bring it there.
    let weight = decimal.point.div_euclid(4) + i32::from(decimal.point.rem_euclid(4) > 0) - 1;
    let zeros = usize::try_from((weight + 1) * 4 - decimal.point).ok()?;
    let count = (zeros + digits.len()).div_ceil(4);
    append_header(count, i16::try_from(weight).ok()?, decimal.negative, scale, out);
    let padded = std::iter::repeat_n(0, zeros).chain(digits.iter().copied()).chain(std::iter::repeat(0));
    let mut padded = padded.map(u16::from);
    for _ in 0..count {
        let digit = padded.by_ref().take(4).fold(0, |digit, next| digit * 10 + next);
        out.extend_from_slice(&digit.to_be_bytes());
    }
    Some(())
}

/// A number of any length, with the digits behind the point that it is written with.
pub(super) fn append_plain(number: &Plain, out: &mut Vec<u8>) -> Option<()> {
    let scale = u16::try_from(number.scale()).ok()?;
    let (Some(last), before_point) = (number.digits().iter().rposition(|digit| *digit != 0), number.digits_before_point()) else {
        append_header(0, 0, false, scale, out);
        return Some(());
    };
    let weight = (before_point + 3).div_euclid(4) - 1;
    let zeros = usize::try_from((weight + 1) * 4 - before_point).ok()?;
    let count = (zeros + last + 1).div_ceil(4);
    let sign = if number.is_negative() { NEGATIVE } else { POSITIVE };
    append_words(u16::try_from(count).ok()?, i16::try_from(weight).ok()?, sign, scale, out);
    let mut padded = std::iter::repeat_n(0, zeros).chain(number.digits().iter().copied()).chain(std::iter::repeat(0)).map(u16::from);
    for _ in 0..count {
        let digit = padded.by_ref().take(4).fold(0, |digit, next| digit * 10 + next);
        out.extend_from_slice(&digit.to_be_bytes());
    }
    Some(())
}

/// Nothing for NaN.
pub(super) fn append_infinity(number: f64, out: &mut Vec<u8>) -> Option<()> {
    if number.is_nan() {
        return None;
    }
    let sign = if number > 0.0 { POSITIVE_INFINITY } else { NEGATIVE_INFINITY };
    append_words(0, 0, sign, 0, out);
    Some(())
}

fn append_header(count: usize, weight: i16, negative: bool, scale: u16, out: &mut Vec<u8>) {
    // At most 6 digits come here: 17 decimal ones and some zeros in front.
    append_words(u16::try_from(count).unwrap_or_default(), weight, if negative && count > 0 { NEGATIVE } else { POSITIVE }, scale, out);
}

fn append_words(count: u16, weight: i16, sign: u16, scale: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&scale.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u16> {
        let mut out = Vec::new();
        fill(&mut out);
        out.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn writes_integers() {
        for (number, expected) in [
            (0, &[0, 0, POSITIVE, 0][..]),
            (7, &[1, 0, POSITIVE, 0, 7]),
            (-10_000, &[1, 1, NEGATIVE, 0, 1]),
            (120_000_003, &[3, 2, POSITIVE, 0, 1, 2_000, 3]),
            (i64::MIN, &[5, 4, NEGATIVE, 0, 922, 3_372, 368, 5_477, 5_808]),
        ] {
            assert_eq!(words(|out| append_integer(number, out)), expected, "{number}");
        }
    }

    #[test]
    fn writes_reals() {
        for (number, expected) in [
            (0.0, &[0, 0, POSITIVE, 1][..]),
            (1.0, &[1, 0, POSITIVE, 1, 1]),
            (-12_345.678, &[3, 1, NEGATIVE, 3, 1, 2_345, 6_780]),
            (0.000_1, &[1, 0xffff, POSITIVE, 4, 1]),
            (0.000_01, &[1, 0xfffe, POSITIVE, 5, 1_000]),
            (1e8, &[1, 2, POSITIVE, 1, 1]),
            (1e7, &[1, 1, POSITIVE, 1, 1_000]),
        ] {
            let decimal = ShortestDecimal::of(number).unwrap();
            assert_eq!(words(|out| append_decimal(&decimal, 1, out).unwrap()), expected, "{number}");
        }
        assert_eq!(words(|out| append_infinity(f64::NEG_INFINITY, out).unwrap()), [0, 0, NEGATIVE_INFINITY, 0]);
        assert_eq!(append_infinity(f64::NAN, &mut Vec::new()), None);
    }
}
