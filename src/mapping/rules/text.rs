//! `text`: a column that holds nothing but text.

use crate::mapping::{CounterExample, Facts, Intent, MappingRule, Proposal, counted};
use crate::value::{Conversion, Evidence, StorageClass, TextShape};

pub(super) const RULE: MappingRule = MappingRule {
    id: "text",
    explain: "A column that holds nothing but text becomes `text`, whatever length it declares (SQLite never checked that). One that \
              is declared BLOB becomes `bytea` and gets the text's bytes. Where the column declares a time, JSON or a UUID and some texts \
              are that, the others are named.",
    propose,
};

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if !facts.only(&[StorageClass::Text]) {
        return None;
    }
    let summary = facts.summary();
    if facts.intent == Intent::Blob {
        return Some(Proposal::new(Conversion::TextToBytea, format!("{summary} in a column declared {}", facts.column.declared)));
    }
    let mut proposal = Proposal::new(Conversion::TextToText(facts.text_rules), format!("{summary}, 0 exceptions"));
    proposal = match facts.intent {
        // A column of texts only, where none was meant, is not mixed: `other-type` tells of it.
        Intent::Text | Intent::Blob | Intent::Any | Intent::Integer | Intent::Boolean | Intent::Real | Intent::Decimal { .. } => proposal,
        Intent::Date | Intent::Time | Intent::Timestamp | Intent::Uuid => {
            proposal.counter_examples = exceptions_of_form(facts);
            proposal
        }
        Intent::Json => against_other_than_json(facts, proposal),
    };
    if !proposal.counter_examples.is_empty() {
        proposal.because = format!("{summary}, not as declared");
    }
    Some(proposal)
}

/// The texts that are not of the commonest form among those that the column declares.
fn exceptions_of_form(facts: &Facts<'_>) -> Vec<CounterExample> {
    let shapes = facts.profile.texts.shapes.iter().filter(|(_, evidence)| evidence.count > 0);
    let as_declared = shapes.clone().filter(|(shape, _)| is_declared(facts.intent, **shape));
    let commonest = as_declared.max_by_key(|(shape, evidence)| (evidence.count, std::cmp::Reverse(**shape))).map(|(shape, _)| *shape);
    let Some(commonest) = commonest else { return Vec::new() };
    shapes
        .filter(|(shape, _)| **shape != commonest)
        .map(|(shape, evidence)| CounterExample { what: counted(evidence.count, name(*shape)), evidence: evidence.clone() })
        .collect()
}

fn is_declared(intent: Intent, shape: TextShape) -> bool {
    match shape {
        TextShape::Date | TextShape::Timestamp(_) => matches!(intent, Intent::Date | Intent::Timestamp),
        TextShape::Time(_) => intent == Intent::Time,
        TextShape::Uuid(_) => intent == Intent::Uuid,
        TextShape::Empty
        | TextShape::Number(_)
        | TextShape::HexBytes
        | TextShape::Json
        | TextShape::Plain
        | TextShape::Nul
        | TextShape::InvalidUtf8 => false,
    }
}

/// JSON scalars have other forms too, so that the rows are named only where no scalar is among them.
fn against_other_than_json(facts: &Facts<'_>, proposal: Proposal) -> Proposal {
    let texts = &facts.profile.texts;
    let mut others = Evidence::default();
    for (_, evidence) in texts.shapes.iter().filter(|(shape, _)| **shape != TextShape::Json) {
        others.count += evidence.count;
        others.samples.extend(evidence.samples.iter().cloned());
    }
    if texts.json == 0 {
        return proposal;
    }
    let count = texts.seen.count.saturating_sub(texts.json);
    if others.count != count {
        others = Evidence { count, samples: Vec::new() };
    }
    proposal.against(format!("{} other than JSON", counted(count, "text")), &others)
}

fn name(shape: TextShape) -> &'static str {
    match shape {
        TextShape::Empty => "empty text",
        TextShape::Date => "date",
        TextShape::Time(_) => "time of day",
        TextShape::Timestamp(_) => "date and time of another form",
        TextShape::Uuid(_) => "UUID of another form",
        TextShape::Number(_) => "number as text",
        TextShape::HexBytes => "hex text",
        TextShape::Json => "JSON text",
        TextShape::Plain => "text of no known form",
        TextShape::Nul => "text with a NUL byte",
        TextShape::InvalidUtf8 => "text that is not UTF-8",
    }
}
