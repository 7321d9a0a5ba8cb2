//! Digests of rows and keys, under which they are kept.

use xxhash_rust::xxh3::xxh3_128;

use crate::value::ValueRef;

/// The digest of some cells, so that no two different rows are made of the same bytes.
pub(super) fn digest<'a>(cells: impl Iterator<Item = ValueRef<'a>>, buffer: &mut Vec<u8>) -> [u8; 16] {
    buffer.clear();
    for cell in cells {
        cell.append_to(buffer);
    }
    xxh3_128(buffer).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart_by_class_and_place() {
        let digest = |cells: &[ValueRef<'_>]| digest(cells.iter().copied(), &mut Vec::new());
        let rows: [&[ValueRef<'_>]; 6] = [
            &[],
            &[ValueRef::Null],
            &[ValueRef::Integer(1)],
            &[ValueRef::Real(1.0)],
            &[ValueRef::Text(b"ab"), ValueRef::Text(b"")],
            &[ValueRef::Text(b"a"), ValueRef::Text(b"b")],
        ];
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                assert_eq!(digest(a) == digest(b), i == j, "{i} and {j}");
            }
        }
    }
}
