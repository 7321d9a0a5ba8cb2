//! One PostgreSQL type for the branches of a CASE, the arguments of coalesce, the arms of a compound select.

use crate::value::{Conversion, PgType};

use super::constant::Constant;
use super::fault::{Translated, refuse};
use super::json::as_element;
use super::stored::computed_conversion;
use super::typed::{Class, Subtype, Typed};

/// The common type of several expressions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Under which the values are stored, or leave a query.
    pub(super) conversion: Option<Conversion>,
    pub(super) pg_type: PgType,
    /// The class of a computed value; none where the values are stored ones.
    class: Option<Class>,
    zero_one: bool,
    /// The values are elements of JSON.
    pub(super) element: bool,
    /// Whether SQLite marks them as JSON.
    pub(super) subtype: Subtype,
}

impl Kind {
    /// An expression of this type.
    pub(super) fn typed(self, sql: impl Into<String>) -> Typed {
        match self.class {
            None => Typed::stored(sql, self.conversion, self.pg_type),
            Some(_) if self.element => Typed::element(sql, self.subtype),
            Some(class) => Typed { zero_one: self.zero_one, subtype: self.subtype, ..Typed::computed(sql, class) },
        }
    }

    fn computed(class: Class, zero_one: bool) -> Self {
        let conversion = computed_conversion(class);
        Self {
            conversion,
            pg_type: conversion.map_or(PgType::Text, Conversion::pg_type),
            class: Some(class),
            zero_one,
            element: false,
            subtype: Subtype::None,
        }
    }
}

/// Gives each expression's text in the common type.
pub(super) fn unify(items: &[Typed], construct: &str) -> Translated<(Vec<String>, Kind)> {
    let values: Vec<&Typed> = items.iter().filter(|item| item.class != Class::Null).collect();
    let Some(first) = values.first() else {
        return Ok((items.iter().map(|_| "NULL::text".to_owned()).collect(), Kind::computed(Class::Null, false)));
    };
    if let Some(stored) = &first.stored {
        let same = |item: &&Typed| {
            item.stored.as_ref().is_some_and(|other| other.conversion == stored.conversion && other.pg_type == stored.pg_type)
        };
        if values.iter().all(same) && (stored.conversion.is_some() || values.len() == 1) {
            let texts = items.iter().map(|item| item.stored.as_ref().map_or("NULL".to_owned(), |stored| stored.sql.clone())).collect();
            return Ok((
                texts,
                Kind {
                    conversion: stored.conversion,
                    pg_type: stored.pg_type,
                    class: None,
                    zero_one: false,
                    element: false,
                    subtype: Subtype::None,
                },
            ));
        }
    }
    let subtype = first.subtype;
    let subtype = if values.iter().all(|item| item.subtype == subtype) { subtype } else { Subtype::Unknown };
    if values.iter().any(|item| item.element) {
        let texts = items.iter().map(|item| as_element(item, construct)).collect::<Translated<Vec<_>>>()?;
        return Ok((texts, Kind { element: true, subtype, ..Kind::computed(Class::Opaque, false) }));
    }
    let class = common_class(&values, construct)?;
    let zero_one = values.iter().all(|item| item.zero_one);
    let texts = items.iter().map(|item| as_class(item, class, construct)).collect::<Translated<Vec<_>>>()?;
    Ok((texts, Kind { subtype, ..Kind::computed(class, zero_one) }))
}

fn common_class(values: &[&Typed], construct: &str) -> Translated<Class> {
    let all = |allowed: &[Class]| values.iter().all(|item| allowed.contains(&item.class));
    let small = |item: &&Typed| item.class != Class::Integer || item.constant_integer().is_some_and(|value| value.unsigned_abs() < 1 << 51);
    if all(&[Class::Integer, Class::Condition]) {
        Ok(Class::Integer)
    } else if all(&[Class::Real]) {
        Ok(Class::Real)
    } else if all(&[Class::NumberDouble, Class::Integer, Class::Condition]) && values.iter().all(small) {
        // A real beside an integer may be integral, and would be taken for one: `numeric` tells them apart.
        Ok(Class::NumberDouble)
    } else if all(&[Class::NumberNumeric, Class::NumberDouble, Class::Real, Class::Integer, Class::Condition]) {
        Ok(Class::NumberNumeric)
    } else if all(&[Class::Text]) {
        Ok(Class::Text)
    } else if all(&[Class::Blob]) {
        Ok(Class::Blob)
    } else {
        refuse(construct, "its values are of different storage classes, and a PostgreSQL expression has one type")
    }
}

fn as_class(item: &Typed, class: Class, construct: &str) -> Translated<String> {
    let cast = |name: &str| match (item.class, &item.constant) {
        (Class::Null, _) => format!("NULL::{name}"),
        (Class::Real, Some(Constant::Real(_))) => item.sql.clone(),
        (Class::Condition, _) => format!("({})::int::{name}", item.sql),
        _ => format!("{}::{name}", item.sql),
    };
    match class {
        Class::NumberDouble => Ok(cast("float8")),
        Class::NumberNumeric => item.number(construct),
        Class::Integer | Class::Condition if item.class == Class::Null => Ok("NULL::bigint".to_owned()),
        Class::Null | Class::Condition | Class::Integer | Class::Real | Class::Text | Class::Blob | Class::Opaque => Ok(item.value()),
    }
}
