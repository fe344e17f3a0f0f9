//! Problems outside the exact class: a feasible allocation, a bound by prices, and the gap.
//!
//! Where only something that couples demands is in the way (`max_moves`, `same_rep`,
//! `different_rep`), the problem without it is solved exactly: its value is the bound. For
//! `max_moves` a price on moves is searched for as well. Otherwise (differing workloads, limits
//! that cross) limits get prices by the subgradient method (Held, Wolfe & Crowder 1974), and
//! demands are annealed under them (`workloads`), but where loads cost something. Either way the
//! allocation is then made feasible, and improved by shifts, ejections and swaps until none helps
//! or a fixed number of them is used up; where a greedy strategy still does better, its allocation
//! is improved instead, so that none ever beats the answer. Few demands are then searched through
//! to the end. Deterministic; heuristic in value, never in the bound.

use super::certificate::Certificate;
use super::check;
use super::desk::Desk;
use super::exact::{self, Forest};
use super::pool::Pool;
use super::search;
use super::strategy::{Class, Solution};
use super::subgradient;
use super::terms::Terms;
use super::workloads;
use crate::allocation::{
    Allocation, BestScore, LeastLoaded, Paced, PairSource, RoundRobin, Stop, Strategy, Unbounded,
    Watch, WeightedRoundRobin,
};
use crate::steps;
use std::cmp::Reverse;

/// So many pairs are looked at between two looks at the watch.
const STEP: u64 = 1 << 9;

/// Rounds of improvement at most.
const ROUNDS: usize = 24;
/// So many ejections are tried in all.
const TRIES: u64 = 1_000_000;

/// Solves a problem with bound and gap.
pub(super) fn allocate(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
) -> Result<Solution, Stop> {
    let all = terms.problem.demands.len() as u64 * terms.problem.reps as u64;
    watch.tick(all)?;
    let mut pool = Pool::gather(terms, pairs, None, watch)?;
    let serving = terms.serving(pool.peak);
    let mut best = Best::default();
    // Something to show comes first, whatever is stopped after it.
    let mut desk = Desk::new(terms, &pool, serving);
    let mut stop = settle(terms, &mut desk, &present(terms), watch).err();
    best.keep(&desk);
    let (mut certificate, mut starts) = (without_any(terms), Vec::new());
    if stop.is_none() {
        let relaxed = relax(terms, pairs, &mut pool, watch);
        (certificate, starts, stop) =
            relaxed.unwrap_or_else(|stop| (certificate, starts, Some(stop)));
    }
    certificate.serving = serving;
    // What the prices prove comes before the long search, so that it is there when that is stopped.
    if stop.is_none() {
        match check::bound(terms, pairs, &certificate, watch) {
            Ok(bound) => certificate.bound = bound,
            Err(late) => stop = Some(late),
        }
    }
    if stop.is_some() || certificate.bound == i128::MAX {
        // There is no time for more, or the prices were too great to sum.
        let best = pool.best.iter().copied();
        certificate = check::unpriced(terms, certificate, pool.peak, best);
    }
    let greedy = greedy(terms, pairs, &mut pool, watch, &mut stop);
    if let Some(annealed) = annealed(terms, &pool, &certificate, watch, &mut stop) {
        let mut desk = Desk::new(terms, &pool, serving);
        settle(terms, &mut desk, &annealed, &mut Unbounded)?; // it fits: one pass
        best.keep(&desk);
        starts.insert(0, annealed);
    }
    if stop.is_none() {
        let mut search = Searched {
            terms,
            pool: &pool,
            serving,
            best: &mut best,
            tries: TRIES,
        };
        stop = search.all(starts, greedy, watch).err();
    }
    if stop.is_none() && certificate.bound > best.value {
        let rep_of = &best.rep_of;
        stop = price_demands(terms, pairs, &pool, rep_of, &mut certificate, watch).err();
    }
    if stop == Some(Stop::Cancelled) {
        return Err(Stop::Cancelled);
    }
    certificate.value = best.value;
    let allocation = Allocation {
        rep_of: best.rep_of,
        ..Allocation::default()
    };
    Ok(Solution {
        allocation,
        certificate,
        class: Class::Bounded,
        stop,
        rounds: 2,
    })
}

/// The best feasible allocation so far.
#[derive(Default)]
struct Best {
    rep_of: Vec<Option<u32>>,
    value: i128,
}

