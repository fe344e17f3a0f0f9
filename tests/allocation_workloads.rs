//! The strategy `optimal` where demands count differently, on problems of some size.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Matrix, Rng};
use bookwright::allocation::{
    Class, Demand, Limit, Measure, Optimal, OptimalSettings, Problem, Refuted, Solution, Stop,
    Unbounded, Watch,
};

/// Reps with room for a twentieth more than all demands need, workloads from 0.5 to 5.0 and scores
/// that go by how far rep and customer are apart.
fn case(seed: u64, demands: usize, reps: usize) -> Case {
    let rng = &mut Rng(seed);
    let place = |rng: &mut Rng| (rng.below(1000) as f64, rng.below(1000) as f64);
    let at: Vec<(f64, f64)> = (0..reps).map(|_| place(rng)).collect();
    let mut scores = Vec::new();
    let demand = |group, rng: &mut Rng| Demand {
        group,
        role: 0,
        tier: rng.below(3) as u16,
        priority: 0,
        workload: 500_000 + rng.below(4_500_001) as i64,
        customers: 1,
        present: None,
    };
    let demands: Vec<Demand> = (0..demands as u32)
        .map(|group| demand(group, rng))
        .collect();
    for _ in &demands {
        let (x, y) = place(rng);
        scores.extend(at.iter().map(|&(a, b)| {
            let noise = rng.below(20_000) as f64 / 1000.0;
            150.0 - (x - a).hypot(y - b) / 10.0 + noise
        }));
    }
    let total: i64 = demands.iter().map(|demand| demand.workload).sum();
    let limit = |rep| Limit {
        rep,
        role: None,
        tier: None,
        measure: Measure::Workload,
        at_most: total * 21 / 20 / reps as i64,
    };
    Case {
        problem: Problem {
            reps,
            demands,
            limits: (0..reps as u32).map(limit).collect(),
            ..Problem::default()
        },
        scores: Matrix { reps, scores },
        settings: OptimalSettings::default(),
    }
}

fn solve(case: &Case, watch: &mut dyn Watch) -> Solution {
    let optimal = Optimal::new(case.settings.clone());
    let solution = optimal.solve(&case.problem, &case.scores, watch).unwrap();
    if let Err(refuted) = optimal.verify(&case.problem, &case.scores, &solution) {
        panic!("{refuted}\n{solution:#?}");
    }
    assert_eq!(solution.class, Class::Bounded);
    solution
}

#[test]
fn prices_of_demands_are_checked_as_all_else_in_a_certificate() {
    let case = case(3, 40, 4);
    let solution = solve(&case, &mut Unbounded);
    let refuted = |change: &dyn Fn(&mut Vec<i128>)| {
        let mut wrong = solution.clone();
        change(&mut wrong.certificate.demand_prices);
        let optimal = Optimal::new(case.settings.clone());
        optimal.verify(&case.problem, &case.scores, &wrong).err()
    };
    assert_eq!(solution.certificate.demand_prices.len(), 40);
    assert_eq!(refuted(&|_| ()), None);
    assert_eq!(refuted(&|prices| prices.clear()), Some(Refuted::Shape));
    assert_eq!(refuted(&|prices| prices[0] += 1 << 50), Some(Refuted::Sums));
    assert_eq!(refuted(&|prices| prices.truncate(39)), Some(Refuted::Shape));
    let mut wrong = solution.clone();
    for bound in [
        None,
        Some(0),
        solution.certificate.price_bound.map(|bound| bound - 1),
    ] {
        wrong.certificate.price_bound = bound;
        let optimal = Optimal::new(case.settings.clone());
        assert!(optimal.verify(&case.problem, &case.scores, &wrong).is_err());
    }
    assert!(solution.certificate.price_gap() > solution.certificate.gap());
    let too_great = refuted(&|prices| prices[0] = i128::MIN);
    assert_eq!(too_great, Some(Refuted::Overflow));
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
fn everybody_is_served_within_a_few_thousandths_of_the_bound() {
    for seed in 0..3 {
        let case = case(seed, 80, 8);
        let solution = solve(&case, &mut Unbounded);
        assert!(solution.allocation.rep_of.iter().all(Option::is_some));
        let (gap, value) = (solution.certificate.gap(), solution.certificate.value);
        assert!(gap * 400 <= value, "seed {seed}: {gap} of {value}");
    }
}

#[test]
fn the_same_operations_give_the_same_allocation_and_it_always_holds() {
    let case = case(7, 60, 6);
    for budget in [1_000, 10_000, 100_000, 1_000_000] {
        let first = solve(&case, &mut Operations(budget));
        assert_eq!(first.stop, Some(Stop::Operations), "{budget}");
        assert_eq!(first, solve(&case, &mut Operations(budget)), "{budget}");
    }
    assert_eq!(solve(&case, &mut Unbounded).stop, None);
}

#[test]
fn work_stays_in_proportion_where_there_are_many() {
    let case = case(1, 300, 10);
    let mut counter = Operations(60_000_000);
    let solution = solve(&case, &mut counter);
    assert_eq!(solution.stop, None);
    let (gap, value) = (solution.certificate.gap(), solution.certificate.value);
    assert!(gap * 500 <= value, "{gap} of {value}");
}
