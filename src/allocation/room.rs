//! What the reps have room for, and what they carry, while demands are given out one by one.

use std::cmp::Ordering;

use super::{Demand, Limit, Measure, Problem};

/// The state of all reps between two turns. A look at one rep costs its number of limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room {
    reps: usize,
    /// The limits of a rep are `first[rep]..first[rep + 1]`.
    first: Vec<u32>,
    /// By rep, with what is left.
    limits: Vec<Limit>,
    carried: Vec<i64>,
    capacity: Vec<i64>,
    share_measure: Vec<Measure>,
    last_assigned: Vec<i64>,
    /// `role * reps + rep`: the turn after which the rep was last assigned here, 0 for not yet.
    turn: Vec<u64>,
    turns: u64,
}

impl Room {
    /// Before the first turn.
    pub(crate) fn new(problem: &Problem) -> Self {
        let mut limits = problem.limits.clone();
        limits.sort_by_key(|limit| limit.rep);
        let mut first = vec![0_u32; problem.reps + 1];
        for limit in &limits {
            first[limit.rep as usize + 1] += 1;
        }
        for rep in 0..problem.reps {
            first[rep + 1] += first[rep];
        }
        let roles = problem
            .demands
            .iter()
            .map(|demand| demand.role as usize + 1)
            .max();
        let mut carried = problem.carried.clone();
        carried.resize(problem.reps, 0);
        Self {
            reps: problem.reps,
            capacity: problem.capacity.clone(),
            share_measure: problem.share_measure.clone(),
            last_assigned: problem.last_assigned.clone(),
            first,
            limits,
            carried,
            turn: vec![0; roles.unwrap_or(0) * problem.reps],
            turns: 0,
        }
    }

    fn limits_of(&self, rep: u32) -> std::ops::Range<usize> {
        self.first[rep as usize] as usize..self.first[rep as usize + 1] as usize
    }

    /// Whether every limit of the rep has room for the demand.
    pub(crate) fn fits(&self, rep: u32, demand: &Demand) -> bool {
        self.limits[self.limits_of(rep)]
            .iter()
            .all(|limit| !limit.covers(demand) || limit.at_most >= limit.amount(demand))
    }

    /// The first limit of the rep that has no room for the demand: what it counts, and how much
    /// is missing.
    pub(crate) fn short(&self, rep: u32, demand: &Demand) -> Option<(Measure, i64)> {
        self.limits[self.limits_of(rep)]
            .iter()
            .filter(|limit| limit.covers(demand))
            .map(|limit| {
                (
                    limit.measure,
                    limit.amount(demand).saturating_sub(limit.at_most),
                )
            })
            .find(|(_, missing)| *missing > 0)
    }

    /// Gives the demand to the rep, which [`Self::fits`] it.
    pub(crate) fn take(&mut self, rep: u32, demand: &Demand) {
        for limit in self.limits_of(rep) {
            let limit = &mut self.limits[limit];
            if limit.covers(demand) {
                limit.at_most -= limit.amount(demand);
            }
        }
        let amount = self.measure(rep).amount(demand);
        let carried = &mut self.carried[rep as usize];
        *carried = carried.saturating_add(amount);
        self.turns += 1;
        self.turn[demand.role as usize * self.reps + rep as usize] = self.turns;
    }

    /// Which of two reps carries the lower share of its capacity after taking the demand.
    pub(crate) fn compare_shares(&self, a: u32, b: u32, demand: &Demand) -> Ordering {
        let share = |rep: u32| {
            let load = self.carried[rep as usize].saturating_add(self.measure(rep).amount(demand));
            let capacity = self
                .capacity
                .get(rep as usize)
                .copied()
                .unwrap_or(i64::MAX)
                .max(0);
            (i128::from(load), i128::from(capacity))
        };
        let ((load_a, capacity_a), (load_b, capacity_b)) = (share(a), share(b));
        // a/c < b/d as a*d < b*c: exact, and a capacity of 0 is the fullest there is
        (load_a * capacity_b)
            .cmp(&(load_b * capacity_a))
            .then_with(|| (capacity_a == 0).cmp(&(capacity_b == 0)))
    }

    /// Which of two reps was assigned in the role longer ago; never assigned comes first.
    pub(crate) fn compare_last_assigned(&self, a: u32, b: u32, role: u16) -> Ordering {
        let at = |rep: u32| {
            let cell = role as usize * self.reps + rep as usize;
            let before = self.last_assigned.get(cell).copied().unwrap_or(i64::MIN);
            (self.turn[cell], before)
        };
        at(a).cmp(&at(b))
    }

    /// The common end of all tie-breaks: the lower load share, then the longest since last
    /// assigned, then the id.
    pub(crate) fn break_tie(&self, a: u32, b: u32, demand: &Demand) -> Ordering {
        self.compare_shares(a, b, demand)
            .then_with(|| self.compare_last_assigned(a, b, demand.role))
            .then_with(|| a.cmp(&b))
    }

    /// What the load share of the rep counts.
    fn measure(&self, rep: u32) -> Measure {
        self.share_measure
            .get(rep as usize)
            .copied()
            .unwrap_or(Measure::Workload)
    }
}
