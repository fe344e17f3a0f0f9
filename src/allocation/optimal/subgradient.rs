//! Prices of limits where demands count differently: the subgradient method.
//!
//! Each round puts every demand where it is worth most after prices, and raises the price of a
//! limit by how much it is exceeded, or lowers it by what is left (Held, Wolfe & Crowder 1974),
//! with a step that halves while the bound does not fall. The price of a load goes up where demands
//! load a rep more than is best for it at this price, and down where less. Where serving comes
//! first, prices are looked for twice: with serving worth little more than scores, which finds the
//! prices of scores where all can be served, and with serving worth all that it is; those that
//! prove more are taken. Floating point is used on the way only: the prices are rounded to
//! integers, and the bound is then summed exactly over all pairs.

use super::certificate::Certificate;
use super::coverage::Coverage;
use super::loads::LoadCost;
use super::pool::Pool;
use super::terms::Terms;
use crate::allocation::{Allocation, Paced, Stop, Watch};

const ROUNDS: usize = 250;
/// So many pairs are looked at between two looks at the watch.
const STEP: u64 = 1 << 12;

/// Prices are finer than values by this many bits, where the numbers leave room for it.
const SCALE: u32 = 20;

/// Prices, and the allocations of demands by them: they may exceed limits. Stopped, they are as far
/// as they came.
///
/// # Errors
/// Why the watch stopped it before there were any.
pub(super) fn prices(
    terms: &Terms<'_>,
    pool: &Pool,
    serving: i128,
    watch: &mut dyn Watch,
) -> Result<(Certificate, Vec<Allocation>), Stop> {
    let loads = terms.load_costs(pool.peak);
    let coverage = terms.coverage(serving);
    let search = Search {
        terms,
        pool,
        loads: &loads,
    };
    let nothing = vec![0.0; terms.bounds.len() + loads.len()];
    let mut found = if terms.settings.unassigned_price.is_none() {
        let little = 4 * (terms.problem.reps + terms.bounds.len() + 2) as i128;
        let little = little.saturating_mul(pool.peak.saturating_add(1));
        vec![search.prices(&terms.ranks.by_sum(little.min(serving)), nothing, watch)?]
    } else {
        vec![search.prices(&coverage, nothing, watch)?]
    };
    if terms.settings.unassigned_price.is_none() {
        let begin = found[0].price.clone();
        let mut cheap = search.rated(&coverage, &begin, watch)?;
        cheap.rep_of.clone_from(&found[0].rep_of);
        found = vec![cheap, search.prices(&coverage, begin, watch)?];
        found.sort_by(|a, b| a.bound.total_cmp(&b.bound)); // the first of equals stays first
    }
    let most = coverage.weight.iter().max().copied().unwrap_or(0);
    let total = most
        .max(pool.peak)
        .max(1)
        .saturating_mul(1 + terms.problem.demands.len() as i128);
    let scale = SCALE.min(total.leading_zeros().saturating_sub(6));
    let finer = f64::from(1_u32 << scale);
    let whole = |price: &f64| (price * finer).round() as i128;
    let (limits, by_load) = found[0].price.split_at(terms.bounds.len());
    let certificate = Certificate {
        prices: limits.iter().map(whole).collect(),
        load_prices: by_load.iter().map(whole).collect(),
        serving,
        scale,
        ..Certificate::default()
    };
    let starts = found.into_iter().map(|round| Allocation {
        rep_of: round.rep_of,
        ..Allocation::default()
    });
    Ok((certificate, starts.collect()))
}

struct Search<'a> {
    terms: &'a Terms<'a>,
    pool: &'a Pool,
    loads: &'a [LoadCost],
}

/// What all demands choose at some prices.
struct Round {
    /// Of limits, then of loads.
    price: Vec<f64>,
    rep_of: Vec<Option<u32>>,
    /// By how much demands exceed each limit, or the best load.
    over: Vec<f64>,
    bound: f64,
    /// What demands are worth where those that exceed a limit stay open: a rough value to aim at.
    kept: f64,
}

