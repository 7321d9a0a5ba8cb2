//! `blob-in-text`: some blobs in a column declared as text.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "blob-in-text",
    explain: "A column declared as text that holds texts and blobs becomes `text`; a blob that is UTF-8 gives its text, any other its \
              hex form, and its original goes into the quarantine.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let fits = facts.intent == Intent::Text && facts.only(&[StorageClass::Text, StorageClass::Blob]);
    fits.then(|| {
        let blobs = &facts.profile.blobs.seen;
        Proposal::new(Conversion::TextToText(facts.text_rules), facts.summary()).against(counted(blobs.count, "blob"), blobs)
    })
}
