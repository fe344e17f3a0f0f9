//! The check of a certificate: what its prices prove, and whether an allocation is what it says.
//!
//! Nothing of the solver is used but the numbers. One pass over all pairs, two where demands have
//! prices.

use super::certificate::{Certificate, Refuted};
use super::coverage::Coverage;
use super::knapsacks::{self, Knapsack};
use super::pool::KEEP_ALL;
use super::stream::{PriceRows, stream, stream_while};
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Stop, Unbounded, Watch, to_micros};
use std::collections::BTreeMap;

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

/// Whether there are prices of all demands or none; not of so many that all pairs could not be kept.
fn shape_of_demand_prices(terms: &Terms<'_>, certificate: &Certificate) -> bool {
    let demands = terms.problem.demands.len();
    let prices = certificate.demand_prices.len();
    let few = demands.saturating_mul(terms.problem.reps) <= KEEP_ALL;
    let two_bounds = certificate.price_bound.is_some();
    two_bounds == (prices != 0) && (prices == 0 || (prices == demands && few))
}
