//! The problem that every strategy takes, and the answer that it gives.

use std::fmt::Debug;

use super::shortlist::{Lister, Shortlist};

/// Demands, reps and limits. Amounts are integers in millionths, so that sums are exact.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// How many reps there are; they are numbered in order of id.
    pub reps: usize,
    /// The demands, in order of id and then of role.
    pub demands: Vec<Demand>,
    /// What the reps can carry beside what they keep, in order of rep. A demand counts against
    /// every limit of its rep that covers its role and tier.
    pub limits: Vec<Limit>,
    /// When each rep was last assigned in each role, `role * reps + rep`, the later the higher; `i64::MIN`
    /// for never. Empty where nobody was.
    pub last_assigned: Vec<i64>,
    /// The share of each rep in weighted round robin, above zero; empty where all are alike.
    pub weights: Vec<f64>,
    /// How many assignments each rep is owed in each role from earlier rounds of weighted round
    /// robin, `role * reps + rep`, mostly between −1 and 1; empty for nothing.
    pub credits: Vec<f64>,
    /// What each rep carries already, in units of [`Self::share_measure`]; empty for nothing.
    pub carried: Vec<i64>,
    /// What each rep can carry over all, for load shares; empty or `i64::MAX` for no limit.
    pub capacity: Vec<i64>,
    /// What load shares count, per rep; empty for workload.
    pub share_measure: Vec<Measure>,
    /// Who has the customers of demands that stand for several, in order of demand: those that go
    /// to another rep are moved. A demand that is not named here is one customer of
    /// [`Demand::present`].
    pub holders: Vec<Holder>,
}

impl Problem {
    /// How many customers go from their present owners to others where the demand goes to the rep,
    /// or stays open.
    pub(crate) fn moves(&self, number: usize, rep: Option<u32>) -> u64 {
        let holders = &self.holders;
        let present = self.demands[number].present;
        if holders.is_empty() {
            return u64::from(present.is_some() && present != rep);
        }
        let first = holders.partition_point(|holder| (holder.demand as usize) < number);
        let own = holders[first..]
            .iter()
            .take_while(|holder| holder.demand as usize == number);
        let mut several = false;
        let moved = own.inspect(|_| several = true);
        let moved = moved
            .filter(|holder| Some(holder.rep) != rep)
            .map(|holder| u64::from(holder.customers))
            .sum();
        if several {
            return moved;
        }
        u64::from(present.is_some() && present != rep)
    }
}

/// A present owner of some customers of one demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The demand, by number.
    pub demand: u32,
    /// The rep.
    pub rep: u32,
    /// How many customers it has.
    pub customers: u32,
}

/// A customer or a family that needs an owner in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Customer or family; the demands of one group in several roles share it.
    pub group: u32,
    /// The role.
    pub role: u16,
    /// The tier, 0 the highest.
    pub tier: u16,
    /// The priority in millionths; higher first.
    pub priority: i64,
    /// The workload in millionths, above zero.
    pub workload: i64,
    /// How many customers it stands for: more than one for a family.
    pub customers: u32,
    /// The present owner.
    pub present: Option<u32>,
}

impl Demand {
    /// From this priority on, a demand is one that the host has decided on, as by a pin: it comes
    /// before all others, and before it counts how many are served.
    pub const DECIDED: i64 = 2_000_000_000_000_000_000;
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// [`Demand::workload`], in millionths.
    Workload,
    /// [`Demand::customers`].
    Customers,
}

/// One limit of one rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The rep.
    pub rep: u32,
    /// The role that it covers; all roles together where it says none.
    pub role: Option<u16>,
    /// The tier that it covers; all tiers together where it says none.
    pub tier: Option<u16>,
    /// What it counts.
    pub measure: Measure,
    /// How much more the rep can take, at least 0.
    pub at_most: i64,
}

impl Measure {
    /// How much the demand counts.
    #[must_use]
    pub const fn amount(self, demand: &Demand) -> i64 {
        match self {
            Self::Workload => demand.workload,
            Self::Customers => demand.customers as i64,
        }
    }
}

impl Limit {
    /// Whether the demand counts against this limit of its rep.
    #[must_use]
    pub fn covers(&self, demand: &Demand) -> bool {
        self.role.is_none_or(|role| role == demand.role)
            && self.tier.is_none_or(|tier| tier == demand.tier)
    }

    /// How much the demand counts.
    #[must_use]
    pub const fn amount(&self, demand: &Demand) -> i64 {
        self.measure.amount(demand)
    }
}

/// Where scores come from: a block at a time, never all at once.
pub trait PairSource: Sync {
    /// Writes the score of each rep for each demand, one row of [`Problem::reps`] scores per
    /// demand, in the order of `demands`; `NaN` where the rep is no candidate.
    fn block(&self, demands: &[u32], scores: &mut [f64]);

