//! Why a customer is not with a rep: the first thing in the way; and what would change that.

use std::cmp::Ordering;

use serde::Serialize;

use crate::allocation::{Measure, Room, Stop, to_micros};
use crate::language::Hook;
use crate::model::Book;
use crate::plan::inside::{Group, Need, Out};
use crate::plan::{Plan, Reason};
use crate::policy::{Asked, answer::Verdict};

use super::explain::{Explaining, tie_break};
use super::explanation::{ExplainError, TieBreak};
use super::hook_trace::TraceOutcome;
use super::tracing::Question;

/// Why a customer is not with a rep in a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyNot {
    /// The customer.
    pub customer: String,
    /// The rep.
    pub rep: String,
    /// The role.
    pub role: String,
    /// The first thing in the way.
    pub obstacle: Obstacle,
}

/// What is in the way of a customer being with a rep, in the order in which a plan looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Obstacle {
    /// Nothing: it is with this rep.
    Owns,
    /// The customer does not need the role.
    NotNeeded,
    /// A hook failed for the customer, so that nothing was decided.
    HookFailed {
        /// The hook.
        hook: String,
    },
    /// The rep does not have the role.
    NotInRole,
    /// The rep is inactive, away or not there yet.
    Unavailable {
        /// Which, and until when.
        reason: String,
    },
    /// The book excludes the pair.
    Excluded,
    /// The book pins the customer or its family to another rep, or to several.
    Pinned {
        /// In words.
        reason: String,
    },
    /// Its family stays with another rep.
    Family {
        /// That rep.
        rep: String,
    },
    /// The owner in another role decides, by `same_rep` or `different_rep`.
    Coupled {
        /// In words.
        reason: String,
    },
    /// `eligible` says no.
    NotEligible {
        /// The reason that it gives, where it gives one.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The member of the family of which it says so, where it is not the customer itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        member: Option<String>,
        /// The line of the policy that says so, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// A hook failed for the pair.
    PairFailed {
        /// The hook.
        hook: String,
        /// Why.
        message: String,
    },
    /// The present owner stays, and nobody else was asked.
    Kept {
        /// The owner.
        rep: String,
    },
    /// The rep has no room for it when it has its turn.
    NoRoom {
        /// How much is missing.
        short: Short,
        /// Its score; `NaN`, `null` in JSON, where it is made from a sensitive field.
        score: f64,
    },
    /// Another rep has the higher score, or wins the tie.
    Outscored {
        /// Who gets it.
        rep: String,
        /// By how much that score is higher; `NaN` where it is made from a sensitive field.
        margin: f64,
        /// What decided between equal scores.
        #[serde(skip_serializing_if = "Option::is_none")]
        tie_break: Option<TieBreak>,
    },
    /// Another rep gets it, for that is better for all demands together, or it is its turn.
    GoesElsewhere {
        /// Who gets it.
        rep: String,
        /// The strategy that decided so.
        strategy: String,
    },
    /// Nobody gets it.
    Nobody {
        /// Why.
        reason: Reason,
    },
}

/// How much room is missing, in the first limit that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Short {
    /// Workload.
    Workload {
        /// How much more the rep would have to be able to carry.
        by: f64,
    },
    /// A number of customers.
    Customers {
        /// How many more the rep would have to be able to own.
        by: u64,
    },
}

/// What would bring a demand to another rep, with everything before its turn as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// The rep that would get it.
    pub rep: String,
    /// What would have to change.
    pub needs: MoveNeeds,
}

/// What would have to change for a demand to go to another rep.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MoveNeeds {
    /// A score that is higher by that, to the millionth; less would not do.
    Score {
        /// By how much.
        by: f64,
    },
    /// Room when the demand has its turn: its score would do.
    Room {
        /// How much is missing.
        short: Short,
    },
    /// Under the prices of an optimal allocation: nothing changes while its score rises by less.
    AtLeast {
        /// Than that.
        by: f64,
    },
}

