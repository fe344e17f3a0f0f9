//! What differs between two plans, as plain values.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::Explanation;

use super::balance::Balance;

/// What differs between the plans of two sides, `baseline` and `candidate`, on one book.
///
/// `Display` renders it as Markdown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The sums of the first plan.
    pub baseline: SideTotals,
    /// The sums of the second plan.
    pub candidate: SideTotals,
    /// Which customers change tier.
    pub tiers: TierMigration,
    /// Which demands change owner, and why.
    pub owners: OwnerChanges,
    /// Why demands have no owner, by reason.
    pub unassigned: Vec<ReasonCount>,
    /// What each rep has, in order of id.
    pub reps: Vec<RepComparison>,
    /// Some customers for each kind of change, tiers first, then owners in the order of
    /// [`OwnerChanges::counts`].
    pub examples: Vec<Examples>,
}

/// The sums of one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideTotals {
    /// The fingerprint of its plan.
    pub fingerprint: String,
    /// Customer-role pairs that need an owner.
    pub demands: u64,
    /// Those that have one.
    pub served: u64,
    /// `served ÷ demands`, 0..1; 1 where there are no demands.
    pub coverage: f64,
    /// Handovers against today.
    pub moved: u64,
    /// Hooks that failed.
    pub problems: u64,
    /// The sum of the scores of the side's owners, asked of the baseline's policy.
    pub score_under_baseline: ScoreUnder,
    /// The same, asked of the candidate's policy.
    pub score_under_candidate: ScoreUnder,
    /// How evenly workload is spread over the reps.
    pub workload: Balance,
    /// How evenly value (see [`RepBook::value`]) is spread over the reps.
    pub value: Balance,
}

/// The owners of one plan in the eyes of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScoreUnder {
    /// The sum of what `score` says of every owner of the plan, with the tiers and segments that
    /// this policy gives, eligible by it or not.
    pub score: f64,
    /// Owners for which it fails; they count nothing.
    pub failed: u64,
}

/// How many customers are in which tier on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierMigration {
    /// The tiers of the baseline, highest first: the rows of [`Self::counts`].
    pub baseline: Vec<String>,
    /// The tiers of the candidate, highest first: its columns.
    pub candidate: Vec<String>,
    /// Customers by tier of the baseline and tier of the candidate.
    pub counts: Vec<Vec<u64>>,
    /// Customers whose tier has another name.
    pub changed: u64,
}

/// How many demands have another owner, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnerChanges {
    /// Demands with the same owner on both sides.
    pub same: u64,
    /// Demands without an owner on both sides.
    pub open: u64,
    /// Demands that differ.
    pub changed: u64,
    /// How many of each kind, those with any: by change, then by cause.
    pub counts: Vec<OwnerChangeCount>,
}

/// One kind of change of owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OwnerChangeCount {
    /// What happens.
    pub change: OwnerChange,
    /// Why.
    pub cause: Cause,
    /// To how many demands.
    pub demands: u64,
}

/// What happens to a demand from the baseline to the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerChange {
    /// Another rep has it.
    Moved,
    /// It has an owner, and had none.
    Gained,
    /// It has none, and had one.
    Lost,
}

/// Why a demand has another owner. Found by asking the hooks of both sides about the two owners
/// again; the first that holds, in the order of the text of each.
///
/// "Prefers" means a higher score, compared to the millionth as in plans; members of a family that
/// is one demand count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// One of the next three holds, and would not if the candidate's policy were asked about the
    /// customers with the tiers of the baseline.
    Tier,
    /// Only one side's coverage names the role.
    Coverage,
    /// The owner of the baseline may not have it in the candidate; or the candidate prefers its
    /// owner, who may not have it in the baseline.
    Eligibility,
    /// The candidate prefers its owner, and the baseline does not.
    Score,
    /// A rep that would have come first on one side had no room there when the demand had its
    /// turn.
    Capacity,
    /// Only one side keeps the present owner, and the other would be allowed to.
    Keeping,
    /// A hook failed on one side, so that nothing was decided there.
    Failure,
    /// None of these: another order of turns, a tie, a price, or a strategy that does not go by
    /// score.
    Strategy,
}

/// How many demands have no owner for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The kind of the reason as in the JSON of a plan: `no_capacity`, `none_eligible` …
    pub reason: String,
    /// Demands in the baseline.
    pub baseline: u64,
    /// Demands in the candidate.
    pub candidate: u64,
}

/// One rep on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepComparison {
    /// The rep.
    pub rep: String,
    /// What it has in the baseline.
    pub baseline: RepBook,
    /// What it has in the candidate.
    pub candidate: RepBook,
}

/// What one rep has.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct RepBook {
    /// Customers that it owns in any role, each once.
    pub customers: u64,
    /// The workload of what it owns.
    pub workload: f64,
    /// The workload that it can carry; nothing where that is not limited.
    pub capacity: Option<f64>,
    /// The sum of `annual_revenue` of its customers, each once, unknown as 0: a fact of the book,
    /// so that it means the same on both sides.
    pub value: f64,
    /// The sum of the scores of what it owns, by the policy of the side.
    pub score: f64,
}

/// Some customers of one kind of change, the first in order of id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Examples {
    /// The kind, in words: `tier A to B`, `moved by score`.
    pub kind: String,
    /// How many there are of that kind.
    pub of: u64,
    /// At most two of them.
    pub examples: Vec<Example>,
}

/// One change with its explanation on both sides.
///
/// Of the explanations only the role at hand is left, and of its candidates the two owners.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// The customer.
    pub customer: String,
    /// The role; none for a change of tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Why the baseline decides as it does.
    pub baseline: Explanation,
    /// Why the candidate does.
    pub candidate: Explanation,
}

impl Comparison {
    /// Whether both sides decide the same: tiers, and owners in every role.
    #[must_use]
    pub const fn is_unchanged(&self) -> bool {
        self.tiers.changed == 0 && self.owners.changed == 0
    }

    /// How many demands change owner for each cause, whatever the change.
    #[must_use]
    pub fn by_cause(&self) -> BTreeMap<Cause, u64> {
        let mut causes = BTreeMap::new();
        for count in &self.owners.counts {
            *causes.entry(count.cause).or_default() += count.demands;
        }
        causes
    }
}

impl OwnerChange {
    /// The name as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Gained => "gained",
            Self::Lost => "lost",
        }
    }
}

impl Cause {
    /// The name as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Coverage => "coverage",
            Self::Eligibility => "eligibility",
            Self::Score => "score",
            Self::Capacity => "capacity",
            Self::Keeping => "keeping",
            Self::Failure => "failure",
            Self::Strategy => "strategy",
        }
    }
}
