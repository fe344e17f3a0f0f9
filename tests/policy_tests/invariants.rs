//! Invariants over generated books.

use bookwright::testing::TestOptions;
use bookwright::{Policy, Schema};

use super::policy;

#[test]
fn an_invariant_that_holds_is_tried_on_every_book() {
    let policy = policy(
        r#"fn invariant_everyone_has_a_tier(plan) {
            for id in keys(plan.customers) { assert(plan.tiers[id] in ["A", "C"], id); }
        }
        fn invariant_nobody_is_too_junior(plan) {
            for it in plan.assignments {
                if it.change != "kept" && plan.tiers[it.customer] == "A" {
                    assert(plan.reps[it.rep].level >= params.senior_from);
                }
            }
        }"#,
    );
    let report = policy.test(&TestOptions::default().filter("tier"));
    assert!(report.passed(), "{report}");
    assert_eq!(report.tests[0].books, Some(64));
}

#[test]
fn a_broken_one_is_told_with_a_small_book() {
    let text = r#"
fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 750000.0 { "A" } else { "C" } }
fn eligible(customer, rep) { customer.tier != "A" || rep.level > 2 }

fn invariant_large_customers_go_to_seniors(plan) {
    for it in plan.assignments {
        if plan.tiers[it.customer] == "A" { assert(plan.reps[it.rep].level > 3); }
    }
}
"#;
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let report = policy.test(&TestOptions::default());
    let failure = report.failures().next().unwrap().failure.as_ref().unwrap();
    let book = failure.book.as_deref().unwrap();
    assert_eq!(book.matches("customer(").count(), 1, "{book}");
    assert_eq!(book.matches("rep(").count(), 1, "{book}");
    assert!(book.contains("level: 3"), "{book}");
    // What is told is a test that fails in the same way.
    let again = Policy::compile(&format!("{text}{book}"), &Schema::default()).unwrap();
    let options = TestOptions::default().filter("test_");
    let told = again.test(&options);
    let same = told.failures().next().unwrap().failure.as_ref().unwrap();
    assert_eq!((same.line, &same.message), (failure.line, &failure.message));
}

#[test]
fn books_are_the_seed_s() {
    let policy = policy(
        "fn invariant_poor(plan) { for c in values(plan.customers) { assert_eq(c.annual_revenue, ()); } }",
    );
    let of = |seed| {
        policy
            .test(&TestOptions::default().seed(seed).books(3))
            .to_string()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}
