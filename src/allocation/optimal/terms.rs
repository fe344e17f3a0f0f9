//! What an allocation is worth: the objective as integers, and limits in the units that count.
//!
//! Solver and verification both read their terms here, and nothing else in common. An allocation
//! is worth the scores of its pairs, less `move_price` for each demand taken from its present
//! owner, less what open demands cost, less what the loads of reps cost.
//!
//! *Serving first.* Without `unassigned_price`, leaving a demand of the lowest rank (priority,
//! then tier) open costs `serving`, the next rank twice that, and so on. Sets of demands that can
//! be served form a matroid where limits are nested and demands count alike (a gammoid), so that
//! any weights in this order make the greedy basis the best: as many as possible, the highest
//! first. `serving` exceeds what the rest of the objective can change along one cycle of the
//! residual graph, which passes each node at most once; so that it is never traded for scores.

use super::settings::{Balance, OptimalSettings};
use crate::allocation::{Demand, Limit, Measure, Problem, to_micros};
use std::collections::BTreeMap;

/// A limit in units that count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) limit: Limit,
    /// What every demand that it covers counts, where all count alike: it then limits how many.
    pub(super) alike: Option<i64>,
    /// How many demands, or else how much.
    pub(super) room: i64,
}

impl Bound {
    /// How much a demand takes of `room`.
    pub(super) const fn amount(&self, demand: &Demand) -> i64 {
        if self.alike.is_some() {
            1
        } else {
            self.limit.amount(demand)
        }
    }
}

/// The objective and the limits of one problem.
#[derive(Debug)]
pub(super) struct Terms<'a> {
    pub(super) problem: &'a Problem,
    pub(super) settings: &'a OptimalSettings,
    /// [`Problem::limits`] in their order, then one of each rep where there is a `max_load`.
    pub(super) bounds: Vec<Bound>,
    /// The bounds of each rep.
    pub(super) of_rep: Vec<Vec<u32>>,
    /// The rank of each demand, 1 the lowest.
    pub(super) rank: Vec<u32>,
    /// The workload of all demands, where it is one.
    pub(super) workload: Option<i64>,
}

impl<'a> Terms<'a> {
    pub(super) fn new(problem: &'a Problem, settings: &'a OptimalSettings) -> Self {
        let mut limits = problem.limits.clone();
        if let Some(share) = settings.max_load {
            limits.extend((0..problem.reps).filter_map(|rep| max_load(problem, rep, share)));
        }
        let extent = extents(&problem.demands);
        let bounds: Vec<Bound> = limits.iter().map(|limit| bound(*limit, &extent)).collect();
        let mut of_rep = vec![Vec::new(); problem.reps];
        for (number, bound) in (0..).zip(&bounds) {
            if let Some(own) = of_rep.get_mut(bound.limit.rep as usize) {
                own.push(number);
            }
        }
        let mut workloads = problem.demands.iter().map(|demand| demand.workload);
        let first = workloads.next();
        let workload = first.filter(|&first| workloads.all(|other| other == first));
        Self {
            problem,
            settings,
            bounds,
            of_rep,
            rank: ranks(&problem.demands),
            workload,
        }
    }

    /// What taking the demand from its present owner costs, where `rep` is another.
    pub(super) fn moving(&self, demand: &Demand, rep: Option<u32>) -> i128 {
        let moves = demand.present.is_some() && demand.present != rep;
        if moves {
            i128::from(self.settings.move_price)
        } else {
            0
        }
    }

    /// What giving the demand to the rep is worth.
    pub(super) fn value(&self, demand: &Demand, rep: u32, score: f64) -> i128 {
        i128::from(to_micros(score)) - self.moving(demand, Some(rep))
    }

    /// What leaving the demand open is worth: a negative number, mostly.
    pub(super) fn open(&self, number: usize, serving: i128) -> i128 {
        let demand = &self.problem.demands[number];
        let price = match self.settings.unassigned_price {
            Some(price) => i128::from(price),
            None => serving * i128::from(self.rank[number]),
        };
        -price - self.moving(demand, None)
    }

    /// More than what values up to `peak` can change along one cycle of the residual graph.
    fn dominating(&self, peak: i128) -> i128 {
        2 * (self.problem.reps + self.bounds.len() + 2) as i128 * (2 * peak + 1)
    }

    /// A sufficient `serving` where no value of a pair exceeds `peak` in size. Nothing where the
    /// unassigned have a price.
    pub(super) fn serving(&self, peak: i128) -> i128 {
        if self.settings.unassigned_price.is_some() {
            return 0;
        }
        let steepest = (0..self.problem.reps as u32)
            .filter_map(|rep| self.steps(rep, peak))
            .filter_map(|steps| Some((*steps.first()?).abs().max((*steps.last()?).abs())))
            .max();
        self.dominating(peak + self.move_peak() + steepest.unwrap_or(0))
    }

    fn move_peak(&self) -> i128 {
        i128::from(self.settings.move_price).abs()
    }

    /// Whether loads have a cost that needs demands of one workload and known capacities.
    pub(super) fn loads_cost(&self) -> bool {
        self.settings.balance != Balance::None || self.settings.min_load.is_some()
    }

    /// Whether the objective says all that the settings ask for. Load shares in order are what
    /// their steps add up to only where all reps have one capacity: the same share may otherwise
    /// be reached by steps of different width.
    pub(super) fn exact(&self) -> bool {
        let mut capacities = self.problem.capacity.iter();
        let first = capacities.next();
        self.settings.balance != Balance::Leximin || capacities.all(|other| Some(other) == first)
    }

    /// Whether anything couples the choices for several demands beside the limits of reps.
    pub(super) fn coupled(&self) -> bool {
        let settings = self.settings;
        settings.max_moves.is_some()
            || !settings.same_rep.is_empty()
            || !settings.different_rep.is_empty()
    }

