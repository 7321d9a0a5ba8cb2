//! From a cell to PostgreSQL's `real`, a number of single precision.
//!
//! Never used by the decoder.

use super::{NumberStyle, ValueRef};

/// The nearest number of single precision to a cell that is a number: to the decimal that it is written as, so that 0.1
/// becomes what PostgreSQL shows as 0.1; or, in a column of widened ones, to the real itself.
pub(super) fn nearest(style: NumberStyle, cell: ValueRef<'_>) -> Option<f32> {
    match cell {
        ValueRef::Real(number) if style == NumberStyle::Widened => Some(narrowed(number)),
        ValueRef::Real(number) => number.to_string().parse().ok(),
        ValueRef::Integer(number) => number.to_string().parse().ok(),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim_ascii().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// Whether a real is a number of single precision, bit for bit.
pub(super) fn is_widened(number: f64) -> bool {
    f64::from(narrowed(number)).to_bits() == number.to_bits()
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "rounding to nearest is what is wanted, and only `as` does it")]
fn narrowed(number: f64) -> f32 {
    number as f32
}
