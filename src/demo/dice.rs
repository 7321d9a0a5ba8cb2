//! Numbers that look random and are the same in every run (SplitMix64). Never used where chance must be real.

/// A sequence of numbers that follows from its seed alone.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The sequence that belongs to a name.
    pub(super) fn of(name: &str) -> Self {
        // FNV-1a: any stable mixture of the bytes would do.
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 for an `n` of 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        let wide = (u64::from(n) * (self.bits() >> 32)) >> 32;
        u32::try_from(wide).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.bits() % span)
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of the list; the first ones come more often than the last when `leaning`.
    pub(super) fn pick<'a>(&mut self, list: &[&'a str], leaning: bool) -> &'a str {
        let len = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let (first, second) = (self.below(len), self.below(len));
        let at = if leaning { first.min(second) } else { first };
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_gives_the_same_numbers_within_their_bounds() {
        let (mut one, mut two) = (Dice::of("grades"), Dice::of("grades"));
        let mut seen = [false; 6];
        for _ in 0..200 {
            let n = one.between(-2, 3);
            assert_eq!(n, two.between(-2, 3));
            seen[usize::try_from(n + 2).expect("not below -2")] = true;
        }
        assert_eq!(seen, [true; 6], "every number of the range turns up");
        assert_eq!(one.below(0), 0);
        assert_ne!(Dice::of("users").bits(), Dice::of("roles").bits());
    }
}
