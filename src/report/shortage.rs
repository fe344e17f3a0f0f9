//! Why a demand of a plan has no owner, what would give it one, and what would move it: asked for
//! one demand at a time, as data and in words.
//!
//! Each answer plans the round of the demand again some dozen times, with something changed; so an
//! answer is what the policy itself would come to.

use std::fmt;

use serde::Serialize;

use crate::allocation::{Measure, Obstacle, Relaxation};
use crate::model::{Book, Escaped};
use crate::plan::inside::{MadeFrom, Origin, Scene, WhatIf};
use crate::plan::{Plan, Reason};

use super::explanation::ExplainError;
use super::number;

/// Why nobody owns a customer in a role, and what would change that.
///
/// `Display` tells it in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyUnassigned {
    /// The customer.
    pub customer: String,
    /// The role.
    pub role: String,
    /// What the plan says.
    pub reason: Reason,
    /// Obstacles that together leave it open, none of which can be taken away without the demand
    /// being served. Empty where it is open whatever else holds: no rep, or a hook that failed.
    pub obstacles: Vec<OpenObstacle>,
    /// Changes of which each one by itself is enough, and no smaller one of its kind: room first,
    /// the least first.
    pub relaxations: Vec<OpenRelaxation>,
}

/// Something that has a part in leaving a demand open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OpenObstacle {
    /// Reps are no candidates.
    NoCandidate {
        /// Why.
        reason: String,
        /// The reps.
        reps: Vec<String>,
    },
    /// A limit of a rep.
    Limit {
        /// The rep.
        rep: String,
        /// The role that it covers, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        /// The tier that it covers, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<String>,
        /// What it counts: `workload` or `customers`.
        counts: String,
        /// How much of it there was to give out, beside what the rep keeps.
        at_most: f64,
    },
    /// A setting of `ALLOCATION`: `max_load`, `max_moves`, `same_rep`, `different_rep` or
    /// `unassigned_price`.
    Setting {
        /// Which.
        name: String,
    },
}

/// A change that would serve the demand.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OpenRelaxation {
    /// More room at a rep.
    Room {
        /// The rep.
        rep: String,
        /// Which of its limits, and by how much.
        more: Vec<MoreRoom>,
    },
    /// The rep becomes a candidate.
    Allow {
        /// The rep.
        rep: String,
        /// Why it is none.
        reason: String,
    },
    /// `max_moves` is higher.
    MaxMoves {
        /// By how much.
        more: u64,
    },
    /// `unassigned_price` is higher.
    UnassignedPrice {
        /// The price that is high enough.
        price: f64,
    },
    /// A setting of `ALLOCATION` is left out.
    Without {
        /// Which.
        setting: String,
    },
}

/// By how much a limit of a rep is raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoreRoom {
    /// The role that the limit covers, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The tier that it covers, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What it counts: `workload` or `customers`.
    pub counts: String,
    /// By how much.
    pub by: f64,
}

