//! A flow with prices that is never dearer than it must be, only not yet within the limits.
//!
//! The state keeps two things at all times: every row uses only arcs of least cost plus price, and
//! every node passes on what its price says. What more comes in than goes on is the node's
//! *excess*, what less its lack. `repair` sends excess to lacks along shortest paths, which keeps
//! both (successive shortest paths: Jewell 1958, Busacker & Gowen 1961; with potentials: Edmonds
//! & Karp 1972). Once nothing is in excess the flow is optimal, and the prices prove it.

use super::cost::Cost;
use super::network::Network;
use super::paths::Found;
use super::swaps::{Swap, Swaps};
use crate::allocation::{Stop, Watch};
use std::sync::Arc;

/// The state of the solver.
#[derive(Debug, Clone)]
pub(in crate::allocation::optimal) struct Flow<C> {
    pub(super) network: Arc<Network<C>>,
    /// How many units each arc carries.
    pub(super) units: Vec<u32>,
    /// The row of each arc.
    pub(super) row: Vec<u32>,
    /// What each node passes on.
    pub(super) used: Vec<i64>,
    /// What comes into each node less what it passes on; the sink is last.
    pub(super) excess: Vec<i64>,
    /// The price of a unit at each node; only differences matter until [`Flow::price`].
    pub(super) prices: Vec<C>,
    /// The nodes that pass on to each node.
    pub(super) children: Vec<Vec<u32>>,
    pub(super) swaps: Swaps<C>,
    /// Arcs whose reduced cost was above this at the prices `since` are not in `swaps`.
    reach: C,
    since: Vec<C>,
    pub(super) scratch: super::paths::Scratch<C>,
}

impl<C: Cost> Flow<C> {
    /// Puts every row on its best arc at the prices given, which may be any.
    pub(in crate::allocation::optimal) fn new(
        network: Arc<Network<C>>,
        prices: Vec<C>,
        reach: C,
    ) -> Self {
        let units = vec![0; network.node.len()];
        Self::with_units(network, prices, units, reach)
    }

    /// The same where units already lie on arcs, no more than the supply of each row: those that
    /// are on a best arc stay there.
    pub(super) fn with_units(
        network: Arc<Network<C>>,
        prices: Vec<C>,
        units: Vec<u32>,
        reach: C,
    ) -> Self {
        let nodes = network.room.len() + 1;
        let mut children = vec![Vec::new(); nodes];
        for (node, &parent) in network.parent.iter().enumerate() {
            children[parent as usize].push(node as u32);
        }
        let mut row = Vec::with_capacity(network.node.len());
        for at in 0..network.rows() as u32 {
            row.resize(row.len() + network.arcs(at).len(), at);
        }
        let mut flow = Self {
            units,
            row,
            used: vec![0; nodes - 1],
            excess: vec![0; nodes],
            since: prices.clone(),
            prices,
            children,
            swaps: Swaps::new(0), // `settle` builds them
            reach,
            scratch: super::paths::Scratch::new(nodes),
            network,
        };
        flow.settle();
        flow
    }

