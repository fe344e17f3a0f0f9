//! What the load of a rep costs: a convex function of what it takes, as an integer.
//!
//! A load share is what a rep carries, before and by this allocation, divided by its capacity; both
//! in what [`Problem::share_measure`] says. Where all demands count alike for the rep, its cost is
//! a list of steps, one for each demand. Where they differ, it is linear between the 64ths of the
//! capacity, so that it stays an integer and convex: a price on the square of the share is met at
//! the 64ths, and off by less than a 16,000th of it between them. A rep without a capacity has the
//! share 0 whatever it takes, and costs nothing. Linear in steps or pieces.
//!
//! Where numbers are so great that sums would not fit, the dearest steps or pieces cost what can be
//! summed, all alike: the cost is then not called whole.

use super::settings::{Balance, OptimalSettings};
use crate::allocation::{Demand, Measure, Problem};
use crate::steps;

/// Costs of a unit are finer than millionths of score by this many bits, where demands differ.
const FINER: u32 = 24;
/// Into so many pieces a capacity is cut, where demands differ.
const PIECES: i128 = 64;
/// After so many pieces the cost goes on as in the last.
const MOST_PIECES: i128 = 4 * PIECES;

/// What the loads of all reps are counted in.
#[derive(Debug, Clone, Default)]
pub(super) struct Units {
    /// By rep: what every demand counts, where all count alike.
    alike: [Option<i64>; 2],
    /// What all amounts are multiples of.
    common: [i64; 2],
    /// The sum of all amounts.
    whole: [i128; 2],
}

impl Units {
    /// The units of the demands, while `look` lets it go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(super) fn new<E>(
        demands: &[Demand],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut units = Self::default();
        for measure in [Measure::Workload, Measure::Customers] {
            let at = usize::from(measure == Measure::Customers);
            let mut amounts = demands.iter().map(|demand| measure.amount(demand));
            let first = amounts.next();
            units.alike[at] = first.filter(|&first| amounts.all(|other| other == first));
            let (mut common, mut whole) = (0, 0);
            steps::each(demands, look, |demand| {
                let amount = measure.amount(demand);
                common = common_divisor(common, amount);
                whole += i128::from(amount);
            })?;
            (units.common[at], units.whole[at]) = (common.max(1), whole);
        }
        Ok(units)
    }

    /// What every demand counts in this measure, where all count alike.
    pub(super) const fn alike(&self, measure: Measure) -> Option<i64> {
        self.alike[matches!(measure, Measure::Customers) as usize]
    }

    const fn common(&self, measure: Measure) -> i64 {
        self.common[matches!(measure, Measure::Customers) as usize]
    }

    const fn whole(&self, measure: Measure) -> i128 {
        self.whole[matches!(measure, Measure::Customers) as usize]
    }
}

/// The greatest divisor of both; of 0 and another, that.
pub(super) fn common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(1)
}

/// What a rep carries and can carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) measure: Measure,
    carried: i64,
    /// Nothing where there is no limit.
    pub(super) capacity: Option<i64>,
}

impl Share {
    pub(super) fn of(problem: &Problem, rep: u32) -> Self {
        let rep = rep as usize;
        let capacity = problem.capacity.get(rep).copied();
        Self {
            measure: problem
                .share_measure
                .get(rep)
                .copied()
                .unwrap_or(Measure::Workload),
            carried: problem.carried.get(rep).copied().unwrap_or(0).max(0),
            capacity: capacity
                .filter(|&capacity| capacity != i64::MAX)
                .map(|capacity| capacity.max(1)),
        }
    }

    /// How much more the rep may take before its share exceeds this; nothing without a capacity.
    pub(super) fn room_below(&self, share: f64) -> Option<i64> {
        let most = (share * self.capacity? as f64).floor() as i64;
        Some(most.saturating_sub(self.carried).max(0))
    }

    /// How much the rep must take for its share to reach this.
    fn short_of(&self, share: f64) -> i64 {
        let wanted = self.capacity.map_or(0.0, |whole| share * whole as f64);
        (wanted.ceil() as i64).saturating_sub(self.carried).max(0)
    }
}

/// In what the load of a rep is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoadUnit {
    /// What a unit is: a demand, or else a millionth of workload or a customer.
    by_demand: bool,
    measure: Measure,
}

impl LoadUnit {
    pub(super) const fn new(units: &Units, measure: Measure) -> Self {
        Self {
            by_demand: units.alike(measure).is_some(),
            measure,
        }
    }

