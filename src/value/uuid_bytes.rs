//! UUIDs of every form as their 16 bytes, and back.
//!
//! Never used by the decoder.

use super::{UuidForm, UuidLayout};

/// Reads a UUID with its digits in any case, with hyphens after any group of four, in braces, or behind `urn:uuid:`.
pub(super) fn read(text: &[u8]) -> Option<[u8; 16]> {
    let bare = text.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or(text);
    let bare = match bare.split_at_checked(9) {
        Some((prefix, rest)) if bare.len() == text.len() && prefix.eq_ignore_ascii_case(b"urn:uuid:") => rest,
        Some(_) | None => bare,
    };
    let mut bytes = [0_u8; 16];
    let mut count = 0_usize;
    for (position, byte) in bare.iter().enumerate() {
        if *byte == b'-' {
            // Never first, last or twice.
            let between = count.is_multiple_of(4) && count > 0 && count < 32 && bare.get(position + 1) != Some(&b'-');
            if !between {
                return None;
            }
            continue;
        }
        let digit = u8::try_from(char::from(*byte).to_digit(16)?).ok()?;
        let place = bytes.get_mut(count / 2)?;
        *place = (*place << 4) | digit;
        count += 1;
    }
    (count == 32).then_some(bytes)
}

/// Appends a UUID in this form.
pub(super) fn write(form: UuidForm, bytes: [u8; 16], out: &mut Vec<u8>) {
    let (hyphens, digits) = match form {
        UuidForm::Hyphenated | UuidForm::HyphenatedDigits => (true, b"0123456789abcdef"),
        UuidForm::HyphenatedUpper => (true, b"0123456789ABCDEF"),
        UuidForm::Simple | UuidForm::SimpleDigits => (false, b"0123456789abcdef"),
        UuidForm::SimpleUpper => (false, b"0123456789ABCDEF"),
    };
    for (position, byte) in bytes.iter().enumerate() {
        if hyphens && matches!(position, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 0xf)]]);
    }
}

/// From the order of the digits to that of the layout, or the other way round.
pub(super) fn reordered(layout: UuidLayout, bytes: [u8; 16]) -> [u8; 16] {
    match layout {
        UuidLayout::Rfc => bytes,
        UuidLayout::Dotnet => {
            let mut bytes = bytes;
            for (one, other) in [(0, 3), (1, 2), (4, 5), (6, 7)] {
                bytes.swap(one, other);
            }
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let digits = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
        for text in [
            "01234567-89ab-cdef-0123-456789abcdef",
            "01234567-89AB-CDEF-0123-456789abcdef",
            "{01234567-89ab-cdef-0123-456789abcdef}",
            "{0123456789abcdef0123456789abcdef}",
            "urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
            "URN:UUID:01234567-89ab-cdef-0123-456789abcdef",
            "0123456789abcdef0123456789abcdef",
            "0123-4567-89ab-cdef-0123-4567-89ab-cdef",
        ] {
            assert_eq!(read(text.as_bytes()), Some(digits), "{text}");
        }
        for text in [
            "",
            "{01234567-89ab-cdef-0123-456789abcdef",
            "01234567-89ab-cdef-0123-456789abcde",
            "01234567-89ab-cdef-0123-456789abcdef0",
            "01234567--89ab-cdef-0123-456789abcdef",
            "-0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef-",
            "01-23456789abcdef0123456789abcdef",
            "{urn:uuid:01234567-89ab-cdef-0123-456789abcdef}",
            "0123456g-89ab-cdef-0123-456789abcdef",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(reordered(UuidLayout::Dotnet, reordered(UuidLayout::Dotnet, digits)), digits);
    }
}
