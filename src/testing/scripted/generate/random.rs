//! Pseudo-random numbers that a seed decides.

/// SplitMix64 (Steele, Lea and Flood, 2014): every stream of its own, the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of a seed, a name and a number.
    pub(crate) fn of(seed: u64, name: &str, number: u64) -> Self {
        let mut random = Self(seed ^ 0x6a09_e667_f3bc_c908);
        for byte in name.bytes() {
            random.0 ^= u64::from(byte);
            random.next();
        }
        random.0 ^= number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        random.next();
        random
    }

    /// Any 64 bits.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; 0 where that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Whether something of that probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_their_own_and_repeat() {
        let draw = |seed, name, number| {
            let mut random = Random::of(seed, name, number);
            [random.below(1000), random.below(1000), random.below(1000)]
        };
        assert_eq!(draw(0, "a", 0), draw(0, "a", 0));
        let all = [
            draw(0, "a", 0),
            draw(1, "a", 0),
            draw(0, "b", 0),
            draw(0, "a", 1),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{all:?}");
        }
        let mut random = Random::of(0, "", 0);
        let shares: Vec<f64> = (0..1000).map(|_| random.share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let mean = shares.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