impl Plan {
    /// Why a customer is not with a rep in a role: the first thing in the way.
    ///
    /// ```
    /// use bookwright::{Book, Customer, PlanOptions, Policy, Records, Rep, Schema};
    /// let rep = |id: &str, level: i64| Rep::new(id).roles(["developer"]).set("level", level);
    /// let records = Records {
    ///     customers: vec![Customer::new("c1")],
    ///     reps: vec![rep("r1", 1), rep("r2", 4), rep("r3", 7), Rep::new("r4")],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    /// fn eligible(customer, rep) {
    ///     if rep.level < 2 { return "too junior"; }
    ///     true
    /// }
    /// fn score(customer, rep) { rep.level * 1.5 }
    /// "#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let why = |rep| Ok::<_, bookwright::ExplainError>(
    ///     plan.why_not(&book, "c1", rep, "developer")?.to_string()
    /// );
    /// assert_eq!(why("r1")?, "c1 is not with r1 as developer: not eligible, too junior (line 3)");
    /// assert_eq!(why("r2")?, "c1 is not with r2 as developer: r3 scores 4.5 more");
    /// assert_eq!(why("r3")?, "c1 is with r3 as developer");
    /// assert_eq!(why("r4")?, "c1 is not with r4 as developer: r4 does not have the role");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExplainError`] where the plan cannot look behind itself, or there is no such customer,
    /// rep or role.
    pub fn why_not(
        &self,
        book: &Book,
        customer: &str,
        rep: &str,
        role: &str,
    ) -> Result<WhyNot, ExplainError> {
        let question = Question::new(self, book)?.customer(customer)?;
        let question = question.rep(rep)?.role(role)?;
        let Asked {
            customer: Some(row),
            rep: Some(rep_row),
            role: Some(number),
        } = question.asked
        else {
            return Err(ExplainError::NotMadeHere);
        };
        let explaining = Explaining::new(self, question.origin, row);
        let rep_at = question.origin.scene.rep_at[rep_row as usize];
        let obstacle =
            (explaining.obstacle(rep_at, number.0, question)).map_err(|_| ExplainError::Stopped)?;
        Ok(WhyNot {
            customer: customer.to_owned(),
            rep: rep.to_owned(),
            role: role.to_owned(),
            obstacle,
        })
    }

    /// What would bring a customer's demand in a role to each other rep that could take it: a
    /// higher score or more room. The least first. Where a strategy does not go by score there is
    /// nothing to tell.
    ///
    /// ```
    /// use bookwright::{Book, Customer, PlanOptions, Policy, Records, Rep, Schema};
    /// let rep = |id: &str, level: i64| Rep::new(id).roles(["developer"]).set("level", level);
    /// let records = Records {
    ///     customers: vec![Customer::new("c1")],
    ///     reps: vec![rep("r1", 3), rep("r2", 4), rep("r3", 7).set("capacity", 0.25)],
    ///     ..Records::default()
    /// };
    /// let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile("fn score(customer, rep) { rep.level }", book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let moves = plan.moves(&book, "c1", "developer")?;
    /// let moves: Vec<String> = moves.iter().map(|it| it.to_string()).collect();
    /// assert_eq!(moves, [
    ///     "r3 would get it with room for 0.75 workload more",
    ///     "r1 would get it with a score higher by 1",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Plan::why_not`].
    pub fn moves(
        &self,
        book: &Book,
        customer: &str,
        role: &str,
    ) -> Result<Vec<Move>, ExplainError> {
        let question = Question::new(self, book)?.customer(customer)?.role(role)?;
        let (Some(row), Some(number)) = (question.asked.customer, question.asked.role) else {
            return Err(ExplainError::NotMadeHere);
        };
        if (question.origin.scene.compiled().hidden).hides_answer(Hook::Score) {
            return Ok(Vec::new());
        }
        let explaining = Explaining::new(self, question.origin, row);
        (explaining.moves(number.0)).map_err(|_| ExplainError::Stopped)
    }
}

