//! An allocation that stays feasible while single demands move: for search outside the exact class.
//!
//! Keeps what is left of every limit, how many moves are left, and who serves what. Placing or
//! taking one demand costs the number of limits of its rep.

use super::coverage::Coverage;
use super::loads::LoadCost;
use super::pool::Pool;
use super::terms::Terms;
use std::collections::BTreeMap;

/// A feasible allocation under change.
#[derive(Debug, Clone)]
pub(super) struct Desk<'a> {
    terms: &'a Terms<'a>,
    pub(super) pool: &'a Pool,
    coverage: Coverage,
    pub(super) rep_of: Vec<Option<u32>>,
    pub(super) held: Vec<Vec<u32>>,
    left: Vec<i64>,
    moves_left: u64,
    /// The demands of each group that has several.
    groups: BTreeMap<u32, Vec<u32>>,
    loads: Vec<LoadCost>,
    /// What each rep takes, in the units of its load.
    taken: Vec<i128>,
    pub(super) value: i128,
}

impl<'a> Desk<'a> {
    /// Nobody serves anything yet.
    pub(super) fn new(terms: &'a Terms<'a>, pool: &'a Pool, serving: i128) -> Self {
        let demands = &terms.problem.demands;
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        if !terms.settings.same_rep.is_empty() || !terms.settings.different_rep.is_empty() {
            for (number, demand) in (0..).zip(demands) {
                groups.entry(demand.group).or_default().push(number);
            }
            groups.retain(|_, members| members.len() > 1);
        }
        let coverage = terms.coverage(serving);
        let loads = terms.load_costs(pool.peak);
        Self {
            terms,
            pool,
            rep_of: vec![None; demands.len()],
            held: vec![Vec::new(); terms.problem.reps],
            left: terms.bounds.iter().map(|bound| bound.room).collect(),
            moves_left: terms.settings.max_moves.unwrap_or(u64::MAX),
            groups,
            taken: vec![0; loads.len()],
            loads,
            value: (0..demands.len())
                .map(|number| terms.open(number, &coverage))
                .fold(0, i128::saturating_add),
            coverage,
        }
    }

    /// What the pair is worth, where it is a candidate.
    pub(super) fn pair(&self, demand: u32, rep: u32) -> Option<i128> {
        self.pool
            .of(demand as usize)
            .find(|pair| pair.0 == rep)
            .map(|pair| pair.1)
    }

    fn moves(&self, demand: u32, rep: u32) -> u64 {
        self.terms.moves(demand as usize, Some(rep))
    }

    /// Whether an open demand can go to the rep.
    pub(super) fn fits(&self, demand: u32, rep: u32) -> bool {
        let own = &self.terms.problem.demands[demand as usize];
        let room = self.terms.of_rep[rep as usize].iter().all(|&number| {
            let bound = &self.terms.bounds[number as usize];
            !bound.limit.covers(own) || bound.amount(own) <= self.left[number as usize]
        });
        room && self.moves(demand, rep) <= self.moves_left && self.suits_group(demand, rep)
    }

    fn suits_group(&self, demand: u32, rep: u32) -> bool {
        let own = &self.terms.problem.demands[demand as usize];
        let Some(members) = self.groups.get(&own.group) else {
            return true;
        };
        let settings = self.terms.settings;
        let others = members.iter().filter(|&&member| member != demand);
        others.into_iter().all(|&member| {
            let Some(other) = self.rep_of[member as usize] else {
                return true;
            };
            let role = self.terms.problem.demands[member as usize].role;
            let both = |roles: &Vec<u16>| roles.contains(&own.role) && roles.contains(&role);
            !(settings.same_rep.iter().any(both) && other != rep
                || settings.different_rep.iter().any(both) && other == rep)
        })
    }

    /// By what the load of a rep costs more with the demand, which it does not hold yet.
    fn load_cost(&self, demand: u32, rep: u32) -> i128 {
        let Some(cost) = self.loads.get(rep as usize) else {
            return 0;
        };
        let taken = self.taken[rep as usize];
        let own = cost.units(&self.terms.problem.demands[demand as usize]);
        cost.more(taken, own)
    }

    /// What placing an open demand adds.
    pub(super) fn gain(&self, demand: u32, rep: u32, pair: i128) -> i128 {
        let open = self.terms.open(demand as usize, &self.coverage);
        pair.saturating_sub(open)
            .saturating_sub(self.load_cost(demand, rep))
    }

    /// What placing an open demand adds, whatever the load costs.
    pub(super) fn plain_gain(&self, demand: u32, pair: i128) -> i128 {
        pair.saturating_sub(self.terms.open(demand as usize, &self.coverage))
    }

    /// What it is all worth, whatever the loads cost.
    pub(super) fn value_without_loads(&self) -> i128 {
        let costs = self.loads.iter().zip(&self.taken);
        let costs = costs.map(|(cost, &taken)| cost.of(taken));
        self.value
            .saturating_add(costs.fold(0, i128::saturating_add))
    }

    /// The most that loads can be worth.
    pub(super) fn load_promise(&self) -> i128 {
        let gains = self.loads.iter().map(|cost| cost.best_at(0, 0));
        gains.fold(0, |sum, gain| sum.saturating_add(gain.unwrap_or(i128::MAX)))
    }

    /// Gives an open demand, that fits, to the rep.
    pub(super) fn place(&mut self, demand: u32, rep: u32, pair: i128) {
        self.value = self.value.saturating_add(self.gain(demand, rep, pair));
        self.moves_left -= self.moves(demand, rep);
        self.count(demand, rep, -1);
        self.rep_of[demand as usize] = Some(rep);
        self.held[rep as usize].push(demand);
    }

    /// Takes a demand from its rep, whom it tells with what the pair is worth.
    pub(super) fn take(&mut self, demand: u32) -> Option<(u32, i128)> {
        let rep = self.rep_of[demand as usize].take()?;
        let pair = self.pair(demand, rep)?;
        let held = &mut self.held[rep as usize];
        if let Some(at) = held.iter().rposition(|&other| other == demand) {
            held.swap_remove(at);
        }
        self.moves_left = self.moves_left.saturating_add(self.moves(demand, rep));
        self.count(demand, rep, 1);
        self.value = self.value.saturating_sub(self.gain(demand, rep, pair));
        Some((rep, pair))
    }

    fn count(&mut self, demand: u32, rep: u32, sign: i64) {
        let own = &self.terms.problem.demands[demand as usize];
        if let Some(cost) = self.loads.get(rep as usize) {
            let taken = &mut self.taken[rep as usize];
            *taken -= i128::from(sign * cost.units(own));
        }
        for &number in &self.terms.of_rep[rep as usize] {
            let bound = &self.terms.bounds[number as usize];
            if bound.limit.covers(own) {
                self.left[number as usize] += sign * bound.amount(own);
            }
        }
    }

    /// The best rep that an open demand fits at, where it gains anything.
    pub(super) fn best(&self, demand: u32) -> Option<(u32, i128)> {
        let pairs = self.pool.of(demand as usize);
        pairs
            .filter(|&(rep, pair)| self.gain(demand, rep, pair) > 0 && self.fits(demand, rep))
            .max_by_key(|&(rep, pair)| (self.gain(demand, rep, pair), std::cmp::Reverse(rep)))
    }

    /// The other demands of the group, where roles are coupled.
    pub(super) fn partners(&self, demand: u32) -> &[u32] {
        let group = self.terms.problem.demands[demand as usize].group;
        self.groups
            .get(&group)
            .map_or(&[], |members| members.as_slice())
    }
}
