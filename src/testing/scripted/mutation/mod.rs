//! Mutation testing: which changes of a policy no test notices.
//!
//! After R. A. DeMillo, R. J. Lipton and F. G. Sayward, "Hints on test data selection" (1978): each
//! mutant differs from the policy in one place, is compiled like any policy and run against the
//! same tests. It costs a compilation and a run of the tests for each, up to the first that fails.

mod edits;

use std::fmt;

use serde::Serialize;

use crate::policy::Policy;
use crate::syntax::{Diagnostic, Report, Source};

use super::options::TestOptions;
use super::report::TestReport;
use edits::Edit;

/// How much to change, and how to run the tests.
///
/// ```
/// use bookwright::testing::{MutateOptions, TestOptions};
/// let options = MutateOptions::default().most(100).tests(TestOptions::default().books(8));
/// assert_eq!(options.tests.books, 8);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MutateOptions {
    /// How the tests are run; coverage and `fail_fast` are as mutation needs them. Default: those
    /// of [`TestOptions`] with 16 books for each invariant. The budget holds for each run.
    pub tests: TestOptions,
    /// Most mutants that are run; of more, every so many-th is. Default 500.
    pub most: usize,
}

impl Default for MutateOptions {
    fn default() -> Self {
        Self {
            tests: TestOptions::default().books(16),
            most: 500,
        }
    }
}

impl MutateOptions {
    /// Runs the tests so.
    #[must_use]
    pub fn tests(mut self, tests: TestOptions) -> Self {
        self.tests = tests;
        self
    }

    /// Runs at most so many mutants.
    #[must_use]
    pub const fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }
}

/// What a mutant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MutationKind {
    /// A number, a text, a bool.
    Constant,
    /// `<`, `==`, `in` …
    Comparison,
    /// `&&`, `||`, `!`.
    Boolean,
    /// `+`, `*` …
    Arithmetic,
    /// A condition that always or never holds, an arm that answers like the default.
    Branch,
}

/// Which changes of a policy its tests notice.
///
/// `Display` renders the sums, and the mutants that no test notices in their places.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MutationReport {
    /// How many changes there are.
    pub mutants: usize,
    /// How many made a test fail.
    pub noticed: usize,
    /// How many are no policy: they do not compile.
    pub invalid: usize,
    /// How many were left out, for there were more than wanted or the run was stopped.
    pub not_run: usize,
    /// Those that no test notices, in the order of the text.
    pub survivors: Vec<Mutant>,
    /// Why the run ended before all had run, where a budget ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// A change that no test notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mutant {
    /// What is changed.
    pub kind: MutationKind,
    /// The function or the constant that it is in.
    pub within: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What stands there.
    pub before: String,
    /// What stands there instead.
    pub after: String,
    /// The place in the source, in the manner of rustc.
    pub excerpt: String,
}

/// Why there are no mutants: the tests fail on the policy itself.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the tests fail before anything is changed\n\n{0}")]
pub struct MutationError(Box<TestReport>);

impl MutationError {
    /// The tests of the policy as it is.
    #[must_use]
    pub const fn report(&self) -> &TestReport {
        &self.0
    }
}

