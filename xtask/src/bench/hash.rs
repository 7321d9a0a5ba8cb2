//! The hash that PostgreSQL's `hashtextextended` and `hashfloat8extended` give (Bob Jenkins's lookup3), so that a checksum
//! can be made on both sides.

const GOLDEN: u32 = 0x9e37_79b9_u32.wrapping_add(3_923_095);

/// The hash of some bytes under a seed.
pub(super) fn extended(bytes: &[u8], seed: u64) -> i64 {
    let start = GOLDEN.wrapping_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let mut state = [start; 3];
    if seed != 0 {
        add(&mut state, [half(seed >> 32), half(seed), 0]);
        mix(&mut state);
    }
    let (blocks, rest) = bytes.as_chunks::<12>();
    for block in blocks {
        add(&mut state, [word(&block[..4]), word(&block[4..8]), word(&block[8..])]);
        mix(&mut state);
    }
    // The lowest byte of the last word belongs to the length.
    let part = |from: usize, to: usize| word(rest.get(from..rest.len().min(to)).unwrap_or_default());
    add(&mut state, [part(0, 4), part(4, 8), part(8, 11) << 8]);
    finish(&mut state);
    (u64::from(state[1]) << 32 | u64::from(state[2])).cast_signed()
}

/// The hash of a number: both zeros have the seed itself.
pub(super) fn of_real(number: f64, seed: u64) -> i64 {
    if number == 0.0 { seed.cast_signed() } else { extended(&number.to_le_bytes(), seed) }
}

fn half(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}

/// Up to four bytes, the first one lowest.
fn word(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

fn add(state: &mut [u32; 3], words: [u32; 3]) {
    for (part, word) in state.iter_mut().zip(words) {
        *part = part.wrapping_add(word);
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    *a = a.wrapping_sub(*c) ^ c.rotate_left(4);
    *c = c.wrapping_add(*b);
    *b = b.wrapping_sub(*a) ^ a.rotate_left(6);
    *a = a.wrapping_add(*c);
    *c = c.wrapping_sub(*b) ^ b.rotate_left(8);
    *b = b.wrapping_add(*a);
    *a = a.wrapping_sub(*c) ^ c.rotate_left(16);
    *c = c.wrapping_add(*b);
    *b = b.wrapping_sub(*a) ^ a.rotate_left(19);
    *a = a.wrapping_add(*c);
    *c = c.wrapping_sub(*b) ^ b.rotate_left(4);
    *b = b.wrapping_add(*a);
}

fn finish([a, b, c]: &mut [u32; 3]) {
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(14));
    *a = (*a ^ *c).wrapping_sub(c.rotate_left(11));
    *b = (*b ^ *a).wrapping_sub(a.rotate_left(25));
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(16));
    *a = (*a ^ *c).wrapping_sub(c.rotate_left(4));
    *b = (*b ^ *a).wrapping_sub(a.rotate_left(14));
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(24));
}
