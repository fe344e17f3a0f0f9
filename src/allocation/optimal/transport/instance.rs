//! Transportation problems as such: rows, reps with room, and nothing else.

use super::{Flow, Network, solve};
use crate::allocation::{Stop, Watch};
use std::sync::Arc;

/// Customers (or classes of equal ones) that each go to one of their candidates, or stay open at a
/// cost; no rep takes more than its capacity; the total cost is to be least. Solved exactly.
///
/// ```
/// use bookwright::allocation::{Transport, Unbounded};
///
/// let mut transport = Transport::new(&[1, 1]);
/// transport.add(1, 100, [(0, 5), (1, 9)]);
/// transport.add(1, 100, [(0, 2)]);
/// let solved = transport.solve(&mut Unbounded);
/// assert_eq!(solved.cost, 11);
/// assert!(solved.verify(&transport));
/// ```
#[derive(Debug, Clone)]
pub struct Transport {
    network: Arc<Network<i64>>,
}

/// What [`Transport::solve`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transported {
    /// The total cost.
    pub cost: i128,
    /// The price of one more unit of each rep, at least 0: what it would save.
    pub prices: Vec<i64>,
    /// How many units each candidate of each row takes, in the order they were added, with one
    /// more per row for those that stay open.
    pub units: Vec<u32>,
    /// No allocation costs less than this; equal to the cost where the solver came to its end.
    pub bound: i128,
    /// Why it did not.
    pub stop: Option<Stop>,
}

impl Transport {
    /// No customers yet, and the capacity of each rep in units.
    #[must_use]
    pub fn new(capacities: &[u32]) -> Self {
        let room = capacities.iter().map(|&room| i64::from(room)).collect();
        Self {
            network: Arc::new(Network::new(room)),
        }
    }

    /// Reserves space for so many more rows and candidates.
    pub fn reserve(&mut self, rows: usize, candidates: usize) {
        Arc::make_mut(&mut self.network).reserve(rows, candidates);
    }

    /// Adds `supply` equal customers and tells their row. Costs beyond ±2⁵⁹ ÷ (reps + 2) are cut
    /// off there, as sums along a path could overflow; candidates that are no rep are left out.
    pub fn add(
        &mut self,
        supply: u32,
        open_cost: i64,
        candidates: impl IntoIterator<Item = (u32, i64)>,
    ) -> u32 {
        Self::push(
            Arc::make_mut(&mut self.network),
            supply,
            open_cost,
            candidates,
        )
    }

    pub(super) fn push(
        network: &mut Network<i64>,
        supply: u32,
        open_cost: i64,
        candidates: impl IntoIterator<Item = (u32, i64)>,
    ) -> u32 {
        let reps = network.sink();
        let edge = (1_i64 << 59) / i64::from(reps + 2);
        let candidates = candidates
            .into_iter()
            .filter(|&(rep, _)| rep < reps)
            .map(|(rep, cost)| (rep, cost.clamp(-edge, edge)));
        network.push(supply, open_cost.clamp(-edge, edge), candidates)
    }

    pub(super) fn of(network: Arc<Network<i64>>) -> Self {
        Self { network }
    }

    pub(super) fn network(&self) -> Arc<Network<i64>> {
        Arc::clone(&self.network)
    }

    /// Solves it. Where the watch stops it, units above capacity stay open, and the bound tells
    /// how much that may have cost.
    #[must_use]
    pub fn solve(&self, watch: &mut dyn Watch) -> Transported {
        let (mut flow, end) = solve(Arc::clone(&self.network), watch);
        if end.is_err() {
            flow.give_up_excess();
        }
        self.solved(flow, end.err())
    }

    pub(super) fn solved(&self, flow: Flow<i64>, stop: Option<Stop>) -> Transported {
        let prices: Vec<i64> = (0..self.network.sink())
            .map(|rep| flow.price(rep).max(0))
            .collect();
        Transported {
            cost: flow.total_cost(),
            bound: bound(&self.network, &prices),
            prices,
            stop,
            units: flow.into_units(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> + '_ {
        (0..self.network.rows() as u32).map(|row| (row, self.network.arcs(row)))
    }
}

/// What no allocation can cost less than, by weak duality: each unit pays at least its least cost
/// plus price, and the reps give back at most the price of their whole capacity.
fn bound(network: &Network<i64>, prices: &[i64]) -> i128 {
    let mut bound = 0_i128;
    for row in 0..network.rows() as u32 {
        let priced = network.arcs(row).map(|arc| {
            let (rep, cost) = network.arc(arc);
            i128::from(cost)
                + prices
                    .get(rep as usize)
                    .map_or(0, |&price| i128::from(price))
        });
        bound += priced.min().unwrap_or(0) * i128::from(network.supply(row));
    }
    for (&price, rep) in prices.iter().zip(0..) {
        bound -= i128::from(price) * i128::from(network.room(rep));
    }
    bound
}

impl Transported {
    /// Whether the units are an allocation of just this cost within the capacities, and whether
    /// the prices prove that none costs less than the bound. Trusts nothing; one pass.
    #[must_use]
    pub fn verify(&self, transport: &Transport) -> bool {
        let reps = transport.network.sink() as usize;
        let mut taken = vec![0_i64; reps + 1];
        let mut cost = 0_i128;
        for (row, arcs) in transport.rows() {
            let mut sent = 0_u64;
            for arc in arcs {
                let Some(&units) = self.units.get(arc) else {
                    return false;
                };
                let (rep, each) = transport.network.arc(arc);
                taken[rep as usize] += i64::from(units);
                cost += i128::from(each) * i128::from(units);
                sent += u64::from(units);
            }
            if sent != u64::from(transport.network.supply(row)) {
                return false;
            }
        }
        let within = (0..reps as u32).all(|rep| taken[rep as usize] <= transport.network.room(rep));
        within
            && self.prices.len() == reps
            && self.prices.iter().all(|&price| price >= 0)
            && cost == self.cost
            && bound(&transport.network, &self.prices) == self.bound
            && (self.stop.is_some() || self.bound == self.cost)
    }
}
