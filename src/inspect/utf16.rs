//! Whether stored bytes are UTF-16 that means the same in UTF-8.
//!
//! Never repairs anything.

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Whether the bytes are whole units in which every surrogate has its partner.
pub(super) fn is_well_formed(bytes: &[u8], order: ByteOrder) -> bool {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match order {
        ByteOrder::Little => u16::from_le_bytes(*pair),
        ByteOrder::Big => u16::from_be_bytes(*pair),
    });
    rest.is_empty() && char::decode_utf16(units).all(|unit| unit.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surrogate_needs_its_partner_and_a_unit_both_its_bytes() {
        for (bytes, good) in [
            (&[][..], true),
            (&[0, 0x41], true),
            (&[0xD8, 0x3D, 0xDE, 0x00], true),
            (&[0xFF, 0xFE, 0xFF, 0xFF, 0, 0], true),
            (&[0, 0x41, 0xD8, 0x0A, 0, 0x43], false),
            (&[0xDE, 0x00, 0xD8, 0x3D], false),
            (&[0xD8, 0x3D], false),
            (&[0, 0x41, 0], false),
        ] {
            assert_eq!(is_well_formed(bytes, ByteOrder::Big), good, "{bytes:x?}");
            let swapped: Vec<u8> = bytes.chunks(2).flat_map(|pair| pair.iter().rev()).copied().collect();
            assert_eq!(is_well_formed(&swapped, ByteOrder::Little), good, "{swapped:x?}");
        }
    }
}
