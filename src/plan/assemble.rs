//! From positions and millionths back to ids and numbers: the plan as people read it.

use std::hint::black_box;
use std::sync::Arc;

use crate::allocation::{Measure, Stop, to_micros};
use crate::language::{Hook, Side};
use crate::policy::answer::GREATEST_NUMBER;
use crate::steps::{self, STEP};

use super::allocate::{Outcome, used_by_kept};
use super::by_customer::{ByCustomer, Ids};
use super::capacity::Capacities;
use super::control::TEXT;
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
    let look = run.control.looks();
    let mut given = given(&run.scene, &held, &outcome, &look)?;
    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    score(&pairs, &mut given)?;
    let failures = pairs.take_failures();
    drop(pairs);
    run.all_failed(failures)?;
    let problems = run.listed_problems()?;
    let scene = &run.scene;
    let names = scene.compiled().tiers.names();
    let writes = run.control.looks_owing(3 * TEXT);
    // Millions of texts, most of the time that this takes.
    let (labels, (assignments, fingerprint)) = threads::both(
        || tiers_and_segments(scene, &names, &look),
        || {
            threads::both(
                || assignments(scene, &given, &writes),
                || super::fingerprint::of_watched(scene, &look),
            )
        },
    );
    let ((tiers, segments), assignments, fingerprint) = (labels?, assignments?, fingerprint?);
    let released = released(scene, &held, &outcome, &given, (&look, &writes))?;
    let unassigned = unassigned(scene, &held, &outcome, (&look, &writes))?;
    let loads = loads(scene, &capacities, &held, &outcome, &look)?;
    let totals = totals(scene, &names, &assignments, &released, &unassigned, &look)?;
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
fn given(
    scene: &Scene,
    held: &Held,
    outcome: &Outcome,
    look: &Look<'_>,
) -> Result<Vec<Given>, Stop> {
    let give = |need: Need, rep, score| Given {
        need,
        rep,
        before: owner(scene, &need),
        score,
    };
    let mut look = || look();
    let mut given: Vec<Given> = Vec::with_capacity(held.kept.len() + held.needs.needs.len());
    steps::each(&held.kept, &mut look, |&(need, rep)| {
        given.push(give(need, rep, None))
    })?;
    steps::each(held.open.iter().enumerate(), &mut look, |(open, &group)| {
        if let Some(rep) = outcome.rep_of[open] {
            let members = held.needs.members(&held.needs.groups[group as usize]);
            let members = members.iter();
            given.extend(members.map(|need| give(*need, rep, outcome.scores[open])));
        }
    })?;
    steps::sort_by_key(&mut given, &mut look, |given| {
        (given.need.customer, given.need.role)
    })?;
    Ok(given)
}

