//! The open demands, given to a strategy; and for what stays open, why.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::allocation::{Allocation, Holder, Problem, Proof, Room, Stop, Strategy, Watch};
use crate::language::Time;
use crate::model::RoleIx;
use crate::steps;

use super::blocks::OpenPairs;
use super::capacity::{Capacities, Used};
use super::control::{ROW, TEXT};
use super::couplings::{Couplings, Settled, rounds};
use super::ending::Ending;
use super::error::PlanError;
use super::options::Stage;
use super::outcome::Reason;
use super::owners::{Held, owner};
use super::pairs::Pairs;
use super::reasons::Left;
use super::run::{Run, Scene};

/// What came of the open demands.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The rep of each demand of [`Held::open`].
    pub(crate) rep_of: Vec<Option<u32>>,
    /// Its score for a demand of one customer, where the strategy tells it.
    pub(crate) scores: Vec<Option<f64>>,
    /// Why not, by index in [`Held::open`], for those without.
    pub(crate) reasons: BTreeMap<u32, Reason>,
    /// The rounds, one per strategy that ran.
    pub(crate) rounds: Vec<Round>,
    /// What the next plan must know to go on fairly, by rep and role: what weighted round robin
    /// owes it, and its last turn here, from 1.
    pub(crate) rotation: BTreeMap<(u32, u16), (f64, u64)>,
}

/// One run of a strategy over some roles.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) strategy: Arc<dyn Strategy>,
    pub(crate) problem: Problem,
    /// Index in [`Held::open`] of each demand of the problem.
    pub(crate) open: Vec<u32>,
    /// The demands of the problem in the order of their turns.
    pub(crate) turns: Vec<u32>,
    /// How good the answer is, where the strategy proves it.
    pub(crate) proof: Option<Box<Proof>>,
}

impl Outcome {
    /// The rep of each demand of the round.
    pub(crate) fn given(&self, round: &Round) -> Vec<Option<u32>> {
        let open = round.open.iter();
        open.map(|&open| self.rep_of[open as usize]).collect()
    }
}

/// Runs one strategy after another, in the order of roles; all roles at once where they are
/// allocated alike. What one round decides counts in the next: room, and owners in coupled roles.
pub(crate) fn allocate(
    run: &mut Run<'_>,
    capacities: &Capacities,
    held: &mut Held,
) -> Result<Outcome, PlanError> {
    run.control
        .enter(Stage::Allocation, held.open.len() * run.scene.reps.len())?;
    let looks = run.control.looks();
    let mut look = || looks();
    let mut used = used_by_kept(&run.scene, held, &mut look)?;
    let mut outcome = Outcome {
        rep_of: vec![None; held.open.len()],
        scores: vec![None; held.open.len()],
        reasons: BTreeMap::new(),
        rounds: Vec::new(),
        rotation: BTreeMap::new(),
    };
    let couplings = Couplings::of(&run.scene)?;
    let rounds = rounds(&run.scene, &couplings)?;
    let mut settled = Settled::of_kept(&run.scene, couplings, held, &mut look)?;
    let mut ending = Ending::after(rounds.len());
    for (number, (roles, settings)) in (1..).zip(&rounds) {
        let mut open: Vec<u32> = Vec::with_capacity(held.open.len());
        steps::each(0..held.open.len() as u32, &mut look, |at| {
            if roles.contains(&group(held, at).demand.role) {
                open.push(at);
            }
        })?;
        tie(&run.scene, held, &open, number, &mut settled, &mut look)?;
        let problem = problem(&run.scene, capacities, held, &used, &open, &mut look)?;
        run.control.owe(open.len(), 3 * ROW);
        let strategy = run
            .scene
            .compiled()
            .strategy(settings)
            .map_err(PlanError::Settings)?;
        run.control.look()?;
        let answer = solve(run, held, &*strategy, (&problem, &open), &mut ending)?;
        steps::each(
            open.iter().zip(&answer.rep_of),
            &mut look,
            |(&open, rep)| {
                outcome.rep_of[open as usize] = *rep;
                if let Some(rep) = rep {
                    let demand = &group(held, open).demand;
                    settled.add(&run.scene, (demand.group, demand.role), number, *rep);
                    used.add_demand(*rep, demand);
                }
            },
        )?;
        steps::each(
            open.iter().zip(&answer.scores),
            &mut look,
            |(&open, score)| {
                let alone = group(held, open).count == 1;
                outcome.scores[open as usize] =
                    Some(*score).filter(|score| alone && !score.is_nan());
            },
        )?;
        remember(&mut outcome.rotation, &problem, &answer, &mut look)?;
        if stopped(&answer) == Some(Stop::Operations) {
            // What the solver had by then is the plan; what is left to do is to say so.
            run.control.lift_operations();
        }
        outcome.rounds.push(Round {
            strategy,
            problem,
            open,
            turns: answer.turns,
            proof: answer.proof,
        });
    }
    let left = Problem {
        reps: run.scene.reps.len(),
        limits: capacities.left(&run.scene, &used),
        ..Problem::default()
    };
    let left = Left {
        room: Room::new(&left),
    };
    reasons(run, held, &mut outcome, &left, &mut settled)?;
    Ok(outcome)
}

