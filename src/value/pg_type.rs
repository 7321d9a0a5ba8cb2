//! The PostgreSQL column types that outgrow makes.

use std::fmt;

use serde::{Deserialize, Serialize};

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
        precision: u8,
        /// Digits behind the point.
        scale: u8,
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
    /// `time with time zone`
    Timetz,
    /// `interval`
    Interval,
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
            Self::Timetz => f.pad("timetz"),
            Self::Interval => f.pad("interval"),
        }
    }
}