    /// How many units the demand is.
    pub(super) const fn of(self, demand: &Demand) -> i64 {
        if self.by_demand {
            1
        } else {
            self.measure.amount(demand)
        }
    }
}

/// The cost of what one rep takes: pieces, each dearer by the unit than the one before.
#[derive(Debug, Clone)]
pub(super) struct LoadCost {
    unit: LoadUnit,
    /// How many units, and what each costs, finer by `finer` bits.
    pieces: Vec<(i128, i128)>,
    finer: u32,
    /// Whether it says what the settings ask for: numbers may be too great for that.
    whole: bool,
}

/// What outweighs what, for the parts of the cost that come before scores.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outweighs {
    /// More than all scores.
    pub(super) scores: i128,
    /// More than that and what evens out loads.
    pub(super) balance: i128,
    /// So many grades are between the load shares 0 and 1 where shares are compared in order.
    pub(super) grades: i128,
    /// The most that one demand may cost a rep where all count alike, either way.
    pub(super) steepest: i128,
    /// The most that all may cost a rep together where they do not: it leaves room for finer costs.
    pub(super) range: i128,
}

impl LoadCost {
    /// The cost for a rep that takes at most so many demands, and so much.
    pub(super) fn new(
        settings: &OptimalSettings,
        units: &Units,
        share: Share,
        (most, most_amount): (i64, i128),
        outweighs: Outweighs,
    ) -> Self {
        if let Some(amount) = units.alike(share.measure) {
            let steps = steps(settings, share, amount, most, outweighs);
            return Self {
                unit: LoadUnit::new(units, share.measure),
                pieces: steps.into_iter().map(|step| (1, step)).collect(),
                finer: 0,
                whole: true,
            }
            .within(outweighs.steepest);
        }
        let most = most_amount.min(units.whole(share.measure));
        let common = units.common(share.measure);
        Self {
            unit: LoadUnit::new(units, share.measure),
            pieces: pieces(settings, share, common, most, outweighs),
            finer: FINER,
            whole: true,
        }
        .within((outweighs.range << FINER) / most.max(1))
    }

    /// The same where a unit costs at most so much, finer as it is, either way: what is dearer is all
    /// alike. It stays convex.
    fn within(mut self, most: i128) -> Self {
        for (_, rise) in &mut self.pieces {
            let within = (*rise).clamp(-most, most);
            self.whole &= within == *rise;
            *rise = within;
        }
        self
    }

    /// Whether it says what the settings ask for.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    /// How many units the demand is.
    pub(super) const fn units(&self, demand: &Demand) -> i64 {
        self.unit.of(demand)
    }

    /// What so many units cost.
    pub(super) fn of(&self, units: i128) -> i128 {
        let (mut left, mut sum) = (units, 0_i128);
        for &(length, rise) in &self.pieces {
            if left <= 0 {
                break;
            }
            sum = sum.saturating_add(rise.saturating_mul(left.min(length)));
            left -= length;
        }
        sum >> self.finer
    }

    /// By what so many units more cost more.
    pub(super) fn more(&self, taken: i128, units: i64) -> i128 {
        if self.unit.by_demand {
            let steps = usize::try_from(taken).unwrap_or(0)..;
            let steps = self.pieces.get(steps).unwrap_or(&[]).iter();
            let steps = steps.take(usize::try_from(units).unwrap_or(0));
            return steps.map(|&(_, rise)| rise).fold(0, i128::saturating_add);
        }
        (self.of(taken + i128::from(units))).saturating_sub(self.of(taken))
    }

    /// What units are worth at a price for each, and how many are best.
    pub(super) fn roughly_best_at(&self, price: f64) -> (f64, f64) {
        let finer = f64::from(1_u32 << self.finer);
        let mut best = (0.0, 0.0);
        for &(length, rise) in &self.pieces {
            let gain = price - rise as f64 / finer;
            if gain <= 0.0 {
                break;
            }
            best = (best.0 + gain * length as f64, best.1 + length as f64);
        }
        best
    }

    /// What each unit costs, one after another, where units are demands.
    pub(super) fn steps(&self) -> Option<Vec<i128>> {
        self.unit
            .by_demand
            .then(|| self.pieces.iter().map(|&(_, rise)| rise).collect())
    }

