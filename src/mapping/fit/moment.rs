//! Dates, times, moments and durations.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::value::{Conversion, TextShape};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let conversion = match (&demand.target.pg_type, demand.facts.only_shape()) {
        (TargetType::Date, Some(TextShape::Date)) => Conversion::TextToDate,
        (TargetType::Timestamp { digits: 6 }, Some(TextShape::Timestamp(form))) => Conversion::TextToTimestamp(form),
        _ => return Err(Unfit::new(demand)),
    };
    Ok(Fit::new(demand, conversion))
}
