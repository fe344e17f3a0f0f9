//! Policies under test: tests in the policy's own language, and what should hold of every plan.
//!
//! # Tests inside policies
//!
//! A policy is tested by functions of its own text, or of a second script
//! ([`Policy::with_tests`](crate::Policy::with_tests)):
//!
//! ```
//! use bookwright::testing::TestOptions;
//! use bookwright::{Policy, Schema};
//!
//! let policy = Policy::compile(r#"
//!     fn tier(customer) {
//!         if (customer.annual_revenue ?? 0.0) >= 500000.0 { "A" } else { "C" }
//!     }
//!     fn eligible(customer, rep) {
//!         if customer.tier == "A" && rep.level < 3 { "too junior for tier A" } else { true }
//!     }
//!
//!     fn test_borders() {
//!         for row in cases([[500000.0, "A"], [499999.99, "C"], [(), "C"]]) {
//!             assert_eq(tier(customer(#{ annual_revenue: row[0] })), row[1]);
//!         }
//!     }
//!     fn test_juniors_get_no_large_customers() {
//!         let large = customer(#{ annual_revenue: 1e6 });
//!         let p = plan(book([large], [rep(#{ level: 1 })]));
//!         assert_eq(p.tiers, #{ c1: "A" });
//!         assert_eq(p.owner("c1", "developer"), ());
//!         assert_eq(p.reason("c1", "developer"), "too junior for tier A");
//!     }
//!     fn invariant_owners_are_given_to_customers_with_a_tier(plan) {
//!         for it in plan.assignments {
//!             assert(plan.tiers[it.customer] in ["A", "C"]);
//!         }
//!     }
//! "#, &Schema::default())?;
//!
//! let report = policy.test(&TestOptions::default());
//! assert!(report.passed());
//! assert!(report.to_string().starts_with("\
//! running 5 tests
//! test test_borders, row 1: [500000.0, \"A\"] ... ok
//! test test_borders, row 2: [499999.99, \"C\"] ... ok
//! test test_borders, row 3: [(), \"C\"] ... ok
//! test test_juniors_get_no_large_customers ... ok
//! test invariant_owners_are_given_to_customers_with_a_tier ... ok (64 books)
//! "));
//! # Ok::<(), bookwright::PolicyError>(())
//! ```
//!
//! The functions that only tests can call are in [`TEST_FUNCTIONS`](crate::language::TEST_FUNCTIONS);
//! hooks and helpers of the policy are called by their names, each call under the limits of hooks
//! and in an engine of its own, so that it is what a plan would get. What a test calls a plan never
//! sees: tests change neither the fingerprint nor the cost of a policy.
//!
//! In a service's own tests one line does it: [`assert_policy`].
//!
//! This layer runs what the others define and decides nothing about plans. A test costs what its
//! calls cost; a plan in a test runs in the interpreter, which is the reference.
//!
//! # What should hold of every plan
//!
//! [`Case`] is a policy with a book and its plan; an invariant is a function of a case
//! ([`everyone_decided`], [`monotone_in`] …), and a service writes its own in the same shape. With
//! the feature `proptest`, [`Search`] tries invariants on books drawn from a schema
//! ([`books`]), and shrinks a book that breaks one to the smallest that still does.

mod invariants;
mod scripted;
#[cfg(feature = "proptest")]
mod search;
mod shrink;
#[cfg(feature = "proptest")]
mod strategies;

pub use invariants::{
    Broken, Case, Subject, blind_to, capacity_respected, everyone_decided, monotone_in,
    no_flapping, no_hook_fails, nobody_overbooked, order_independent,
};
pub use scripted::{
    Coverage, FunctionCoverage, Mutant, MutateOptions, MutationError, MutationKind, MutationReport,
    Share, TableRow, TestFailure, TestOptions, TestReport, TestResult, assert_policy,
};
#[cfg(feature = "proptest")]
pub use search::{Counterexample, Search};
#[cfg(feature = "proptest")]
pub use strategies::{Books, books, customers, reps, roles};
