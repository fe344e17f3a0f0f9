//! Reps that a plan leaves without customers, and why.

use std::fmt;

use serde::Serialize;

use crate::language::Hook;
use crate::model::{Book, Escaped};
use crate::plan::inside::{Idle, MadeFrom, idle};
use crate::plan::{Plan, Reason};

use super::explanation::ExplainError;
use super::number;

/// A rep that owns nobody under a plan.
///
/// `Display` tells it in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdleRep {
    /// The rep.
    pub rep: String,
    /// Why.
    pub reason: IdleReason,
}

/// Why a rep owns nobody.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdleReason {
    /// It has no role that owns customers.
    NoRole,
    /// It is inactive or away.
    Unavailable {
        /// Why and until when.
        reason: String,
    },
    /// No demand that was given out may go to it.
    NoCandidate,
    /// There are such demands, but it has room for none of them.
    NoRoom,
    /// Others are worth more.
    Outdone {
        /// The customer for whom it is nearest to being chosen.
        customer: String,
        /// In which role.
        role: String,
        /// Who has the customer; nobody where serving it costs more than that is worth.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// By how much score it falls short there, prices included where the strategy has some;
        /// 0 where a tie decided; `NaN`, `null` in JSON, where scores are made from a sensitive
        /// field.
        by: f64,
    },
    /// It has room for demands that others got by a strategy that does not go by score.
    Elsewhere {
        /// The first such customer.
        customer: String,
        /// In which role.
        role: String,
        /// Who has it.
        owner: String,
        /// The strategy.
        strategy: String,
    },
    /// It could take a demand that nobody has, for another reason than what that is worth.
    LeftOpen {
        /// The customer.
        customer: String,
        /// In which role.
        role: String,
        /// Why nobody has it.
        reason: Reason,
    },
}

impl Plan {
    /// The reps that own nobody under this plan, in order of id, and why. Looks at all pairs once.
    ///
    /// ```
    /// use bookwright::{Book, PlanOptions, Policy, Records, Schema};
    /// # let records: Records = serde_json::from_str(r#"{
    /// #     "customers": [{"id": "c1"}],
    /// #     "reps": [
    /// #         {"id": "r1", "roles": ["developer"], "level": 5},
    /// #         {"id": "r2", "roles": ["developer"], "level": 2},
    /// #         {"id": "r3", "roles": ["developer"], "active": false}
    /// #     ]
    /// # }"#)?;
    /// # let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile("fn score(customer, rep) { rep.level }", book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let idle: Vec<String> = plan.idle(&book)?.iter().map(|rep| rep.to_string()).collect();
    /// assert_eq!(idle, [
    ///     "r2 is idle: 3 short of r1 for c1 as developer, where it is nearest",
    ///     "r3 is idle: inactive",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Plan::explain`].
    pub fn idle(&self, book: &Book) -> Result<Vec<IdleRep>, ExplainError> {
        let MadeFrom(Some(origin)) = &self.made_from else {
            return Err(ExplainError::NotMadeHere);
        };
        let scene = &origin.scene;
        if !scene.book().is_same(book) {
            return Err(ExplainError::OtherBook);
        }
        let found = idle(origin).map_err(|_| ExplainError::Stopped)?;
        let hidden = scene.compiled().hidden.hides_answer(Hook::Score);
        let demand = |open: usize| {
            let demand = &origin.held.needs.groups[origin.held.open[open] as usize].demand;
            let (customer, role) = (scene.customer_id(demand.group), scene.role_id(demand.role));
            (customer.to_owned(), role.to_owned())
        };
        let reason = |why: Idle| match why {
            Idle::NoRole => IdleReason::NoRole,
            Idle::Unavailable(out) => IdleReason::Unavailable {
                reason: out.text(scene),
            },
            Idle::NoCandidate => IdleReason::NoCandidate,
            Idle::NoRoom => IdleReason::NoRoom,
            Idle::Outdone { open, by, rep } => {
                let (customer, role) = demand(open);
                IdleReason::Outdone {
                    customer,
                    role,
                    owner: rep.map(|rep| scene.rep_id(rep).to_owned()),
                    by: if hidden {
                        f64::NAN
                    } else {
                        (by * 1e6).round() / 1e6
                    },
                }
            }
            Idle::Elsewhere {
                open,
                rep,
                strategy,
            } => {
                let (customer, role) = demand(open);
                IdleReason::Elsewhere {
                    customer,
                    role,
                    owner: scene.rep_id(rep).to_owned(),
                    strategy,
                }
            }
            Idle::LeftOpen { open, reason } => {
                let (customer, role) = demand(open);
                IdleReason::LeftOpen {
                    customer,
                    role,
                    reason,
                }
            }
        };
        let named = |(rep, why): (u32, Idle)| IdleRep {
            rep: scene.rep_id(rep).to_owned(),
            reason: reason(why),
        };
        Ok(found.into_iter().map(named).collect())
    }
}

impl fmt::Display for IdleRep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is idle: ", Escaped(&self.rep))?;
        match &self.reason {
            IdleReason::NoRole => write!(f, "no role in which it could own customers"),
            IdleReason::Unavailable { reason } => write!(f, "{}", Escaped(reason)),
            IdleReason::NoCandidate => write!(f, "no customer may go to it"),
            IdleReason::NoRoom => write!(f, "no room for any customer that may go to it"),
            IdleReason::Outdone {
                customer,
                role,
                owner,
                by,
            } => {
                let (customer, role) = (Escaped(customer), Escaped(role));
                match owner {
                    Some(owner) if *by > 0.0 => {
                        write!(f, "{} short of {}", number(*by), Escaped(owner))?;
                    }
                    Some(owner) if by.is_nan() => write!(f, "short of {}", Escaped(owner))?,
                    Some(owner) => write!(f, "as good as {}", Escaped(owner))?,
                    None if *by > 0.0 => write!(f, "{} short of being worth it", number(*by))?,
                    None => write!(f, "not worth it")?,
                }
                write!(f, " for {customer} as {role}, where it is nearest")
            }
            IdleReason::Elsewhere {
                customer,
                role,
                owner,
                strategy,
            } => {
                let (customer, role) = (Escaped(customer), Escaped(role));
                let (owner, strategy) = (Escaped(owner), Escaped(strategy));
                write!(
                    f,
                    "`{strategy}` chose others, {owner} for {customer} as {role}"
                )
            }
            IdleReason::LeftOpen {
                customer,
                role,
                reason,
            } => {
                let (customer, role) = (Escaped(customer), Escaped(role));
                write!(f, "nobody has {customer} as {role}, {reason}")
            }
        }
    }
}
