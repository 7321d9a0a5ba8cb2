//! A decimal number of any length, as PostgreSQL's `numeric` has it: its digits, and how many stand behind the point.
//!
//! Never used by the decoder.

use super::Reason;
use super::decimal::ShortestDecimal;

/// Most digits of a `numeric` before the point.
const BEFORE_POINT_MAX: i64 = 131_072;
/// Most digits of a `numeric` behind the point.
const BEHIND_POINT_MAX: usize = 16_383;

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plain {
    negative: bool,
    /// 0 to 9 each, without zeros in front; none for zero.
    digits: Vec<u8>,
    scale: usize,
}

impl Plain {
    pub(super) fn of_integer(number: i64) -> Self {
        let digits = if number == 0 { Vec::new() } else { number.unsigned_abs().to_string().bytes().map(|digit| digit - b'0').collect() };
        Self { negative: number < 0, digits, scale: 0 }
    }

    /// The shortest decimal of a real, unless it is infinite or NaN.
    pub(super) fn of_real(number: f64) -> Option<Self> {
        let decimal = ShortestDecimal::of(number)?;
        let mut digits = decimal.digits().to_vec();
        let zeros = usize::try_from(decimal.digits_before_point()).ok()?.saturating_sub(digits.len());
        if !digits.is_empty() {
            digits.extend(std::iter::repeat_n(0, zeros));
        }
        Some(Self { negative: decimal.negative && !digits.is_empty(), digits, scale: usize::try_from(decimal.digits_behind_point()).ok()? })
    }

    /// Reads a number as `numeric` does: a sign, digits, a point, an exponent. The digits behind the point count.
    pub(super) fn read(text: &[u8]) -> Result<Self, Reason> {
        let negative = text.first() == Some(&b'-');
        let rest = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
        let (mantissa, exponent) = match rest.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(mark) => (rest.get(..mark), rest.get(mark + 1..).map(read_exponent)),
            None => (Some(rest), Some(Some(0))),
        };
        let (Some(mantissa), Some(Some(exponent))) = (mantissa, exponent) else { return Err(Reason::NotANumber) };
        let point = mantissa.iter().position(|byte| *byte == b'.');
        let (whole, behind) = point.map_or((mantissa, &b""[..]), |at| (&mantissa[..at], &mantissa[at + 1..]));
        if (whole.is_empty() && behind.is_empty()) || !whole.iter().chain(behind).all(u8::is_ascii_digit) {
            return Err(Reason::NotANumber);
        }
        let digits: Vec<u8> = whole.iter().chain(behind).map(|digit| digit - b'0').skip_while(|digit| *digit == 0).collect();
        let mut number = Self { negative: negative && !digits.is_empty(), digits, scale: behind.len() };
        number.shift(exponent)?;
        number.within_numeric()
    }

    /// Moves the point.
    fn shift(&mut self, exponent: i64) -> Result<(), Reason> {
        let far = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if exponent < 0 {
            self.scale = self.scale.saturating_add(far);
            return Ok(());
        }
        let zeros = far.saturating_sub(self.scale);
        self.scale = self.scale.saturating_sub(far);
        if !self.digits.is_empty() {
            if zeros > usize::try_from(BEFORE_POINT_MAX).unwrap_or(usize::MAX) {
                return Err(Reason::OutOfRange);
            }
            self.digits.extend(std::iter::repeat_n(0, zeros));
        }
        Ok(())
    }

    fn within_numeric(self) -> Result<Self, Reason> {
        if self.digits_before_point() > BEFORE_POINT_MAX {
            return Err(Reason::OutOfRange);
        }
        if self.scale > BEHIND_POINT_MAX { Err(Reason::TooPrecise) } else { Ok(self) }
    }

    /// How many digits stand before the point; negative where zeros stand behind it first.
    pub(super) fn digits_before_point(&self) -> i64 {
        let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        if self.digits.is_empty() { i64::MIN } else { signed(self.digits.len()) - signed(self.scale) }
    }

    /// How many digits are written behind the point.
    pub(super) const fn scale(&self) -> usize {
        self.scale
    }

    pub(super) const fn is_negative(&self) -> bool {
        self.negative
    }

    /// 0 to 9 each, without zeros in front.
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits
    }

    /// Writes so many digits behind the point, if no other than zeros are lost; a negative scale asks for zeros before it.
    pub(super) fn rescale(mut self, scale: i16) -> Option<Self> {
        let wanted = usize::try_from(scale).unwrap_or(0);
        while self.scale > wanted {
            if self.digits.pop().is_some_and(|digit| digit != 0) {
                return None;
            }
            self.scale -= 1;
        }
        if !self.digits.is_empty() {
            self.digits.extend(std::iter::repeat_n(0, wanted - self.scale));
        }
        self.scale = wanted;
        let zeros = usize::from(scale.min(0).unsigned_abs());
        self.digits.iter().rev().take(zeros).all(|digit| *digit == 0).then_some(self)
    }

    /// At least so many digits behind the point.
    pub(super) fn with_scale_of(self, least: i16) -> Self {
        if self.scale >= usize::try_from(least).unwrap_or(0) { self } else { self.clone().rescale(least).unwrap_or(self) }
    }

    /// Without zeros at the end behind the point.
    pub(super) fn trimmed(mut self) -> Self {
        while self.scale > 0 && self.digits.last().is_none_or(|digit| *digit == 0) {
            self.digits.pop();
            self.scale -= 1;
        }
        self
    }

    /// The number as an integer, if it is integral and fits.
    pub(super) fn to_integer(&self) -> Option<i64> {
        let integral = self.clone().rescale(0)?;
        integral.digits.iter().try_fold(0_i64, |number, digit| {
            let digit = i64::from(*digit);
            number.checked_mul(10)?.checked_add(if self.negative { -digit } else { digit })
        })
    }

    /// The real of which this is the shortest decimal, if there is one.
    pub(super) fn to_real(&self) -> Option<f64> {
        let number = self.nearest_real()?;
        (Self::of_real(number)?.trimmed() == self.clone().trimmed()).then_some(number)
    }

    /// The nearest real, if it is finite.
    pub(super) fn nearest_real(&self) -> Option<f64> {
        self.to_string().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// As `numeric` prints it.
impl std::fmt::Display for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::with_capacity(self.digits.len() + self.scale + 3);
        if self.negative {
            text.push('-');
        }
        // A zero stands before the point, and behind it where the number has fewer digits than its scale.
        let zeros = (self.scale + 1).saturating_sub(self.digits.len());
        let whole = self.digits.len() + zeros - self.scale;
        let all = std::iter::repeat_n(0, zeros).chain(self.digits.iter().copied());
        for (position, digit) in all.enumerate() {
            if position == whole {
                text.push('.');
            }
            text.push(char::from(b'0' + digit));
        }
        f.write_str(&text)
    }
}