/// Asks for the scores that the strategies did not tell.
fn score(pairs: &Pairs<'_>, given: &mut [Given]) -> Result<(), Stop> {
    let mut list: Vec<known::Pair> = Vec::new();
    steps::each(given.iter(), &mut || pairs.look(), |given| {
        if given.score.is_none() {
            list.push((given.need, given.rep));
        }
    })?;
    let scores = known::scores(pairs, &list)?;
    let mut call = pairs.call();
    let asked = given.iter_mut().filter(|given| given.score.is_none());
    for (at, (given, score)) in asked.zip(scores).enumerate() {
        if at % STEP == STEP - 1 {
            pairs.look()?;
        }
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
    Ok(())
}

/// The tier and the segment of each customer.
fn tiers_and_segments(
    scene: &Scene,
    names: &[&str],
    look: &Look<'_>,
) -> Result<(ByCustomer, ByCustomer), Stop> {
    let ids = (0..scene.customers.len() as u32).map(|at| scene.customer_id(at));
    let ids = Arc::new(Ids::watched(ids, &mut || look())?);
    let tiers = names.iter().map(|name| (*name).to_owned()).collect();
    let tier_of = scene.tiers.iter().copied().map(u32::from).collect();
    let segments = scene
        .segment_names
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok((
        ByCustomer::new(Arc::clone(&ids), tiers, tier_of),
        ByCustomer::new(ids, segments, scene.segments.clone()),
    ))
}

/// Says whether to go on, on any thread.
type Look<'l> = dyn Fn() -> Result<(), Stop> + Sync + 'l;

/// Writes so many needs, from all over the book, as if each went to some rep of its role; how many
/// they were. What it makes is of no use.
pub(super) fn rehearse(pairs: &Pairs<'_>, needs: &[Need], count: usize) -> Result<usize, Stop> {
    let scene = pairs.scene();
    let some = needs.iter().step_by(needs.len().div_ceil(count).max(1));
    let some = some.enumerate().filter_map(|(at, need)| {
        let seats = pairs.seats(need.role);
        let rep = *seats.get(at.checked_rem(seats.len())?)?;
        Some(Given {
            need: *need,
            rep,
            before: owner(scene, need),
            score: None,
        })
    });
    let mut given: Vec<Given> = some.collect();
    score(pairs, &mut given)?;
    let names = scene.compiled().tiers.names();
    for own in &given {
        black_box(assignment(scene, own));
        black_box((
            scene.customer_id(own.need.customer).to_owned(),
            names.get(scene.tiers[own.need.customer as usize] as usize),
        ));
    }
    if scene.book().kept_digests(Side::Customer).is_none() {
        let rows = given.iter().map(|own| scene.row(own.need.customer));
        let rows: Vec<u32> = rows.collect();
        black_box(super::fingerprint::of_rows(
            scene.book(),
            Side::Customer,
            &rows,
        ));
    }
    Ok(given.len())
}

fn assignments(scene: &Scene, given: &[Given], look: &Look<'_>) -> Result<Vec<Assignment>, Stop> {
    let nobody = || Assignment {
        customer: String::new(),
        role: String::new(),
        rep: String::new(),
        score: 0.0,
        change: Change::New,
    };
    threads::of_each(given, PART, look, |given| assignment(scene, given), nobody)
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
fn released(
    scene: &Scene,
    held: &Held,
    outcome: &Outcome,
    given: &[Given],
    (look, writes): (&Look<'_>, &Look<'_>),
) -> Result<Vec<Released>, Stop> {
    let mut look = || look();
    let known = held
        .released
        .iter()
        .map(|ended| (ended.customer, ended.role));
    let mut known: Vec<(u32, u16)> = steps::all(known, &mut look)?;
    steps::sort_by_key(&mut known, &mut look, |known| *known)?;
    let is_new = |need: &Need| known.binary_search(&(need.customer, need.role)).is_err();
    let mut ended: Vec<(u32, u16, u32, Why<'_>)> = Vec::with_capacity(held.released.len());
    steps::each(&held.released, &mut look, |own| {
        ended.push((own.customer, own.role, own.rep, Why::Before(&own.why)));
    })?;
    steps::each(given, &mut look, |given| {
        if let Some(before) = given.before
            && before != given.rep
            && is_new(&given.need)
        {
            let need = given.need;
            ended.push((need.customer, need.role, before, Why::Moved(given.rep)));
        }
    })?;
    steps::each(
        held.open.iter().zip(&outcome.rep_of),
        &mut look,
        |(&group, rep)| {
            if rep.is_some() {
                return;
            }
            for need in held.needs.members(&held.needs.groups[group as usize]) {
                if let Some(before) = owner(scene, need)
                    && is_new(need)
                {
                    ended.push((need.customer, need.role, before, Why::LeftOpen));
                }
            }
        },
    )?;
    steps::sort_by_key(&mut ended, &mut look, |&(customer, role, _, _)| {
        (customer, role)
    })?;
    let told = ended
        .into_iter()
        .map(|(customer, role, rep, why)| Released {
            customer: scene.customer_id(customer).to_owned(),
            role: scene.role_id(role).to_owned(),
            rep: scene.rep_id(rep).to_owned(),
            reason: why.text(scene),
        });
    steps::all(told, &mut || writes())
}

/// Why an owner is one no more.
#[derive(Clone, Copy)]
enum Why<'e> {
    Before(&'e Ending),
    Moved(u32),
    LeftOpen,
}

impl Why<'_> {
    fn text(self, scene: &Scene) -> String {
        match self {
            Self::Before(Ending::Out(out)) => out.text(scene),
            Self::Before(Ending::NotNeeded) => "the role is no longer needed".to_owned(),
            Self::Moved(rep) => format!("moved to `{}`", scene.rep_id(rep)),
            Self::LeftOpen => "left open".to_owned(),
        }
    }
}

fn unassigned(
    scene: &Scene,
    held: &Held,
    outcome: &Outcome,
    (look, writes): (&Look<'_>, &Look<'_>),
) -> Result<Vec<Unassigned>, Stop> {
    let mut look = || look();
    let mut open: Vec<(u32, u16, Result<&Reason, Hook>)> = Vec::new();
    steps::each(&outcome.reasons, &mut look, |(&at, reason)| {
        let group = held.open[at as usize];
        let members = held.needs.members(&held.needs.groups[group as usize]);
        open.extend((members.iter()).map(|need| (need.customer, need.role, Ok(reason))));
    })?;
    steps::each(&held.needs.frozen, &mut look, |frozen| {
        if owner(scene, &frozen.need).is_none() {
            open.push((frozen.need.customer, frozen.need.role, Err(frozen.hook)));
        }
    })?;
    steps::sort_by_key(&mut open, &mut look, |&(customer, role, _)| {
        (customer, role)
    })?;
    let told = open.into_iter().map(|(customer, role, reason)| Unassigned {
        customer: scene.customer_id(customer).to_owned(),
        role: scene.role_id(role).to_owned(),
        reason: reason.map_or_else(
            |hook| Reason::HookFailed {
                hook: hook.name().to_owned(),
            },
            Reason::clone,
        ),
    });
    steps::all(told, &mut || writes())
}

fn loads(
    scene: &Scene,
    capacities: &Capacities,
    held: &Held,
    outcome: &Outcome,
    look: &Look<'_>,
) -> Result<Vec<Load>, Stop> {
    let mut look = || look();
    let mut used = used_by_kept(scene, held, &mut look)?;
    steps::each(
        held.open.iter().zip(&outcome.rep_of),
        &mut look,
        |(&group, rep)| {
            let demand = &held.needs.groups[group as usize].demand;
            if let Some(rep) = rep {
                used.add_demand(*rep, demand);
            }
        },
    )?;
    let loads = capacities.cells.iter().map(|cell| {
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
    });
    steps::all(loads, &mut look)
}

fn totals(
    scene: &Scene,
    names: &[&str],
    assignments: &[Assignment],
    released: &[Released],
    unassigned: &[Unassigned],
    look: &Look<'_>,
) -> Result<Totals, Stop> {
    let mut of_tier = vec![0_u64; names.len()];
    for &tier in &scene.tiers {
        of_tier[tier as usize] += 1;
    }
    let tiers = names.iter().map(|name| (*name).to_owned()).zip(of_tier);
    let (mut kept, mut new, mut moved) = (0, 0, 0);
    // In millionths, so that the sum does not depend on the order.
    let mut score = 0_i128;
    steps::each(assignments, &mut || look(), |given| {
        *match given.change {
            Change::Kept => &mut kept,
            Change::New => &mut new,
            Change::Moved => &mut moved,
        } += 1;
        score += i128::from(to_micros(given.score));
    })?;
    Ok(Totals {
        customers: scene.customers.len() as u64,
        reps: scene.reps.len() as u64,
        tiers: tiers.collect(),
        demands: (assignments.len() + unassigned.len()) as u64,
        kept,
        new,
        moved,
        released: released.len() as u64,
        unassigned: unassigned.len() as u64,
        score: score as f64 / 1e6,
    })
}