    /// Makes the list of each demand's best candidates, in the order of `demands`. Whoever makes
    /// rows on several threads, or one at a time, does better to list each while it is at hand.
    fn shortlists(&self, demands: &[u32], lister: &Lister<'_>, lists: &mut [Shortlist]) {
        let mut lister = lister.clone();
        let reps = lister.reps();
        let few = (1_usize << 16)
            .checked_div(reps)
            .map_or(1, |few| few.max(1));
        let mut scores = vec![f64::NAN; few.min(demands.len()) * reps];
        for (demands, lists) in demands.chunks(few).zip(lists.chunks_mut(few)) {
            let scores = &mut scores[..demands.len() * reps];
            self.block(demands, scores);
            let rows = scores.chunks_mut(reps.max(1));
            for ((&demand, row), list) in demands.iter().zip(rows).zip(lists) {
                lister.list(demand, row, list);
            }
        }
    }

    /// The same while `meanwhile` does something else, on another thread where there is one.
    fn shortlists_meanwhile(
        &self,
        demands: &[u32],
        lister: &Lister<'_>,
        lists: &mut [Shortlist],
        meanwhile: &mut (dyn FnMut() + Send),
    ) {
        meanwhile();
        self.shortlists(demands, lister, lists);
    }
}

/// Who got what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Allocation {
    /// The rep of each demand, in the order of [`Problem::demands`].
    pub rep_of: Vec<Option<u32>>,
    /// For strategies that work one demand after another: the demands in the order of their turns.
    pub turns: Vec<u32>,
    /// The score of the rep that each demand got, `NaN` for none; empty where the strategy does not
    /// tell.
    pub scores: Vec<f64>,
    /// How good it is, where the strategy proves it.
    pub proof: Option<Box<super::Proof>>,
    /// The [`Problem::credits`] after this round; empty where the strategy keeps none.
    pub credits: Vec<f64>,
}

/// Why a strategy stopped early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The host said so.
    Cancelled,
    /// The time is up.
    Deadline,
    /// The operations are used up.
    Operations,
}

/// Looked at between blocks of work.
pub trait Watch {
    /// Says that about `work` pairs were looked at since the last call.
    ///
    /// # Errors
    /// Why to stop now.
    fn tick(&mut self, work: u64) -> Result<(), Stop>;
}

/// A [`Watch`] that is told of small work, and passes it on in larger steps.
pub(super) struct Paced<'w> {
    watch: &'w mut dyn Watch,
    step: u64,
    work: u64,
}

impl<'w> Paced<'w> {
    /// Passes work on once it is `step` or more.
    pub(super) const fn new(watch: &'w mut dyn Watch, step: u64) -> Self {
        Self {
            watch,
            step,
            work: 0,
        }
    }
}

impl Watch for Paced<'_> {
    fn tick(&mut self, work: u64) -> Result<(), Stop> {
        self.work += work;
        if self.work < self.step {
            return Ok(());
        }
        self.watch.tick(std::mem::take(&mut self.work))
    }
}

/// A [`Watch`] that never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unbounded;

impl Watch for Unbounded {
    fn tick(&mut self, _work: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// A way to allocate.
pub trait Strategy: Debug + Send + Sync {
    /// The name in `ALLOCATION` and in plans.
    fn name(&self) -> &str;

    /// Whether it has an answer to give where the watch stops it, and says so in
    /// [`Allocation::proof`]. A run then stops it early enough for the plan to be written, and takes
    /// its word that nothing in the answer comes of pairs after which the watch said stop: from
    /// then on a [`PairSource`] may tell that there are none. Without, a stop is an error.
    fn answers_when_stopped(&self) -> bool {
        false
    }

    /// Gives each demand at most one of its candidates, within the limits.
    ///
    /// # Errors
    /// Why the watch stopped it.
    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop>;
}

/// A score, priority or workload as an integer in millionths, rounded to nearest, ties away from
/// zero, and cut off at ±9·10¹⁸.
#[must_use]
pub fn to_micros(amount: f64) -> i64 {
    const EDGE: f64 = 9.0e18;
    let micros = (amount * 1e6).clamp(-EDGE, EDGE);
    // As `round` does, which is a call of a function on most processors: the part behind the point
    // is exact, and nothing where the number is too great to have one.
    let whole = micros as i64;
    let part = micros - whole as f64;
    whole + i64::from(part >= 0.5) - i64::from(part <= -0.5)
}

#[cfg(test)]
mod tests {
    use super::to_micros;

    #[test]
    fn micros_are_rounded_as_floats_are() {
        let plain = |amount: f64| (amount * 1e6).round().clamp(-9.0e18, 9.0e18) as i64;
        let mut amounts = vec![
            0.0,
            -0.0,
            0.5e-6,
            1.5e-6,
            0.499_999_999_999_999_9e-6,
            9.1e12,
        ];
        amounts.extend([
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            f64::MIN_POSITIVE,
            9e12,
        ]);
        let mut state = 1_u64;
        for _ in 0..200_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            amounts.push(f64::from_bits(state));
            amounts.push((state >> 40) as f64 / 2e6); // halves of a millionth
        }
        for amount in amounts.iter().flat_map(|&amount| [amount, -amount]) {
            assert_eq!(to_micros(amount), plain(amount), "{amount:e}");
        }
    }
}
