//! What a pipeline asks about a policy before it goes live: is it right, do its tests pass, what do
//! they leave out, which changes would they not notice, and what would the next version change.
//!
//! `cargo run --release --example policy_lab` works on the policy, the tests and the list of the
//! quickstart; `policy_lab POLICY BOOK.json [options]` on others. Exit status: 0 fine, 1 a policy or
//! its tests are no scripts that compile, 2 the book or the command line is wrong, 3 stopped by a
//! budget, 4 a test fails, 5 less coverage than is held, 6 more surviving mutants than allowed.

#[path = "quickstart/team.rs"]
mod team;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bookwright::testing::{MutateOptions, TestOptions};
use bookwright::{
    Book, Budget, PlanError, PlanOptions, Policy, Records, Schema, Time, UtcOffset, check, compare,
};

const USAGE: &str = "usage:
  policy_lab [POLICY BOOK.json] [--tests FILE] [--next POLICY] [--now T] [--utc-offset +08:00]
             [--filter NAME] [--least-coverage P] [--mutants N] [--most-survivors N] [--seconds S]

  --tests FILE         a second script of tests beside those of the policy's own text
  --next POLICY        what to compare with: what would change if this one went live
  --now T              the moment to plan for; default 2026-03-02T09:00:00+08:00
  --utc-offset O       where days begin; default +08:00 for the bundled book, else Z
  --filter NAME        only tests with this in their name
  --least-coverage P   the least percentage of branches, arms and sides that must run
  --mutants N          most changes that are tried; default 500, 0 for none
  --most-survivors N   most of them that may go unnoticed; default: any number
  --seconds S          stop after so many seconds
without POLICY and BOOK: those of the quickstart, with their tests and a next version";

const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");

const POLICY: u8 = 1;
const BOOK: u8 = 2;
const BUDGET: u8 = 3;
const TESTS: u8 = 4;
const COVERAGE: u8 = 5;
const MUTANTS: u8 = 6;

/// Why the program ends early, with its exit status.
struct Failure {
    status: u8,
    message: String,
}