impl Search<'_> {
    /// The best prices that rounds of the method come to.
    fn prices(
        &self,
        coverage: &Coverage,
        begin: Vec<f64>,
        watch: &mut dyn Watch,
    ) -> Result<Round, Stop> {
        let mut price = begin;
        let mut best: Option<Round> = None;
        let (mut step, mut stale) = (1.0_f64, 0);
        let mut kept = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            let round = match self.rated(coverage, &price, watch) {
                Ok(round) => round,
                Err(stop) => return best.ok_or(stop),
            };
            kept = kept.max(round.kept);
            let (bound, over) = (round.bound, round.over.clone());
            if best.as_ref().is_none_or(|best| bound < best.bound) {
                (best, stale) = (Some(round), 0);
            } else {
                stale += 1;
                if stale == 8 {
                    (step, stale) = (step / 2.0, 0);
                    if let Some(best) = &best {
                        price.clone_from(&best.price);
                    }
                }
            }
            let length: f64 = (over.iter().zip(&price).enumerate())
                .filter(|(at, (over, price))| self.is_load(*at) || **over > 0.0 || **price > 0.0)
                .map(|(_, (over, _))| over * over)
                .sum();
            if length == 0.0 || step < 1e-4 {
                break;
            }
            let aim = ((bound - kept) * 0.5).max(bound.abs() * 1e-6).max(1.0);
            for (at, (price, over)) in price.iter_mut().zip(&over).enumerate() {
                *price += step * aim * over / length;
                if !self.is_load(at) {
                    *price = price.max(0.0);
                }
            }
        }
        match best {
            Some(best) => Ok(best),
            None => self.rated(coverage, &price, watch),
        }
    }

    const fn is_load(&self, at: usize) -> bool {
        at >= self.terms.bounds.len()
    }

    /// What the prices come to. Demands without candidates are left out: nothing changes them.
    fn rated(
        &self,
        coverage: &Coverage,
        price: &[f64],
        watch: &mut dyn Watch,
    ) -> Result<Round, Stop> {
        let terms = self.terms;
        let mut watch = Paced::new(watch, STEP);
        let demands = &terms.problem.demands;
        let (of_limits, of_loads) = price.split_at(terms.bounds.len());
        let mut round = Round {
            price: price.to_vec(),
            rep_of: Vec::with_capacity(demands.len()),
            over: terms
                .bounds
                .iter()
                .map(|bound| -(bound.room as f64))
                .collect(),
            bound: 0.0,
            kept: 0.0,
        };
        round.bound = -dot(&round.over, of_limits);
        for (cost, &price) in self.loads.iter().zip(of_loads) {
            let (gain, best) = cost.roughly_best_at(price);
            round.bound += gain;
            round.over.push(-best);
        }
        for (number, demand) in demands.iter().enumerate() {
            watch.tick(1 + self.pool.of(number).len() as u64)?;
            let open = terms.open(number, coverage) as f64;
            let (mut best, mut plain) = ((open, None), open);
            for (rep, value) in self.pool.of(number) {
                let own = terms.of_rep[rep as usize].iter();
                let own = own.map(|&bound| bound as usize);
                let mut paid: f64 = own
                    .filter(|&bound| terms.bounds[bound].limit.covers(demand))
                    .map(|bound| of_limits[bound] * terms.bounds[bound].amount(demand) as f64)
                    .sum();
                if let Some(cost) = self.loads.get(rep as usize) {
                    paid += of_loads[rep as usize] * cost.units(demand) as f64;
                }
                if value as f64 - paid > best.0 {
                    best = (value as f64 - paid, Some(rep));
                    plain = value as f64;
                }
            }
            round.rep_of.push(best.1);
            if self.pool.of(number).len() == 0 {
                continue;
            }
            round.bound += best.0;
            let fits = best
                .1
                .is_none_or(|rep| self.load(&mut round.over, number, rep));
            round.kept += if fits { plain } else { open };
        }
        Ok(round)
    }

    /// Puts a demand on its rep; whether that is within all limits.
    fn load(&self, over: &mut [f64], number: usize, rep: u32) -> bool {
        let demand = &self.terms.problem.demands[number];
        let mut fits = true;
        for &bound in &self.terms.of_rep[rep as usize] {
            let own = &self.terms.bounds[bound as usize];
            if own.limit.covers(demand) {
                over[bound as usize] += own.amount(demand) as f64;
                fits &= over[bound as usize] <= 0.0;
            }
        }
        if let Some(cost) = self.loads.get(rep as usize) {
            over[self.terms.bounds.len() + rep as usize] += cost.units(demand) as f64;
        }
        fits
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
