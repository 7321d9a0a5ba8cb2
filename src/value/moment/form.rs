//! How a column of dates, times, moments or durations is described.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::{Epoch, Fraction, Offset, PgType, TimeForm, TimestampForm, calendar};
use super::Zone;

/// How a column of dates, times, moments or durations is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Moments {
    /// The type of the target's column.
    pub target: MomentType,
    /// The form in which its cells come back.
    pub written: Written,
    /// What the column's numbers count; nothing where it has none, and then a number is not read.
    pub numbers: Option<Counting>,
    /// The zone of whatever says none, on either side: of a text without an offset, and of a `timestamp`.
    pub zone: Zone,
}

/// The target's types that hold a date, a time, a moment or a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MomentType {
    /// `date`
    Date,
    /// `time`, with the digits of a second that are kept.
    Time(u8),
    /// `time with time zone`, with the digits of a second that are kept.
    Timetz(u8),
    /// `timestamp`, with the digits of a second that are kept.
    Timestamp(u8),
    /// `timestamp with time zone`, with the digits of a second that are kept.
    Timestamptz(u8),
    /// `interval`, with the digits of a second that are kept.
    Interval(u8),
}

/// The form of a cell, or the form in which the cells of a column come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    /// `YYYY-MM-DD`
    Date,
    /// `YYYYMMDD`
    CompactDate,
    /// A time of day.
    Time(TimeForm),
    /// `HHMMSS`
    CompactTime,
    /// A time of day and an offset.
    OffsetTime {
        /// The time of day.
        time: TimeForm,
        /// What follows; where it is a number of minutes or hours, each cell keeps its own.
        offset: Offset,
    },
    /// A date and a time of day.
    Timestamp(TimestampForm),
    /// `YYYYMMDDHHMMSS`, with this fraction.
    CompactTimestamp(Fraction),
    /// A duration.
    Duration(DurationForm),
    /// A number, of what [`Moments::numbers`] says.
    Number(NumberClass),
}

/// The storage class in which numbers come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberClass {
    /// All are integers.
    Integer,
    /// All are reals.
    Real,
    /// Integral ones are integers, the others are reals: a column of numeric affinity.
    Affine,
}

/// What numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// Units since 1970-01-01 UTC; in a column of durations, units.
    Epoch(Epoch),
    /// Days since noon of 4714-11-24 BC, as SQLite's `julianday` gives them.
    JulianDays,
    /// The digits `YYYYMMDD` of a date.
    CompactDate,
    /// The digits `YYYYMMDDHHMMSS` of a date and time.
    CompactTimestamp,
    /// The year whose first day is meant.
    Years,
}

/// How a duration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DurationForm {
    /// `[-]HH:MM:SS` with this fraction, the hours as many as there are.
    Clock(Fraction),
    /// `[-]D days, H:MM:SS[.ffffff]`, as Python writes a `timedelta`.
    Python,
    /// `[-D ]HH:MM:SS[.ffffff]`, as Django writes one.
    Django,
    /// `P1Y2M3DT4H5M6.7S`, as ISO 8601 has it.
    Iso,
}

impl MomentType {
    /// The type without its digits.
    pub const fn pg_type(self) -> PgType {
        match self {
            Self::Date => PgType::Date,
            Self::Time(_) => PgType::Time,
            Self::Timetz(_) => PgType::Timetz,
            Self::Timestamp(_) => PgType::Timestamp,
            Self::Timestamptz(_) => PgType::Timestamptz,
            Self::Interval(_) => PgType::Interval,
        }
    }

    /// Microseconds in the smallest step that is kept.
    pub(super) fn step(self) -> i64 {
        match self {
            Self::Date => calendar::MICROS_OF_DAY,
            Self::Time(digits) | Self::Timetz(digits) | Self::Timestamp(digits) | Self::Timestamptz(digits) | Self::Interval(digits) => {
                10_i64.pow(6_u32.saturating_sub(digits.into()))
            }
        }
    }
}

/// The type as written in DDL.
impl fmt::Display for MomentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, digits) = match self {
            Self::Date => ("date", 6),
            Self::Time(digits) => ("time", *digits),
            Self::Timetz(digits) => ("timetz", *digits),
            Self::Timestamp(digits) => ("timestamp", *digits),
            Self::Timestamptz(digits) => ("timestamptz", *digits),
            Self::Interval(digits) => ("interval", *digits),
        };
        if digits == 6 { f.pad(name) } else { f.pad(&format!("{name}({digits})")) }
    }
}

impl Moments {
    /// Whether the column's order is that of its cells on the other side, for cells that come across exactly.
    pub(in crate::value) fn keeps_order(self) -> bool {
        match (self.target, self.written) {
            (MomentType::Timetz(_), _) | (_, Written::OffsetTime { .. } | Written::Duration(_)) => false,
            (MomentType::Date, _) | (_, Written::Number(_) | Written::CompactTime | Written::CompactTimestamp(_) | Written::Time(_)) => {
                true
            }
            // Where a clock is put back, the offset that tells its two times apart sorts the later one first.
            (
                MomentType::Timestamptz(_),
                Written::Date | Written::CompactDate | Written::Timestamp(TimestampForm { offset: Offset::Naive, .. }),
            ) => self.zone.is_fixed(),
            // A fraction that may be missing sorts right before a sign or a space, but `Z` sorts behind the point.
            (_, Written::Timestamp(form)) => form.offset != Offset::Z || !self.varies(form.time),
            (_, Written::Date | Written::CompactDate) => true,
        }
    }

    /// Whether times of this form may be of different lengths.
    const fn varies(self, form: TimeForm) -> bool {
        let digits = match self.target {
            MomentType::Date => 0,
            MomentType::Time(digits)
            | MomentType::Timetz(digits)
            | MomentType::Timestamp(digits)
            | MomentType::Timestamptz(digits)
            | MomentType::Interval(digits) => digits,
        };
        match form.fraction {
            _ if !form.seconds => true,
            Fraction::Fixed(count) | Fraction::Digits { count, .. } => count < digits,
            Fraction::None | Fraction::DigitsOrNone { .. } | Fraction::Trimmed => digits > 0,
        }
    }
}
