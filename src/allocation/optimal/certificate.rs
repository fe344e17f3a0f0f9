//! Prices that prove how good an allocation is, and the check of them.
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

use super::coverage::Coverage;
use super::knapsacks::{self, Knapsack};
use super::loads::LoadUnit;
use super::pool::KEEP_ALL;
use super::settings::OptimalSettings;
use super::terms::Terms;
use crate::allocation::{
    Allocation, Demand, PairSource, Problem, Stop, Unbounded, Watch, to_micros,
};
use std::collections::BTreeMap;

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
    fn without_demand_prices(&mut self) {
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

/// Whether there are prices of all demands or none; not of so many that all pairs could not be kept.
fn shape_of_demand_prices(terms: &Terms<'_>, certificate: &Certificate) -> bool {
    let demands = terms.problem.demands.len();
    let prices = certificate.demand_prices.len();
    let few = demands.saturating_mul(terms.problem.reps) <= KEEP_ALL;
    let two_bounds = certificate.price_bound.is_some();
    two_bounds == (prices != 0) && (prices == 0 || (prices == demands && few))
}

/// Price rows of demands that count alike.
pub(super) struct PriceRows<'a> {
    terms: &'a Terms<'a>,
    certificate: &'a Certificate,
    loads: Vec<LoadUnit>,
    rows: BTreeMap<(u16, u16, i64, u32), Vec<i128>>,
}

impl<'a> PriceRows<'a> {
    pub(super) fn new(terms: &'a Terms<'a>, certificate: &'a Certificate) -> Self {
        Self {
            terms,
            certificate,
            loads: terms.load_units(),
            rows: BTreeMap::new(),
        }
    }

    /// What the demand would pay each rep.
    pub(super) fn of(&mut self, demand: &Demand) -> &[i128] {
        const KEPT: usize = 256;
        let kind = (demand.role, demand.tier, demand.workload, demand.customers);
        if self.rows.len() >= KEPT && !self.rows.contains_key(&kind) {
            self.rows.clear();
        }
        let (terms, certificate, loads) = (self.terms, self.certificate, &self.loads);
        self.rows.entry(kind).or_insert_with(|| {
            let by_load = certificate.load_prices.iter().zip(loads);
            let mut row: Vec<i128> = by_load
                .map(|(price, load)| price.saturating_mul(i128::from(load.of(demand))))
                .collect();
            row.resize(terms.problem.reps, 0);
            for (bound, &price) in terms.bounds.iter().zip(&certificate.prices) {
                if bound.limit.covers(demand)
                    && let Some(paid) = row.get_mut(bound.limit.rep as usize)
                {
                    let own = price.saturating_mul(i128::from(bound.amount(demand)));
                    *paid = paid.saturating_add(own);
                }
            }
            row
        })
    }
}

/// Calls `each` with every demand and its scores by rep, in order.
pub(super) fn stream(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    each: impl FnMut(usize, &Demand, &[f64]),
) {
    let whole = stream_while(terms, pairs, &mut Unbounded, each);
    debug_assert!(whole.is_ok(), "nothing stops it");
}

/// The same while the watch lets it go on, which is asked before and after each block and within
/// it: nothing comes of a block after which it says stop, since pairs may be missing there. Whoever
/// calls has counted the work.
pub(super) fn stream_while(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
    mut each: impl FnMut(usize, &Demand, &[f64]),
) -> Result<(), Stop> {
    const PAIRS: usize = 1 << 16;
    let reps = terms.problem.reps;
    let rows = (PAIRS / 8).checked_div(reps).unwrap_or(PAIRS).max(1);
    let per_block = (PAIRS / reps.max(1)).clamp(1, 4096);
    let mut scores = vec![f64::NAN; per_block * reps];
    let mut ids: Vec<u32> = Vec::with_capacity(per_block);
    let demands = &terms.problem.demands;
    for start in (0..demands.len()).step_by(per_block) {
        watch.tick(0)?;
        let end = (start + per_block).min(demands.len());
        ids.clear();
        ids.extend(start as u32..end as u32);
        let scores = &mut scores[..ids.len() * reps];
        if reps > 0 {
            pairs.block(&ids, scores);
        }
        watch.tick(0)?;
        for (number, at) in (start..end).zip(0..) {
            if at % rows == rows - 1 {
                watch.tick(0)?;
            }
            each(
                number,
                &demands[number],
                &scores[at * reps..(at + 1) * reps],
            );
        }
    }
    Ok(())
}

