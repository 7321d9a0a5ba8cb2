//! `blob`: a column that holds nothing but blobs.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "blob",
    explain: "A column that holds nothing but blobs becomes `bytea`. One that is declared as text, and whose blobs are all UTF-8 \
              without NUL bytes, becomes `text`: its writer bound text as bytes. Where a UUID is declared and most blobs are one, the \
              others are named.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !facts.only(&[StorageClass::Blob]) {
        return None;
    }
    let summary = facts.summary();
    let blobs = &facts.profile.blobs;
    if facts.intent == Intent::Text && blobs.not_text.count == 0 {
        return Some(Proposal::new(Conversion::BlobToText, format!("{summary}, all UTF-8 text, 0 exceptions")));
    }
    let proposal = Proposal::new(Conversion::BlobToBytea, format!("{summary}, 0 exceptions"));
    if facts.intent == Intent::Uuid && blobs.not_16_bytes.count < blobs.seen.count {
        let others = counted(blobs.not_16_bytes.count, "blob");
        return Some(proposal.against(format!("{others} of another length than 16 bytes"), &blobs.not_16_bytes));
    }
    Some(proposal)
}
