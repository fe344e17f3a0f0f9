//! The solver's state kept after solving: each change is repaired by a shortest path or so.
//!
//! Prices and flow stay optimal through every change: an arrival takes its best arc, a departure
//! leaves a lack, a capacity up or down a lack or an excess, and `repair` sends the unit that is
//! wrong where it belongs. A search looks at no more than the contracted graph, so the cost of a
//! change does not grow with the rows, but for the odd time when prices have drifted so far that
//! the swaps are entered anew.

use super::flow::Flow;
use super::instance::{Transport, Transported};
use super::solve;
use crate::allocation::{Stop, Watch};
use std::sync::Arc;

/// A transportation problem that stays solved while it changes.
///
/// ```
/// use bookwright::allocation::{LiveTransport, Transport, Unbounded};
///
/// let mut transport = Transport::new(&[1, 1]);
/// transport.add(1, 100, [(0, 5), (1, 9)]);
/// let mut live = LiveTransport::new(&transport, &mut Unbounded)?;
/// let row = live.arrive(1, 100, [(0, 2)], &mut Unbounded)?;
/// assert_eq!(live.cost(), 11);
/// live.depart(row, &mut Unbounded)?;
/// assert_eq!(live.cost(), 5);
/// live.set_capacity(0, 0, &mut Unbounded)?;
/// assert_eq!(live.cost(), 9);
/// # Ok::<(), bookwright::allocation::Stop>(())
/// ```
#[derive(Debug, Clone)]
pub struct LiveTransport {
    flow: Flow<i64>,
}

