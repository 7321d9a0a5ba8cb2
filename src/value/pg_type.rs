//! The PostgreSQL column types that outgrow makes or fills.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ElementType;

/// A PostgreSQL column type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PgType {
    /// `bigint`
    Bigint,
    /// `boolean`
    Boolean,
    /// `double precision`
    DoublePrecision,
    /// `numeric`, of any precision and scale
    Numeric,
    /// `numeric(precision, scale)`
    Decimal {
        /// Digits in all.
        precision: u16,
        /// Digits behind the point; negative where the last digits before it are zeros.
        scale: i16,
    },
    /// `text`
    Text,
    /// `json`
    Json,
    /// `uuid`
    Uuid,
    /// `date`
    Date,
    /// `time without time zone`
    Time,
    /// `timestamp without time zone`
    Timestamp,
    /// `timestamp with time zone`
    Timestamptz,
    /// `bytea`
    Bytea,
    /// `smallint`
    Smallint,
    /// `integer`
    Integer,
    /// `real`
    Real,
    /// `citext`
    Citext,
    /// `character varying(max)`
    Varchar {
        /// Most characters.
        max: u32,
    },
    /// `character(length)`
    Char {
        /// Characters, blanks at the end included.
        length: u32,
    },
    /// `jsonb`
    Jsonb,
    /// `inet`
    Inet,
    /// `cidr`
    Cidr,
    /// `macaddr`
    Macaddr,
    /// An array of one dimension.
    Array(ElementType),
    /// `time with time zone`
    Timetz,
    /// `interval`
    Interval,
}

impl PgType {
    /// Whether its order depends on a collation.
    pub const fn collates(self) -> bool {
        matches!(self, Self::Text | Self::Citext | Self::Varchar { .. } | Self::Char { .. })
    }
}

/// The type as written in DDL.
impl fmt::Display for PgType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bigint => f.pad("bigint"),
            Self::Boolean => f.pad("boolean"),
            Self::DoublePrecision => f.pad("double precision"),
            Self::Numeric => f.pad("numeric"),
            Self::Decimal { precision, scale } => f.pad(&format!("numeric({precision}, {scale})")),
            Self::Text => f.pad("text"),
            Self::Json => f.pad("json"),
            Self::Uuid => f.pad("uuid"),
            Self::Date => f.pad("date"),
            Self::Time => f.pad("time"),
            Self::Timestamp => f.pad("timestamp"),
            Self::Timestamptz => f.pad("timestamptz"),
            Self::Bytea => f.pad("bytea"),
            Self::Smallint => f.pad("smallint"),
            Self::Integer => f.pad("integer"),
            Self::Real => f.pad("real"),
            Self::Citext => f.pad("citext"),
            Self::Varchar { max } => f.pad(&format!("varchar({max})")),
            Self::Char { length } => f.pad(&format!("char({length})")),
            Self::Jsonb => f.pad("jsonb"),
            Self::Inet => f.pad("inet"),
            Self::Cidr => f.pad("cidr"),
            Self::Macaddr => f.pad("macaddr"),
            Self::Array(element) => f.pad(&format!("{element}[]")),
            Self::Timetz => f.pad("timetz"),
            Self::Interval => f.pad("interval"),
        }
    }
}
