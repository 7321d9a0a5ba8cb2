//! JSON, UUIDs, enumerations, arrays, network addresses.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::value::{Conversion, TextRules, TextShape, ValueMap};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let conversion = match (&demand.target.pg_type, demand.facts.only_shape()) {
        (TargetType::Json, _) => Conversion::TextToJson,
        (TargetType::Uuid, Some(TextShape::Uuid(form))) => Conversion::TextToUuid(form),
        (TargetType::Enum { labels }, _) => {
            let fit = Fit::new(demand, Conversion::TextToText(TextRules::default()));
            return Ok(Fit { values: Some(ValueMap::of_labels(labels)), ..fit });
        }
        _ => return Err(Unfit::new(demand)),
    };
    Ok(Fit::new(demand, conversion))
}
