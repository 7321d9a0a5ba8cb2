//! A JSON text as the elements of an array of one dimension.
//!
//! Never used by the decoder.

use super::json_tree::{Json, read};
use super::plain::Plain;
use super::{ElementType, Reason, uuid_bytes};

/// Most elements: PostgreSQL's own bound (`MaxArraySize`).
const ELEMENTS_MAX: usize = 0x07ff_ffff;

/// An element as its type holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    Null,
    Text(String),
    Integer(i64),
    Real(f64),
    Boolean(bool),
    Uuid([u8; 16]),
}

/// The elements of a JSON array, each of which must be of the type.
pub(super) fn elements(kind: ElementType, text: &[u8]) -> Result<Vec<Element>, Reason> {
    let Json::Array(items) = read(text)? else { return Err(Reason::OtherForm) };
    if items.len() > ELEMENTS_MAX {
        return Err(Reason::TooLarge);
    }
    items.into_iter().map(|item| element(kind, item)).collect()
}

fn element(kind: ElementType, item: Json<'_>) -> Result<Element, Reason> {
    match (kind, item) {
        (_, Json::Null) => Ok(Element::Null),
        (ElementType::Text | ElementType::Varchar { max: None }, Json::String(text)) => Ok(Element::Text(text)),
        (ElementType::Varchar { max: Some(max) }, Json::String(text)) => {
            let room = usize::try_from(max).unwrap_or(usize::MAX);
            if text.chars().nth(room).is_some() { Err(Reason::TooLong) } else { Ok(Element::Text(text)) }
        }
        (ElementType::Smallint, Json::Number(digits)) => integer(digits, i16::MIN.into(), i16::MAX.into()),
        (ElementType::Integer, Json::Number(digits)) => integer(digits, i32::MIN.into(), i32::MAX.into()),
        (ElementType::Bigint, Json::Number(digits)) => integer(digits, i64::MIN, i64::MAX),
        (ElementType::Double, Json::Number(digits)) => {
            let plain = Plain::read(digits.as_bytes())?;
            if plain.nearest_real().is_none() {
                return Err(Reason::OutOfRange);
            }
            plain.to_real().map(Element::Real).ok_or(Reason::TooPrecise)
        }
        (ElementType::Boolean, Json::Boolean(value)) => Ok(Element::Boolean(value)),
        (ElementType::Uuid, Json::String(text)) => uuid_bytes::read(text.as_bytes()).map(Element::Uuid).ok_or(Reason::OtherForm),
        (
            ElementType::Text
            | ElementType::Varchar { .. }
            | ElementType::Smallint
            | ElementType::Integer
            | ElementType::Bigint
            | ElementType::Double
            | ElementType::Boolean
            | ElementType::Uuid,
            Json::Boolean(_) | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_),
        ) => Err(Reason::OtherForm),
    }
}

fn integer(digits: &str, least: i64, most: i64) -> Result<Element, Reason> {
    let plain = Plain::read(digits.as_bytes())?;
    if plain.clone().rescale(0).is_none() {
        return Err(Reason::TooPrecise);
    }
    plain.to_integer().filter(|number| (least..=most).contains(number)).map(Element::Integer).ok_or(Reason::OutOfRange)
}
