//! What the plan decides: each customer's tier and segment, each demand once, each owner that
//! ends told.

use std::collections::{BTreeMap, BTreeSet};

use crate::language::Hook;
use crate::model::RoleIx;
use crate::plan::{Assignment, ByCustomer, Change, HookProblem, Plan, Reason};

use super::facts::Facts;
use super::violation::{VerifyErrors, Violation};

/// What the plan decides about each demand, in the order of [`Facts::needed`].
pub(super) struct Decided {
    /// The rep, and the index in [`Plan::assignments`].
    pub(super) given: Vec<Option<(u32, usize)>>,
    /// The index in [`Plan::unassigned`].
    pub(super) open: Vec<Option<usize>>,
}

/// The fingerprint; tiers, segments and what failed for a customer or a rep.
pub(super) fn customers(plan: &Plan, facts: &Facts, wrong: &mut VerifyErrors) {
    let scene = facts.scene();
    let expected = crate::plan::fingerprint::of(scene);
    if plan.fingerprint != expected || plan.now != scene.options.now {
        let found = plan.fingerprint.clone();
        wrong.add(Violation::Fingerprint { found, expected });
    }
    let names = scene.compiled().tiers.names();
    let tier = |at: u32| names[scene.tiers[at as usize] as usize];
    for (customer, found, expected) in apart(facts, &plan.tiers, tier) {
        wrong.add(Violation::Tier {
            customer,
            found,
            expected,
        });
    }
    let segment = |at: u32| &*scene.segment_names[scene.segments[at as usize] as usize];
    for (customer, found, expected) in apart(facts, &plan.segments, segment) {
        wrong.add(Violation::Segment {
            customer,
            found,
            expected,
        });
    }
    let of_pairs = [Hook::Eligible.name(), Hook::Score.name()];
    let told: BTreeSet<&HookProblem> = (plan.problems.iter())
        .filter(|problem| !of_pairs.contains(&&*problem.hook))
        .collect();
    let known: BTreeSet<&HookProblem> = facts.problems.iter().collect();
    for problem in told.symmetric_difference(&known) {
        wrong.add(Violation::Problem {
            hook: problem.hook.clone(),
            customer: problem.customer.clone(),
        });
    }
}

type Apart = (String, Option<String>, Option<String>);

/// Customers for which a list says something else than is expected.
fn apart<'f>(facts: &Facts, list: &ByCustomer, expected: impl Fn(u32) -> &'f str) -> Vec<Apart> {
    let customers = 0..facts.scene().customers.len() as u32;
    let mut apart: Vec<Apart> = customers
        .filter_map(|at| {
            let (id, expected) = (facts.scene().customer_id(at), expected(at));
            let found = list.get(id);
            (found.map(|it| &**it) != Some(expected))
                .then(|| (id.to_owned(), found.cloned(), Some(expected.to_owned())))
        })
        .collect();
    let strangers = list.iter().filter(|(id, _)| facts.customer(id).is_none());
    apart.extend(strangers.map(|(id, found)| (id.to_owned(), Some(found.clone()), None)));
    apart
}

