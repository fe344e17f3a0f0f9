//! Shortest paths between nodes: from those in excess to those that lack.
//!
//! `search` runs Dijkstra's algorithm on reduced costs from one side until it has come to half of
//! what is in excess on the other, then moves prices so that every shortest path costs nothing.
//! It starts from the side with fewer nodes: each node of the other that it comes to has then a
//! path of its own, where else one node that lacks much would end the search for all. `augment`
//! sends units along those paths (primal-dual: Ford & Fulkerson 1957; from the lacks it is the
//! global update of Goldberg 1997). At least one path exists, so each round makes progress.
//! O(arcs of the contracted graph + nodes log nodes) a search.

use super::cost::Cost;
use super::flow::Flow;
use crate::allocation::{Stop, Watch};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Space that searches use again and again.
#[derive(Debug, Clone)]
pub(super) struct Scratch<C> {
    distance: Vec<C>,
    done: Vec<bool>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reverse<(C, u32)>>,
    /// How much more the search is to come to.
    goal: i64,
    /// What is no nearer is left out: so far it is to a node that has all of the goal.
    limit: C,
    /// The distance of the node that is looked at, less its price or, backward, with it.
    base: C,
    /// The next arc to try of each node in `augment`.
    pub(super) cursor: Vec<u32>,
    pub(super) seen: Vec<bool>,
    /// The nodes in excess.
    pub(super) sources: Vec<u32>,
    /// Whether the search went from lack to excess.
    pub(super) backward: bool,
    /// Whether the path that the search found is taken first, without looking for it again. It
    /// spares single changes the dead ends; which of several best flows results may differ.
    pub(super) follow: bool,
    /// The node by which the last search came to each, and how the path leads between them: from
    /// that one, or to it where the search is backward. None where it began or did not come.
    pub(super) link: Vec<Option<(u32, Way)>>,
    /// The node that the search came to last of those it was for.
    pub(super) end: Option<u32>,
}

/// How a path leaves a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// By a swap, of which the place in [`super::swaps::Leaving`] is known.
    Swap(u32),
    /// To its parent.
    Up,
    /// To a child.
    Down,
}

impl<C: Cost> Scratch<C> {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            distance: vec![C::MAX; nodes],
            done: vec![false; nodes],
            touched: Vec::new(),
            queue: BinaryHeap::new(),
            goal: 0,
            limit: C::MAX,
            base: C::ZERO,
            cursor: vec![0; nodes],
            seen: vec![false; nodes],
            sources: Vec::new(),
            backward: false,
            follow: false,
            link: vec![None; nodes],
            end: None,
        }
    }

    fn start_from(&mut self, node: u32) {
        self.distance[node as usize] = C::ZERO;
        self.touched.push(node);
        self.queue.push(Reverse((C::ZERO, node)));
    }
}

/// What a search comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing is in excess.
    Nothing,
    /// A path of reduced cost zero from excess to lack.
    Way,
    /// What is in excess reaches no lack by the arcs that are in.
    Wall,
}

impl<C: Cost> Flow<C> {
    /// Finds shortest paths from excess to lack and moves prices along them.
    pub(super) fn search(&mut self, watch: &mut dyn Watch) -> Result<Found, Stop> {
        let mut scratch = std::mem::replace(&mut self.scratch, Scratch::new(0));
        let found = self.search_with(&mut scratch);
        let work = scratch.touched.len() as u64;
        for node in scratch.touched.drain(..) {
            scratch.distance[node as usize] = C::MAX;
            scratch.done[node as usize] = false;
        }
        scratch.queue.clear();
        self.scratch = scratch;
        watch.tick(work + 1)?;
        Ok(found)
    }

    fn search_with(&mut self, scratch: &mut Scratch<C>) -> Found {
        let wanted = self.start(scratch);
        if wanted == 0 {
            return Found::Nothing;
        }
        scratch.goal = (wanted / 2).max(1);
        scratch.limit = C::MAX;
        let mut furthest = C::ZERO;
        let mut found = Found::Wall;
        let slack = self.slack();
        while let Some(Reverse((distance, node))) = scratch.queue.pop() {
            if scratch.done[node as usize] {
                continue;
            }
            if distance > slack {
                furthest = slack; // from here on an arc that was left out may be shorter
                break;
            }
            scratch.done[node as usize] = true;
            furthest = distance;
            let met = self.met(node, scratch.backward);
            if met > 0 {
                scratch.goal -= met;
                found = Found::Way;
                scratch.end = Some(node);
            }
            if scratch.goal <= 0 {
                break;
            }
            let price = self.prices[node as usize];
            if scratch.backward {
                scratch.base = distance + price;
                self.arriving(node, scratch);
            } else {
                scratch.base = distance - price;
                self.leaving(node, scratch);
            }
        }
        if found == Found::Wall && slack < C::MAX {
            furthest = slack;
        }
        for &node in &scratch.touched {
            if scratch.done[node as usize] {
                let nearer = furthest - scratch.distance[node as usize];
                self.prices[node as usize] += if scratch.backward { -nearer } else { nearer };
            }
        }
        found
    }

