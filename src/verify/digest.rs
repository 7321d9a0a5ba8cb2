//! Digests of rows, and sums of them that say whether two sides have the same rows, in whatever order.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::value::ValueRef;

/// A larger cell is not copied into the buffer.
const COPIED: usize = 64 * 1024;

/// What no cell of SQLite begins with: a field of the target that no cell of the source can have become.
const NO_CELL: u8 = u8::MAX;

/// Makes the digest of one row after the other.
#[derive(Default)]
pub(super) struct RowDigest {
    buffer: Vec<u8>,
    /// Begun only where a cell is large.
    hash: Option<Box<Xxh3>>,
}

impl RowDigest {
    /// Takes a cell in, so that no two different rows are made of the same bytes.
    pub(super) fn cell(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) if bytes.len() > COPIED => {
                self.buffer.push(if matches!(value, ValueRef::Text(_)) { 3 } else { 4 });
                self.buffer.extend_from_slice(&bytes.len().to_le_bytes());
                let hash = self.hash.get_or_insert_with(|| Box::new(Xxh3::new()));
                hash.update(&self.buffer);
                hash.update(bytes);
                self.buffer.clear();
            }
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => {
                value.append_to(&mut self.buffer);
            }
        }
    }

    /// Takes in a field that stands for no cell: such a row equals none of the source.
    pub(super) fn no_cell(&mut self) {
        self.buffer.push(NO_CELL);
    }

    /// The digest of the cells since the last one.
    pub(super) fn finish(&mut self) -> u128 {
        let digest = match self.hash.take() {
            None => xxh3_128(&self.buffer),
            Some(mut hash) => {
                hash.update(&self.buffer);
                hash.digest128()
            }
        };
        self.buffer.clear();
        digest
    }
}

/// The sum of the digests of many rows. Two sides with the same sum have the same rows, each as often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    rows: u64,
    digests: u128,
}

impl Sum {
    /// Adds a row.
    pub(super) fn add(&mut self, digest: u128) {
        self.rows += 1;
        self.digests = self.digests.wrapping_add(digest);
    }

    /// Adds another sum.
    pub(super) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.digests = self.digests.wrapping_add(other.digests);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(row: &[ValueRef<'_>]) -> u128 {
        let mut digest = RowDigest::default();
        for value in row {
            digest.cell(*value);
        }
        digest.finish()
    }

    #[test]
    fn rows_that_differ_have_other_digests() {
        let long = vec![b'x'; COPIED + 1];
        let rows: [&[ValueRef<'_>]; 10] = [
            &[],
            &[ValueRef::Null],
            &[ValueRef::Null, ValueRef::Null],
            &[ValueRef::Integer(1)],
            &[ValueRef::Real(1.0)],
            &[ValueRef::Text(b"ab"), ValueRef::Text(b"")],
            &[ValueRef::Text(b"a"), ValueRef::Text(b"b")],
            &[ValueRef::Blob(b"a"), ValueRef::Text(b"b")],
            &[ValueRef::Text(&long), ValueRef::Integer(1)],
            &[ValueRef::Blob(&long), ValueRef::Integer(1)],
        ];
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                assert_eq!(digest(a) == digest(b), i == j, "{i} and {j}");
            }
        }
    }

    #[test]
    fn a_row_leaves_nothing_behind_for_the_next() {
        let long = vec![b'x'; COPIED + 1];
        let mut digest = RowDigest::default();
        digest.cell(ValueRef::Blob(&long));
        digest.finish();
        digest.cell(ValueRef::Integer(7));
        let second = digest.finish();
        digest.cell(ValueRef::Integer(7));
        assert_eq!(second, digest.finish());
        digest.no_cell();
        assert_ne!(second, digest.finish());
    }

    #[test]
    fn sums_do_not_mind_the_order_but_the_number() {
        let sum = |digests: &[u128]| {
            let mut sum = Sum::default();
            for digest in digests {
                sum.add(*digest);
            }
            sum
        };
        assert_eq!(sum(&[1, u128::MAX, 5]), sum(&[5, 1, u128::MAX]));
        assert_ne!(sum(&[5, 5]), sum(&[5]));
        assert_ne!(sum(&[10]), sum(&[5, 5]));
        let mut merged = sum(&[1]);
        merged.merge(sum(&[2]));
        assert_eq!(merged, sum(&[2, 1]));
    }
}