/// An exponent; one that is beyond all bounds stands for one that is far beyond `numeric`'s.
fn read_exponent(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0_i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0'))).min(1 << 40);
    Some(if text.first() == Some(&b'-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_numeric_does() {
        for (text, expected) in [
            ("0", Ok("0")),
            ("-0.00", Ok("0.00")),
            ("007", Ok("7")),
            ("+1.50", Ok("1.50")),
            (".5", Ok("0.5")),
            ("5.", Ok("5")),
            ("1.0e1", Ok("10")),
            ("1.50e1", Ok("15.0")),
            ("1E-3", Ok("0.001")),
            ("-12e3", Ok("-12000")),
            ("0e99999999999999999999", Ok("0")),
            ("1e131071", Err(Reason::NotJson)),
            ("1e131072", Err(Reason::OutOfRange)),
            ("1e99999999999999999999", Err(Reason::OutOfRange)),
            ("1e-16384", Err(Reason::TooPrecise)),
            ("", Err(Reason::NotANumber)),
            (".", Err(Reason::NotANumber)),
            ("1e", Err(Reason::NotANumber)),
            ("1 ", Err(Reason::NotANumber)),
            ("0x10", Err(Reason::NotANumber)),
            ("1.2.3", Err(Reason::NotANumber)),
        ] {
            let read = Plain::read(text.as_bytes());
            match expected {
                // One digit less than too many.
                Err(Reason::NotJson) => assert_eq!(read.unwrap().digits_before_point(), BEFORE_POINT_MAX, "{text}"),
                _ => assert_eq!(read.map(|number| number.to_string()), expected.map(str::to_owned), "{text}"),
            }
        }
    }

    #[test]
    fn changes_its_scale_only_without_loss() {
        for (text, scale, expected) in [
            ("12.50", 2, Some("12.50")),
            ("12.50", 1, Some("12.5")),
            ("12.50", 0, None),
            ("0.001", 1, None),
            ("0", 3, Some("0.000")),
            ("1200", -2, Some("1200")),
            ("1210", -2, None),
            ("7", 2, Some("7.00")),
        ] {
            let read = Plain::read(text.as_bytes()).unwrap();
            assert_eq!(read.rescale(scale).map(|number| number.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn becomes_the_number_that_it_is_the_decimal_of() {
        for (text, integer, real) in [
            ("5.00", Some(5), Some(5.0)),
            ("-9223372036854775808", Some(i64::MIN), None),
            ("9223372036854775808", None, None),
            ("9223372036854776000", None, Some(9_223_372_036_854_775_808.0)),
            ("0.1", None, Some(0.1)),
            ("0.10000000000000001", None, None),
        ] {
            let read = Plain::read(text.as_bytes()).unwrap();
            assert_eq!((read.to_integer(), read.to_real()), (integer, real), "{text}");
        }
        assert_eq!(Plain::of_real(-1e3).unwrap().to_string(), "-1000");
        assert_eq!(Plain::of_real(-0.0).unwrap().to_string(), "0");
    }
}