    /// Begins at the side with fewer nodes; how much is in excess.
    fn start(&self, scratch: &mut Scratch<C>) -> i64 {
        scratch.sources.clear();
        scratch.link.fill(None);
        scratch.end = None;
        let (mut wanted, mut lacks) = (0, 0);
        for (node, &excess) in (0..).zip(&self.excess) {
            if excess > 0 {
                wanted += excess;
                scratch.sources.push(node);
            }
            lacks += usize::from(excess < 0);
        }
        scratch.backward = scratch.sources.len() > lacks;
        for (node, &excess) in (0..).zip(&self.excess) {
            if (scratch.backward && excess < 0) || (!scratch.backward && excess > 0) {
                scratch.start_from(node);
            }
        }
        wanted
    }

    /// How much of what a search looks for there is at a node; below zero where it began.
    fn met(&self, node: u32, backward: bool) -> i64 {
        let excess = self.excess[node as usize];
        if backward { excess } else { -excess }
    }

    /// Looks at the arcs from a node that can take a unit.
    fn leaving(&self, node: u32, scratch: &mut Scratch<C>) {
        let leaving = self.swaps.leaving(node);
        for ((&l, &key), place) in leaving.targets.iter().zip(&leaving.keys).zip(0..) {
            if key != C::MAX {
                self.reach::<false>(node, l, key, Way::Swap(place), scratch);
            }
        }
        if let Some(&parent) = self.network.parent.get(node as usize)
            && let Some(cost) = self.cost_up(node)
        {
            self.reach::<false>(node, parent, cost, Way::Up, scratch);
        }
        for &child in &self.children[node as usize] {
            if let Some(cost) = self.cost_down(child) {
                self.reach::<false>(node, child, cost, Way::Down, scratch);
            }
        }
    }

    /// Looks at the arcs to a node that can take a unit.
    fn arriving(&self, node: u32, scratch: &mut Scratch<C>) {
        for (j, place, key) in self.swaps.arriving(node) {
            if key != C::MAX {
                self.reach::<true>(node, j, key, Way::Swap(place), scratch);
            }
        }
        if let Some(&parent) = self.network.parent.get(node as usize)
            && let Some(cost) = self.cost_down(node)
        {
            self.reach::<true>(node, parent, cost, Way::Down, scratch);
        }
        for &child in &self.children[node as usize] {
            if let Some(cost) = self.cost_up(child) {
                self.reach::<true>(node, child, cost, Way::Up, scratch);
            }
        }
    }

    /// Takes note of an arc between a node and another where it is the shortest way so far.
    #[inline(always)] // for most arcs it is three operations and nothing to note
    fn reach<const BACKWARD: bool>(
        &self,
        node: u32,
        other: u32,
        cost: C,
        way: Way,
        scratch: &mut Scratch<C>,
    ) {
        let price = self.prices[other as usize];
        let there = scratch.base + cost + if BACKWARD { -price } else { price };
        let known = scratch.distance[other as usize];
        if there >= known || there >= scratch.limit {
            return;
        }
        if known == C::MAX {
            scratch.touched.push(other);
        }
        scratch.distance[other as usize] = there;
        scratch.link[other as usize] = Some((node, way));
        if scratch.goal <= self.met(other, BACKWARD) {
            scratch.limit = there;
        }
        scratch.queue.push(Reverse((there, other)));
    }

    /// What it costs that a node passes one unit more on, where it can.
    pub(super) fn cost_up(&self, node: u32) -> Option<C> {
        let used = self.used[node as usize];
        (used < self.network.room[node as usize]).then(|| self.network.next(node, used))
    }

    /// What it costs that a node passes one unit less on, where it can.
    pub(super) fn cost_down(&self, node: u32) -> Option<C> {
        let used = self.used[node as usize];
        (used > 0).then(|| -self.network.next_down(node, used))
    }
}