impl Explaining<'_> {
    fn obstacle(&self, rep: u32, role: u16, question: Question<'_>) -> Result<Obstacle, Stop> {
        let kept = self.origin.kept(self.at, role);
        let open = self.origin.open(self.at, role);
        let winner = open.and_then(|open| self.origin.outcome.rep_of[open]);
        let owner = kept.map(|(_, rep)| *rep).or(winner);
        if owner == Some(rep) {
            return Ok(Obstacle::Owns);
        }
        let alone;
        let (group, members) = match (kept, open) {
            (Some((need, _)), _) => {
                alone = self.alone(need);
                (&alone, std::slice::from_ref(need))
            }
            (None, Some(open)) => self.demand(open),
            (None, None) => return Ok(self.undecided(role)),
        };
        let mut call = self.pairs.call();
        let score = match self.pairs.judge(group, members, rep, &mut call)? {
            Ok(score) => score,
            Err(out) => return self.out(out, members, rep, question),
        };
        if let Some((_, owner)) = kept {
            return Ok(Obstacle::Kept {
                rep: self.origin.scene.rep_id(*owner).to_owned(),
            });
        }
        match open {
            Some(open) => self.lost(open, group, members, (rep, score)),
            None => Ok(self.undecided(role)),
        }
    }

    /// Why a candidate did not get a demand that went through a strategy.
    fn lost(
        &self,
        open: usize,
        group: &Group,
        members: &[Need],
        (rep, score): (u32, f64),
    ) -> Result<Obstacle, Stop> {
        let (scene, outcome) = (&self.origin.scene, &self.origin.outcome);
        let turn = self.origin.turn(open);
        let room = turn.as_ref().map(|(_, room)| room);
        let hidden = scene.compiled().hidden.hides_answer(Hook::Score);
        let shown = |number: f64| if hidden { f64::NAN } else { number };
        if let Some(short) = room.and_then(|room| short(room, rep, group)) {
            return Ok(Obstacle::NoRoom {
                short,
                score: shown(score),
            });
        }
        let Some(winner) = outcome.rep_of[open] else {
            let reason = outcome.reasons.get(&(open as u32)).cloned();
            return Ok(reason.map_or(Obstacle::NotNeeded, |reason| Obstacle::Nobody { reason }));
        };
        let name = scene.rep_id(winner).to_owned();
        let strategy = turn.as_ref().map_or("", |(round, _)| round.strategy.name());
        let mut call = self.pairs.call();
        let own = self.pairs.judge(group, members, winner, &mut call)?;
        let margin = own.map_or(0.0, |own| own - score);
        let tie = to_micros(margin) == 0;
        Ok(match room {
            Some(room) if strategy == "best_score" => Obstacle::Outscored {
                rep: name,
                margin: shown(margin),
                tie_break: tie.then(|| tie_break(room, winner, rep, &group.demand)),
            },
            _ if strategy == "optimal" && to_micros(margin) > 0 => Obstacle::Outscored {
                rep: name,
                margin: shown(margin),
                tie_break: None,
            },
            _ => Obstacle::GoesElsewhere {
                rep: name,
                strategy: strategy.to_owned(),
            },
        })
    }

    /// What is in the way of a pair before scores are compared.
    fn out(
        &self,
        out: Out,
        members: &[Need],
        rep: u32,
        question: Question<'_>,
    ) -> Result<Obstacle, Stop> {
        let scene = &self.origin.scene;
        let text = out.text(scene);
        Ok(match out {
            Out::NotInRole => Obstacle::NotInRole,
            Out::Inactive | Out::NotYet(_) | Out::Away(_) => Obstacle::Unavailable { reason: text },
            Out::Excluded => Obstacle::Excluded,
            Out::Pinned(_) | Out::PinsContradict => Obstacle::Pinned { reason: text },
            Out::Family(rep) => Obstacle::Family {
                rep: scene.rep_id(rep).to_owned(),
            },
            Out::OneRep(..) | Out::OtherRep(_) => Obstacle::Coupled { reason: text },
            Out::Ineligible(reason) => self.ineligible(reason, members, rep, question)?,
            Out::Failed(hook, message) => Obstacle::PairFailed {
                hook: hook.name().to_owned(),
                message,
            },
        })
    }

    /// The member of which `eligible` says no, and the line that says so.
    fn ineligible(
        &self,
        reason: Option<String>,
        members: &[Need],
        rep: u32,
        mut question: Question<'_>,
    ) -> Result<Obstacle, Stop> {
        let scene = &self.origin.scene;
        let mut call = self.pairs.call();
        let mut refused = self.at;
        for need in members {
            if !matches!(self.pairs.eligible(need, rep, &mut call)?, Ok(Verdict::Yes)) {
                refused = need.customer;
                break;
            }
        }
        question.asked.customer = Some(scene.row(refused));
        let line = match question.traced(Hook::Eligible).outcome {
            TraceOutcome::Gave { line, .. } => line,
            _ => None,
        };
        Ok(Obstacle::NotEligible {
            reason,
            member: (refused != self.at).then(|| scene.customer_id(refused).to_owned()),
            line,
        })
    }

    /// A role in which there is neither an owner who stays nor a demand.
    fn undecided(&self, role: u16) -> Obstacle {
        let frozen = (self.origin.held.needs.frozen.iter())
            .find(|frozen| frozen.need.customer == self.at && frozen.need.role == role);
        match frozen {
            Some(frozen) => Obstacle::HookFailed {
                hook: frozen.hook.name().to_owned(),
            },
            None => Obstacle::NotNeeded,
        }
    }

    fn demand(&self, open: usize) -> (&Group, &[Need]) {
        let held = &self.origin.held;
        let group = &held.needs.groups[held.open[open] as usize];
        (group, held.needs.members(group))
    }

    fn moves(&self, role: u16) -> Result<Vec<Move>, Stop> {
        let (Some(open), Some((round, room))) = (
            self.origin.open(self.at, role),
            (self.origin.open(self.at, role)).and_then(|open| self.origin.turn(open)),
        ) else {
            return Ok(Vec::new());
        };
        let scene = &self.origin.scene;
        let (group, members) = self.demand(open);
        let winner = self.origin.outcome.rep_of[open];
        if round.strategy.name() == "optimal" {
            let role = self.role(role)?;
            let runner_up = role.and_then(|role| role.runner_up);
            return Ok(runner_up
                .and_then(|second| {
                    Some(Move {
                        needs: MoveNeeds::AtLeast { by: second.rise? },
                        rep: second.rep,
                    })
                })
                .into_iter()
                .collect());
        }
        if round.strategy.name() != "best_score" {
            return Ok(Vec::new());
        }
        let mut call = self.pairs.call();
        let own = match winner {
            Some(winner) => self.pairs.judge(group, members, winner, &mut call)?.ok(),
            None => None,
        };
        let mut moves = Vec::new();
        for rep in (0..self.pairs.reps()).filter(|rep| Some(*rep) != winner) {
            let Ok(score) = self.pairs.judge(group, members, rep, &mut call)? else {
                continue;
            };
            let wins_tie = winner
                .is_none_or(|winner| room.break_tie(rep, winner, &group.demand) == Ordering::Less);
            let missing = match own {
                Some(own) => to_micros(own) - to_micros(score) + i64::from(!wins_tie),
                None => 0,
            };
            let needs = match (short(&room, rep, group), missing > 0) {
                (Some(short), false) => MoveNeeds::Room { short },
                (None, true) => MoveNeeds::Score {
                    by: missing as f64 / 1e6,
                },
                // Both would have to change, or this is the winner's place already.
                _ => continue,
            };
            moves.push(Move {
                rep: scene.rep_id(rep).to_owned(),
                needs,
            });
        }
        // Room first, for the score would do; each by how much, then by id, as they came.
        let key = |it: &Move| match it.needs {
            MoveNeeds::Room {
                short: Short::Customers { by },
            } => (0, by as f64),
            MoveNeeds::Room {
                short: Short::Workload { by },
            } => (1, by),
            MoveNeeds::Score { by } | MoveNeeds::AtLeast { by } => (2, by),
        };
        moves.sort_by(|a, b| key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1)));
        Ok(moves)
    }
}

/// What a rep is short of for a demand.
fn short(room: &Room, rep: u32, group: &Group) -> Option<Short> {
    let (measure, by) = room.short(rep, &group.demand)?;
    Some(match measure {
        Measure::Workload => Short::Workload {
            by: by as f64 / 1e6,
        },
        Measure::Customers => Short::Customers {
            by: by.unsigned_abs(),
        },
    })
}