    /// Whether an arc carries anything.
    pub(super) fn holds(units: &[u32]) -> impl Fn(u32) -> bool + '_ {
        |arc| units[arc as usize] > 0
    }

    /// What a unit of an arc costs with the price of where it leads.
    fn priced(&self, arc: usize) -> C {
        self.network.cost[arc] + self.prices[self.network.node[arc] as usize]
    }

    /// The arc of least cost plus price; the first of equals.
    pub(super) fn best_arc(&self, row: u32) -> usize {
        let mut arcs = self.network.arcs(row);
        let mut best = arcs.start;
        let mut least = self.priced(best);
        arcs.next();
        for arc in arcs {
            let priced = self.priced(arc);
            if priced < least {
                (best, least) = (arc, priced);
            }
        }
        best
    }

    /// Moves whatever is not on a best arc there, and makes the nodes pass on what their prices
    /// say; then builds the swaps anew. One pass over the arcs.
    fn settle(&mut self) {
        let mut inflow = vec![0_i64; self.network.room.len() + 1];
        for row in 0..self.network.rows() as u32 {
            let best = self.best_arc(row);
            let least = self.priced(best);
            let mut left = self.network.supply[row as usize];
            for arc in self.network.arcs(row) {
                if self.units[arc] > 0 {
                    if self.priced(arc) > least {
                        self.units[arc] = 0;
                    } else {
                        left -= self.units[arc];
                        inflow[self.network.node[arc] as usize] += i64::from(self.units[arc]);
                    }
                }
            }
            self.units[best] += left;
            inflow[self.network.node[best] as usize] += i64::from(left);
        }
        for node in 0..self.network.room.len() {
            let parent = self.network.parent[node] as usize;
            let (least, most) = self
                .network
                .span(node as u32, self.prices[node] - self.prices[parent]);
            self.used[node] = inflow[node].clamp(least, most);
            inflow[parent] += self.used[node];
            self.excess[node] = inflow[node] - self.used[node];
        }
        let sink = self.network.sink() as usize;
        self.excess[sink] = inflow[sink] - self.network.total();
        self.connect();
    }

    fn connect(&mut self) {
        self.since.clone_from(&self.prices);
        self.swaps = Swaps::new(self.prices.len());
        for row in 0..self.network.rows() as u32 {
            for from in self.network.arcs(row) {
                if self.units[from] == 0 {
                    continue;
                }
                let j = self.network.node[from];
                for to in self.network.arcs(row) {
                    if to != from
                        && let Some((l, swap)) = self.swap(from, to)
                    {
                        self.swaps.enter_unordered(j, l, swap);
                    }
                }
            }
        }
    }

    /// The swap between two arcs of a row, where it is within reach.
    fn swap(&self, from: usize, to: usize) -> Option<(u32, Swap<C>)> {
        let (j, l) = (self.network.node[from], self.network.node[to]);
        let key = self.network.cost[to] - self.network.cost[from];
        let reduced = key + self.since[l as usize] - self.since[j as usize];
        (reduced <= self.reach && j != l).then_some((
            l,
            Swap {
                key,
                from: from as u32,
                to: to as u32,
            },
        ))
    }

    /// Moves units from one arc of a row to another.
    pub(super) fn shift(&mut self, from: u32, to: u32, units: u32) {
        self.take_off(from as usize, units);
        self.put_on(to as usize, units);
    }

    /// Takes units off an arc.
    pub(super) fn take_off(&mut self, arc: usize, units: u32) {
        self.units[arc] -= units;
        if self.units[arc] > 0 || units == 0 {
            return;
        }
        let j = self.network.node[arc];
        for to in self.network.arcs(self.row[arc]) {
            if to != arc
                && let Some((l, swap)) = self.swap(arc, to)
            {
                self.swaps.left(j, l, swap, Self::holds(&self.units));
            }
        }
    }

    /// Puts units on an arc.
    pub(super) fn put_on(&mut self, arc: usize, units: u32) {
        let fresh = self.units[arc] == 0 && units > 0;
        self.units[arc] += units;
        if !fresh {
            return;
        }
        let j = self.network.node[arc];
        for to in self.network.arcs(self.row[arc]) {
            if to != arc
                && let Some((l, swap)) = self.swap(arc, to)
            {
                self.swaps.enter(j, l, swap, Self::holds(&self.units));
            }
        }
    }

    /// Sends all excess to where something lacks.
    ///
    /// # Errors
    /// Why the watch stopped it; prices and flow stay as far as they came.
    pub(in crate::allocation::optimal) fn repair(
        &mut self,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        loop {
            match self.search(watch)? {
                Found::Nothing => return Ok(()),
                Found::Way => self.augment(),
                Found::Wall => {
                    let wider = self.reach.wide() * 2 + 1;
                    self.reach = C::from_wide(wider.min(C::EDGE)).unwrap_or(C::MAX);
                    if wider > C::EDGE {
                        self.reach = C::MAX;
                    }
                    watch.tick(self.network.node.len() as u64)?;
                    self.connect();
                }
            }
        }
    }

    /// How far prices can still move apart before an arc that was left out may be better.
    pub(super) fn slack(&self) -> C {
        if self.reach == C::MAX {
            C::MAX
        } else {
            self.reach - self.drift()
        }
    }

    /// How far prices have moved apart since the swaps were built.
    fn drift(&self) -> C {
        let moved = self
            .prices
            .iter()
            .zip(&self.since)
            .map(|(&now, &then)| now - then);
        let (mut least, mut most) = (C::MAX, -C::MAX);
        for by in moved {
            least = least.min(by);
            most = most.max(by);
        }
        most - least
    }

    /// The price of a unit at a node, with the sink at nothing.
    pub(in crate::allocation::optimal) fn price(&self, node: u32) -> C {
        self.prices[node as usize] - self.prices[self.network.sink() as usize]
    }

    /// The instance.
    pub(in crate::allocation::optimal) fn network(&self) -> &Network<C> {
        &self.network
    }

    /// How many units an arc carries.
    pub(in crate::allocation::optimal) fn units(&self, arc: usize) -> u32 {
        self.units[arc]
    }

    /// How many units each arc carries.
    pub(in crate::allocation::optimal) fn into_units(self) -> Vec<u32> {
        self.units
    }

    /// Makes a flow that was stopped feasible: units keep their arcs while there is room, those
    /// first that lose most otherwise; the rest take their best arc with room, the sink at last.
    pub(in crate::allocation::optimal) fn give_up_excess(&mut self) {
        let open = |flow: &Self, arc: usize| flow.network.arcs(flow.row[arc]).end - 1;
        let mut held: Vec<u32> = (0..self.units.len() as u32)
            .filter(|&arc| self.units[arc as usize] > 0)
            .collect();
        held.sort_by_key(|&arc| {
            let arc = arc as usize;
            self.network.cost[arc] - self.network.cost[open(self, arc)]
        });
        let held: Vec<(u32, u32)> = held
            .into_iter()
            .map(|arc| (arc, std::mem::take(&mut self.units[arc as usize])))
            .collect();
        self.used.fill(0);
        let mut homeless = Vec::new();
        for (arc, units) in held {
            let fit = self.admit(arc as usize, units);
            if fit < units {
                homeless.push((self.row[arc as usize], units - fit));
            }
        }
        for (row, mut units) in homeless {
            let mut arcs: Vec<usize> = self.network.arcs(row).collect();
            arcs.sort_by_key(|&arc| self.network.cost[arc]);
            for arc in arcs {
                units -= self.admit(arc, units);
            }
        }
        self.excess.fill(0);
    }

    /// Puts as many units on an arc as the limits above it leave room for.
    fn admit(&mut self, arc: usize, units: u32) -> u32 {
        let sink = self.network.sink();
        let mut fit = i64::from(units);
        let mut node = self.network.node[arc];
        while node != sink {
            fit = fit.min(self.network.room[node as usize] - self.used[node as usize]);
            node = self.network.parent[node as usize];
        }
        let mut node = self.network.node[arc];
        while node != sink {
            self.used[node as usize] += fit;
            node = self.network.parent[node as usize];
        }
        self.units[arc] += fit as u32;
        fit as u32
    }

    /// The sum of what all units cost.
    pub(in crate::allocation::optimal) fn total_cost(&self) -> i128 {
        let arcs = self
            .units
            .iter()
            .zip(&self.network.cost)
            .filter(|&(&units, _)| units > 0);
        let mut total: i128 = arcs
            .map(|(&units, &cost)| i128::from(units) * cost.wide())
            .sum();
        for (node, &used) in self.used.iter().enumerate() {
            if let super::network::Rise::Steps(steps) = &self.network.rise[node] {
                total += steps[..used as usize]
                    .iter()
                    .map(|step| step.wide())
                    .sum::<i128>();
            }
        }
        total
    }
}
