//! Index keys that may be longer than a b-tree of PostgreSQL takes: 2,704 bytes, in pages of 8 KiB.
//!
//! The profile knows the longest cell of every column. A key that may be too long gets another index before the load,
//! not a refusal after it: uniqueness is kept by a SHA-256 of the long parts, speed by a hash index or by the other parts.

use super::build::Draft;
use super::report::{LongKey, WideRow};
use super::table::TablePlan;
use crate::catalog::Table;
use crate::dialect::{IndexSql, KeyPart};
use crate::value::{ColumnProfile, Conversion, PgType, TextShape};

/// The longest key, less the tuple's own head and its padding.
const KEY_BYTES: u64 = 2704 - 64;

/// What a part of a key takes besides its bytes: its length word and padding.
const PART_BYTES: u64 = 16;

/// A SHA-256 as `bytea`.
const DIGEST_BYTES: u64 = 32;

/// The most bytes that the cells of a column take in the target.
pub(super) fn cell_bytes(conversion: Conversion, cells: &ColumnProfile) -> u64 {
    let texts = cells.texts.max_bytes;
    let blobs = cells.blobs.max_bytes;
    // A NUL byte or one that is not UTF-8 may become a sign of three.
    let mended = cells.texts.shapes.keys().any(|shape| matches!(shape, TextShape::Nul | TextShape::InvalidUtf8));
    let texts_there = if mended { texts.saturating_mul(3) } else { texts };
    match conversion.pg_type() {
        PgType::Bigint
        | PgType::Boolean
        | PgType::DoublePrecision
        | PgType::Date
        | PgType::Time
        | PgType::Timestamp
        | PgType::Timestamptz
        | PgType::Smallint
        | PgType::Integer
        | PgType::Real
        | PgType::Macaddr => 8,
        PgType::Uuid | PgType::Timetz | PgType::Interval => 16,
        PgType::Inet | PgType::Cidr => 24,
        // Four digits in two bytes, of numbers that a double can hold.
        PgType::Numeric | PgType::Decimal { .. } => 360,
        // A character takes four bytes at the most.
        PgType::Varchar { max: length } | PgType::Char { length } => u64::from(length).saturating_mul(4),
        PgType::Text | PgType::Citext | PgType::Json | PgType::Jsonb | PgType::Array(_) => {
            texts_there.max(blobs.saturating_mul(2).saturating_add(2)).max(32)
        }
        PgType::Bytea => texts.max(blobs),
    }
}

/// A row's head with its padding.
const ROW_HEAD: u64 = 32;

/// What a page of 8 KiB takes of one row.
const ROW_BYTES: u64 = 8160;

/// The most columns that a table can have.
const COLUMNS: u64 = 1600;

/// What a long value leaves in its row, with padding.
const POINTER_BYTES: u64 = 24;

/// Reports a table whose rows may not fit.
pub(super) fn report_width(draft: &mut Draft<'_>, table: &Table) {
    let columns = u64::try_from(table.columns.len()).unwrap_or(u64::MAX);
    let sizes = table.columns.iter().map(|column| column_bytes(draft, table, &column.name).min(POINTER_BYTES));
    let bytes = sizes.fold(ROW_HEAD + columns / 8, u64::saturating_add);
    if columns > COLUMNS || bytes > ROW_BYTES {
        draft.report.wide_rows.push(WideRow { table: table.name.clone(), columns, bytes });
    }
}

/// The columns of a plain key (a primary key) that are long, with the bytes of the longest key; none where all fits.
pub(super) fn long_columns(draft: &Draft<'_>, table: &Table, names: &[String]) -> Option<(u64, Vec<String>)> {
    let sizes: Vec<u64> = names.iter().map(|name| column_bytes(draft, table, name)).collect();
    let (bytes, long) = long_parts(&sizes)?;
    Some((bytes, long.into_iter().filter_map(|at| names.get(at).cloned()).collect()))
}

fn column_bytes(draft: &Draft<'_>, table: &Table, name: &str) -> u64 {
    let Some((plan, _)) = draft.table(&table.name) else { return 0 };
    let column = plan.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name));
    let cells = draft.inputs.profile.tables.get(&table.name).and_then(|profile| {
        let mut columns = profile.columns.iter();
        columns.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, cells)| cells)
    });
    column.zip(cells).map_or(0, |(column, cells)| cell_bytes(column.conversion, cells))
}

/// The bytes of the longest key and the parts to shorten, the longest first; none where all fits.
fn long_parts(sizes: &[u64]) -> Option<(u64, Vec<usize>)> {
    let taken = |size: u64| size.saturating_add(PART_BYTES);
    let total: u64 = sizes.iter().map(|size| taken(*size)).fold(0, u64::saturating_add);
    if total <= KEY_BYTES {
        return None;
    }
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(sizes.get(*at).copied()));
    let mut rest = total;
    let mut long = Vec::new();
    for at in order {
        let size = sizes.get(at).copied().unwrap_or_default();
        if rest <= KEY_BYTES || size <= DIGEST_BYTES {
            break;
        }
        rest = rest.saturating_sub(size).saturating_add(DIGEST_BYTES);
        long.push(at);
    }
    Some((total, long))
}