impl Plan {
    /// Why nobody owns the customer in the role, and what would change that; nothing where somebody
    /// does, or the customer does not need the role.
    ///
    /// ```
    /// use bookwright::{Book, PlanOptions, Policy, Records, Schema};
    /// # let records: Records = serde_json::from_str(r#"{
    /// #     "customers": [{"id": "c1"}, {"id": "c2"}],
    /// #     "reps": [
    /// #         {"id": "r1", "roles": ["developer"], "level": 2},
    /// #         {"id": "r2", "roles": ["developer"], "level": 1}
    /// #     ]
    /// # }"#)?;
    /// # let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    ///     const ALLOCATION = #{ strategy: "optimal" };
    ///     fn capacity(rep) { #{ customers: 1 } }
    ///     fn eligible(customer, rep) { if rep.level < 2 { "too junior" } else { true } }
    /// "#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let why = plan.why_unassigned(&book, "c2", "developer")?;
    /// assert_eq!(why.map(|why| why.to_string()).unwrap_or_default(), "\
    /// c2 as developer is open: the only eligible rep has no room
    ///   what leaves it open, taken together:
    ///     r2 is no candidate: too junior
    ///     r1 has 1 customer to give out
    ///   what would be enough, each by itself:
    ///     1 more customer for r1
    ///     allow r2 (too junior)
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Plan::explain`].
    pub fn why_unassigned(
        &self,
        book: &Book,
        customer: &str,
        role: &str,
    ) -> Result<Option<WhyUnassigned>, ExplainError> {
        let (origin, at) = self.origin_of(book, customer)?;
        let found =
            (self.unassigned.iter()).find(|open| open.customer == customer && open.role == role);
        let Some(told) = found else {
            return Ok(None);
        };
        let mut why = WhyUnassigned {
            customer: customer.to_owned(),
            role: role.to_owned(),
            reason: told.reason.clone(),
            obstacles: Vec::new(),
            relaxations: Vec::new(),
        };
        let scene = &origin.scene;
        let role = scene.book().schema().role(role).map(|role| role.0);
        let open = role.and_then(|role| origin.open(at, role));
        let Some(asked) = open.and_then(|open| WhatIf::new(origin, open)) else {
            return Ok(Some(why));
        };
        let (found, reasons) = asked.shortage().map_err(|_| ExplainError::Stopped)?;
        let found = found.unwrap_or_default();
        let naming = Naming {
            scene,
            limits: &asked.round.problem.limits,
            reasons: &reasons,
        };
        why.obstacles = (found.obstacles.iter())
            .map(|what| naming.obstacle(*what))
            .collect();
        why.relaxations = (found.relaxations.iter())
            .filter_map(|change| naming.relaxation(change))
            .collect();
        Ok(Some(why))
    }

    /// By how much the score of the rep for this customer must rise for the customer to go there:
    /// while it rises by less it does not, when by more it does; for the family, where that is one
    /// demand. 0 where the rep has it. Nothing where no rise is enough, or where the allocation is
    /// not of the class that is solved exactly.
    ///
    /// It solves the round twice; [`Plan::explain`] has a lower limit of this at once.
    ///
    /// # Errors
    /// As [`Plan::explain`].
    pub fn margin(
        &self,
        book: &Book,
        customer: &str,
        role: &str,
        rep: &str,
    ) -> Result<Option<f64>, ExplainError> {
        let (origin, at) = self.origin_of(book, customer)?;
        let scene = &origin.scene;
        let role = scene.book().schema().role(role).map(|role| role.0);
        let open = role.and_then(|role| origin.open(at, role));
        let rep = scene
            .book()
            .rep_row(rep)
            .map(|row| scene.rep_at[row as usize]);
        let (Some(asked), Some(rep)) = (open.and_then(|open| WhatIf::new(origin, open)), rep)
        else {
            return Ok(None);
        };
        let margin = asked.margin(rep).map_err(|_| ExplainError::Stopped)?;
        Ok(margin.map(|margin| margin as f64 / 1e6))
    }

    /// What the plan was made from, and the position of the customer.
    pub(super) fn origin_of(
        &self,
        book: &Book,
        customer: &str,
    ) -> Result<(&Origin, u32), ExplainError> {
        let MadeFrom(Some(origin)) = &self.made_from else {
            return Err(ExplainError::NotMadeHere);
        };
        if !origin.scene.book().is_same(book) {
            return Err(ExplainError::OtherBook);
        }
        let at = origin.scene.position(customer);
        let at = at.ok_or_else(|| ExplainError::UnknownCustomer(customer.to_owned()))?;
        Ok((origin, at))
    }
}

/// Puts ids to positions.
struct Naming<'a> {
    scene: &'a Scene,
    limits: &'a [crate::allocation::Limit],
    reasons: &'a [(String, Vec<u32>)],
}

impl Naming<'_> {
    fn room(&self, limit: u32, amount: i64) -> (String, MoreRoom) {
        let limit = &self.limits[limit as usize];
        let names = self.scene.compiled().tiers.names();
        let (counts, by) = match limit.measure {
            Measure::Workload => ("workload", amount as f64 / 1e6),
            Measure::Customers => ("customers", amount as f64),
        };
        let room = MoreRoom {
            role: limit.role.map(|role| self.scene.role_id(role).to_owned()),
            tier: limit.tier.map(|tier| names[tier as usize].to_owned()),
            counts: counts.to_owned(),
            by,
        };
        (self.scene.rep_id(limit.rep).to_owned(), room)
    }

    fn obstacle(&self, what: Obstacle) -> OpenObstacle {
        let setting = |name: &str| OpenObstacle::Setting {
            name: name.to_owned(),
        };
        match what {
            Obstacle::Reason(reason) => {
                let (reason, reps) = &self.reasons[reason as usize];
                OpenObstacle::NoCandidate {
                    reason: reason.clone(),
                    reps: reps
                        .iter()
                        .map(|&rep| self.scene.rep_id(rep).to_owned())
                        .collect(),
                }
            }
            Obstacle::Limit(limit) => {
                let at_most = self.limits[limit as usize].at_most;
                let (rep, room) = self.room(limit, at_most);
                OpenObstacle::Limit {
                    rep,
                    role: room.role,
                    tier: room.tier,
                    counts: room.counts,
                    at_most: room.by,
                }
            }
            other => setting(name(other)),
        }
    }

    fn relaxation(&self, change: &Relaxation) -> Option<OpenRelaxation> {
        Some(match change {
            Relaxation::Room { rep, more } => OpenRelaxation::Room {
                rep: self.scene.rep_id(*rep).to_owned(),
                more: (more.iter())
                    .map(|&(limit, by)| self.room(limit, by).1)
                    .collect(),
            },
            Relaxation::Allow { rep } => OpenRelaxation::Allow {
                rep: self.scene.rep_id(*rep).to_owned(),
                reason: (self.reasons.iter())
                    .find(|(_, reps)| reps.contains(rep))
                    .map(|(reason, _)| reason.clone())?,
            },
            Relaxation::MaxMoves { more } => OpenRelaxation::MaxMoves { more: *more },
            Relaxation::UnassignedPrice { price } => OpenRelaxation::UnassignedPrice {
                price: *price as f64 / 1e6,
            },
            Relaxation::Without(what) => OpenRelaxation::Without {
                setting: name(*what).to_owned(),
            },
        })
    }
}

/// The setting that an obstacle is.
const fn name(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::MaxLoad => "max_load",
        Obstacle::MaxMoves => "max_moves",
        Obstacle::SameRep => "same_rep",
        Obstacle::DifferentRep => "different_rep",
        Obstacle::UnassignedPrice => "unassigned_price",
        Obstacle::Reason(_) => "eligible",
        Obstacle::Limit(_) => "capacity",
    }
}

impl fmt::Display for WhyUnassigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (customer, role) = (Escaped(&self.customer), Escaped(&self.role));
        writeln!(f, "{customer} as {role} is open: {}", self.reason)?;
        if !self.obstacles.is_empty() {
            writeln!(f, "  what leaves it open, taken together:")?;
        }
        for obstacle in &self.obstacles {
            writeln!(f, "    {obstacle}")?;
        }
        if !self.relaxations.is_empty() {
            writeln!(f, "  what would be enough, each by itself:")?;
        }
        for relaxation in &self.relaxations {
            writeln!(f, "    {relaxation}")?;
        }
        Ok(())
    }
}

/// An amount of what a limit counts, and what of.
fn amount(
    f: &mut fmt::Formatter<'_>,
    (counts, amount): (&str, f64),
    more: &str,
    (role, tier): (Option<&str>, Option<&str>),
) -> fmt::Result {
    let counts = if counts == "customers" && amount == 1.0 {
        "customer"
    } else {
        counts
    };
    write!(f, "{} {more}", number(amount))?;
    if let Some(tier) = tier {
        write!(f, "tier {} ", Escaped(tier))?;
    }
    write!(f, "{counts}")?;
    role.map_or(Ok(()), |role| write!(f, " as {}", Escaped(role)))
}

impl fmt::Display for OpenObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCandidate { reason, reps } => {
                let is = if reps.len() == 1 {
                    "is no candidate"
                } else {
                    "are no candidates"
                };
                write!(f, "{} {is}: {}", listed(reps), Escaped(reason))
            }
            Self::Limit {
                rep,
                role,
                tier,
                counts,
                at_most,
            } => {
                write!(f, "{} has ", Escaped(rep))?;
                let of = (role.as_deref(), tier.as_deref());
                amount(f, (counts, *at_most), "", of)?;
                write!(f, " to give out")
            }
            Self::Setting { name } => write!(f, "`{name}`"),
        }
    }
}

impl fmt::Display for OpenRelaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room { rep, more } => {
                for (at, room) in more.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { " and " })?;
                    let of = (room.role.as_deref(), room.tier.as_deref());
                    amount(f, (&room.counts, room.by), "more ", of)?;
                }
                write!(f, " for {}", Escaped(rep))
            }
            Self::Allow { rep, reason } => {
                write!(f, "allow {} ({})", Escaped(rep), Escaped(reason))
            }
            Self::MaxMoves { more } => write!(f, "`max_moves` higher by {more}"),
            Self::UnassignedPrice { price } => {
                write!(f, "`unassigned_price` of {}", number(*price))
            }
            Self::Without { setting } => write!(f, "no `{setting}`"),
        }
    }
}

/// The first of them, and how many there are.
fn listed(reps: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = reps
        .iter()
        .take(SHOWN)
        .map(|rep| Escaped(rep).to_string())
        .collect();
    let more = reps.len().saturating_sub(SHOWN);
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{} and {more} more", shown.join(", "))
    }
}
