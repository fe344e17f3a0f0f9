//! Good prices to start from: those of a sample.
//!
//! A random part of the rows, with the limits in proportion, has nearly the prices of the whole:
//! from them the whole lacks only what chance makes the sample differ, so that few units need a
//! path. Each sample starts from a smaller one. The work over all levels is a geometric sum.

use super::cost::Cost;
use super::dense;
use super::flow::Flow;
use super::network::Network;
use super::refine::{gap_at, refine};
use crate::allocation::{Stop, Watch};
use std::sync::Arc;

/// Each sample is this many times smaller than the one above.
const STRIDE: u64 = 4;
/// Rows per node below which a sample tells nothing.
const ROWS_PER_NODE: usize = 4;
const FEW_ROWS: usize = 256;

/// The swaps that a flow starts with: so many arcs a row, its best included.
pub(super) const ARCS_PER_ROW: f64 = 3.0;

/// Solves a network from prices that samples give; whether it came to the end is in the second
/// part, and the flow is then as far as it got.
pub(in crate::allocation::optimal) fn solve<C: Cost>(
    network: Arc<Network<C>>,
    watch: &mut dyn Watch,
) -> (Flow<C>, Result<(), Stop>) {
    if let Some(flow) = dense::flow(&network, watch) {
        return (flow, Ok(()));
    }
    let prices = prices(&network, 1, watch);
    solve_from(network, prices, watch)
}

/// The same from prices that are known to be near.
pub(in crate::allocation::optimal) fn solve_from<C: Cost>(
    network: Arc<Network<C>>,
    prices: Vec<C>,
    watch: &mut dyn Watch,
) -> (Flow<C>, Result<(), Stop>) {
    let prices = refine(&network, prices);
    let reach = gap_at(&network, &prices, ARCS_PER_ROW);
    let mut flow = Flow::new(network, prices, reach);
    let end = flow.repair(watch);
    (flow, end)
}

fn prices<C: Cost>(network: &Network<C>, level: u64, watch: &mut dyn Watch) -> Vec<C> {
    let nodes = network.room.len() + 1;
    if network.rows() / (STRIDE as usize) < (nodes * ROWS_PER_NODE).max(FEW_ROWS) {
        return vec![C::ZERO; nodes];
    }
    let sample = Arc::new(network.sample(STRIDE, level));
    let before = prices(&sample, level + 1, watch);
    // Where the watch stops it, the caller's own repair will be told too; any prices do.
    let (flow, _) = solve_from(sample, before, watch);
    (0..nodes as u32).map(|node| flow.price(node)).collect()
}

#[cfg(test)]
mod tests {
    use crate::allocation::optimal::transport::{Transport, mix};
    use crate::allocation::{Stop, Watch};

    /// How many searches there were, at one call each.
    struct Searches(u32);

    impl Watch for Searches {
        fn tick(&mut self, _work: u64) -> Result<(), Stop> {
            self.0 += 1;
            Ok(())
        }
    }

    /// Classes of 200, five a rep, at random places; a twentieth of the room is left.
    #[test]
    fn many_reps_of_whole_classes_share_searches() {
        for seed in 0..4_u64 {
            let mut state = seed << 32;
            let mut below = |end: u64| {
                state += 1;
                mix(state) % end
            };
            let reps = 200;
            let places: Vec<(u64, u64)> = (0..reps).map(|_| (below(5000), below(5000))).collect();
            let rooms: Vec<u32> = (0..reps).map(|_| 525 + below(1050) as u32).collect();
            let mut transport = Transport::new(&rooms);
            for _ in 0..1000 {
                let (x, y) = (below(5000), below(5000));
                let candidates = places.iter().zip(0..).map(|(&(at, to), rep)| {
                    let far = at.abs_diff(x) + to.abs_diff(y) + below(1000);
                    (rep, far as i64)
                });
                let candidates: Vec<_> = candidates.collect();
                transport.add(200, 30_000, candidates);
            }
            let mut searches = Searches(0);
            let solved = transport.solve(&mut searches);
            assert!(solved.verify(&transport), "seed {seed}");
            assert!(searches.0 < 220, "seed {seed}: {} searches", searches.0);
        }
    }
}