impl Best {
    /// Keeps what is on the desk, where that is better, or the first.
    fn keep(&mut self, desk: &Desk<'_>) -> bool {
        let better = self.rep_of.is_empty() || desk.value > self.value;
        if better {
            self.rep_of.clone_from(&desk.rep_of);
            self.value = desk.value;
        }
        better
    }
}

/// A search from several allocations; what is best of it is kept while it goes on.
struct Searched<'s, 'a> {
    terms: &'s Terms<'a>,
    pool: &'s Pool,
    serving: i128,
    best: &'s mut Best,
    /// How many ejections may still be tried.
    tries: u64,
}

impl Searched<'_, '_> {
    fn all(
        &mut self,
        starts: Vec<Allocation>,
        greedy: Vec<Allocation>,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        let terms = self.terms;
        let mut best: Option<Desk<'_>> = None;
        for start in starts.into_iter().chain([present(terms)]) {
            let mut desk = Desk::new(terms, self.pool, self.serving);
            self.settle_and_improve(&mut desk, &start, watch)?;
            if best.as_ref().is_none_or(|best| best.value < desk.value) {
                best = Some(desk);
            }
        }
        for start in greedy {
            let mut desk = Desk::new(terms, self.pool, self.serving);
            let settled = settle(terms, &mut desk, &start, watch);
            self.best.keep(&desk);
            settled?;
            if best.as_ref().is_none_or(|best| best.value < desk.value) {
                let improved = improve(terms, &mut desk, &mut self.tries, watch);
                self.best.keep(&desk);
                improved?;
                best = Some(desk);
            }
        }
        let Some(mut best) = best else { return Ok(()) };
        let ended = search::best_of_all(terms, &mut best, watch);
        self.best.keep(&best);
        ended
    }

    fn settle_and_improve(
        &mut self,
        desk: &mut Desk<'_>,
        start: &Allocation,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        let done = settle(self.terms, desk, start, watch)
            .and_then(|()| improve(self.terms, desk, &mut self.tries, watch));
        self.best.keep(desk);
        done
    }
}

/// A certificate of the right shape that proves nothing yet.
fn without_any(terms: &Terms<'_>) -> Certificate {
    Certificate {
        prices: vec![0; terms.bounds.len()],
        load_prices: vec![0; terms.load_units().len()],
        ..Certificate::default()
    }
}

/// Puts prices of demands into the certificate where they prove more.
fn price_demands(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    pool: &Pool,
    rep_of: &[Option<u32>],
    certificate: &mut Certificate,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    if terms.coupled() || terms.flows() {
        return Ok(()); // no limit is a knapsack, or it is not what leaves the gap
    }
    let (prices, end) = workloads::demand_prices(terms, pool, certificate, rep_of, watch);
    if let Some(prices) = prices {
        let mut finer = certificate.clone();
        finer.demand_prices = prices;
        finer.price_bound = Some(certificate.bound);
        finer.bound = check::bound(terms, pairs, &finer, watch)?;
        if finer.bound < certificate.bound {
            *certificate = finer;
        }
    }
    end
}

/// What annealing comes to, where nothing that it does not see is in the way and there are more
/// demands than can be searched through.
fn annealed(
    terms: &Terms<'_>,
    pool: &Pool,
    certificate: &Certificate,
    watch: &mut dyn Watch,
    stop: &mut Option<Stop>,
) -> Option<Allocation> {
    let few = terms.problem.demands.len() <= search::FEW;
    if few || terms.coupled() || terms.loads_cost() || stop.is_some() {
        return None;
    }
    let (found, end) = workloads::anneal(terms, pool, certificate, watch);
    *stop = end.err();
    found
}

/// Prices of a relaxation, and allocations to begin with.
fn relax(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    pool: &mut Pool,
    watch: &mut dyn Watch,
) -> Result<(Certificate, Vec<Allocation>, Option<Stop>), Stop> {
    if let Some(forest) = Forest::relaxed(terms)
        && let Some(found) = exact::allocate(terms, &forest, pairs, watch)?
    {
        let mut starts = vec![found.allocation];
        let mut certificate = found.certificate;
        let mut stop = found.stop;
        if let Some(most) = terms.settings.max_moves
            && stop.is_none()
        {
            let priced = price_moves(terms, pairs, most, &mut certificate, &mut starts, watch);
            stop = priced.err();
        }
        return Ok((certificate, starts, stop));
    }
    let serving = terms.serving(pool.peak);
    let (certificate, starts) = subgradient::prices(terms, pool, serving, watch)?;
    let mut stop = None;
    if !pool.complete {
        stop = pool.widen(terms, pairs, &certificate, watch).err();
    }
    Ok((certificate, starts, stop))
}

