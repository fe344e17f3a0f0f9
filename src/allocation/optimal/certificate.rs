//! Prices that prove how good an allocation is, and the check of them.
//!
//! By weak duality: let each limit have a price of at least nothing for each unit of its room.
//! Then no allocation is worth more than the sum of what each demand is worth at its best after
//! prices, and of what all rooms are worth at theirs. Where an allocation reaches that bound, no
//! other is better. The check takes nothing from the solver but the numbers in [`Certificate`];
//! it streams all pairs once and needs no memory per pair.

use super::terms::Terms;
use crate::allocation::{Allocation, Demand, PairSource};
use std::collections::BTreeMap;

/// Prices of limits, the worth of the allocation under them, and the bound. Integers; `scale`
/// tells by how many bits prices are finer than millionths of score.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The price of a unit of each limit: those of the problem in their order, then one for each
    /// rep where there is a `max_load`. A unit is a demand where all that the limit covers count
    /// alike, and a millionth of what it measures otherwise.
    pub prices: Vec<i128>,
    /// The price of one more demand for each rep, where loads have a cost; empty otherwise.
    pub load_prices: Vec<i128>,
    /// The price of a move under `max_moves`.
    pub move_price: i128,
    /// What leaving a demand of the lowest rank open counts, where serving comes first.
    pub serving: i128,
    /// By how many bits prices are finer than millionths of score.
    pub scale: u32,
    /// What the allocation is worth, open demands included.
    pub value: i128,
    /// No allocation is worth more.
    pub bound: i128,
}

/// Why a certificate does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
        self.bound - self.value
    }
}

/// Price rows of demands that count alike.
pub(super) struct PriceRows<'a> {
    terms: &'a Terms<'a>,
    certificate: &'a Certificate,
    rows: BTreeMap<(u16, u16, i64, u32), Vec<i128>>,
}

