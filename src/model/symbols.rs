//! Interned texts: every text of a book once, in one arena, known by a small number.
//!
//! Equal texts have equal symbols and the other way round, within one book. The numbers follow
//! the order of interning, so they mean nothing across books and their order is not to reach any
//! output. A text costs its bytes, four for its place and about five for the index; interning and
//! finding take time in the length of the text. Texts are not taken out again.

use std::hash::{DefaultHasher, Hasher};

use super::index::Index;

/// An interned text of one book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Symbol(pub(crate) u32);

impl Symbol {
    /// The empty text, which every [`Symbols`] holds.
    pub const EMPTY: Self = Self(0);

    /// The number, below [`Symbols::len`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An arena of interned texts.
///
/// ```
/// use bookwright::Symbols;
/// let mut symbols = Symbols::default();
/// let east = symbols.intern("east");
/// assert_eq!(symbols.intern("east"), east);
/// assert_eq!(symbols.text(east), "east");
/// assert_eq!(symbols.get("west"), None);
/// ```
#[derive(Clone)]
pub struct Symbols {
    text: String,
    starts: Vec<u32>, // low halves of where texts start; one more than there are texts
    carries: Vec<u32>, // the positions in `starts` from which on the high half is one more
    index: Index,
    seed: u64,
    patience: usize,
    full: bool,
}

/// A run of taken slots that honest texts do not make even in the largest index.
const PATIENCE: usize = 4096;

impl Default for Symbols {
    fn default() -> Self {
        let mut symbols = Self {
            text: String::new(),
            starts: vec![0],
            carries: Vec::new(),
            index: Index::default(),
            seed: 0,
            patience: PATIENCE,
            full: false,
        };
        symbols.intern("");
        symbols
    }
}

impl Symbols {
    /// The symbol of a text that has been interned.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.index
            .find(hash(self.seed, text), |entry| {
                self.text(Symbol(entry)) == text
            })
            .map(Symbol)
    }

    /// The symbol of a text, interned now if it was not.
    ///
    /// After 2³² − 2 texts the empty one is answered; a book that large is refused when built.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let hash_now = hash(self.seed, text);
        let found = self
            .index
            .find(hash_now, |entry| self.text(Symbol(entry)) == text);
        if let Some(entry) = found {
            return Symbol(entry);
        }
        if self.starts.len() >= u32::MAX as usize - 1 {
            self.full = true;
            return Symbol::EMPTY;
        }
        self.append(text, hash_now)
    }

    /// The text of a symbol; empty for a symbol of another, larger arena.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let at = symbol.index();
        if at + 1 >= self.starts.len() {
            return "";
        }
        &self.text[self.start(at)..self.start(at + 1)]
    }

    /// How many texts there are.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "never empty: it holds the empty text"
    )]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Memory on the heap, in bytes, spare capacity included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.capacity()
            + self.starts.capacity() * size_of::<u32>()
            + self.carries.capacity() * size_of::<u32>()
            + self.index.bytes()
    }

    /// Whether a text was not interned for want of numbers.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Makes room for so many texts of so many bytes together.
    pub(super) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.text.reserve_exact(bytes);
        self.starts.reserve_exact(texts);
        self.fit_index(self.len() + texts + texts / super::columns::SPARE);
    }

    /// Gives back spare capacity but for a little.
    pub(super) fn fit(&mut self) {
        let spare = self.len() / super::columns::SPARE;
        self.text
            .shrink_to(self.text.len() + self.text.len() / super::columns::SPARE);
        self.starts.shrink_to(self.starts.len() + spare);
        self.fit_index(self.len() + spare);
    }

    fn fit_index(&mut self, entries: usize) {
        let seed = self.seed;
        let mut index = std::mem::take(&mut self.index);
        index.fit(entries, |entry| hash(seed, self.text(Symbol(entry))));
        self.index = index;
    }

    fn append(&mut self, text: &str, hash_now: u64) -> Symbol {
        let symbol = Symbol(self.len() as u32);
        let before = self.text.len() >> 32;
        super::columns::make_room_in_text(&mut self.text, text.len());
        self.text.push_str(text);
        for _ in before..self.text.len() >> 32 {
            self.carries.push(self.starts.len() as u32);
        }
        super::columns::make_room(&mut self.starts);
        self.starts.push(self.text.len() as u32); // the low half
        let mut index = std::mem::take(&mut self.index);
        let seed = self.seed;
        let steps = index.insert(hash_now, symbol.0, |entry| {
            hash(seed, self.text(Symbol(entry)))
        });
        if steps > self.patience {
            // Texts chosen to collide: another seed parts them. Patience doubles, so that this
            // happens a few times at most.
            self.patience *= 2;
            self.seed = hash_now | 1;
            index.rebuild(|entry| hash(self.seed, self.text(Symbol(entry))));
        }
        self.index = index;
        symbol
    }

    fn start(&self, at: usize) -> usize {
        let high = self.carries.partition_point(|&carry| carry as usize <= at);
        (high << 32) | self.starts[at] as usize
    }
}

/// Says how many texts there are, not all of them.
impl std::fmt::Debug for Symbols {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Symbols({} texts, {} bytes)",
            self.len(),
            self.text.len()
        )
    }
}

/// SipHash under a fixed key: slots decide nothing that can be seen, so a later Rust may hash
/// otherwise.
fn hash(seed: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(seed);
    hasher.write(text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_symbols_while_the_arena_grows_and_shrinks() {
        let mut symbols = Symbols::default();
        let texts: Vec<String> = (0..5_000).map(|n| format!("客户-{n}")).collect();
        let made: Vec<Symbol> = texts.iter().map(|text| symbols.intern(text)).collect();
        symbols.fit();
        for (text, symbol) in texts.iter().zip(&made) {
            assert_eq!(symbols.text(*symbol), text);
            assert_eq!(symbols.get(text), Some(*symbol));
            assert_eq!(symbols.intern(text), *symbol);
        }
        assert_eq!(symbols.len(), 5_001);
        assert_eq!(symbols.text(Symbol::EMPTY), "");
        assert_eq!(symbols.text(Symbol(1 << 30)), "");
    }

    #[test]
    fn texts_that_collide_are_parted_by_another_seed() {
        let mut symbols = Symbols {
            patience: 1, // as if runs of two were suspicious
            ..Symbols::default()
        };
        let made: Vec<Symbol> = (0..2_000).map(|n| symbols.intern(&n.to_string())).collect();
        assert_ne!(symbols.seed, 0);
        for (n, symbol) in made.into_iter().enumerate() {
            assert_eq!(symbols.get(&n.to_string()), Some(symbol));
        }
    }

    #[test]
    fn places_beyond_four_gigabytes_carry() {
        let symbols = Symbols {
            starts: vec![0, 7, u32::MAX, 3, 9],
            carries: vec![3],
            ..Symbols::default()
        };
        assert_eq!(symbols.start(2), u32::MAX as usize);
        assert_eq!(symbols.start(3), (1 << 32) + 3);
        assert_eq!(symbols.start(4), (1 << 32) + 9);
    }
}