/// Shortens an index whose keys may be too long, and reports it; gives the index back where nothing has to change, and
/// nothing where no part of it can be kept.
pub(super) fn shorten(draft: &mut Draft<'_>, table: &Table, name: &str, index: IndexSql) -> Option<IndexSql> {
    let sizes: Vec<u64> = index.keys.iter().map(|part| part_bytes(draft, table, part)).collect();
    let Some((bytes, long)) = long_parts(&sizes) else { return Some(index) };
    let unique = index.unique;
    let (made, instead) = if unique { by_digest(index, &long) } else { for_speed(index, &long) };
    draft.report.long_keys.push(LongKey {
        table: table.name.clone(),
        index: format!("index {name}"),
        unique,
        bytes,
        instead: instead.to_owned(),
    });
    made
}

/// The bytes of an expression are not known; twice those of all that it reads is what most give at most.
fn part_bytes(draft: &Draft<'_>, table: &Table, part: &KeyPart) -> u64 {
    let bytes = part.reads.iter().map(|name| column_bytes(draft, table, name)).fold(0, u64::saturating_add);
    match part.pg_type {
        PgType::Text
        | PgType::Citext
        | PgType::Varchar { .. }
        | PgType::Char { .. }
        | PgType::Bytea
        | PgType::Json
        | PgType::Jsonb
        | PgType::Array(_) => bytes.saturating_mul(if part.expression { 2 } else { 1 }),
        PgType::Bigint
        | PgType::Boolean
        | PgType::DoublePrecision
        | PgType::Numeric
        | PgType::Decimal { .. }
        | PgType::Uuid
        | PgType::Date
        | PgType::Time
        | PgType::Timestamp
        | PgType::Timestamptz
        | PgType::Smallint
        | PgType::Integer
        | PgType::Real
        | PgType::Inet
        | PgType::Cidr
        | PgType::Macaddr
        | PgType::Timetz
        | PgType::Interval => DIGEST_BYTES,
    }
}

/// A unique index over the SHA-256 of the long parts: it lets in just what the other would.
fn by_digest(index: IndexSql, long: &[usize]) -> (Option<IndexSql>, &'static str) {
    let mut parts = index.parts;
    for at in long {
        if let (Some(part), Some(key)) = (parts.get_mut(*at), index.keys.get(*at)) {
            *part = digest(&key.sql, key.pg_type);
        }
    }
    (Some(IndexSql { parts, plain: false, ..index }), "one that is unique by a SHA-256 of the long part")
}

/// The SHA-256 of a text's or a blob's bytes, in functions that PostgreSQL calls immutable.
pub(super) fn digest(sql: &str, pg_type: PgType) -> String {
    if pg_type == PgType::Bytea {
        return format!("sha256({sql})");
    }
    // Of what `escape` reads, a backslash alone is not taken as it is.
    format!("sha256(decode(replace({sql}, '\\', '\\\\'), 'escape'))")
}

/// An index that is not unique serves speed: by a hash where the long part is all, else without the long parts.
fn for_speed(index: IndexSql, long: &[usize]) -> (Option<IndexSql>, &'static str) {
    if let ([key], [_]) = (index.keys.as_slice(), index.parts.as_slice()) {
        let parts = vec![key.sql.clone()];
        return (Some(IndexSql { method: "hash", parts, plain: false, ..index }), "a hash index, which serves = only");
    }
    let keep = |at: &usize| !long.contains(at);
    let parts: Vec<String> = index.parts.iter().enumerate().filter(|(at, _)| keep(at)).map(|(_, part)| part.clone()).collect();
    let keys: Vec<KeyPart> = index.keys.iter().enumerate().filter(|(at, _)| keep(at)).map(|(_, key)| key.clone()).collect();
    if parts.is_empty() {
        return (None, "nothing, as all of its columns are long");
    }
    (Some(IndexSql { parts, keys, plain: false, ..index }), "one without the long column")
}

/// Whether the primary key, or a unique index over these columns, had to become an index over digests.
pub(super) fn has_long_key(draft: &Draft<'_>, table: &Table, columns: &[&str]) -> bool {
    let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    long_columns(draft, table, &names).is_some()
}

/// The target column of this source name as a part of a key over digests, or as it is.
pub(super) fn key_part(plan: &TablePlan, name: &str, quoted_name: &str, long: &[String]) -> String {
    let column = plan.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name));
    match column.filter(|_| long.iter().any(|other| other.eq_ignore_ascii_case(name))) {
        Some(column) => digest(quoted_name, column.pg_type()),
        None => quoted_name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_as_many_parts_are_shortened_as_have_to_be() {
        assert_eq!(long_parts(&[8, 2600]), None);
        assert_eq!(long_parts(&[8, 2700]), Some((2740, vec![1])));
        assert_eq!(long_parts(&[1000, 8, 2000]), Some((3056, vec![2])));
        assert_eq!(long_parts(&[3000, 4000]), Some((7032, vec![1, 0])));
        assert_eq!(long_parts(&[8; 120]), Some((2880, vec![])));
    }
}
