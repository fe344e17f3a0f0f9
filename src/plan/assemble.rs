//! From positions and millionths back to ids and numbers: the plan as people read it.

use std::sync::{Arc, OnceLock};

use crate::allocation::{Measure, Stop, to_micros};
use crate::language::Hook;
use crate::policy::answer::GREATEST_NUMBER;

use super::allocate::{Outcome, used_by_kept};
use super::by_customer::{ByCustomer, Ids};
use super::capacity::Capacities;
use super::demands::Need;
use super::error::PlanError;
use super::origin::{MadeFrom, Origin};
use super::outcome::{
    Assignment, Change, Load, Plan, Reason, Released, Rotation, Totals, Unassigned,
};
use super::owners::{Ending, Held, owner};
use super::pairs::Pairs;
use super::run::{Run, Scene};
use super::{known, proof, threads};

/// So many assignments are written at once.
const PART: usize = 1 << 14;

/// Who gets a need, and how that compares with today.
#[derive(Debug, Clone, Copy)]
struct Given {
    need: Need,
    rep: u32,
    before: Option<u32>,
    /// Nothing before it is asked for.
    score: Option<f64>,
}

/// Puts the plan together.
pub(super) fn plan(
    mut run: Run<'_>,
    capacities: Capacities,
    held: Held,
    outcome: Outcome,
) -> Result<Plan, PlanError> {
    run.control.look()?;
    let mut given = given(&run.scene, &held, &outcome);
    run.control.look()?;
    score(&mut run, &mut given)?;
    run.control.look()?;
    let scene = &run.scene;
    let names = scene.compiled().tiers.names();
    let meter = run.control.meter();
    let look = || meter.stop().map_or(Ok(()), |stop| Err(Stop::from(stop)));
    // Millions of texts, most of the time that this takes.
    let ((tiers, segments), (assignments, fingerprint)) = threads::both(
        || tiers_and_segments(scene, &names),
        || {
            threads::both(
                || assignments(scene, &given, &look),
                || super::fingerprint::of_watched(scene, &look),
            )
        },
    );
    let (assignments, fingerprint) = (assignments?, fingerprint?);
    let released = released(scene, &held, &outcome, &given);
    let unassigned = unassigned(scene, &held, &outcome);
    let loads = loads(scene, &capacities, &held, &outcome);
    let totals = totals(scene, &names, &assignments, &released, &unassigned);
    let rotation = (outcome.rotation.iter())
        .map(|(&(rep, role), &(credit, turn))| Rotation {
            rep: scene.rep_id(rep).to_owned(),
            role: scene.role_id(role).to_owned(),
            credit,
            turn,
        })
        .collect();
    let certificates = (outcome.rounds.iter())
        .filter_map(|round| proof::certificate(scene, round, &outcome.given(round)))
        .collect();
    let problems = run.listed_problems();
    Ok(Plan {
        tiers,
        segments,
        assignments,
        released,
        unassigned,
        problems,
        loads,
        totals,
        certificates,
        fingerprint,
        rotation,
        now: run.scene.options.now,
        made_from: MadeFrom(Some(Arc::new(Origin::new(run.scene, held, outcome)))),
    })
}

/// All needs with an owner, in order of customer and role.
fn given(scene: &Scene, held: &Held, outcome: &Outcome) -> Vec<Given> {
    let give = |need: Need, rep, score| Given {
        need,
        rep,
        before: owner(scene, &need),
        score,
    };
    let mut given: Vec<Given> = held
        .kept
        .iter()
        .map(|&(need, rep)| give(need, rep, None))
        .collect();
    for (open, &group) in held.open.iter().enumerate() {
        let Some(rep) = outcome.rep_of[open] else {
            continue;
        };
        let members = held.needs.members(&held.needs.groups[group as usize]);
        given.extend(
            members
                .iter()
                .map(|need| give(*need, rep, outcome.scores[open])),
        );
    }
    // Those kept, then those given, each nearly in order: this sort sees it.
    given.sort_by_key(|given| (given.need.customer, given.need.role));
    given
}

