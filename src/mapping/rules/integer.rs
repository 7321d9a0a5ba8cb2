//! `integer`: a column that holds nothing but integers.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, Epoch, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "integer",
    explain: "A column that holds nothing but integers becomes `bigint`, which holds every SQLite integer; never anything narrower \
              unless asked for. Where the column declares a boolean or a time and most integers are that, the others are named.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !facts.only(&[StorageClass::Integer]) {
        return None;
    }
    let proposal = Proposal::new(Conversion::IntegerToBigint, format!("{}, 0 exceptions", facts.summary()));
    let integers = &facts.profile.integers;
    Some(match facts.intent {
        Intent::Boolean => {
            let others = counted(integers.not_boolean.count, "integer");
            proposal.against(format!("{others} other than 0 and 1"), &integers.not_boolean)
        }
        Intent::Date | Intent::Timestamp => no_time(facts, proposal),
        // A column of integers only, where none was meant, is not mixed: `other-type` tells of it.
        Intent::Integer
        | Intent::Real
        | Intent::Decimal { .. }
        | Intent::Any
        | Intent::Text
        | Intent::Blob
        | Intent::Time
        | Intent::Json
        | Intent::Uuid => proposal,
    })
}

/// Names the integers outside the unit that fits most of them, where one fits any.
fn no_time(facts: &Facts<'_>, proposal: Proposal) -> Proposal {
    let integers = &facts.profile.integers;
    let best = Epoch::ALL.into_iter().map(|unit| integers.as_epoch(unit)).max_by_key(|fit| fit.plausible);
    match best.filter(|fit| fit.plausible > 0) {
        Some(fit) => {
            proposal.against(format!("{} of another unit of time, or none", counted(fit.implausible.count, "integer")), &fit.implausible)
        }
        None => proposal,
    }
}
