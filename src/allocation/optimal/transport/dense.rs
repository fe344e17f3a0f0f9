//! Networks that are nearly full matrices of few rows a node: solved as assignments first.
//!
//! What `assignment` finds becomes the flow and its prices; the paths then have nothing left to do
//! but to confirm it. O(rows × nodes) beside that.

use super::cost::Cost;
use super::flow::Flow;
use super::network::{Network, Rise};
use super::refine::gap_at;
use super::start::ARCS_PER_ROW;
use crate::allocation::Watch;
use crate::allocation::optimal::assignment::{EDGE, FEW, Matrix};
use std::sync::Arc;

/// Matrices up to this many entries.
const ENTRIES: usize = 1 << 22;

/// An optimal flow, or none where the network is of another kind or the watch stops it.
pub(super) fn flow<C: Cost>(network: &Arc<Network<C>>, watch: &mut dyn Watch) -> Option<Flow<C>> {
    let matrix = matrix(network)?;
    let assigned = matrix.solve(watch);
    if assigned.stop.is_some() {
        return None;
    }
    let prices = assigned.price.iter().map(|&price| price as i128);
    let prices: Vec<C> = prices.chain([0]).map(C::from_wide).collect::<Option<_>>()?;
    let mut units = vec![0; network.node.len()];
    for (row, column) in (0..).zip(assigned.column_of) {
        let node = column.unwrap_or_else(|| network.sink());
        let arcs = network.arcs(row).filter(|&arc| network.node[arc] == node);
        units[arcs.min_by_key(|&arc| network.cost[arc])?] = 1;
    }
    let reach = gap_at(network, &prices, ARCS_PER_ROW);
    Some(Flow::with_units(Arc::clone(network), prices, units, reach))
}

fn matrix<C: Cost>(network: &Network<C>) -> Option<Matrix> {
    let (rows, columns) = (network.rows(), network.room.len());
    let full = rows * columns / 2 <= network.node.len();
    let flat = network
        .parent
        .iter()
        .all(|&parent| parent == network.sink());
    if rows > columns.saturating_mul(FEW)
        || rows.checked_mul(columns)? > ENTRIES
        || !full
        || !flat
        || network.rise.iter().any(|rise| *rise != Rise::Flat)
        || network.supply.iter().any(|&supply| supply != 1)
        || network.cost.iter().any(|cost| cost.wide().abs() > EDGE)
    {
        return None;
    }
    let mut matrix = Matrix {
        cost: vec![f64::INFINITY; rows * columns],
        open: vec![f64::INFINITY; rows],
        room: Vec::with_capacity(columns),
    };
    for row in 0..rows {
        for arc in network.arcs(row as u32) {
            let (node, cost) = network.arc(arc);
            let at = row * columns + node as usize;
            let place = if node == network.sink() {
                &mut matrix.open[row]
            } else {
                &mut matrix.cost[at]
            };
            *place = place.min(cost.wide() as f64);
        }
    }
    let room = network
        .room
        .iter()
        .map(|&room| room.clamp(0, rows as i64 + 1));
    matrix.room.extend(room.map(|room| room as u32));
    Some(matrix)
}
