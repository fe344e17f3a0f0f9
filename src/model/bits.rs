//! A growing row of bits: bool columns and the presence of values.
//!
//! One bit an element; every operation is constant time but for counting.

/// A row of bits, packed into words of 64, the first in the lowest bit of the first word.
/// Bits beyond the length are 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(super) const EMPTY: Self = Self {
        words: Vec::new(),
        len: 0,
    };

    /// That many bits, all alike.
    #[must_use]
    pub fn repeat(bit: bool, len: usize) -> Self {
        let mut words = vec![if bit { u64::MAX } else { 0 }; len.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && bit
            && !len.is_multiple_of(64)
        {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// How many bits there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit at that place; `false` beyond the end.
    #[must_use]
    pub fn get(&self, at: usize) -> bool {
        self.words
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// The words, the last one filled up with 0.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// How many bits are 1.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Sets the bit at a place below the length; does nothing beyond.
    pub fn set(&mut self, at: usize, bit: bool) {
        if at < self.len {
            let mask = 1 << (at % 64);
            let word = &mut self.words[at / 64];
            *word = if bit { *word | mask } else { *word & !mask };
        }
    }

    /// Appends a bit.
    pub fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(64) {
            super::columns::make_room(&mut self.words);
            self.words.push(0);
        }
        self.len += 1;
        self.set(self.len - 1, bit);
    }

    /// Puts the last bit into that place and shortens the row by one.
    pub(super) fn swap_remove(&mut self, at: usize) {
        if at < self.len {
            let last = self.get(self.len - 1);
            self.set(at, last);
            self.set(self.len - 1, false);
            self.len -= 1;
            self.words.truncate(self.len.div_ceil(64));
        }
    }

    pub(super) fn fit(&mut self) {
        super::columns::fit(&mut self.words);
    }

    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<I: IntoIterator<Item = bool>>(iter: I) -> Self {
        let mut bits = Self::default();
        for bit in iter {
            bits.push(bit);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_behave_as_a_vec_of_bool() {
        let mut plain: Vec<bool> = (0..200).map(|n| n % 3 == 0).collect();
        let mut bits: Bits = plain.iter().copied().collect();
        for at in [0, 63, 64, 130, 10, 100] {
            plain.swap_remove(at);
            bits.swap_remove(at);
            assert_eq!(bits, plain.iter().copied().collect());
            assert_eq!(bits.count(), plain.iter().filter(|bit| **bit).count());
        }
        for len in [0, 1, 63, 64, 65] {
            assert_eq!(
                Bits::repeat(true, len),
                std::iter::repeat_n(true, len).collect()
            );
            assert_eq!(
                Bits::repeat(false, len),
                std::iter::repeat_n(false, len).collect()
            );
        }
        bits.set(1_000, true);
        assert!(!bits.get(1_000));
    }
}
