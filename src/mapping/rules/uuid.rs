//! `uuid`: UUIDs as text of one form or as 16 bytes, in a column declared so.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass, TextShape, UuidForm};

pub(super) const RULE: MappingRule = MappingRule {
    id: "uuid",
    explain: "A column declared UUID, GUID or UNIQUEIDENTIFIER becomes `uuid` where every value is a UUID as text of one and the same \
              form, or where every value is a blob of 16 bytes (taken in their order).",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if facts.intent != Intent::Uuid {
        return None;
    }
    if facts.only(&[StorageClass::Blob]) && facts.profile.blobs.not_16_bytes.count == 0 {
        let count = counted(facts.count(StorageClass::Blob), "blob");
        return Some(Proposal::new(Conversion::BlobToUuid, format!("{count} of 16 bytes, 0 exceptions")));
    }
    if !facts.only(&[StorageClass::Text]) {
        return None;
    }
    let mut forms = facts.profile.texts.shapes.keys().map(|shape| if let TextShape::Uuid(form) = shape { Some(*form) } else { None });
    let first = forms.next()??;
    let form = forms.try_fold(first, |united, form| UuidForm::unite(united, form?))?;
    let count = counted(facts.count(StorageClass::Text), "UUID");
    Some(Proposal::new(Conversion::TextToUuid(form), format!("{count} of one form, 0 exceptions")))
}
