//! How numbers and blobs are written in a `text` column: by the encoder, and as substitutes of quarantined cells.
//!
//! Never used by the decoder.

use std::io::Write;

/// Appends the shortest decimal of a real, with a point or an exponent; `Infinity`, `-Infinity`.
pub(super) fn write_real(out: &mut Vec<u8>, number: f64) {
    if number.is_infinite() {
        out.extend_from_slice(if number > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else {
        write!(out, "{number:?}").expect("a Vec takes everything that is written to it");
    }
}

/// Appends `\x` and lower-case hex.
pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(2 + 2 * bytes.len());
    out.extend_from_slice(b"\\x");
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 0xf)]);
    }
}
