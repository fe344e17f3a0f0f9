//! The strategy `optimal` against trying everything, on many small problems.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Rng, best_of_all, worth};
use bookwright::allocation::{Balance, Class, Optimal, Unbounded};

/// Solves a generated case and compares it with the best of all allocations.
fn agree(seed: u64, exact_only: bool) -> Class {
    let case = Case::generate(&mut Rng(seed), exact_only);
    let optimal = Optimal::new(case.settings.clone());
    let solution = optimal
        .solve(&case.problem, &case.scores, &mut Unbounded)
        .unwrap();
    if let Err(refuted) = optimal.verify(&case.problem, &case.scores, &solution) {
        panic!("seed {seed}: {refuted}\n{case:#?}\n{solution:#?}");
    }
    let best = best_of_all(&case);
    let own = worth(&case, &solution.allocation.rep_of);
    let certain = solution.certificate.gap() == 0 && case.settings.balance != Balance::Leximin;
    if solution.class == Class::Exact || certain {
        assert_eq!(own, best, "seed {seed}: {case:#?}\n{solution:#?}");
    }
    assert!(
        own <= best,
        "seed {seed}: the oracle is wrong {case:#?}\n{solution:#?}"
    );
    solution.class
}

#[test]
fn the_exact_class_agrees_with_trying_everything() {
    for seed in 0..20_000 {
        assert_eq!(agree(seed, true), Class::Exact, "seed {seed}");
    }
}

#[test]
fn whatever_is_outside_it_is_feasible_and_below_its_bound() {
    for seed in 0..6_000 {
        agree(seed, false);
    }
}