fn failure(status: u8, message: impl ToString) -> Failure {
    Failure {
        status,
        message: message.to_string(),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    match run(&arguments, &mut out) {
        Ok(status) => ExitCode::from(status),
        Err(Failure { status, message }) => {
            let _ = writeln!(io::stderr(), "{}", message.trim_end());
            ExitCode::from(status)
        }
    }
}

/// Does what the command line says; what fails of the tests is told after everything else.
fn run(arguments: &[String], out: &mut dyn Write) -> Result<u8, Failure> {
    if arguments.iter().any(|it| it == "--help" || it == "-h") {
        print(out, &format!("{USAGE}\n"))?;
        return Ok(0);
    }
    let lab = Lab::parse(arguments)?;
    let policy = lab.diagnostics(out)?;
    let tested = lab.tests(&policy, out)?;
    if tested == BUDGET {
        return Ok(tested);
    }
    let noticed = if tested == TESTS {
        0 // changes of a policy that fails its tests say nothing
    } else {
        lab.mutants(&policy, out)?
    };
    lab.comparison(&policy, out)?;
    Ok([tested, noticed]
        .into_iter()
        .find(|status| *status != 0)
        .unwrap_or(0))
}

/// What a command line asks for.
struct Lab {
    text: String,
    tests: Option<String>,
    next: Option<String>,
    book: Book,
    options: PlanOptions,
    test_options: TestOptions,
    mutants: usize,
    most_survivors: Option<usize>,
}

impl Lab {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut command = Command::parse(arguments)?;
        let bundled = command.files.is_empty();
        let (records, schema, text) = match &command.files[..] {
            [] => (
                team::records(),
                Schema::default(),
                read(&format!("{BUNDLED}/policy.rhai"), POLICY)?,
            ),
            [policy, book] => {
                let text = read(book, BOOK)?;
                let records: Records = serde_json::from_str(&text)
                    .map_err(|error| failure(BOOK, format!("{book}: {error}")))?;
                let schema = records.schema_or_inferred();
                (records, schema, read(policy, POLICY)?)
            }
            _ => return Err(command.wrong("a policy and a book are needed, or neither")),
        };
        let mut file = |name: &str, bundled_file: &str| match command.settings.remove(name) {
            Some(path) => read(&path, POLICY).map(Some),
            None if bundled => read(&format!("{BUNDLED}/{bundled_file}"), POLICY).map(Some),
            None => Ok(None),
        };
        let (tests, next) = (file("tests", "tests.rhai")?, file("next", "next.rhai")?);
        let offset = if bundled { "+08:00" } else { "Z" };
        let offset = command
            .settings
            .remove("utc-offset")
            .unwrap_or(offset.to_owned());
        let offset: UtcOffset = offset.parse().map_err(|error| failure(BOOK, error))?;
        let now = command.settings.remove("now");
        let now = now.as_deref().unwrap_or("2026-03-02T09:00:00+08:00");
        let now = Time::parse(now, offset).map_err(|error| failure(BOOK, error))?;
        let tables = records.tables.clone();
        let book = Book::builder(schema).offset(offset).records(records);
        let book = book.build().map_err(|errors| failure(BOOK, errors))?;
        let mut options = PlanOptions::at(now).utc_offset(offset);
        let mut test_options = TestOptions::default().now(now).utc_offset(offset);
        test_options.tables = tables;
        test_options.filter = command.settings.remove("filter");
        test_options.least_coverage = command.number("least-coverage")?;
        if let Some(seconds) = command.number("seconds")? {
            let time = Duration::try_from_secs_f64(seconds);
            let time = time.map_err(|_| command.wrong("`--seconds` is no time to wait"))?;
            let start = Instant::now();
            let clock = Arc::new(move || start.elapsed());
            options = options.budget(Budget::time(time, clock.clone()));
            let operations = test_options.budget.operations.unwrap_or(u64::MAX);
            test_options = test_options.budget(Budget::time(time, clock).operations(operations));
        }
        Ok(Self {
            text,
            tests,
            next,
            book,
            options,
            test_options,
            mutants: command
                .number("mutants")?
                .map_or(500, |most: f64| most as usize),
            most_survivors: command
                .number("most-survivors")?
                .map(|most: f64| most as usize),
        })
    }

    /// What is wrong or doubtful with the policy.
    fn diagnostics(&self, out: &mut dyn Write) -> Result<Policy, Failure> {
        let schema = self.book.schema();
        let report = check(&self.text, schema);
        let found = if report.is_empty() {
            "nothing to say\n".to_owned()
        } else {
            report.to_string()
        };
        print(out, &format!("# Diagnostics\n\n{found}\n"))?;
        let mut builder = Policy::builder(schema).script(&self.text);
        if let Some(tests) = &self.tests {
            builder = builder.tests(tests);
        }
        builder.build().map_err(|error| failure(POLICY, error))
    }

    /// Runs the tests, and tells what they leave out.
    fn tests(&self, policy: &Policy, out: &mut dyn Write) -> Result<u8, Failure> {
        let report = policy.test(&self.test_options);
        print(out, &format!("# Tests\n\n{report}\n"))?;
        if report.stopped.is_some() {
            return Ok(BUDGET);
        }
        if report.failures().next().is_some() {
            return Ok(TESTS);
        }
        Ok(if report.passed() { 0 } else { COVERAGE })
    }

    /// Which changes of the policy the tests would not notice.
    fn mutants(&self, policy: &Policy, out: &mut dyn Write) -> Result<u8, Failure> {
        if self.mutants == 0 {
            return Ok(0);
        }
        let tests = self.test_options.clone().books(16);
        let options = MutateOptions::default().tests(tests).most(self.mutants);
        let report = policy
            .mutate(&options)
            .map_err(|error| failure(TESTS, error))?;
        print(out, &format!("# Mutants\n\n{report}\n"))?;
        if report.stopped.is_some() {
            return Ok(BUDGET);
        }
        let most = self.most_survivors.unwrap_or(usize::MAX);
        Ok(if report.survivors.len() > most {
            MUTANTS
        } else {
            0
        })
    }

    /// What the next version would change.
    fn comparison(&self, policy: &Policy, out: &mut dyn Write) -> Result<(), Failure> {
        let Some(next) = &self.next else {
            return Ok(());
        };
        let next = Policy::compile(next, self.book.schema());
        let next = next.map_err(|error| failure(POLICY, error))?;
        let comparison = compare(policy, &next, &self.book, &self.options);
        let comparison = comparison.map_err(|error| match error {
            PlanError::Stopped(_) => failure(BUDGET, error),
            _ => failure(POLICY, error),
        })?;
        print(out, &comparison.to_string())
    }
}

/// Files and options of a command line.
struct Command {
    files: Vec<String>,
    settings: BTreeMap<String, String>,
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        const NAMES: [&str; 9] = [
            "tests",
            "next",
            "now",
            "utc-offset",
            "filter",
            "least-coverage",
            "mutants",
            "most-survivors",
            "seconds",
        ];
        let mut command = Self {
            files: Vec::new(),
            settings: BTreeMap::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.strip_prefix("--") {
                None => command.files.push(argument.clone()),
                Some(name) if NAMES.contains(&name) => match rest.next() {
                    Some(value) => {
                        command.settings.insert(name.to_owned(), value.clone());
                    }
                    None => return Err(command.wrong(&format!("`--{name}` needs a value"))),
                },
                Some(name) => return Err(command.wrong(&format!("unknown option `--{name}`"))),
            }
        }
        Ok(command)
    }

    fn number(&mut self, name: &str) -> Result<Option<f64>, Failure> {
        let Some(text) = self.settings.remove(name) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number >= 0.0 => Ok(Some(number)),
            _ => Err(self.wrong(&format!("`--{name} {text}`: expected a number from 0 on"))),
        }
    }

    fn wrong(&self, message: &str) -> Failure {
        failure(BOOK, format!("{message}\n\n{USAGE}"))
    }
}

fn read(path: &str, status: u8) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| failure(status, format!("cannot read {path}: {error}")))
}

/// Prints, unless nobody reads the rest any more, as with `| head`.
fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    match out.write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(failure(BOOK, error)),
        _ => Ok(()),
    }
}
