//! An open-addressing index from hashes to small numbers, shared by symbols, tag sets and rows.
//!
//! Holds four bytes a slot: the number of an entry, and in the bits left over a tag of its hash,
//! so that a probe rarely looks at the entry itself. It knows no keys: callers bring hashes and
//! equality. Nothing that reaches output depends on the order of its slots. Finding, inserting
//! and removing take constant time on average; the table is at most ⅞ full.

const LEAST: usize = 16;

/// Entries must be smaller than the number of entries that the index has room for, which holds
/// where they number the elements of an array.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    slots: Vec<u32>, // 0 is free; else tag << bits | entry + 1
    len: usize,
}

impl Index {
    /// The entry of that hash for which `same` holds.
    pub(super) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (bits, mut at) = (self.bits(), self.home(hash));
        let tag = tag(hash, bits);
        loop {
            let slot = self.slots[at]; // `at` is always below the length
            if slot == 0 {
                return None;
            }
            let entry = entry(slot, bits);
            if slot ^ (entry + 1) == tag && same(entry) {
                return Some(entry);
            }
            at = self.after(at);
        }
    }

    /// Adds an entry that is not there yet; `hash_of` hashes entries that must move.
    /// Answers how many taken slots it stepped over.
    pub(super) fn insert(&mut self, hash: u64, new: u32, hash_of: impl Fn(u32) -> u64) -> usize {
        if (self.len + 1) * 8 > self.slots.len() * 7 {
            self.resize(
                (self.slots.len() + self.slots.len() / 2).max(LEAST),
                hash_of,
            );
        }
        self.len += 1;
        self.place(hash, new)
    }

    /// Takes an entry out, if it is there.
    pub(super) fn remove(&mut self, hash: u64, gone: u32, hash_of: impl Fn(u32) -> u64) {
        let Some(mut hole) = self.slot_of(hash, gone) else {
            return;
        };
        let bits = self.bits();
        let mut at = self.after(hole);
        // Later entries of the run move into the hole where that is no earlier than their home.
        while self.slots[at] != 0 {
            let home = self.home(hash_of(entry(self.slots[at], bits)));
            if self.distance(home, at) >= self.distance(hole, at) {
                self.slots[hole] = self.slots[at];
                hole = at;
            }
            at = self.after(at);
        }
        self.slots[hole] = 0;
        self.len -= 1;
    }

    /// Gives an entry another number.
    pub(super) fn renumber(&mut self, hash: u64, old: u32, new: u32) {
        if let Some(at) = self.slot_of(hash, old) {
            let bits = self.bits();
            self.slots[at] = tag(hash, bits) | (new + 1);
        }
    }

    /// Resizes for that many entries, unless it is near that size already.
    pub(super) fn fit(&mut self, entries: usize, hash_of: impl Fn(u32) -> u64) {
        let slots = (entries.max(self.len) * 8 / 7 + 2).max(LEAST);
        if slots > self.slots.len() || slots + slots / 32 < self.slots.len() {
            self.resize(slots, hash_of);
        }
    }

    /// Makes every entry's place anew, after the hash function has changed.
    pub(super) fn rebuild(&mut self, hash_of: impl Fn(u32) -> u64) {
        self.resize(self.slots.len(), hash_of);
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }

    fn resize(&mut self, slots: usize, hash_of: impl Fn(u32) -> u64) {
        let bits = self.bits();
        let old = std::mem::replace(&mut self.slots, vec![0; slots]);
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            let entry = entry(slot, bits);
            self.place(hash_of(entry), entry);
        }
    }

    fn place(&mut self, hash: u64, new: u32) -> usize {
        let (mut at, mut steps) = (self.home(hash), 0);
        while self.slots[at] != 0 {
            at = self.after(at);
            steps += 1;
        }
        self.slots[at] = tag(hash, self.bits()) | (new + 1);
        steps
    }

    fn slot_of(&self, hash: u64, wanted: u32) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let (bits, mut at) = (self.bits(), self.home(hash));
        while self.slots[at] != 0 {
            if entry(self.slots[at], bits) == wanted {
                return Some(at);
            }
            at = self.after(at);
        }
        None
    }

    /// The bits of a slot that hold the entry: enough for every number up to the slots' count.
    fn bits(&self) -> u32 {
        usize::BITS - self.slots.len().leading_zeros()
    }

    fn home(&self, hash: u64) -> usize {
        ((u64::from(hash as u32) * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() {
            0
        } else {
            at + 1
        }
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from {
            to - from
        } else {
            to + self.slots.len() - from
        }
    }
}

fn entry(slot: u32, bits: u32) -> u32 {
    (slot & mask(bits)) - 1
}

fn tag(hash: u64, bits: u32) -> u32 {
    ((hash >> 32) as u32) & !mask(bits)
}

fn mask(bits: u32) -> u32 {
    if bits >= 32 {
        u32::MAX
    } else {
        (1 << bits) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_set_under_insertion_removal_and_bad_hashes() {
        for spread in [1u64, 7, 0x9E37_79B9_7F4A_7C15] {
            let hash_of = |entry: u32| u64::from(entry).wrapping_mul(spread) % (1 << 40);
            let mut index = Index::default();
            let mut held = BTreeSet::new();
            let mut state = 1u32;
            for _ in 0..2_000 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let entry = (state >> 8) % 14;
                if held.remove(&entry) {
                    index.remove(hash_of(entry), entry, hash_of);
                } else {
                    held.insert(entry);
                    index.insert(hash_of(entry), entry, hash_of);
                }
                for entry in 0..14 {
                    let found = index.find(hash_of(entry), |candidate| candidate == entry);
                    assert_eq!(found.is_some(), held.contains(&entry));
                }
            }
        }
    }
}
