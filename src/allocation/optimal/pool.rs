//! The candidates that the solver looks at: all of them, or the best few of each demand.

use super::certificate::Certificate;
use super::stream::{PriceRows, stream_while};
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Stop, Watch, to_micros};
use crate::steps;

/// Candidates of each demand, with their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    start: Vec<u32>,
    rep: Vec<u32>,
    value: Vec<i128>,
    /// What the best pair of each demand is worth, of all that there are; none where it has none.
    pub(super) best: Vec<Option<i128>>,
    /// Whether no pair is missing.
    pub(super) complete: bool,
    /// The greatest value of any pair in size, before moves.
    pub(super) peak: i128,
}

/// Up to this many pairs are all kept, unless the terms say otherwise.
pub(super) const KEEP_ALL: usize = 1 << 22;
/// How many candidates of each demand to begin with.
const FIRST: usize = 8;

impl Pool {
    /// All pairs where there are few; else the best few and the present owner of each demand,
    /// under the prices where there are any.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn gather(
        terms: &Terms<'_>,
        pairs: &dyn PairSource,
        prices: Option<&Certificate>,
        watch: &mut dyn Watch,
    ) -> Result<Self, Stop> {
        let reps = terms.problem.reps;
        let pairs_in_all = terms.problem.demands.len().saturating_mul(reps);
        let all = pairs_in_all <= terms.keep_all || reps <= FIRST;
        let mut pool = Self {
            complete: all,
            ..Self::default()
        };
        let nothing = Certificate {
            prices: vec![0; terms.bounds.len()],
            ..Certificate::default()
        };
        let certificate = prices.unwrap_or(&nothing);
        let mut rows = PriceRows::new(terms, certificate);
        let mut best: Vec<(i128, u32, i128)> = Vec::with_capacity(reps);
        let each = if all { reps } else { FIRST + 1 };
        pool.make_room(terms, terms.problem.demands.len().saturating_mul(each));
        pool.start.push(0);
        stream_while(terms, pairs, watch, |number, demand, scores| {
            best.clear();
            let paid = rows.of(demand);
            for (rep, value) in values(terms, number, scores, &mut pool.peak) {
                let net = (value << certificate.scale) - paid[rep as usize];
                best.push((-net, rep, value));
            }
            (pool.best).push(best.iter().map(|pair| pair.2).max());
            if !all && best.len() > FIRST {
                best.select_nth_unstable(FIRST - 1);
                let own = best[FIRST..]
                    .iter()
                    .find(|pair| Some(pair.1) == demand.present)
                    .copied();
                best.truncate(FIRST);
                best.extend(own);
            }
            best.sort_unstable_by_key(|pair| pair.1);
            for &(_, rep, value) in &best {
                pool.rep.push(rep);
                pool.value.push(value);
            }
            pool.start.push(pool.rep.len() as u32);
        })?;
        Ok(pool)
    }

    /// The candidates of a demand, in order of rep.
    pub(super) fn of(&self, demand: usize) -> impl ExactSizeIterator<Item = (u32, i128)> + '_ {
        let arcs = self.start[demand] as usize..self.start[demand + 1] as usize;
        self.rep[arcs.clone()]
            .iter()
            .copied()
            .zip(self.value[arcs].iter().copied())
    }

    /// Adds the pairs of an allocation that tells its scores. Stopped, it adds none.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn include(
        &mut self,
        terms: &Terms<'_>,
        allocation: &Allocation,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        if self.complete {
            return Ok(());
        }
        let mut wider = Self {
            peak: self.peak,
            best: self.best.clone(),
            ..Self::default()
        };
        wider.make_room(terms, self.rep.len() + allocation.rep_of.len());
        let chosen = allocation.rep_of.iter().zip(&allocation.scores);
        wider.start.push(0);
        steps::each(
            chosen.enumerate(),
            &mut || watch.tick(0),
            |(number, (&own, &score))| {
                let mut missing = own.filter(|&own| self.of(number).all(|(rep, _)| rep != own));
                for (rep, value) in self.of(number) {
                    if let Some(own) = missing.take_if(|own| *own < rep) {
                        wider.push(own, terms.value(number, own, score));
                    }
                    wider.push(rep, value);
                }
                if let Some(own) = missing {
                    wider.push(own, terms.value(number, own, score));
                }
                wider.start.push(wider.rep.len() as u32);
            },
        )?;
        if wider.start.len() == self.start.len() {
            *self = wider;
        }
        Ok(())
    }

    /// Room for all that will come: a list that grows is copied, which takes long at once where it
    /// is long. Room that stays empty costs no memory.
    fn make_room(&mut self, terms: &Terms<'_>, pairs: usize) {
        self.start.reserve(terms.problem.demands.len() + 1);
        self.best.reserve(terms.problem.demands.len());
        self.rep.reserve(pairs);
        self.value.reserve(pairs);
    }

    fn push(&mut self, rep: u32, value: i128) {
        self.rep.push(rep);
        self.value.push(value);
    }

    /// Adds the pairs that are better under the prices than all that the demand has here, the
    /// best few of each demand; how many. Stopped, it adds none.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn widen(
        &mut self,
        terms: &Terms<'_>,
        pairs: &dyn PairSource,
        certificate: &Certificate,
        watch: &mut dyn Watch,
    ) -> Result<usize, Stop> {
        let mut wider = Self {
            peak: self.peak,
            ..Self::default()
        };
        let mut rows = PriceRows::new(terms, certificate);
        let coverage = terms.coverage(certificate.serving);
        let mut added = 0;
        let mut better: Vec<(i128, u32, i128)> = Vec::new();
        let mut peak = self.peak;
        let most = terms.problem.demands.len().saturating_mul(FIRST / 2);
        wider.make_room(terms, self.rep.len().saturating_add(most));
        wider.start.push(0);
        stream_while(terms, pairs, watch, |number, demand, scores| {
            let paid = rows.of(demand);
            let finer = certificate.scale;
            let open = terms.open(number, &coverage) << finer;
            let nets = self
                .of(number)
                .map(|(rep, value)| (value << finer) - paid[rep as usize]);
            let now = nets.fold(open, i128::max);
            better.clear();
            for (rep, value) in values(terms, number, scores, &mut peak) {
                let net = (value << finer) - paid[rep as usize];
                if net > now {
                    better.push((-net, rep, value));
                }
            }
            better.sort_unstable();
            better.truncate(FIRST / 2);
            added += better.len();
            better.extend(self.of(number).map(|(rep, value)| (0, rep, value)));
            better.sort_unstable_by_key(|pair| pair.1);
            for &(_, rep, value) in &better {
                wider.rep.push(rep);
                wider.value.push(value);
            }
            wider.start.push(wider.rep.len() as u32);
        })?;
        wider.peak = peak;
        if added > 0 {
            wider.best = std::mem::take(&mut self.best);
            *self = wider;
        }
        Ok(added)
    }
}

