//! What the profile says of the cells that a conversion won't carry exactly.

use super::report::Inexact;
use crate::value::{ColumnProfile, Conversion, Evidence, Fate, Reason, Rule, TextFault, TextRules, TextShape};

/// The cells that this conversion, chosen for this profile, normalises or quarantines, by what becomes of them.
pub(super) fn inexact(conversion: Conversion, cells: &ColumnProfile) -> Vec<Inexact> {
    let texts = &cells.texts;
    let shape = |shape: TextShape| texts.shapes.get(&shape).cloned().unwrap_or_default();
    let quarantined = |reason: Reason, evidence: Evidence| Inexact { fate: Fate::Quarantined(reason), evidence };
    let mut found = match conversion {
        Conversion::TextToText(rules) => {
            let mut found = text_faults(rules, shape(TextShape::Nul), shape(TextShape::InvalidUtf8));
            found.push(quarantined(Reason::WrongClass, cells.blobs.seen.clone()));
            found
        }
        Conversion::AnyToText(rules) => {
            // A mended text may look like a number or like hex: it is then quarantined after all.
            let mended = [(rules.nul, TextShape::Nul), (rules.invalid_utf8, TextShape::InvalidUtf8)];
            let mut found = text_faults(rules, shape(TextShape::Nul), shape(TextShape::InvalidUtf8));
            found.extend(
                mended
                    .into_iter()
                    .filter(|(rule, _)| *rule != TextFault::Quarantine)
                    .map(|(_, form)| quarantined(Reason::Ambiguous, shape(form))),
            );
            let ambiguous = texts.shapes.iter().filter(|(shape, _)| matches!(shape, TextShape::Number(_) | TextShape::HexBytes));
            found.push(quarantined(Reason::Ambiguous, united(ambiguous.map(|(_, evidence)| evidence))));
            found
        }
        Conversion::BlobToBytea => vec![quarantined(Reason::WrongClass, texts.seen.clone())],
        // The rules that propose these have counted every cell and found no exception; where the target's type has chosen
        // (the last ones), every cell is settled before the load.
        Conversion::IntegerToBigint
        | Conversion::IntegerToBoolean
        | Conversion::IntegerToTimestamptz(_)
        | Conversion::RealToDouble
        | Conversion::NumberToDouble
        | Conversion::NumberToNumeric
        | Conversion::NumberToDecimal { .. }
        | Conversion::TextToJson
        | Conversion::TextToUuid(_)
        | Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::TextToBytea
        | Conversion::BlobToText
        | Conversion::BlobToUuid
        | Conversion::AnyToNumber { .. }
        | Conversion::AnyToBoolean(_)
        | Conversion::AnyToString { .. }
        | Conversion::AnyToBytea { .. }
        | Conversion::AnyToJson { .. }
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToArray(_)
        | Conversion::TextToAddress(_) => Vec::new(),
    };
    found.retain(|inexact| inexact.evidence.count > 0);
    found
}

fn text_faults(rules: TextRules, nul: Evidence, invalid: Evidence) -> Vec<Inexact> {
    let nul_fate = match rules.nul {
        TextFault::Quarantine => Fate::Quarantined(Reason::Nul),
        TextFault::Replace => Fate::Normalised(Rule::ReplaceNul),
        TextFault::Strip => Fate::Normalised(Rule::StripNul),
    };
    let invalid_fate = match rules.invalid_utf8 {
        TextFault::Quarantine => Fate::Quarantined(Reason::InvalidUtf8),
        TextFault::Replace => Fate::Normalised(Rule::ReplaceInvalidUtf8),
        TextFault::Strip => Fate::Normalised(Rule::StripInvalidUtf8),
    };
    // A text that is not UTF-8 may hold a NUL byte as well, which keeps it in the quarantine where NULs go there.
    let both = if rules.nul == TextFault::Quarantine && rules.invalid_utf8 != TextFault::Quarantine {
        invalid.clone()
    } else {
        Evidence::default()
    };
    vec![
        Inexact { fate: nul_fate, evidence: nul },
        Inexact { fate: invalid_fate, evidence: invalid },
        Inexact { fate: Fate::Quarantined(Reason::Nul), evidence: both },
    ]
}

fn united<'a>(parts: impl Iterator<Item = &'a Evidence>) -> Evidence {
    parts.fold(Evidence::default(), |mut all, part| {
        all.count += part.count;
        all.samples.extend(part.samples.iter().cloned());
        all
    })
}
