//! How answers of the strategy `optimal` must change with the problem, whatever the problem is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Matrix, Rng, Worth, worth};
use bookwright::allocation::{
    Balance, BestScore, Class, Demand, Holder, LeastLoaded, Limit, Measure, Optimal,
    OptimalSettings, Problem, RoundRobin, Solution, Strategy, Transport, Unbounded,
    WeightedRoundRobin,
};

const SEEDS: u64 = 1_500;

fn solve(case: &Case) -> Solution {
    let optimal = Optimal::new(case.settings.clone());
    let solution = optimal
        .solve(&case.problem, &case.scores, &mut Unbounded)
        .unwrap();
    if let Err(refuted) = optimal.verify(&case.problem, &case.scores, &solution) {
        panic!("{refuted}\n{case:#?}\n{solution:#?}");
    }
    solution
}

/// What the best allocation is worth.
fn best(case: &Case) -> Worth {
    let solution = solve(case);
    assert_eq!(solution.class, Class::Exact, "{case:#?}");
    worth(case, &solution.allocation.rep_of)
}

#[test]
fn a_constant_on_all_scores_less_the_price_of_staying_open_is_gained_by_every_demand() {
    for seed in 0..SEEDS {
        let mut case = Case::generate(&mut Rng(seed), true);
        case.settings.unassigned_price.get_or_insert(2_000_000);
        if case.settings.balance == Balance::Leximin {
            case.settings.balance = Balance::None;
        }
        let before = best(&case);
        for score in &mut case.scores.scores {
            *score += 5.0;
        }
        case.settings.unassigned_price = case.settings.unassigned_price.map(|p| p - 5_000_000);
        let mut expected = before;
        expected.score += 5_000_000 * case.problem.demands.len() as i128;
        assert_eq!(best(&case), expected, "seed {seed}: {case:#?}");
    }
}

#[test]
fn a_constant_on_one_demand_alone_changes_no_choice() {
    for seed in 0..SEEDS {
        let rng = &mut Rng(seed);
        let reps = 1 + rng.below(6) as u32;
        let capacities: Vec<u32> = (0..reps).map(|_| rng.below(5) as u32).collect();
        let (mut plain, mut raised) = (Transport::new(&capacities), Transport::new(&capacities));
        let mut more = 0;
        for _ in 0..1 + rng.below(12) {
            let supply = 1 + rng.below(3) as u32;
            let constant = rng.below(200) as i64 - 100;
            let mut pairs = Vec::new();
            for rep in 0..reps {
                if rng.chance(70) {
                    pairs.push((rep, rng.below(30) as i64));
                }
            }
            plain.add(supply, 40, pairs.clone());
            raised.add(
                supply,
                40 + constant,
                pairs.into_iter().map(|(rep, cost)| (rep, cost + constant)),
            );
            more += i128::from(supply) * i128::from(constant);
        }
        let (before, mut after) = (plain.solve(&mut Unbounded), raised.solve(&mut Unbounded));
        assert!(after.verify(&raised), "seed {seed}");
        assert_eq!(after.cost, before.cost + more, "seed {seed}");
        // The choices and prices of one are those of the other, too.
        after.cost -= more;
        after.bound -= more;
        assert!(after.verify(&plain), "seed {seed}");
    }
}

#[test]
fn duplicating_demands_and_capacities_doubles_the_value() {
    for seed in 0..SEEDS {
        let mut case = Case::generate(&mut Rng(seed), true);
        // A share of a limit that no demand fills may make room for one more when doubled.
        let workload = case.problem.demands[0].workload;
        for limit in &mut case.problem.limits {
            if limit.measure == Measure::Workload {
                limit.at_most -= limit.at_most % workload;
            }
        }
        // Convex prices are of loads, not of demands; a band is rounded to whole demands.
        case.settings.balance = Balance::None;
        case.settings.min_load = None;
        case.settings.max_load = None;
        let once = best(&case);
        let groups = case.problem.demands.len() as u32;
        let again = case
            .problem
            .demands
            .clone()
            .into_iter()
            .map(|demand| Demand {
                group: demand.group + groups,
                ..demand
            });
        case.problem.demands.extend(again);
        let again = case.problem.holders.clone().into_iter();
        let again = again.map(|holder| Holder {
            demand: holder.demand + groups,
            ..holder
        });
        case.problem.holders.extend(again);
        let scores = case.scores.scores.clone();
        case.scores.scores.extend(scores);
        for limit in &mut case.problem.limits {
            limit.at_most *= 2;
        }
        let twice = best(&case);
        let doubled: Vec<usize> = once.served.iter().map(|count| 2 * count).collect();
        assert_eq!(twice.served, doubled, "seed {seed}: {case:#?}");
        assert_eq!(twice.score, 2 * once.score, "seed {seed}: {case:#?}");
    }
}

#[test]
fn removing_a_losing_candidate_keeps_the_value() {
    for seed in 0..SEEDS {
        let rng = &mut Rng(seed);
        let mut case = Case::generate(rng, true);
        let solution = solve(&case);
        let rep_of = solution.allocation.rep_of;
        let before = worth(&case, &rep_of);
        let share = [20, 60, 100][rng.below(3) as usize];
        for (demand, own) in rep_of.iter().enumerate() {
            for rep in 0..case.problem.reps {
                if *own != Some(rep as u32) && rng.chance(share) {
                    case.scores.scores[demand * case.problem.reps + rep] = f64::NAN;
                }
            }
        }
        assert_eq!(best(&case), before, "seed {seed}: {case:#?}");
    }
}

