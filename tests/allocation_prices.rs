//! What one more unit of a limit would add, as its price says, against trying everything.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod allocation_oracle;

use allocation_oracle::{Case, Rng, best_of_all, one_amount, worth};
use bookwright::allocation::{Balance, Class, Optimal, Unbounded};

/// A small case whose objective is one number: open demands have a price.
fn small(seed: u64) -> Case {
    let rng = &mut Rng(seed);
    loop {
        let exact = rng.chance(60);
        let mut case = Case::generate(rng, exact);
        case.settings
            .unassigned_price
            .get_or_insert(rng.below(6) as i64 * 1_000_000);
        case.settings.min_load = None;
        let reps = 0..case.problem.reps as u32;
        let squares = reps.into_iter().all(|rep| one_amount(&case, rep).is_some());
        if case.settings.balance == Balance::Leximin || !squares {
            case.settings.balance = Balance::None;
        }
        if case.problem.demands.len() <= 5 && !case.problem.limits.is_empty() {
            return case;
        }
    }
}

/// What one unit of a limit is: a demand where all that it covers count alike.
fn unit(case: &Case, at: usize) -> i64 {
    let limit = &case.problem.limits[at];
    let covered = case.problem.demands.iter();
    let covered = covered.filter(|demand| limit.covers(demand));
    let mut amounts = covered.map(|demand| limit.amount(demand));
    let first = amounts.next().unwrap_or(1);
    if amounts.all(|other| other == first) {
        first
    } else {
        1
    }
}

#[test]
fn a_unit_of_a_limit_adds_no_more_than_its_price() {
    let (mut tight, mut priced, mut bounded) = (0, 0, 0);
    for seed in 0..2_500 {
        let case = small(seed);
        let optimal = Optimal::new(case.settings.clone());
        let solution = optimal
            .solve(&case.problem, &case.scores, &mut Unbounded)
            .unwrap();
        let certificate = &solution.certificate;
        let own = worth(&case, &solution.allocation.rep_of).score;
        let most = |at: &[usize]| -> i128 {
            let prices = at.iter().map(|&at| certificate.prices[at]);
            // The bound is rounded down to a whole millionth, so one may be lost.
            (prices.sum::<i128>() >> certificate.scale)
                + certificate.price_gap()
                + i128::from(certificate.scale > 0)
        };
        let gain = |at: &[usize]| {
            let mut more = case.clone();
            for &at in at {
                more.problem.limits[at].at_most += unit(&case, at);
            }
            best_of_all(&more).score - own
        };
        let limits = 0..case.problem.limits.len();
        for rep in 0..case.problem.reps as u32 {
            let own = limits
                .clone()
                .filter(|&at| case.problem.limits[at].rep == rep);
            let own: Vec<usize> = own.collect();
            let each = own.iter().map(std::slice::from_ref).chain([&own[..]]);
            for at in each {
                let (gain, most) = (gain(at), most(at));
                let hint = || format!("seed {seed}: {at:?} {case:#?}\n{solution:#?}");
                assert!(gain <= most, "{gain} of {most}: {}", hint());
                tight += u32::from(gain == most && gain > 0);
                priced += u32::from(most > 0);
            }
        }
        bounded += u32::from(solution.class == Class::Bounded);
    }
    assert!(
        tight > 300 && priced > 600 && bounded > 300,
        "{tight} {priced} {bounded}"
    );
}
