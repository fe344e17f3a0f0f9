//! Tests inside policies: every function that they call, every message, tables, invariants, second
//! scripts, and what a policy is without its tests.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

mod assertions;
mod coverage;
mod functions;
mod hostile;
mod invariants;
mod mutation;
mod records;
mod suite;

use bookwright::testing::{TestOptions, TestReport};
use bookwright::{Policy, Schema};

/// The hooks that most tests here ask.
const HOOKS: &str = r#"const PARAMS = #{ bonus: 10.0, senior_from: 3 };
fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 1e6 { "A" } else { "C" } }
fn workload(customer) { if customer.name == "broken" { 1 / 0 } else { 1.0 } }
fn eligible(customer, rep) {
    if customer.tier == "A" && rep.level < params.senior_from { "too junior" } else { true } }
fn score(customer, rep) { if near(customer, rep) { params.bonus } else { 0.0 } }
fn near(customer, rep) { customer.region in rep.regions }
"#;

/// The policy of these hooks and the text behind them.
fn policy(tests: &str) -> Policy {
    Policy::compile(&format!("{HOOKS}{tests}"), &Schema::default()).unwrap()
}

fn run(tests: &str) -> TestReport {
    policy(tests).test(&TestOptions::default())
}

/// A test with this body passes.
#[track_caller]
fn passes(body: &str) {
    let report = run(&format!("fn test_it() {{ {body} }}"));
    assert!(report.passed(), "{body}\n{report}");
}

/// A test with this body fails with this text, from the excerpt's first line to the values.
#[track_caller]
fn fails(body: &str, text: &str) {
    let report = run(&format!("fn test_it() {{\n    {body}\n}}"));
    assert!(!report.passed(), "{body}");
    let failure = report.failures().next().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.to_string(), text, "{body}");
    assert_eq!(failure.line, 9, "{body}");
}
