//! Shortest paths between nodes, and sending units along those that cost nothing more.
//!
//! `search` runs Dijkstra's algorithm on reduced costs, from one node in excess until it comes to
//! a lack as long as those are near, then from all nodes in excess at once until enough lack has
//! been reached; and raises prices so that every shortest path costs nothing;
//! `augment` then sends as much as a depth-first search finds along arcs of reduced cost zero
//! (the primal-dual variant: Ford & Fulkerson 1957). At least one path exists, so each round
//! makes progress. O(arcs of the contracted graph + nodes log nodes) a search.

use super::cost::Cost;
use super::flow::Flow;
use crate::allocation::{Stop, Watch};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where a search comes by more than one node in so many, those after it start from all in excess.
const FAR: usize = 6;

/// Space that searches use again and again.
#[derive(Debug, Clone)]
pub(super) struct Scratch<C> {
    distance: Vec<C>,
    done: Vec<bool>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reverse<(C, u32)>>,
    /// The next arc to try of each node in `augment`.
    cursor: Vec<u32>,
    seen: Vec<bool>,
    sources: Vec<u32>,
    /// Where the look-out for the next node in excess begins.
    turn: u32,
    /// Whether the way is long, so that all nodes in excess share one search.
    wide: bool,
    /// Whether the path that the search found is taken first, without looking for it again. It
    /// spares single changes the dead ends; which of several best flows results may differ.
    pub(super) follow: bool,
    /// The node before each on its shortest path, and how the path leaves that.
    before: Vec<(u32, Way)>,
    /// The node in lack that the search came to last.
    end: Option<u32>,
}

/// How a path leaves a node.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By a swap, of which the place in [`super::swaps::Leaving`] is known.
    Swap(u32),
    Up,
    Down,
}

impl<C: Cost> Scratch<C> {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            distance: vec![C::MAX; nodes],
            done: vec![false; nodes],
            touched: Vec::new(),
            queue: BinaryHeap::new(),
            cursor: vec![0; nodes],
            seen: vec![false; nodes],
            sources: Vec::new(),
            turn: 0,
            wide: false,
            follow: false,
            before: vec![(0, Way::Up); nodes],
            end: None,
        }
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

/// One step of a path.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A row moves from one of its arcs to another.
    Swap { from: u32, to: u32 },
    /// The node passes more on to its parent.
    Up(u32),
    /// This node, a child, passes less on.
    Down(u32),
}