/// Leaves to the open demands of a round what owners in coupled roles leave to them so far.
fn tie(
    scene: &Scene,
    held: &mut Held,
    open: &[u32],
    round: u32,
    settled: &mut Settled,
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<(), Stop> {
    if settled.is_idle() {
        return Ok(());
    }
    steps::each(open, look, |&open| {
        let group = &mut held.needs.groups[held.open[open as usize] as usize];
        let at = (group.demand.group, group.demand.role);
        group.ties = settled.ties(scene, at, round - 1);
    })
}

/// Credits that changed, and who had the last turns.
fn remember(
    rotation: &mut BTreeMap<(u32, u16), (f64, u64)>,
    problem: &Problem,
    answer: &Allocation,
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<(), Stop> {
    let credit = |cell: usize| problem.credits.get(cell).copied().unwrap_or(0.0);
    for (cell, &after) in answer.credits.iter().enumerate() {
        if after != credit(cell) {
            let at = ((cell % problem.reps) as u32, (cell / problem.reps) as u16);
            rotation.insert(at, (after, 0));
        }
    }
    let mut last: Vec<u64> = vec![0; problem.last_assigned.len()];
    steps::each((1..).zip(&answer.turns), look, |(turn, &demand)| {
        let role = problem.demands[demand as usize].role;
        if let Some(rep) = answer.rep_of[demand as usize] {
            last[role as usize * problem.reps + rep as usize] = turn;
        }
    })?;
    for (cell, turn) in last.into_iter().enumerate().filter(|(_, turn)| *turn > 0) {
        let at = ((cell % problem.reps) as u32, (cell / problem.reps) as u16);
        rotation.entry(at).or_insert((credit(cell), 0)).1 = turn;
    }
    Ok(())
}

fn group(held: &Held, open: u32) -> &super::demands::Group {
    &held.needs.groups[held.open[open as usize] as usize]
}

fn solve(
    run: &mut Run<'_>,
    held: &Held,
    strategy: &dyn Strategy,
    (problem, open): (&Problem, &[u32]),
    ending: &mut Ending,
) -> Result<Allocation, PlanError> {
    let groups = open.iter().map(|&open| held.open[open as usize]);
    let groups: Vec<u32> = steps::all(groups, &mut || run.control.look())?;
    let of_all = (&run.scene, &held.needs);
    let whole = ending.hurry(&mut run.control, strategy, of_all, (problem, &groups))?;
    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    let source = OpenPairs::new(&pairs, &held.needs, &groups);
    let answer = super::strategy::ask(strategy, problem, &source, &mut run.control);
    run.control.resume(whole);
    let answer = answer?;
    if !(strategy.answers_when_stopped() && stopped(&answer).is_some()) {
        source.all_were_seen()?;
    }
    let failures = pairs.take_failures();
    drop(pairs);
    run.all_failed(failures)?;
    Ok(answer)
}

fn stopped(answer: &Allocation) -> Option<Stop> {
    answer.proof.as_ref().and_then(|proof| proof.stop)
}

pub(crate) fn used_by_kept(
    scene: &Scene,
    held: &Held,
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<Used, Stop> {
    let (roles, tiers) = (
        scene.book().schema().roles().len(),
        scene.compiled().tiers.names().len(),
    );
    let mut used = Used::new(scene.reps.len(), roles, tiers);
    steps::each(&held.kept, look, |(need, rep)| {
        used.add(*rep, need.role, need.tier, need.workload, 1);
    })?;
    Ok(used)
}

fn problem(
    scene: &Scene,
    capacities: &Capacities,
    held: &Held,
    used: &Used,
    open: &[u32],
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<Problem, Stop> {
    let reps = scene.reps.len();
    let roles = scene.book().schema().roles().len();
    let (capacity, share_measure) = capacities.shares(reps);
    let carried = (0..reps as u32)
        .map(|rep| used.of(rep, None, None, share_measure[rep as usize]))
        .collect();
    let last: Vec<Option<(Time, u64)>> = (0..roles as u16)
        .flat_map(|role| scene.reps.iter().map(move |&row| (role, row)))
        .map(|(role, row)| scene.book().last_assigned(row, RoleIx(role)))
        .collect();
    let weight = |&row: &u32| scene.view.rep(row, None).float("weight").unwrap_or(1.0);
    let demands = open.iter().map(|&open| group(held, open).demand);
    Ok(Problem {
        reps,
        demands: steps::all(demands, look)?,
        limits: capacities.limits(used),
        last_assigned: ranks(&last),
        weights: scene.reps.iter().map(weight).collect(),
        credits: (0..roles as u16)
            .flat_map(|role| scene.reps.iter().map(move |&row| (role, row)))
            .map(|(role, row)| scene.book().credit(row, RoleIx(role)))
            .collect(),
        carried,
        capacity,
        share_measure,
        holders: holders(scene, held, open, look)?,
    })
}

/// Who has the members of families that are open to be moved.
fn holders(
    scene: &Scene,
    held: &Held,
    open: &[u32],
    look: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<Vec<Holder>, Stop> {
    let mut holders = Vec::new();
    steps::each((0..).zip(open), look, |(demand, &at)| {
        let group = group(held, at);
        if group.demand.present.is_none() || group.count < 2 {
            return;
        }
        let mut count: BTreeMap<u32, u32> = BTreeMap::new();
        for rep in (held.needs.members(group).iter()).filter_map(|need| owner(scene, need)) {
            *count.entry(rep).or_default() += 1;
        }
        let own = count.into_iter().map(|(rep, customers)| Holder {
            demand,
            rep,
            customers,
        });
        holders.extend(own);
    })?;
    Ok(holders)
}

/// Moments as ranks: the later, the higher; `i64::MIN` for never.
fn ranks(moments: &[Option<(Time, u64)>]) -> Vec<i64> {
    let mut known: Vec<(Time, u64)> = moments.iter().copied().flatten().collect();
    known.sort_unstable();
    known.dedup();
    (moments.iter())
        .map(|moment| match moment {
            Some(moment) => known.partition_point(|other| other < moment) as i64,
            None => i64::MIN,
        })
        .collect()
}

/// What a reason takes to give back, in nanoseconds: here, and where the plan tells it.
fn cost_to_give_back(reason: &Reason) -> usize {
    let texts = match reason {
        Reason::NoneEligible { reasons } => 2 + reasons.len(),
        _ => 1,
    };
    2 * texts * TEXT
}

/// Of so many open demands the scores are looked at together.
const PART: usize = 32;

/// Says of every demand that stays open what was in the way, the owners in its own round too.
fn reasons(
    run: &mut Run<'_>,
    held: &Held,
    outcome: &mut Outcome,
    left: &Left,
    settled: &mut Settled,
) -> Result<(), Stop> {
    let looks = run.control.looks();
    let mut unserved: Vec<u32> = Vec::new();
    steps::each(
        (0..).zip(&outcome.rep_of),
        &mut || looks(),
        |(open, rep)| {
            if rep.is_none() {
                unserved.push(open);
            }
        },
    )?;
    run.control.enter(Stage::Reasons, unserved.len())?;
    let pairs = Pairs::new(&run.scene, run.control.meter().clone());
    let mut call = pairs.call();
    let groups: Vec<u32> = (unserved.iter())
        .map(|&open| held.open[open as usize])
        .collect();
    let source = OpenPairs::new(&pairs, &held.needs, &groups);
    let mut rows = vec![f64::NAN; PART.min(unserved.len()) * run.scene.reps.len()];
    let numbers: Vec<u32> = (0..unserved.len() as u32).collect();
    for (unserved, numbers) in unserved.chunks(PART).zip(numbers.chunks(PART)) {
        source.over_columns_only(numbers, &mut rows);
        source.all_were_seen()?;
        for (row, &open) in unserved.iter().enumerate() {
            let mut whole = group(held, open).clone();
            if !settled.is_idle() {
                let at = (whole.demand.group, whole.demand.role);
                let round = outcome
                    .rounds
                    .iter()
                    .zip(1..)
                    .find(|(round, _)| round.open.binary_search(&open).is_ok());
                whole.ties = settled.ties(&run.scene, at, round.map_or(0, |(_, number)| number));
            }
            let members = held.needs.members(&whole);
            let reps = run.scene.reps.len();
            let row = &rows[row * reps..(row + 1) * reps];
            let why = match left.why_by_scores(&pairs, &whole, members, row) {
                Some(why) => why,
                None => left.why(&pairs, &whole, members, &mut call)?.reason,
            };
            run.control.owe(1, cost_to_give_back(&why));
            outcome.reasons.insert(open, why);
        }
        run.control.tick(unserved.len() as u64)?;
    }
    let failures = pairs.take_failures();
    drop(call);
    drop(pairs);
    run.all_failed(failures)?;
    Ok(())
}