    /// How many demands a rep can take at most.
    pub(super) fn most(&self, rep: u32) -> i64 {
        let all = self.of_rep[rep as usize]
            .iter()
            .map(|&bound| &self.bounds[bound as usize]);
        let over_all = all.filter(|bound| {
            bound.limit.role.is_none() && bound.limit.tier.is_none() && bound.alike.is_some()
        });
        let most = over_all.map(|bound| bound.room).min().unwrap_or(i64::MAX);
        most.min(self.problem.demands.len() as i64)
    }

    /// What the first, second … demand of a rep costs by the load it makes; never falling. None
    /// where loads cost nothing.
    pub(super) fn steps(&self, rep: u32, peak: i128) -> Option<Vec<i128>> {
        let workload = self.workload.filter(|_| self.loads_cost())?;
        let capacity = self
            .problem
            .capacity
            .get(rep as usize)
            .copied()
            .unwrap_or(0)
            .max(1);
        let carried = self.problem.carried.get(rep as usize).copied().unwrap_or(0);
        let most = self.most(rep);
        let scores = self.dominating(peak + self.move_peak());
        let even = |unit: i64| match self.settings.balance {
            Balance::None => 0,
            Balance::Price(price) => marginal(price, carried, workload, capacity, unit),
            Balance::Leximin => {
                scores * grade(carried, workload, capacity, unit, self.finest_share())
            }
        };
        let mut steps: Vec<i128> = (1..=most).map(even).collect();
        if let Some(share) = self.settings.min_load {
            let wanted = (share * capacity as f64).ceil() as i64;
            let short = (wanted - carried).max(0) as u64;
            let missing = short.div_ceil(workload.max(1) as u64).min(most as u64) as usize;
            let peak = steps.last().map_or(0, |last| last.abs()) + peak + self.move_peak();
            let worth = self.dominating(peak);
            for step in &mut steps[..missing] {
                *step -= worth;
            }
        }
        Some(steps)
    }

    /// The number of grades between a load share of 0 and of 1 that tells any two shares apart:
    /// the square of the greatest capacity, in units of what they have in common.
    fn finest_share(&self) -> i128 {
        let greatest = self
            .problem
            .capacity
            .iter()
            .copied()
            .max()
            .unwrap_or(1)
            .max(1);
        i128::from(greatest)
            .saturating_mul(i128::from(greatest))
            .min(1 << 62)
    }
}

/// By what the square of a load share grows with its `unit`-th demand, times the price. Products of
/// numbers in a fixed order, each rounded the same way, so it never falls with `unit`.
fn marginal(price: i64, carried: i64, workload: i64, capacity: i64, unit: i64) -> i128 {
    let (workload, capacity) = (workload as f64, capacity as f64);
    let twice = 2.0 * carried as f64 + (2.0 * unit as f64 - 1.0) * workload;
    (price as f64 * (workload / capacity) * (twice / capacity)).floor() as i128
}

/// The load share after the `unit`-th demand, in grades.
fn grade(carried: i64, workload: i64, capacity: i64, unit: i64, grades: i128) -> i128 {
    let load = i128::from(carried) + i128::from(unit) * i128::from(workload);
    load.saturating_mul(grades) / i128::from(capacity)
}

fn max_load(problem: &Problem, rep: usize, share: f64) -> Option<Limit> {
    let capacity = *problem.capacity.get(rep)?;
    let carried = problem.carried.get(rep).copied().unwrap_or(0);
    let most = (share * capacity as f64).floor() as i64;
    Some(Limit {
        rep: rep as u32,
        role: None,
        tier: None,
        measure: Measure::Workload,
        at_most: (most - carried).max(0),
    })
}

/// The least and greatest workload and number of customers of the demands of a role and tier.
type Extents = BTreeMap<(u16, u16), [(i64, i64); 2]>;

fn extents(demands: &[Demand]) -> Extents {
    let mut extents = Extents::new();
    for demand in demands {
        let amounts = [demand.workload, i64::from(demand.customers)];
        let extent = extents
            .entry((demand.role, demand.tier))
            .or_insert([(i64::MAX, i64::MIN), (i64::MAX, i64::MIN)]);
        for (extent, amount) in extent.iter_mut().zip(amounts) {
            *extent = (extent.0.min(amount), extent.1.max(amount));
        }
    }
    extents
}

fn bound(limit: Limit, extents: &Extents) -> Bound {
    let (mut least, mut most) = (i64::MAX, i64::MIN);
    for (&(role, tier), extent) in extents {
        if limit.role.is_none_or(|own| own == role) && limit.tier.is_none_or(|own| own == tier) {
            let (low, high) = extent[usize::from(limit.measure == Measure::Customers)];
            (least, most) = (least.min(low), most.max(high));
        }
    }
    let at_most = limit.at_most.max(0);
    if least == most && least > 0 {
        Bound {
            limit,
            alike: Some(least),
            room: at_most / least,
        }
    } else if least > most {
        Bound {
            limit,
            alike: Some(1),
            room: at_most,
        } // it covers nothing
    } else {
        Bound {
            limit,
            alike: None,
            room: at_most,
        }
    }
}

fn ranks(demands: &[Demand]) -> Vec<u32> {
    let order = |demand: &Demand| (demand.priority, std::cmp::Reverse(demand.tier));
    let mut grades: Vec<_> = demands.iter().map(order).collect();
    grades.sort_unstable();
    grades.dedup();
    let rank = |demand: &Demand| grades.partition_point(|grade| *grade < order(demand)) as u32 + 1;
    demands.iter().map(rank).collect()
}