/// Asks for the scores that the strategies did not tell.
fn score(run: &mut Run<'_>, given: &mut [Given]) -> Result<(), Stop> {
    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    let asked: Vec<&mut Given> = given
        .iter_mut()
        .filter(|given| given.score.is_none())
        .collect();
    let list: Vec<known::Pair> = asked.iter().map(|given| (given.need, given.rep)).collect();
    let scores = known::scores(&pairs, &list);
    let mut call = pairs.call();
    for (given, score) in asked.into_iter().zip(scores) {
        if score.abs() <= GREATEST_NUMBER {
            given.score = Some(score);
            continue;
        }
        match pairs.score(&given.need, given.rep, &mut call)? {
            Ok(score) => given.score = Some(score),
            Err(error) => {
                pairs.note(Hook::Score, &given.need, given.rep, error);
            }
        }
    }
    let failures = pairs.take_failures();
    drop(call);
    drop(pairs);
    run.problems.extend(failures);
    Ok(())
}

/// The tier and the segment of each customer.
fn tiers_and_segments(scene: &Scene, names: &[&str]) -> (ByCustomer, ByCustomer) {
    let ids = (0..scene.customers.len() as u32).map(|at| scene.customer_id(at));
    let ids = Arc::new(Ids::from_iter(ids));
    let tiers = names.iter().map(|name| (*name).to_owned()).collect();
    let tier_of = scene.tiers.iter().copied().map(u32::from).collect();
    let segments = scene
        .segment_names
        .iter()
        .map(ToString::to_string)
        .collect();
    (
        ByCustomer::new(Arc::clone(&ids), tiers, tier_of),
        ByCustomer::new(ids, segments, scene.segments.clone()),
    )
}

/// Says whether to go on, on any thread.
type Look<'l> = dyn Fn() -> Result<(), Stop> + Sync + 'l;

/// Two texts for each of so many customers, all over the book: a part of writing a plan.
pub(super) fn sample(scene: &Scene, customers: usize) -> Vec<[String; 2]> {
    let names = scene.compiled().tiers.names();
    let step = (scene.customers.len() / customers.max(1)).max(1);
    let some = (0..scene.customers.len()).step_by(step).take(customers);
    some.map(|at| {
        let tier = names[scene.tiers[at] as usize];
        [scene.customer_id(at as u32).to_owned(), tier.to_owned()]
    })
    .collect()
}

fn assignments(scene: &Scene, given: &[Given], look: &Look<'_>) -> Result<Vec<Assignment>, Stop> {
    let stopped: OnceLock<Stop> = OnceLock::new();
    let all = threads::of_each(given, PART, |at, given| {
        if at % 1024 == 0
            && let Err(stop) = look()
        {
            stopped.get_or_init(|| stop);
        }
        match stopped.get() {
            None => assignment(scene, given),
            // Which nobody sees.
            Some(_) => Assignment {
                customer: String::new(),
                role: String::new(),
                rep: String::new(),
                score: 0.0,
                change: Change::New,
            },
        }
    });
    stopped.get().map_or(Ok(all), |stop| Err(*stop))
}

fn assignment(scene: &Scene, given: &Given) -> Assignment {
    Assignment {
        customer: scene.customer_id(given.need.customer).to_owned(),
        role: scene.role_id(given.need.role).to_owned(),
        rep: scene.rep_id(given.rep).to_owned(),
        // What strategies compare, and short enough to survive every reader of JSON.
        score: to_micros(given.score.unwrap_or(0.0)) as f64 / 1e6,
        change: match given.before {
            None => Change::New,
            Some(before) if before == given.rep => Change::Kept,
            Some(_) => Change::Moved,
        },
    }
}

/// Ownership that ended before allocation, and what allocation moved or left open.
fn released(scene: &Scene, held: &Held, outcome: &Outcome, given: &[Given]) -> Vec<Released> {
    let mut ended: Vec<(u32, u16, u32, String)> = (held.released.iter())
        .map(|ended| {
            let why = match &ended.why {
                Ending::Out(out) => out.text(scene),
                Ending::NotNeeded => "the role is no longer needed".to_owned(),
            };
            (ended.customer, ended.role, ended.rep, why)
        })
        .collect();
    ended.sort_by_key(|&(customer, role, _, _)| (customer, role));
    let known: Vec<(u32, u16)> = ended.iter().map(|ended| (ended.0, ended.1)).collect();
    let is_new = |need: &Need| known.binary_search(&(need.customer, need.role)).is_err();
    for given in given {
        if let Some(before) = given.before
            && before != given.rep
            && is_new(&given.need)
        {
            let why = format!("moved to `{}`", scene.rep_id(given.rep));
            ended.push((given.need.customer, given.need.role, before, why));
        }
    }
    for (&group, rep) in held.open.iter().zip(&outcome.rep_of) {
        if rep.is_some() {
            continue;
        }
        for need in held.needs.members(&held.needs.groups[group as usize]) {
            if let Some(before) = owner(scene, need)
                && is_new(need)
            {
                ended.push((need.customer, need.role, before, "left open".to_owned()));
            }
        }
    }
    ended.sort_by_key(|&(customer, role, _, _)| (customer, role));
    (ended.into_iter())
        .map(|(customer, role, rep, reason)| Released {
            customer: scene.customer_id(customer).to_owned(),
            role: scene.role_id(role).to_owned(),
            rep: scene.rep_id(rep).to_owned(),
            reason,
        })
        .collect()
}

