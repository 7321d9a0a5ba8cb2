//! `boolean`: a column declared boolean that holds nothing but 0 and 1.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "boolean",
    explain: "A column declared BOOLEAN, BOOL, BIT or TINYINT(1) in which every value is the integer 0 or 1 becomes `boolean`. \
              A single other value keeps the whole column from it.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let fits = facts.intent == Intent::Boolean && facts.only(&[StorageClass::Integer]) && facts.profile.integers.not_boolean.count == 0;
    fits.then(|| {
        let count = counted(facts.count(StorageClass::Integer), "integer");
        Proposal::new(Conversion::IntegerToBoolean, format!("{count}, all 0 or 1, 0 exceptions"))
    })
}
