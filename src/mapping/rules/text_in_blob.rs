//! `text-in-blob`: some texts in a column declared BLOB.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "text-in-blob",
    explain: "A column declared BLOB that holds blobs and texts becomes `bytea`; a text gives its UTF-8 bytes (nothing is taken for \
              base64 or hex), and its original goes into the quarantine, because bytes alone don't say that it was text.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let fits = facts.intent == Intent::Blob && facts.only(&[StorageClass::Blob, StorageClass::Text]);
    fits.then(|| {
        let texts = &facts.profile.texts.seen;
        Proposal::new(Conversion::BlobToBytea, facts.summary()).against(counted(texts.count, "text"), texts)
    })
}
