//! What pairs decide: whether owners may own, what that scores, why the rest stays open, and the
//! proof of optimal rounds.

use std::collections::BTreeMap;

use crate::allocation::{
    Allocation, Demand, Limit, Optimal, Problem, Room, Solution, Stop, to_micros,
};
use crate::plan::blocks::OpenPairs;
use crate::plan::couplings::{Couplings, Settled, Ties, rounds};
use crate::plan::demands::{Group, Need, Only};
use crate::plan::origin::MadeFrom;
use crate::plan::pairs::{Out, Pairs};
use crate::plan::proof;
use crate::plan::reasons::{Left, Open};
use crate::plan::{Plan, PlanError};
use crate::policy::Call;
use crate::policy::answer::Verdict;

use super::Sample;
use super::decisions::Decided;
use super::facts::{Facts, Needed};
use super::violation::{VerifyErrors, Violation};

/// One check of pairs.
struct Judging<'f> {
    plan: &'f Plan,
    facts: &'f Facts,
    decided: &'f Decided,
    pairs: &'f Pairs<'f>,
    left: Left,
    settled: Settled,
    /// By role: the round that gives it out, from 1.
    rounds: Vec<u32>,
    judged: u64,
}

/// Judges owners and open demands of the sample; gives how many pairs that were.
pub(super) fn judge(
    plan: &Plan,
    facts: &Facts,
    decided: &Decided,
    left: &[Limit],
    sample: Sample,
    wrong: &mut VerifyErrors,
) -> Result<u64, PlanError> {
    let pairs = Pairs::new(facts.scene(), facts.meter.clone());
    let mut call = pairs.call();
    let mut judging = Judging {
        plan,
        facts,
        decided,
        pairs: &pairs,
        left: Left {
            room: Room::new(&Problem {
                reps: facts.scene().reps.len(),
                limits: left.to_vec(),
                ..Problem::default()
            }),
        },
        settled: Settled::default(),
        rounds: Vec::new(),
        judged: 0,
    };
    judging.settle()?;
    let mut open: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, needed) in facts.needed.iter().enumerate() {
        if !sample.holds(needed.need.customer) {
            continue;
        }
        if let Some((rep, assignment)) = decided.given[index] {
            judging.owner(needed, rep, assignment, &mut call, wrong)?;
        } else if decided.open[index].is_some()
            && let Some(group) = needed.group
        {
            open.entry(group).or_default().push(index);
        }
    }
    for (group, members) in open {
        judging.open(group, &members, &mut call, wrong)?;
    }
    judging.families(wrong);
    Ok(judging.judged)
}

impl<'f> Judging<'f> {
    /// Notes which owners the plan says there are in coupled roles, and from which round on.
    fn settle(&mut self) -> Result<(), PlanError> {
        let facts = self.facts;
        let scene = facts.scene();
        let couplings = Couplings::of(scene)?;
        self.rounds = vec![0; scene.book().schema().roles().len()];
        for (number, (roles, _)) in (1..).zip(rounds(scene, &couplings)?) {
            for role in roles {
                self.rounds[role as usize] = number;
            }
        }
        self.settled = Settled::new(couplings);
        for (needed, given) in facts.needed.iter().zip(&self.decided.given) {
            let Some((rep, _)) = *given else { continue };
            let at = (needed.need.customer, needed.need.role);
            let stays = facts.stays(needed, rep);
            let round = if stays { 0 } else { self.rounds[at.1 as usize] };
            self.settled.add(scene, at, round, rep);
        }
        Ok(())
    }

    /// What the owners in coupled roles leave to a customer or family, those of its round too.
    fn ties(&mut self, need: &Need) -> Option<Box<Ties>> {
        let at = (need.customer, need.role);
        let round = self.rounds[at.1 as usize];
        self.settled.ties(self.facts.scene(), at, round)
    }