/// Searches for the price of moves at which just `most` pay: bisection on the dual's slope.
fn price_moves(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    most: u64,
    certificate: &mut Certificate,
    starts: &mut Vec<Allocation>,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    if moves(terms, &starts[0]) <= most {
        return Ok(());
    }
    let mut least_bound = check::bound(terms, pairs, certificate, watch)?;
    let (mut low, mut high) = (0_i64, None::<i64>);
    for _ in 0..40 {
        let price = match high {
            Some(high) if high - low <= 1 => break,
            Some(high) => low + (high - low) / 2,
            None => (low * 4).max(1_000_000),
        };
        let mut dearer = Terms::new(terms.problem, terms.settings);
        dearer.toll = i128::from(price);
        let Some(forest) = Forest::relaxed(&dearer) else {
            break;
        };
        let Some(found) = exact::allocate(&dearer, &forest, pairs, watch)? else {
            break;
        };
        if let Some(stop) = found.stop {
            return Err(stop);
        }
        let mut priced = found.certificate;
        priced.move_price = i128::from(price);
        priced.serving = certificate.serving;
        let bound = check::bound(terms, pairs, &priced, watch)?;
        if bound < least_bound {
            least_bound = bound;
            *certificate = priced;
        }
        if moves(terms, &found.allocation) > most {
            low = price;
        } else {
            high = Some(price);
            starts.truncate(1);
            starts.push(found.allocation);
        }
        if high.is_none() && price > 1 << 58 {
            break;
        }
    }
    Ok(())
}

fn moves(terms: &Terms<'_>, allocation: &Allocation) -> u64 {
    let served = allocation
        .rep_of
        .iter()
        .enumerate()
        .filter(|(_, own)| own.is_some());
    served.map(|(number, own)| terms.moves(number, *own)).sum()
}

/// Everybody keeps what is theirs.
fn present(terms: &Terms<'_>) -> Allocation {
    let rep_of = terms
        .problem
        .demands
        .iter()
        .map(|demand| demand.present)
        .collect();
    Allocation {
        rep_of,
        ..Allocation::default()
    }
}

/// What the strategies that never look back come to, so that the answer is no worse than theirs;
/// their pairs join the pool. Streams all pairs once for each.
fn greedy(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    pool: &mut Pool,
    watch: &mut dyn Watch,
    stop: &mut Option<Stop>,
) -> Vec<Allocation> {
    let strategies: [&dyn Strategy; 4] =
        [&BestScore, &LeastLoaded, &RoundRobin, &WeightedRoundRobin];
    let mut found = Vec::new();
    for strategy in strategies {
        if stop.is_some() {
            break;
        }
        let answer = strategy.allocate(terms.problem, pairs, watch);
        let listed = answer.and_then(|allocation| {
            pool.include(terms, &allocation, watch)?;
            found.push(allocation);
            Ok(())
        });
        *stop = listed.err();
    }
    found
}

/// Places what fits, those that stay first, then by rank; then the rest wherever they fit. Stopped,
/// it leaves the rest open.
fn settle(
    terms: &Terms<'_>,
    desk: &mut Desk<'_>,
    wanted: &Allocation,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let demands = &terms.problem.demands;
    let mut order: Vec<u32> = (0..demands.len() as u32).collect();
    steps::sort_by_key(&mut order, &mut || watch.tick(0), |&number| {
        let demand = &demands[number as usize];
        let stays = demand.present.is_some() && demand.present == wanted.rep_of[number as usize];
        (
            Reverse(terms.ranks.of[number as usize]),
            !stays,
            demand.workload,
        )
    })?;
    let mut watch = Paced::new(watch, STEP);
    for &demand in &order {
        watch.tick(desk.pool.of(demand as usize).len() as u64)?;
        if let Some(rep) = wanted.rep_of[demand as usize]
            && let Some(pair) = desk.pair(demand, rep)
            && desk.fits(demand, rep)
        {
            desk.place(demand, rep, pair);
        }
    }
    for &demand in &order {
        watch.tick(desk.pool.of(demand as usize).len() as u64)?;
        if desk.rep_of[demand as usize].is_none()
            && let Some((rep, pair)) = desk.best(demand)
        {
            desk.place(demand, rep, pair);
        }
    }
    Ok(())
}

