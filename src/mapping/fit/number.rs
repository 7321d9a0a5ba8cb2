//! Numbers and booleans.

use super::{Demand, Fit, Unfit};
use crate::catalog::{Affinity, TargetType};
use crate::mapping::{Facts, counted};
use crate::value::{BooleanForm, Conversion, NumberForm, NumberStyle, NumberType, StorageClass, TextShape};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let facts = &demand.facts;
    if facts.only(&[StorageClass::Blob]) {
        return Err(Unfit::new(demand));
    }
    let to = match &demand.target.pg_type {
        TargetType::Boolean => return Ok(boolean(demand)),
        TargetType::Smallint => NumberType::Smallint,
        TargetType::Integer => NumberType::Integer,
        TargetType::Bigint => NumberType::Bigint,
        TargetType::Real => NumberType::Real,
        TargetType::DoublePrecision => NumberType::Double,
        TargetType::Numeric { limits: None } => NumberType::Numeric { infinities: facts.numeric_infinity },
        TargetType::Numeric { limits: Some((precision, scale)) } => NumberType::Decimal { precision: *precision, scale: *scale },
        TargetType::Money
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
    let conversion = match to {
        NumberType::Bigint if facts.only(&[StorageClass::Integer]) => Conversion::IntegerToBigint,
        NumberType::Double if facts.only(&[StorageClass::Real]) => Conversion::RealToDouble,
        NumberType::Smallint
        | NumberType::Integer
        | NumberType::Bigint
        | NumberType::Real
        | NumberType::Double
        | NumberType::Numeric { .. }
        | NumberType::Decimal { .. } => Conversion::AnyToNumber { to, style: style(facts, to) },
    };
    Ok(Fit::new(demand, conversion))
}

/// The style of the commonest cells.
fn style(facts: &Facts<'_>, to: NumberType) -> NumberStyle {
    let (integers, reals, texts) = (facts.count(StorageClass::Integer), facts.count(StorageClass::Real), facts.count(StorageClass::Text));
    if texts > integers + reals {
        // A number with more zeros than it needs is no `Number` shape.
        let shape = |shape| facts.profile.texts.shapes.get(&TextShape::Number(shape)).map_or(0, |evidence| evidence.count);
        let canonical = shape(NumberForm::Integer) + shape(NumberForm::Real);
        return if canonical == texts { NumberStyle::TrimmedText } else { NumberStyle::Text };
    }
    if facts.numeric_affinity() || reals == 0 {
        return NumberStyle::Affine;
    }
    if to == NumberType::Real && integers == 0 && facts.profile.reals.singles == reals {
        return NumberStyle::Widened;
    }
    if facts.column.affinity == Affinity::Real || integers == 0 {
        return NumberStyle::Real;
    }
    // Both classes, as the application has written them.
    if matches!(to, NumberType::Numeric { .. }) { NumberStyle::ByScale } else { NumberStyle::Affine }
}

fn boolean(demand: &Demand<'_>) -> Fit {
    let facts = &demand.facts;
    let integers = facts.count(StorageClass::Integer);
    let not_boolean = facts.profile.integers.not_boolean.count;
    if facts.only(&[StorageClass::Integer]) {
        let others =
            if not_boolean == 0 { "all 0 or 1".to_owned() } else { format!("{} other than 0 and 1", counted(not_boolean, "integer")) };
        return Fit::because(demand, Conversion::IntegerToBoolean, &format!("{}, {others}", facts.summary()));
    }
    let texts = facts.profile.texts.booleans.iter().map(|(form, count)| (*form, *count));
    let forms = texts.chain([(BooleanForm::Integer, integers - not_boolean)]).filter(|(_, count)| *count > 0);
    let commonest = forms.max_by_key(|(form, count)| (*count, std::cmp::Reverse(*form)));
    match commonest {
        None | Some((BooleanForm::Integer, _)) => Fit::new(demand, Conversion::AnyToBoolean(BooleanForm::Integer)),
        Some((form, count)) => {
            let [yes, no] = form.words().unwrap_or(["1", "0"]);
            let cells = format!("{}, {count} of them `{yes}` or `{no}`", facts.summary());
            Fit::because(demand, Conversion::AnyToBoolean(form), &cells)
        }
    }
}