    /// An owner may own, and scores what is told.
    fn owner(
        &mut self,
        needed: &Needed,
        rep: u32,
        assignment: usize,
        call: &mut Call<'f>,
        wrong: &mut VerifyErrors,
    ) -> Result<(), Stop> {
        self.judged += 1;
        let (facts, need) = (self.facts, &needed.need);
        let scene = facts.scene();
        if needed.frozen.is_none()
            && let Some(out) = self.out(needed, rep, call)?
        {
            wrong.add(Violation::Out {
                at: facts.at(need.customer, need.role),
                rep: scene.rep_id(rep).to_owned(),
                why: out.text(scene),
            });
        }
        let expected = match self.pairs.score(need, rep, call)? {
            Ok(score) => to_micros(score) as f64 / 1e6,
            Err(_) => 0.0,
        };
        let found = self.plan.assignments[assignment].score;
        if found.to_bits() != expected.to_bits() && found != expected {
            wrong.add(Violation::Score {
                at: facts.at(need.customer, need.role),
                rep: scene.rep_id(rep).to_owned(),
                found,
                expected,
            });
        }
        Ok(())
    }

    /// What keeps a rep from owning one customer.
    fn out(&mut self, needed: &Needed, rep: u32, call: &mut Call<'f>) -> Result<Option<Out>, Stop> {
        let need = &needed.need;
        if let Some(out) = self.pairs.barred(need, rep) {
            return Ok(Some(out));
        }
        if let Some(pinned) = self.facts.pin(need).filter(|pinned| *pinned != rep) {
            return Ok(Some(Out::Pinned(pinned)));
        }
        let only = self.facts.group(needed).and_then(|group| group.only);
        let stays = self.facts.stays(needed, rep);
        let pinned = match only {
            Some(Only::Pinned(only)) if only != rep => return Ok(Some(Out::Pinned(only))),
            Some(Only::Contradiction) => return Ok(Some(Out::PinsContradict)),
            only => matches!(only, Some(Only::Pinned(_))),
        };
        if !stays && let Some(out) = self.ties(need).and_then(|ties| ties.bar(rep)) {
            return Ok(Some(out));
        }
        if pinned {
            return Ok(None); // nobody asks whether it is eligible
        }
        Ok(match self.pairs.eligible(need, rep, call)? {
            Ok(Verdict::Yes) => None,
            Ok(Verdict::No) => Some(Out::Ineligible(None)),
            Ok(Verdict::Because(why)) => Some(Out::Ineligible(Some(why))),
            // Nothing was decided against an owner who is there.
            Err(_) if stays => None,
            Err(error) => Some(Out::Failed(
                crate::language::Hook::Eligible,
                error.message().to_owned(),
            )),
        })
    }

    /// A demand that stays open does so for the reason that is told.
    fn open(
        &mut self,
        group: u32,
        told: &[usize],
        call: &mut Call<'f>,
        wrong: &mut VerifyErrors,
    ) -> Result<(), Stop> {
        let facts = self.facts;
        let whole = &facts.needs.groups[group as usize];
        let (members, mut rest) = self.rest(whole);
        if let Some(first) = members.first() {
            rest.ties = self.ties(first);
        }
        self.judged += u64::from(self.pairs.reps());
        let why = self.left.why(self.pairs, &rest, &members, call)?;
        let Open {
            reason: expected,
            fits,
        } = why;
        let role = facts.scene().role_id(whole.demand.role);
        let own = facts.scene().compiled().strategy.is_some();
        let one_by_one = !own && facts.scene().optimal(role).is_none();
        for &index in told {
            let need = &facts.needed[index].need;
            let at = || facts.at(need.customer, need.role);
            if let Some(rep) = fits.filter(|_| one_by_one) {
                wrong.add(Violation::LeftOpen {
                    at: at(),
                    rep: facts.scene().rep_id(rep).to_owned(),
                });
            }
            let found = self.decided.open[index].map(|open| &self.plan.unassigned[open].reason);
            if let Some(found) = found.filter(|found| **found != expected) {
                wrong.add(Violation::Reason {
                    at: at(),
                    found: found.clone(),
                    expected: expected.clone(),
                });
            }
        }
        Ok(())
    }

