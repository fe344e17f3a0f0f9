//! A real funnel: 8,000 leads of a marketplace, the people who called them, and who really signed
//! whom. Tiers the leads, gives each an owner, and compares with what happened.
//!
//! `cargo run --release --example olist -- [FOLDER]` reads `olist_mql.csv` and
//! `olist_closed_deals.csv` from the folder, by default from `../shared/data/olist` beside this
//! crate. The data (CC BY-NC-SA 4.0, published by Olist) is not part of the crate; without a
//! folder given and without data there, the example says so and does nothing.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

mod funnel;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bookwright::{Book, Change, Plan, PlanOptions, Policy, Records};

const POLICY: &str = include_str!("policy.rhai");

/// The day after the last deal.
const NOW: &str = "2018-11-15";

fn main() -> ExitCode {
    let given = std::env::args().nth(1).map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/olist");
    let folder = given.as_deref().unwrap_or(&usual);
    if given.is_none() && !folder.join(funnel::LEADS).exists() {
        eprintln!(
            "skipped: there is no {} in {}\ngive the folder as argument: \
             cargo run --release --example olist -- FOLDER",
            funnel::LEADS,
            folder.display()
        );
        return ExitCode::SUCCESS;
    }
    match run(folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    let records = funnel::read(folder)?;
    let book = Book::build(records.clone(), funnel::schema()?)?;
    let policy = Policy::compile(POLICY, book.schema())?;
    let options = PlanOptions::at(NOW.parse()?);
    let start = Instant::now();
    let plan = policy.plan(&book, &options)?;
    let totals = &plan.totals;
    println!(
        "{} leads, {} of them signed, {} reps; {} demands planned in {:.2} s\n",
        totals.customers,
        records
            .customers
            .iter()
            .filter(|it| funnel::is_signed(it))
            .count(),
        totals.reps,
        totals.demands,
        start.elapsed().as_secs_f64(),
    );

    print_tiers(&records, &plan);
    print_changes(&plan);
    for role in ["developer", "maintainer"] {
        print_loads(role, &records, &plan);
    }
    if let Some(moved) = plan
        .assignments
        .iter()
        .find(|it| it.change == Change::Moved)
    {
        println!("\nWHY, FOR ONE SELLER THAT CHANGES HANDS\n");
        println!("{}", plan.explain(&book, &moved.customer)?);
    }
    Ok(())
}

/// How many of each tier signed, among leads from which the chances were not taken.
fn print_tiers(records: &Records, plan: &Plan) {
    println!("TIER   leads   later leads that signed");
    for (tier, count) in &plan.totals.tiers {
        let late = records.customers.iter().filter(|it| funnel::is_late(it));
        let (mut of, mut signed) = (0, 0);
        for lead in late.filter(|it| plan.tiers[&it.id] == *tier) {
            of += 1;
            signed += u32::from(funnel::is_signed(lead));
        }
        let share = 100.0 * f64::from(signed) / f64::from(of.max(1));
        println!("{tier:<5}{count:>7}   {signed:>4} of {of:>4} = {share:>4.1} %");
    }
    println!(
        "(chances learned from leads before {})",
        funnel::TAUGHT_UNTIL
    );
}

fn print_changes(plan: &Plan) {
    let totals = &plan.totals;
    println!(
        "\nAGAINST REALITY: {} keep their rep, {} change hands, {} get their first, {} stay open",
        totals.kept, totals.moved, totals.new, totals.unassigned
    );
    let released = plan.released.iter().map(|it| (&it.role, it.reason.clone()));
    print_counted("released", released);
    let open = plan
        .unassigned
        .iter()
        .map(|it| (&it.role, it.reason.to_string()));
    print_counted("open", open);
    for problem in &plan.problems {
        println!("  problem: {problem}");
    }
}

fn print_counted<'a>(what: &str, reasons: impl Iterator<Item = (&'a String, String)>) {
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for (role, reason) in reasons {
        *counts.entry((role, reason)).or_default() += 1;
    }
    for ((role, reason), count) in counts {
        println!("{count:>6} {what} as {role}: {reason}");
    }
}

/// Each rep's customers in the role: those it really signed, and those that the plan gives it.
fn print_loads(role: &str, records: &Records, plan: &Plan) {
    let mut loads: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for customer in &records.customers {
        if let Some(owner) = customer.owners.get(role) {
            loads.entry(&owner.rep).or_default().0 += 1;
        }
    }
    for assignment in plan.assignments.iter().filter(|it| it.role == role) {
        loads.entry(&assignment.rep).or_default().1 += 1;
    }
    println!(
        "\nAS {}: today, and in the plan (█ both, ░ more in the plan)",
        role.to_uppercase()
    );
    let most = loads
        .values()
        .map(|load| load.0.max(load.1))
        .max()
        .unwrap_or(1);
    for (rep, (today, planned)) in &loads {
        let bar = |count: u32| (count * 40).div_ceil(most) as usize;
        let (first, second) = (bar(*today).min(bar(*planned)), bar(*planned));
        println!(
            "{rep} {today:>5} {planned:>5} {}{}",
            "█".repeat(first),
            "░".repeat(second - first)
        );
    }
    let uneven = |of: fn(&(u32, u32)) -> u32| {
        let all: Vec<u32> = loads.values().map(of).filter(|&count| count > 0).collect();
        let mean = all.iter().sum::<u32>() as f64 / all.len().max(1) as f64;
        (
            all.len(),
            all.iter().max().copied().unwrap_or(0) as f64 / mean.max(1.0),
        )
    };
    let (today, planned) = (uneven(|load| load.0), uneven(|load| load.1));
    println!(
        "today {} reps share them and the busiest has {:.1} times the mean; \
         in the plan {} reps, {:.1} times",
        today.0, today.1, planned.0, planned.1
    );
}
