//! Transportation problems with many rows, many reps, and costs at the edge: solved, checked by
//! their own prices, and stopped anywhere.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod allocation_oracle;

use allocation_oracle::Rng;
use bookwright::allocation::{Stop, Transport, Unbounded, Watch};

/// So many rows, each with some candidates among the reps, who have room for most units.
fn problem(rng: &mut Rng, rows: u32, reps: u32, candidates: u32, greatest: i64) -> Transport {
    let units = u64::from(rows) * 2;
    let room = 1 + units * 9 / (10 * u64::from(reps));
    let rooms: Vec<u32> = (0..reps).map(|_| rng.below(2 * room) as u32).collect();
    let mut transport = Transport::new(&rooms);
    for _ in 0..rows {
        let first = rng.below(u64::from(reps)) as u32;
        let own = (0..candidates).map(|at| {
            let cost = rng.below(greatest as u64) as i64;
            ((first + at * 7) % reps, cost)
        });
        let own: Vec<(u32, i64)> = own.collect();
        transport.add(1 + rng.below(3) as u32, greatest, own);
    }
    transport
}

#[test]
fn rows_enough_for_samples_are_solved() {
    for seed in 0..6 {
        let transport = problem(&mut Rng(seed), 4_000, 12, 12, 1_000 + seed as i64);
        let solved = transport.solve(&mut Unbounded);
        assert!(solved.verify(&transport), "seed {seed}");
        assert_eq!(solved.bound, solved.cost, "seed {seed}");
    }
}

#[test]
fn reps_too_many_for_a_table_of_their_pairs_are_solved() {
    for seed in 0..2 {
        let transport = problem(&mut Rng(seed), 4_200, 2_100, 6, 1_000);
        let solved = transport.solve(&mut Unbounded);
        assert!(solved.verify(&transport), "seed {seed}");
        assert_eq!(solved.bound, solved.cost, "seed {seed}");
    }
}

#[test]
fn costs_of_any_size_are_solved() {
    for seed in 0..40 {
        let greatest = i64::MAX >> (seed % 20);
        let transport = problem(&mut Rng(seed), 60, 6, 4, greatest);
        let solved = transport.solve(&mut Unbounded);
        assert!(solved.verify(&transport), "seed {seed}");
        assert_eq!(solved.bound, solved.cost, "seed {seed}");
    }
}

/// Stops when it was asked so often.
struct Times(u32);

impl Watch for Times {
    fn tick(&mut self, _work: u64) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(1).ok_or(Stop::Operations)?;
        Ok(())
    }
}

#[test]
fn stopped_anywhere_what_is_there_is_within_capacities_and_above_the_bound() {
    let mut stopped = 0;
    for seed in 0..8 {
        let transport = problem(&mut Rng(seed), 1_500, 10, 10, 5_000);
        let best = transport.solve(&mut Unbounded);
        for times in [0, 1, 2, 5, 20, 100, 500] {
            let solved = transport.solve(&mut Times(times));
            assert!(solved.verify(&transport), "seed {seed}, {times} times");
            assert!(solved.bound <= best.cost && best.cost <= solved.cost);
            stopped += u32::from(solved.stop.is_some());
        }
    }
    assert!(stopped > 8, "{stopped}");
}
