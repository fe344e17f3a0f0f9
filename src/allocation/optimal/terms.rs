//! What an allocation is worth: the objective as integers, and limits in the units that count.
//!
//! Solver and verification both read their terms here, and nothing else in common. An allocation
//! is worth the scores of its pairs, less `move_price` for each customer taken from its present
//! owner, less what open demands cost, less what the loads of reps cost.
//!
//! *Serving first.* Without `unassigned_price`, leaving a demand open costs a multiple of `serving`
//! that goes by its rank: see `coverage`. Where the problem is a flow, `serving` exceeds what the
//! rest of the objective can change along one cycle of the residual graph, which passes each node
//! at most once; elsewhere, what it can change in all. So it is never traded for scores.
//!
//! *Great numbers.* All sums stay below 2¹²⁴. Where what comes first would have to count more than
//! that, it counts as much as can be summed, and nothing is called exact: see [`Terms::says_all`].

use super::coverage::{Coverage, Ranks};
use super::loads::{LoadCost, LoadUnit, Outweighs, Share, Units};
use super::pool::KEEP_ALL;
use super::settings::{Balance, OptimalSettings};
use crate::allocation::{Demand, Limit, Measure, Problem, to_micros};
use crate::steps;
use std::collections::BTreeMap;

/// Sums of what demands and loads count stay below this many bits: prices may be finer, and some
/// demands are counted twice.
const BITS: u32 = 122;

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
    pub(super) ranks: Ranks,
    /// Up to so many pairs are all kept by the solver.
    pub(super) keep_all: usize,
    /// What a move costs beside `move_price`: a price under `max_moves` that is tried out.
    pub(super) toll: i128,
    /// In what loads are counted, where they cost anything.
    units: Option<Units>,
    /// Whether all limits are nested and count demands alike, and loads do.
    flows: bool,
}

impl<'a> Terms<'a> {
    pub(super) fn new(problem: &'a Problem, settings: &'a OptimalSettings) -> Self {
        steps::unstopped(Self::watched(problem, settings, &mut || Ok(())))
    }

