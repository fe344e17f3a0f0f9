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
use super::pool::Pool;
use super::terms::Terms;
use crate::allocation::{Allocation, Stop, Watch};

/// Steps of annealing for each demand, and in all.
const STEPS_EACH: u64 = 20_000;
const MOST_STEPS: u64 = 8_000_000;

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
    let Some(choices) = choices(terms, pool, certificate, &jobs) else {
        return (None, Ok(()));
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
) -> Option<Choices> {
    let staying = Staying::new(terms, pool, jobs)?;
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
        let demand = &terms.problem.demands[number];
        for (rep, value) in pool.of(number) {
            let own = terms.of_rep[rep as usize].iter();
            let bounds = own.map(|&bound| &terms.bounds[bound as usize]);
            let takes = bounds.map(|bound| {
                let covered = bound.limit.covers(demand);
                (if covered { bound.amount(demand) } else { 0 }, bound.room)
            });
            if takes.clone().all(|(amount, room)| amount <= room) {
                choices.pair(rep, i64::try_from(-value).ok()?, takes.map(|own| own.0));
            }
        }
        choices.pair(terms.problem.reps as u32, staying.cost(terms, number), []);
        choices.end_job();
    }
    choices.order();
    Some(choices)
}

/// What staying open costs in the annealer.
struct Staying {
    /// More than what scores change along a few moves, where serving comes first.
    each: Option<i64>,
    ranks: i64,
}

impl Staying {
    /// None where sums over all jobs do not fit in 64 bits.
    fn new(terms: &Terms<'_>, pool: &Pool, jobs: &[usize]) -> Option<Self> {
        let values = || jobs.iter().flat_map(|&job| pool.of(job)).map(|pair| pair.1);
        let (least, most) = (values().min()?, values().max()?);
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
