//! Invariants: a property of every plan, tried on generated books, with a small one reported where
//! it breaks.
//!
//! Shrinking takes parts away as long as the same line fails, a bounded number of times; it costs
//! one plan a try.

use std::sync::Arc;

use crate::model::Records;
use crate::policy::TestItem;
use crate::testing::shrink;

use super::calls;
use super::fixture::{Fixture, Given};
use super::generate::{self, Mentions, Random, Ranges};
use super::report::{Failing, TestFailure, TestResult};
use super::runner::Runner;
use super::written;

/// How many smaller books are tried at most.
const TRIES: u32 = 600;

/// What planning a book of that many pairs is charged for.
const PLAN: u64 = 2_000;

/// Runs an invariant over the generated books.
pub(super) fn run(runner: &mut Runner, item: &TestItem) -> TestResult {
    let bench = Arc::clone(&runner.bench);
    let (policy, options) = (&bench.policy, &bench.options);
    let compiled = policy.compiled();
    let mentions = Mentions::of(&compiled.script);
    let ranges = Ranges::of(policy.schema(), &mentions, &compiled.tiers.names());
    let mut result = TestResult {
        name: item.name.to_string(),
        case: None,
        books: Some(0),
        failure: None,
    };
    for number in 0..options.books {
        // The same books for every invariant: they tell the policy apart, not each other.
        let mut random = Random::of(options.seed, "books", number.into());
        let records = generate::records(policy.schema(), &ranges, options.now, &mut random);
        let failure = holds(runner, item, &records);
        if bench.meter.stop().is_some() && failure.is_none() {
            break;
        }
        result.books = Some(number + 1);
        if let Some(failure) = failure {
            result.failure = Some(Box::new(shrunk(runner, item, records, failure)));
            break;
        }
    }
    result
}

/// Why the invariant does not hold for the plan of these records, where it does not.
fn holds(runner: &mut Runner, item: &TestItem, records: &Records) -> Option<TestFailure> {
    let fixture = Arc::new(Fixture::new(&runner.bench, 0));
    let given = Given::of(&runner.bench.options);
    runner.bench.meter.spend(PLAN);
    let book = match fixture.book_of(records.clone(), &given) {
        Ok(book) => book,
        Err(message) => return Some(no_plan(runner, item, &message)),
    };
    match calls::plan_of(&fixture, &book, &given) {
        Ok(plan) => runner.call(item, &fixture, &[plan]),
        Err(message) => Some(no_plan(runner, item, &message)),
    }
}

fn no_plan(runner: &Runner, item: &TestItem, message: &str) -> TestFailure {
    let tests = &runner.bench.policy.compiled().tests;
    let (source, line) = tests.place(item.line);
    Failing::new(
        "failed",
        &format!("a generated book has no plan: {message}"),
    )
    .at(source, line, 1)
}

/// The failure of a small book that fails at the same line.
fn shrunk(
    runner: &mut Runner,
    item: &TestItem,
    records: Records,
    failure: TestFailure,
) -> TestFailure {
    let (mut smallest, mut tries) = (failure, 0);
    let records = shrink::smallest(records, |candidate| {
        if tries >= TRIES || runner.bench.meter.stop().is_some() {
            return false;
        }
        tries += 1;
        match holds(runner, item, candidate) {
            Some(same) if same.line == smallest.line && same.code == smallest.code => {
                smallest = same;
                true
            }
            _ => false,
        }
    });
    smallest.book = Some(written::as_test(&records, &item.name));
    smallest
}
