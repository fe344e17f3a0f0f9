//! `best_score` looks at the few best candidates of each demand. Here it is done the long way: one
//! demand after another, every candidate, every tie-break written out; the answers are the same.

#![cfg(test)]

use std::cmp::Reverse;

use bookwright::allocation::{
    BestScore, Demand, Limit, Lister, Measure, PairSource, Problem, Shortlist, Strategy as _,
    Unbounded, to_micros,
};
use proptest::prelude::*;

/// Scores by demand and rep.
struct Matrix(Vec<Vec<f64>>);

impl PairSource for Matrix {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        let rows = demands.iter().map(|&demand| &self.0[demand as usize]);
        let all = rows.flatten().copied();
        scores
            .iter_mut()
            .zip(all)
            .for_each(|(to, score)| *to = score);
    }
}

/// The same scores by kind of rep: each demand's, the kind of each rep, and the reps of each kind.
struct Kinds {
    scores: Vec<Vec<f64>>,
    kind_of: Vec<usize>,
    reps_of: Vec<Vec<u32>>,
}

impl Kinds {
    fn rep_by_rep(&self) -> Vec<Vec<f64>> {
        let row = |kinds: &Vec<f64>| self.kind_of.iter().map(|&kind| kinds[kind]).collect();
        self.scores.iter().map(row).collect()
    }
}

impl PairSource for Kinds {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        Matrix(self.rep_by_rep()).block(demands, scores);
    }

    fn shortlists(&self, demands: &[u32], lister: &Lister<'_>, lists: &mut [Shortlist]) {
        let mut lister = lister.clone();
        for (&demand, list) in demands.iter().zip(lists) {
            let mut scores = self.scores[demand as usize].clone();
            let reps_of = |kind: usize| self.reps_of[kind].iter().copied();
            lister.list_kinds(demand, &mut scores, reps_of, list);
        }
    }
}

/// Score, then load share, then longest since last assigned, then id.
fn the_long_way(problem: &Problem, scores: &[Vec<f64>]) -> Vec<Option<u32>> {
    let reps = problem.reps;
    let mut turns: Vec<usize> = (0..problem.demands.len()).collect();
    turns.sort_by_key(|&at| {
        (
            Reverse(problem.demands[at].priority),
            problem.demands[at].tier,
            at,
        )
    });
    let mut left: Vec<Vec<Limit>> = vec![Vec::new(); reps];
    for limit in &problem.limits {
        left[limit.rep as usize].push(*limit);
    }
    let mut carried = problem.carried.clone();
    let mut last: Vec<(usize, i64)> = problem.last_assigned.iter().map(|&at| (0, at)).collect();
    let mut rep_of = vec![None; problem.demands.len()];
    for (turn, at) in turns.into_iter().enumerate() {
        let demand = &problem.demands[at];
        let fits = |rep: u32| {
            (left[rep as usize].iter())
                .all(|limit| !limit.covers(demand) || limit.amount(demand) <= limit.at_most)
        };
        let cell = |rep: u32| demand.role as usize * reps + rep as usize;
        let better = |a: u32, b: u32| {
            let micros = |rep: u32| to_micros(scores[at][rep as usize]);
            let load = |rep: u32| {
                let measure = problem.share_measure[rep as usize];
                let amount = match measure {
                    Measure::Workload => demand.workload,
                    Measure::Customers => i64::from(demand.customers),
                };
                i128::from(carried[rep as usize] + amount)
            };
            let of = |rep: u32| i128::from(problem.capacity[rep as usize]);
            let shares = (load(a) * of(b)).cmp(&(load(b) * of(a)));
            (micros(b).cmp(&micros(a)))
                .then(shares)
                .then((of(a) == 0).cmp(&(of(b) == 0)))
                .then(last[cell(a)].cmp(&last[cell(b)]))
                .then(a.cmp(&b))
        };
        let best = (0..reps as u32)
            .filter(|&rep| !scores[at][rep as usize].is_nan() && fits(rep))
            .min_by(|&a, &b| better(a, b));
        let Some(rep) = best else { continue };
        rep_of[at] = Some(rep);
        let own = left[rep as usize].iter_mut();
        for limit in own.filter(|limit| limit.covers(demand)) {
            limit.at_most -= limit.amount(demand);
        }
        carried[rep as usize] += problem.share_measure[rep as usize].amount(demand);
        last[cell(rep)].0 = turn + 1;
    }
    rep_of
}

