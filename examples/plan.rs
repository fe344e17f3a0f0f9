//! `plan POLICY BOOK.json [options]` prints the plan as JSON; `plan --check POLICY [BOOK.json]`
//! prints what is wrong with a policy as a JSON array; `plan --code CODE` says what a finding means.
//!
//! Exit status: 0 fine, 1 the policy is wrong, 2 the book (or the command line) is wrong, 3
//! stopped by a budget. Problems go to standard error as text.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bookwright::{
    Book, Budget, PlanError, PlanOptions, Policy, Records, Schema, Time, UtcOffset, Value, check,
};

const USAGE: &str = "usage:
  plan POLICY BOOK.json [--now T] [--utc-offset +08:00] [--seed N] [--params JSON]
                        [--strategy S] [--explain CUSTOMER] [--seconds S]
  plan --check POLICY [BOOK.json]
  plan --code CODE

  --now T            the moment to plan for, RFC 3339 or a date; default: the clock
  --utc-offset O     where days begin; default Z
  --seed N           for what is drawn by lot; default 0
  --params JSON      an object of parameters that win over those of PARAMS
  --strategy S       a strategy that wins over that of ALLOCATION
  --explain CUSTOMER print why, for one customer, instead of the plan
  --seconds S        stop after so many seconds";

/// Why the program ends early, with its exit status.
struct Failure {
    status: u8,
    message: String,
}

const POLICY: u8 = 1;
const BOOK: u8 = 2;
const BUDGET: u8 = 3;

fn failure(status: u8, message: impl ToString) -> Failure {
    Failure {
        status,
        message: message.to_string(),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    ExitCode::from(run(&arguments, &mut out, &mut err))
}

/// Does what the command line says and gives the exit status.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let mut console = Console { out, err };
    let done = match arguments.first().map(String::as_str) {
        Some("--check") => check_policy(&mut console, &arguments[1..]),
        Some("--code") => explain_code(&mut console, &arguments[1..]),
        Some("--help" | "-h") => console.print(&format!("{USAGE}\n")),
        _ => plan(&mut console, arguments),
    };
    match done {
        Ok(()) => 0,
        Err(Failure { status, message }) => {
            console.tell(&message);
            status
        }
    }
}

/// Where output and problems go.
struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

impl Console<'_> {
    /// Prints, unless nobody reads the rest any more, as with `| head`.
    fn print(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(failure(BOOK, error)),
            _ => Ok(()),
        }
    }

    /// Says what is wrong. Where nobody listens, the exit status still tells.
    fn tell(&mut self, problem: &str) {
        let _ = writeln!(self.err, "{}", problem.trim_end());
    }
}

fn check_policy(console: &mut Console<'_>, files: &[String]) -> Result<(), Failure> {
    let (policy, book) = match files {
        [policy] => (policy, None),
        [policy, book] => (policy, Some(book)),
        _ => return Err(failure(BOOK, USAGE)),
    };
    let text = read(policy, POLICY)?;
    let schema = match book {
        Some(book) => records(book)?.schema_or_inferred(),
        None => Schema::default(),
    };
    let report = check(&text, &schema);
    let json = serde_json::to_string_pretty(&report).map_err(|error| failure(POLICY, error))?;
    console.print(&format!("{json}\n"))?;
    if report.has_errors() {
        return Err(failure(POLICY, &report));
    }
    if !report.is_empty() {
        console.tell(&report.to_string());
    }
    Ok(())
}

fn explain_code(console: &mut Console<'_>, codes: &[String]) -> Result<(), Failure> {
    let [code] = codes else {
        return Err(failure(BOOK, USAGE));
    };
    match bookwright::syntax::codes::explain(code) {
        Some(explained) => console.print(&explained.to_string()),
        None => Err(failure(BOOK, format!("there is no code `{code}`"))),
    }
}

