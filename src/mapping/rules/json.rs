//! `json`: texts that are JSON, in a column declared so.

use crate::mapping::{Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, StorageClass};

pub(super) const RULE: MappingRule = MappingRule {
    id: "json",
    explain: "A column declared JSON or JSONB in which every value is a text that PostgreSQL takes as JSON becomes `json`, which keeps \
              the text letter for letter (`jsonb` would not: it reorders keys and drops white space). A column that is part of a key or \
              an index stays `text`, because `json` has no equality.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    let texts = &facts.profile.texts;
    let fits = facts.intent == Intent::Json && !facts.keyed && facts.only(&[StorageClass::Text]) && texts.json == texts.seen.count;
    fits.then(|| Proposal::new(Conversion::TextToJson, format!("{}, all JSON, 0 exceptions", counted(texts.seen.count, "text"))))
}