    /// No number of units is worth more at this price for each, both finer by `scale` bits; nothing
    /// where numbers are too great.
    pub(super) fn best_at(&self, price: i128, scale: u32) -> Option<i128> {
        // What rounding down may have taken off the cost of all units together.
        let mut best = if self.finer == 0 { 0 } else { 1_i128 << scale };
        for &(length, rise) in &self.pieces {
            let cost = rise.checked_mul(length)?;
            let cost = if scale > self.finer {
                cost.checked_mul(1_i128 << (scale - self.finer))?
            } else {
                cost >> (self.finer - scale)
            };
            let gain = price.checked_mul(length)?.checked_sub(cost)?;
            best = best.checked_add(gain.max(0))?;
        }
        Some(best)
    }

    /// What the cost can differ by between any two numbers of units.
    pub(super) fn range(&self) -> i128 {
        let whole = |&(length, rise): &(i128, i128)| rise.abs().saturating_mul(length);
        let sum = self
            .pieces
            .iter()
            .map(whole)
            .fold(0_i128, i128::saturating_add);
        (sum >> self.finer).saturating_add(1)
    }

    /// The greatest cost of one step in size.
    pub(super) fn steepest(&self) -> i128 {
        let rises = self.pieces.iter().map(|(_, rise)| rise.abs());
        (rises.max().unwrap_or(0) >> self.finer).saturating_add(1)
    }
}

/// What the first, second … demand costs; never falling.
fn steps(
    settings: &OptimalSettings,
    share: Share,
    amount: i64,
    most: i64,
    outweighs: Outweighs,
) -> Vec<i128> {
    let capacity = share.capacity;
    let even = |unit: i64| match (settings.balance, capacity) {
        (Balance::None, _) | (_, None) => 0,
        (Balance::Price(price), Some(capacity)) => {
            marginal(price, share.carried, amount, capacity, unit)
        }
        (Balance::Leximin, Some(capacity)) => {
            let load = i128::from(share.carried) + i128::from(unit) * i128::from(amount);
            let grade = load.saturating_mul(outweighs.grades) / i128::from(capacity);
            outweighs.scores.saturating_mul(grade)
        }
    };
    let mut steps: Vec<i128> = (1..=most.max(0)).map(even).collect();
    if let Some(least) = settings.min_load {
        let missing = share.short_of(least).unsigned_abs();
        let missing = missing.div_ceil(amount.max(1).unsigned_abs());
        let missing = missing.min(steps.len() as u64) as usize;
        for step in &mut steps[..missing] {
            *step = step.saturating_sub(outweighs.balance);
        }
    }
    steps
}

/// By what the square of a load share grows with its `unit`-th demand, times the price. Products of
/// numbers in a fixed order, each rounded the same way, so it never falls with `unit`.
fn marginal(price: i64, carried: i64, amount: i64, capacity: i64, unit: i64) -> i128 {
    let (amount, capacity) = (amount as f64, capacity as f64);
    let twice = 2.0 * carried as f64 + (2.0 * unit as f64 - 1.0) * amount;
    (price as f64 * (amount / capacity) * (twice / capacity)).floor() as i128
}

/// Pieces of the cost where demands count differently.
fn pieces(
    settings: &OptimalSettings,
    share: Share,
    common: i64,
    most: i128,
    outweighs: Outweighs,
) -> Vec<(i128, i128)> {
    let Some(capacity) = share.capacity.map(i128::from) else {
        return vec![(most.max(0), 0)];
    };
    let finer = |amount: i128| amount.saturating_mul(1 << FINER);
    // The least difference in amounts outweighs what comes after it.
    let by_unit = |amount: i128| (finer(amount) / i128::from(common)).saturating_add(1);
    let rise = |piece: i128| match settings.balance {
        Balance::None => 0,
        Balance::Price(price) => {
            finer(i128::from(price)).saturating_mul(2 * piece + 1) / (PIECES * capacity)
        }
        Balance::Leximin => by_unit(outweighs.scores).saturating_mul((piece + 1).pow(2)),
    };
    let short = settings.min_load.map_or(0, |least| share.short_of(least));
    let (short, missing) = (i128::from(short), by_unit(outweighs.balance));
    let carried = i128::from(share.carried);
    let (mut pieces, mut at) = (Vec::new(), 0);
    while at < most {
        let load = carried + at;
        let piece = (load * PIECES / capacity).min(MOST_PIECES);
        let mut end = most;
        if piece < MOST_PIECES {
            let border = (capacity * (piece + 1) / PIECES).max(load + 1);
            end = end.min(border - carried);
        }
        let mut own = rise(piece);
        if at < short {
            end = end.min(short);
            own = own.saturating_sub(missing);
        }
        pieces.push((end - at, own));
        at = end;
    }
    pieces
}
