//! Prices that prove how good an allocation is; `check` proves them.
//!
//! By weak duality: let each limit have a price of at least nothing for each unit of its room.
//! Then no allocation is worth more than the sum of what each demand is worth at its best after
//! prices, and of what all rooms are worth at theirs. Where an allocation reaches that bound, no
//! other is better. The check takes nothing from the solver but the numbers in [`Certificate`];
//! it streams all pairs once and needs no memory per pair. Whatever numbers a certificate holds, it
//! is refuted or it is true: sums that do not fit are refuted as too great.
//!
//! Where demands have prices too, `knapsacks` makes a sharper bound of them. What the prices of limits
//! prove by themselves is then kept beside it, since that is what they tell of a unit more; the check
//! streams the pairs a second time for it.

use super::check::verify;
use super::knapsacks;
use super::settings::OptimalSettings;
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Problem};

/// Prices of limits, the worth of the allocation under them, and the bound. Integers; `scale`
/// tells by how many bits prices are finer than millionths of score.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The price of a unit of each limit: those of the problem in their order, then one for each
    /// rep where there is a `max_load`. A unit is a demand where all that the limit covers count
    /// alike, and a millionth of what it measures otherwise.
    pub prices: Vec<i128>,
    /// The price of one more demand for each rep, or of a millionth of what its load counts where
    /// demands count differently; empty where loads have no cost. May be below nothing, where more
    /// load is wanted.
    pub load_prices: Vec<i128>,
    /// The price of each demand, where reps have few demands of differing workload: the bound is
    /// then what a rep makes of one limit as a knapsack, that limit's own price left aside. Empty
    /// where prices of limits prove as much.
    pub demand_prices: Vec<i128>,
    /// What the prices of limits prove by themselves, where demands have prices and `bound` is less.
    pub price_bound: Option<i128>,
    /// The price of a move under `max_moves`.
    pub move_price: i128,
    /// What outweighs all that comes after serving demands, where that comes first: what leaving a
    /// demand of the lowest rank open counts at least.
    pub serving: i128,
    /// By how many bits prices are finer than millionths of score.
    pub scale: u32,
    /// What the allocation is worth, open demands included.
    pub value: i128,
    /// No allocation is worth more.
    pub bound: i128,
}

/// Why a certificate does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Refuted {
    /// Lists are not as long as the problem has demands, limits or reps.
    #[error("the certificate is of another problem")]
    Shape,
    /// A demand went to a rep that is no candidate of it.
    #[error("demand {demand} went to rep {rep}, who is no candidate")]
    NoCandidate {
        /// The demand.
        demand: u32,
        /// The rep.
        rep: u32,
    },
    /// A rep takes more than a limit allows.
    #[error("limit {limit} is exceeded")]
    Exceeded {
        /// The limit, in the order of [`Certificate::prices`].
        limit: u32,
    },
    /// More demands moved than `max_moves`.
    #[error("{moves} demands moved, more than allowed")]
    Moves {
        /// How many.
        moves: u64,
    },
    /// Roles of one customer went to reps that they must not go to together.
    #[error(
        "the roles of customer or family {group} are not with the same, or with different, reps"
    )]
    Coupled {
        /// The customer or family.
        group: u32,
    },
    /// A price is below nothing.
    #[error("a price is negative")]
    Negative,
    /// Serving counts too little to come before all scores.
    #[error("serving demands does not outweigh their scores")]
    Serving,
    /// It is called exact, and is not of the exact class, or not at its bound.
    #[error("it is called exact, which it is not")]
    NotExact,
    /// The value or the bound is not what the sums say.
    #[error("the sums differ from the certificate")]
    Sums,
    /// The numbers are too great to sum.
    #[error("the sums are too great")]
    Overflow,
}

impl Certificate {
    /// By how much a better allocation could be better at most: nothing in the exact class.
    #[must_use]
    pub const fn gap(&self) -> i128 {
        self.bound.saturating_sub(self.value)
    }

