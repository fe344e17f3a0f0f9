//! Reps that a plan leaves without customers, and why.

use std::fmt;

use serde::Serialize;

use crate::model::{Book, Escaped};
use crate::plan::Plan;
use crate::plan::inside::{Idle, MadeFrom, idle};

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
        /// 0 where a tie decided.
        by: f64,
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
        let named = |(rep, why): (u32, Idle)| IdleRep {
            rep: scene.rep_id(rep).to_owned(),
            reason: match why {
                Idle::NoRole => IdleReason::NoRole,
                Idle::Unavailable(out) => IdleReason::Unavailable {
                    reason: out.text(scene),
                },
                Idle::NoCandidate => IdleReason::NoCandidate,
                Idle::NoRoom => IdleReason::NoRoom,
                Idle::Outdone { open, by, rep } => {
                    let demand = &origin.held.needs.groups[origin.held.open[open] as usize].demand;
                    IdleReason::Outdone {
                        customer: scene.customer_id(demand.group).to_owned(),
                        role: scene.role_id(demand.role).to_owned(),
                        owner: rep.map(|rep| scene.rep_id(rep).to_owned()),
                        by: (by * 1e6).round() / 1e6,
                    }
                }
            },
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
                    Some(owner) => write!(f, "as good as {}", Escaped(owner))?,
                    None => write!(f, "not worth it")?,
                }
                write!(f, " for {customer} as {role}, where it is nearest")
            }
        }
    }
}
