//! What adds up: what reps carry, against what they can; loads; totals.

use std::collections::BTreeMap;

use crate::allocation::{Limit, Measure, to_micros};
use crate::plan::capacity::Used;
use crate::plan::{Change, Load, Plan};

use super::decisions::Decided;
use super::facts::{Facts, Needed};
use super::violation::{VerifyErrors, Violation};

/// What reps carry by the plan's assignments.
fn used(facts: &Facts, decided: &Decided, only_kept: bool) -> Used {
    let scene = facts.scene();
    let (roles, tiers) = (
        scene.book().schema().roles().len(),
        scene.compiled().tiers.names().len(),
    );
    let mut used = Used::new(scene.reps.len(), roles, tiers);
    for (needed, given) in facts.needed.iter().zip(&decided.given) {
        let Some((rep, _)) = *given else { continue };
        let stays = facts.stays(needed, rep);
        if stays || !only_kept {
            let need = &needed.need;
            used.add(
                rep,
                need.role,
                counted(facts, needed, stays),
                need.workload,
                1,
            );
        }
    }
    used
}

/// The tier under which it is counted: what is given as a family counts as its highest.
fn counted(facts: &Facts, needed: &Needed, stays: bool) -> u16 {
    let group = facts.group(needed).filter(|_| !stays);
    group.map_or(needed.need.tier, |group| group.demand.tier)
}

/// Nobody takes more than fits beside what it keeps. Gives what is left.
pub(super) fn capacities(facts: &Facts, decided: &Decided, wrong: &mut VerifyErrors) -> Vec<Limit> {
    let (kept, all) = (used(facts, decided, true), used(facts, decided, false));
    let names = facts.scene().compiled().tiers.names();
    for limit in facts.capacities.limits(&kept) {
        let of = |used: &Used| used.of(limit.rep, limit.role, limit.tier, limit.measure);
        let taken = of(&all) - of(&kept);
        if taken > limit.at_most {
            let (unit, micros) = match limit.measure {
                Measure::Workload => ("workload", 1e6),
                Measure::Customers => ("customers", 1.0),
            };
            wrong.add(Violation::Capacity {
                rep: facts.scene().rep_id(limit.rep).to_owned(),
                role: limit
                    .role
                    .map(|role| facts.scene().role_id(role).to_owned()),
                tier: limit.tier.map(|tier| names[tier as usize].to_owned()),
                unit,
                taken: taken as f64 / micros,
                room: limit.at_most as f64 / micros,
            });
        }
    }
    facts.capacities.left(facts.scene(), &all)
}

/// Every load is the sum of what the rep owns, beside its capacity.
pub(super) fn loads(plan: &Plan, facts: &Facts, decided: &Decided, wrong: &mut VerifyErrors) {
    let scene = facts.scene();
    let used = used(facts, decided, false);
    let expected: Vec<Load> = (facts.capacities.cells.iter())
        .map(|cell| {
            let of = |tier, measure| used.of(cell.rep, cell.role, tier, measure);
            let workload = of(None, Measure::Workload) as f64 / 1e6;
            let customers = |tier| of(tier, Measure::Customers).unsigned_abs();
            let answer = &cell.answer;
            Load {
                rep: scene.rep_id(cell.rep).to_owned(),
                role: cell.role.map(|role| scene.role_id(role).to_owned()),
                workload,
                customers: customers(None),
                capacity: answer.workload,
                capacity_customers: answer.customers,
                overfull: answer.workload.is_some_and(|most| workload > most)
                    || answer.customers.is_some_and(|most| customers(None) > most)
                    || (answer.tiers.iter()).any(|(tier, most)| customers(Some(*tier)) > *most),
            }
        })
        .collect();
    let mut load = |it: &Load| {
        wrong.add(Violation::Load {
            rep: it.rep.clone(),
            role: it.role.clone(),
        });
    };
    for (found, expected) in plan.loads.iter().zip(&expected) {
        if found != expected {
            load(expected);
        }
    }
    let both = plan.loads.len().min(expected.len());
    expected[both..].iter().for_each(&mut load);
    plan.loads[both..].iter().for_each(&mut load);
}

/// Every total is the sum of its parts.
pub(super) fn totals(plan: &Plan, facts: &Facts, wrong: &mut VerifyErrors) {
    let count = |change| {
        let given = plan.assignments.iter();
        given.filter(|given| given.change == change).count()
    };
    let score: i128 = (plan.assignments.iter())
        .map(|given| i128::from(to_micros(given.score)))
        .sum();
    let totals = &plan.totals;
    let counts = [
        ("customers", totals.customers, facts.scene().customers.len()),
        ("reps", totals.reps, facts.scene().reps.len()),
        (
            "demands",
            totals.demands,
            plan.assignments.len() + plan.unassigned.len(),
        ),
        ("kept", totals.kept, count(Change::Kept)),
        ("new", totals.new, count(Change::New)),
        ("moved", totals.moved, count(Change::Moved)),
        ("released", totals.released, plan.released.len()),
        ("unassigned", totals.unassigned, plan.unassigned.len()),
    ];
    let mut differ = |name: String, found: f64, expected: f64| {
        if found != expected {
            wrong.add(Violation::Total {
                name,
                found,
                expected,
            });
        }
    };
    for (name, found, expected) in counts {
        differ(name.to_owned(), found as f64, expected as f64);
    }
    differ("score".to_owned(), totals.score, score as f64 / 1e6);
    let names = facts.scene().compiled().tiers.names();
    let mut tiers: BTreeMap<&str, (u64, u64)> = names.iter().map(|name| (*name, (0, 0))).collect();
    for tier in plan.tiers.values() {
        tiers.entry(tier).or_default().1 += 1;
    }
    for (tier, count) in &totals.tiers {
        tiers.entry(tier).or_default().0 = *count;
    }
    for (tier, (found, expected)) in tiers {
        differ(format!("tiers.{tier}"), found as f64, expected as f64);
    }
}
