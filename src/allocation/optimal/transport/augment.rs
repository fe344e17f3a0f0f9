//! Sending units along paths that cost nothing more, once `search` has found that there are any.
//!
//! First along the paths of the search itself, then as a depth-first search finds them: where many
//! paths are equally short it finds more than the one that the search kept.

use super::cost::Cost;
use super::flow::Flow;
use super::paths::{Scratch, Way};

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

/// Steps, each with the node that it leaves.
type Path = Vec<(u32, Step)>;

impl<C: Cost> Flow<C> {
    /// Sends excess to lack along arcs of reduced cost zero, as much as one pass finds.
    pub(super) fn augment(&mut self) {
        let mut scratch = std::mem::replace(&mut self.scratch, Scratch::new(0));
        scratch.cursor.fill(0);
        scratch.seen.fill(false);
        let sources = std::mem::take(&mut scratch.sources);
        let mut path = Vec::new();
        if scratch.backward {
            for &source in &sources {
                self.send_all(source, &mut path, |flow, path| {
                    flow.trace_onward(source, &scratch, path)
                });
            }
        } else if scratch.follow
            && let Some(end) = scratch.end
            && let Some(source) = self.trace_back(end, &scratch, &mut path)
        {
            self.send(source, end, &path);
        }
        for &source in &sources {
            self.send_all(source, &mut path, |flow, path| {
                flow.walk(source, &mut scratch, path)
            });
        }
        scratch.sources = sources;
        self.scratch = scratch;
    }

    /// Sends what is in excess at a node for as long as a path, which `find` tells with its end,
    /// is found.
    fn send_all(
        &mut self,
        source: u32,
        path: &mut Path,
        mut find: impl FnMut(&mut Self, &mut Path) -> Option<u32>,
    ) {
        while self.excess[source as usize] > 0 {
            path.clear();
            let Some(end) = find(self, path) else {
                break;
            };
            self.send(source, end, path);
        }
    }

    /// The path by which a forward search came to a node, and where it starts.
    fn trace_back(&mut self, end: u32, scratch: &Scratch<C>, path: &mut Path) -> Option<u32> {
        let mut node = end;
        while let Some((before, way)) = scratch.link[node as usize] {
            path.push((before, self.free(before, node, way)?));
            node = before;
        }
        Some(node)
    }

    /// The path from a node to where a backward search began, as long as it costs nothing more
    /// and something lacks there.
    fn trace_onward(&mut self, source: u32, scratch: &Scratch<C>, path: &mut Path) -> Option<u32> {
        let mut node = source;
        while self.excess[node as usize] >= 0 {
            let (next, way) = scratch.link[node as usize]?;
            path.push((node, self.free(node, next, way)?));
            node = next;
        }
        Some(node)
    }

    /// The step from a node to another, where it can be taken and has reduced cost zero.
    fn free(&mut self, node: u32, next: u32, way: Way) -> Option<Step> {
        let margin = self.prices[node as usize] - self.prices[next as usize];
        match way {
            Way::Swap(place) => {
                let place = place as usize;
                if self.swaps.leaving(node).keys[place] != margin {
                    return None;
                }
                let best = self.swaps.best(node, place, Self::holds(&self.units));
                best.map(|swap| Step::Swap {
                    from: swap.from,
                    to: swap.to,
                })
            }
            Way::Up => (self.cost_up(node) == Some(margin)).then_some(Step::Up(node)),
            Way::Down => (self.cost_down(next) == Some(margin)).then_some(Step::Down(next)),
        }
    }

    /// A path of zero reduced cost to a node that lacks. Nodes that lead nowhere stay seen.
    fn walk(&mut self, source: u32, scratch: &mut Scratch<C>, path: &mut Path) -> Option<u32> {
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
        let swaps = self.swaps.leaving(node).targets.len();
        let cursor = &mut scratch.cursor[at];
        loop {
            let place = *cursor as usize;
            let (next, way) = if place < swaps {
                let next = self.swaps.leaving(node).targets[place];
                (Some(next), Way::Swap(*cursor))
            } else if place == swaps {
                (self.network.parent.get(at).copied(), Way::Up)
            } else {
                let child = *self.children[at].get(place - swaps - 1)?;
                (Some(child), Way::Down)
            };
            if let Some(next) = next
                && !scratch.seen[next as usize]
                && let Some(step) = self.free(node, next, way)
            {
                return Some((next, step));
            }
            *cursor += 1;
        }
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