impl Policy {
    /// Changes one constant, comparison, operator or branch of the policy at a time, and tells
    /// which changes its tests do not notice.
    ///
    /// ```
    /// use bookwright::{Policy, Schema};
    /// let policy = Policy::compile(r#"
    /// fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 100.0 { "A" } else { "C" } }
    /// fn test_tier() {
    ///     for row in cases([[101.0, "A"], [50.0, "C"], [(), "C"]]) {
    ///         assert_eq(tier(customer(#{ annual_revenue: row[0] })), row[1]);
    ///     }
    /// }
    /// "#, &Schema::default())?;
    /// let report = policy.mutate(&Default::default())?;
    /// assert_eq!(report.to_string(), "\
    /// mutants: 6; noticed 3, not noticed 3
    ///
    /// no test notices:
    ///
    /// note[comparison]: `>=` becomes `>`
    ///  --> policy:2:57
    ///   |
    /// 2 | fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 100.0 { \"A\" } else { \"C\" } }
    ///   |                                                         ^^
    ///
    /// note[constant]: `100.0` becomes `101.0`
    ///  --> policy:2:60
    ///   |
    /// 2 | fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 100.0 { \"A\" } else { \"C\" } }
    ///   |                                                            ^^^^^
    ///
    /// note[constant]: `100.0` becomes `99.0`
    ///  --> policy:2:60
    ///   |
    /// 2 | fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 100.0 { \"A\" } else { \"C\" } }
    ///   |                                                            ^^^^^
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MutationError`] where the tests fail on the policy as it is.
    pub fn mutate(&self, options: &MutateOptions) -> Result<MutationReport, MutationError> {
        let tests = TestOptions {
            coverage: false,
            least_coverage: None,
            fail_fast: true,
            ..options.tests.clone()
        };
        let before = self.test(&tests);
        if !before.passed() {
            return Err(MutationError(Box::new(before)));
        }
        Ok(run(self, &tests, options.most))
    }
}

fn run(policy: &Policy, tests: &TestOptions, most: usize) -> MutationReport {
    let source = Source::new(policy.text());
    let edits = edits::edits(policy, &source);
    let chosen = spread(edits.len(), most);
    let mut report = MutationReport {
        mutants: edits.len(),
        noticed: 0,
        invalid: 0,
        not_run: edits.len() - chosen.len(),
        survivors: Vec::new(),
        stopped: None,
    };
    for (done, at) in chosen.iter().enumerate() {
        let edit = &edits[*at];
        let Ok(mutant) = policy.with_text(&changed(policy.text(), edit)) else {
            report.invalid += 1;
            continue;
        };
        let outcome = mutant.test(tests);
        let cancelled = tests.budget.cancel.is_cancelled();
        if cancelled || outcome.stopped.as_deref() == Some("the time is up") {
            report.stopped = outcome.stopped;
            report.not_run += chosen.len() - done;
            break;
        }
        if outcome.passed() {
            report.survivors.push(survivor(&source, edit));
        } else {
            report.noticed += 1;
        }
    }
    report
}

/// At most so many of them, evenly over all.
fn spread(count: usize, most: usize) -> Vec<usize> {
    let taken = count.min(most);
    (0..taken).map(|at| at * count / taken.max(1)).collect()
}

fn changed(text: &str, edit: &Edit) -> String {
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let before = text.get(..start).unwrap_or("");
    let after = text.get(end..).unwrap_or("");
    format!("{before}{}{after}", edit.after)
}

fn survivor(source: &Source, edit: &Edit) -> Mutant {
    let before = source.slice(edit.span);
    let place = source.position(edit.span.start);
    let message = format!("`{before}` becomes `{}`", edit.after);
    let finding = Diagnostic::note(edit.kind.name(), edit.span, message);
    Mutant {
        kind: edit.kind,
        within: edit.within.clone(),
        line: place.line,
        column: place.column,
        before: before.to_owned(),
        after: edit.after.clone(),
        excerpt: Report::new(source.clone(), vec![finding]).to_string(),
    }
}

impl MutationKind {
    /// `constant`, `comparison` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Comparison => "comparison",
            Self::Boolean => "boolean",
            Self::Arithmetic => "arithmetic",
            Self::Branch => "branch",
        }
    }
}

impl fmt::Display for MutationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "mutants: {}; noticed {}, not noticed {}",
            self.mutants,
            self.noticed,
            self.survivors.len()
        )?;
        if self.invalid > 0 {
            write!(f, ", invalid {}", self.invalid)?;
        }
        if self.not_run > 0 {
            write!(f, ", not run {}", self.not_run)?;
        }
        match &self.stopped {
            Some(stopped) => writeln!(f, " ({stopped})")?,
            None => writeln!(f)?,
        }
        if !self.survivors.is_empty() {
            writeln!(f, "\nno test notices:")?;
        }
        for mutant in &self.survivors {
            write!(f, "\n{}", mutant.excerpt)?;
        }
        Ok(())
    }
}
