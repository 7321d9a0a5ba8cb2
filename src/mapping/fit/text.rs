//! Texts and bytes.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::value::{Conversion, StorageClass};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let conversion = match &demand.target.pg_type {
        TargetType::Text | TargetType::Citext | TargetType::Varchar { max: None } => Conversion::TextToText(demand.facts.text_rules),
        TargetType::Bytea if demand.facts.only(&[StorageClass::Text]) => Conversion::TextToBytea,
        TargetType::Bytea => Conversion::BlobToBytea,
        TargetType::Boolean
        | TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Money
        | TargetType::Varchar { .. }
        | TargetType::Char { .. }
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
    Ok(Fit::new(demand, conversion))
}
