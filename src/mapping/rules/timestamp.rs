//! `timestamp`: texts of one date-and-time form, in a column declared as a date or time.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, Offset, StorageClass, TextShape, TimestampForm};

pub(super) const RULE: MappingRule = MappingRule {
    id: "timestamp",
    explain: "A column declared DATETIME, TIMESTAMP or DATE in which every value is a text of one and the same date-and-time form \
              becomes `timestamp` where the form has no offset, and `timestamptz` where it has `Z` or the same offset everywhere. The \
              form is part of the conversion, so that the column comes back letter for letter.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !matches!(facts.intent, Intent::Timestamp | Intent::Date) || !facts.only(&[StorageClass::Text]) {
        return None;
    }
    let mut forms = facts.profile.texts.shapes.keys().map(|shape| if let TextShape::Timestamp(form) = shape { Some(*form) } else { None });
    let first = forms.next()??;
    let form = forms.try_fold(first, |united, form| TimestampForm::unite(united, form?))?;
    let count = counted(facts.count(StorageClass::Text), "text");
    let (conversion, zone) = match form.offset {
        Offset::Naive => (Conversion::TextToTimestamp(form), "without an offset"),
        Offset::Z | Offset::Utc | Offset::Minutes { .. } | Offset::Hours { .. } => (Conversion::TextToTimestamptz(form), "with one offset"),
    };
    Some(Proposal::new(conversion, format!("{count} of one date-and-time form {zone}, 0 exceptions")))
}