/// Checks an allocation and its certificate against the problem; gives the greatest score in size.
pub(super) fn verify(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    allocation: &Allocation,
    certificate: &Certificate,
) -> Result<i128, Refuted> {
    feasible(terms, allocation)?;
    let loads = if terms.loads_cost() {
        terms.problem.reps
    } else {
        0
    };
    if certificate.prices.len() != terms.bounds.len()
        || certificate.load_prices.len() != loads
        || certificate.scale > 32
        || !shape_of_demand_prices(terms, certificate)
    {
        return Err(Refuted::Shape);
    }
    // A price on moves that nothing limits would take from the bound and give nothing back.
    let free = terms.settings.max_moves.is_none() && certificate.move_price != 0;
    if certificate.prices.iter().any(|&price| price < 0) || certificate.move_price < 0 || free {
        return Err(Refuted::Negative);
    }
    let (beside, limits) = certificate.beside_knapsacks(terms);
    let mut sums = Sums::new(terms, &beside, limits);
    let mut rows = PriceRows::new(terms, &beside);
    let mut wrong = None;
    stream(terms, pairs, |number, demand, scores| {
        let own = allocation.rep_of[number];
        if let Some(rep) = own
            && scores[rep as usize].is_nan()
        {
            wrong = wrong.or(Some(Refuted::NoCandidate {
                demand: number as u32,
                rep,
            }));
        }
        sums.demand(number, scores, own, rows.of(demand));
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if certificate.serving < terms.serving(sums.peak) {
        return Err(Refuted::Serving);
    }
    // Ranks would count alike where what they count does not fit.
    if certificate.serving > 2 * terms.most_serving() {
        return Err(Refuted::Overflow);
    }
    sums.rooms();
    sums.loads(Some(allocation));
    let (Some(value), Some(bound)) = (sums.value, sums.bound) else {
        return Err(Refuted::Overflow);
    };
    let bound = bound >> certificate.scale;
    let by_prices = price_bound(terms, pairs, certificate)?;
    let same = value == certificate.value && bound == certificate.bound;
    if same && bound >= value && by_prices == certificate.price_bound {
        Ok(sums.peak)
    } else {
        Err(Refuted::Sums)
    }
}

/// What the prices of limits prove by themselves, where the certificate has prices of demands too.
fn price_bound(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    certificate: &Certificate,
) -> Result<Option<i128>, Refuted> {
    if certificate.price_bound.is_none() {
        return Ok(None);
    }
    let mut alone = certificate.clone();
    alone.without_demand_prices();
    match bound(terms, pairs, &alone, &mut Unbounded) {
        Ok(bound) if bound < i128::MAX => Ok(Some(bound)),
        _ => Err(Refuted::Overflow),
    }
}

/// What the prices of a certificate prove, whatever it says itself; as much as can be where numbers
/// are too great.
///
/// # Errors
/// Why the watch stopped it.
pub(super) fn bound(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    certificate: &Certificate,
    watch: &mut dyn Watch,
) -> Result<i128, Stop> {
    let (beside, limits) = certificate.beside_knapsacks(terms);
    let mut sums = Sums::new(terms, &beside, limits);
    let mut rows = PriceRows::new(terms, &beside);
    stream_while(terms, pairs, watch, |number, demand, scores| {
        sums.demand(number, scores, None, rows.of(demand));
    })?;
    sums.rooms();
    sums.loads(None);
    let bound = sums.bound.map(|bound| bound >> certificate.scale);
    Ok(bound.unwrap_or(i128::MAX))
}

/// A certificate for when there is no time to prove more: without prices, every demand at what its
/// best pair is worth, `best`, where it has any. Costs no look at pairs.
pub(super) fn unpriced(
    terms: &Terms<'_>,
    certificate: Certificate,
    peak: i128,
    best: impl Iterator<Item = Option<i128>>,
) -> Certificate {
    let mut certificate = certificate.without_prices();
    let mut sums = Sums::new(terms, &certificate, Vec::new());
    sums.peak = peak;
    for (number, best) in best.enumerate() {
        let open = terms.open(number, &sums.coverage);
        let most = best.map_or(open, |best| best.max(open));
        sums.bound = sum(sums.bound, Some(most));
    }
    sums.loads(None);
    certificate.bound = sums.bound.unwrap_or(i128::MAX);
    certificate
}

/// Both sides of weak duality, demand by demand; nothing where a number did not fit.
struct Sums<'a> {
    terms: &'a Terms<'a>,
    certificate: &'a Certificate,
    coverage: Coverage,
    value: Option<i128>,
    /// Finer than values by the scale of the certificate.
    bound: Option<i128>,
    /// The limits that are knapsacks, and what goes in, by rep; empty where demands have no prices.
    limits: Vec<Option<u32>>,
    knapsacks: Vec<Knapsack>,
    /// The greatest score in size.
    peak: i128,
}

impl<'a> Sums<'a> {
    fn new(terms: &'a Terms<'a>, certificate: &'a Certificate, limits: Vec<Option<u32>>) -> Self {
        Self {
            knapsacks: limits.iter().map(|_| Knapsack::default()).collect(),
            limits,
            terms,
            certificate,
            coverage: terms.coverage(certificate.serving),
            value: Some(0),
            bound: Some(0),
            peak: 0,
        }
    }

    /// What the demand is worth where it is, and at its best after prices.
    fn demand(&mut self, number: usize, scores: &[f64], own: Option<u32>, paid: &[i128]) {
        let (terms, certificate) = (self.terms, self.certificate);
        let finer = 1_i128 << certificate.scale;
        let open = terms.open(number, &self.coverage);
        let mut best = open.checked_mul(finer);
        let mut fits = best.is_some();
        let own_price = certificate.demand_prices.get(number).copied();
        best = best.max(own_price.filter(|_| fits));
        if own.is_none() {
            self.value = sum(self.value, Some(open));
        }
        for ((rep, &score), &paid) in (0..).zip(scores).zip(paid) {
            if score.is_nan() {
                continue;
            }
            self.peak = self.peak.max(i128::from(to_micros(score)).abs());
            let value = terms.value(number, rep, score);
            if own == Some(rep) {
                self.value = sum(self.value, Some(value));
            }
            let mut paid = Some(paid);
            if certificate.move_price != 0 {
                let moves = i128::from(terms.moves(number, Some(rep)));
                paid = sum(paid, certificate.move_price.checked_mul(moves));
            }
            let net = value.checked_mul(finer).zip(paid);
            let net = net.and_then(|(value, paid)| value.checked_sub(paid));
            fits &= net.is_some();
            match own_price {
                Some(price) => {
                    let worth = net.and_then(|net| net.checked_sub(price));
                    fits &= worth.is_some();
                    self.pack(number, rep, worth.unwrap_or(0));
                }
                None => best = best.max(net),
            }
        }
        self.bound = sum(self.bound, best.filter(|_| fits));
    }

    /// Offers a demand to the knapsack of a rep, worth so much beyond its price.
    fn pack(&mut self, number: usize, rep: u32, worth: i128) {
        let demand = &self.terms.problem.demands[number];
        let limit = self.limits[rep as usize].map(|limit| &self.terms.bounds[limit as usize]);
        let covered = limit.filter(|bound| bound.limit.covers(demand));
        self.knapsacks[rep as usize].add(worth, covered.map_or(0, |bound| bound.amount(demand)));
    }

    /// What all rooms are worth.
    fn rooms(&mut self) {
        let packed = knapsacks::bound(self.terms, &self.limits, &self.knapsacks);
        self.bound = sum(self.bound, packed);
        for (bound, &price) in self.terms.bounds.iter().zip(&self.certificate.prices) {
            self.bound = sum(self.bound, price.checked_mul(i128::from(bound.room)));
        }
        let moves = i128::from(self.terms.settings.max_moves.unwrap_or(0));
        self.bound = sum(self.bound, self.certificate.move_price.checked_mul(moves));
    }

    /// What loads cost, and what they are worth at their best.
    fn loads(&mut self, given: Option<&Allocation>) {
        let costs = self.terms.load_costs(self.peak);
        let mut taken = vec![0_i128; costs.len()];
        for (demand, own) in given
            .iter()
            .flat_map(|given| self.terms.problem.demands.iter().zip(&given.rep_of))
        {
            if let Some(rep) = own.map(|rep| rep as usize)
                && let Some(cost) = costs.get(rep)
            {
                taken[rep] += i128::from(cost.units(demand));
            }
        }
        let scale = self.certificate.scale;
        for ((cost, &price), taken) in costs.iter().zip(&self.certificate.load_prices).zip(taken) {
            self.value = sum(self.value, Some(cost.of(taken).saturating_neg()));
            self.bound = sum(self.bound, cost.best_at(price, scale));
        }
    }
}

fn sum(sum: Option<i128>, amount: Option<i128>) -> Option<i128> {
    sum?.checked_add(amount?)
}

/// Checks limits, moves and coupled roles.
pub(super) fn feasible(terms: &Terms<'_>, allocation: &Allocation) -> Result<(), Refuted> {
    let demands = &terms.problem.demands;
    if allocation.rep_of.len() != demands.len() {
        return Err(Refuted::Shape);
    }
    let mut taken = vec![0_i128; terms.bounds.len()];
    let mut moves = 0_u64;
    for (number, (demand, &own)) in demands.iter().zip(&allocation.rep_of).enumerate() {
        let Some(rep) = own else { continue };
        moves += terms.moves(number, own);
        let limits = terms.of_rep.get(rep as usize).ok_or(Refuted::Shape)?;
        for &limit in limits {
            let limit = limit as usize;
            if terms.bounds[limit].limit.covers(demand) {
                taken[limit] += i128::from(terms.bounds[limit].limit.amount(demand));
            }
        }
    }
    for (limit, bound) in (0..).zip(&terms.bounds) {
        if taken[limit as usize] > i128::from(bound.limit.at_most.max(0)) {
            return Err(Refuted::Exceeded { limit });
        }
    }
    if terms.settings.max_moves.is_some_and(|most| moves > most) {
        return Err(Refuted::Moves { moves });
    }
    coupled(terms, allocation)
}

fn coupled(terms: &Terms<'_>, allocation: &Allocation) -> Result<(), Refuted> {
    let demands = &terms.problem.demands;
    let sets = terms.settings.same_rep.iter().map(|roles| (roles, true));
    let sets = sets.chain(
        terms
            .settings
            .different_rep
            .iter()
            .map(|roles| (roles, false)),
    );
    for (roles, same) in sets {
        let mut reps: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (demand, &own) in demands.iter().zip(&allocation.rep_of) {
            if let Some(rep) = own
                && roles.contains(&demand.role)
            {
                reps.entry(demand.group).or_default().push(rep);
            }
        }
        for (group, mut reps) in reps {
            let all = reps.len();
            reps.sort_unstable();
            reps.dedup();
            let fine = if same {
                reps.len() == 1
            } else {
                reps.len() == all
            };
            if !fine {
                return Err(Refuted::Coupled { group });
            }
        }
    }
    Ok(())
}
