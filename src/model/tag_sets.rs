//! Interned sets of tags: equal sets once, known by a small number.
//!
//! A set is a run of symbols in one arena, sorted by symbol and without repetition, so that tests
//! and overlaps are merges of small integers. Sorting by text, as scripts see tags, is left to who
//! shows them. Interning takes time in the size of the set.

use super::index::Index;
use super::symbols::Symbol;

/// An interned set of tags of one book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TagSet(pub(crate) u32);

impl TagSet {
    /// The empty set, which every [`TagSets`] holds.
    pub const EMPTY: Self = Self(0);

    /// The number, below [`TagSets::len`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An arena of interned sets of tags.
#[derive(Debug, Clone)]
pub struct TagSets {
    tags: Vec<Symbol>,
    starts: Vec<u32>, // one more than there are sets
    index: Index,
    full: bool,
}

impl Default for TagSets {
    fn default() -> Self {
        let mut sets = Self {
            tags: Vec::new(),
            starts: vec![0],
            index: Index::default(),
            full: false,
        };
        sets.intern(&mut Vec::new());
        sets
    }
}

impl TagSets {
    /// The tags of a set, ascending by symbol (not by text); none for a set of another arena.
    #[must_use]
    pub fn tags(&self, set: TagSet) -> &[Symbol] {
        match self.starts.get(set.index()..set.index() + 2) {
            Some(&[start, end]) => &self.tags[start as usize..end as usize],
            _ => &[],
        }
    }

    /// Whether a set has a tag.
    #[must_use]
    pub fn has(&self, set: TagSet, tag: Symbol) -> bool {
        self.tags(set).binary_search(&tag).is_ok()
    }

    /// How many sets there are.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "never empty: it holds the empty set"
    )]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The set of those tags; sorts them and drops repetitions.
    pub(super) fn intern(&mut self, tags: &mut Vec<Symbol>) -> TagSet {
        tags.sort_unstable();
        tags.dedup();
        let hash_now = hash(tags);
        let found = self.index.find(hash_now, |entry| {
            self.tags(TagSet(entry)) == tags.as_slice()
        });
        if let Some(entry) = found {
            return TagSet(entry);
        }
        if self.tags.len() + tags.len() > u32::MAX as usize {
            self.full = true;
            return TagSet::EMPTY;
        }
        let set = TagSet(self.len() as u32);
        self.tags.extend_from_slice(tags);
        super::columns::make_room(&mut self.starts);
        self.starts.push(self.tags.len() as u32);
        let mut index = std::mem::take(&mut self.index);
        index.insert(hash_now, set.0, |entry| hash(self.tags(TagSet(entry))));
        self.index = index;
        set
    }

    /// Whether a set was not interned for want of numbers.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn fit(&mut self) {
        super::columns::fit(&mut self.tags);
        super::columns::fit(&mut self.starts);
        let mut index = std::mem::take(&mut self.index);
        index.fit(self.len() + self.len() / super::columns::SPARE, |entry| {
            hash(self.tags(TagSet(entry)))
        });
        self.index = index;
    }

    pub(super) fn bytes(&self) -> usize {
        (self.tags.capacity() + self.starts.capacity()) * size_of::<u32>() + self.index.bytes()
    }
}

/// Symbols are numbers by order of arrival, which an adversary hardly steers; mixing suffices.
fn hash(tags: &[Symbol]) -> u64 {
    tags.iter().fold(0x2545_F491_4F6C_DD1D, |hash, tag| {
        mix(hash ^ u64::from(tag.0))
    })
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
pub(super) const fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_one_whatever_their_order() {
        let mut sets = TagSets::default();
        let a = sets.intern(&mut vec![Symbol(3), Symbol(1), Symbol(3)]);
        let b = sets.intern(&mut vec![Symbol(1), Symbol(3)]);
        let c = sets.intern(&mut vec![Symbol(1)]);
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_eq!(sets.tags(a), [Symbol(1), Symbol(3)]);
        assert!(sets.has(a, Symbol(3)) && !sets.has(c, Symbol(3)));
        assert_eq!(sets.intern(&mut Vec::new()), TagSet::EMPTY);
        assert!(sets.tags(TagSet(99)).is_empty());
        assert_eq!(sets.len(), 3);
    }
}
