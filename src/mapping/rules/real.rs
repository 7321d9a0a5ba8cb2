//! `real`: a column that holds nothing but reals.

use crate::mapping::{Facts, MappingRule, Proposal};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "real",
    explain: "A column that holds nothing but reals becomes `double precision`, bit for bit; infinities included.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    facts.only(&[StorageClass::Real]).then(|| Proposal::new(Conversion::RealToDouble, format!("{}, 0 exceptions", facts.summary())))
}
