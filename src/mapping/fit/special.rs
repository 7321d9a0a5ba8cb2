//! JSON, UUIDs, enumerations, arrays, network addresses, and the types that nothing is converted to.

use super::{Demand, Fit, Unfit};
use crate::catalog::TargetType;
use crate::mapping::counted;
use crate::value::{AddressType, Conversion, ElementType, StorageClass, TextRules, TextShape, UuidForm, UuidLayout, ValueMap};

pub(super) fn fit(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    match &demand.target.pg_type {
        TargetType::Json => Ok(json(demand, false)),
        TargetType::Jsonb => Ok(json(demand, true)),
        TargetType::Uuid => uuid(demand),
        TargetType::Enum { labels } => Ok(enumeration(demand, labels)),
        TargetType::Array { element, element_oid } => match element_type(element, *element_oid) {
            Some(element) => of_texts(demand, Conversion::TextToArray(element)),
            None => Err(refused(
                demand,
                "outgrow fills arrays of text, varchar, smallint, integer, bigint, double precision, boolean and uuid. Make the column jsonb, or leave it out in the policy.",
            )),
        },
        TargetType::Inet => of_texts(demand, Conversion::TextToAddress(AddressType::Inet)),
        TargetType::Cidr => of_texts(demand, Conversion::TextToAddress(AddressType::Cidr)),
        TargetType::Macaddr => of_texts(demand, Conversion::TextToAddress(AddressType::Macaddr)),
        TargetType::Money => {
            Err(refused(demand, "What money holds depends on the server's locale: make the column numeric, or leave it out in the policy."))
        }
        TargetType::Boolean
        | TargetType::Smallint
        | TargetType::Integer
        | TargetType::Bigint
        | TargetType::Real
        | TargetType::DoublePrecision
        | TargetType::Numeric { .. }
        | TargetType::Text
        | TargetType::Citext
        | TargetType::Varchar { .. }
        | TargetType::Char { .. }
        | TargetType::Bytea
        | TargetType::Date
        | TargetType::Time { .. }
        | TargetType::Timetz { .. }
        | TargetType::Timestamp { .. }
        | TargetType::Timestamptz { .. }
        | TargetType::Interval
        | TargetType::Other => Err(refused(
            demand,
            "Load it into a text column and let the application's migration convert it, or leave it out in the policy.",
        )),
    }
}

fn refused(demand: &Demand<'_>, advice: &str) -> Unfit {
    Unfit { reason: format!("outgrow has no conversion to {}", demand.target.written), advice: advice.to_owned() }
}

fn json(demand: &Demand<'_>, binary: bool) -> Fit {
    let facts = &demand.facts;
    let numbers = facts.count(StorageClass::Integer) + facts.count(StorageClass::Real) > 0;
    let only_texts = facts.filled() == facts.count(StorageClass::Text);
    let conversion = if only_texts && !binary { Conversion::TextToJson } else { Conversion::AnyToJson { binary, numbers } };
    Fit::new(demand, conversion)
}

fn uuid(demand: &Demand<'_>) -> Result<Fit, Unfit> {
    let facts = &demand.facts;
    if facts.filled() > 0 && facts.only(&[StorageClass::Integer, StorageClass::Real]) {
        return Err(Unfit::new(demand));
    }
    let layout = demand.uuid_layout;
    if facts.count(StorageClass::Blob) > facts.count(StorageClass::Text) {
        let order = match layout {
            UuidLayout::Rfc => "in the order of their digits",
            UuidLayout::Dotnet => "in .NET's order",
        };
        let cells = format!("{}, as bytes {order}", facts.summary());
        return Ok(Fit::because(demand, Conversion::AnyToUuid { form: None, layout }, &cells));
    }
    let form = facts.commonest_uuid().unwrap_or(UuidForm::Hyphenated);
    let uniform = facts.only(&[StorageClass::Text])
        && facts.profile.texts.shapes.keys().all(|shape| matches!(shape, TextShape::Uuid(single) if form.covers(*single)));
    let conversion = if uniform { Conversion::TextToUuid(form) } else { Conversion::AnyToUuid { form: Some(form), layout } };
    Ok(Fit::new(demand, conversion))
}

fn enumeration(demand: &Demand<'_>, labels: &[String]) -> Fit {
    let cells = format!("{}, {}", demand.facts.summary(), counted(u64::try_from(labels.len()).unwrap_or(u64::MAX), "label"));
    let fit = Fit::because(demand, Conversion::TextToText(TextRules::default()), &cells);
    Fit { values: Some(ValueMap::of_labels(labels)), ..fit }
}

/// A conversion that takes texts only.
fn of_texts(demand: &Demand<'_>, conversion: Conversion) -> Result<Fit, Unfit> {
    let facts = &demand.facts;
    if facts.filled() > 0 && facts.count(StorageClass::Text) == 0 { Err(Unfit::new(demand)) } else { Ok(Fit::new(demand, conversion)) }
}

/// The type of an array's elements, if it is one of those that outgrow fills.
fn element_type(element: &TargetType, oid: u32) -> Option<ElementType> {
    let known = match element {
        TargetType::Text => ElementType::Text,
        TargetType::Varchar { max } => ElementType::Varchar { max: *max },
        TargetType::Smallint => ElementType::Smallint,
        TargetType::Integer => ElementType::Integer,
        TargetType::Bigint => ElementType::Bigint,
        TargetType::DoublePrecision => ElementType::Double,
        TargetType::Boolean => ElementType::Boolean,
        TargetType::Uuid => ElementType::Uuid,
        TargetType::Real
        | TargetType::Numeric { .. }
        | TargetType::Money
        | TargetType::Citext
        | TargetType::Char { .. }
        | TargetType::Bytea
        | TargetType::Json
        | TargetType::Jsonb
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
        | TargetType::Other => return None,
    };
    (known.oid() == oid).then_some(known)
}
