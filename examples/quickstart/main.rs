//! The main job end to end: a list of customers, a team, a policy, and the plan.
//!
//! `cargo run --release --example quickstart` reads `examples/quickstart/policy.rhai`; another
//! policy can be given as argument. The customers are made up, the same ones every time.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

mod team;

use std::collections::BTreeMap;
use std::process::ExitCode;

use bookwright::{Book, Plan, PlanOptions, Policy, Schema};

fn main() -> ExitCode {
    let bundled = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/quickstart/policy.rhai"
    );
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| bundled.to_owned());
    match std::fs::read_to_string(&path) {
        Ok(text) => run(&text).unwrap_or_else(|error| {
            eprintln!("{error}");
            ExitCode::FAILURE
        }),
        Err(error) => {
            eprintln!("cannot read the policy {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(policy: &str) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let book = Book::build(team::records(), Schema::default())?;
    let policy = Policy::compile(policy, book.schema())?;
    let now = "2026-03-02T09:00:00+08:00".parse()?;
    let options = PlanOptions::at(now).utc_offset("+08:00".parse()?);
    let plan = policy.plan(&book, &options)?;

    print_tiers(&book, &plan);
    print_loads(&plan);
    print_changes(&plan);
    print_unassigned(&plan);
    if let Some(moved) = plan
        .assignments
        .iter()
        .find(|it| plan.tiers[&it.customer] == "A")
    {
        println!(
            "\nWHY, FOR ONE CUSTOMER\n{}",
            plan.explain(&book, &moved.customer)?
        );
    }
    println!("fingerprint {}", plan.fingerprint);
    Ok(ExitCode::SUCCESS)
}

fn print_tiers(book: &Book, plan: &Plan) {
    let totals = &plan.totals;
    println!("{} customers, {} reps\n", totals.customers, totals.reps);
    let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut segments: Vec<&str> = plan.segments.values().map(String::as_str).collect();
    segments.sort_unstable();
    segments.dedup();
    for (customer, tier) in &plan.tiers {
        *cells.entry((tier, &plan.segments[customer])).or_default() += 1;
    }
    print!("TIER ");
    segments.iter().for_each(|segment| print!("{segment:>10}"));
    println!("{:>10}{:>12}", "all", "was here");
    for (tier, count) in &totals.tiers {
        print!("{tier:<5}");
        for segment in &segments {
            print!(
                "{:>10}",
                cells.get(&(tier.as_str(), *segment)).unwrap_or(&0)
            );
        }
        let stayed = (plan.tiers.iter())
            .filter(|(id, now)| *now == tier && team::tier_before(book, id).as_deref() == Some(now))
            .count();
        println!("{count:>10}{stayed:>12}");
    }
}

fn print_loads(plan: &Plan) {
    println!("\nLOAD");
    for load in &plan.loads {
        let share = load.share().unwrap_or(0.0);
        let filled = (share * 30.0).round().min(30.0) as usize;
        println!(
            "{:<4}{}{} {:>6.1} of {:>5.1} ({} customers){}",
            load.rep,
            "█".repeat(filled),
            "░".repeat(30 - filled),
            load.workload,
            load.capacity.unwrap_or(0.0),
            load.customers,
            if load.overfull { " OVERFULL" } else { "" },
        );
    }
}

fn print_changes(plan: &Plan) {
    let totals = &plan.totals;
    println!(
        "\nCHANGES: {} kept, {} new, {} moved, {} released, {} unassigned",
        totals.kept, totals.new, totals.moved, totals.released, totals.unassigned
    );
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for released in &plan.released {
        *reasons.entry(released.reason.as_str()).or_default() += 1;
    }
    for (reason, count) in reasons {
        println!("  {count:>3} released: {reason}");
    }
}

fn print_unassigned(plan: &Plan) {
    println!("\nUNASSIGNED");
    let mut reasons: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for open in &plan.unassigned {
        let reason = open.reason.to_string();
        reasons
            .entry((reason, &open.role))
            .or_default()
            .push(&open.customer);
    }
    if reasons.is_empty() {
        println!("  nobody");
    }
    for ((reason, role), customers) in reasons {
        println!(
            "  {:>3} as {role}: {reason} ({}, …)",
            customers.len(),
            customers[0]
        );
    }
    for problem in &plan.problems {
        println!("  problem: {problem:?}");
    }
}
