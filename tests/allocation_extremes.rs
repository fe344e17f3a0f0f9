//! Problems at the borders of what numbers can be: no strategy panics or exceeds a limit, and what
//! `optimal` finds stands its own check.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Matrix, Rng};
use bookwright::allocation::{
    Allocation, Balance, BestScore, Demand, Gap, LeastLoaded, Limit, Measure, Optimal,
    OptimalSettings, Problem, RoundRobin, Strategy, Unbounded, WeightedRoundRobin,
};

/// A policy's workloads and scores are at most this, in millionths.
const GREATEST: i64 = 1_000_000_000_000_000_000;

fn amount(rng: &mut Rng) -> i64 {
    match rng.below(6) {
        0 => 1_000_000,
        1 => 1_000_000 * rng.below(6) as i64,
        2 => rng.below(1 << 40) as i64,
        3 => i64::MAX - rng.below(3) as i64,
        4 => GREATEST - rng.below(3) as i64,
        _ => rng.below(5) as i64,
    }
}

/// Up to 8 demands and 5 reps, with numbers of any size.
fn extreme(rng: &mut Rng) -> Case {
    let (reps, count) = (rng.below(6) as usize, rng.below(9) as usize);
    let alike = rng.chance(50);
    let workload = amount(rng).clamp(1, GREATEST);
    let demands = (0..count as u32).map(|number| Demand {
        group: number / 2,
        role: (number % 2) as u16,
        tier: rng.below(3) as u16,
        priority: match rng.below(12) {
            0 => GREATEST,
            1 => -GREATEST,
            2 => Demand::DECIDED,
            _ => rng.below(5) as i64 - 2,
        },
        workload: if alike {
            workload
        } else {
            amount(rng).clamp(1, GREATEST)
        },
        customers: if alike { 1 } else { 1 + rng.below(3) as u32 },
        present: (reps > 0 && rng.chance(50)).then(|| rng.below(reps as u64) as u32),
    });
    let demands = demands.collect();
    let mut limits = Vec::new();
    for rep in 0..reps as u32 {
        for _ in 0..rng.below(4) {
            limits.push(Limit {
                rep,
                role: rng.chance(50).then(|| rng.below(2) as u16),
                tier: rng.chance(50).then(|| rng.below(3) as u16),
                measure: if rng.chance(50) {
                    Measure::Workload
                } else {
                    Measure::Customers
                },
                at_most: amount(rng),
            });
        }
    }
    let scores = (0..reps * count).map(|_| match rng.below(8) {
        0 => f64::NAN,
        1 => rng.below(2_000_000_000_000) as f64 - 1e12,
        2 => 1e12,
        3 => -1e12,
        _ => rng.below(12) as f64 - 3.0,
    });
    let scores = scores.collect();
    let price = |rng: &mut Rng| match rng.below(4) {
        0 => GREATEST,
        _ => rng.below(10_000_000) as i64,
    };
    let share = |rng: &mut Rng| match rng.below(12) {
        0..=2 => Some(rng.below(13) as f64 / 10.0),
        3 => Some(1e12),
        _ => None,
    };
    let (min_load, max_load) = (share(rng), share(rng));
    let settings = OptimalSettings {
        unassigned_price: rng.chance(50).then(|| price(rng)),
        move_price: if rng.chance(50) { price(rng) } else { 0 },
        max_moves: rng.chance(25).then(|| rng.below(4)),
        balance: match rng.below(4) {
            0 => Balance::Price(price(rng)),
            1 => Balance::Leximin,
            _ => Balance::None,
        },
        min_load: min_load.filter(|least| max_load.is_none_or(|most| *least <= most)),
        max_load,
        same_rep: if rng.chance(20) {
            vec![vec![0, 1]]
        } else {
            Vec::new()
        },
        different_rep: if rng.chance(20) {
            vec![vec![0, 1]]
        } else {
            Vec::new()
        },
    };
    let capacity = (0..reps).map(|_| {
        if rng.chance(50) {
            i64::MAX
        } else {
            amount(rng)
        }
    });
    let capacity = capacity.collect();
    let carried = (0..reps).map(|_| amount(rng)).collect();
    Case {
        problem: Problem {
            reps,
            demands,
            limits,
            capacity,
            carried: if rng.chance(50) { carried } else { Vec::new() },
            ..Problem::default()
        },
        scores: Matrix { reps, scores },
        settings,
    }
}

fn within_limits(case: &Case, found: &Allocation, hint: &str) {
    for limit in &case.problem.limits {
        let taken: i128 = (case.problem.demands.iter().zip(&found.rep_of))
            .filter(|(demand, rep)| **rep == Some(limit.rep) && limit.covers(demand))
            .map(|(demand, _)| i128::from(limit.amount(demand)))
            .sum();
        assert!(taken <= i128::from(limit.at_most), "{hint}: {limit:?}");
    }
}