fn plan(console: &mut Console<'_>, arguments: &[String]) -> Result<(), Failure> {
    let command = Command::parse(arguments)?;
    let text = read(&command.policy, POLICY)?;
    let records = records(&command.book)?;
    let schema = records.schema_or_inferred();
    let book = Book::builder(schema).offset(command.options.utc_offset);
    let book = (book.records(records).build()).map_err(|errors| failure(BOOK, errors))?;
    for warning in book.warnings() {
        console.tell(&format!("warning: {warning}"));
    }
    let policy = Policy::compile(&text, book.schema()).map_err(|error| failure(POLICY, error))?;
    if !policy.notes().is_empty() {
        console.tell(&policy.notes().to_string());
    }
    let plan = policy
        .plan(&book, &command.options)
        .map_err(|error| match error {
            PlanError::Stopped(_) => failure(BUDGET, error),
            _ => failure(POLICY, error),
        })?;
    for problem in &plan.problems {
        console.tell(&format!("problem: {problem}"));
    }
    match command.explain {
        Some(customer) => {
            let why = plan
                .explain(&book, &customer)
                .map_err(|error| failure(BOOK, error))?;
            console.print(&why.to_string())
        }
        None => {
            let json = serde_json::to_string_pretty(&plan).map_err(|error| failure(BOOK, error))?;
            console.print(&format!("{json}\n"))
        }
    }
}

/// A command line that was understood.
struct Command {
    policy: String,
    book: String,
    options: PlanOptions,
    explain: Option<String>,
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let wrong = |message: String| failure(BOOK, format!("{message}\n\n{USAGE}"));
        let (mut files, mut settings) = (Vec::new(), BTreeMap::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.strip_prefix("--") {
                None => files.push(argument.clone()),
                Some(
                    name @ ("now" | "utc-offset" | "seed" | "params" | "strategy" | "explain"
                    | "seconds"),
                ) => {
                    let value = rest
                        .next()
                        .ok_or_else(|| wrong(format!("`--{name}` needs a value")))?;
                    settings.insert(name.to_owned(), value.clone());
                }
                Some(name) => return Err(wrong(format!("unknown option `--{name}`"))),
            }
        }
        let [policy, book] = <[String; 2]>::try_from(files)
            .map_err(|_| wrong("a policy and a book are needed".to_owned()))?;
        let offset: UtcOffset = match settings.get("utc-offset") {
            Some(text) => text.parse().map_err(|error| failure(BOOK, error))?,
            None => UtcOffset::default(),
        };
        let now = match settings.get("now") {
            Some(text) => Time::parse(text, offset).map_err(|error| failure(BOOK, error))?,
            None => clock()?,
        };
        let mut options = PlanOptions::at(now).utc_offset(offset);
        if let Some(seed) = settings.get("seed") {
            let seed = seed
                .parse()
                .map_err(|_| wrong(format!("`{seed}` is not a seed")))?;
            options = options.seed(seed);
        }
        if let Some(params) = settings.get("params") {
            let params: BTreeMap<String, Value> =
                serde_json::from_str(params).map_err(|error| {
                    wrong(format!(
                        "`--params` is not an object of parameters: {error}"
                    ))
                })?;
            options.params = params;
        }
        if let Some(strategy) = settings.get("strategy") {
            options = options.strategy(strategy);
        }
        if let Some(seconds) = settings.get("seconds") {
            let seconds: f64 = seconds
                .parse()
                .map_err(|_| wrong(format!("`{seconds}` is not a number")))?;
            let time = Duration::try_from_secs_f64(seconds)
                .map_err(|_| wrong(format!("`{seconds}` is not a time to wait")))?;
            let start = Instant::now();
            options = options.budget(Budget::time(
                time,
                std::sync::Arc::new(move || start.elapsed()),
            ));
        }
        Ok(Self {
            policy,
            book,
            options,
            explain: settings.remove("explain"),
        })
    }
}

fn clock() -> Result<Time, Failure> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_err(|error| failure(BOOK, error))?.as_micros();
    Time::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
        .map_err(|error| failure(BOOK, error))
}

fn read(path: &str, status: u8) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| failure(status, format!("cannot read {path}: {error}")))
}

fn records(path: &str) -> Result<Records, Failure> {
    let text = read(path, BOOK)?;
    serde_json::from_str(&text).map_err(|error| failure(BOOK, format!("{path}: {error}")))
}
