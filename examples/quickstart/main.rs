//! The main job end to end: a list of customers, a team, a policy, and the plan.
//!
//! `cargo run --release --example quickstart` reads `examples/quickstart/policy.rhai`; another
//! policy can be given as argument. The customers are made up, the same ones every time.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

mod print;
mod team;

use std::process::ExitCode;

use bookwright::{Book, Change, Plan, PlanOptions, Policy, Schema};

const BUNDLED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/quickstart/policy.rhai"
);

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| BUNDLED.into());
    match std::fs::read_to_string(&path) {
        Ok(text) => match run(&text) {
            Ok(()) => {
                println!("Edit the policy and run this again: {path}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("cannot read the policy {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(policy: &str) -> Result<(), Box<dyn std::error::Error>> {
    let records = team::records();
    let book = Book::build(records.clone(), Schema::default())?;
    let policy = Policy::compile(policy, book.schema())?;
    let now = "2026-03-02T09:00:00+08:00".parse()?;
    let options = PlanOptions::at(now).utc_offset("+08:00".parse()?);
    let plan = policy.plan(&book, &options)?;

    print::tiers(&records, &plan);
    print::loads(&records, &plan);
    print::changes(&plan);
    print::unassigned(&plan);
    if let Some(customer) = interesting(&plan) {
        println!("\nWHY, FOR ONE CUSTOMER\n");
        println!("{}", plan.explain(&book, customer)?);
    }
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
        .or_else(|| plan.tiers.keys().next().map(String::as_str))
}
