//! One policy over a grid of parameter values.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::language::Value;
use crate::model::Book;
use crate::plan::{PlanError, PlanOptions};
use crate::policy::Policy;

use super::balance::Balance;
use super::changes::differences;
use super::compare::{Side, rep_books, side_totals, with_params};

/// Values to try for some parameters: every combination is a point.
///
/// ```
/// use bookwright::Grid;
/// let grid = Grid::new().axis("bonus", [0.0, 10.0, 20.0]).axis("senior_from", [2_i64, 3]);
/// assert_eq!(grid.points().len(), 6);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    axes: Vec<(String, Vec<Value>)>,
}

impl Grid {
    /// Without axes: one point, the parameters as they are.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tries these values of a parameter; those of a name that is there already are replaced.
    #[must_use]
    pub fn axis<V: Into<Value>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let name = name.into();
        self.axes.retain(|(other, _)| *other != name);
        self.axes
            .push((name, values.into_iter().map(Into::into).collect()));
        self
    }

    /// All points, the last axis changing fastest. Their number is the product of the axes'
    /// lengths.
    #[must_use]
    pub fn points(&self) -> Vec<BTreeMap<String, Value>> {
        let mut points = vec![BTreeMap::new()];
        for (name, values) in &self.axes {
            points = (points.iter())
                .flat_map(|point| {
                    values.iter().map(|value| {
                        let mut point = point.clone();
                        point.insert(name.clone(), value.clone());
                        point
                    })
                })
                .collect();
        }
        points
    }
}

/// One row for each point of a grid, in the order of [`Grid::points`].
///
/// `Display` renders it as Markdown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// The parameters that vary, by name.
    pub params: Vec<String>,
    /// The rows.
    pub rows: Vec<SweepRow>,
}

/// What the policy decides at one point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepRow {
    /// The parameters that vary, by name.
    pub params: BTreeMap<String, Value>,
    /// Customers per tier.
    pub tiers: BTreeMap<String, u64>,
    /// Customers in another tier than with the parameters as they are.
    pub tiers_changed: u64,
    /// Demands with another owner than with the parameters as they are.
    pub owners_changed: u64,
    /// Demands without an owner.
    pub unassigned: u64,
    /// The share of demands that have an owner, 0..1.
    pub coverage: f64,
    /// Handovers against today.
    pub moved: u64,
    /// The sum of scores, by the policy with the parameters of this point: it tells points apart
    /// only as far as the scores mean the same.
    pub score: f64,
    /// How evenly workload is spread.
    pub workload: Balance,
    /// How evenly value is spread.
    pub value: Balance,
    /// The fingerprint of the plan.
    pub fingerprint: String,
}

/// Plans the book at every point of a grid. What changes is told against the parameters as they
/// are in the options and the policy.
///
/// Time: one plan per point and one more; one plan is in memory beside that one.
///
/// ```
/// use bookwright::{Book, Grid, PlanOptions, Policy, Records, Schema, sweep};
/// # let records: Records = serde_json::from_str(r#"{
/// #     "customers": [{"id": "c1", "annual_revenue": 50}, {"id": "c2", "annual_revenue": 70}],
/// #     "reps": [{"id": "r1", "roles": ["developer"]}]
/// # }"#)?;
/// let book = Book::build(records, Schema::default())?;
/// let policy = Policy::compile(r#"
///     const PARAMS = #{ border: 100.0 };
///     fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= params.border { "A" } else { "B" } }
///     fn coverage(customer) { ["developer"] }
/// "#, book.schema())?;
///
/// let grid = Grid::new().axis("border", [40.0, 60.0, 80.0]);
/// let swept = sweep(&policy, &grid, &book, &PlanOptions::at("2026-03-02".parse()?))?;
/// let changed: Vec<u64> = swept.rows.iter().map(|row| row.tiers_changed).collect();
/// assert_eq!(changed, [2, 1, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Policy::plan`], at the first point that gives no plan. The budgets hold for each plan.
pub fn sweep(
    policy: &Policy,
    grid: &Grid,
    book: &Book,
    options: &PlanOptions,
) -> Result<Sweep, PlanError> {
    let base = policy.plan(book, options)?;
    let mut swept = Sweep {
        params: grid.axes.iter().map(|(name, _)| name.clone()).collect(),
        rows: Vec::new(),
    };
    swept.params.sort();
    let Some(before) = Side::new(&base) else {
        return Ok(swept); // a plan that was just made knows what it was made from
    };
    for params in grid.points() {
        let plan = policy.plan(book, &with_params(options, &params))?;
        let Some(after) = Side::new(&plan) else {
            continue;
        };
        let tiers = (before.origin.scene.tiers.iter()).zip(&after.origin.scene.tiers);
        let tiers_changed = tiers.filter(|(before, after)| before != after).count() as u64;
        let owners_changed = differences(&before.entries, &after.entries).list.len() as u64;
        let totals = side_totals(&plan, &rep_books(&after));
        swept.rows.push(SweepRow {
            params,
            tiers: plan.totals.tiers.clone(),
            tiers_changed,
            owners_changed,
            unassigned: plan.totals.unassigned,
            coverage: totals.coverage,
            moved: totals.moved,
            score: plan.totals.score,
            workload: totals.workload,
            value: totals.value,
            fingerprint: totals.fingerprint,
        });
    }
    Ok(swept)
}