/// The candidates among the scores, with their values.
fn values<'a>(
    terms: &'a Terms<'_>,
    number: usize,
    scores: &'a [f64],
    peak: &'a mut i128,
) -> impl Iterator<Item = (u32, i128)> + 'a {
    (0..)
        .zip(scores)
        .filter(|(_, score)| !score.is_nan())
        .map(move |(rep, &score)| {
            let value = terms.value(number, rep, score);
            *peak = (*peak).max(i128::from(to_micros(score)).abs());
            (rep, value)
        })
}

#[cfg(test)]
mod tests {
    use super::super::strategy::{Class, Optimal, Solution};
    use super::super::transport::mix;
    use super::super::{Balance, OptimalSettings};
    use super::*;
    use crate::allocation::{Demand, Limit, Measure, Problem, Unbounded};

    /// A die for each number.
    fn dice(seed: u64, at: usize) -> u64 {
        mix(seed << 32 | at as u64)
    }

    /// Scores that tell most pairs apart; the same few reps are good for everybody.
    struct Scores(u64, usize);

    impl PairSource for Scores {
        fn block(&self, demands: &[u32], scores: &mut [f64]) {
            for (row, &demand) in scores.chunks_exact_mut(self.1).zip(demands) {
                for (rep, score) in row.iter_mut().enumerate() {
                    let own = dice(self.0, demand as usize * self.1 + rep);
                    *score = match own % 10 {
                        0 => f64::NAN,
                        _ => (own % 997) as f64 / 10.0 + (rep % 7) as f64 * 20.0,
                    };
                }
            }
        }
    }

