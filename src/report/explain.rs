//! Looking behind a plan: the same questions once more, for one customer.

use std::cmp::Ordering;

use crate::allocation::{Room, Stop};
use crate::language::{Hook, Side};
use crate::model::{Book, RoleIx};
use crate::script::Meter;

use crate::plan::inside::{Group, Need, Only, Origin, Out, Pairs, owner, row};
use crate::plan::{Change, Plan};

use super::explanation::{
    Candidate, ExplainError, Explanation, Kept, Outcome, RoleExplanation, RunnerUp, Standing,
    TieBreak, TierExplanation, TierReason,
};

impl Plan {
    /// Why the customer is in its tier, and for each role every candidate with its score or the
    /// reason it was out, the winner, the runner-up and what decided.
    ///
    /// # Errors
    /// [`ExplainError`] where the plan was read from JSON, the book is another one or there is no
    /// such customer.
    pub fn explain(&self, book: &Book, customer: &str) -> Result<Explanation, ExplainError> {
        let (origin, at) = self.origin_of(book, customer)?;
        let row = origin.scene.row(at);
        Explaining::new(self, origin, row)
            .explain()
            .map_err(|_| ExplainError::Stopped)
    }
}

/// One customer of one plan.
pub(super) struct Explaining<'p> {
    plan: &'p Plan,
    pub(super) origin: &'p Origin,
    /// Position in order of id, and row.
    pub(super) at: u32,
    row: u32,
    pub(super) pairs: Pairs<'p>,
}

impl<'p> Explaining<'p> {
    pub(super) fn new(plan: &'p Plan, origin: &'p Origin, row: u32) -> Self {
        let scene = &origin.scene;
        let id = scene.book().customer_id(row);
        let at = scene
            .customers
            .partition_point(|&other| scene.book().customer_id(other) < id) as u32;
        let meter = Meter::new(scene.compiled().limits.operations);
        Self {
            plan,
            origin,
            at,
            row,
            pairs: Pairs::new(scene, meter),
        }
    }

    fn explain(&self) -> Result<Explanation, Stop> {
        let scene = &self.origin.scene;
        let customer = scene.view.customer(self.row, None);
        let segment = &scene.segment_names[scene.segments[self.at as usize] as usize];
        let mut roles = Vec::new();
        for role in 0..scene.book().schema().roles().len() as u16 {
            roles.extend(self.role(role)?);
        }
        let hides_segment = scene.compiled().hidden.hides_answer(Hook::Segment);
        Ok(Explanation {
            customer: customer.id().to_owned(),
            name: self.name(Side::Customer, customer.text("name")),
            tier: self.tier(customer.text("current_tier")),
            segment: if hides_segment {
                "(hidden)".to_owned()
            } else {
                segment.to_string()
            },
            roles,
        })
    }

    /// The name of a record, unless the schema says that names must not be told.
    fn name(&self, side: Side, name: Option<&str>) -> String {
        let schema = self.origin.scene.book().schema();
        let field = schema
            .field(side, "name")
            .and_then(|name| schema.get(side, name));
        if field.is_some_and(|field| field.sensitive) {
            return "(hidden)".to_owned();
        }
        name.unwrap_or_default().to_owned()
    }

    fn tier(&self, before: Option<&str>) -> TierExplanation {
        let scene = &self.origin.scene;
        let tier = scene.compiled().tiers.names()[scene.tiers[self.at as usize] as usize];
        let failed = self.plan.problems.iter().find(|problem| {
            problem.customer.as_deref() == Some(scene.customer_id(self.at))
                && (problem.hook == Hook::Tier.name() || problem.hook == Hook::Value.name())
        });
        let hooks = &scene.compiled().hooks;
        let place = scene.places.get(self.at as usize).copied().flatten();
        let reason = match (failed, place, &hooks.tier) {
            (Some(problem), _, _) => TierReason::Failed {
                message: problem.message.clone(),
            },
            (None, Some(_), _) if scene.compiled().hidden.hides_answer(Hook::Value) => {
                TierReason::Hidden
            }
            (None, Some(place), _) => TierReason::Value(place),
            (None, None, Some(_)) => TierReason::Named,
            (None, None, None) => TierReason::NoRule,
        };
        TierExplanation {
            tier: tier.to_owned(),
            before: before.map(str::to_owned),
            reason,
        }
    }

