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
