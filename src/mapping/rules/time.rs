//! `time`: texts of one time-of-day form, in a column declared TIME.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass, TextShape, TimeForm};

pub(super) const RULE: MappingRule = MappingRule {
    id: "time",
    explain: "A column declared TIME in which every value is a text of one and the same time-of-day form becomes `time`.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if facts.intent != Intent::Time || !facts.only(&[StorageClass::Text]) {
        return None;
    }
    let mut forms = facts.profile.texts.shapes.keys().map(|shape| if let TextShape::Time(form) = shape { Some(*form) } else { None });
    let first = forms.next()??;
    let form = forms.try_fold(first, |united, form| TimeForm::unite(united, form?))?;
    let count = counted(facts.count(StorageClass::Text), "text");
    Some(Proposal::new(Conversion::TextToTime(form), format!("{count} of one time-of-day form, 0 exceptions")))
}
