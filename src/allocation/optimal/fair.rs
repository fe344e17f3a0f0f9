//! Ties of whole allocations: the solver sees the reps in the order in which ties are broken.
//!
//! Of several best allocations the solver finds the one that its order of reps leads to. By id it
//! would favour the same reps in every plan, and single arrivals would all go to the first. So it
//! sees first who carries the lower share of its capacity, then who was assigned longest ago, then
//! by id. The order is a renaming: prices and bound mean what they mean without it.

use super::certificate::Certificate;
use crate::allocation::{Allocation, Demand, Limit, PairSource, Problem, Room, Stop, Watch};
use crate::steps;

/// Reps in the order in which ties are broken.
#[derive(Debug)]
pub(super) struct FairOrder {
    /// The rep at each place.
    rep_at: Vec<u32>,
    /// The place of each rep.
    place_of: Vec<u32>,
}

impl FairOrder {
    /// The order for the first demand: loads and turns are those before any demand is given out.
    pub(super) fn of(problem: &Problem) -> Self {
        let mut rep_at: Vec<u32> = (0..problem.reps as u32).collect();
        if let Some(first) = problem.demands.first() {
            let room = Room::new(problem);
            rep_at.sort_by(|&a, &b| room.break_tie(a, b, first));
        }
        let mut place_of = vec![0; rep_at.len()];
        for (place, &rep) in (0..).zip(&rep_at) {
            place_of[rep as usize] = place;
        }
        Self { rep_at, place_of }
    }

    /// The problem with every rep at its place.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn problem(
        &self,
        problem: &Problem,
        watch: &mut dyn Watch,
    ) -> Result<Problem, Stop> {
        let place = |rep: u32| self.place_of[rep as usize];
        let demands = problem.demands.iter().map(|demand| Demand {
            present: demand.present.map(place),
            ..*demand
        });
        // Told by the order: who was assigned when, and what is owed.
        let mut seen = Problem {
            reps: problem.reps,
            demands: steps::all(demands, &mut || watch.tick(0))?,
            limits: problem.limits.clone(),
            last_assigned: Vec::new(),
            weights: problem.weights.clone(),
            credits: Vec::new(),
            carried: problem.carried.clone(),
            capacity: problem.capacity.clone(),
            share_measure: problem.share_measure.clone(),
            holders: problem.holders.clone(),
        };
        for limit in &mut seen.limits {
            *limit = Limit {
                rep: place(limit.rep),
                ..*limit
            };
        }
        for holder in &mut seen.holders {
            holder.rep = place(holder.rep);
        }
        self.arrange(&mut seen.weights);
        self.arrange(&mut seen.carried);
        self.arrange(&mut seen.capacity);
        self.arrange(&mut seen.share_measure);
        Ok(seen)
    }

    fn arrange<T: Copy>(&self, values: &mut Vec<T>) {
        if values.len() == self.rep_at.len() {
            *values = self
                .rep_at
                .iter()
                .map(|&rep| values[rep as usize])
                .collect();
        }
    }

    /// The scores with every rep at its place.
    pub(super) const fn pairs<'p>(&'p self, pairs: &'p dyn PairSource) -> FairPairs<'p> {
        FairPairs { order: self, pairs }
    }

    /// Gives reps their own numbers again; the problem has so many limits.
    pub(super) fn put_back(
        &self,
        limits: usize,
        allocation: &mut Allocation,
        certificate: &mut Certificate,
    ) {
        for rep in allocation.rep_of.iter_mut().flatten() {
            *rep = self.rep_at[*rep as usize];
        }
        let of_reps = |prices: &[i128]| -> Vec<i128> {
            self.place_of
                .iter()
                .map(|&place| prices[place as usize])
                .collect()
        };
        if certificate.load_prices.len() == self.place_of.len() {
            certificate.load_prices = of_reps(&certificate.load_prices);
        }
        if certificate.prices.len() == limits + self.place_of.len() {
            let loads = of_reps(&certificate.prices[limits..]); // those of `max_load`
            certificate.prices.splice(limits.., loads);
        }
    }
}

/// A source of scores with every rep at its place.
pub(super) struct FairPairs<'p> {
    order: &'p FairOrder,
    pairs: &'p dyn PairSource,
}

impl PairSource for FairPairs<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        self.pairs.block(demands, scores);
        let mut row = vec![0.0; self.order.rep_at.len()];
        for scores in scores.chunks_exact_mut(row.len().max(1)) {
            row.copy_from_slice(scores);
            for (score, &rep) in scores.iter_mut().zip(&self.order.rep_at) {
                *score = row[rep as usize];
            }
        }
    }
}
