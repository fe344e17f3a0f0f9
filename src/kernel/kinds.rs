//! Reps that pair hooks cannot tell apart, scored once.
//!
//! For one customer a rep counts by what the hooks read of it, and by what the tables have for it
//! at the rows where they stand. A customer of one region and industry sees a thousand reps as a
//! few dozen kinds: those at home there or not, who know the industry or not, by level. So kinds
//! are found for each combination of rows, after some customers have stood at it; finding them
//! costs a few passes over the reps, and each customer after that only its kinds. Where kinds are
//! not few, reps are scored one by one. Only speed depends on any of this.

use std::collections::HashMap;

use super::along::Along;
use super::lanes::Lanes;
use super::pairs::PairRun;
use super::program::N;
use super::scorer::DeferredPair;
use super::tables::{Mixing, Tables};

/// Kinds are sought for rows at which so many customers have stood.
const PATIENCE: u32 = 8;

/// They pay where they are at most one for so many reps, on average.
const FEWER: usize = 2;

/// Memory for the reps of kinds, in reps.
const MOST: usize = 4 << 20;

/// So many combinations of rows are known at most, and kinds of reps of so many: what is more has
/// few customers each, and all of it has to be given back at the end.
const COMBINATIONS: usize = 1 << 13;
const SORTED: usize = 1 << 10;

/// The reps by kind, for all customers at the same rows of tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Kinds {
    /// The reps of a kind are `first[kind]..first[kind + 1]` in `reps`, in ascending order.
    first: Vec<u32>,
    reps: Vec<u32>,
    /// One rep of each kind, as `eligible` and `score` see it.
    pub(super) along: [Option<Along>; 2],
    /// By kind, for the customer at hand.
    pub(super) scores: Vec<f64>,
    pub(super) deferred: Vec<DeferredPair>,
}

/// What is known about the rows at which customers have stood.
#[derive(Debug, Clone)]
enum Entry {
    /// So many customers were there.
    Seen(u32),
    /// Kinds do not pay.
    Many,
    Kinds(Box<Kinds>),
}

/// The kinds of each combination of rows, as far as known.
#[derive(Debug, Clone, Default)]
pub(super) struct KindsByRows {
    /// What the hooks read of reps alone: nodes of `eligible` and of `score`, and the kinds that
    /// reps have by that.
    needed: [Vec<N>; 2],
    base: Option<(Vec<u32>, usize)>,
    entries: Vec<Entry>,
    /// How many of them have kinds.
    sorted: usize,
    at: HashMap<Box<[usize]>, usize, Mixing>,
    /// The same where there is one table, by place of the row.
    of_row: Vec<Option<usize>>,
    /// Where the tables stood last, and the entry.
    stand: Vec<usize>,
    next: Vec<usize>,
    entry: usize,
    emptied: usize,
    held: usize,
}

impl Kinds {
    pub(super) fn reps_of(&self, kind: usize) -> &[u32] {
        &self.reps[self.first[kind] as usize..self.first[kind + 1] as usize]
    }

    /// The scores, and the reps of each kind.
    pub(super) fn parts<'s>(&'s mut self) -> (&'s mut [f64], impl Fn(usize) -> &'s [u32]) {
        let (first, reps) = (&self.first, &self.reps);
        let reps_of = |kind: usize| &reps[first[kind] as usize..first[kind + 1] as usize];
        (&mut self.scores, reps_of)
    }

    /// How many kinds there are.
    pub(super) const fn count(&self) -> usize {
        self.scores.len()
    }

    /// Puts the reps of each kind together.
    fn new(kind_of: &[u32], kinds: usize) -> Self {
        let mut first = vec![0_u32; kinds + 1];
        for kind in kind_of {
            first[*kind as usize + 1] += 1;
        }
        for kind in 0..kinds {
            first[kind + 1] += first[kind];
        }
        let mut next = first.clone();
        let mut reps = vec![0; kind_of.len()];
        for (kind, rep) in kind_of.iter().zip(0..) {
            let place = &mut next[*kind as usize];
            reps[*place as usize] = rep;
            *place += 1;
        }
        Self {
            first,
            reps,
            scores: vec![f64::NAN; kinds],
            ..Self::default()
        }
    }

    /// The scores rep by rep, and the pairs that deferred.
    pub(super) fn spread(&mut self, row: &mut [f64], deferred: &mut Vec<DeferredPair>) {
        for kind in 0..self.count() {
            for rep in self.reps_of(kind) {
                row[*rep as usize] = self.scores[kind];
            }
        }
        let start = deferred.len();
        for own in std::mem::take(&mut self.deferred) {
            let reps = self.reps_of(own.rep as usize).iter();
            deferred.extend(reps.map(|&rep| DeferredPair { rep, ..own }));
        }
        deferred[start..].sort_unstable_by_key(|pair| (pair.rep, pair.hook as u8));
    }
}

