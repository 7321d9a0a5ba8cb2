//! Columns of dates, times, moments and durations whose target is there already.
//!
//! In own schemas every cell of a column has one form, or the column becomes something else. Here the target's type is
//! given, and the cells are what they are: texts of several forms, numbers among them. Each cell is read by what it is,
//! put on the target's own count, and comes back in the column's form, written with as much more as it needs: a
//! fraction, a time of day, an offset.
//!
//! Nothing here is used by the decoder but the description of the column.

mod duration;
mod form;
mod number;
mod place;
mod print;
mod read;
mod sample;
mod settle;
mod zone;

pub use form::{Counting, DurationForm, MomentType, Moments, NumberClass, Written};
pub use zone::{UnknownZone, Zone};

pub(super) use duration::Duration;
pub(super) use place::{Placed, place};
pub(super) use read::shape;
pub(super) use sample::samples;
pub(super) use settle::settle;
