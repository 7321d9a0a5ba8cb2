//! `double precision` and `numeric` as integers and reals.

use super::super::ValueRef;

/// An integral number below 2^51 is an integer in a column of numeric affinity, anything else is a real.
pub(super) fn of_double(number: f64) -> ValueRef<'static> {
    whole(number).map_or(ValueRef::Real(number), ValueRef::Integer)
}

/// Reads the integer out of the real's own bits, if it is one of magnitude below 2^51.
fn whole(number: f64) -> Option<i64> {
    const MANTISSA_BITS: u64 = 52;
    let bits = number.to_bits();
    let magnitude = bits & !(1 << 63);
    if magnitude == 0 {
        return Some(0);
    }
    let exponent = (magnitude >> MANTISSA_BITS).checked_sub(1_023).filter(|exponent| *exponent < 51)?;
    let mantissa = (magnitude & ((1 << MANTISSA_BITS) - 1)) | (1 << MANTISSA_BITS);
    let behind_point = MANTISSA_BITS - exponent;
    if mantissa & ((1 << behind_point) - 1) != 0 {
        return None;
    }
    let whole = i64::try_from(mantissa >> behind_point).ok()?;
    Some(if magnitude == bits { whole } else { -whole })
}

/// Prints a binary `numeric`: `NaN`, `inf`, `-inf`, or digits with as many behind the point as its scale says.
pub(super) fn print(field: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (header, digits) = field.split_at_checked(8)?;
    let word = |bytes: &[u8], index: usize| Some(u16::from_be_bytes([*bytes.get(2 * index)?, *bytes.get(2 * index + 1)?]));
    let (count, weight, scale) = (word(header, 0)?, i16::from_be_bytes([header[2], header[3]]), word(header, 3)?);
    match word(header, 2)? {
        0x0000 => {}
        0x4000 => out.push(b'-'),
        0xC000 => out.extend_from_slice(b"NaN"),
        0xD000 => out.extend_from_slice(b"inf"),
        0xF000 => out.extend_from_slice(b"-inf"),
        _ => return None,
    }
    if word(header, 2)? >= 0xC000 {
        return digits.is_empty().then_some(());
    }
    if digits.len() != 2 * usize::from(count) {
        return None;
    }
    let digit_of_weight = |wanted: i32| {
        let index = usize::try_from(i32::from(weight) - wanted).ok().filter(|index| *index < usize::from(count));
        index.map_or(Some(0), |index| word(digits, index).filter(|digit| *digit < 10_000))
    };
    let start = out.len();
    for wanted in (0..=i32::from(weight)).rev() {
        print_four(digit_of_weight(wanted)?, out);
    }
    let zeros = out.get(start..)?.iter().take_while(|digit| **digit == b'0').count();
    out.drain(start..start + zeros);
    if out.len() == start {
        out.push(b'0');
    }
    if scale > 0 {
        out.push(b'.');
        let point = out.len();
        let end = point + usize::from(scale);
        let mut wanted = -1;
        while out.len() < end {
            print_four(digit_of_weight(wanted)?, out);
            wanted -= 1;
        }
        out.truncate(end);
    }
    Some(())
}

fn print_four(digit: u16, out: &mut Vec<u8>) {
    for place in [1_000, 100, 10, 1] {
        out.push(b'0' + u8::try_from(digit / place % 10).unwrap_or_default());
    }
}

/// Reads a printed `numeric`. `scaled` says that a scale makes it a real; without, a fraction other than zero does.
///
/// Nothing if no integer or real is exactly (in the sense of the shortest decimal) this number.
pub(super) fn of_decimal(printed: &[u8], scaled: bool) -> Option<ValueRef<'static>> {
    let printed = std::str::from_utf8(printed).ok()?;
    let significant = if printed.contains('.') { printed.trim_end_matches('0').trim_end_matches('.') } else { printed };
    let is_integer = if scaled { !printed.contains('.') && !printed.ends_with('f') } else { !significant.contains('.') };
    if is_integer {
        return significant.parse().ok().map(ValueRef::Integer);
    }
    let number = significant.parse::<f64>().ok().filter(|number| !number.is_nan())?;
    // Fifteen digits always survive, in the range where reals have their full precision.
    let short = significant.len() <= 15 && number.abs() > 1e-300;
    (short || number.to_string() == significant).then_some(ValueRef::Real(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(words: &[u16]) -> Option<String> {
        let field: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        let mut out = Vec::new();
        print(&field, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn prints_what_postgresql_stores() {
        for (words, text) in [
            (&[0, 0, 0, 0][..], Some("0")),
            (&[0, 0, 0, 2], Some("0.00")),
            (&[1, 1, 0x4000, 0, 12], Some("-120000")),
            (&[2, 0, 0, 5, 7, 50], Some("7.00500")),
            (&[1, 0xfffe, 0, 6, 1_200], Some("0.000012")),
            (&[0, 0, 0xD000, 0], Some("inf")),
            (&[0, 0, 0xC000, 0], Some("NaN")),
            (&[1, 0, 0, 0], None),
            (&[1, 0, 0, 0, 10_000], None),
            (&[1, 0, 0x1234, 0, 1], None),
            (&[0, 0, 0], None),
        ] {
            assert_eq!(printed(words).as_deref(), text, "{words:?}");
        }
    }

    #[test]
    fn takes_only_what_is_exact() {
        for (text, scaled, value) in [
            ("5", true, Some(ValueRef::Integer(5))),
            ("5.0", true, Some(ValueRef::Real(5.0))),
            ("5.00", false, Some(ValueRef::Integer(5))),
            ("5.10", false, Some(ValueRef::Real(5.1))),
            ("-0.5", true, Some(ValueRef::Real(-0.5))),
            ("inf", true, Some(ValueRef::Real(f64::INFINITY))),
            ("NaN", true, None),
            ("9223372036854775808", true, None),
            ("0.1234567890123456789", true, None),
            ("0.30000000000000004", true, Some(ValueRef::Real(0.1 + 0.2))),
        ] {
            assert_eq!(of_decimal(text.as_bytes(), scaled), value, "{text}");
        }
    }

    #[test]
    fn tells_integers_among_doubles() {
        for number in [0_i32, 1, -1, 2, 3, 1_000_000, i32::MAX, i32::MIN] {
            assert_eq!(of_double(f64::from(number)), ValueRef::Integer(number.into()));
        }
        let limit = 2_251_799_813_685_248.0;
        assert_eq!(of_double(limit - 1.0), ValueRef::Integer((1 << 51) - 1));
        assert_eq!(of_double(1.0 - limit), ValueRef::Integer(1 - (1 << 51)));
        for number in [limit, -limit, 0.5, 1.5, -2.25, limit - 0.5, 5e-324, f64::INFINITY, f64::MAX] {
            assert_eq!(of_double(number), ValueRef::Real(number));
        }
        assert_eq!(of_double(-0.0), ValueRef::Integer(0));
    }
}
