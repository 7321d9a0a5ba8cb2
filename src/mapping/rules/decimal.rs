//! `decimal`: numbers in a column declared DECIMAL or NUMERIC.

use crate::mapping::{Facts, Intent, MappingRule, Proposal};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "decimal",
    explain: "A column declared DECIMAL or NUMERIC that holds nothing but numbers becomes `numeric`. It keeps the declared precision \
              and scale where every value fits them (SQLite never checks); otherwise it is `numeric` without limits, in which an \
              integer has scale 0 and a real a scale of at least 1, so that each comes back in its own storage class.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let Intent::Decimal { limits } = facts.intent else { return None };
    if !facts.only(&[StorageClass::Integer, StorageClass::Real]) || !facts.numeric_holds() {
        return None;
    }
    let summary = facts.summary();
    match limits {
        None => Some(Proposal::new(Conversion::NumberToNumeric, format!("{summary}; declared without limits"))),
        Some((precision, scale)) if fits(facts, precision, scale) => Some(Proposal::new(
            Conversion::NumberToDecimal { precision, scale },
            format!("{summary}, all within {precision} digits, {scale} behind the point"),
        )),
        Some((precision, scale)) => Some(Proposal::new(
            Conversion::NumberToNumeric,
            format!("{summary}; not all fit numeric({precision}, {scale}), so without limits"),
        )),
    }
}

fn fits(facts: &Facts<'_>, precision: u8, scale: u8) -> bool {
    let (integers, reals) = (&facts.profile.integers, &facts.profile.reals);
    let before_point = u32::from(precision - scale);
    let bound = 10_i64.checked_pow(before_point).unwrap_or(i64::MAX);
    facts.numeric_affinity()
        && reals.non_finite.count == 0
        && reals.integral.count == 0
        && reals.digits_before_point <= before_point
        && reals.digits_behind_point <= u32::from(scale)
        && integers.min.is_none_or(|min| min > -bound)
        && integers.max.is_none_or(|max| max < bound)
}
