//! Values that a column can hold and does not hold yet.
//!
//! A value is only ever one that comes across exactly. Whether it is legal is for SQLite to say.

use super::sides::is_exact;
use super::subject::Subject;
use crate::dialect::read_table;
use crate::value::{ColumnProfile, Conversion, PgType, Value, ValueRef, decode};

/// Numbers that no row's own next key comes near to, so that a missing parent can't be the row itself.
pub(super) const FAR: i64 = 1_000_000_007;

/// A value for the column at this position, another one for every `salt`, made after `base` where there is one.
pub(super) fn invent(subject: Subject<'_>, position: usize, base: Option<&Value>, salt: i64) -> Option<Value> {
    let column = subject.plan.columns.get(position)?;
    let conversion = column.conversion;
    let cells = subject.cells(position);
    let candidates = match conversion {
        Conversion::IntegerToBoolean => vec![Value::Integer(salt.rem_euclid(2))],
        Conversion::IntegerToBigint => integers(cells, salt),
        Conversion::RealToDouble => vec![Value::Real(number_after(cells, salt))],
        Conversion::NumberToDouble | Conversion::NumberToNumeric | Conversion::NumberToDecimal { .. } => numbers(cells, salt),
        Conversion::TextToText(_) | Conversion::AnyToText(_) | Conversion::TextToBytea => {
            texts(base, salt).into_iter().map(Value::Text).collect()
        }
        Conversion::BlobToText | Conversion::BlobToBytea => texts(base, salt).into_iter().map(Value::Blob).collect(),
        // As `jsonb` itself writes it.
        Conversion::TextToJson | Conversion::AnyToJson { .. } => vec![Value::Text(format!("{{\"outgrow\": {salt}}}").into_bytes())],
        Conversion::IntegerToTimestamptz(_)
        | Conversion::TextToUuid(_)
        | Conversion::BlobToUuid
        | Conversion::TextToDate
        | Conversion::TextToTime(_)
        | Conversion::TextToTimestamp(_)
        | Conversion::TextToTimestamptz(_)
        | Conversion::AnyToBoolean(_)
        | Conversion::AnyToUuid { .. }
        | Conversion::TextToAddress(_) => by_inverse(conversion, salt),
        Conversion::AnyToNumber { .. } => in_both_classes(numbers(cells, salt)),
        Conversion::AnyToString { .. } | Conversion::AnyToBytea { .. } => {
            texts(base, salt).into_iter().flat_map(|text| [Value::Text(text.clone()), Value::Blob(text)]).collect()
        }
        Conversion::TextToArray(_) => {
            let element = salt.rem_euclid(10_000);
            let uuid = format!("[\"a0f7c0de-0000-4000-8000-{element:012}\"]");
            [format!("[\"{element}\"]"), format!("[{element}]"), format!("[{}]", element % 2 == 0), uuid]
                .map(|array| Value::Text(array.into_bytes()))
                .to_vec()
        }
    };
    candidates.into_iter().find(|value| is_exact(column, value))
}

/// A value for a column without any, of the literals that its checks name.
pub(super) fn invent_first(subject: Subject<'_>, position: usize, salt: i64) -> Option<Value> {
    let column = subject.plan.columns.get(position)?;
    let named = literals(subject, &column.source);
    let turn = usize::try_from(salt.rem_euclid(8)).unwrap_or(0);
    let named = named.into_iter().filter(|value| is_exact(column, value)).nth(turn);
    named.or_else(|| invent(subject, position, None, salt))
}

/// The literals of the table's checks that name a column.
fn literals(subject: Subject<'_>, column: &str) -> Vec<Value> {
    let Ok(ddl) = read_table(&subject.table.sql) else { return Vec::new() };
    ddl.checks.iter().filter(|check| mentions(&check.source, column)).flat_map(|check| literals_of(&check.source)).collect()
}