impl<'a> PriceRows<'a> {
    pub(super) fn new(terms: &'a Terms<'a>, certificate: &'a Certificate) -> Self {
        Self {
            terms,
            certificate,
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
        let (terms, certificate) = (self.terms, self.certificate);
        self.rows.entry(kind).or_insert_with(|| {
            let mut row = certificate.load_prices.clone();
            row.resize(terms.problem.reps, 0);
            for (bound, &price) in terms.bounds.iter().zip(&certificate.prices) {
                if bound.limit.covers(demand)
                    && let Some(paid) = row.get_mut(bound.limit.rep as usize)
                {
                    *paid += price.saturating_mul(i128::from(bound.amount(demand)));
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
    mut each: impl FnMut(usize, &Demand, &[f64]),
) {
    const PAIRS: usize = 1 << 16;
    let reps = terms.problem.reps;
    let per_block = (PAIRS / reps.max(1)).clamp(1, 4096);
    let mut scores = vec![f64::NAN; per_block * reps];
    let mut ids: Vec<u32> = Vec::with_capacity(per_block);
    let demands = &terms.problem.demands;
    for start in (0..demands.len()).step_by(per_block) {
        let end = (start + per_block).min(demands.len());
        ids.clear();
        ids.extend(start as u32..end as u32);
        let scores = &mut scores[..ids.len() * reps];
        if reps > 0 {
            pairs.block(&ids, scores);
        }
        for (number, at) in (start..end).zip(0..) {
            each(
                number,
                &demands[number],
                &scores[at * reps..(at + 1) * reps],
            );
        }
    }
}

/// Checks an allocation and its certificate against the problem.
pub(super) fn verify(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    allocation: &Allocation,
    certificate: &Certificate,
) -> Result<(), Refuted> {
    feasible(terms, allocation)?;
    let reps = terms.problem.reps;
    let loads_cost = terms.loads_cost() && terms.workload.is_some();
    if certificate.prices.len() != terms.bounds.len()
        || certificate.load_prices.len() != if loads_cost { reps } else { 0 }
        || certificate.scale > 32
    {
        return Err(Refuted::Shape);
    }
    if certificate.prices.iter().any(|&price| price < 0) || certificate.move_price < 0 {
        return Err(Refuted::Negative);
    }
    let mut sums = Sums::default();
    let mut rows = PriceRows::new(terms, certificate);
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
        sums.demand(
            terms,
            certificate,
            (number, demand, scores),
            own,
            rows.of(demand),
        );
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if certificate.serving < terms.serving(sums.peak) {
        return Err(Refuted::Serving);
    }
    sums.rooms(terms, certificate);
    sums.loads(terms, certificate, Some(allocation));
    if sums.overflow {
        return Err(Refuted::Overflow);
    }
    let bound = sums.bound >> certificate.scale;
    let holds = sums.value == certificate.value && bound == certificate.bound;
    if holds && bound >= sums.value {
        Ok(())
    } else {
        Err(Refuted::Sums)
    }
}

/// What the prices of a certificate prove, whatever it says itself.
pub(super) fn bound(terms: &Terms<'_>, pairs: &dyn PairSource, certificate: &Certificate) -> i128 {
    let mut sums = Sums::default();
    let mut rows = PriceRows::new(terms, certificate);
    stream(terms, pairs, |number, demand, scores| {
        sums.demand(
            terms,
            certificate,
            (number, demand, scores),
            None,
            rows.of(demand),
        );
    });
    sums.rooms(terms, certificate);
    sums.loads(terms, certificate, None);
    sums.bound >> certificate.scale
}

#[derive(Default)]
struct Sums {
    value: i128,
    /// Finer than values by the scale of the certificate.
    bound: i128,
    /// The greatest value of a pair in size, before moves.
    peak: i128,
    overflow: bool,
}

impl Sums {
    fn add_bound(&mut self, amount: Option<i128>) {
        match amount.and_then(|amount| self.bound.checked_add(amount)) {
            Some(sum) => self.bound = sum,
            None => self.overflow = true,
        }
    }

    fn demand(
        &mut self,
        terms: &Terms<'_>,
        certificate: &Certificate,
        (number, demand, scores): (usize, &Demand, &[f64]),
        own: Option<u32>,
        paid: &[i128],
    ) {
        let finer = 1_i128 << certificate.scale;
        let moved = |rep| demand.present.is_some() && demand.present != rep;
        let toll = |rep| {
            if moved(rep) {
                certificate.move_price
            } else {
                0
            }
        };
        let open = terms.open(number, certificate.serving);
        let mut best = open.checked_mul(finer);
        for ((rep, &score), &paid) in (0..).zip(scores).zip(paid) {
            if score.is_nan() {
                continue;
            }
            let value = terms.value(demand, rep, score);
            self.peak = self
                .peak
                .max((value + terms.moving(demand, Some(rep))).abs());
            if own == Some(rep) {
                self.value += value;
            }
            best = best.max(Some(value * finer - paid - toll(Some(rep))));
        }
        if own.is_none() {
            match self.value.checked_add(open) {
                Some(sum) => self.value = sum,
                None => self.overflow = true,
            }
        }
        self.add_bound(best);
    }

    fn rooms(&mut self, terms: &Terms<'_>, certificate: &Certificate) {
        for (bound, &price) in terms.bounds.iter().zip(&certificate.prices) {
            self.add_bound(price.checked_mul(i128::from(bound.room)));
        }
        let moves = i128::from(terms.settings.max_moves.unwrap_or(0));
        self.add_bound(certificate.move_price.checked_mul(moves));
    }

    fn loads(&mut self, terms: &Terms<'_>, certificate: &Certificate, given: Option<&Allocation>) {
        let finer = 1_i128 << certificate.scale;
        for (rep, &price) in (0..).zip(&certificate.load_prices) {
            let Some(steps) = terms.steps(rep, self.peak.max(0)) else {
                continue;
            };
            let taken = given.map_or(0, |given| {
                given.rep_of.iter().filter(|&&own| own == Some(rep)).count()
            });
            self.value -= steps[..taken.min(steps.len())].iter().sum::<i128>();
            for step in steps {
                self.add_bound(Some((price - step.saturating_mul(finer)).max(0)));
            }
        }
    }
}

/// Checks limits, moves and coupled roles.
pub(super) fn feasible(terms: &Terms<'_>, allocation: &Allocation) -> Result<(), Refuted> {
    let demands = &terms.problem.demands;
    if allocation.rep_of.len() != demands.len() {
        return Err(Refuted::Shape);
    }
    let mut taken = vec![0_i128; terms.bounds.len()];
    let mut moves = 0_u64;
    for (demand, &own) in demands.iter().zip(&allocation.rep_of) {
        let Some(rep) = own else { continue };
        moves += u64::from(demand.present.is_some() && demand.present != own);
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
