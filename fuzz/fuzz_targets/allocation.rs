//! Allocation problems of any shape: greedy answers keep to the limits, optimal ones hold their
//! certificate, and no greedy answer is worth more than the bound says.
#![no_main]

use arbitrary::{Result, Unstructured};
use bookwright::allocation::{
    Allocation, Balance, BestScore, Demand, LeastLoaded, Limit, Measure, Optimal, OptimalSettings,
    PairSource, Problem, RoundRobin, Strategy, Unbounded, WeightedRoundRobin,
};
use libfuzzer_sys::fuzz_target;

#[derive(Debug)]
struct Scores(usize, Vec<f64>);

impl PairSource for Scores {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        for (row, &demand) in scores.chunks_exact_mut(self.0).zip(demands) {
            row.copy_from_slice(&self.1[demand as usize * self.0..][..self.0]);
        }
    }
}

fn amount(u: &mut Unstructured<'_>) -> Result<i64> {
    Ok(match u.int_in_range(0..=5)? {
        0 => 1_000_000,
        1 => u.int_in_range(0..=5)? * 1_000_000,
        2 => u.int_in_range(0..=1 << 40)?,
        3 => i64::MAX - u.int_in_range(0..=2)?,
        _ => u.int_in_range(0..=4)?,
    })
}

fn case(u: &mut Unstructured<'_>) -> Result<(Problem, Scores, OptimalSettings)> {
    let (reps, count) = (u.int_in_range(0..=6)?, u.int_in_range(0..=10)?);
    let rep = |u: &mut Unstructured<'_>| u.int_in_range(0..=reps.max(1) as u32 - 1);
    let alike: bool = u.arbitrary()?;
    let demands = (0..count)
        .map(|number| {
            Ok(Demand {
                group: number / 2,
                role: u.int_in_range(0..=1)?,
                tier: u.int_in_range(0..=2)?,
                priority: u.int_in_range(-2..=2)?,
                // A policy's workload is at most 10¹² and above nothing.
                workload: if alike {
                    1_000_000
                } else {
                    amount(u)?.clamp(1, 1_000_000_000_000_000_000)
                },
                customers: if alike { 1 } else { u.int_in_range(1..=3)? },
                present: if reps > 0 && u.arbitrary()? {
                    Some(rep(u)?)
                } else {
                    None
                },
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut limits = Vec::new();
    for rep in 0..reps as u32 {
        for _ in 0..u.int_in_range(0..=3)? {
            limits.push(Limit {
                rep,
                role: u.arbitrary::<bool>()?.then_some(u.int_in_range(0..=1)?),
                tier: u.arbitrary::<bool>()?.then_some(u.int_in_range(0..=2)?),
                measure: if u.arbitrary()? {
                    Measure::Workload
                } else {
                    Measure::Customers
                },
                at_most: amount(u)?,
            });
        }
    }
    let scores = (0..reps * count as usize)
        .map(|_| {
            Ok(match u.int_in_range(0..=7)? {
                0 => f64::NAN,
                1 => u.int_in_range(-1_000_000_000_000..=1_000_000_000_000_i64)? as f64,
                2 => 1e12,
                _ => u.int_in_range(-3..=9)? as f64,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let price = |u: &mut Unstructured<'_>| u.int_in_range(0..=10_000_000);
    let share = |u: &mut Unstructured<'_>| -> Result<Option<f64>> {
        Ok(if u.ratio(1, 4)? {
            Some(u.int_in_range(0..=12)? as f64 / 10.0)
        } else {
            None
        })
    };
    let (min_load, max_load) = (share(u)?, share(u)?);
    let settings = OptimalSettings {
        unassigned_price: if u.arbitrary()? {
            Some(price(u)?)
        } else {
            None
        },
        move_price: if u.arbitrary()? { price(u)? } else { 0 },
        max_moves: if u.ratio(1, 4)? {
            Some(u.int_in_range(0..=3)?)
        } else {
            None
        },
        balance: match u.int_in_range(0..=4)? {
            0 => Balance::Price(price(u)?),
            1 => Balance::Leximin,
            _ => Balance::None,
        },
        min_load: min_load.filter(|least| max_load.is_none_or(|most| *least <= most)),
        max_load,
        same_rep: if u.ratio(1, 5)? {
            vec![vec![0, 1]]
        } else {
            Vec::new()
        },
        different_rep: if u.ratio(1, 5)? {
            vec![vec![0, 1]]
        } else {
            Vec::new()
        },
    };
    let capacity = (0..reps).map(|_| {
        if u.arbitrary()? {
            Ok(i64::MAX)
        } else {
            amount(u)
        }
    });
    let problem = Problem {
        reps,
        capacity: capacity.collect::<Result<_>>()?,
        demands,
        limits,
        ..Problem::default()
    };
    Ok((problem, Scores(reps, scores), settings))
}

fn within_limits(problem: &Problem, scores: &Scores, answer: &Allocation, name: &str) {
    assert_eq!(answer.rep_of.len(), problem.demands.len(), "{name}");
    for limit in &problem.limits {
        let taken: i128 = (problem.demands.iter().zip(&answer.rep_of))
            .filter(|(demand, rep)| **rep == Some(limit.rep) && limit.covers(demand))
            .map(|(demand, _)| i128::from(limit.amount(demand)))
            .sum();
        assert!(
            taken <= i128::from(limit.at_most),
            "{name}: {limit:?} {taken}"
        );
    }
    for (demand, rep) in answer.rep_of.iter().enumerate() {
        let score = rep.map(|rep| scores.1[demand * scores.0 + rep as usize]);
        assert!(
            score.is_none_or(|score| !score.is_nan()),
            "{name}: no candidate"
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok((problem, scores, settings)) = case(&mut Unstructured::new(bytes)) else {
        return;
    };
    let greedy: [&dyn Strategy; 4] = [&BestScore, &RoundRobin, &WeightedRoundRobin, &LeastLoaded];
    for strategy in greedy {
        let answer = strategy
            .allocate(&problem, &scores, &mut Unbounded)
            .expect("nothing stops it");
        within_limits(&problem, &scores, &answer, strategy.name());
    }
    let optimal = Optimal::new(settings.clone());
    let solution = optimal
        .solve(&problem, &scores, &mut Unbounded)
        .expect("nothing stops it");
    within_limits(&problem, &scores, &solution.allocation, "optimal");
    if let Err(refuted) = optimal.verify(&problem, &scores, &solution) {
        panic!("{refuted}\n{problem:#?}\n{scores:?}\n{settings:#?}\n{solution:#?}");
    }
});
