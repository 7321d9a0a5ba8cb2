//! From the server's names of types to ours.

use crate::catalog::TargetType;

/// A type as the server's catalog has it.
#[derive(Debug)]
pub(super) struct Written<'a> {
    /// Its schema.
    pub(super) schema: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// `pg_type.typtype`
    pub(super) kind: &'a str,
    /// `pg_attribute.atttypmod`, that of the domain where it is one; −1 is none.
    pub(super) modifier: i32,
    /// The labels, of an enumeration.
    pub(super) labels: &'a [String],
}

/// What PostgreSQL adds to a length or a precision when it stores it.
const OFFSET: i32 = 4;

impl Written<'_> {
    /// The type.
    pub(super) fn pg_type(&self) -> TargetType {
        if self.kind == "e" {
            return TargetType::Enum { labels: self.labels.to_vec() };
        }
        if self.name == "citext" {
            return TargetType::Citext;
        }
        if self.schema != "pg_catalog" {
            return TargetType::Other;
        }
        let digits = u8::try_from(self.modifier).unwrap_or(6);
        let characters = u32::try_from(self.modifier - OFFSET).ok();
        match self.name {
            "bool" => TargetType::Boolean,
            "int2" => TargetType::Smallint,
            "int4" => TargetType::Integer,
            "int8" => TargetType::Bigint,
            "float4" => TargetType::Real,
            "float8" => TargetType::DoublePrecision,
            "numeric" => TargetType::Numeric { limits: limits(self.modifier) },
            "money" => TargetType::Money,
            "text" => TargetType::Text,
            "varchar" => TargetType::Varchar { max: characters.filter(|_| self.modifier >= 0) },
            "bpchar" if self.modifier >= 0 => TargetType::Char { length: characters.unwrap_or(1) },
            "bytea" => TargetType::Bytea,
            "json" => TargetType::Json,
            "jsonb" => TargetType::Jsonb,
            "uuid" => TargetType::Uuid,
            "date" => TargetType::Date,
            "time" => TargetType::Time { digits },
            "timetz" => TargetType::Timetz { digits },
            "timestamp" => TargetType::Timestamp { digits },
            "timestamptz" => TargetType::Timestamptz { digits },
            "interval" => TargetType::Interval,
            "inet" => TargetType::Inet,
            "cidr" => TargetType::Cidr,
            "macaddr" => TargetType::Macaddr,
            _ => TargetType::Other,
        }
    }
}

/// Precision and scale of a `numeric`: sixteen bits each; of the scale, eleven count, with a sign.
fn limits(modifier: i32) -> Option<(u16, i16)> {
    let packed = u32::try_from(modifier - OFFSET).ok().filter(|_| modifier >= 0)?;
    let precision = u16::try_from(packed >> 16).ok()?;
    let scale = i16::try_from(packed & 0x7ff).ok()?;
    Some((precision, if scale >= 0x400 { scale - 0x800 } else { scale }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, modifier: i32) -> TargetType {
        Written { schema: "pg_catalog", name, kind: "b", modifier, labels: &[] }.pg_type()
    }

    #[test]
    fn modifiers_are_read_as_the_server_packs_them() {
        assert_eq!(of("varchar", 36), TargetType::Varchar { max: Some(32) });
        assert_eq!(of("varchar", -1), TargetType::Varchar { max: None });
        assert_eq!(of("bpchar", 5), TargetType::Char { length: 1 });
        assert_eq!(of("numeric", (10 << 16 | 2) + 4), TargetType::Numeric { limits: Some((10, 2)) });
        assert_eq!(of("numeric", (5 << 16 | 0x7fe) + 4), TargetType::Numeric { limits: Some((5, -2)) });
        assert_eq!(of("numeric", -1), TargetType::Numeric { limits: None });
        assert_eq!(of("timestamp", 0), TargetType::Timestamp { digits: 0 });
        assert_eq!(of("timestamptz", -1), TargetType::Timestamptz { digits: 6 });
    }
}
