//! Better prices by looking at how many customers stand at each border.
//!
//! Each pass puts every row on its best arc, counts by how much each node is over or under its
//! room and how many units would move if its price moved a little, and takes a damped Newton step
//! for each node on its own (projected at zero, as prices are never negative). A row of many units
//! counts in part for its second best node where that is near: the sum then changes by degrees as
//! prices do, where whole rows would jump to and fro. Where nothing is known, steps are long at
//! first, and half as long whenever they have led no nearer twice. It proves nothing and need not
//! converge: what remains in excess gets a path each. O(arcs) a pass.

use super::cost::Cost;
use super::network::{Network, Rise};

const PASSES: usize = 64;
/// Costs are multiplied with units in so many bits.
const PART_BITS: u32 = 90;
/// How far a price moves in one pass at first and at last: as far as so many arcs a row are from
/// its best, that included.
const COARSEST: f64 = 12.0;
const FINEST: f64 = 1.5;

/// What one pass counts.
struct Count {
    load: Vec<i64>,
    /// Units that would leave or join if the price moved by `near`.
    movable: Vec<i64>,
}

/// Prices at which less is in excess; those given, where limits are nested or rise in cost.
pub(super) fn refine<C: Cost>(network: &Network<C>, given: Vec<C>) -> Vec<C> {
    let sink = network.sink();
    if network.parent.iter().any(|&parent| parent != sink)
        || network.rise.iter().any(|rise| *rise != Rise::Flat)
    {
        return given;
    }
    // A path costs about a sweep over the nodes, a pass one over the arcs.
    let enough = 20 * network.room.len() as i64;
    let finest = gap_at(network, &given, FINEST).wide().clamp(1, C::EDGE);
    let mut near = finest;
    if given.iter().all(|&price| price == C::ZERO) {
        near = gap_at(network, &given, COARSEST)
            .wide()
            .clamp(finest, C::EDGE);
    }
    let mut best = given.clone();
    let mut prices = given;
    let mut least = i64::MAX;
    let mut stale = 0;
    for _ in 0..PASSES {
        let count = count(network, &prices, near);
        let off = distance(network, &prices, &count.load);
        stale = if off / 19 < least / 20 { 0 } else { stale + 1 };
        if off < least {
            least = off;
            best.clone_from(&prices);
        }
        let done = off.saturating_mul(enough) <= network.node.len() as i64;
        if done || (stale == 4 && near == finest) {
            break;
        }
        if stale == 2 && near > finest {
            (near, stale) = ((near / 2).max(finest), 0);
        }
        let counts = count.load.iter().zip(&count.movable).zip(&network.room);
        for (price, ((&load, &movable), &room)) in prices.iter_mut().zip(counts) {
            let off = i128::from(load - room);
            let step = off.saturating_mul(near) / i128::from(movable + 1);
            let next = price.wide() + step.clamp(-near, near);
            // No price that helps is greater than a path.
            *price = C::from_wide(next.clamp(0, C::EDGE)).unwrap_or(*price);
        }
    }
    best
}

fn count<C: Cost>(network: &Network<C>, prices: &[C], near: i128) -> Count {
    // Great costs are looked at more coarsely, so that a row's units times one of them fit.
    let coarser = (i128::BITS - near.leading_zeros()).saturating_sub(PART_BITS);
    let near = C::from_wide(near).unwrap_or(C::MAX);
    let nodes = network.room.len() + 1;
    let mut count = Count {
        load: vec![0; nodes],
        movable: vec![0; nodes],
    };
    for row in 0..network.rows() as u32 {
        let (first, second) = least_two(network, prices, row);
        let units = i64::from(network.supply(row));
        let (to, other) = (first.1 as usize, second.1 as usize);
        count.load[to] += units;
        if second.0 < C::MAX && second.0 - first.0 <= near {
            let closeness = (near - (second.0 - first.0)).wide() >> coarser;
            let part = (i128::from(units) * closeness / (2 * (near.wide() >> coarser))) as i64;
            count.load[to] -= part;
            count.load[other] += part;
            count.movable[to] += units;
            count.movable[other] += units;
        }
    }
    count
}

/// The least costs plus prices of a row with where they lead, `C::MAX` where there is no second.
/// Without branches: which arc is the least so far cannot be foretold.
fn least_two<C: Cost>(network: &Network<C>, prices: &[C], row: u32) -> ((C, u32), (C, u32)) {
    let (mut first, mut first_node, mut second, mut second_node) = (C::MAX, 0, C::MAX, 0);
    let arcs = network.arcs(row);
    for (&node, &cost) in network.node[arcs.clone()].iter().zip(&network.cost[arcs]) {
        let priced = cost + prices[node as usize];
        let nearer = priced < first;
        let (beaten, beaten_node) = if nearer {
            (first, first_node)
        } else {
            (priced, node)
        };
        first = if nearer { priced } else { first };
        first_node = if nearer { node } else { first_node };
        let nearer = beaten < second;
        second = if nearer { beaten } else { second };
        second_node = if nearer { beaten_node } else { second_node };
    }
    ((first, first_node), (second, second_node))
}

/// How many units are over, or under where the price says that all room is used.
fn distance<C: Cost>(network: &Network<C>, prices: &[C], load: &[i64]) -> i64 {
    let off = network
        .room
        .iter()
        .zip(load)
        .zip(prices)
        .map(|((&room, &load), &price)| {
            if price > C::ZERO {
                (load - room).abs()
            } else {
                (load - room).max(0)
            }
        });
    off.sum()
}

/// The gap to the best arc of its row that `per_row` arcs a row are within, the best included, by
/// a thousand rows spread evenly.
pub(super) fn gap_at<C: Cost>(network: &Network<C>, prices: &[C], per_row: f64) -> C {
    let rows = network.rows() as u32;
    let mut gaps = Vec::new();
    let mut seen = 0;
    for row in (0..rows).step_by((rows as usize / 1024).max(1)) {
        let priced = |arc: usize| {
            let (node, cost) = network.arc(arc);
            cost + prices[node as usize]
        };
        let least = network.arcs(row).map(priced).min().unwrap_or(C::ZERO);
        gaps.extend(network.arcs(row).map(|arc| priced(arc) - least));
        seen += 1;
    }
    let at = (f64::from(seen) * per_row) as usize;
    if at < gaps.len() {
        *gaps.select_nth_unstable(at).1
    } else {
        C::MAX
    }
}