    /// By how much a better allocation could be better at most as far as the prices of limits alone
    /// can tell; at least [`Certificate::gap`]. A unit more of a limit adds at most its price and this.
    #[must_use]
    pub const fn price_gap(&self) -> i128 {
        match self.price_bound {
            Some(bound) => bound.saturating_sub(self.value),
            None => self.gap(),
        }
    }

    /// How many more demands another allocation could serve at most: 0 where this one serves as many
    /// as possible. Where leaving a demand open has a price, that is no question, and the answer 0.
    #[must_use]
    pub fn more_served(
        &self,
        allocation: &Allocation,
        problem: &Problem,
        settings: &OptimalSettings,
    ) -> u64 {
        self.more_served_of(&Terms::new(problem, settings), allocation)
    }

    pub(super) fn more_served_of(&self, terms: &Terms<'_>, allocation: &Allocation) -> u64 {
        if self.gap() <= 0 || terms.settings.unassigned_price.is_some() {
            return 0;
        }
        let open = allocation.rep_of.iter().filter(|own| own.is_none()).count() as u64;
        let coverage = terms.coverage(self.serving);
        coverage.each.map_or(open, |each| {
            // One more counts `each`, and costs less than half of that elsewhere.
            let most = self.gap().saturating_add(each / 2) / each.max(1);
            open.min(u64::try_from(most).unwrap_or(u64::MAX))
        })
    }

    /// The same allocation with nothing proven about limits.
    pub(super) fn without_prices(mut self) -> Self {
        self.prices.fill(0);
        self.load_prices.fill(0);
        self.without_demand_prices();
        (self.move_price, self.scale) = (0, 0);
        self
    }

    /// Leaves what the prices of limits prove by themselves.
    pub(super) fn without_demand_prices(&mut self) {
        self.demand_prices.clear();
        self.price_bound = None;
    }

    /// The same with the prices of limits that are knapsacks left aside, and which those are, by
    /// rep; where demands have no prices, none is.
    pub(super) fn beside_knapsacks(&self, terms: &Terms<'_>) -> (Self, Vec<Option<u32>>) {
        let mut beside = self.clone();
        if self.demand_prices.is_empty() {
            return (beside, Vec::new());
        }
        let limits = knapsacks::limits(terms, self);
        for &limit in limits.iter().flatten() {
            beside.prices[limit as usize] = 0;
        }
        (beside, limits)
    }

    /// Checks that the allocation is within all limits and worth what the certificate says, and
    /// that no other is worth more than its bound. Takes one pass over all pairs, two where demands
    /// have prices, and trusts nothing in the certificate.
    ///
    /// ```
    /// # use bookwright::allocation::{Demand, Optimal, OptimalSettings, PairSource, Problem, Unbounded};
    /// # struct One;
    /// # impl PairSource for One {
    /// #     fn block(&self, _: &[u32], scores: &mut [f64]) { scores.fill(1.0); }
    /// # }
    /// # let demand = Demand {
    /// #     group: 0, role: 0, tier: 0, priority: 0, workload: 1, customers: 1, present: None,
    /// # };
    /// let problem = Problem { reps: 1, demands: vec![demand], ..Problem::default() };
    /// let settings = OptimalSettings::default();
    /// let solved = Optimal::new(settings.clone()).solve(&problem, &One, &mut Unbounded)?;
    /// let mut certificate = solved.certificate;
    /// assert!(certificate.verify(&solved.allocation, &problem, &settings, &One).is_ok());
    /// certificate.value += 1;
    /// assert!(certificate.verify(&solved.allocation, &problem, &settings, &One).is_err());
    /// # Ok::<(), bookwright::allocation::Stop>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify(
        &self,
        allocation: &Allocation,
        problem: &Problem,
        settings: &OptimalSettings,
        pairs: &dyn PairSource,
    ) -> Result<(), Refuted> {
        verify(&Terms::new(problem, settings), pairs, allocation, self).map(|_| ())
    }
}
