//! The search for a book that breaks an invariant, and for the smallest that does.

use std::fmt;

use proptest::strategy::Strategy;
use proptest::test_runner::{
    Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRng, TestRunner,
};

use super::invariants::{Broken, Case};
use super::shrink;
use super::strategies::{Books, books};
use crate::model::Records;
use crate::plan::PlanOptions;
use crate::policy::Policy;

/// Tries invariants of a policy on books drawn at random, and shrinks what breaks one.
///
/// The books come from a seed: the same search finds the same book, on every machine.
///
/// ```
/// use bookwright::testing::{Search, everyone_decided, monotone_in};
/// use bookwright::{Policy, Schema};
///
/// let policy = Policy::compile(
///     r#"fn tier(customer) {
///         let revenue = customer.annual_revenue ?? 0.0;
///         if revenue > 500_000.0 { "B" } else if revenue > 100_000.0 { "A" } else { "C" }
///     }"#, // A and B are the wrong way round
///     &Schema::default(),
/// )?;
/// let search = Search::of(&policy).cases(100);
/// search.holds(everyone_decided)?;
/// let found = search.holds(monotone_in("annual_revenue")).unwrap_err();
/// assert_eq!(found.records.customers.len(), 1); // one customer is enough to see it
/// assert!(found.broken.what.contains("goes from tier A to tier B"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Search<'a> {
    policy: &'a Policy,
    books: Books,
    options: PlanOptions,
    cases: u32,
    seed: u64,
}

/// A book that breaks an invariant, as small as the search could make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// What is broken.
    pub broken: Broken,
    /// The book's records.
    pub records: Box<Records>,
}

impl<'a> Search<'a> {
    /// 256 books by the policy's schema and tiers, planned at the moment that their times lie
    /// around.
    #[must_use]
    pub fn of(policy: &'a Policy) -> Self {
        let books = Books::of(policy.schema()).tiers(policy.tiers().names());
        Self {
            policy,
            options: PlanOptions::at(books.moment()),
            books,
            cases: 256,
            seed: 0,
        }
    }

    /// Draws from these books; they are planned at the moment that their times lie around.
    #[must_use]
    pub fn books(mut self, books: Books) -> Self {
        self.options.now = books.moment();
        self.books = books;
        self
    }

    /// How plans are made.
    #[must_use]
    pub fn options(mut self, options: PlanOptions) -> Self {
        self.options = options;
        self
    }

    /// How many books are tried.
    #[must_use]
    pub const fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// Other books of the same kind.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether the invariant holds of every book that is tried.
    ///
    /// # Errors
    /// The smallest book found that breaks it.
    pub fn holds(
        &self,
        invariant: impl Fn(&Case<'_>) -> Result<(), Broken>,
    ) -> Result<(), Counterexample> {
        let check = |records: &Records| invariant(&Case::new(self.policy, records, &self.options)?);
        let mut bytes = [0; 32];
        for (bytes, part) in bytes.chunks_exact_mut(8).zip(0u64..) {
            bytes.copy_from_slice(&self.seed.wrapping_add(part).to_le_bytes());
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(self.config(), rng);
        let strategy = books(&self.books).prop_map(Box::new);
        let run = runner.run(&strategy, |records| {
            check(&records).map_err(|broken| TestCaseError::fail(broken.to_string()))
        });
        match run {
            Ok(()) => Ok(()),
            Err(TestError::Fail(reason, records)) => {
                let records = self.smallest(*records, &invariant);
                let broken = check(&records).err().unwrap_or_else(|| {
                    let what = format!("{reason}, but not when tried again: the policy remembers");
                    Broken::book(what)
                });
                Err(Counterexample {
                    broken,
                    records: Box::new(records),
                })
            }
            Err(TestError::Abort(reason)) => Err(Counterexample {
                broken: Broken::book(format!("the search stopped: {reason}")),
                records: Box::default(),
            }),
        }
    }

    /// Leaves out of a book what is not needed to break the invariant. A book that cannot be built
    /// or planned breaks nothing, unless the whole could not be either.
    fn smallest(
        &self,
        records: Records,
        invariant: impl Fn(&Case<'_>) -> Result<(), Broken>,
    ) -> Records {
        let planless = Case::new(self.policy, &records, &self.options).is_err();
        shrink::smallest(records, |records| {
            match Case::new(self.policy, records, &self.options) {
                Ok(case) => !planless && invariant(&case).is_err(),
                Err(_) => planless, // the same trouble as before, as far as anybody can tell
            }
        })
    }

    /// Every setting is given, so that none comes from the environment.
    fn config(&self) -> Config {
        Config {
            cases: self.cases,
            max_local_rejects: 1,
            max_global_rejects: 1,
            max_shrink_time: 0,
            verbose: 0,
            failure_persistence: None,
            source_file: None,
            test_name: None,
            max_flat_map_regens: 100_000,
            max_shrink_iters: 4096,
            max_default_size_range: 16,
            result_cache: proptest::test_runner::noop_result_cache,
            rng_algorithm: RngAlgorithm::ChaCha,
            rng_seed: RngSeed::Fixed(self.seed),
            ..Config::default()
        }
    }
}

impl std::error::Error for Counterexample {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string_pretty(&*self.records).map_err(|_| fmt::Error)?;
        write!(f, "{}\nin this book:\n{json}", self.broken)
    }
}