/// Whether a check of the table names the column.
pub(super) fn is_checked(subject: Subject<'_>, position: usize) -> bool {
    let Some(column) = subject.plan.columns.get(position) else { return false };
    read_table(&subject.table.sql).is_ok_and(|ddl| ddl.checks.iter().any(|check| mentions(&check.source, &column.source)))
}

/// Whether a condition names a column, quoted or not.
pub(super) fn mentions(condition: &str, column: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let (condition, column) = (condition.to_lowercase(), column.to_lowercase());
    condition.match_indices(&column).any(|(at, _)| {
        let before = condition.get(..at).and_then(|text| text.chars().next_back());
        let after = condition.get(at + column.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The strings and integers in a condition; each integer with its neighbours.
pub(super) fn literals_of(condition: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for (position, piece) in condition.split('\'').enumerate() {
        if position % 2 == 1 {
            found.push(Value::Text(piece.as_bytes().to_vec()));
            continue;
        }
        let words = piece.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        for number in words.filter_map(|word| word.parse::<i64>().ok()) {
            found.extend([number, number.saturating_sub(1), number.saturating_add(1)].map(Value::Integer));
        }
    }
    found
}

fn integers(cells: Option<&ColumnProfile>, salt: i64) -> Vec<Value> {
    let most = cells.and_then(|cells| cells.integers.max).unwrap_or(0);
    let least = cells.and_then(|cells| cells.integers.min).unwrap_or(0);
    let above = most.checked_add(salt).and_then(|number| number.checked_add(1));
    let below = least.checked_sub(salt).and_then(|number| number.checked_sub(1));
    above.or(below).map(Value::Integer).into_iter().collect()
}

fn number_after(cells: Option<&ColumnProfile>, salt: i64) -> f64 {
    let most = cells.and_then(|cells| cells.reals.max).filter(|most| most.abs() < 1e12).unwrap_or(0.0);
    let step = u32::try_from(salt.rem_euclid(1_000)).map_or(0.0, f64::from);
    most.floor() + step + 1.5
}

fn numbers(cells: Option<&ColumnProfile>, salt: i64) -> Vec<Value> {
    let mut found = integers(cells, salt);
    found.push(Value::Real(number_after(cells, salt)));
    // For a decimal of few digits: just above the greatest, or anything that fits.
    let small = salt.rem_euclid(97);
    found.extend(integers(cells, small));
    found.push(Value::Integer(small));
    found
}

/// Numbers as they are, and as texts for a column that writes them so.
fn in_both_classes(numbers: Vec<Value>) -> Vec<Value> {
    let as_text = |number: &Value| match number {
        Value::Integer(number) => Some(Value::Text(number.to_string().into_bytes())),
        Value::Real(number) => Some(Value::Text(number.to_string().into_bytes())),
        Value::Null | Value::Text(_) | Value::Blob(_) => None,
    };
    let texts: Vec<Value> = numbers.iter().filter_map(as_text).collect();
    numbers.into_iter().chain(texts).collect()
}

/// Texts made after another one: longer first, then of the same length for a column that bounds it.
fn texts(base: Option<&Value>, salt: i64) -> Vec<Vec<u8>> {
    let base = match base {
        Some(Value::Text(bytes) | Value::Blob(bytes)) => std::str::from_utf8(bytes).ok().filter(|text| text.len() < 1_000),
        Some(Value::Null | Value::Integer(_) | Value::Real(_)) | None => None,
    };
    let longer = format!("outgrow{salt}{}", base.unwrap_or_default()).into_bytes();
    let same = base.filter(|text| !text.is_empty()).map(|text| turned(text, salt).into_bytes());
    // Every other salt tries the same length, as a check may allow only that.
    match same {
        Some(same) if salt % 2 == 1 => vec![same, longer],
        Some(_) | None => vec![longer],
    }
}

/// The text with its letters and digits moved on, the first ones the farthest.
fn turned(text: &str, salt: i64) -> String {
    let salt = u32::try_from(salt.rem_euclid(1_000)).unwrap_or(0);
    let turn = |(position, character): (u32, char)| {
        let (first, count) = match character {
            'a'..='z' => ('a', 26),
            'A'..='Z' => ('A', 26),
            '0'..='9' => ('0', 10),
            _ => return character,
        };
        let moved = (u32::from(character) - u32::from(first) + 7 + salt + position) % count;
        char::from_u32(u32::from(first) + moved).unwrap_or(character)
    };
    (0..).zip(text.chars()).map(turn).collect()
}

/// What the inverse makes of values of the target's type: it knows the column's own form.
fn by_inverse(conversion: Conversion, salt: i64) -> Vec<Value> {
    const DAY: i64 = 86_400_000_000;
    let day = 10_000 + salt.rem_euclid(300_000);
    let fields: Vec<Vec<u8>> = match conversion.pg_type() {
        PgType::Date => i32::try_from(day).map(|day| day.to_be_bytes().to_vec()).into_iter().collect(),
        PgType::Time => moments(salt.rem_euclid(1_000) * 60_000_000),
        PgType::Timestamp | PgType::Timestamptz => moments(day * DAY),
        PgType::Uuid => {
            let mut number = 0xa0f7_c0de_0000_4000_8000_0000_0000_0000_u128;
            // A form without letters has digits only.
            let digits = 0x1007_0000_0000_4000_8000_0000_0000_0000_u128;
            let salt = u128::from(salt.unsigned_abs() % 10);
            number += salt;
            vec![number.to_be_bytes().to_vec(), (digits + salt).to_be_bytes().to_vec()]
        }
        PgType::Boolean => vec![vec![u8::from(salt.rem_euclid(2) == 1)]],
        PgType::Inet | PgType::Cidr => {
            let host = u32::try_from(salt.rem_euclid(0xffff)).unwrap_or(0) | 0x0a00_0000;
            let network = u8::from(conversion.pg_type() == PgType::Cidr);
            vec![[&[2, 32, network, 4], &host.to_be_bytes()[..]].concat()]
        }
        PgType::Macaddr => vec![salt.to_be_bytes().get(2..).unwrap_or_default().to_vec()],
        PgType::Bigint
        | PgType::DoublePrecision
        | PgType::Numeric
        | PgType::Decimal { .. }
        | PgType::Text
        | PgType::Json
        | PgType::Bytea
        | PgType::Smallint
        | PgType::Integer
        | PgType::Real
        | PgType::Citext
        | PgType::Varchar { .. }
        | PgType::Char { .. }
        | PgType::Jsonb
        | PgType::Array(_) => Vec::new(),
    };
    let mut scratch = Vec::new();
    fields.iter().filter_map(|field| decode(conversion, Some(field), &mut scratch).ok().map(ValueRef::to_owned)).collect()
}

/// The moment with fractions of a second of every length: a column's form may want or refuse one.
fn moments(micros: i64) -> Vec<Vec<u8>> {
    [0, 100_000, 120_000, 123_000, 123_400, 123_450, 123_456].iter().map(|fraction| (micros + fraction).to_be_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: Vec<Value>) -> Vec<String> {
        let show = |value: Value| match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => String::from_utf8(text).unwrap(),
            Value::Null | Value::Real(_) | Value::Blob(_) => String::new(),
        };
        values.into_iter().map(show).collect()
    }

    #[test]
    fn literals_of_a_check_are_found() {
        assert_eq!(shown(literals_of("status in ('open', 'it', '')")), ["open", "it", ""]);
        assert_eq!(shown(literals_of("size > 3")), ["3", "2", "4"]);
    }

    #[test]
    fn a_column_is_mentioned_as_a_whole_word() {
        assert!(mentions("\"Size\" > 3", "size"));
        assert!(!mentions("oversize > 3", "size"));
        assert!(!mentions("size_max > 3", "size"));
    }

    #[test]
    fn a_text_of_the_same_length_is_another() {
        assert_eq!(turned("ab-12", 0).len(), 5);
        assert_ne!(turned("ab-12", 0), "ab-12");
        assert_ne!(turned("ab-12", 0), turned("ab-12", 1));
    }
}