impl LiveTransport {
    /// Solves the problem and keeps its state.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub fn new(transport: &Transport, watch: &mut dyn Watch) -> Result<Self, Stop> {
        let (mut flow, end) = solve(transport.network(), watch);
        end?;
        flow.scratch.follow = true;
        Ok(Self { flow })
    }

    /// The total cost now, summed over all candidates.
    #[must_use]
    pub fn cost(&self) -> i128 {
        self.flow.total_cost()
    }

    /// What one more unit of a rep would save, at least 0.
    #[must_use]
    pub fn price(&self, rep: u32) -> i64 {
        if rep < self.flow.network.sink() {
            self.flow.price(rep).max(0)
        } else {
            0
        }
    }

    /// The reps of a row, with how many units each has.
    pub fn reps(&self, row: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let sink = self.flow.network.sink();
        self.flow.network.arcs(row).filter_map(move |arc| {
            let (rep, units) = (self.flow.network.node[arc], self.flow.units[arc]);
            (rep != sink && units > 0).then_some((rep, units))
        })
    }

    /// Equal customers arrive; their row. Costs are as in [`Transport::add`].
    ///
    /// # Errors
    /// Why the watch stopped it: the arrival is in, and the next change repairs what is left.
    pub fn arrive(
        &mut self,
        supply: u32,
        open_cost: i64,
        candidates: impl IntoIterator<Item = (u32, i64)>,
        watch: &mut dyn Watch,
    ) -> Result<u32, Stop> {
        let network = Arc::make_mut(&mut self.flow.network);
        let row = Transport::push(network, supply, open_cost, candidates);
        let arcs = self.flow.network.arcs(row);
        self.flow.row.resize(arcs.end, row);
        self.flow.units.resize(arcs.end, 0);
        let best = self.flow.best_arc(row);
        self.flow.put_on(best, supply);
        self.enter(self.flow.network.node[best], i64::from(supply));
        self.flow.repair(watch)?;
        Ok(row)
    }

    /// A row departs; it has no units from then on.
    ///
    /// # Errors
    /// Why the watch stopped it: the departure is in, and the next change repairs what is left.
    pub fn depart(&mut self, row: u32, watch: &mut dyn Watch) -> Result<(), Stop> {
        if row as usize >= self.flow.network.rows() {
            return Ok(());
        }
        for arc in self.flow.network.arcs(row) {
            let units = self.flow.units[arc];
            if units > 0 {
                self.flow.take_off(arc, units);
                self.enter(self.flow.network.node[arc], -i64::from(units));
            }
        }
        Arc::make_mut(&mut self.flow.network).supply[row as usize] = 0;
        self.flow.repair(watch)
    }

    /// The scores of a row change: it departs and arrives anew, with another number.
    ///
    /// # Errors
    /// Why the watch stopped it: the change is in, and the next one repairs what is left.
    pub fn rescore(
        &mut self,
        row: u32,
        open_cost: i64,
        candidates: impl IntoIterator<Item = (u32, i64)>,
        watch: &mut dyn Watch,
    ) -> Result<u32, Stop> {
        let supply = self
            .flow
            .network
            .supply
            .get(row as usize)
            .copied()
            .unwrap_or(0);
        let departed = self.depart(row, watch);
        let row = self.arrive(supply, open_cost, candidates, watch)?;
        departed.map(|()| row)
    }

    /// A rep's capacity changes.
    ///
    /// # Errors
    /// Why the watch stopped it: the change is in, and the next one repairs what is left.
    pub fn set_capacity(
        &mut self,
        rep: u32,
        capacity: u32,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        if rep >= self.flow.network.sink() {
            return Ok(());
        }
        Arc::make_mut(&mut self.flow.network).room[rep as usize] = i64::from(capacity);
        self.enter(rep, 0);
        self.flow.repair(watch)
    }

    /// All as a solution of the transport problem given, which must be the present one.
    #[must_use]
    pub fn solution(&self) -> (Transport, Transported) {
        let transport = Transport::of(Arc::clone(&self.flow.network));
        let solved = transport.solved(self.flow.clone(), None);
        (transport, solved)
    }

    /// More, or less, comes into a node: it passes on what its price says.
    fn enter(&mut self, node: u32, more: i64) {
        let sink = self.flow.network.sink();
        if node == sink {
            return; // what stays open comes and goes with the supply
        }
        let at = node as usize;
        let margin = self.flow.prices[at] - self.flow.prices[sink as usize];
        let (least, most) = self.flow.network.span(node, margin);
        let inflow = self.flow.excess[at] + self.flow.used[at] + more;
        let used = inflow.clamp(least, most);
        self.flow.excess[at] = inflow - used;
        self.flow.excess[sink as usize] += used - self.flow.used[at] - more;
        self.flow.used[at] = used;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Unbounded;
    use crate::allocation::optimal::transport::network::mix;

    #[test]
    fn every_repair_equals_solving_afresh() {
        for seed in 0..300_u64 {
            let mut state = seed << 20;
            let mut below = |end: u64| {
                state += 1;
                mix(state) % end
            };
            let reps = 1 + below(6) as u32;
            let capacities: Vec<u32> = (0..reps).map(|_| below(6) as u32).collect();
            let transport = Transport::new(&capacities);
            let mut live = LiveTransport::new(&transport, &mut Unbounded).unwrap();
            let mut rows = Vec::new();
            for _ in 0..40 {
                let mut pairs = Vec::new();
                for rep in 0..reps {
                    if below(3) > 0 {
                        pairs.push((rep, below(50) as i64));
                    }
                }
                let supply = 1 + below(3) as u32;
                match below(5) {
                    0 if !rows.is_empty() => {
                        let row = rows.swap_remove(below(rows.len() as u64) as usize);
                        live.depart(row, &mut Unbounded).unwrap();
                    }
                    1 => {
                        let (rep, room) = (below(u64::from(reps)) as u32, below(8) as u32);
                        live.set_capacity(rep, room, &mut Unbounded).unwrap();
                    }
                    2 if !rows.is_empty() => {
                        let row = rows.swap_remove(below(rows.len() as u64) as usize);
                        rows.push(live.rescore(row, 40, pairs, &mut Unbounded).unwrap());
                    }
                    _ => rows.push(live.arrive(supply, 40, pairs, &mut Unbounded).unwrap()),
                }
                let (now, solved) = live.solution();
                assert!(solved.verify(&now), "seed {seed}");
                assert_eq!(now.solve(&mut Unbounded).cost, live.cost(), "seed {seed}");
            }
        }
    }
}
