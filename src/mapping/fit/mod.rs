//! How a column comes across into a column that is there already: the target's type rules.
//!
//! [`fit`] goes by the target's type, and each family of types has its file. Within it the profile of the source's
//! cells decides: a column of one form gets the conversion that carries it exactly; cells that the chosen conversion
//! does not carry are counted before a row is loaded, by settling every one of them.
//!
//! Never does I/O.

mod moment;
mod number;
mod special;
#[cfg(test)]
mod tests;
mod text;

use super::Facts;
use crate::catalog::{TargetColumn, TargetType};
use crate::value::{Conversion, UuidLayout, ValueMap};

/// A column of the source, and the column of the target that is to take its cells.
#[derive(Debug, Clone, Copy)]
pub struct Demand<'a> {
    /// The column of the source.
    pub facts: Facts<'a>,
    /// The column of the target.
    pub target: &'a TargetColumn,
    /// The order of bytes of UUIDs in blobs.
    pub uuid_layout: UuidLayout,
    /// Whether the policy has an empty text become NULL where the target's type has no empty text.
    pub empty_is_null: bool,
}

/// How the column comes across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The conversion, whose wire form is that of the target's type.
    pub conversion: Conversion,
    /// The labels, where the target's type is an enumeration.
    pub values: Option<ValueMap>,
    /// Whether an empty text becomes NULL.
    pub empty_is_null: bool,
    /// Why, with counts: `18 integers, all 0 or 1 → boolean`.
    pub because: String,
}

/// Why a column of the source has no conversion to the type of the target's column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// `3 blobs, and an integer takes none`
    pub reason: String,
    /// What to do.
    pub advice: String,
}

/// Chooses the conversion to the target's type.
pub fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    match &demand.target.pg_type {
        TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Boolean => number::fit(demand),
        TargetType::Text | TargetType::Citext | TargetType::Varchar { .. } | TargetType::Char { .. } | TargetType::Bytea => {
            text::fit(demand)
        }
        TargetType::Date
        | TargetType::Time { .. }
        | TargetType::Timetz { .. }
        | TargetType::Timestamp { .. }
        | TargetType::Timestamptz { .. }
        | TargetType::Interval => moment::fit(demand),
        TargetType::Json
        | TargetType::Jsonb
        | TargetType::Uuid
        | TargetType::Inet
        | TargetType::Cidr
        | TargetType::Macaddr
        | TargetType::Enum { .. }
        | TargetType::Array { .. }
        | TargetType::Money
        | TargetType::Other => special::fit(demand),
    }
}

impl Fit {
    fn new(demand: &Demand<'_>, conversion: Conversion) -> Self {
        Self::because(demand, conversion, &demand.facts.summary())
    }

    /// With what the cells are.
    fn because(demand: &Demand<'_>, conversion: Conversion, cells: &str) -> Self {
        // Only strings and bytes have an empty value of their own.
        let empty_is_null = demand.empty_is_null
            && !matches!(
                demand.target.pg_type,
                TargetType::Text | TargetType::Citext | TargetType::Varchar { .. } | TargetType::Char { .. } | TargetType::Bytea
            );
        Self { conversion, values: None, empty_is_null, because: format!("{cells} → {}", demand.target.written) }
    }
}

impl Unfit {
    fn new(demand: &Demand<'_>) -> Self {
        Self {
            reason: format!("{} have no conversion to {}", demand.facts.summary(), demand.target.written),
            advice: "Load the column into one of another type, or leave it out in the policy.".to_owned(),
        }
    }
}
