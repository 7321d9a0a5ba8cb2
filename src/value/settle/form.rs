//! The conversions of one storage class whose values must have a certain form; anything else has no substitute.

use super::super::{Reason, TimeForm, TimestampForm, UuidForm, ValueRef, calendar, json, recognise};
use super::Settled;

pub(super) fn json(value: ValueRef<'_>) -> Settled<'_> {
    of_text(value, Reason::NotJson, |text| json::check_json(text).is_some())
}

pub(super) fn uuid(form: UuidForm, value: ValueRef<'_>) -> Settled<'_> {
    of_text(value, Reason::OtherForm, |text| recognise::uuid_form(text).is_some_and(|single| form.covers(single)))
}

pub(super) fn date(value: ValueRef<'_>) -> Settled<'_> {
    of_text(value, Reason::OtherForm, |text| calendar::read_date(text).is_some())
}

pub(super) fn time(form: TimeForm, value: ValueRef<'_>) -> Settled<'_> {
    let fits = |text: &[u8]| calendar::read_time(text).is_some_and(|(single, _, rest)| rest.is_empty() && form.covers(single));
    of_text(value, Reason::OtherForm, fits)
}

pub(super) fn timestamp(form: TimestampForm, value: ValueRef<'_>) -> Settled<'_> {
    of_text(value, Reason::OtherForm, |text| calendar::read_timestamp(text).is_some_and(|(single, _, _)| form.covers(single)))
}

pub(super) fn uuid_bytes(value: ValueRef<'_>) -> Settled<'_> {
    match value {
        ValueRef::Null => Settled::exact(value),
        ValueRef::Blob(bytes) if bytes.len() == 16 => Settled::exact(value),
        ValueRef::Blob(_) => Settled::quarantined(Reason::OtherForm, ValueRef::Null),
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Settled::quarantined(Reason::WrongClass, ValueRef::Null),
    }
}

fn of_text(value: ValueRef<'_>, otherwise: Reason, fits: impl FnOnce(&[u8]) -> bool) -> Settled<'_> {
    match value {
        ValueRef::Null => Settled::exact(value),
        ValueRef::Text(text) if fits(text) => Settled::exact(value),
        ValueRef::Text(_) => Settled::quarantined(otherwise, ValueRef::Null),
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Settled::quarantined(Reason::WrongClass, ValueRef::Null),
    }
}
