//! `date`: texts `YYYY-MM-DD`, in a column declared as a date or time.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass, TextShape};

pub(super) const RULE: MappingRule = MappingRule {
    id: "date",
    explain: "A column declared DATE in which every value is a text `YYYY-MM-DD` of a real calendar day becomes `date`. (In a column declared DATETIME such texts stay text: a `date` would cut the time off what is written later.)",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let fits = facts.intent == Intent::Date && facts.only(&[StorageClass::Text]) && facts.only_shape() == Some(TextShape::Date);
    fits.then(|| {
        let count = counted(facts.count(StorageClass::Text), "calendar date");
        Proposal::new(Conversion::TextToDate, format!("{count} YYYY-MM-DD, 0 exceptions"))
    })
}
