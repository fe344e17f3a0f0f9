//! What a run of tests found, as data and in the words of `cargo test`.

use std::fmt;

use serde::Serialize;

use crate::syntax::{Diagnostic, Report, Source, Span};

use super::coverage::Coverage;

/// What a run of tests found.
///
/// `Display` renders it in the manner of `cargo test`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestReport {
    /// Each test, and each row of a table by itself, in the order of the text.
    pub tests: Vec<TestResult>,
    /// How many tests the filter left out.
    pub filtered_out: usize,
    /// How many did not run: the run was stopped before, or at the first failure.
    pub not_run: usize,
    /// Why the run ended before all tests had run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What of the policy the tests ran, where that was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// The least percentage that had to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_coverage: Option<f64>,
    /// Findings about the library itself: calls on which its two evaluators disagree. Outcomes are
    /// the interpreter's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// One test, or one row of its table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestResult {
    /// The name of the function.
    pub name: String,
    /// The row, where the test has a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<TableRow>,
    /// How many books an invariant held for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub books: Option<u32>,
    /// Why it failed; nothing where it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<TestFailure>>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TableRow {
    /// Which, from 1.
    pub row: usize,
    /// Of how many.
    pub rows: usize,
    /// The row as the policy would write it.
    pub values: String,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestFailure {
    /// `assert`, `assert-eq`, `assert-near`, `assert-error`, or `failed` for everything that is no
    /// assertion.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The value on the left, or what came, as the policy would write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The value on the right, or what was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    /// The text that the line is of: `policy` or `tests`.
    pub source: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The place in its source, with the message, in the manner of rustc.
    pub excerpt: String,
    /// For an invariant: a small book that breaks it, as a test of the policy would make it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub book: Option<String>,
}

/// An assertion that does not hold, before its place is known.
#[derive(Debug, Clone)]
pub(super) struct Failing {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
}

impl Failing {
    pub(super) fn new(code: &'static str, message: &str) -> Self {
        Self {
            code,
            message: message.to_owned(),
            left: None,
            right: None,
        }
    }

    pub(super) fn with_values(mut self, left: String, right: String) -> Self {
        self.left = Some(left);
        self.right = Some(right);
        self
    }

    /// With the words of the test in front.
    pub(super) fn because(mut self, why: &str) -> Self {
        self.message = format!("{why}: {}", self.message);
        self
    }

    /// At its place: a line and a column of a source, from 1.
    pub(super) fn at(self, source: &Source, line: u32, column: u32) -> TestFailure {
        let span = call_at(source, line, column);
        let finding = Diagnostic::error(self.code, span, self.message.clone());
        TestFailure {
            excerpt: Report::new(source.clone(), vec![finding]).to_string(),
            code: self.code,
            message: self.message,
            left: self.left,
            right: self.right,
            source: source.name().to_owned(),
            line,
            column,
            book: None,
        }
    }
}

/// The call that begins at a place, up to its closing bracket or the end of the line.
fn call_at(source: &Source, line: u32, column: u32) -> Span {
    let (text, start) = source.line(line);
    let before: usize = (text.chars().take(column.saturating_sub(1) as usize))
        .map(char::len_utf8)
        .sum();
    let rest = text.get(before..).unwrap_or("");
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut end = rest.trim_end().trim_end_matches(';').len();
    for (at, char) in rest.char_indices() {
        match char {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => {
                depth -= 1;
                if depth <= 0 {
                    end = if depth < 0 { at } else { at + 1 };
                    break;
                }
            }
            _ => {}
        }
    }
    let from = start + before as u32;
    Span::new(from, from + (end as u32).max(1))
}

impl TestReport {
    /// Whether every test that was to run ran and passed, and what had to hold beside them does.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
            && self.stopped.is_none()
            && self.not_run == 0
            && !self.covers_too_little()
    }

    /// Whether less of the policy ran than had to.
    fn covers_too_little(&self) -> bool {
        match (&self.coverage, self.least_coverage) {
            (Some(coverage), Some(least)) => coverage.decisions().percent() < least,
            _ => false,
        }
    }

    /// The tests that failed.
    pub fn failures(&self) -> impl Iterator<Item = &TestResult> {
        self.tests.iter().filter(|test| test.failure.is_some())
    }
}

impl fmt::Display for TestResult {
    /// The name, and the row where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.case {
            Some(case) => write!(f, ", row {}: {}", case.row, case.values),
            None => Ok(()),
        }
    }
}

impl fmt::Display for TestFailure {
    /// The place with its message, then both values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.excerpt)?;
        if let (Some(left), Some(right)) = (&self.left, &self.right) {
            writeln!(f, "   left: {left}\n  right: {right}")?;
        }
        if let Some(book) = &self.book {
            writeln!(f, "a small book that breaks it, as a test:\n\n{book}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.tests.len();
        writeln!(
            f,
            "running {count} {}",
            if count == 1 { "test" } else { "tests" }
        )?;
        for test in &self.tests {
            let outcome = if test.failure.is_some() {
                "FAILED"
            } else {
                "ok"
            };
            write!(f, "test {test} ... {outcome}")?;
            match test.books {
                Some(1) => writeln!(f, " (1 book)")?,
                Some(books) => writeln!(f, " ({books} books)")?,
                None => writeln!(f)?,
            }
        }
        if self.failures().next().is_some() {
            writeln!(f, "\nfailures:")?;
            for test in self.failures() {
                writeln!(f, "\n---- {test} ----")?;
                if let Some(failure) = &test.failure {
                    write!(f, "{failure}")?;
                }
            }
            writeln!(f, "\nfailures:")?;
            for test in self.failures() {
                writeln!(f, "    {test}")?;
            }
        }
        for fault in &self.faults {
            writeln!(f, "\ninternal finding: {fault}")?;
        }
        let failed = self.failures().count();
        write!(
            f,
            "\ntest result: {}. {} passed; {failed} failed",
            if self.passed() { "ok" } else { "FAILED" },
            count - failed,
        )?;
        if self.filtered_out > 0 {
            write!(f, "; {} filtered out", self.filtered_out)?;
        }
        if self.not_run > 0 {
            write!(f, "; {} not run", self.not_run)?;
        }
        if let Some(stopped) = &self.stopped {
            write!(f, " ({stopped})")?;
        }
        writeln!(f)?;
        if let Some(coverage) = &self.coverage {
            write!(f, "\n{coverage}")?;
        }
        if self.covers_too_little() {
            let least = self.least_coverage.unwrap_or_default();
            writeln!(f, "\ncoverage is below {least} %")?;
        }
        Ok(())
    }
}