/// Numbers from one seed: problems of hundreds of reps would be slow as trees of strategies.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most as u64) as usize
    }

    /// Scores with ties, with differences that rounding to millionths takes away, and with signs.
    fn score(&mut self, kinds: usize) -> f64 {
        match self.below(kinds) {
            0 => [0.0, -0.0, 1.0, 2.0, -3.5, f64::NAN][self.below(6)],
            1 => 1.0 + self.below(40) as f64 * 1e-7,
            2 => f64::NAN,
            3 => (self.below(5) as f64 - 2.0) * 1e12,
            _ => self.below(1_000_000) as f64 / 1000.0,
        }
    }

    fn problem(&mut self, reps: usize, demands: usize) -> Problem {
        let limits = (0..reps as u32).flat_map(|rep| {
            let number = self.below(4);
            let all: Vec<Limit> = (0..number)
                .map(|_| Limit {
                    rep,
                    role: [None, Some(0), Some(1)][self.below(3)],
                    tier: [None, None, Some(0), Some(1)][self.below(4)],
                    measure: [Measure::Workload, Measure::Customers][self.below(2)],
                    at_most: [0, 1, 2, 3, 1_000_000, 3_000_000][self.below(6)],
                })
                .collect();
            all
        });
        Problem {
            reps,
            limits: limits.collect(),
            demands: (0..demands as u32)
                .map(|group| Demand {
                    group,
                    role: self.below(2) as u16,
                    tier: self.below(3) as u16,
                    priority: self.below(3) as i64,
                    workload: [1, 500_000, 1_000_000][self.below(3)],
                    customers: 1 + self.below(2) as u32,
                    present: None,
                })
                .collect(),
            last_assigned: (0..2 * reps)
                .map(|_| [i64::MIN, 1, 2, 3][self.below(4)])
                .collect(),
            carried: (0..reps).map(|_| self.below(3) as i64).collect(),
            capacity: (0..reps)
                .map(|_| [0, 1, 2, 5_000_000, i64::MAX][self.below(5)])
                .collect(),
            share_measure: (0..reps)
                .map(|_| [Measure::Workload, Measure::Customers][self.below(2)])
                .collect(),
            ..Problem::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_few_best_are_enough(seed: u64, size in 0_usize..4, demands in 0_usize..60) {
        let mut dice = Dice(seed);
        let reps = [dice.below(8), 20 + dice.below(40), 200 + dice.below(200), 1_100][size];
        let problem = dice.problem(reps, demands);
        // From all alike, where everything is a tie, to hardly any tie.
        let kinds = [1, 2, 3, 4, 30][dice.below(5)];
        let scores: Vec<Vec<f64>> = (0..demands)
            .map(|_| (0..reps).map(|_| dice.score(kinds)).collect())
            .collect();
        let expected = the_long_way(&problem, &scores);
        let pairs = Matrix(scores);
        let answer = BestScore.allocate(&problem, &pairs, &mut Unbounded).unwrap();
        prop_assert_eq!(&answer.rep_of, &expected);
        for (at, rep) in expected.iter().enumerate() {
            let score = rep.map_or(f64::NAN, |rep| pairs.0[at][rep as usize]);
            let same = score.to_bits() == answer.scores[at].to_bits();
            prop_assert!(same || score.is_nan() && answer.scores[at].is_nan());
        }
    }

    #[test]
    fn the_best_kinds_are_enough(seed: u64, many in 1_usize..40, reps in 1_usize..120, demands in 0_usize..60) {
        let mut dice = Dice(seed);
        let problem = dice.problem(reps, demands);
        let odd = [1, 2, 3, 4, 30][dice.below(5)];
        let kind_of: Vec<usize> = (0..reps).map(|_| dice.below(many)).collect();
        let of = |kind| (0..reps as u32).filter(|rep| kind_of[*rep as usize] == kind).collect();
        let kinds = Kinds {
            scores: (0..demands).map(|_| (0..many).map(|_| dice.score(odd)).collect()).collect(),
            reps_of: (0..many).map(of).collect(),
            kind_of: kind_of.clone(),
        };
        let scores = kinds.rep_by_rep();
        let answer = BestScore.allocate(&problem, &kinds, &mut Unbounded).unwrap();
        prop_assert_eq!(&answer.rep_of, &the_long_way(&problem, &scores));
    }
}
