//! The names of PostgreSQL's types, as the policy writes them.

use super::nearest::did_you_mean;
use crate::catalog::TargetType;

/// The types that a column can be given, by the name that DDL usually has for them, and their other names.
const NAMES: &[(&str, &[&str])] = &[
    ("boolean", &["bool"]),
    ("smallint", &["int2"]),
    ("integer", &["int", "int4"]),
    ("bigint", &["int8"]),
    ("real", &["float4"]),
    ("double precision", &["float8", "float"]),
    ("numeric", &["decimal"]),
    ("text", &[]),
    ("varchar", &["character varying"]),
    ("char", &["character", "bpchar"]),
    ("bytea", &[]),
    ("json", &[]),
    ("jsonb", &[]),
    ("uuid", &[]),
    ("date", &[]),
    ("time", &["time without time zone"]),
    ("timestamp", &["timestamp without time zone"]),
    ("timestamptz", &["timestamp with time zone"]),
    ("inet", &[]),
    ("cidr", &[]),
    ("macaddr", &[]),
];

/// Reads a type; where there is none of that name, why not, and the nearest known one.
pub(super) fn parse(written: &str) -> Result<TargetType, (String, String)> {
    let unknown = |name: &str| {
        let known = NAMES.iter().flat_map(|(name, others)| std::iter::once(*name).chain(others.iter().copied()));
        let list: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        (format!("`{name}` is no type that a column can be given"), did_you_mean(name, known, &format!("known are {}", list.join(", "))))
    };
    let bad =
        || (format!("`{written}` is not of a form that PostgreSQL takes"), "as in: numeric(12,2), varchar(64), timestamptz".to_owned());
    let (before, arguments, after) = match written.split_once('(') {
        Some((before, rest)) => {
            let (inside, after) = rest.split_once(')').ok_or_else(bad)?;
            let numbers: Option<Vec<i64>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
            (before, numbers.ok_or_else(bad)?, after)
        }
        None => (written, Vec::new(), ""),
    };
    let name = format!("{before} {after}").to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let is_it = |(usual, others): &&(&str, &[&str])| *usual == name || others.contains(&name.as_str());
    let (usual, _) = NAMES.iter().find(is_it).ok_or_else(|| unknown(&name))?;
    of(usual, &arguments).ok_or_else(bad)
}

fn of(name: &str, arguments: &[i64]) -> Option<TargetType> {
    let digits = || match arguments {
        [] => Some(6),
        [digits] => u8::try_from(*digits).ok().filter(|digits| *digits <= 6),
        _ => None,
    };
    let length = |number: i64| u32::try_from(number).ok().filter(|length| (1..=10_485_760).contains(length));
    Some(match (name, arguments) {
        ("numeric", []) => TargetType::Numeric { limits: None },
        ("numeric", [precision]) => TargetType::Numeric { limits: Some((u16::try_from(*precision).ok().filter(in_precision)?, 0)) },
        ("numeric", [precision, scale]) => {
            let precision = u16::try_from(*precision).ok().filter(in_precision)?;
            let scale = i16::try_from(*scale).ok().filter(|scale| *scale >= 0 && scale.unsigned_abs() <= precision)?;
            TargetType::Numeric { limits: Some((precision, scale)) }
        }
        ("varchar", []) => TargetType::Varchar { max: None },
        ("varchar", [max]) => TargetType::Varchar { max: Some(length(*max)?) },
        ("char", []) => TargetType::Char { length: 1 },
        ("char", [number]) => TargetType::Char { length: length(*number)? },
        ("time", _) => TargetType::Time { digits: digits()? },
        ("timestamp", _) => TargetType::Timestamp { digits: digits()? },
        ("timestamptz", _) => TargetType::Timestamptz { digits: digits()? },
        ("boolean", []) => TargetType::Boolean,
        ("smallint", []) => TargetType::Smallint,
        ("integer", []) => TargetType::Integer,
        ("bigint", []) => TargetType::Bigint,
        ("real", []) => TargetType::Real,
        ("double precision", []) => TargetType::DoublePrecision,
        ("text", []) => TargetType::Text,
        ("bytea", []) => TargetType::Bytea,
        ("json", []) => TargetType::Json,
        ("jsonb", []) => TargetType::Jsonb,
        ("uuid", []) => TargetType::Uuid,
        ("date", []) => TargetType::Date,
        ("inet", []) => TargetType::Inet,
        ("cidr", []) => TargetType::Cidr,
        ("macaddr", []) => TargetType::Macaddr,
        _ => return None,
    })
}

fn in_precision(precision: &u16) -> bool {
    (1..=1000).contains(precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_postgresql_writes_them() {
        for (written, read) in [
            ("INT4", TargetType::Integer),
            ("double  precision", TargetType::DoublePrecision),
            ("numeric(12, 2)", TargetType::Numeric { limits: Some((12, 2)) }),
            ("decimal", TargetType::Numeric { limits: None }),
            ("character varying(64)", TargetType::Varchar { max: Some(64) }),
            ("timestamp(3) with time zone", TargetType::Timestamptz { digits: 3 }),
            ("char", TargetType::Char { length: 1 }),
            ("timestamptz", TargetType::Timestamptz { digits: 6 }),
        ] {
            assert_eq!(parse(written), Ok(read), "{written}");
        }
        for (written, hint) in [
            ("intger", "`integer`"),
            ("varchr(3)", "`varchar`"),
            ("money", "known are boolean"),
            ("numeric(2,3)", "as in"),
            ("varchar(0)", "as in"),
            ("uuid(3)", "as in"),
            ("varchar(64", "as in"),
        ] {
            assert!(parse(written).is_err_and(|(_, said)| said.contains(hint)), "{written}: {:?}", parse(written));
        }
    }
}
