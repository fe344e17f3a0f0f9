//! Demands that count differently: a generalized assignment, annealed.
//!
//! Every limit of a rep is one of its agent; staying open is an agent without limits, where some
//! demand has to. The annealer counts in 64 bits, with serving worth a multiple of scores, more
//! for a higher rank; what that comes to is put within limits and valued by the caller. What loads
//! cost and what couples demands is not seen here.

use super::certificate::Certificate;
use super::coverage::Coverage;
use super::gap::anneal::Annealer;
use super::gap::choices::Choices;
use super::gap::{FINER, Gap};
use super::loads::common_divisor;
use super::pool::Pool;
use super::stream::PriceRows;
use super::terms::Terms;
use crate::allocation::{Allocation, Measure, Paced, Stop, Watch};

/// So many pairs are looked at between two looks at the watch.
const PAIRS: u64 = 1 << 14;

/// Steps of annealing for each demand, and in all.
const STEPS_EACH: u64 = 20_000;
const MOST_STEPS: u64 = 16_000_000;

/// An allocation near the best within all limits, where one was found; none where numbers are too
/// great.
pub(super) fn anneal(
    terms: &Terms<'_>,
    pool: &Pool,
    certificate: &Certificate,
    watch: &mut dyn Watch,
) -> (Option<Allocation>, Result<(), Stop>) {
    let jobs: Vec<usize> = (0..terms.problem.demands.len())
        .filter(|&number| pool.of(number).len() > 0)
        .collect();
    let choices = match choices(terms, pool, certificate, &jobs, watch) {
        Ok(Some(choices)) => choices,
        Ok(None) => return (None, Ok(())),
        Err(stop) => return (None, Err(stop)),
    };
    let mut annealer = Annealer::new(&choices);
    let steps = (jobs.len() as u64 * STEPS_EACH).min(MOST_STEPS);
    let end = annealer.run(steps, i128::MIN, watch);
    let found = annealer.best().map(|agents| {
        let mut rep_of = vec![None; terms.problem.demands.len()];
        for (&number, agent) in jobs.iter().zip(agents) {
            rep_of[number] = Some(agent).filter(|&rep| (rep as usize) < terms.problem.reps);
        }
        Allocation {
            rep_of,
            ..Allocation::default()
        }
    });
    (found, end)
}

fn choices(
    terms: &Terms<'_>,
    pool: &Pool,
    certificate: &Certificate,
    jobs: &[usize],
    watch: &mut dyn Watch,
) -> Result<Option<Choices>, Stop> {
    let mut watch = Paced::new(watch, PAIRS);
    let Some(staying) = Staying::new(terms, pool, jobs, &mut watch)? else {
        return Ok(None);
    };
    let finer = f64::from(certificate.scale).exp2();
    let mut choices = Choices::new();
    for own in &terms.of_rep {
        choices.agent(own.iter().map(|&bound| {
            let price = certificate.prices[bound as usize] as f64 / finer;
            (terms.bounds[bound as usize].room, price)
        }));
    }
    choices.agent([]);
    for &number in jobs {
        watch.tick(pool.of(number).len() as u64)?;
        let demand = &terms.problem.demands[number];
        for (rep, value) in pool.of(number) {
            let own = terms.of_rep[rep as usize].iter();
            let bounds = own.map(|&bound| &terms.bounds[bound as usize]);
            let takes = bounds.map(|bound| {
                let covered = bound.limit.covers(demand);
                (if covered { bound.amount(demand) } else { 0 }, bound.room)
            });
            if takes.clone().all(|(amount, room)| amount <= room) {
                let Ok(cost) = i64::try_from(-value) else {
                    return Ok(None);
                };
                choices.pair(rep, cost, takes.map(|own| own.0));
            }
        }
        choices.pair(terms.problem.reps as u32, staying.cost(terms, number), []);
        choices.end_job();
    }
    choices.order(&mut || watch.tick(PAIRS))?;
    Ok(Some(choices))
}

