//! The plan: what a run decided, as plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::language::Time;
use crate::tiering::Place;

use super::by_customer::ByCustomer;
use super::proof::PlanCertificate;

/// What a policy decided about a book at one moment. All lists are in order of id.
///
/// It serialises to the documented JSON and back. Scores have at most six places after the point, so
/// that every reader gets their bits; a capacity or credit of more than 15 digits comes back to the
/// bit only where the reader rounds exactly, as `serde_json` does with its feature `float_roundtrip`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The tier of each customer.
    pub tiers: ByCustomer,
    /// The segment of each customer.
    pub segments: ByCustomer,
    /// Who owns whom in which role, by customer and role.
    pub assignments: Vec<Assignment>,
    /// Present ownership that ends, by customer and role.
    pub released: Vec<Released>,
    /// Demands without an owner, and why, by customer and role.
    pub unassigned: Vec<Unassigned>,
    /// Hooks that failed, by customer, rep and role.
    pub problems: Vec<HookProblem>,
    /// What each rep carries under this plan, and may carry.
    pub loads: Vec<Load>,
    /// The sums.
    pub totals: Totals,
    /// How good the allocation is, where a strategy proves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<PlanCertificate>,
    /// A digest of everything that this plan was made from, 32 hexadecimal digits.
    pub fingerprint: String,
    /// What must be remembered until the next plan, by rep and role: credits that changed, and who
    /// had the last turns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotation: Vec<Rotation>,
    /// The moment that it was made for.
    pub now: Time,
    /// How to look behind the decisions; not part of the JSON.
    #[serde(skip)]
    pub(crate) made_from: super::origin::MadeFrom,
}

impl Plan {
    /// Where the customer's value lies among the cuts: the value, the borders of its tier and how
    /// far they are. Nothing where tiers go by label, the hook failed, there is no such customer,
    /// or the plan was read from JSON.
    #[must_use]
    pub fn place(&self, customer: &str) -> Option<Place> {
        let origin = self.made_from.0.as_ref()?;
        let at = origin.scene.position(customer)?;
        origin.scene.places.get(at as usize).copied().flatten()
    }
}

/// One owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The customer.
    pub customer: String,
    /// The role.
    pub role: String,
    /// The owner.
    pub rep: String,
    /// The rep's score for this customer, to the millionth; members of a family that is one
    /// demand have their own, and their sum decided.
    pub score: f64,
    /// Against today.
    pub change: Change,
}

/// How an assignment compares with today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The present owner stays.
    Kept,
    /// There was no owner.
    New,
    /// Another rep owns it today: a handover.
    Moved,
}

/// Ownership that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// The customer.
    pub customer: String,
    /// The role.
    pub role: String,
    /// The owner of today.
    pub rep: String,
    /// Why.
    pub reason: String,
}

/// A demand without an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unassigned {
    /// The customer.
    pub customer: String,
    /// The role.
    pub role: String,
    /// Why.
    pub reason: Reason,
}

/// Why a demand has no owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// No rep of the book has the role.
    NoRepInRole,
    /// Every rep with the role is out, each reason with its count of reps.
    NoneEligible {
        /// Why, and for how many reps, by reason. A policy may give each rep a reason of its own:
        /// those of the first 32 by id are told, the rest count as `other reasons`.
        reasons: BTreeMap<String, u64>,
    },
    /// Eligible reps are there, but none has room.
    NoCapacity {
        /// How many are eligible.
        eligible: u64,
    },
    /// The book excludes every rep that would have been eligible.
    Excluded {
        /// How many reps are excluded.
        reps: u64,
    },
    /// Serving it costs more than its `unassigned_price`.
    BelowPrice,
    /// An eligible rep has room, but the customer would change owner, and as many do as `max_moves`
    /// allows.
    MaxMoves,
    /// An eligible rep has room, and the strategy left it open all the same: it was stopped early,
    /// or is one of the host's own.
    LeftOpen,
    /// A hook failed where its answer was needed.
    HookFailed {
        /// Which hook.
        hook: String,
    },
}

/// The most reasons that are told of one demand.
const REASONS: usize = 32;

/// Counts one more rep that is out for that reason; one too many counts among the others.
pub(crate) fn count_reason(reasons: &mut BTreeMap<String, u64>, reason: String) {
    let room = reasons.len() < REASONS || reasons.contains_key(&reason);
    let reason = if room {
        reason
    } else {
        "other reasons".to_owned()
    };
    *reasons.entry(reason).or_default() += 1;
}

/// A hook that failed for one record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HookProblem {
    /// The customer; none for `capacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The rep; for a pair hook that failed with several, the first by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Which hook.
    pub hook: String,
    /// What went wrong.
    pub message: String,
    /// The innermost line in the policy, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What a rep carries under a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The rep.
    pub rep: String,
    /// The role, where capacity is counted role by role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The workload of what it owns.
    pub workload: f64,
    /// The customers it owns.
    pub customers: u64,
    /// The workload that it can carry; nothing where only customers are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<f64>,
    /// The customers that it can own, where they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_customers: Option<u64>,
    /// Whether it keeps more than it can carry.
    pub overfull: bool,
}

impl Load {
    /// The share of the capacity that is used, by workload or else by customers; nothing where
    /// there is no capacity.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        match (self.capacity, self.capacity_customers) {
            (Some(capacity), _) if capacity > 0.0 => Some(self.workload / capacity),
            (None, Some(capacity)) if capacity > 0 => Some(self.customers as f64 / capacity as f64),
            _ => None,
        }
    }
}

/// The sums of a plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Customers in the book.
    pub customers: u64,
    /// Reps in the book.
    pub reps: u64,
    /// Customers per tier.
    pub tiers: BTreeMap<String, u64>,
    /// Customer-role pairs that need an owner.
    pub demands: u64,
    /// Demands whose owner stays.
    pub kept: u64,
    /// Demands that get an owner and had none.
    pub new: u64,
    /// Demands that change owner.
    pub moved: u64,
    /// Ownership that ends, handovers included.
    pub released: u64,
    /// Demands without an owner.
    pub unassigned: u64,
    /// The sum of the scores of all assignments.
    pub score: f64,
}

/// What the next plan must know of one rep in one role to go on fairly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rotation {
    /// The rep.
    pub rep: String,
    /// The role.
    pub role: String,
    /// How much of an assignment weighted round robin owes it, mostly between −1 and 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub credit: f64,
    /// Its last turn in this plan, from 1 and role by role; 0 where it had none.
    #[serde(default, skip_serializing_if = "is_never")]
    pub turn: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(credit: &f64) -> bool {
    credit.to_bits() == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_never(turn: &u64) -> bool {
    *turn == 0
}