impl KindsByRows {
    /// The kinds of reps by what the hooks, `eligible` and `score`, read of them alone.
    pub(super) fn new(runs: [Option<&PairRun<'_>>; 2]) -> Self {
        let needed = runs.map(|run| run.map_or_else(Vec::new, PairRun::of_reps));
        let reps = runs.into_iter().flatten().map(|run| run.along.count).max();
        let mut sorting = Sorting::new(vec![0; reps.unwrap_or(0)], 1);
        let mut few = true;
        for (run, needed) in runs.iter().zip(&needed) {
            let Some(run) = run else { continue };
            for values in needed
                .iter()
                .filter_map(|node| run.along.values[node.ix()].as_ref())
            {
                few = few && sorting.by(values);
            }
            if let Some(missing) = &run.along.missing {
                few = few && sorting.by(&Lanes::Bool(missing.clone()));
            }
        }
        Self {
            needed,
            base: few.then_some((sorting.kind_of, sorting.kinds)),
            ..Self::default()
        }
    }

    /// Takes out the kinds of reps for where the tables of both hooks stand, if they are known.
    pub(super) fn take(&mut self, runs: [Option<&PairRun<'_>>; 2]) -> Option<Box<Kinds>> {
        self.base.as_ref()?;
        self.find(runs);
        let entry = self.entries.get_mut(self.entry)?;
        if let Entry::Seen(times @ 0..PATIENCE) = entry {
            *times += 1;
            return None;
        }
        match std::mem::replace(entry, Entry::Many) {
            Entry::Kinds(kinds) => Some(kinds),
            Entry::Many => None,
            Entry::Seen(_) => self.sort(runs).map(Box::new),
        }
    }

    /// Puts back the kinds that were taken out last.
    pub(super) fn put_back(&mut self, kinds: Box<Kinds>) -> Option<&mut Kinds> {
        let entry = self.entries.get_mut(self.entry)?;
        *entry = Entry::Kinds(kinds);
        match entry {
            Entry::Kinds(kinds) => Some(kinds),
            _ => None,
        }
    }

    /// Finds the entry for where the tables stand.
    fn find(&mut self, runs: [Option<&PairRun<'_>>; 2]) {
        let tables = || runs.into_iter().flatten().map(|run| &run.tables);
        let emptied = tables().map(Tables::emptied).sum();
        if self.emptied != emptied {
            // Places mean other rows now.
            self.entries.clear();
            self.at.clear();
            self.of_row.clear();
            (self.emptied, self.held, self.sorted) = (emptied, 0, 0);
        }
        self.next.clear();
        self.next.extend(tables().flat_map(Tables::stand));
        if let [row] = *self.next {
            if row >= self.of_row.len() {
                self.of_row.resize(row + 1, None);
            }
            let entries = &mut self.entries;
            self.entry = *self.of_row[row].get_or_insert_with(|| new_entry(entries));
            return;
        }
        if self.stand == self.next && self.entry < self.entries.len() {
            return;
        }
        std::mem::swap(&mut self.stand, &mut self.next);
        self.entry = match self.at.get(self.stand.as_slice()) {
            Some(entry) => *entry,
            None => {
                let entry = new_entry(&mut self.entries);
                if entry != OTHERS {
                    self.at.insert(self.stand.as_slice().into(), entry);
                }
                entry
            }
        };
    }

    /// The kinds of reps at the rows where the tables stand, where they are few.
    fn sort(&mut self, runs: [Option<&PairRun<'_>>; 2]) -> Option<Kinds> {
        let (kind_of, kinds) = self.base.as_ref()?;
        if self.held + kind_of.len() > MOST || self.sorted == SORTED {
            return None;
        }
        let mut sorting = Sorting::new(kind_of.clone(), *kinds);
        for tables in runs.into_iter().flatten().map(|run| &run.tables) {
            for group in 0..tables.groups() {
                let rows = tables.rows(group)?;
                if !rows.iter().all(|row| sorting.by(&row.values)) {
                    return None;
                }
            }
        }
        self.held += kind_of.len();
        self.sorted += 1;
        let mut sorted = Kinds::new(&sorting.kind_of, sorting.kinds);
        let one_of_each: Vec<u32> = (0..sorting.kinds)
            .map(|kind| sorted.reps_of(kind)[0])
            .collect();
        for ((along, run), needed) in sorted.along.iter_mut().zip(runs).zip(&self.needed) {
            *along = run.map(|run| run.along.pick(&one_of_each, needed, &run.tables));
        }
        Some(sorted)
    }
}

/// The entry of all combinations that are too many.
const OTHERS: usize = 0;

fn new_entry(entries: &mut Vec<Entry>) -> usize {
    if entries.is_empty() {
        entries.push(Entry::Many);
    }
    if entries.len() > COMBINATIONS {
        return OTHERS;
    }
    entries.push(Entry::Seen(0));
    entries.len() - 1
}

/// Reps sorted by one column after another.
struct Sorting {
    kind_of: Vec<u32>,
    kinds: usize,
    found: HashMap<(u32, u64), u32, Mixing>,
}

impl Sorting {
    fn new(kind_of: Vec<u32>, kinds: usize) -> Self {
        Self {
            kind_of,
            kinds,
            found: HashMap::default(),
        }
    }

    /// Tells the reps of each kind apart by their values; whether kinds are still few.
    fn by(&mut self, values: &Lanes) -> bool {
        self.found.clear();
        let most = self.kind_of.len() / FEWER;
        for (rep, kind) in self.kind_of.iter_mut().enumerate() {
            let key = (*kind, values.arg().at(rep).bits());
            let next = self.found.len() as u32; // at most one a rep
            *kind = *self.found.entry(key).or_insert(next);
            if self.found.len() > most {
                return false;
            }
        }
        self.kinds = self.found.len();
        true
    }
}
