//! Whether a plan is right: everything that can be recomputed is, through the interpreter.
//!
//! Takes nothing from the plan on trust, and nothing from the columns: customers' hooks and
//! capacities are asked again, in the interpreter, for the whole book; pairs (who may own whom, what that
//! scores, why a demand stays open) for all customers or for every n-th; sums, loads and
//! completeness always whole. It does not repeat the strategy's choice: that a greedy strategy
//! took the best is not checked, that an optimal one did is, by its certificate, where the plan
//! still knows what it was made from. Time is linear in customers, plus the reps of every open
//! demand that is looked at, plus all pairs of a certified round.

mod decisions;
mod facts;
mod pairs;
mod sums;
mod violation;

use std::ops::ControlFlow;

use crate::model::Book;
use crate::policy::Policy;

use super::{Plan, PlanError, PlanOptions};
use facts::Facts;

pub use violation::{Demanded, VerifyErrors, Violation};

/// Which customers' pairs are asked again.
///
/// Runs with the seeds 0 to `n − 1` and every `n`-th customer look at all of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    every: u64,
    seed: u64,
}

impl Sample {
    /// All customers.
    pub const ALL: Self = Self { every: 1, seed: 0 };

    /// Every `n`-th customer in order of id; 0 counts as 1.
    #[must_use]
    pub const fn every(n: u64) -> Self {
        Self {
            every: if n == 0 { 1 } else { n },
            seed: 0,
        }
    }

    /// Begins somewhere else.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    const fn holds(self, customer: u32) -> bool {
        (customer as u64)
            .wrapping_add(self.seed)
            .is_multiple_of(self.every)
    }
}

/// What was looked at in a plan that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Verified {
    /// Customer-role pairs that are decided once.
    pub demands: u64,
    /// Customers and reps that were judged once more.
    pub pairs: u64,
    /// Rounds whose certificate was checked once more.
    pub certificates: u64,
}

impl Plan {
    /// Checks the whole plan against the book, policy and options that it was made from.
    ///
    /// ```
    /// # use bookwright::{Book, PlanOptions, Policy, Records, Schema};
    /// # let records: Records = serde_json::from_str(r#"{
    /// #     "customers": [{"id": "c1"}], "reps": [{"id": "r1", "roles": ["developer"]}]}"#)?;
    /// # let book = Book::build(records, Schema::default())?;
    /// # let policy = Policy::compile("", book.schema())?;
    /// # let options = PlanOptions::at("2026-03-02".parse()?);
    /// let mut plan = policy.plan(&book, &options)?;
    /// assert_eq!(plan.verify(&book, &policy, &options)?.demands, 1);
    ///
    /// plan.assignments.clear();
    /// let wrong = plan.verify(&book, &policy, &options).unwrap_err();
    /// assert_eq!(
    ///     wrong.violations()[0].to_string(),
    ///     "customer `c1` as `developer` is neither assigned nor explained"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn verify(
        &self,
        book: &Book,
        policy: &Policy,
        options: &PlanOptions,
    ) -> Result<Verified, VerifyErrors> {
        self.verify_sample(book, policy, options, Sample::ALL)
    }

    /// As [`Plan::verify`], but asks about the pairs of a sample of customers only.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn verify_sample(
        &self,
        book: &Book,
        policy: &Policy,
        options: &PlanOptions,
        sample: Sample,
    ) -> Result<Verified, VerifyErrors> {
        let mut wrong = VerifyErrors::new();
        let verified = check(self, (book, policy, options), sample, &mut wrong);
        match verified {
            Ok(verified) if wrong.is_empty() => return Ok(verified),
            Ok(_) => {}
            Err(error) => wrong.add(Violation::NotChecked(error)),
        }
        Err(wrong)
    }
}

/// Recomputes what can be, and compares part after part.
fn check(
    plan: &Plan,
    (book, policy, options): (&Book, &Policy, &PlanOptions),
    sample: Sample,
    wrong: &mut VerifyErrors,
) -> Result<Verified, PlanError> {
    let options = options.clone().interpreter_only();
    let mut go_on = |_| ControlFlow::Continue(());
    let facts = Facts::ask(policy, book, &options, &mut go_on)?;
    decisions::customers(plan, &facts, wrong);
    let decided = decisions::demands(plan, &facts, wrong);
    decisions::released(plan, &facts, &decided, wrong);
    let left = sums::capacities(&facts, &decided, wrong);
    sums::loads(plan, &facts, &decided, wrong);
    sums::totals(plan, &facts, wrong);
    let pairs = pairs::judge(plan, &facts, &decided, &left, sample, wrong)?;
    let certificates = pairs::certificates(plan, &facts, &decided, wrong)?;
    Ok(Verified {
        demands: facts.needed.len() as u64,
        pairs,
        certificates,
    })
}