    /// The role, where the customer needs it or had an owner in it.
    pub(super) fn role(&self, role: u16) -> Result<Option<RoleExplanation>, Stop> {
        let (scene, held) = (&self.origin.scene, &self.origin.held);
        let id = scene.customer_id(self.at);
        let role_id = scene.role_id(role);
        let released = of(&self.plan.released, id, |released| &released.customer)
            .find(|released| released.role == role_id)
            .map(|released| Kept {
                rep: released.rep.clone(),
                reason: released.reason.clone(),
            });
        let mut told = RoleExplanation {
            role: role_id.to_owned(),
            strategy: scene.allocating(role_id).strategy,
            family: Vec::new(),
            outcome: Outcome::NotNeeded,
            released,
            candidates: Vec::new(),
            runner_up: None,
            tie_break: None,
        };
        let kept = self.origin.kept(self.at, role);
        let open = self.origin.open(self.at, role);
        if let Some((need, rep)) = kept {
            let failed = held
                .needs
                .frozen
                .iter()
                .any(|frozen| frozen.need.customer == self.at && frozen.need.role == role);
            let reason = if failed {
                "for a hook failed and nothing was decided"
            } else {
                "for it is active, available, in the role and eligible"
            };
            let rep_id = scene.rep_id(*rep).to_owned();
            told.outcome = Outcome::Kept(Kept {
                rep: rep_id,
                reason: reason.to_owned(),
            });
            let alone = self.alone(need);
            self.candidates(
                &mut told,
                &alone,
                std::slice::from_ref(need),
                None,
                Some(*rep),
            )?;
        } else if let Some(open) = open {
            self.open(&mut told, open)?;
        } else if let Some(unassigned) =
            of(&self.plan.unassigned, id, |unassigned| &unassigned.customer)
                .find(|unassigned| unassigned.role == role_id)
        {
            told.outcome = Outcome::Unassigned {
                reason: unassigned.reason.clone(),
            };
        } else if told.released.is_none() {
            return Ok(None);
        }
        Ok(Some(told))
    }

    /// A demand of one need.
    pub(super) fn alone(&self, need: &Need) -> Group {
        let scene = &self.origin.scene;
        let pin = (scene.book()).pin(scene.row(need.customer), RoleIx(need.role));
        Group {
            demand: crate::allocation::Demand {
                group: need.customer,
                role: need.role,
                tier: need.tier,
                priority: need.priority,
                workload: need.workload,
                customers: 1,
                present: None,
            },
            first: 0,
            count: 1,
            only: pin.map(|rep| Only::Pinned(scene.rep_at[rep as usize])),
            ties: None,
        }
    }

    /// A demand that went through a strategy.
    fn open(&self, told: &mut RoleExplanation, open: usize) -> Result<(), Stop> {
        let Origin {
            scene,
            held,
            outcome,
            ..
        } = self.origin;
        let group = &held.needs.groups[held.open[open] as usize];
        let members = held.needs.members(group);
        if members.len() > 1 {
            told.family = members
                .iter()
                .map(|need| scene.customer_id(need.customer).to_owned())
                .collect();
        }
        let winner = outcome.rep_of[open];
        told.outcome = match (winner, outcome.reasons.get(&(open as u32))) {
            (Some(rep), _) => {
                let before = members
                    .iter()
                    .find(|need| need.customer == self.at)
                    .and_then(|need| owner(scene, need));
                Outcome::Assigned {
                    rep: scene.rep_id(rep).to_owned(),
                    change: match before {
                        None => Change::New,
                        Some(before) if before == rep => Change::Kept,
                        Some(_) => Change::Moved,
                    },
                }
            }
            (None, Some(reason)) => Outcome::Unassigned {
                reason: reason.clone(),
            },
            (None, None) => return Ok(()),
        };
        let turn = self.origin.turn(open);
        if let Some((round, _)) = &turn {
            round.strategy.name().clone_into(&mut told.strategy);
        }
        let room = turn.map(|(_, room)| room);
        self.candidates(told, group, members, room.as_ref(), winner)?;
        if let (Some(price), Some(winner)) = (self.origin.price(open), winner)
            && !scene.compiled().hidden.hides_answer(Hook::Score)
        {
            told.runner_up = self.runner_up_under(&told.candidates, price, winner);
            told.tie_break = None;
        }
        Ok(())
    }

