//! Puts what a cell means on the count of the target's type.

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::AmbiguousOffset;

use super::super::calendar::MICROS_OF_DAY;
use super::super::{Reason, ValueRef};
use super::duration::Duration;
use super::read::{EPOCH, Meaning, read};
use super::{DurationForm, MomentType, Moments, Written, Zone};

/// A value on the target's count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::value) enum Placed {
    /// Microseconds since 2000-01-01 00:00, of the clock or of UTC as the type has it, or since midnight.
    Micros(i64),
    /// Microseconds since midnight, and minutes east of UTC.
    OffsetTime { micros: i64, minutes_east: i64 },
    /// A duration.
    Duration(Duration),
}

/// What does not come across with a value, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::value) enum Flaw {
    /// Digits of a second that the type does not keep.
    Finer,
    /// The clock showed this time twice; it is taken for the first.
    Twice,
    /// A time of day that the type has no place for.
    TimeOfDay,
    /// A moment whose time the clock showed twice, where only the clock's time is kept.
    Hidden,
    /// The clock never showed this time; it is taken for as much later as the clock was put forward.
    Skipped,
}

/// Reads a cell and puts it on the target's count.
pub(in crate::value) fn place(moments: Moments, value: ValueRef<'_>) -> Result<(Placed, Option<Flaw>), Reason> {
    let reading = read(moments, value)?;
    let (placed, flaw) = put(moments, reading.meaning)?;
    let (cut, lost) = cut(placed, moments.target.step());
    let loss = if moments.target == MomentType::Date { Flaw::TimeOfDay } else { Flaw::Finer };
    let flaws = [flaw, lost.then_some(loss), reading.finer.then_some(Flaw::Finer)];
    Ok((cut, flaws.into_iter().flatten().max()))
}

fn put(moments: Moments, meaning: Meaning) -> Result<(Placed, Option<Flaw>), Reason> {
    let fine = |micros| Ok((Placed::Micros(micros), None));
    match (moments.target, meaning) {
        (MomentType::Date | MomentType::Timestamp(_), Meaning::Clock(clock)) => fine(clock),
        (MomentType::Date | MomentType::Timestamp(_), Meaning::Instant(instant)) => {
            let clock = clock_at(moments.zone, instant).ok_or(Reason::OutOfRange)?;
            let hidden = matches!(instant_of(moments.zone, clock), Some(Shown::Twice { first }) if first != instant);
            Ok((Placed::Micros(clock), hidden.then_some(Flaw::Hidden)))
        }
        (MomentType::Timestamptz(_), Meaning::Instant(instant)) => fine(instant),
        (MomentType::Timestamptz(_), Meaning::Clock(clock)) => match instant_of(moments.zone, clock) {
            Some(Shown::Once(instant)) => fine(instant),
            Some(Shown::Twice { first }) => Ok((Placed::Micros(first), Some(Flaw::Twice))),
            Some(Shown::Never { after }) => Ok((Placed::Micros(after), Some(Flaw::Skipped))),
            None => Err(Reason::OutOfRange),
        },
        (MomentType::Time(_), Meaning::TimeOfDay(micros)) => fine(micros),
        // A time of day that is written with this date, as Rails does.
        (MomentType::Time(_), Meaning::Clock(clock)) if (0..MICROS_OF_DAY).contains(&clock) => fine(clock),
        (MomentType::Timetz(_), Meaning::OffsetTime { micros, minutes_east }) => Ok((Placed::OffsetTime { micros, minutes_east }, None)),
        (MomentType::Timetz(_), Meaning::TimeOfDay(micros)) => {
            let minutes_east = moments.zone.minutes_east().map(i64::from).ok_or(Reason::OtherForm)?;
            Ok((Placed::OffsetTime { micros, minutes_east }, None))
        }
        (MomentType::Interval(_), Meaning::Duration(duration)) => {
            // Only ISO's form tells a day from 24 hours, and has a place for months.
            let iso = moments.written == Written::Duration(DurationForm::Iso);
            let duration = if iso { Some(duration) } else { duration.in_micros().and_then(Duration::of_micros) };
            duration.map(|duration| (Placed::Duration(duration), None)).ok_or(Reason::OtherForm)
        }
        // A duration that is written as the moment so long after 1970, as SQLAlchemy does.
        (MomentType::Interval(_), Meaning::Clock(clock)) => {
            Duration::of_micros(clock - EPOCH).map(|duration| (Placed::Duration(duration), None)).ok_or(Reason::OutOfRange)
        }
        (
            MomentType::Date
            | MomentType::Time(_)
            | MomentType::Timetz(_)
            | MomentType::Timestamp(_)
            | MomentType::Timestamptz(_)
            | MomentType::Interval(_),
            _,
        ) => Err(Reason::OtherForm),
    }
}

/// Leaves out what is smaller than a step, and says whether there was any.
pub(super) fn cut(placed: Placed, step: i64) -> (Placed, bool) {
    let cut = match placed {
        Placed::Micros(micros) => Placed::Micros(micros - micros.rem_euclid(step)),
        Placed::OffsetTime { micros, minutes_east } => Placed::OffsetTime { micros: micros - micros % step, minutes_east },
        Placed::Duration(duration) => Placed::Duration(Duration { micros: duration.micros - duration.micros % step, ..duration }),
    };
    (cut, cut != placed)
}

/// How often a zone's clock showed a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Once(i64),
    Twice { first: i64 },
    Never { after: i64 },
}

/// The moment at which a zone's clock shows a time.
pub(super) fn instant_of(zone: Zone, clock: i64) -> Option<Shown> {
    let Some(rules) = zone.rules() else {
        return Some(Shown::Once(clock - i64::from(zone.minutes_east()?) * 60_000_000));
    };
    let before = |offset: jiff::tz::Offset| clock - i64::from(offset.seconds()) * 1_000_000;
    let shown = match rules.to_ambiguous_timestamp(civil(clock)?).offset() {
        AmbiguousOffset::Unambiguous { offset } => Shown::Once(before(offset)),
        AmbiguousOffset::Fold { before: offset, .. } => Shown::Twice { first: before(offset) },
        AmbiguousOffset::Gap { before: offset, .. } => Shown::Never { after: before(offset) },
    };
    Some(shown)
}

/// What a zone's clock shows at a moment.
pub(super) fn clock_at(zone: Zone, instant: i64) -> Option<i64> {
    let Some(rules) = zone.rules() else {
        return instant.checked_add(i64::from(zone.minutes_east()?) * 60_000_000);
    };
    let timestamp = Timestamp::from_microsecond(instant.checked_sub(EPOCH)?).ok()?;
    instant.checked_add(i64::from(rules.to_offset(timestamp).seconds()) * 1_000_000)
}

fn civil(clock: i64) -> Option<DateTime> {
    date(2000, 1, 1).at(0, 0, 0, 0).checked_add(jiff::SignedDuration::from_micros(clock)).ok()
}
