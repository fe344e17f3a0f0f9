//! The contracted graph: from node to node by the row that is cheapest to move.
//!
//! For each pair of nodes (j, l) a heap holds the rows that j serves and l could, by what moving a
//! unit costs. Entries whose row has left j stay until they come to the top (lazy deletion); the
//! best valid key of each pair is kept beside, so that reading a node's arcs is one sweep over an
//! array. Only arcs whose reduced cost is within `reach` of the best are entered: the flow sees
//! to it that prices do not drift further. O(log heap) a change, O(arcs) a build.

use super::cost::Cost;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Moving a unit of a row from one of its arcs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Swap<C> {
    /// What it costs more on the new arc.
    pub(super) key: C,
    /// The arc it leaves.
    pub(super) from: u32,
    /// The arc it takes.
    pub(super) to: u32,
}

/// What leaves one node.
#[derive(Debug, Clone)]
pub(super) struct Leaving<C> {
    /// The nodes it leads to.
    pub(super) targets: Vec<u32>,
    /// The least key of each, `C::MAX` where nothing can move.
    pub(super) keys: Vec<C>,
    heaps: Vec<Heap<C>>,
}

#[derive(Debug, Clone)]
struct Heap<C> {
    swaps: Vec<Swap<C>>,
    /// Whether `swaps` is in heap order yet: many heaps are never touched.
    ordered: bool,
    /// The size at which stale entries are swept out.
    sweep_at: u32,
}

/// The arcs between nodes that moving rows makes.
#[derive(Debug, Clone)]
pub(super) struct Swaps<C> {
    leaving: Vec<Leaving<C>>,
    /// The nodes from which each can be come to, with the place in their [`Leaving::targets`].
    arriving: Vec<Vec<(u32, u32)>>,
    places: Places,
}

/// Where the pair (j, l) stands in `leaving[j]`.
#[derive(Debug, Clone)]
enum Places {
    Table { nodes: usize, place: Vec<u16> },
    Hashed(HashMap<u64, u32, BuildHasherDefault<PairHasher>>),
}

const NOWHERE: u16 = u16::MAX;
/// Up to this many nodes the table of all pairs is small enough (8 MiB).
const TABLE_NODES: usize = 2048;

impl<C: Cost> Swaps<C> {
    pub(super) fn new(nodes: usize) -> Self {
        let none = Leaving {
            targets: Vec::new(),
            keys: Vec::new(),
            heaps: Vec::new(),
        };
        let places = if nodes <= TABLE_NODES {
            Places::Table {
                nodes,
                place: vec![NOWHERE; nodes * nodes],
            }
        } else {
            Places::Hashed(HashMap::default())
        };
        Self {
            leaving: vec![none; nodes],
            arriving: vec![Vec::new(); nodes],
            places,
        }
    }

    /// What leaves a node.
    pub(super) fn leaving(&self, node: u32) -> &Leaving<C> {
        &self.leaving[node as usize]
    }