    /// The rep that is nearest to taking a demand from its winner when everyone pays their prices:
    /// by duality the winner stays while the other's score rises by less than what is between.
    fn runner_up_under(
        &self,
        candidates: &[Candidate],
        price: impl Fn(u32) -> f64,
        winner: u32,
    ) -> Option<RunnerUp> {
        let scene = &self.origin.scene;
        let stood: Vec<(&Candidate, f64, f64)> = (candidates.iter())
            .filter_map(|candidate| {
                let (Standing::Open { score } | Standing::Full { score }) = candidate.standing
                else {
                    return None;
                };
                let rep = scene.rep_at[scene.book().rep_row(&candidate.rep)? as usize];
                Some((candidate, score, score - price(rep)))
            })
            .collect();
        let winner = scene.rep_id(winner);
        let (_, own, worth) = stood
            .iter()
            .find(|(candidate, ..)| candidate.rep == winner)?;
        let (second, score, other) = (stood.iter())
            .filter(|(candidate, ..)| candidate.rep != winner)
            .max_by(|a, b| a.2.total_cmp(&b.2))?;
        let rise = ((worth - other).max(0.0) * 1e6).round() / 1e6;
        Some(RunnerUp {
            rep: second.rep.clone(),
            margin: own - score,
            rise: Some(rise),
        })
    }

    fn candidates(
        &self,
        told: &mut RoleExplanation,
        group: &Group,
        members: &[Need],
        room: Option<&Room>,
        winner: Option<u32>,
    ) -> Result<(), Stop> {
        let scene = &self.origin.scene;
        let mut call = self.pairs.call();
        let computed = match (members, group.only) {
            ([need], None) if group.ties.is_none() => row(&self.pairs, need),
            _ => Vec::new(),
        };
        let mut open: Vec<(u32, f64, bool)> = Vec::new();
        let mut out: Vec<(u32, String)> = Vec::new();
        for rep in 0..self.pairs.reps() {
            let judged = match computed.get(rep as usize) {
                Some(score) if !score.is_nan() => Ok(*score),
                _ => self.pairs.judge(group, members, rep, &mut call)?,
            };
            match judged {
                Ok(score) => {
                    let fits = room.is_none_or(|room| room.fits(rep, &group.demand));
                    open.push((rep, score, fits || Some(rep) == winner));
                }
                Err(Out::NotInRole) => {}
                Err(why) => out.push((rep, why.text(scene))),
            }
        }
        let tie =
            |a: u32, b: u32| room.map_or(a.cmp(&b), |room| room.break_tie(a, b, &group.demand));
        let micros = crate::allocation::to_micros;
        open.sort_by(|a, b| micros(b.1).cmp(&micros(a.1)).then_with(|| tie(a.0, b.0)));
        let best = |fits: &(u32, f64, bool)| fits.2 && Some(fits.0) != winner;
        if let (Some(winner), Some(room)) = (winner, room)
            && let Some(&(second, score, _)) = open.iter().find(|candidate| best(candidate))
            && let Some(&(_, own, _)) = open.iter().find(|candidate| candidate.0 == winner)
        {
            told.runner_up = Some(RunnerUp {
                rep: scene.rep_id(second).to_owned(),
                margin: own - score,
                rise: None,
            });
            if micros(own) == micros(score) {
                told.tie_break = Some(tie_break(room, winner, second, &group.demand));
            }
        }
        let hides_scores = scene.compiled().hidden.hides_answer(Hook::Score);
        if hides_scores && let Some(runner_up) = &mut told.runner_up {
            runner_up.margin = f64::NAN;
        }
        let candidate = |rep: u32, standing| Candidate {
            rep: scene.rep_id(rep).to_owned(),
            name: {
                let rep = scene.view.rep(scene.reps[rep as usize], None);
                self.name(Side::Rep, rep.text("name"))
            },
            standing,
        };
        told.candidates = (open.into_iter())
            .map(|(rep, score, fits)| {
                let score = if hides_scores { f64::NAN } else { score };
                let standing = if fits {
                    Standing::Open { score }
                } else {
                    Standing::Full { score }
                };
                candidate(rep, standing)
            })
            .chain(
                out.into_iter()
                    .map(|(rep, reason)| candidate(rep, Standing::Out { reason })),
            )
            .collect();
        Ok(())
    }
}

/// The entries about one customer of a list in order of customers.
fn of<'l, T>(
    list: &'l [T],
    customer: &str,
    id: impl Fn(&T) -> &String,
) -> impl Iterator<Item = &'l T> {
    let first = list.partition_point(|entry| id(entry).as_str() < customer);
    list[first..]
        .iter()
        .take_while(move |entry| id(entry) == customer)
}

/// The first step of the tie-break that tells the two apart.
pub(super) fn tie_break(
    room: &Room,
    a: u32,
    b: u32,
    demand: &crate::allocation::Demand,
) -> TieBreak {
    if room.compare_shares(a, b, demand) != Ordering::Equal {
        TieBreak::LoadShare
    } else if room.compare_last_assigned(a, b, demand.role) != Ordering::Equal {
        TieBreak::LastAssigned
    } else {
        TieBreak::Id
    }
}