/// Every demand is assigned or open, once; nothing else is.
pub(super) fn demands(plan: &Plan, facts: &Facts, wrong: &mut VerifyErrors) -> Decided {
    let mut decided = Decided {
        given: vec![None; facts.needed.len()],
        open: vec![None; facts.needed.len()],
    };
    let mut times = vec![0_usize; facts.needed.len()];
    let mut place = |list, customer: &str, role: &str, wrong: &mut VerifyErrors| {
        let (customer, role) = known(facts, list, customer, role, wrong)?;
        let found = facts.find(customer, role);
        if found.is_none() {
            let at = facts.at(customer, role);
            wrong.add(Violation::NotNeeded { at });
        }
        found.inspect(|&at| times[at] += 1)
    };
    for (index, given) in plan.assignments.iter().enumerate() {
        let rep = facts.rep(&given.rep);
        if rep.is_none() {
            unknown("assignments", "rep", &given.rep, wrong);
        }
        let at = place("assignments", &given.customer, &given.role, wrong);
        if let (Some(at), Some(rep)) = (at, rep) {
            decided.given[at] = Some((rep, index));
        }
    }
    for (index, open) in plan.unassigned.iter().enumerate() {
        if let Some(at) = place("unassigned", &open.customer, &open.role, wrong) {
            decided.open[at] = Some(index);
        }
    }
    let key = |it: &Assignment| (facts.customer(&it.customer), facts.role(&it.role));
    in_order("assignments", plan.assignments.iter().map(key), wrong);
    let open = plan.unassigned.iter();
    let open = open.map(|it| (facts.customer(&it.customer), facts.role(&it.role)));
    in_order("unassigned", open, wrong);
    for (index, needed) in facts.needed.iter().enumerate() {
        let at = || facts.at(needed.need.customer, needed.need.role);
        match times[index] {
            1 => {}
            0 => wrong.add(Violation::Undecided { at: at() }),
            times => wrong.add(Violation::Repeated { at: at(), times }),
        }
        let given = decided.given[index].map(|(rep, _)| rep);
        if let Some(hook) = needed.frozen {
            let said = decided.open[index].map(|open| &plan.unassigned[open].reason);
            let failed = |reason: &Reason| matches!(reason, Reason::HookFailed { hook: it } if *it == hook.name());
            if times[index] == 1
                && (given != needed.owner || said.is_some_and(|reason| !failed(reason)))
            {
                wrong.add(Violation::Frozen {
                    at: at(),
                    hook: hook.name().to_owned(),
                });
            }
        }
        if let Some((rep, assignment)) = decided.given[index] {
            let (expected, name) = match needed.owner {
                None => (Change::New, "new"),
                Some(owner) if owner == rep => (Change::Kept, "kept"),
                Some(_) => (Change::Moved, "moved"),
            };
            if plan.assignments[assignment].change != expected {
                wrong.add(Violation::Change {
                    at: at(),
                    expected: name,
                });
            }
        }
    }
    decided
}

/// What a customer's owner of today loses is told, once; nothing else is.
pub(super) fn released(plan: &Plan, facts: &Facts, decided: &Decided, wrong: &mut VerifyErrors) {
    let scene = facts.scene();
    let mut told: BTreeMap<(u32, u16), (u32, usize)> = BTreeMap::new();
    for released in &plan.released {
        let at = known(facts, "released", &released.customer, &released.role, wrong);
        let rep = facts.rep(&released.rep);
        match (at, rep) {
            (Some(at), Some(rep)) => told.entry(at).or_insert((rep, 0)).1 += 1,
            (_, None) => unknown("released", "rep", &released.rep, wrong),
            _ => {}
        }
    }
    let key = |it: &crate::plan::Released| (facts.customer(&it.customer), facts.role(&it.role));
    in_order("released", plan.released.iter().map(key), wrong);
    for customer in 0..scene.customers.len() as u32 {
        for role in 0..scene.book().schema().roles().len() as u16 {
            let owner = scene.book().owner(scene.row(customer), RoleIx(role));
            let owner = owner.map(|owner| scene.rep_at[owner.rep as usize]);
            let found = facts.find(customer, role);
            let given = found.and_then(|at| decided.given[at]).map(|(rep, _)| rep);
            let ends = owner.filter(|owner| Some(*owner) != given);
            let told = told.get(&(customer, role)).copied();
            let at = || facts.at(customer, role);
            match (ends, told) {
                (None, None) => {}
                (Some(rep), Some((other, 1))) if rep == other => {}
                (Some(rep), None) => wrong.add(Violation::NotReleased {
                    at: at(),
                    rep: scene.rep_id(rep).to_owned(),
                }),
                (_, Some((rep, _))) => wrong.add(Violation::NotEnded {
                    at: at(),
                    rep: scene.rep_id(rep).to_owned(),
                }),
            }
        }
    }
}

fn known(
    facts: &Facts,
    list: &'static str,
    customer: &str,
    role: &str,
    wrong: &mut VerifyErrors,
) -> Option<(u32, u16)> {
    let (at, number) = (facts.customer(customer), facts.role(role));
    if at.is_none() {
        unknown(list, "customer", customer, wrong);
    }
    if number.is_none() {
        unknown(list, "role", role, wrong);
    }
    at.zip(number)
}

fn unknown(list: &'static str, kind: &'static str, id: &str, wrong: &mut VerifyErrors) {
    let id = id.to_owned();
    wrong.add(Violation::Unknown { list, kind, id });
}

/// Repetitions are told elsewhere; what the book does not have, too.
fn in_order(
    list: &'static str,
    keys: impl Iterator<Item = (Option<u32>, Option<u16>)>,
    wrong: &mut VerifyErrors,
) {
    let known: Vec<(u32, u16)> = keys.filter_map(|(at, role)| at.zip(role)).collect();
    if !known.is_sorted() {
        wrong.add(Violation::Order { list });
    }
}