    /// What leads to a node: whence, the place there, and the least key.
    pub(super) fn arriving(&self, node: u32) -> impl Iterator<Item = (u32, u32, C)> + '_ {
        let arriving = self.arriving[node as usize].iter();
        arriving.map(|&(from, place)| {
            let key = self.leaving[from as usize].keys[place as usize];
            (from, place, key)
        })
    }

    /// Enters a swap while building, without order; `order` ends the build.
    pub(super) fn enter_unordered(&mut self, j: u32, l: u32, swap: Swap<C>) {
        let place = self.place_or_new(j, l);
        let leaving = &mut self.leaving[j as usize];
        let heap = &mut leaving.heaps[place];
        heap.swaps.push(swap);
        heap.sweep_at = heap.sweep_at.max(heap.swaps.len() as u32 * 2);
        if swap.key < leaving.keys[place] {
            leaving.keys[place] = swap.key;
        }
    }

    /// Enters a swap.
    pub(super) fn enter(&mut self, j: u32, l: u32, swap: Swap<C>, holds: impl Fn(u32) -> bool) {
        let place = self.place_or_new(j, l);
        let leaving = &mut self.leaving[j as usize];
        let heap = &mut leaving.heaps[place];
        heap.push(swap);
        if heap.swaps.len() > heap.sweep_at as usize {
            heap.sweep(&holds);
        }
        if swap.key < leaving.keys[place] {
            leaving.keys[place] = swap.key;
        }
    }

    /// Says that an arc holds nothing any more: the pair's best key may have gone with it.
    pub(super) fn left(&mut self, j: u32, l: u32, swap: Swap<C>, holds: impl Fn(u32) -> bool) {
        let Some(place) = self.place(j, l) else {
            return;
        };
        let leaving = &mut self.leaving[j as usize];
        if leaving.keys[place] != swap.key {
            return; // it was not the best
        }
        leaving.keys[place] = leaving.heaps[place]
            .top(&holds)
            .map_or(C::MAX, |top| top.key);
    }

    /// The best swap of a pair, by its place in [`Leaving::targets`].
    pub(super) fn best(
        &mut self,
        j: u32,
        place: usize,
        holds: impl Fn(u32) -> bool,
    ) -> Option<Swap<C>> {
        self.leaving[j as usize].heaps[place].top(&holds)
    }

    fn place(&self, j: u32, l: u32) -> Option<usize> {
        match &self.places {
            Places::Table { nodes, place } => {
                let place = place[j as usize * nodes + l as usize];
                (place != NOWHERE).then_some(usize::from(place))
            }
            Places::Hashed(places) => places
                .get(&(u64::from(j) << 32 | u64::from(l)))
                .map(|&place| place as usize),
        }
    }

    fn place_or_new(&mut self, j: u32, l: u32) -> usize {
        if let Some(place) = self.place(j, l) {
            return place;
        }
        let leaving = &mut self.leaving[j as usize];
        let place = leaving.targets.len() as u32;
        leaving.targets.push(l);
        self.arriving[l as usize].push((j, place));
        leaving.keys.push(C::MAX);
        leaving.heaps.push(Heap {
            swaps: Vec::new(),
            ordered: false,
            sweep_at: 64,
        });
        match &mut self.places {
            Places::Table {
                nodes,
                place: table,
            } => {
                table[j as usize * *nodes + l as usize] = place as u16;
            }
            Places::Hashed(places) => {
                places.insert(u64::from(j) << 32 | u64::from(l), place);
            }
        }
        place as usize
    }
}

impl<C: Cost> Heap<C> {
    fn top(&mut self, holds: &impl Fn(u32) -> bool) -> Option<Swap<C>> {
        self.order();
        while let Some(&top) = self.swaps.first() {
            if holds(top.from) {
                return Some(top);
            }
            self.pop();
        }
        None
    }

    fn push(&mut self, swap: Swap<C>) {
        if !self.ordered {
            self.swaps.push(swap);
            return;
        }
        let mut at = self.swaps.len();
        self.swaps.push(swap);
        while at > 0 {
            let above = (at - 1) / 2;
            if self.swaps[above] <= swap {
                break;
            }
            self.swaps[at] = self.swaps[above];
            at = above;
        }
        self.swaps[at] = swap;
    }

    fn pop(&mut self) {
        if let Some(last) = self.swaps.pop()
            && !self.swaps.is_empty()
        {
            self.swaps[0] = last;
            self.sink(0);
        }
    }

    fn sink(&mut self, mut at: usize) {
        let swap = self.swaps[at];
        loop {
            let mut below = 2 * at + 1;
            if below >= self.swaps.len() {
                break;
            }
            if below + 1 < self.swaps.len() && self.swaps[below + 1] < self.swaps[below] {
                below += 1;
            }
            if swap <= self.swaps[below] {
                break;
            }
            self.swaps[at] = self.swaps[below];
            at = below;
        }
        self.swaps[at] = swap;
    }

    fn order(&mut self) {
        if !self.ordered {
            self.ordered = true;
            self.sweep_at = (self.swaps.len() as u32).saturating_mul(2).max(64);
            for at in (0..self.swaps.len() / 2).rev() {
                self.sink(at);
            }
        }
    }

    /// Throws out stale and repeated entries; the work is paid for by the pushes that led here.
    fn sweep(&mut self, holds: &impl Fn(u32) -> bool) {
        self.swaps.retain(|swap| holds(swap.from));
        self.swaps.sort_unstable();
        self.swaps.dedup();
        self.ordered = true; // sorted is in heap order
        self.sweep_at = (self.swaps.len() as u32).saturating_mul(2).max(64);
    }
}

/// A hasher for pair numbers: one multiplication (Fibonacci hashing), no seed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PairHasher(u64);

impl Hasher for PairHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}
