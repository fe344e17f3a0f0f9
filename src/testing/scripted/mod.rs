//! Tests inside policies: run in the sandbox, reported, measured.
//!
//! `runner` goes through the tests of a policy; a `fixture` is what one of them works with; `calls`
//! and `asserts` answer what it calls. `coverage` and `mutation` tell what the tests leave out, and
//! `invariants` tries properties on books of `generate`.

mod asserts;
mod calls;
mod coverage;
mod fixture;
mod generate;
mod invariants;
mod mutation;
mod options;
mod planned;
mod records;
mod report;
mod runner;
mod shown;
mod watched;
mod written;

use crate::policy::Policy;

pub use coverage::{Coverage, FunctionCoverage, Share};
pub use mutation::{Mutant, MutateOptions, MutationError, MutationKind, MutationReport};
pub use options::TestOptions;
pub use report::{TableRow, TestFailure, TestReport, TestResult};

/// Runs the tests of a policy with default options: one line makes them part of a service's own.
///
/// ```
/// # use bookwright::{Policy, Schema};
/// # let policy = Policy::compile("fn test_a() { assert(1 < 2); }", &Schema::default())?;
/// bookwright::testing::assert_policy(&policy);
/// # Ok::<(), bookwright::PolicyError>(())
/// ```
///
/// # Panics
/// Where a test fails or does not run, with the printed report.
#[expect(
    clippy::panic,
    reason = "a failing test of the policy is a failing test of the service"
)]
#[track_caller]
pub fn assert_policy(policy: &Policy) {
    let report = policy.test(&TestOptions::default());
    if !report.passed() {
        panic!("the tests of the policy fail\n\n{report}");
    }
}