/// Solves and checks, beside what the strategies that never look back do.
fn stands(case: &Case, hint: &str) {
    let greedy: [&dyn Strategy; 4] = [&BestScore, &RoundRobin, &WeightedRoundRobin, &LeastLoaded];
    for strategy in greedy {
        let found = strategy.allocate(&case.problem, &case.scores, &mut Unbounded);
        within_limits(case, &found.unwrap(), hint);
    }
    let optimal = Optimal::new(case.settings.clone());
    let solution = optimal
        .solve(&case.problem, &case.scores, &mut Unbounded)
        .unwrap();
    within_limits(case, &solution.allocation, hint);
    if let Err(refuted) = optimal.verify(&case.problem, &case.scores, &solution) {
        panic!("{hint}: {refuted}\n{case:#?}\n{solution:#?}");
    }
}

#[test]
fn numbers_of_any_size_are_solved_and_stand_the_check() {
    for seed in 0..1_500 {
        stands(&extreme(&mut Rng(seed)), &format!("seed {seed}"));
    }
}

/// Two roles of customers with workloads of a trillion and of one, for a rep that has no room.
#[test]
fn load_shares_in_order_of_workloads_that_are_a_trillion_apart() {
    let workloads = [GREATEST, 1_000_000, GREATEST, 1_000_000, GREATEST];
    let demand = |(number, workload): (u32, i64)| Demand {
        group: number / 2,
        role: (number % 2) as u16,
        tier: 0,
        priority: 0,
        workload,
        customers: 1,
        present: None,
    };
    for (same, capacity) in [(true, 1), (false, 1), (true, i64::MAX), (false, 2_000_000)] {
        let roles = vec![vec![0, 1]];
        let mut settings = OptimalSettings {
            balance: Balance::Leximin,
            ..OptimalSettings::default()
        };
        if same {
            settings.same_rep = roles;
        } else {
            settings.different_rep = roles;
        }
        let case = Case {
            problem: Problem {
                reps: 1,
                demands: (0..).zip(workloads).map(demand).collect(),
                capacity: vec![capacity],
                ..Problem::default()
            },
            scores: Matrix {
                reps: 1,
                scores: vec![1e12; workloads.len()],
            },
            settings,
        };
        stands(&case, &format!("{same} {capacity}"));
    }
}

/// Many demands, whose sums are greater than those of a few.
#[test]
fn many_demands_of_great_numbers_stand_the_check() {
    for seed in 0..21 {
        let rng = &mut Rng(seed);
        let (reps, count) = (4, 48);
        let alike = seed % 2 == 0;
        let demand = |number: u32, rng: &mut Rng| Demand {
            group: number,
            role: 0,
            tier: rng.below(3) as u16,
            priority: rng.below(40) as i64 * (GREATEST / 40),
            workload: if alike {
                GREATEST
            } else {
                1 + rng.below(GREATEST as u64) as i64
            },
            customers: 1,
            present: Some(rng.below(reps) as u32),
        };
        let scores = (0..reps * count).map(|_| rng.below(2_000_000) as f64 * 1e6 - 1e12);
        let case = Case {
            scores: Matrix {
                reps: reps as usize,
                scores: scores.collect(),
            },
            problem: Problem {
                reps: reps as usize,
                demands: (0..count as u32)
                    .map(|number| demand(number, rng))
                    .collect(),
                capacity: vec![GREATEST; reps as usize],
                limits: (0..reps as u32)
                    .map(|rep| Limit {
                        rep,
                        role: None,
                        tier: None,
                        measure: Measure::Customers,
                        at_most: 11,
                    })
                    .collect(),
                ..Problem::default()
            },
            settings: OptimalSettings {
                balance: [Balance::Leximin, Balance::Price(GREATEST)][seed as usize / 2 % 2],
                min_load: (seed % 3 == 0).then_some(0.5),
                unassigned_price: (seed % 5 == 0).then_some(GREATEST),
                move_price: GREATEST,
                max_moves: (seed % 7 == 6).then_some(40),
                ..OptimalSettings::default()
            },
        };
        stands(&case, &format!("seed {seed}"));
    }
}

/// Numbers at the edges of what there is, in every place of a generalized assignment.
#[test]
fn generalized_assignments_hold_at_any_numbers() {
    const EDGES: [i64; 8] = [0, 1, 7, 1 << 31, 1 << 40, 1 << 62, i64::MAX - 1, i64::MAX];
    let mut rng = Rng(1);
    let mut any = || {
        let edge = EDGES[rng.below(EDGES.len() as u64) as usize];
        if rng.below(2) == 0 { -edge } else { edge }
    };
    for case in 0..300 {
        let (jobs, agents) = (1 + case % 9, 1 + case % 4);
        let cost: Vec<i64> = (0..jobs * agents).map(|_| any()).collect();
        let weight: Vec<i64> = (0..jobs * agents).map(|_| any()).collect();
        let capacity: Vec<i64> = (0..agents).map(|_| any()).collect();
        let gap = Gap::new(cost, weight, capacity).unwrap();
        let solved = gap.solve(10_000, &mut Unbounded);
        if let Some((cost, agents)) = solved.best {
            assert_eq!(gap.cost_of(&agents), Some(cost), "case {case}");
            assert_eq!(solved.bound, cost, "case {case}");
        }
    }
}