    /// The members of a demand whose owner does not stay, as the demand that they are.
    fn rest(&self, whole: &Group) -> (Vec<Need>, Group) {
        let facts = self.facts;
        let mut rest = whole.clone();
        let mut with = None;
        let members: Vec<Need> = (facts.needs.members(whole).iter())
            .filter(|need| {
                let given = facts.find(need.customer, need.role).and_then(|at| {
                    let (rep, _) = self.decided.given[at]?;
                    facts.stays(&facts.needed[at], rep).then_some(rep)
                });
                with = with.or(given);
                given.is_none()
            })
            .copied()
            .collect();
        if rest.only.is_none() {
            rest.only = with.map(Only::Family);
        }
        rest.demand = Demand {
            customers: members.len() as u32,
            workload: (members.iter()).fold(0_i64, |sum, need| sum.saturating_add(need.workload)),
            ..whole.demand
        };
        (members, rest)
    }

    /// A family has one rep in a role, and is given as a whole.
    fn families(&self, wrong: &mut VerifyErrors) {
        let facts = self.facts;
        for group in facts.needs.groups.iter().filter(|group| group.count > 1) {
            let mut first: Option<u32> = None;
            let mut given_rest: Option<bool> = None;
            for need in facts.needs.members(group) {
                let Some(at) = facts.find(need.customer, need.role) else {
                    continue;
                };
                let given = self.decided.given[at].map(|(rep, _)| rep);
                let other = given.is_some_and(|rep| *first.get_or_insert(rep) != rep);
                let stays = given.is_some_and(|rep| facts.stays(&facts.needed[at], rep));
                let torn = !stays && *given_rest.get_or_insert(given.is_some()) != given.is_some();
                if other || torn {
                    let at = facts.at(need.customer, need.role);
                    wrong.add(Violation::Family { at });
                    break;
                }
            }
        }
    }
}

/// Checks the proofs of optimal rounds over the interpreter's scores; gives how many there were.
pub(super) fn certificates(
    plan: &Plan,
    facts: &Facts,
    decided: &Decided,
    wrong: &mut VerifyErrors,
) -> Result<u64, Stop> {
    let MadeFrom(Some(origin)) = &plan.made_from else {
        return Ok(0);
    };
    if !origin.scene.book().is_same(facts.scene().book())
        || crate::plan::fingerprint::of(&origin.scene)
            != crate::plan::fingerprint::of(facts.scene())
    {
        return Ok(0);
    }
    let held = &origin.held;
    let (mut expected, mut checked) = (Vec::new(), 0);
    for round in &origin.outcome.rounds {
        let (Some(proof), Some(first)) = (&round.proof, round.problem.demands.first()) else {
            continue;
        };
        let told = proof::certificate(facts.scene(), round, &origin.outcome.given(round));
        let roles = told.iter().flat_map(|told| told.roles.clone());
        let roles = roles.collect::<Vec<_>>().join("`, `");
        expected.extend(told);
        let settings = facts.scene().allocating(facts.scene().role_id(first.role));
        let Ok(settings) = settings.optimal(facts.scene().book().schema()) else {
            continue;
        };
        let groups: Vec<u32> = round
            .open
            .iter()
            .map(|&at| held.open[at as usize])
            .collect();
        // What the plan says, not what the solver did.
        let rep_of = (groups.iter())
            .map(|&group| {
                let need = held
                    .needs
                    .members(&held.needs.groups[group as usize])
                    .first()?;
                let at = facts.find(need.customer, need.role)?;
                decided.given[at].map(|(rep, _)| rep)
            })
            .collect();
        let pairs = Pairs::new(facts.scene(), facts.meter.clone());
        let source = OpenPairs::new(&pairs, &held.needs, &groups);
        let solution = Solution {
            allocation: Allocation {
                rep_of,
                ..Allocation::default()
            },
            certificate: proof.certificate.clone(),
            class: proof.class,
            stop: proof.stop,
            rounds: 0,
        };
        checked += 1;
        let optimal = Optimal::new(settings);
        let verified = optimal.verify(&round.problem, &source, &solution);
        source.all_were_seen()?;
        if let Err(refuted) = verified {
            wrong.add(Violation::Certificate { roles, refuted });
        }
    }
    let most = expected.len().max(plan.certificates.len());
    for at in 0..most {
        if plan.certificates.get(at) != expected.get(at) {
            let told = plan.certificates.get(at).or_else(|| expected.get(at));
            let roles = told.map_or_else(String::new, |told| told.roles.join("`, `"));
            wrong.add(Violation::CertificateTold { roles });
        }
    }
    Ok(checked)
}