fn unassigned(scene: &Scene, held: &Held, outcome: &Outcome) -> Vec<Unassigned> {
    let mut open: Vec<(u32, u16, Reason)> = Vec::new();
    for (&at, reason) in &outcome.reasons {
        let group = held.open[at as usize];
        let members = held.needs.members(&held.needs.groups[group as usize]);
        open.extend(
            members
                .iter()
                .map(|need| (need.customer, need.role, reason.clone())),
        );
    }
    for frozen in &held.needs.frozen {
        if owner(scene, &frozen.need).is_none() {
            let reason = Reason::HookFailed {
                hook: frozen.hook.name().to_owned(),
            };
            open.push((frozen.need.customer, frozen.need.role, reason));
        }
    }
    open.sort_by_key(|&(customer, role, _)| (customer, role));
    (open.into_iter())
        .map(|(customer, role, reason)| Unassigned {
            customer: scene.customer_id(customer).to_owned(),
            role: scene.role_id(role).to_owned(),
            reason,
        })
        .collect()
}

fn loads(scene: &Scene, capacities: &Capacities, held: &Held, outcome: &Outcome) -> Vec<Load> {
    let mut used = used_by_kept(scene, held);
    for (&group, rep) in held.open.iter().zip(&outcome.rep_of) {
        let demand = &held.needs.groups[group as usize].demand;
        if let Some(rep) = rep {
            used.add(
                *rep,
                demand.role,
                demand.tier,
                demand.workload,
                demand.customers,
            );
        }
    }
    (capacities.cells.iter())
        .map(|cell| {
            let of = |tier, measure| used.of(cell.rep, cell.role, tier, measure);
            let workload = of(None, Measure::Workload) as f64 / 1e6;
            let customers = of(None, Measure::Customers).unsigned_abs();
            let answer = &cell.answer;
            let over = |most: u64, tier| of(tier, Measure::Customers).unsigned_abs() > most;
            Load {
                rep: scene.rep_id(cell.rep).to_owned(),
                role: cell.role.map(|role| scene.role_id(role).to_owned()),
                workload,
                customers,
                capacity: answer.workload,
                capacity_customers: answer.customers,
                overfull: answer.workload.is_some_and(|capacity| workload > capacity)
                    || answer.customers.is_some_and(|most| over(most, None))
                    || answer
                        .tiers
                        .iter()
                        .any(|(&tier, &most)| over(most, Some(tier))),
            }
        })
        .collect()
}

fn totals(
    scene: &Scene,
    names: &[&str],
    assignments: &[Assignment],
    released: &[Released],
    unassigned: &[Unassigned],
) -> Totals {
    let mut of_tier = vec![0_u64; names.len()];
    for &tier in &scene.tiers {
        of_tier[tier as usize] += 1;
    }
    let tiers = names.iter().map(|name| (*name).to_owned()).zip(of_tier);
    let count = |change| {
        assignments
            .iter()
            .filter(|assignment| assignment.change == change)
            .count() as u64
    };
    // In millionths, so that the sum does not depend on the order.
    let score: i128 = assignments
        .iter()
        .map(|given| i128::from(to_micros(given.score)))
        .sum();
    Totals {
        customers: scene.customers.len() as u64,
        reps: scene.reps.len() as u64,
        tiers: tiers.collect(),
        demands: (assignments.len() + unassigned.len()) as u64,
        kept: count(Change::Kept),
        new: count(Change::New),
        moved: count(Change::Moved),
        released: released.len() as u64,
        unassigned: unassigned.len() as u64,
        score: score as f64 / 1e6,
    }
}
