//! What a run of tests takes beside the policy.

use std::collections::BTreeMap;

use crate::language::{Limits, Time, UtcOffset, Value};
use crate::model::TableEntries;
use crate::plan::Budget;

/// Which tests to run, on what, and how much of it.
///
/// ```
/// use bookwright::testing::TestOptions;
/// let options = TestOptions::default()
///     .filter("tier")
///     .now("2026-03-02".parse()?)
///     .param("region_bonus", 20.0)
///     .hold_coverage(90.0);
/// assert_eq!(options.books, 64);
/// # Ok::<(), bookwright::TimeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TestOptions {
    /// Only tests with this in their name; all where `None`.
    pub filter: Option<String>,
    /// The moment at which tests begin; default 2026-01-01. `given(#{ now: … })` sets another.
    pub now: Time,
    /// Where days begin; default UTC.
    pub utc_offset: UtcOffset,
    /// Parameters that win over those of `PARAMS`, by name.
    pub params: BTreeMap<String, Value>,
    /// The lookup tables that hooks see, by name.
    pub tables: BTreeMap<String, TableEntries>,
    /// What the generated books are drawn by; default 0.
    pub seed: u64,
    /// How many books are generated for each invariant; default 64.
    pub books: u32,
    /// Whether to tell what of the hooks the tests ran; default true.
    pub coverage: bool,
    /// The least percentage of branches, arms and sides that must have run for the tests to pass;
    /// none where `None`.
    pub least_coverage: Option<f64>,
    /// Whether to stop at the first test that fails; default false.
    pub fail_fast: bool,
    /// What one test may cost and hold; default [`Limits::tests`].
    pub limits: Limits,
    /// What all tests together may cost; default 500 million operations. Its
    /// `operations_per_call` wins over those of [`Self::limits`].
    pub budget: Budget,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            filter: None,
            now: Time::from_micros(1_767_225_600_000_000).unwrap_or(Time::EPOCH),
            utc_offset: UtcOffset::default(),
            params: BTreeMap::new(),
            tables: BTreeMap::new(),
            seed: 0,
            books: 64,
            coverage: true,
            least_coverage: None,
            fail_fast: false,
            limits: Limits::tests(),
            budget: Budget::default().operations(500_000_000),
        }
    }
}

impl TestOptions {
    /// Runs only tests with this in their name.
    #[must_use]
    pub fn filter(mut self, name: impl Into<String>) -> Self {
        self.filter = Some(name.into());
        self
    }

    /// Begins tests at that moment.
    #[must_use]
    pub const fn now(mut self, now: Time) -> Self {
        self.now = now;
        self
    }

    /// Counts days at this offset.
    #[must_use]
    pub const fn utc_offset(mut self, offset: UtcOffset) -> Self {
        self.utc_offset = offset;
        self
    }

    /// Sets a parameter over that of `PARAMS`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// Gives a lookup table.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>, entries: TableEntries) -> Self {
        self.tables.insert(name.into(), entries);
        self
    }

    /// Draws the generated books by this seed.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Generates so many books for each invariant.
    #[must_use]
    pub const fn books(mut self, books: u32) -> Self {
        self.books = books;
        self
    }

    /// Leaves out what the tests ran, which takes less time.
    #[must_use]
    pub const fn without_coverage(mut self) -> Self {
        self.coverage = false;
        self
    }

    /// Fails where less than this percentage of branches, arms and sides ran.
    #[must_use]
    pub const fn hold_coverage(mut self, percent: f64) -> Self {
        self.least_coverage = Some(percent);
        self
    }

    /// Stops at the first test that fails.
    #[must_use]
    pub const fn fail_fast(mut self) -> Self {
        self.fail_fast = true;
        self
    }

    /// Stops after this much.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}
