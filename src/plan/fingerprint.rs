//! A digest of everything that a plan depends on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::allocation::Stop;
use crate::language::{Side, Value};
use crate::model::Book;

use super::run::Scene;
use super::threads;

/// So many records have a digest of their own, by order of id, whatever the number of threads.
const PART: usize = 4096;

/// After so many of them it is looked whether to go on.
const LOOK: usize = 512;

/// 128 bits of FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): quick, the same on every machine, and no
/// protection against somebody who wants two inputs to collide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digest(u128);

impl Digest {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    pub(crate) const fn new() -> Self {
        Self(Self::OFFSET)
    }

    /// Bytes, with their length, so that no two sequences of parts look alike.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    pub(crate) const fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word as u128).wrapping_mul(Self::PRIME);
        // FNV moves bits upwards only; this brings the high ones back down.
        self.0 ^= self.0 >> 67;
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Unit => self.word(0),
            Value::Bool(bool) => self.words(1, u64::from(*bool)),
            Value::Int(int) => self.words(2, *int as u64),
            Value::Float(float) => self.words(3, float.to_bits()),
            Value::Text(text) => {
                self.word(4);
                self.bytes(text.as_bytes());
            }
            Value::Time(time) => self.words(5, time.micros() as u64),
            Value::Array(values) => {
                self.words(6, values.len() as u64);
                values.iter().for_each(|value| self.value(value));
            }
            Value::Map(map) => {
                self.word(7);
                self.map(map);
            }
            Value::Record(_, row) => self.words(8, u64::from(*row)),
        }
    }

    /// Records of a book.
    fn rows(&mut self, book: &Book, side: Side, rows: &[u32]) {
        book.digest_rows(side, rows, &mut |bytes| self.bytes(bytes));
    }

    fn words(&mut self, first: u64, second: u64) {
        self.word(first);
        self.word(second);
    }

    fn map(&mut self, map: &BTreeMap<Arc<str>, Value>) {
        self.word(map.len() as u64);
        for (key, value) in map {
            self.bytes(key.as_bytes());
            self.value(value);
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Some records of a book.
pub(super) fn of_rows(book: &Book, side: Side, rows: &[u32]) -> Digest {
    let mut digest = Digest::new();
    digest.rows(book, side, rows);
    digest
}

/// Book, policy, parameters, tables, moment, offset, seed and strategy.
pub(super) fn of(scene: &Scene) -> String {
    of_watched(scene, &|| Ok(())).unwrap_or_default() // nothing stops it
}

/// The same while `look` lets it go on, which is asked on any thread.
pub(super) fn of_watched(
    scene: &Scene,
    look: &(dyn Fn() -> Result<(), Stop> + Sync),
) -> Result<String, Stop> {
    let mut digest = Digest::new();
    let options = &scene.options;
    let compiled = scene.compiled();
    digest.bytes(compiled.meaning.as_bytes());
    digest.bytes(format!("{:?} {:?}", compiled.tiers, compiled.allocation).as_bytes());
    digest.word(
        options
            .budget
            .operations_per_call
            .unwrap_or(compiled.limits.operations),
    );
    digest.map(scene.view.params());
    digest.word(options.now.micros() as u64);
    digest.word(i64::from(options.utc_offset.seconds()) as u64);
    digest.word(options.seed);
    digest.bytes(options.strategy.as_deref().unwrap_or("").as_bytes());
    let book = scene.book();
    book.digest(&mut |bytes| digest.bytes(bytes));
    for side in [Side::Customer, Side::Rep] {
        let order = book.order(side);
        digest.word(order.len() as u64);
        let kept = match book.kept_digests(side) {
            Some(kept) => kept,
            None => {
                let parts = threads::of_parts(order, PART, |rows| {
                    let mut digest = Digest::new();
                    for rows in rows.chunks(LOOK) {
                        look()?;
                        digest.rows(book, side, rows);
                    }
                    Ok::<_, Stop>(digest.0)
                });
                book.keep_digests(side, parts.into_iter().collect::<Result<_, _>>()?)
            }
        };
        for part in kept {
            digest.word(*part as u64);
            digest.word((*part >> 64) as u64);
        }
    }
    Ok(digest.to_string())
}
