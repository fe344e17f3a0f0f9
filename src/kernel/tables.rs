//! Pair work that depends on few distinct values of customers, kept per distinct values.
//!
//! `customer.region in rep.regions` has, for all customers of one region, one row of answers along
//! the reps. Which parts of a program are worth a table is decided on a sample: those whose
//! customer side takes few distinct values there. A table that grows beyond its share of memory is
//! emptied and starts again, so that the choice affects speed alone.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

use super::lanes::Lanes;
use super::program::{N, Program, Sides};

/// A part pays off where so many customers of the sample share its values, on average; more do in
/// the book.
const SHARED_BY: usize = 4;

/// A sample has seen all values of a node where it has each so many times, on average.
const SEEN: usize = 16;

/// Memory of one table, in values.
const TABLE_VALUES: usize = 4 << 20;

/// Hashes a few numbers by mixing: they are numbers of the book's own, which nobody chooses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mixing;

impl BuildHasher for Mixing {
    type Hasher = Mixer;
    fn build_hasher(&self) -> Mixer {
        Mixer(0x2545_F491_4F6C_DD1D)
    }
}

pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
    fn write(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

/// A key of one number or two: which of both is the same for all rows of a group.
const fn short(key: &[u64]) -> Option<(u64, u64)> {
    match *key {
        [one] => Some((one, 0)),
        [one, other] => Some((one, other)),
        _ => None,
    }
}

/// The values of one part along the reps.
#[derive(Debug, Clone)]
pub(super) struct TableRow {
    pub(super) values: Lanes,
    /// The greatest of floats without their sign, infinite where one is NaN.
    pub(super) greatest: f64,
}

/// One table: parts of the program with the same values of customers as their key.
#[derive(Debug, Clone, Default)]
struct Group {
    /// What depends on the customer alone and is read by the parts.
    key: Vec<N>,
    /// The parts.
    roots: Vec<N>,
    /// The pair nodes that computing the parts takes.
    within: Vec<bool>,
    /// Rows along the reps, by the bits of the key: one for each part.
    rows: HashMap<Box<[u64]>, usize, Mixing>,
    /// The same where the key is one number or two.
    short: HashMap<(u64, u64), usize, Mixing>,
    made: Vec<Vec<TableRow>>,
    /// The row of the customer at hand.
    at: usize,
    sought: Vec<u64>,
    next: Vec<u64>,
}

/// The tables of a program.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    groups: Vec<Group>,
    /// The group and the place in it of a node that is in a table.
    place: Vec<Option<(usize, usize)>>,
    worth: Vec<bool>,
    /// The pair nodes that are computed for every pair.
    computed: Vec<bool>,
    /// The same nodes in order.
    in_order: Vec<N>,
    reps: usize,
    /// How many times a table was emptied: places of rows mean others from then on.
    emptied: usize,
}

