//! The strategy `optimal` against trying everything, on many small problems.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Rng, best_of_all, one_amount, worth};
use bookwright::allocation::{Balance, Class, Optimal, Solution, Unbounded};

/// Solves a generated case and compares it with the best of all allocations.
fn agree(seed: u64, exact_only: bool) -> (Class, bool) {
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
    if solution.class == Class::Exact || says_all(&case) {
        assert_eq!(own, best, "seed {seed}: {case:#?}\n{solution:#?}");
    }
    assert!(
        own <= best,
        "seed {seed}: the oracle is wrong {case:#?}\n{solution:#?}"
    );
    let Solution {
        allocation,
        certificate,
        class,
        ..
    } = solution;
    if let (Some(most), Some(served)) = (best.served.get(1), own.served.get(1)) {
        let more = certificate.more_served(&allocation, &case.problem, &case.settings);
        assert!((most - served) as u64 <= more, "seed {seed}: {case:#?}");
    }
    (class, certificate.gap() == 0)
}

/// Whether the objective of the solver is that of the oracle to the millionth: load shares in order
/// are approached where reps differ, and so are squares where demands do.
fn says_all(case: &Case) -> bool {
    let reps = 0..case.problem.reps as u32;
    match case.settings.balance {
        Balance::None => true,
        Balance::Price(_) => reps.into_iter().all(|rep| one_amount(case, rep).is_some()),
        Balance::Leximin => false,
    }
}

#[test]
fn the_exact_class_agrees_with_trying_everything() {
    for seed in 0..20_000 {
        assert_eq!(agree(seed, true), (Class::Exact, true), "seed {seed}");
    }
}

#[test]
fn what_is_outside_it_agrees_too_and_is_below_its_bound() {
    let mut proven = 0;
    for seed in 0..8_000 {
        proven += u32::from(agree(seed, false).1);
    }
    assert!(proven > 3_000, "only {proven} of 8,000 have no gap");
}
