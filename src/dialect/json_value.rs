//! Elements of JSON where SQL wants a value: each context takes what SQLite makes of the element's class.

use crate::catalog::Affinity;
use crate::value::Conversion;

use super::compare::{Purpose, comparable};
use super::fault::{Translated, refuse};
use super::scope::ColumnScope;
use super::shim::call as helper;
use super::typed::{Class, Collation, Subtype, Typed};

impl Typed {
    /// An element: its minified text, or NULL.
    pub(super) fn element(sql: impl Into<String>, subtype: Subtype) -> Self {
        Self { element: true, subtype, ..Self::computed(sql, Class::Opaque) }
    }
}

/// What orders and equates elements as SQLite does: numbers first, then texts by their bytes.
pub(super) fn rank(sql: &str) -> String {
    let (number, text) = (helper("json_comparable", &[sql]), helper("json_ranked", &[sql]));
    format!("(CASE WHEN {sql} IS NOT NULL THEN ROW({number}, {text} COLLATE \"C\") END)")
}

/// An element and another value in texts of one type that compare as the values did; the element stands on the left.
pub(super) fn element_pair(element: &Typed, other: &Typed, purpose: Purpose, collation: Collation) -> Translated<(String, String)> {
    if other.element {
        if collation != Collation::Binary {
            return refuse("comparison of two values of JSON", "a collation other than BINARY compares them");
        }
        return Ok((rank(&element.sql), rank(&other.sql)));
    }
    let numeric = matches!(other.affinity, Some(Affinity::Integer | Affinity::Real | Affinity::Numeric));
    let ordered = |sql: String| if purpose == Purpose::Order { format!("{sql} collate \"C\"") } else { sql };
    match other.class {
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric => {
            let function = if numeric { "json_comparable_affine" } else { "json_comparable" };
            if other.affinity == Some(Affinity::Text) {
                return refuse("comparison with a value of JSON", "a number in a text column is compared as a text");
            }
            Ok((helper(function, &[&element.sql]), comparable(other)?))
        }
        Class::Text if numeric => refuse("comparison with a value of JSON", "the other side is a text in a numeric column"),
        Class::Text if other.affinity == Some(Affinity::Text) => {
            let text = helper("json_text", &[&element.sql]);
            Ok((ordered(collation.key(&text)), ordered(collation.key(&other.value()))))
        }
        Class::Text => {
            let other = match other.constant_text() {
                Some(text) => super::constant::text_sql(&collation.key_of(&format!("1{text}"))),
                None => ordered(collation.key(&format!("('1' || {})", other.value()))),
            };
            Ok((ordered(collation.key(&helper("json_ranked", &[&element.sql]))), other))
        }
        Class::Null | Class::Blob | Class::Opaque => {
            refuse("comparison with a value of JSON", "the other side is not certainly a number or a text")
        }
    }
}

/// The element as a column holds it: an error where it is of another class than the column's values.
pub(super) fn into_column(element: &Typed, column: &ColumnScope) -> Translated<String> {
    let affinity = match column.affinity {
        Affinity::Text => "TEXT",
        Affinity::Integer => "INTEGER",
        Affinity::Numeric => "NUMERIC",
        Affinity::Real => "REAL",
        Affinity::Blob => "BLOB",
    };
    let into = |class: &str, pg_type: &str| {
        let value = helper("json_into", &[&element.sql, &format!("'{affinity}'"), &format!("'{class}'")]);
        Ok(format!("{value}{pg_type}"))
    };
    match column.conversion {
        Some(Conversion::TextToText(_)) if column.affinity == Affinity::Text => Ok(helper("json_text", &[&element.sql])),
        Some(Conversion::TextToText(_)) => into("text", ""),
        Some(Conversion::IntegerToBoolean) if column.affinity != Affinity::Text => into("integer", "::boolean"),
        Some(Conversion::IntegerToBigint) if column.affinity != Affinity::Text => into("integer", "::bigint"),
        Some(Conversion::RealToDouble) if column.affinity != Affinity::Text => into("real", "::float8"),
        Some(_) | None => refuse(
            format!("value for column {}", column.source),
            format!("a value of JSON does not certainly fit the column's type {} and the form of its values", column.pg_type),
        ),
    }
}

/// JSON that SQLite wrote as a `json` column holds it.
pub(super) fn into_json(value: &Typed, affinity: Affinity) -> Option<String> {
    let numeric = !matches!(affinity, Affinity::Text | Affinity::Blob);
    (value.class == Class::Text && value.subtype == Subtype::Json)
        .then(|| helper("json_stored", &[&value.value(), if numeric { "true" } else { "false" }]))
}

/// The element as a part of an index's key. The order of a unique index does not matter, that of another one is for speed.
pub(super) fn index_key(element: &Typed, unique: bool) -> String {
    match (&element.native, unique) {
        (_, true) => helper("json_key", &[&element.sql]),
        (Some(native), false) => native.clone(),
        (None, false) => helper("json_text", &[&element.sql]),
    }
}
