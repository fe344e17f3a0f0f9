//! The strategy `optimal` against a second solver, of linear assignments: reps with several places
//! stand in its square matrix once for each place.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod allocation_oracle;

use allocation_oracle::{Matrix, Rng};
use bookwright::allocation::{Class, Demand, Limit, Measure, Optimal, Problem, Unbounded};

const CASES: u64 = 300;

/// A problem of as many demands as reps have places, and the scores; places are counted in the
/// reps' order.
fn random(rng: &mut Rng) -> (Problem, Matrix, Vec<usize>) {
    let reps = 1 + rng.below(12) as usize;
    let room: Vec<i64> = (0..reps).map(|_| 1 + rng.below(5) as i64).collect();
    let demands = room.iter().sum::<i64>() as usize;
    let greatest = [2, 10, 1_000, 1_000_000_000][rng.below(4) as usize];
    let scores = (0..demands * reps).map(|_| rng.below(greatest) as f64 - greatest as f64 / 2.0);
    let demand = Demand {
        group: 0,
        role: 0,
        tier: 0,
        priority: 0,
        workload: 1_000_000,
        customers: 1,
        present: None,
    };
    let limit = |(rep, &at_most): (usize, &i64)| Limit {
        rep: rep as u32,
        role: None,
        tier: None,
        measure: Measure::Customers,
        at_most,
    };
    let problem = Problem {
        reps,
        demands: vec![demand; demands],
        limits: room.iter().enumerate().map(limit).collect(),
        ..Problem::default()
    };
    let scores = scores.collect();
    let rep_of_place = room.iter().enumerate();
    let rep_of_place = rep_of_place.flat_map(|(rep, &at_most)| vec![rep; at_most as usize]);
    (problem, Matrix { reps, scores }, rep_of_place.collect())
}

#[test]
fn a_second_solver_finds_no_greater_sum() {
    for seed in 0..CASES {
        let (problem, scores, rep_of_place) = random(&mut Rng(seed));
        let optimal = Optimal::default();
        let solution = optimal.solve(&problem, &scores, &mut Unbounded).unwrap();
        optimal.verify(&problem, &scores, &solution).unwrap();
        assert_eq!(solution.class, Class::Exact, "seed {seed}");
        assert_eq!(solution.certificate.gap(), 0, "seed {seed}");

        let places = rep_of_place.len();
        let costs = (0..places)
            .flat_map(|demand| rep_of_place.iter().map(move |&rep| (demand, rep as u32)))
            .map(|(demand, rep)| -scores.at(demand, rep));
        let costs = lapjv::Matrix::from_shape_vec((places, places), costs.collect()).unwrap();
        let (rows, _) = lapjv::lapjv(&costs).unwrap();
        let theirs = -lapjv::cost(&costs, &rows);

        let taken = solution.allocation.rep_of.iter().enumerate();
        let ours: f64 = taken
            .map(|(demand, rep)| scores.at(demand, rep.unwrap()))
            .sum();
        assert_eq!(ours, theirs, "seed {seed}");
    }
}