    /// The same while `look` lets it go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(super) fn watched<E>(
        problem: &'a Problem,
        settings: &'a OptimalSettings,
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut terms = Self::unranked(problem, settings, look)?;
        terms.ranks = Ranks::new(&problem.demands, look)?;
        Ok(terms)
    }

    /// The same without ranks, for who does not ask what serving counts.
    ///
    /// # Errors
    /// What `look` says.
    pub(super) fn unranked<E>(
        problem: &'a Problem,
        settings: &'a OptimalSettings,
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut limits = problem.limits.clone();
        if let Some(share) = settings.max_load {
            limits.extend((0..problem.reps as u32).map(|rep| max_load(problem, rep, share)));
        }
        let extent = extents(&problem.demands, look)?;
        let bounds: Vec<Bound> = limits.iter().map(|limit| bound(*limit, &extent)).collect();
        let mut of_rep = vec![Vec::new(); problem.reps];
        for (number, bound) in (0..).zip(&bounds) {
            if let Some(own) = of_rep.get_mut(bound.limit.rep as usize) {
                own.push(number);
            }
        }
        let cost = settings.balance != Balance::None || settings.min_load.is_some();
        let mut terms = Self {
            problem,
            settings,
            bounds,
            of_rep,
            ranks: Ranks::default(),
            keep_all: KEEP_ALL,
            toll: 0,
            units: cost
                .then(|| Units::new(&problem.demands, look))
                .transpose()?,
            flows: false,
        };
        terms.flows = terms.bounds.iter().all(|bound| bound.alike.is_some())
            && (0..problem.reps).all(|rep| terms.nested(rep) && terms.loads_alike(rep as u32));
        Ok(terms)
    }

    /// Whether the limits of a rep do not cross: a role's and a tier's would.
    fn nested(&self, rep: usize) -> bool {
        let own = || {
            self.of_rep[rep]
                .iter()
                .map(|&bound| self.bounds[bound as usize].limit)
        };
        let roles = own().any(|limit| limit.role.is_some() && limit.tier.is_none());
        let tiers = own().any(|limit| limit.role.is_none() && limit.tier.is_some());
        !(roles && tiers)
    }

    fn loads_alike(&self, rep: u32) -> bool {
        let measure = Share::of(self.problem, rep).measure;
        let units = self.units.as_ref();
        self.problem.demands.is_empty() || units.is_none_or(|units| units.alike(measure).is_some())
    }

    /// Whether the problem is a flow, but for what couples demands.
    pub(super) const fn flows(&self) -> bool {
        self.flows
    }

    /// How many customers go from their present owners to others where the demand goes to the rep,
    /// or stays open.
    pub(super) fn moves(&self, number: usize, rep: Option<u32>) -> u64 {
        self.problem.moves(number, rep)
    }

    /// What giving the demand to the rep is worth.
    pub(super) fn value(&self, number: usize, rep: u32, score: f64) -> i128 {
        let moves = i128::from(self.moves(number, Some(rep)));
        i128::from(to_micros(score)) - (i128::from(self.settings.move_price) + self.toll) * moves
    }

    /// What serving each demand counts where serving the least counts `serving`.
    pub(super) fn coverage(&self, serving: i128) -> Coverage {
        if self.by_sum() {
            self.ranks.by_sum(serving)
        } else {
            self.ranks.in_order(serving)
        }
    }

    /// What leaving the demand open is worth: a negative number, mostly.
    pub(super) fn open(&self, number: usize, coverage: &Coverage) -> i128 {
        let price = match self.settings.unassigned_price {
            Some(price) => i128::from(price),
            None => coverage.weight[self.ranks.of[number] as usize - 1],
        };
        let moves = i128::from(self.moves(number, None));
        let moved = i128::from(self.settings.move_price).saturating_mul(moves);
        price.saturating_neg().saturating_sub(moved)
    }

    /// Whether sums of ranks are as good as ranks in order.
    const fn by_sum(&self) -> bool {
        self.flows && !self.coupled()
    }

    /// More than what values up to `peak` can change: along one cycle of the residual graph, or in
    /// all.
    fn dominating(&self, peak: i128) -> i128 {
        let most = if self.by_sum() {
            self.problem.reps + self.bounds.len() + 2
        } else {
            self.problem.demands.len()
        };
        (2 * most as i128).saturating_mul(peak.saturating_mul(2).saturating_add(1))
    }

    /// A sufficient `serving` where no value of a pair exceeds `peak` in size. Nothing where the
    /// unassigned have a price.
    pub(super) fn serving(&self, peak: i128) -> i128 {
        if self.settings.unassigned_price.is_some() {
            return 0;
        }
        self.outweighing(peak, &self.load_costs(peak))
            .min(self.most_serving())
    }

    /// The most that serving may count at the lowest rank, so that sums fit.
    pub(super) fn most_serving(&self) -> i128 {
        let demands = self.problem.demands.len() as i128 + 1;
        let times = if self.by_sum() {
            let nodes = (self.problem.reps + self.bounds.len() + 4) as i128;
            demands.max(nodes) * (self.ranks.grades() as i128 + 1)
        } else {
            demands
        };
        (1 << BITS) / times
    }

    /// Whether numbers are small enough for the objective to say what the settings ask for, where
    /// no value of a pair exceeds `peak` in size.
    pub(super) fn says_all(&self, peak: i128) -> bool {
        let loads = self.load_costs(peak);
        loads.iter().all(LoadCost::is_whole)
            && (self.settings.unassigned_price.is_some()
                || self.outweighing(peak, &loads) <= self.most_serving())
    }

    /// More than what scores, moves and loads can change together.
    fn outweighing(&self, peak: i128, loads: &[LoadCost]) -> i128 {
        let peak = peak.saturating_add(self.price_peak());
        if self.by_sum() {
            let steepest = loads.iter().map(LoadCost::steepest).max().unwrap_or(0);
            self.dominating(peak.saturating_add(steepest))
        } else {
            let ranges = loads.iter().map(LoadCost::range);
            ranges.fold(self.dominating(peak), i128::saturating_add)
        }
    }

    /// The greatest cost of the moves of one demand, and of leaving it open where that has a price.
    fn price_peak(&self) -> i128 {
        let most = self.problem.holders.iter().map(|holder| holder.customers);
        let family = self.problem.demands.iter().map(|demand| demand.customers);
        let most = most.chain(family.filter(|_| !self.problem.holders.is_empty()));
        let open = self.settings.unassigned_price.unwrap_or(0);
        i128::from(most.max().unwrap_or(1)) * i128::from(self.settings.move_price).abs()
            + i128::from(open).abs()
    }

    /// Whether loads have a cost.
    pub(super) const fn loads_cost(&self) -> bool {
        self.units.is_some()
    }

    /// Whether the objective says all that the settings ask for. Load shares in order are what
    /// their steps add up to only where all reps have one capacity: the same share may otherwise
    /// be reached by steps of different width.
    pub(super) fn exact(&self) -> bool {
        self.settings.balance != Balance::Leximin || self.one_capacity()
    }

    /// Whether a demand makes the same share of every rep's capacity.
    fn one_capacity(&self) -> bool {
        let share = |rep| {
            let share = Share::of(self.problem, rep);
            let alike = self
                .units
                .as_ref()
                .and_then(|units| units.alike(share.measure));
            (share.capacity, alike)
        };
        let mut shares = (0..self.problem.reps as u32).map(share);
        let first = shares.next();
        shares.all(|other| Some(other) == first)
    }

    /// Whether anything couples the choices for several demands beside the limits of reps.
    pub(super) const fn coupled(&self) -> bool {
        let settings = self.settings;
        settings.max_moves.is_some()
            || !settings.same_rep.is_empty()
            || !settings.different_rep.is_empty()
    }

    /// How many demands a rep can take at most and one more, which tells what that would cost; and
    /// how much of the measure.
    fn most(&self, rep: u32, measure: Measure) -> (i64, i128) {
        let (mut most, mut amount) = (self.problem.demands.len() as i64, i128::MAX);
        for &bound in &self.of_rep[rep as usize] {
            let Bound { limit, alike, room } = self.bounds[bound as usize];
            if limit.role.is_none() && limit.tier.is_none() {
                if alike.is_some() {
                    most = most.min(room.saturating_add(1));
                }
                if limit.measure == measure {
                    amount = amount.min(i128::from(limit.at_most.max(0)));
                }
            }
        }
        (most, amount)
    }

    /// In what the loads of all reps are counted; empty where they cost nothing.
    pub(super) fn load_units(&self) -> Vec<LoadUnit> {
        let reps = 0..self.problem.reps as u32;
        self.units.as_ref().map_or_else(Vec::new, |units| {
            reps.map(|rep| LoadUnit::new(units, Share::of(self.problem, rep).measure))
                .collect()
        })
    }

    /// What the loads of all reps cost; empty where they cost nothing.
    pub(super) fn load_costs(&self, peak: i128) -> Vec<LoadCost> {
        let Some(units) = &self.units else {
            return Vec::new();
        };
        let scores = self.dominating(peak.saturating_add(self.price_peak()));
        let reps = self.problem.reps as i128 + 1;
        let demands = self.problem.demands.len() as i128 + 1;
        let range = self.most_serving() / 4 / reps;
        let steepest = if self.by_sum() {
            self.most_serving() / (8 * (reps + self.bounds.len() as i128 + 2))
        } else {
            range / demands
        };
        let mut outweighs = Outweighs {
            scores,
            balance: scores,
            grades: self.grades(),
            steepest,
            range: range.min(1 << (BITS - 24)),
        };
        let costs = |settings: &OptimalSettings, outweighs| -> Vec<LoadCost> {
            let cost = |rep| {
                let share = Share::of(self.problem, rep);
                let most = self.most(rep, share.measure);
                LoadCost::new(settings, units, share, most, outweighs)
            };
            (0..self.problem.reps as u32).map(cost).collect()
        };
        if self.settings.min_load.is_some() {
            let mut even = self.settings.clone();
            even.min_load = None;
            outweighs.balance = self.outweighing(peak, &costs(&even, outweighs));
        }
        costs(self.settings, outweighs)
    }

    /// Where all have one capacity, loads themselves; else grades that are fine enough.
    fn grades(&self) -> i128 {
        let capacities = (0..self.problem.reps as u32)
            .filter_map(|rep| Share::of(self.problem, rep).capacity.map(i128::from));
        let greatest = capacities.max().unwrap_or(1);
        if self.one_capacity() {
            greatest
        } else {
            greatest.saturating_mul(greatest).min(1 << 40)
        }
    }
}

/// What a rep may take before its load share exceeds this.
pub(crate) fn max_load(problem: &Problem, rep: u32, share: f64) -> Limit {
    let own = Share::of(problem, rep);
    Limit {
        rep,
        role: None,
        tier: None,
        measure: own.measure,
        at_most: own.room_below(share).unwrap_or(i64::MAX),
    }
}

/// The least and greatest workload and number of customers of the demands of a role and tier.
type Extents = BTreeMap<(u16, u16), [(i64, i64); 2]>;

fn extents<E>(demands: &[Demand], look: &mut dyn FnMut() -> Result<(), E>) -> Result<Extents, E> {
    let mut extents = Extents::new();
    steps::each(demands, look, |demand| {
        let amounts = [demand.workload, i64::from(demand.customers)];
        let extent = extents
            .entry((demand.role, demand.tier))
            .or_insert([(i64::MAX, i64::MIN), (i64::MAX, i64::MIN)]);
        for (extent, amount) in extent.iter_mut().zip(amounts) {
            *extent = (extent.0.min(amount), extent.1.max(amount));
        }
    })?;
    Ok(extents)
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