/// Shifts, ejections and swaps until none helps, or the tries are used up. Where there are too many
/// ejections for one round, each demand tries the same number at every candidate.
fn improve(
    terms: &Terms<'_>,
    desk: &mut Desk<'_>,
    tries: &mut u64,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let mut order: Vec<u32> = (0..terms.problem.demands.len() as u32).collect();
    steps::sort_by_key(&mut order, &mut || watch.tick(0), |&number| {
        Reverse(terms.ranks.of[number as usize])
    })?;
    let pairs = order
        .iter()
        .map(|&demand| desk.pool.of(demand as usize).len() as u64);
    let most = TRIES / 2 / pairs.sum::<u64>().max(1) + 1;
    let mut watch = Paced::new(watch, STEP);
    for _ in 0..ROUNDS {
        let before = desk.value;
        for &demand in &order {
            watch.tick(desk.pool.of(demand as usize).len() as u64)?;
            shift(desk, demand);
            let tried = eject(desk, demand, most.min(*tries) as usize, &mut watch)?;
            *tries -= tried.min(*tries);
            together(desk, demand, &mut watch)?;
        }
        if desk.value == before {
            break;
        }
    }
    Ok(())
}

/// Moves a demand to where it is worth most.
fn shift(desk: &mut Desk<'_>, demand: u32) {
    let before = desk.value;
    let old = desk.take(demand);
    if let Some((rep, pair)) = desk.best(demand) {
        desk.place(demand, rep, pair);
    }
    if desk.value < before
        && let Some((rep, pair)) = old
    {
        desk.take(demand);
        desk.place(demand, rep, pair);
    }
}

/// Puts a demand in the place of another, which goes wherever it is worth most: a swap, where that
/// is the first one's old place. Tries some at each candidate, and tells how many in all.
fn eject(
    desk: &mut Desk<'_>,
    demand: u32,
    most: usize,
    watch: &mut Paced<'_>,
) -> Result<u64, Stop> {
    let candidates: Vec<(u32, i128)> = desk.pool.of(demand as usize).collect();
    let mut tried = 0;
    for (rep, pair) in candidates {
        if desk.rep_of[demand as usize] == Some(rep) {
            continue;
        }
        let held = &desk.held[rep as usize];
        let first = demand as usize % held.len().max(1); // not the same few for all
        let (late, early) = (&held[first..], &held[..first]);
        let others: Vec<u32> = late.iter().chain(early).take(most).copied().collect();
        for other in others {
            watch.tick(1 + desk.pool.of(other as usize).len() as u64)?;
            tried += 1;
            if eject_one(desk, (demand, rep, pair), other) {
                return Ok(tried);
            }
        }
    }
    Ok(tried)
}

/// Puts a demand at a rep in the place of another, where that is worth more; whether it is.
fn eject_one(desk: &mut Desk<'_>, (demand, rep, pair): (u32, u32, i128), other: u32) -> bool {
    let before = desk.value;
    let Some(others) = desk.take(other) else {
        return false;
    };
    let own = desk.take(demand);
    if desk.fits(demand, rep) {
        desk.place(demand, rep, pair);
        if let Some((to, worth)) = desk.best(other) {
            desk.place(other, to, worth);
        }
    }
    if desk.value > before {
        return true;
    }
    desk.take(demand);
    desk.take(other);
    desk.place(other, others.0, others.1);
    if let Some((rep, pair)) = own {
        desk.place(demand, rep, pair);
    }
    false
}

/// Moves all roles of a group, starting with this demand at each of its candidates.
fn together(desk: &mut Desk<'_>, demand: u32, watch: &mut Paced<'_>) -> Result<(), Stop> {
    let members = desk.partners(demand).to_vec();
    if members.is_empty() {
        return Ok(());
    }
    let candidates: Vec<(u32, i128)> = desk.pool.of(demand as usize).collect();
    for (rep, pair) in candidates {
        let several = members.iter();
        let several = several.map(|&member| desk.pool.of(member as usize).len() as u64);
        watch.tick(several.sum())?;
        let before = desk.value;
        let old: Vec<_> = members
            .iter()
            .map(|&member| (member, desk.take(member)))
            .collect();
        if desk.fits(demand, rep) {
            desk.place(demand, rep, pair);
            for &member in members.iter().filter(|&&member| member != demand) {
                if let Some((to, worth)) = desk.best(member) {
                    desk.place(member, to, worth);
                }
            }
        }
        if desk.value > before {
            return Ok(());
        }
        for &member in &members {
            desk.take(member);
        }
        for (member, place) in old {
            if let Some((rep, pair)) = place {
                desk.place(member, rep, pair);
            }
        }
    }
    Ok(())
}
