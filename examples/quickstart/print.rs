//! The plan as tables for a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bookwright::{Attribute, Load, Plan, Records, Rep};

/// Each tier by segment, and who came into it.
pub(crate) fn tiers(out: &mut impl Write, records: &Records, plan: &Plan) -> io::Result<()> {
    let totals = &plan.totals;
    writeln!(
        out,
        "{} customers, {} reps\n",
        totals.customers, totals.reps
    )?;
    let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (customer, tier) in &plan.tiers {
        *cells.entry((tier, &plan.segments[customer])).or_default() += 1;
    }
    let mut segments: Vec<&str> = cells.keys().map(|&(_, segment)| segment).collect();
    segments.sort_unstable();
    segments.dedup();

    write!(out, "TIER ")?;
    for segment in &segments {
        write!(out, "{segment:>10}")?;
    }
    writeln!(
        out,
        "{:>8}{:>7}{:>8}{:>8}",
        "all", "share", "risen", "fallen"
    )?;
    for (tier, count) in &totals.tiers {
        write!(out, "{tier:<5}")?;
        for segment in &segments {
            write!(out, "{:>10}", cells.get(&(tier, *segment)).unwrap_or(&0))?;
        }
        let before = (records.customers.iter())
            .filter(|customer| plan.tiers[&customer.id] == *tier)
            .filter_map(|customer| match customer.attributes.get("current_tier") {
                Some(Attribute::Text(before)) => Some(before),
                _ => None,
            });
        let (mut risen, mut fallen) = (0, 0);
        for before in before {
            risen += u32::from(before > tier); // "B" comes after "A"
            fallen += u32::from(before < tier);
        }
        let share = 100.0 * *count as f64 / totals.customers.max(1) as f64;
        writeln!(out, "{count:>8}{share:>6.0}%{risen:>8}{fallen:>8}")?;
    }
    Ok(())
}

/// What each rep carries, as a bar.
pub(crate) fn loads(out: &mut impl Write, records: &Records, plan: &Plan) -> io::Result<()> {
    writeln!(out, "\nLOAD (workload, of what the rep can carry)")?;
    for load in &plan.loads {
        let Some(rep) = records.reps.iter().find(|rep| rep.id == load.rep) else {
            continue;
        };
        let name = rep.name.as_deref().unwrap_or(&rep.id);
        writeln!(
            out,
            "{} {} {} {}",
            rep.id,
            padded(name, 14),
            bar(load),
            remark(rep, load)
        )?;
    }
    Ok(())
}

fn bar(load: &Load) -> String {
    const WIDTH: usize = 30;
    let share = load.share().unwrap_or(0.0);
    let filled = ((share * WIDTH as f64).round() as usize).min(WIDTH);
    format!(
        "{}{} {:>4.0} of {:>3.0}",
        "█".repeat(filled),
        "░".repeat(WIDTH - filled),
        load.workload,
        load.capacity.unwrap_or(0.0)
    )
}

fn remark(rep: &Rep, load: &Load) -> String {
    let roles = match rep.attributes.get("roles") {
        Some(Attribute::Tags(roles)) => roles.join(", "),
        _ => String::new(),
    };
    let why = if rep.attributes.contains_key("away_until") {
        ", away"
    } else if rep.attributes.contains_key("active") {
        ", has left"
    } else if load.overfull {
        ", overfull: keeps what it has"
    } else {
        ""
    };
    format!("{:>3} customers as {roles}{why}", load.customers)
}

/// What is different tomorrow.
pub(crate) fn changes(out: &mut impl Write, plan: &Plan) -> io::Result<()> {
    let totals = &plan.totals;
    writeln!(
        out,
        "\nCHANGES, of {} demands (a customer in a role)",
        totals.demands
    )?;
    writeln!(out, "{:>5} keep their owner", totals.kept)?;
    writeln!(out, "{:>5} get their first owner", totals.new)?;
    writeln!(out, "{:>5} move to another owner", totals.moved)?;
    writeln!(out, "{:>5} stay without one", totals.unassigned)?;
    writeln!(out, "\nRELEASED BY THEIR OWNER OF TODAY")?;
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for released in &plan.released {
        *reasons.entry(released.reason.as_str()).or_default() += 1;
    }
    for (reason, count) in reasons {
        writeln!(out, "{count:>5} {reason}")?;
    }
    Ok(())
}

/// Who has no owner, and why.
pub(crate) fn unassigned(out: &mut impl Write, plan: &Plan) -> io::Result<()> {
    writeln!(out, "\nUNASSIGNED")?;
    let mut reasons: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for open in &plan.unassigned {
        let reason = (open.role.as_str(), open.reason.to_string());
        reasons.entry(reason).or_default().push(&open.customer);
    }
    for ((role, reason), customers) in &reasons {
        let more = if customers.len() > 3 { ", …" } else { "" };
        let some = customers[..customers.len().min(3)].join(", ");
        writeln!(
            out,
            "{:>5} as {role}: {reason} ({some}{more})",
            customers.len()
        )?;
    }
    if reasons.is_empty() {
        writeln!(out, "      nobody")?;
    }
    for problem in &plan.problems {
        writeln!(out, "      problem: {problem}")?;
    }
    Ok(())
}

/// A text filled up to so many columns; Chinese characters take two.
fn padded(text: &str, columns: usize) -> String {
    let wide = |char: char| if char < '\u{2e80}' { 1 } else { 2 };
    let taken: usize = text.chars().map(wide).sum();
    format!("{text}{}", " ".repeat(columns.saturating_sub(taken)))
}
