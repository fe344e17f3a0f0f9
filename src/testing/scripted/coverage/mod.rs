//! What of a policy its tests ran: branches, `switch` arms, sides of `&&`, `||` and `??`, lines.
//!
//! An observer of the traced evaluator: each call of a hook that a test makes, directly or in a
//! plan, is evaluated once more over the syntax tree. Where the two evaluators disagree, the report
//! says so. Costs about as much again as the calls themselves.

mod collect;
mod points;

use std::fmt;

use serde::Serialize;

use crate::syntax::Report;

pub(super) use collect::Collector;

/// What of a policy its tests ran.
///
/// ```
/// use bookwright::testing::TestOptions;
/// use bookwright::{Policy, Schema};
/// let policy = Policy::compile(r#"
/// fn tier(customer) {
///     if (customer.annual_revenue ?? 0.0) >= 1e6 { "A" } else { "C" }
/// }
/// fn test_small() { assert_eq(tier(customer(#{ annual_revenue: 5.0 })), "C"); }
/// "#, &Schema::default())?;
/// let report = policy.test(&TestOptions::default());
/// let coverage = report.coverage.as_ref().unwrap();
/// assert_eq!((coverage.branches.covered, coverage.branches.of), (1, 2));
/// assert_eq!(coverage.to_string(), "\
/// coverage: 50 % of branches, arms and sides (2 of 4), 100 % of lines (1 of 1)
///   tier  50 %  (2 of 4)  lines 100 %  (1 of 1)
///
/// note[not-covered]: no test makes this condition true
///  --> policy:3:8
///   |
/// 3 |     if (customer.annual_revenue ?? 0.0) >= 1e6 { \"A\" } else { \"C\" }
///   |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
///
/// note[not-covered]: no test meets an absent value here
///  --> policy:3:9
///   |
/// 3 |     if (customer.annual_revenue ?? 0.0) >= 1e6 { \"A\" } else { \"C\" }
///   |         ^^^^^^^^^^^^^^^^^^^^^^^
/// ");
/// assert!(!policy.test(&TestOptions::default().hold_coverage(60.0)).passed());
/// # Ok::<(), bookwright::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Function by function: hooks in the order in which they run, then helpers.
    pub functions: Vec<FunctionCoverage>,
    /// Outcomes of `if` conditions, both counted.
    pub branches: Share,
    /// Arms of `switch`, the default among them.
    pub arms: Share,
    /// `&&`, `||`, `??` and `?.` with and without a look at what comes behind them.
    pub sides: Share,
    /// Lines on which a statement or the value of an arm begins.
    pub lines: Share,
    /// What did not run, as notes at their places.
    pub uncovered: Report,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// How many ran.
    pub covered: u32,
    /// How many there are.
    pub of: u32,
}

/// What of one function ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FunctionCoverage {
    /// Its name.
    pub name: String,
    /// Whether it is a hook.
    pub hook: bool,
    /// Outcomes of conditions.
    pub branches: Share,
    /// Arms of `switch`.
    pub arms: Share,
    /// Sides of operators.
    pub sides: Share,
    /// Lines.
    pub lines: Share,
}

impl Share {
    /// As a percentage; 100 where there is nothing to run.
    #[must_use]
    pub fn percent(self) -> f64 {
        if self.of == 0 {
            100.0
        } else {
            f64::from(self.covered) * 100.0 / f64::from(self.of)
        }
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            covered: self.covered + other.covered,
            of: self.of + other.of,
        }
    }

    const fn count(&mut self, covered: bool) {
        self.of += 1;
        self.covered += covered as u32;
    }
}

impl FunctionCoverage {
    /// Branches, arms and sides together.
    #[must_use]
    pub const fn decisions(&self) -> Share {
        self.branches.plus(self.arms).plus(self.sides)
    }
}

impl Coverage {
    /// Branches, arms and sides together: what a threshold is held against.
    #[must_use]
    pub const fn decisions(&self) -> Share {
        self.branches.plus(self.arms).plus(self.sides)
    }
}

impl fmt::Display for Share {
    /// `83 %  (5 of 6)`, rounded down, so that 100 is all; `–` where there is nothing to run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of == 0 {
            return f.write_str("–");
        }
        write!(
            f,
            "{} %  ({} of {})",
            self.percent().floor(),
            self.covered,
            self.of
        )
    }
}

impl fmt::Display for Coverage {
    /// The sums, a line for each function, and what did not run in its place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (decisions, lines) = (self.decisions(), self.lines);
        writeln!(
            f,
            "coverage: {} % of branches, arms and sides ({} of {}), {} % of lines ({} of {})",
            decisions.percent().floor(),
            decisions.covered,
            decisions.of,
            lines.percent().floor(),
            lines.covered,
            lines.of,
        )?;
        let width = |text: &dyn Fn(&FunctionCoverage) -> String| {
            let widths = self.functions.iter().map(|it| text(it).chars().count());
            widths.max().unwrap_or(0)
        };
        let name = width(&|it| it.name.clone());
        let share = width(&|it| it.decisions().to_string());
        for function in &self.functions {
            let decisions = function.decisions().to_string();
            writeln!(
                f,
                "  {:name$}  {decisions:share$}  lines {}",
                function.name, function.lines
            )?;
        }
        if !self.uncovered.is_empty() {
            write!(f, "\n{}", self.uncovered)?;
        }
        Ok(())
    }
}
