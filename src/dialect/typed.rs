//! A translated expression with what is known of its value.

use crate::catalog::Affinity;
use crate::value::{Conversion, PgType};

use super::constant::Constant;
use super::fault::{Translated, refuse};
use super::shim::call;

/// The static class of an expression's SQLite value, and with it the type of its PostgreSQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Always NULL.
    Null,
    /// 0, 1 or NULL; a PostgreSQL `boolean`.
    Condition,
    /// An integer; `bigint`.
    Integer,
    /// A real; `double precision`.
    Real,
    /// An integer or a real; `double precision`.
    NumberDouble,
    /// An integer or a real; `numeric`.
    NumberNumeric,
    /// Text; `text`.
    Text,
    /// A blob; `bytea`.
    Blob,
    /// A value whose class is not known: it can only be passed on.
    Opaque,
}

/// Whether SQLite marks a text as JSON, so that functions that make JSON take it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subtype {
    /// It is a text like any other.
    None,
    /// It is JSON.
    Json,
    /// It is JSON where it is an array or an object.
    Nested,
    /// It depends on how SQLite computes it.
    Unknown,
}

impl Subtype {
    /// What is left of the mark where versions of SQLite, or rows, differ in keeping it.
    pub(super) fn unsure(self) -> Self {
        if self == Self::None { Self::None } else { Self::Unknown }
    }
}

/// A collation that SQLite has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collation {
    Binary,
    Nocase,
    Rtrim,
}

impl Collation {
    pub(super) fn named(name: &str) -> Translated<Self> {
        match name.to_ascii_uppercase().as_str() {
            "BINARY" => Ok(Self::Binary),
            "NOCASE" => Ok(Self::Nocase),
            "RTRIM" => Ok(Self::Rtrim),
            other => refuse(format!("COLLATE {other}"), "the application defines this collation"),
        }
    }

    /// The text under which equal means equal in this collation.
    pub(super) fn key(self, sql: &str) -> String {
        match self {
            Self::Binary => sql.to_owned(),
            // Under "C" only the ASCII letters have cases: exactly NOCASE.
            Self::Nocase => format!("lower({sql} collate \"C\")"),
            Self::Rtrim => format!("rtrim({sql}, ' ')"),
        }
    }

    /// The key of a text that is known.
    pub(super) fn key_of(self, text: &str) -> String {
        match self {
            Self::Binary => text.to_owned(),
            Self::Nocase => text.to_ascii_lowercase(),
            Self::Rtrim => text.trim_end_matches(' ').to_owned(),
        }
    }
}

/// A value as a column of the target holds it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) sql: String,
    pub(super) conversion: Option<Conversion>,
    pub(super) pg_type: PgType,
}

/// A translated expression.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the value")]
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// The value that SQLite had, as an atom: it can be cast or be an operand without parentheses.
    pub(super) sql: String,
    pub(super) class: Class,
    /// The affinity of a column or a CAST.
    pub(super) affinity: Option<Affinity>,
    pub(super) collation: Option<Collation>,
    /// Whether the collation comes from a COLLATE operator.
    pub(super) explicit_collation: bool,
    /// The same value as the target's columns hold it.
    pub(super) stored: Option<Stored>,
    pub(super) constant: Option<Constant>,
    /// An integer that is 0 or 1 (or NULL).
    pub(super) zero_one: bool,
    /// The integer that the text is the decimal form of.
    pub(super) integer_text: Option<String>,
    /// Certainly not NULL.
    pub(super) never_null: bool,
    /// A text that certainly does not look like a number.
    pub(super) worded: bool,
    /// A column of a query or a view: a text of it may have another collation than the columns of tables have.
    pub(super) derived: bool,
    /// An element of JSON: the SQL is its minified text, and its class is told row by row.
    pub(super) element: bool,
    /// Whether SQLite marks it as JSON.
    pub(super) subtype: Subtype,
    /// The same element in PostgreSQL's own operators.
    pub(super) native: Option<String>,
}

