//! The main job end to end: a list of customers, a team, a policy, and the plan.
//!
//! `cargo run --release --example quickstart` reads `examples/quickstart/policy.rhai`; another
//! policy can be given as argument. The customers are made up, the same ones every time.

#![expect(clippy::print_stderr, reason = "a program says what is wrong")]

mod print;
mod team;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use bookwright::{Book, Change, Plan, PlanOptions, Policy, Schema, UtcOffset};

const BUNDLED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/quickstart/policy.rhai"
);

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| BUNDLED.into());
    match run(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if closed(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nobody reads the rest any more, as with `| head`.
fn closed(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn run(path: &str) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the policy {path}: {error}"))?;
    let records = team::records();
    let china: UtcOffset = "+08:00".parse()?; // dates begin there
    let book = Book::builder(Schema::default()).offset(china);
    let book = book.records(records.clone()).build()?;
    let policy = Policy::compile(&text, book.schema())?;
    let options = PlanOptions::at("2026-03-02T09:00:00+08:00".parse()?).utc_offset(china);
    let plan = policy.plan(&book, &options)?;

    let out = &mut io::stdout().lock();
    print::tiers(out, &records, &plan)?;
    print::loads(out, &records, &plan)?;
    print::changes(out, &plan)?;
    print::unassigned(out, &plan)?;
    if let Some(customer) = interesting(&plan) {
        writeln!(out, "\nWHY, FOR ONE CUSTOMER\n")?;
        writeln!(out, "{}", plan.explain(&book, customer)?)?;
    }
    writeln!(out, "Edit the policy and run this again: {path}")?;
    Ok(())
}

/// The first customer of the highest tier that changes hands, or else the first one at all.
fn interesting(plan: &Plan) -> Option<&str> {
    let moved = plan
        .assignments
        .iter()
        .filter(|it| it.change == Change::Moved);
    moved
        .min_by_key(|it| (&plan.tiers[&it.customer], &it.customer))
        .map(|it| it.customer.as_str())
        .or_else(|| plan.tiers.keys().next())
}