impl Tables {
    /// Chooses the parts, given the bits of customers' values in a sample, for so many customers
    /// altogether.
    pub(super) fn plan(
        program: &Program,
        (sample, customers): (usize, usize),
        reps: usize,
        bits: impl Fn(N, usize) -> u64,
    ) -> Self {
        let nodes = &program.nodes;
        let mut frontiers: Vec<BTreeSet<N>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let mut frontier = BTreeSet::new();
            if node.sides == Sides::PAIR {
                for arg in &node.args {
                    match nodes[arg.ix()].sides {
                        Sides::CUSTOMER => {
                            frontier.insert(*arg);
                        }
                        Sides::PAIR => frontier.extend(frontiers[arg.ix()].iter().copied()),
                        _ => {}
                    }
                }
            }
            frontiers.push(frontier);
        }
        let distinct = |nodes: &BTreeSet<N>| {
            let values = |lane| nodes.iter().map(move |node| (*node, lane));
            let bits = |(node, lane)| bits(node, lane);
            if nodes.len() == 1 {
                let seen: HashSet<u64, Mixing> = (0..sample).flat_map(values).map(bits).collect();
                return seen.len();
            }
            let values = |lane| values(lane).map(bits).collect();
            let seen: HashSet<Vec<u64>, Mixing> = (0..sample).map(values).collect();
            seen.len()
        };
        let mut worth: HashMap<&BTreeSet<N>, bool> = HashMap::new();
        for frontier in &frontiers {
            if frontier.is_empty() || worth.contains_key(frontier) {
                continue;
            }
            let together = distinct(frontier);
            // A sample of one value says that all are alike; more must be shared by enough.
            let mut few = together == 1 || together * SHARED_BY <= sample;
            let mut most = together;
            if !few {
                // Each alone takes few values, so that all that they take together are few in a book.
                let alone = |node: &N| distinct(&BTreeSet::from([*node]));
                let each: Vec<usize> = frontier.iter().map(alone).collect();
                most = each
                    .iter()
                    .fold(1, |all: usize, one| all.saturating_mul(*one));
                let seen = each.iter().all(|one| one * SEEN <= sample);
                few = seen && most.saturating_mul(SHARED_BY) <= customers;
            }
            worth.insert(frontier, few && most.saturating_mul(reps) <= TABLE_VALUES);
        }
        let mut tables = Self {
            place: vec![None; nodes.len()],
            computed: vec![false; nodes.len()],
            reps,
            ..Self::default()
        };
        tables.worth = (frontiers.iter())
            .map(|frontier| worth.get(frontier) == Some(&true))
            .collect();
        let mut open: Vec<N> = program.outputs().into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(node) = open.pop() {
            if nodes[node.ix()].sides != Sides::PAIR || !seen.insert(node) {
                continue;
            }
            if tables.worth[node.ix()] {
                tables.add(program, node, &frontiers[node.ix()]);
            } else {
                open.extend(&nodes[node.ix()].args);
            }
        }
        tables
    }

    /// Chooses what is computed for every pair: what these nodes need that is in no table.
    pub(super) fn compute_for(&mut self, program: &Program, mut open: Vec<N>) {
        self.computed.fill(false);
        while let Some(node) = open.pop() {
            let own = &program.nodes[node.ix()];
            if own.sides == Sides::PAIR && !self.holds(node) && !self.computes(node) {
                self.computed[node.ix()] = true;
                open.extend(&own.args);
            }
        }
        let all = (0..program.nodes.len() as u32).map(N); // a node's number is 32 bits
        self.in_order = all.filter(|node| self.computes(*node)).collect();
    }

    /// The pair node that is computed for every pair after so many others.
    pub(super) fn computed(&self, place: usize) -> Option<N> {
        self.in_order.get(place).copied()
    }

    /// Whether the node is in a table.
    pub(super) fn holds(&self, node: N) -> bool {
        self.place.get(node.ix()).is_some_and(Option::is_some)
    }

    fn add(&mut self, program: &Program, root: N, frontier: &BTreeSet<N>) {
        let group = self
            .groups
            .iter()
            .position(|group| group.key.iter().eq(frontier));
        let group = group.unwrap_or_else(|| {
            self.groups.push(Group {
                key: frontier.iter().copied().collect(),
                within: vec![false; program.nodes.len()],
                ..Group::default()
            });
            self.groups.len() - 1
        });
        let own = &mut self.groups[group];
        self.place[root.ix()] = Some((group, own.roots.len()));
        own.roots.push(root);
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if program.nodes[node.ix()].sides == Sides::PAIR && !own.within[node.ix()] {
                own.within[node.ix()] = true;
                open.extend(&program.nodes[node.ix()].args);
            }
        }
    }

    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn roots(&self, group: usize) -> &[N] {
        &self.groups[group].roots
    }

    pub(super) fn within(&self, group: usize, node: N) -> bool {
        self.groups[group].within[node.ix()]
    }

    /// Whether the node is computed for every pair.
    fn computes(&self, node: N) -> bool {
        self.computed.get(node.ix()) == Some(&true)
    }

    /// Makes a table stand at a customer; whether it has the row.
    pub(super) fn find(&mut self, group: usize, bits: impl Fn(N) -> u64) -> bool {
        let group = &mut self.groups[group];
        group.next.clear();
        group.next.extend(group.key.iter().map(|node| bits(*node)));
        // Keys are a number or two: compared here, not by a call.
        if group.sought.iter().eq(&group.next) && group.at < group.made.len() {
            return true;
        }
        std::mem::swap(&mut group.sought, &mut group.next);
        let found = match short(&group.sought) {
            Some(key) => group.short.get(&key),
            None => group.rows.get(group.sought.as_slice()),
        };
        found.inspect(|at| group.at = **at).is_some()
    }

    /// Adds the row of the customer at which the table stands.
    pub(super) fn keep(&mut self, group: usize, made: Vec<Lanes>) {
        let group = &mut self.groups[group];
        let values = (group.made.len() + 1) * self.reps * group.roots.len();
        if values > TABLE_VALUES && !group.made.is_empty() {
            group.rows.clear();
            group.short.clear();
            group.made.clear();
            self.emptied += 1;
        }
        group.at = group.made.len();
        let made = made.into_iter().map(|values| TableRow {
            greatest: values.greatest(),
            values,
        });
        group.made.push(made.collect());
        match short(&group.sought) {
            Some(key) => group.short.insert(key, group.at),
            None => group.rows.insert(group.sought.as_slice().into(), group.at),
        };
    }

    /// The group of a node that is in a table, and its place in the rows of that.
    pub(super) fn place(&self, node: N) -> Option<(usize, usize)> {
        *self.place.get(node.ix())?
    }

    /// The rows of a group for the customer at which the table stands.
    pub(super) fn rows(&self, group: usize) -> Option<&[TableRow]> {
        let group = self.groups.get(group)?;
        group.made.get(group.at).map(Vec::as_slice)
    }

    /// Where the tables stand: customers at the same places have the same rows, until a table is
    /// emptied.
    pub(super) fn stand(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().map(|group| group.at)
    }

    pub(super) const fn emptied(&self) -> usize {
        self.emptied
    }
}