impl<C: Cost> Flow<C> {
    /// Finds shortest paths from excess to lack and raises prices along them.
    pub(super) fn search(&mut self, watch: &mut dyn Watch) -> Result<Found, Stop> {
        let mut scratch = std::mem::replace(&mut self.scratch, Scratch::new(0));
        let found = self.search_with(&mut scratch);
        let work = scratch.touched.len() as u64;
        scratch.wide |= scratch.touched.len() * FAR > self.excess.len();
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
        scratch.sources.clear();
        scratch.end = None;
        let mut wanted = 0_i64;
        let nodes = self.excess.len();
        let first = scratch.turn as usize;
        for node in (first..nodes).chain(0..first) {
            if self.excess[node] > 0 {
                wanted += self.excess[node];
                scratch.sources.push(node as u32);
                scratch.distance[node] = C::ZERO;
                scratch.touched.push(node as u32);
                scratch.queue.push(Reverse((C::ZERO, node as u32)));
                if !scratch.wide {
                    scratch.turn = node as u32 + 1;
                    wanted = 1;
                    break;
                }
            }
        }
        if wanted == 0 {
            return Found::Nothing;
        }
        let mut goal = (wanted / 2).max(1);
        let mut furthest = C::ZERO;
        let mut found = Found::Wall;
        let slack = self.slack();
        let mut limit = C::MAX;
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
            if self.excess[node as usize] < 0 {
                goal += self.excess[node as usize];
                found = Found::Way;
                scratch.end = Some(node);
            }
            if goal <= 0 {
                break;
            }
            limit = self.relax(node, distance, goal, limit, scratch);
        }
        if found == Found::Wall && slack < C::MAX {
            furthest = slack;
        }
        for &node in &scratch.touched {
            if scratch.done[node as usize] {
                self.prices[node as usize] += furthest - scratch.distance[node as usize];
            }
        }
        found
    }

    /// Looks at the arcs of a node. What is no nearer than `limit` is left out: so far it is to a
    /// node that lacks all of the goal. The new limit.
    fn relax(
        &self,
        node: u32,
        distance: C,
        goal: i64,
        mut limit: C,
        scratch: &mut Scratch<C>,
    ) -> C {
        let Scratch {
            distance: distances,
            touched,
            queue,
            before,
            ..
        } = scratch;
        let base = distance - self.prices[node as usize];
        let mut reach = |l: u32, cost: C, way: Way| {
            let there = base + cost + self.prices[l as usize];
            let known = distances[l as usize];
            if there < known && there < limit {
                if known == C::MAX {
                    touched.push(l);
                }
                distances[l as usize] = there;
                before[l as usize] = (node, way);
                if goal + self.excess[l as usize] <= 0 {
                    limit = there;
                }
                queue.push(Reverse((there, l)));
            }
        };
        let leaving = self.swaps.leaving(node);
        for ((&l, &key), place) in leaving.targets.iter().zip(&leaving.keys).zip(0..) {
            if key != C::MAX {
                reach(l, key, Way::Swap(place));
            }
        }
        if let Some(&parent) = self.network.parent.get(node as usize) {
            let used = self.used[node as usize];
            if used < self.network.room[node as usize] {
                reach(parent, self.network.next(node, used), Way::Up);
            }
        }
        for &child in &self.children[node as usize] {
            let used = self.used[child as usize];
            if used > 0 {
                reach(child, -self.network.next_down(child, used), Way::Down);
            }
        }
        limit
    }

    /// Sends excess to lack along arcs of reduced cost zero, as much as one pass finds.
    pub(super) fn augment(&mut self) {
        let mut scratch = std::mem::replace(&mut self.scratch, Scratch::new(0));
        scratch.cursor.fill(0);
        scratch.seen.fill(false);
        let sources = std::mem::take(&mut scratch.sources);
        let mut path = Vec::new();
        if scratch.follow
            && let Some(end) = scratch.end
            && let Some(source) = self.trace(end, &scratch, &mut path)
        {
            self.send(source, end, &path);
        }
        for &source in &sources {
            while self.excess[source as usize] > 0 {
                path.clear();
                let Some(end) = self.walk(source, &mut scratch, &mut path) else {
                    break;
                };
                self.send(source, end, &path);
            }
        }
        scratch.sources = sources;
        self.scratch = scratch;
    }

    /// The path by which the search came to a node, and where it starts.
    fn trace(
        &mut self,
        end: u32,
        scratch: &Scratch<C>,
        path: &mut Vec<(u32, Step)>,
    ) -> Option<u32> {
        let mut node = end;
        while self.excess[node as usize] <= 0 {
            let (before, way) = scratch.before[node as usize];
            let step = match way {
                Way::Swap(place) => {
                    let holds = Self::holds(&self.units);
                    let swap = self.swaps.best(before, place as usize, holds)?;
                    Step::Swap {
                        from: swap.from,
                        to: swap.to,
                    }
                }
                Way::Up => Step::Up(before),
                Way::Down => Step::Down(node),
            };
            path.push((before, step));
            node = before;
        }
        Some(node)
    }

    /// A path of zero reduced cost to a node that lacks. Nodes that lead nowhere stay seen.
    fn walk(
        &mut self,
        source: u32,
        scratch: &mut Scratch<C>,
        path: &mut Vec<(u32, Step)>,
    ) -> Option<u32> {
        let mut node = source;
        scratch.seen[node as usize] = true;
        loop {
            if self.excess[node as usize] < 0 {
                scratch.seen[node as usize] = false;
                for &(passed, _) in path.iter() {
                    scratch.seen[passed as usize] = false;
                }
                return Some(node);
            }
            match self.free_step(node, scratch) {
                Some((next, step)) => {
                    path.push((node, step));
                    scratch.seen[next as usize] = true;
                    node = next;
                }
                None => {
                    // A dead end, and it stays seen; try the next arc of the node before.
                    let (before, _) = path.pop()?;
                    scratch.cursor[before as usize] += 1;
                    node = before;
                }
            }
        }
    }

    /// The next arc of reduced cost zero to a node not seen, from the cursor on: first the swaps,
    /// then the parent, then the children.
    fn free_step(&mut self, node: u32, scratch: &mut Scratch<C>) -> Option<(u32, Step)> {
        let at = node as usize;
        let price = self.prices[at];
        let leaving = self.swaps.leaving(node);
        let swaps = leaving.targets.len();
        let cursor = &mut scratch.cursor[at];
        while (*cursor as usize) < swaps {
            let place = *cursor as usize;
            let leaving = self.swaps.leaving(node);
            let (l, key) = (leaving.targets[place], leaving.keys[place]);
            if key != C::MAX && !scratch.seen[l as usize] && key + self.prices[l as usize] == price
            {
                let best = self.swaps.best(node, place, Self::holds(&self.units));
                if let Some(swap) = best {
                    return Some((
                        l,
                        Step::Swap {
                            from: swap.from,
                            to: swap.to,
                        },
                    ));
                }
            }
            *cursor += 1;
        }
        if *cursor as usize == swaps {
            if let Some(&parent) = self.network.parent.get(at)
                && !scratch.seen[parent as usize]
                && self.used[at] < self.network.room[at]
                && self.network.next(node, self.used[at]) + self.prices[parent as usize] == price
            {
                return Some((parent, Step::Up(node)));
            }
            *cursor += 1;
        }
        while let Some(&child) = self.children[at].get(*cursor as usize - swaps - 1) {
            let used = self.used[child as usize];
            if !scratch.seen[child as usize]
                && used > 0
                && self.prices[child as usize] - self.network.next_down(child, used) == price
            {
                return Some((child, Step::Down(child)));
            }
            *cursor += 1;
        }
        None
    }

    fn send(&mut self, source: u32, end: u32, path: &[(u32, Step)]) {
        let mut amount = self.excess[source as usize].min(-self.excess[end as usize]);
        for &(_, step) in path {
            amount = amount.min(match step {
                Step::Swap { from, .. } => i64::from(self.units[from as usize]),
                Step::Up(node) => self.network.run_up(node, self.used[node as usize]),
                Step::Down(node) => self.network.run_down(node, self.used[node as usize]),
            });
        }
        for &(_, step) in path {
            match step {
                Step::Swap { from, to } => self.shift(from, to, amount as u32),
                Step::Up(node) => self.used[node as usize] += amount,
                Step::Down(node) => self.used[node as usize] -= amount,
            }
        }
        self.excess[source as usize] -= amount;
        self.excess[end as usize] += amount;
    }
}