    /// Demands for twenty-odd reps, who have room for most of them.
    fn problem(seed: u64, alike: bool) -> (Problem, OptimalSettings) {
        let die = |at: usize, end: u64| dice(!seed, at) % end;
        let (reps, count) = (12 + die(0, 16) as usize, 40 + die(1, 40) as usize);
        let demand = |at: usize| Demand {
            group: at as u32,
            role: 0,
            tier: die(10 + at, 2) as u16,
            priority: die(200 + at, 3) as i64,
            workload: 1_000_000
                * if alike {
                    1
                } else {
                    1 + die(400 + at, 5) as i64
                },
            customers: 1,
            present: (die(600 + at, 3) > 0).then(|| die(800 + at, reps as u64) as u32),
        };
        let work = if alike { 1 } else { 3 } * count as i64 * 1_000_000;
        let limit = |rep: usize| Limit {
            rep: rep as u32,
            role: None,
            tier: None,
            measure: Measure::Workload,
            at_most: work / reps as i64 * (8 + die(1000 + rep, 5) as i64) / 10,
        };
        let settings = OptimalSettings {
            unassigned_price: (die(2, 2) == 0).then_some(30_000_000),
            move_price: die(3, 3) as i64 * 5_000_000,
            max_moves: (die(4, 4) == 0).then_some(count as u64 / 3),
            balance: match die(5, 3) {
                0 => Balance::Price(50_000_000),
                _ => Balance::None,
            },
            ..OptimalSettings::default()
        };
        let problem = Problem {
            reps,
            demands: (0..count).map(demand).collect(),
            limits: (0..reps).map(limit).collect(),
            capacity: vec![work / reps as i64; reps],
            carried: vec![0; reps],
            share_measure: vec![Measure::Workload; reps],
            ..Problem::default()
        };
        (problem, settings)
    }

    fn solve(seed: u64, alike: bool, keep_all: usize, watch: &mut dyn Watch) -> Option<Solution> {
        let (problem, settings) = problem(seed, alike);
        let scores = Scores(seed, problem.reps);
        let mut terms = Terms::new(&problem, &settings);
        terms.keep_all = keep_all;
        let solution = Optimal::solve_terms(&terms, &scores, watch).ok()?;
        let checked = Optimal::new(settings).verify(&problem, &scores, &solution);
        assert_eq!(checked, Ok(()), "seed {seed}");
        Some(solution)
    }

    #[test]
    fn a_few_candidates_of_each_come_to_what_all_do() {
        let mut exact = 0;
        for seed in 0..16 {
            let whole = solve(seed, true, KEEP_ALL, &mut Unbounded).unwrap();
            let few = solve(seed, true, 0, &mut Unbounded).unwrap();
            if whole.class == Class::Exact {
                exact += 1;
                assert_eq!(few.class, Class::Exact, "seed {seed}");
                assert_eq!(few.certificate.value, whole.certificate.value);
                assert!(few.rounds > 1, "seed {seed}: it was never looked for more");
            }
        }
        assert!(exact > 5, "{exact}");
    }

    #[test]
    fn outside_the_exact_class_a_few_candidates_come_near() {
        for seed in 0..3 {
            let whole = solve(seed, false, KEEP_ALL, &mut Unbounded).unwrap();
            let few = solve(seed, false, 0, &mut Unbounded).unwrap();
            let (all, some) = (&whole.certificate, &few.certificate);
            assert!(
                some.bound >= all.value && all.bound >= some.value,
                "seed {seed}"
            );
            let served = |own: &Solution| own.allocation.rep_of.iter().flatten().count();
            assert!(served(&few) + 2 >= served(&whole), "seed {seed}");
            if served(&few) == served(&whole) {
                let less = all.value - some.value;
                assert!(less * 20 <= all.value.abs(), "seed {seed}: by {less}");
            }
        }
    }

    /// Stops after so much work.
    struct Operations(u64);

    impl Watch for Operations {
        fn tick(&mut self, work: u64) -> Result<(), Stop> {
            self.0 = self.0.checked_sub(work).ok_or(Stop::Operations)?;
            Ok(())
        }
    }

    #[test]
    fn stopped_anywhere_there_is_a_checked_answer_or_none() {
        let (mut answers, mut stopped) = (0, 0);
        for seed in 0..2 {
            for alike in [true, false] {
                for keep_all in [0, KEEP_ALL] {
                    let mut left = 1_000;
                    while left < 1_000_000 {
                        let solution = solve(seed, alike, keep_all, &mut Operations(left));
                        let early = solution.as_ref().is_none_or(|own| own.stop.is_some());
                        stopped += u32::from(early);
                        answers += u32::from(solution.is_some() && early);
                        if !early {
                            break;
                        }
                        left *= 2;
                    }
                }
            }
        }
        assert!(answers > 8 && stopped > answers, "{answers} of {stopped}");
    }
}
