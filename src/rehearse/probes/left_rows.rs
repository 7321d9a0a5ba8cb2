//! The rows that a statement leaves in a table, as a multiset of hashes that both sides share.
//!
//! The cells of the source are those that the plan would move, the cells of the target go through the inverse of their
//! conversion: what is compared is what a comparison of the whole move would compare.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::Xxh3;

use crate::error::Result;
use crate::plan::TablePlan;
use crate::value::ValueRef;

/// How a cell is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mask {
    /// By its value.
    None,
    /// By its class: it depends on time or chance.
    Class,
    /// A number above this one was given by the database, and the two may have left out others before it.
    Above(i64),
}

/// The rows of a table on one side.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LeftRows {
    /// How many there are.
    pub(super) count: u64,
    hashes: BTreeMap<u128, u64>,
}

impl LeftRows {
    /// Takes a row of the source: its cells as the target would hold them.
    pub(super) fn add_source<'v>(&mut self, plan: &TablePlan, masks: &[Mask], cell: impl Fn(usize) -> ValueRef<'v>) {
        let mut hash = Xxh3::new();
        for (position, (column, mask)) in plan.columns.iter().zip(masks).enumerate() {
            let mut scratch = Vec::new();
            digest(&mut hash, *mask, Some(column.settle(cell(position), &mut scratch).value));
        }
        self.add(&hash);
    }

    /// Takes a row of the target: its cells in binary form.
    pub(super) fn add_target(&mut self, plan: &TablePlan, masks: &[Mask], field: impl Fn(usize) -> Result<Option<Vec<u8>>>) -> Result<()> {
        let mut hash = Xxh3::new();
        for (position, (column, mask)) in plan.columns.iter().zip(masks).enumerate() {
            let mut scratch = Vec::new();
            // What has no cell on SQLite is like none that is there.
            digest(&mut hash, *mask, column.decode(field(position)?.as_deref(), &mut scratch).ok());
        }
        self.add(&hash);
        Ok(())
    }

    fn add(&mut self, hash: &Xxh3) {
        self.count += 1;
        *self.hashes.entry(hash.digest128()).or_default() += 1;
    }
}

fn digest(hash: &mut Xxh3, mask: Mask, value: Option<ValueRef<'_>>) {
    let mut put = |kind: u8, bytes: &[u8]| {
        hash.update(&[kind]);
        hash.update(&bytes.len().to_be_bytes());
        hash.update(bytes);
    };
    match (mask, value) {
        (_, None) => put(b'?', &[]),
        (Mask::Class, Some(value)) => put(b'c', value.class().name().as_bytes()),
        (Mask::Above(most), Some(ValueRef::Integer(number))) if number > most => put(b'+', &[]),
        (Mask::None | Mask::Above(_), Some(ValueRef::Null)) => put(b'-', &[]),
        (Mask::None | Mask::Above(_), Some(ValueRef::Integer(number))) => put(b'i', &number.to_be_bytes()),
        (Mask::None | Mask::Above(_), Some(ValueRef::Real(number))) => put(b'r', &number.to_bits().to_be_bytes()),
        (Mask::None | Mask::Above(_), Some(ValueRef::Text(bytes))) => put(b't', bytes),
        (Mask::None | Mask::Above(_), Some(ValueRef::Blob(bytes))) => put(b'b', bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_hides_what_differs_by_itself_and_nothing_else() {
        let hash = |mask, value| {
            let mut hash = Xxh3::new();
            digest(&mut hash, mask, Some(value));
            hash.digest128()
        };
        let (five, six) = (ValueRef::Integer(5), ValueRef::Integer(6));
        assert_ne!(hash(Mask::None, five), hash(Mask::None, six));
        assert_eq!(hash(Mask::Class, five), hash(Mask::Class, six));
        assert_ne!(hash(Mask::Class, five), hash(Mask::Class, ValueRef::Text(b"5")));
        assert_eq!(hash(Mask::Above(4), five), hash(Mask::Above(4), six));
        assert_ne!(hash(Mask::Above(5), five), hash(Mask::Above(5), six));
        assert_ne!(hash(Mask::None, five), hash(Mask::None, ValueRef::Real(5.0)));
    }
}
