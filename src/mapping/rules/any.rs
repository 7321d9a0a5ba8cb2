//! `any`: values of several classes with no type in common.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "any",
    explain: "A column whose values share no type becomes `text` in a form that tells them apart: integers and reals as SQLite prints \
              them, blobs as `\\x` and hex, text as it is. Text that looks like one of the others goes into the quarantine as well.",
    propose,
};

#[expect(clippy::unnecessary_wraps, reason = "every rule has this form; that this one always proposes is its point")]
fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let mut proposal = Proposal::new(Conversion::AnyToText(facts.text_rules), format!("{}: no type in common", facts.summary()));
    let intended: &[StorageClass] = match facts.intent {
        Intent::Integer | Intent::Boolean => &[StorageClass::Integer],
        Intent::Real | Intent::Decimal { .. } => &[StorageClass::Integer, StorageClass::Real],
        Intent::Text | Intent::Json => &[StorageClass::Text],
        Intent::Blob => &[StorageClass::Blob],
        Intent::Date | Intent::Time | Intent::Timestamp | Intent::Uuid | Intent::Any => &[],
    };
    let profile = facts.profile;
    for (class, evidence) in [
        (StorageClass::Integer, &profile.integers.seen),
        (StorageClass::Real, &profile.reals.seen),
        (StorageClass::Text, &profile.texts.seen),
        (StorageClass::Blob, &profile.blobs.seen),
    ] {
        if !intended.contains(&class) {
            proposal = proposal.against(counted(evidence.count, class.name()), evidence);
        }
    }
    Some(proposal)
}
