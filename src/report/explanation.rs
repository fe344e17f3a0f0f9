//! Why a customer is what it is and has who it has.

use serde::Serialize;

use crate::language::Hook;
use crate::model::Escaped;
use crate::plan::{Change, Reason};
use crate::tiering::Place;

/// Everything that a plan decided about one customer, with the reasons.
///
/// `Display` tells it in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The customer's id.
    pub customer: String,
    /// Its name.
    pub name: String,
    /// Its tier and why.
    pub tier: TierExplanation,
    /// Its segment.
    pub segment: String,
    /// Each role that it needs, or in which it had an owner, in the order of the schema.
    pub roles: Vec<RoleExplanation>,
}

/// A tier and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierExplanation {
    /// The tier of this plan.
    pub tier: String,
    /// The tier before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Why.
    pub reason: TierReason,
}

/// Why a customer is in its tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TierReason {
    /// The hook `tier` named it.
    Named,
    /// The hook `value` gave a number, which lies here among the cuts.
    Value(Place),
    /// The hook `value` gave a number that is made from a sensitive field.
    Hidden,
    /// The policy has no rule for tiers: all are in the last one.
    NoRule,
    /// The hook failed, so the customer is in the last tier.
    Failed {
        /// What went wrong.
        message: String,
    },
}

/// One role of one customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoleExplanation {
    /// The role.
    pub role: String,
    /// The strategy that allocated it.
    pub strategy: String,
    /// Members of its family that share the demand, itself included; empty without a family.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub family: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// The owner of today that ends, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<Kept>,
    /// All reps that have the role, the best first, then those that are out, by id.
    pub candidates: Vec<Candidate>,
    /// The best of those who did not get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RunnerUp>,
    /// What decided between equal scores, where it came to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_break: Option<TieBreak>,
}

/// What came of a demand.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The present owner stays.
    Kept(Kept),
    /// A rep gets it.
    Assigned {
        /// The rep.
        rep: String,
        /// Against today.
        change: Change,
    },
    /// Nobody gets it.
    Unassigned {
        /// Why.
        reason: Reason,
    },
    /// The coverage does not name the role.
    NotNeeded,
}

/// A rep and why it stays or goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The rep.
    pub rep: String,
    /// Why.
    pub reason: String,
}

/// A rep that has the role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The rep.
    pub rep: String,
    /// Its name.
    pub name: String,
    /// How it stood when the demand had its turn.
    pub standing: Standing,
}

/// How a rep stood.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// A candidate with room.
    Open {
        /// Its score; `NaN`, `null` in JSON, where it is made from a sensitive field.
        score: f64,
    },
    /// A candidate without room.
    Full {
        /// Its score, as above.
        score: f64,
    },
    /// No candidate.
    Out {
        /// Why.
        reason: String,
    },
}

/// The best of those who did not get it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunnerUp {
    /// The rep.
    pub rep: String,
    /// By how much the winner's score is higher; below zero where the strategy did not go by
    /// score; `NaN` where scores are made from a sensitive field.
    pub margin: f64,
    /// While its score rises by less than that, the winner stays, where prices prove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rise: Option<f64>,
}

/// What decided between equal scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TieBreak {
    /// The lower share of its capacity.
    LoadShare,
    /// The longer time since it was last assigned.
    LastAssigned,
    /// The id.
    Id,
}

/// A plan that cannot explain itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The plan was read from JSON: it knows what was decided, but not from what.
    #[error(
        "the plan was not made in this process: run the policy on the book again to explain it"
    )]
    NotMadeHere,
    /// The book is not the one that the plan was made from.
    #[error("the book is not the one that the plan was made from")]
    OtherBook,
    /// No such customer.
    #[error("unknown customer `{}`", Escaped(.0))]
    UnknownCustomer(String),
    /// No such rep.
    #[error("unknown rep `{}`", Escaped(.0))]
    UnknownRep(String),
    /// No such role.
    #[error("unknown role `{}`", Escaped(.0))]
    UnknownRole(String),
    /// The hook is asked about something else than that.
    #[error("`{0}` is not asked about that: it takes ({parameters})", parameters = parameters(*.0))]
    AskedDifferently(Hook),
    /// A budget of the plan was used up by explaining it.
    #[error("explaining was stopped by the budget of the plan")]
    Stopped,
}

fn parameters(hook: Hook) -> String {
    let names: Vec<&str> = (hook.spec().parameters.iter())
        .map(|parameter| parameter.name())
        .collect();
    names.join(", ")
}