#[test]
fn raising_a_capacity_never_lowers_the_value() {
    for seed in 0..SEEDS {
        let rng = &mut Rng(seed);
        let mut case = Case::generate(rng, true);
        let mut before = best(&case);
        for at in 0..case.problem.limits.len() {
            case.problem.limits[at].at_most += 2_000_000 * (1 + rng.below(2) as i64);
            let after = best(&case);
            assert!(
                after >= before,
                "seed {seed}: {before:?} {after:?} {case:#?}"
            );
            before = after;
        }
    }
}

#[test]
fn a_demand_moves_when_a_score_rises_by_more_than_the_margin_and_not_by_less() {
    let (mut moved, mut stayed) = (0, 0);
    for seed in 0..SEEDS / 3 {
        let rng = &mut Rng(seed);
        let mut case = Case::generate(rng, true);
        case.settings.min_load = None;
        if case.settings.balance == Balance::Leximin {
            case.settings.balance = Balance::None;
        }
        let (demand, rep) = (
            rng.below(case.problem.demands.len() as u64) as u32,
            rng.below(case.problem.reps as u64) as u32,
        );
        let at = demand as usize * case.problem.reps + rep as usize;
        if case.scores.scores[at].is_nan() {
            continue;
        }
        let before = solve(&case).allocation.rep_of;
        let goes = |case: &Case, micros: i128| {
            let mut case = case.clone();
            case.scores.scores[at] += micros as f64 / 1e6;
            solve(&case).allocation.rep_of[demand as usize] == Some(rep)
        };
        let optimal = Optimal::new(case.settings.clone());
        let margin = optimal
            .margin(&case.problem, &case.scores, (demand, rep), &mut Unbounded)
            .unwrap();
        match margin {
            Some(0) if before[demand as usize] == Some(rep) => stayed += 1,
            Some(margin) => {
                assert!(goes(&case, margin + 1), "seed {seed}: {margin} {case:#?}");
                assert!(
                    margin == 0 || !goes(&case, margin - 1),
                    "seed {seed}: {margin} {case:#?}"
                );
                moved += 1;
            }
            None => assert!(!goes(&case, 1 << 45), "seed {seed}: {case:#?}"),
        }
    }
    assert!(moved > 100 && stayed > 50, "{moved} {stayed}");
}

/// A problem of some size with one capacity per rep, workloads alike or not.
fn wide(rng: &mut Rng, alike: bool) -> Case {
    let (demands, reps) = (5 + rng.below(40) as usize, 2 + rng.below(6) as usize);
    let holes = [0, 20, 60][rng.below(3) as usize];
    let ranks = 1 + rng.below(3);
    let demand = |rng: &mut Rng, group: usize| Demand {
        group: group as u32,
        role: 0,
        tier: rng.below(ranks) as u16,
        priority: rng.below(ranks) as i64,
        workload: if alike {
            1_000_000
        } else {
            100_000 * (1 + rng.below(40) as i64)
        },
        customers: 1,
        present: None,
    };
    let list = (0..demands).map(|group| demand(rng, group)).collect();
    let room = (demands / reps) as i64 * 1_000_000;
    let limit = |rep| Limit {
        rep,
        role: None,
        tier: None,
        measure: Measure::Workload,
        at_most: room + 500_000 * rng.below(5) as i64,
    };
    let limits = (0..reps as u32).map(limit).collect();
    let scores = (0..demands * reps)
        .map(|_| {
            if rng.chance(holes) {
                f64::NAN
            } else {
                rng.below(100) as f64
            }
        })
        .collect();
    Case {
        problem: Problem {
            reps,
            demands: list,
            limits,
            ..Problem::default()
        },
        scores: Matrix { reps, scores },
        settings: OptimalSettings::default(),
    }
}

fn never_worse(case: &Case, hint: &str) {
    let solution = solve(case);
    let own = worth(case, &solution.allocation.rep_of);
    let others: [&dyn Strategy; 4] = [&BestScore, &RoundRobin, &LeastLoaded, &WeightedRoundRobin];
    for strategy in others {
        let theirs = strategy
            .allocate(&case.problem, &case.scores, &mut Unbounded)
            .unwrap();
        let theirs = worth(case, &theirs.rep_of);
        let name = strategy.name();
        assert!(own >= theirs, "{hint}: {name} {own:?} {theirs:?} {case:#?}");
    }
}

#[test]
fn no_other_strategy_is_better_in_coverage_and_then_in_score() {
    for seed in 0..SEEDS {
        let mut case = Case::generate(&mut Rng(seed), true);
        case.settings = OptimalSettings::default();
        never_worse(&case, &format!("small {seed}"));
    }
    for seed in 0..300 {
        never_worse(&wide(&mut Rng(seed), true), &format!("alike {seed}"));
    }
}

#[test]
fn no_other_strategy_is_better_where_workloads_differ() {
    for seed in 0..SEEDS {
        let mut case = Case::generate(&mut Rng(seed), false);
        case.settings = OptimalSettings::default();
        never_worse(&case, &format!("small {seed}"));
    }
    for seed in 0..300 {
        never_worse(&wide(&mut Rng(seed), false), &format!("wide {seed}"));
    }
}
