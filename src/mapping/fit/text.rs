//! Strings and bytes.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::value::{Conversion, StorageClass, StringStyle, StringType};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let to = match &demand.target.pg_type {
        TargetType::Text | TargetType::Varchar { max: None } => StringType::Text,
        TargetType::Citext => StringType::Citext,
        TargetType::Varchar { max: Some(max) } => StringType::Varchar { max: *max },
        TargetType::Char { length } => StringType::Char { length: *length },
        TargetType::Bytea => return Ok(bytes(demand)),
        TargetType::Boolean
        | TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Money
        | TargetType::Json
        | TargetType::Jsonb
        | TargetType::Uuid
        | TargetType::Date
        | TargetType::Time { .. }
        | TargetType::Timetz { .. }
        | TargetType::Timestamp { .. }
        | TargetType::Timestamptz { .. }
        | TargetType::Interval
        | TargetType::Inet
        | TargetType::Cidr
        | TargetType::Macaddr
        | TargetType::Enum { .. }
        | TargetType::Array { .. }
        | TargetType::Other => return Err(Unfit::new(demand)),
    };
    let facts = &demand.facts;
    let [integers, reals, texts, blobs] =
        [StorageClass::Integer, StorageClass::Real, StorageClass::Text, StorageClass::Blob].map(|class| facts.count(class));
    let rules = facts.text_rules;
    let style = if blobs > texts && integers + reals == 0 {
        StringStyle::Blob
    } else if integers + reals > 0 && numbers_in_text(demand) <= integers + reals {
        StringStyle::Number
    } else {
        StringStyle::Text
    };
    let conversion = if to == StringType::Text && style == StringStyle::Text && integers + reals + blobs == 0 {
        Conversion::TextToText(rules)
    } else {
        Conversion::AnyToString { to, style, rules }
    };
    Ok(Fit::new(demand, conversion))
}

/// How many texts would come back as numbers.
fn numbers_in_text(demand: &Demand<'_>) -> u64 {
    let shapes = demand.facts.profile.texts.shapes.iter();
    shapes.filter(|(shape, _)| matches!(shape, crate::value::TextShape::Number(_))).map(|(_, evidence)| evidence.count).sum()
}

fn bytes(demand: &Demand<'_>) -> Fit {
    let facts = &demand.facts;
    let conversion = if facts.only(&[StorageClass::Text]) {
        Conversion::TextToBytea
    } else if facts.count(StorageClass::Text) == 0 {
        Conversion::BlobToBytea
    } else {
        Conversion::AnyToBytea { text: facts.count(StorageClass::Text) > facts.count(StorageClass::Blob) }
    };
    Fit::new(demand, conversion)
}
