//! A plan against what a strategy that never looks back makes of the same policy.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::inside::MadeFrom;
use crate::plan::{Plan, PlanError};
use crate::report::ExplainError;

use super::balance::Balance;

/// A plan beside that of the strategy `best_score` for the same policy, book and options.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstGreedy {
    /// This plan.
    pub own: Outcome,
    /// The greedy one.
    pub greedy: Outcome,
    /// The score that this plan has more. Where it also serves more, that is part of it.
    pub score_gained: f64,
    /// The demands that it serves more.
    pub served_more: i64,
    /// The handovers that it has less.
    pub moves_saved: i64,
}

/// What came of one plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The sum of scores.
    pub score: f64,
    /// Demands with an owner.
    pub served: u64,
    /// The same by tier of the customer.
    pub served_by_tier: BTreeMap<String, u64>,
    /// Demands without an owner.
    pub unassigned: u64,
    /// Handovers against today.
    pub moved: u64,
    /// How evenly workload is spread over the reps.
    pub workload: Balance,
    /// The greatest share of its capacity that a rep carries; nothing without capacities.
    pub greatest_share: Option<f64>,
}

impl Plan {
    /// What this plan gains over the greedy strategy `best_score` on the same policy, book and
    /// options: score, coverage, handovers, balance. Costs one more plan.
    ///
    /// ```
    /// use bookwright::{Book, PlanOptions, Policy, Records, Schema};
    /// # let records: Records = serde_json::from_str(r#"{
    /// #     "customers": [{"id": "c1", "potential": 5}, {"id": "c2", "potential": 4}],
    /// #     "reps": [
    /// #         {"id": "r1", "roles": ["developer"], "level": 3},
    /// #         {"id": "r2", "roles": ["developer"], "level": 1}
    /// #     ]
    /// # }"#)?;
    /// # let book = Book::build(records, Schema::default())?;
    /// let policy = Policy::compile(r#"
    ///     const ALLOCATION = #{ strategy: "optimal" };
    ///     fn capacity(rep) { #{ customers: 1 } }
    ///     fn score(customer, rep) {
    ///         if customer.id == "c1" { 6 + rep.level } else { 3 * rep.level }
    ///     }
    /// "#, book.schema())?;
    /// let plan = policy.plan(&book, &PlanOptions::at("2026-03-02".parse()?))?;
    /// let against = plan.against_greedy()?;
    /// // The greedy strategy gives r1 to c1, who has less use for the difference.
    /// assert_eq!((against.own.score, against.greedy.score), (16.0, 12.0));
    /// assert_eq!(against.score_gained, 4.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExplainError::NotMadeHere`] where the plan was read from JSON, [`ExplainError::Stopped`]
    /// where the budget of the plan ends the other one.
    pub fn against_greedy(&self) -> Result<AgainstGreedy, ExplainError> {
        let MadeFrom(Some(origin)) = &self.made_from else {
            return Err(ExplainError::NotMadeHere);
        };
        let scene = &origin.scene;
        let options = scene.options.clone().strategy("best_score");
        let greedy = scene.policy.plan(scene.book(), &options);
        let greedy = greedy.map_err(|_: PlanError| ExplainError::Stopped)?;
        let (own, greedy) = (Outcome::of(self), Outcome::of(&greedy));
        Ok(AgainstGreedy {
            score_gained: ((own.score - greedy.score) * 1e6).round() / 1e6,
            served_more: own.served as i64 - greedy.served as i64,
            moves_saved: greedy.moved as i64 - own.moved as i64,
            own,
            greedy,
        })
    }
}

impl Outcome {
    fn of(plan: &Plan) -> Self {
        let mut served_by_tier = BTreeMap::new();
        for assignment in &plan.assignments {
            if let Some(tier) = plan.tiers.get(&assignment.customer) {
                *served_by_tier.entry(tier.clone()).or_default() += 1;
            }
        }
        let mut by_rep: BTreeMap<&str, f64> = BTreeMap::new();
        for load in &plan.loads {
            *by_rep.entry(&load.rep).or_default() += load.workload;
        }
        let workloads: Vec<f64> = by_rep.into_values().collect();
        Self {
            score: plan.totals.score,
            served: plan.assignments.len() as u64,
            served_by_tier,
            unassigned: plan.unassigned.len() as u64,
            moved: plan.totals.moved,
            workload: Balance::of(&workloads),
            greatest_share: (plan.loads.iter().filter_map(crate::plan::Load::share))
                .max_by(f64::total_cmp),
        }
    }
}
