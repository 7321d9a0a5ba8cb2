//! What a declared type means to say, whatever SQLite makes of it.

use serde::{Deserialize, Serialize};

/// What the author of a schema wanted a column to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// `INTEGER`, `BIGINT`, `TINYINT` …
    Integer,
    /// `BOOLEAN`, `BOOL`, `BIT`, `TINYINT(1)`.
    Boolean,
    /// `REAL`, `FLOAT`, `DOUBLE PRECISION`.
    Real,
    /// `DECIMAL`, `NUMERIC`, `NUMBER`, `MONEY`, with or without precision and scale.
    Decimal {
        /// Digits in all and behind the point, where the declaration gives them.
        limits: Option<(u8, u8)>,
    },
    /// `TEXT`, `VARCHAR(n)`, `CLOB`, `STRING` …
    Text,
    /// `BLOB`, `BINARY`, `BYTEA`.
    Blob,
    /// `DATE`.
    Date,
    /// `TIME`.
    Time,
    /// `DATETIME`, `TIMESTAMP` and their variants.
    Timestamp,
    /// `JSON`, `JSONB`.
    Json,
    /// `UUID`, `GUID`, `UNIQUEIDENTIFIER`.
    Uuid,
    /// No type, or one that says nothing.
    Any,
}

impl Intent {
    /// Reads a declared type.
    pub fn of_declared(declared: &str) -> Self {
        let (name, arguments) = split(declared);
        match name.as_str() {
            "BOOLEAN" | "BOOL" | "BIT" => Self::Boolean,
            "TINYINT" if arguments == [1] => Self::Boolean,
            "DATE" => Self::Date,
            "JSON" | "JSONB" => Self::Json,
            "UUID" | "GUID" | "UNIQUEIDENTIFIER" => Self::Uuid,
            "DECIMAL" | "NUMERIC" | "DEC" | "NUMBER" | "MONEY" | "SMALLMONEY" => Self::Decimal { limits: limits(&arguments) },
            "TIME" | "TIME WITHOUT TIME ZONE" => Self::Time,
            "STRING" => Self::Text,
            "" | "ANY" => Self::Any,
            _ if name.starts_with("DATETIME") || name.starts_with("TIMESTAMP") => Self::Timestamp,
            _ if name.contains("BINARY") || name.contains("BLOB") || name.contains("BYTE") => Self::Blob,
            _ if name.contains("INT") || name.contains("SERIAL") => Self::Integer,
            _ if ["CHAR", "CLOB", "TEXT"].iter().any(|word| name.contains(word)) => Self::Text,
            _ if ["REAL", "FLOA", "DOUB"].iter().any(|word| name.contains(word)) => Self::Real,
            _ => Self::Any,
        }
    }
}

/// The upper-case type name with single spaces, and the numbers in its parentheses.
fn split(declared: &str) -> (String, Vec<u32>) {
    let upper = declared.to_ascii_uppercase();
    let (name, arguments) = match upper.split_once('(') {
        Some((name, rest)) => (name, rest.trim_end().trim_end_matches(')')),
        None => (upper.as_str(), ""),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (name, arguments.split(',').filter_map(|argument| argument.trim().parse().ok()).collect())
}

/// Precision and scale, where `double` arithmetic carries every value of that width exactly.
fn limits(arguments: &[u32]) -> Option<(u8, u8)> {
    let precision = u8::try_from(*arguments.first()?).ok()?;
    let scale = u8::try_from(arguments.get(1).copied().unwrap_or(0)).ok()?;
    ((1..=15).contains(&precision) && scale <= precision).then_some((precision, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_say_what_they_mean() {
        for (declared, intent) in [
            ("INTEGER", Intent::Integer),
            ("unsigned big int", Intent::Integer),
            ("tinyint(1)", Intent::Boolean),
            ("tinyint(4)", Intent::Integer),
            ("bool", Intent::Boolean),
            ("varchar(255)", Intent::Text),
            ("datetime", Intent::Timestamp),
            ("DATETIME(6)", Intent::Timestamp),
            ("timestamp with  time zone", Intent::Timestamp),
            ("DATE", Intent::Date),
            ("decimal(10, 2)", Intent::Decimal { limits: Some((10, 2)) }),
            ("numeric", Intent::Decimal { limits: None }),
            ("DECIMAL(30,10)", Intent::Decimal { limits: None }),
            ("decimal(5,7)", Intent::Decimal { limits: None }),
            ("varbinary(16)", Intent::Blob),
            ("", Intent::Any),
            ("POLYGON", Intent::Any),
            ("double precision", Intent::Real),
            ("uuid", Intent::Uuid),
        ] {
            assert_eq!(Intent::of_declared(declared), intent, "{declared}");
        }
    }
}
