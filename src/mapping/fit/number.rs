//! Numbers and booleans.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::value::{Conversion, StorageClass};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let conversion = match &demand.target.pg_type {
        TargetType::Bigint => Conversion::IntegerToBigint,
        TargetType::Boolean => Conversion::IntegerToBoolean,
        TargetType::DoublePrecision if demand.facts.only(&[StorageClass::Real]) => Conversion::RealToDouble,
        TargetType::DoublePrecision => Conversion::NumberToDouble,
        TargetType::Numeric { limits: None } => Conversion::NumberToNumeric,
        TargetType::Smallint
        | TargetType::Integer
        | TargetType::Real
        | TargetType::Numeric { .. }
        | TargetType::Money
        | TargetType::Text
        | TargetType::Citext
        | TargetType::Varchar { .. }
        | TargetType::Char { .. }
        | TargetType::Bytea
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
