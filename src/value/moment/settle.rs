//! What becomes of a cell of such a column.

use super::super::settle::Settled;
use super::super::{Fate, Reason, Rule, ValueRef};
use super::number::{self, Number};
use super::place::{Flaw, Placed, cut, place};
use super::print::{Printed, print};
use super::{Moments, Written};

/// Settles a cell: exact where it is written just as the column's form has it.
pub(in crate::value) fn settle<'a>(moments: Moments, value: ValueRef<'a>, scratch: &'a mut Vec<u8>) -> Settled<'a> {
    if matches!(value, ValueRef::Real(number) if number.is_nan()) {
        return Settled::quarantined(Reason::NotANumber, ValueRef::Null);
    }
    let (placed, flaw) = match place(moments, value) {
        Ok(found) => found,
        Err(reason) => return Settled::quarantined(reason, ValueRef::Null),
    };
    let whole = print_whole(moments, placed, scratch);
    let room = whole.is_some();
    // The nearest value below that the column's numbers have room for.
    let placed = if room { placed } else { lesser(moments, placed) };
    let Some(printed) = whole.or_else(|| print_whole(moments, placed, scratch)) else {
        return Settled::quarantined(Reason::OtherForm, ValueRef::Null);
    };
    let back = match printed {
        Printed::Text => ValueRef::Text(scratch),
        Printed::Number(Number::Integer(number)) => ValueRef::Integer(number),
        Printed::Number(Number::Real(number)) => ValueRef::Real(number),
    };
    if back == value && room && flaw.is_none() {
        return Settled::exact(value);
    }
    // What comes back must stand for this very value, or the cell would move on with every round.
    if place(moments, back) != Ok((placed, None)) {
        return Settled::quarantined(Reason::Ambiguous, ValueRef::Null);
    }
    let fate = if room { fate(flaw, value, back) } else { Fate::Quarantined(Reason::TooPrecise) };
    Settled { fate, value: back }
}

fn print_whole(moments: Moments, placed: Placed, out: &mut Vec<u8>) -> Option<Printed> {
    out.clear();
    print(moments, placed, out)
}

fn lesser(moments: Moments, placed: Placed) -> Placed {
    match (moments.written, moments.numbers) {
        (Written::Number(class), Some(counting)) => cut(placed, number::step(counting, class)).0,
        _ => placed,
    }
}

fn fate(flaw: Option<Flaw>, value: ValueRef<'_>, back: ValueRef<'_>) -> Fate {
    match flaw {
        Some(Flaw::Skipped) => Fate::Quarantined(Reason::SkippedTime),
        Some(Flaw::Hidden) => Fate::Quarantined(Reason::Ambiguous),
        Some(Flaw::TimeOfDay) => Fate::Quarantined(Reason::TimeOfDay),
        Some(Flaw::Twice) => Fate::Normalised(Rule::AmbiguousTime),
        Some(Flaw::Finer) => Fate::Normalised(Rule::CutFraction),
        None if matches!((value, back), (ValueRef::Real(_), ValueRef::Real(_))) => Fate::Normalised(Rule::RoundReal),
        None => Fate::Normalised(Rule::MomentForm),
    }
}