impl Typed {
    /// A value that is computed.
    pub(super) fn computed(sql: impl Into<String>, class: Class) -> Self {
        Self {
            sql: sql.into(),
            class,
            affinity: None,
            collation: None,
            explicit_collation: false,
            stored: None,
            constant: None,
            zero_one: class == Class::Condition,
            integer_text: None,
            never_null: false,
            worded: false,
            derived: false,
            element: false,
            subtype: Subtype::None,
            native: None,
        }
    }

    /// NULL.
    pub(super) fn null() -> Self {
        Self::computed("NULL", Class::Null)
    }

    /// A literal.
    pub(super) fn constant(constant: Constant) -> Self {
        let class = match &constant {
            Constant::Integer(_) => Class::Integer,
            Constant::Real(_) => Class::Real,
            Constant::Text(_) => Class::Text,
            Constant::Blob(_) => Class::Blob,
        };
        let zero_one = matches!(constant, Constant::Integer(0 | 1));
        Self { constant: Some(constant.clone()), zero_one, never_null: true, ..Self::computed(constant.sql(), class) }
    }

    /// The constant text, if it is one.
    pub(super) fn constant_text(&self) -> Option<&str> {
        if let Some(Constant::Text(text)) = &self.constant { Some(text) } else { None }
    }

    /// The constant integer, if it is one.
    pub(super) fn constant_integer(&self) -> Option<i64> {
        if let Some(Constant::Integer(value)) = &self.constant { Some(*value) } else { None }
    }

    /// The conversion under which the value is stored, if it is.
    pub(super) fn conversion(&self) -> Option<Conversion> {
        self.stored.as_ref().and_then(|stored| stored.conversion)
    }

    /// The value as SQLite had it, of a definite PostgreSQL type.
    pub(super) fn value(&self) -> String {
        match (self.class, &self.constant) {
            (Class::Condition, _) => format!("({})::int::bigint", self.sql),
            (Class::Integer, Some(_)) if !self.sql.ends_with("::bigint") => format!("{}::bigint", self.sql),
            (Class::Text, Some(_)) => format!("{}::text", self.sql),
            _ => self.sql.clone(),
        }
    }

    /// The value as a condition.
    pub(super) fn condition(&self) -> Translated<String> {
        match (self.class, &self.constant) {
            (Class::Null, _) => Ok("NULL::boolean".to_owned()),
            (Class::Condition, _) => Ok(self.sql.clone()),
            (Class::Integer, Some(Constant::Integer(value))) => Ok(if *value == 0 { "false" } else { "true" }.to_owned()),
            (Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric, _) => Ok(format!("({} <> 0)", self.sql)),
            (Class::Text | Class::Blob, _) => Ok(format!("({} <> 0)", call("real_of_text", &[&self.digits()]))),
            (Class::Opaque, _) if self.element => Ok(format!("({} <> 0)", call("json_real", &[&self.sql]))),
            (Class::Opaque, _) => refuse("truth of a value that is no number", "the class differs from cell to cell"),
        }
    }

    /// A text, or the bytes of a blob as one, from whose beginning a number is read. Bytes that are no ASCII are written with
    /// a backslash, which ends a number.
    pub(super) fn digits(&self) -> String {
        if self.class == Class::Blob { format!("encode({}, 'escape')", self.sql) } else { self.value() }
    }

    /// The value as an integer, where it certainly is one.
    pub(super) fn integer(&self) -> Option<String> {
        match self.class {
            Class::Integer | Class::Condition => Some(self.value()),
            Class::Null | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Text | Class::Blob | Class::Opaque => None,
        }
    }

    /// The value as a `double precision`, as SQLite makes one of it.
    pub(super) fn real(&self, construct: &str) -> Translated<String> {
        match self.class {
            Class::Null => Ok("NULL::float8".to_owned()),
            Class::Condition | Class::Integer => Ok(format!("{}::float8", self.value())),
            Class::Real | Class::NumberDouble => Ok(self.sql.clone()),
            Class::NumberNumeric => Ok(format!("{}::float8", self.sql)),
            Class::Text | Class::Blob => Ok(call("real_of_text", &[&self.digits()])),
            Class::Opaque if self.element => Ok(call("json_real", &[&self.sql])),
            Class::Opaque => refuse(construct, "a value that is not certainly a number or a text is made into a number"),
        }
    }

