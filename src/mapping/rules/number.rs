//! `number`: integers and reals side by side.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "number",
    explain: "A column that holds integers and reals becomes `double precision` where its affinity lets every value come back in its \
              own storage class (no integer of 2^51 or more, no integral real), and `numeric` otherwise.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !facts.only(&[StorageClass::Integer, StorageClass::Real]) {
        return None;
    }
    let profile = facts.profile;
    let double = facts.numeric_affinity() && profile.integers.beyond_double.count == 0 && profile.reals.integral.count == 0;
    if !double && !facts.numeric_holds() {
        return None;
    }
    let conversion = if double { Conversion::NumberToDouble } else { Conversion::NumberToNumeric };
    let proposal = Proposal::new(conversion, facts.summary());
    let (integers, reals) = (&profile.integers.seen, &profile.reals.seen);
    Some(match facts.intent {
        Intent::Integer | Intent::Boolean => proposal.against(counted(reals.count, "real"), reals),
        Intent::Real => proposal.against(counted(integers.count, "integer"), integers),
        Intent::Decimal { .. }
        | Intent::Text
        | Intent::Blob
        | Intent::Date
        | Intent::Time
        | Intent::Timestamp
        | Intent::Json
        | Intent::Uuid
        | Intent::Any => proposal,
    })
}