/// What staying open costs in the annealer.
struct Staying {
    /// More than what scores change along a few moves, where serving comes first.
    each: Option<i64>,
    ranks: i64,
}

impl Staying {
    /// None where sums over all jobs do not fit in 64 bits.
    fn new(
        terms: &Terms<'_>,
        pool: &Pool,
        jobs: &[usize],
        watch: &mut dyn Watch,
    ) -> Result<Option<Self>, Stop> {
        let (mut least, mut most) = (i128::MAX, i128::MIN);
        for &job in jobs {
            watch.tick(pool.of(job).len() as u64)?;
            for (_, value) in pool.of(job) {
                (least, most) = (least.min(value), most.max(value));
            }
        }
        Ok(Self::within(terms, jobs, (least, most)))
    }

    fn within(terms: &Terms<'_>, jobs: &[usize], (least, most): (i128, i128)) -> Option<Self> {
        if least > most {
            return None;
        }
        let ranks = i64::from(terms.ranks.of.iter().max().copied().unwrap_or(1));
        let each = 8 * (most - least + 1);
        let first = terms.settings.unassigned_price.is_none();
        let open = |&job: &usize| terms.open(job, &Coverage::default()).abs();
        let dearest = if first {
            each.checked_mul(3 * i128::from(ranks))?
        } else {
            jobs.iter().map(open).max()?
        };
        let dearest = dearest.max(most.abs()).max(least.abs());
        if dearest.checked_mul(jobs.len() as i128 + 1)? >= 1 << 62 {
            return None;
        }
        Some(Self {
            each: first.then_some(each as i64),
            ranks,
        })
    }

    /// That a demand is served at all counts more than its rank, and that more than scores.
    fn cost(&self, terms: &Terms<'_>, number: usize) -> i64 {
        match self.each {
            Some(each) => each * (2 * self.ranks + i64::from(terms.ranks.of[number])),
            None => -terms.open(number, &Coverage::default()) as i64,
        }
    }
}

/// Up to so many demands have prices of their own.
const MOST_PRICED: usize = 2048;
/// So many sums are made at most in knapsacks while looking for prices.
const MOST_SUMS: u64 = 1 << 29;
/// Costs of the instance that prices come from are cut to this many bits.
const COST_BITS: u32 = 36;

/// Prices of demands under which knapsacks bound an allocation, from the prices of limits; none
/// where there are too many, or some stay open that should be served first.
pub(super) fn demand_prices(
    terms: &Terms<'_>,
    pool: &Pool,
    certificate: &Certificate,
    rep_of: &[Option<u32>],
    watch: &mut dyn Watch,
) -> (Option<Vec<i128>>, Result<(), Stop>) {
    let serves = |number: &usize| rep_of[*number].is_some() || pool.of(*number).len() == 0;
    let first = terms.settings.unassigned_price.is_none();
    let demands = terms.problem.demands.len();
    if demands > MOST_PRICED || !pool.complete || (first && !(0..demands).all(|at| serves(&at))) {
        return (None, Ok(()));
    }
    let mut named = certificate.clone();
    named.demand_prices = vec![0; demands];
    let (beside, limits) = named.beside_knapsacks(terms);
    let Some(instance) = Instance::new(terms, pool, &beside, &limits, rep_of) else {
        return (None, Ok(()));
    };
    let prices = limits.iter().map(|limit| {
        let price = limit.map_or(0, |limit| certificate.prices[limit as usize]);
        price as f64 * instance.unit as f64 / f64::from(instance.shift).exp2()
    });
    let prices: Vec<f64> = prices.chain([0.0]).collect();
    let enough = (8 * demands as u64).clamp(50, 600);
    let rounds = (MOST_SUMS / instance.sums()).min(enough) as u32;
    if rounds < 50 {
        return (None, Ok(()));
    }
    let (multipliers, end) = instance
        .gap
        .job_prices(&prices, instance.aim, rounds, watch);
    let finer = FINER.ilog2();
    let coverage = terms.coverage(certificate.serving);
    let prices = multipliers.iter().enumerate().map(|(number, &own)| {
        if pool.of(number).len() == 0 {
            return terms
                .open(number, &coverage)
                .saturating_mul(1 << certificate.scale);
        }
        let own = -i128::from(own);
        if instance.shift < finer {
            own >> (finer - instance.shift)
        } else {
            own << (instance.shift - finer)
        }
    });
    (Some(prices.collect()), end)
}