    /// The value as a `numeric` that keeps its class: one of scale 0 is an integer, any other a real.
    pub(super) fn number(&self, construct: &str) -> Translated<String> {
        match self.class {
            Class::Null => Ok("NULL::numeric".to_owned()),
            Class::Condition | Class::Integer => Ok(format!("{}::numeric", self.value())),
            Class::Real => Ok(call("number_of_real", &[&self.sql])),
            Class::NumberDouble => Ok(call("number_of_double", &[&self.sql])),
            Class::NumberNumeric if self.is_decimal() => Ok(call("number_of_decimal", &[&self.sql])),
            Class::NumberNumeric => Ok(self.sql.clone()),
            Class::Text => Ok(call("number_of_text", &[&self.value()])),
            // An integer with a NUL behind it is a real number to SQLite.
            Class::Blob => Ok(call("number_of_text", &[&format!("replace({}, '\\000', '.x')", self.digits())])),
            Class::Opaque if self.element => Ok(call("json_number", &[&self.sql])),
            Class::Opaque => refuse(construct, "a value that is not certainly a number or a text is made into a number"),
        }
    }

    /// The value as a `bigint`, as SQLite makes one of it.
    pub(super) fn whole(&self, construct: &str) -> Translated<String> {
        match self.class {
            Class::Null => Ok("NULL::bigint".to_owned()),
            Class::Condition | Class::Integer => Ok(self.value()),
            Class::Real | Class::NumberDouble => Ok(call("integer_of_real", &[&self.sql])),
            Class::NumberNumeric => Ok(call("integer_of_number", &[&self.number(construct)?])),
            Class::Text | Class::Blob => Ok(call("integer_of_text", &[&self.digits()])),
            Class::Opaque if self.element => Ok(call("json_integer", &[&self.sql])),
            Class::Opaque => refuse(construct, "a value that is not certainly a number or a text is made into a number"),
        }
    }

    /// Whether the value stands in a column whose decimals have a fixed scale, integers too.
    pub(super) fn is_decimal(&self) -> bool {
        matches!(self.conversion(), Some(Conversion::NumberToDecimal { .. }))
    }

    /// The value as SQLite turns it into text.
    pub(super) fn text(&self, construct: &str) -> Translated<String> {
        match self.class {
            Class::Null => Ok("NULL::text".to_owned()),
            Class::Text => Ok(self.value()),
            Class::Integer => match self.constant_integer() {
                Some(value) => Ok(format!("'{value}'::text")),
                None => Ok(format!("{}::text", self.sql)),
            },
            Class::Condition => Ok(format!("({})::int::text", self.sql)),
            Class::Real => Ok(call("real_text", &[&self.sql])),
            Class::NumberDouble | Class::NumberNumeric => Ok(call("number_text", &[&self.number(construct)?])),
            Class::Blob => refuse(construct, "a blob is made into text"),
            Class::Opaque if self.element => Ok(call("json_text", &[&self.sql])),
            Class::Opaque => refuse(construct, "the class of the value is not known"),
        }
    }

    /// Whether it is a text that PostgreSQL may order by another collation than "C".
    pub(super) fn is_uncollated(&self) -> bool {
        self.class == Class::Text && (self.derived || !matches!(self.conversion(), Some(Conversion::TextToText(_))))
    }

    /// Whether SQLite would certainly not take the text for a number.
    pub(super) fn never_numeric(&self) -> bool {
        if let Some(text) = self.constant_text() {
            return super::constant::number(text).is_none();
        }
        if self.worded {
            return true;
        }
        match self.conversion() {
            Some(
                Conversion::TextToDate | Conversion::TextToTime(_) | Conversion::TextToTimestamp(_) | Conversion::TextToTimestamptz(_),
            ) => true,
            Some(_) | None => false,
        }
    }
}
