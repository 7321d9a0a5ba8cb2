//! `empty`: a column that holds nothing gets the type that its declaration intends.

use crate::catalog::Affinity;
use crate::mapping::{Facts, Intent, MappingRule, Proposal};
use crate::value::{Conversion, Fraction, Offset, Separator, TimeForm, TimestampForm, UuidForm};

pub(super) const RULE: MappingRule = MappingRule {
    id: "empty",
    explain: "A column without a single value gets the type that its declaration intends. Nothing can be lost; what the \
              application writes later decides whether the type was meant so.",
    propose,
};

const SECONDS: TimeForm = TimeForm { seconds: true, fraction: Fraction::None };

fn propose(facts: &Facts<'_>) -> Option<Proposal> {
    if facts.filled() > 0 {
        return None;
    }
    let text = Conversion::TextToText(facts.text_rules);
    let conversion = match facts.intent {
        Intent::Integer => Conversion::IntegerToBigint,
        Intent::Boolean => Conversion::IntegerToBoolean,
        Intent::Real => Conversion::RealToDouble,
        Intent::Decimal { limits: Some((precision, scale)) } => Conversion::NumberToDecimal { precision, scale },
        Intent::Decimal { limits: None } => Conversion::NumberToNumeric,
        Intent::Text => text,
        Intent::Blob => Conversion::BlobToBytea,
        Intent::Date => Conversion::TextToDate,
        Intent::Time => Conversion::TextToTime(SECONDS),
        Intent::Timestamp => {
            Conversion::TextToTimestamp(TimestampForm { separator: Separator::Space, time: SECONDS, offset: Offset::Naive })
        }
        Intent::Json if facts.keyed => Conversion::TextToText(facts.text_rules),
        Intent::Json => Conversion::TextToJson,
        Intent::Uuid => Conversion::TextToUuid(UuidForm::Hyphenated),
        Intent::Any => match facts.column.affinity {
            Affinity::Integer => Conversion::IntegerToBigint,
            Affinity::Real => Conversion::RealToDouble,
            // A type that says nothing (`POLYGON`): text takes whatever the application will write.
            Affinity::Numeric | Affinity::Text | Affinity::Blob => text,
        },
    };
    Some(Proposal::new(conversion, "no values; the declared type"))
}