/// Every demand with every rep, and staying open as the last agent.
struct Instance {
    gap: Gap,
    /// By how many bits costs are coarser than the prices of the certificate.
    shift: u32,
    /// How much of a limit one unit of weight is.
    unit: i64,
    /// What the allocation at hand costs.
    aim: i128,
}

impl Instance {
    fn new(
        terms: &Terms<'_>,
        pool: &Pool,
        beside: &Certificate,
        limits: &[Option<u32>],
        rep_of: &[Option<u32>],
    ) -> Option<Self> {
        let (reps, demands) = (limits.len(), &terms.problem.demands);
        let limit = |rep: usize| limits[rep].map(|limit| &terms.bounds[limit as usize]);
        let nets = nets(terms, pool, beside)?;
        let most = nets.iter().map(|net| net.2.unsigned_abs()).max()?;
        let shift = (128 - most.leading_zeros()).saturating_sub(COST_BITS);
        let mut measures: Vec<Measure> = (0..reps)
            .filter_map(|rep| Some(limit(rep)?.limit.measure))
            .collect();
        measures.sort_unstable();
        measures.dedup();
        let amounts = measures.into_iter();
        let amounts =
            amounts.flat_map(|measure| demands.iter().map(move |own| measure.amount(own)));
        let unit = amounts.fold(0, common_divisor).max(1);
        // What is no candidate is so dear that nobody takes it.
        let mut cost = vec![8 << COST_BITS; demands.len() * (reps + 1)];
        let mut weight = vec![0; cost.len()];
        let mut aim = 0;
        for (number, agent, net) in nets {
            let at = number * (reps + 1) + agent;
            cost[at] = -(net >> shift) as i64;
            if agent == rep_of[number].map_or(reps, |rep| rep as usize) {
                aim += i128::from(cost[at]);
            }
            let own = limits.get(agent).and_then(|_| limit(agent));
            let covered = own.filter(|bound| bound.limit.covers(&demands[number]));
            weight[at] = covered.map_or(0, |bound| bound.amount(&demands[number]) / unit);
        }
        let room = (0..reps).map(|rep| limit(rep).map_or(i64::MAX >> 16, |own| own.room / unit));
        Some(Self {
            gap: Gap::new(cost, weight, room.chain([0]).collect())?,
            shift,
            unit,
            aim,
        })
    }

    /// How many sums the knapsacks of all reps take, about: two reps want each demand.
    fn sums(&self) -> u64 {
        2 * self.gap.jobs() as u64 * self.gap.units().max(1)
    }
}

/// What each demand is worth at each of its candidates after prices, and open as the last of all;
/// one that has no candidates is worth nothing there.
fn nets(terms: &Terms<'_>, pool: &Pool, beside: &Certificate) -> Option<Vec<(usize, usize, i128)>> {
    let mut rows = PriceRows::new(terms, beside);
    let mut nets = Vec::new();
    for (number, demand) in terms.problem.demands.iter().enumerate() {
        let paid = rows.of(demand);
        for (rep, value) in pool.of(number) {
            let fine = value.checked_mul(1 << beside.scale)?;
            nets.push((number, rep as usize, fine.checked_sub(paid[rep as usize])?));
        }
        if pool.of(number).len() == 0 {
            nets.push((number, terms.problem.reps, 0));
        } else if terms.settings.unassigned_price.is_some() {
            let open = terms.open(number, &Coverage::default());
            nets.push((
                number,
                terms.problem.reps,
                open.checked_mul(1 << beside.scale)?,
            ));
        }
    }
    Some(nets)
}
