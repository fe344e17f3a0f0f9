//! Two plans into one comparison.

use std::collections::BTreeMap;

use crate::allocation::{Stop, to_micros};
use crate::language::Value;
use crate::model::Book;
use crate::plan::inside::{Again, MadeFrom, Need, Origin, Scene, both};
use crate::plan::{Plan, PlanError, PlanOptions, Reason};
use crate::policy::Policy;
use crate::report::{ExplainError, Explanation};

use super::balance::Balance;
use super::cause::{Sides, causes, change};
use super::changes::{Difference, Entry, differences, entries};
use super::comparison::{
    Cause, Comparison, Example, Examples, OwnerChange, OwnerChangeCount, OwnerChanges, ReasonCount,
    RepBook, RepComparison, ScoreUnder, SideTotals, TierMigration,
};

/// How many examples there are of each kind of change.
const EXAMPLES: usize = 2;

/// Plans the book by both policies, and says what differs and why.
///
/// Time: both plans, at the same time where the feature `parallel` is on, and a share of one for
/// asking again about what differs.
///
/// ```
/// use bookwright::{Book, Cause, PlanOptions, Policy, Records, Schema, compare};
/// # let records: Records = serde_json::from_str(r#"{
/// #     "customers": [{"id": "c1", "region": "east"}, {"id": "c2"}],
/// #     "reps": [
/// #         {"id": "r1", "roles": ["developer"], "regions": ["west"], "level": 2},
/// #         {"id": "r2", "roles": ["developer"], "regions": ["east"], "level": 1}
/// #     ]
/// # }"#)?;
/// let book = Book::build(records, Schema::default())?;
/// let by_level = "fn score(customer, rep) { rep.level }";
/// let by_region = r#"
///     fn score(customer, rep) { rep.level + if customer.region in rep.regions { 10 } else { 0 } }
/// "#;
/// let baseline = Policy::compile(by_level, book.schema())?;
/// let candidate = Policy::compile(by_region, book.schema())?;
///
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let comparison = compare(&baseline, &candidate, &book, &options)?;
/// assert_eq!(comparison.owners.changed, 1);
/// assert_eq!(comparison.by_cause()[&Cause::Score], 1);
/// assert_eq!(comparison.examples[0].examples[0].customer, "c1");
/// assert!(comparison.to_string().starts_with("# Comparison\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PlanError`] where one of the policies gives no plan, or a budget ends the comparison; the
/// budgets hold for each plan, and for each asking again.
pub fn compare(
    baseline: &Policy,
    candidate: &Policy,
    book: &Book,
    options: &PlanOptions,
) -> Result<Comparison, PlanError> {
    let (baseline, candidate) = both(
        || baseline.plan(book, options),
        || candidate.plan(book, options),
    );
    Ok(compared(&baseline?, &candidate?)?)
}

/// Plans the book by one policy with two sets of parameters, and says what differs and why.
///
/// Both sets go over the parameters of the options, which go over `PARAMS`.
///
/// ```
/// use bookwright::{Book, PlanOptions, Policy, Records, Schema, Value, compare_params};
/// # let records: Records = serde_json::from_str(r#"{
/// #     "customers": [{"id": "c1", "annual_revenue": 50}],
/// #     "reps": [{"id": "r1", "roles": ["developer"]}]
/// # }"#)?;
/// let book = Book::build(records, Schema::default())?;
/// let policy = Policy::compile(r#"
///     const PARAMS = #{ border: 100.0 };
///     fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= params.border { "A" } else { "B" } }
///     fn coverage(customer) { ["developer"] }
/// "#, book.schema())?;
///
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let lower = [("border".to_owned(), Value::Float(40.0))].into();
/// let comparison = compare_params(&policy, &[].into(), &lower, &book, &options)?;
/// assert_eq!(comparison.tiers.changed, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`compare`]; a parameter that the policy does not have is one.
pub fn compare_params(
    policy: &Policy,
    baseline: &BTreeMap<String, Value>,
    candidate: &BTreeMap<String, Value>,
    book: &Book,
    options: &PlanOptions,
) -> Result<Comparison, PlanError> {
    let plan = |params| policy.plan(book, &with_params(options, params));
    let (baseline, candidate) = both(|| plan(baseline), || plan(candidate));
    Ok(compared(&baseline?, &candidate?)?)
}

pub(super) fn with_params(options: &PlanOptions, params: &BTreeMap<String, Value>) -> PlanOptions {
    let mut options = options.clone();
    let params = params.iter();
    (options.params).extend(params.map(|(name, value)| (name.clone(), value.clone())));
    options
}

impl Plan {
    /// What differs from this plan, the baseline, to the candidate, and why; for plans of the same
    /// book that differ in anything else, a strategy or a moment for example.
    ///
    /// # Errors
    /// [`ExplainError`] where one of them was read from JSON, was made from another book, or a
    /// budget ends it.
    pub fn compare(&self, candidate: &Self) -> Result<Comparison, ExplainError> {
        match (&self.made_from, &candidate.made_from) {
            (MadeFrom(Some(old)), MadeFrom(Some(new))) => {
                if !old.scene.book().is_same(new.scene.book()) {
                    return Err(ExplainError::OtherBook);
                }
            }
            _ => return Err(ExplainError::NotMadeHere),
        }
        compared(self, candidate).map_err(|_| ExplainError::Stopped)
    }
}

/// One side: the plan, what it was made from, and its demands.
pub(super) struct Side<'p> {
    plan: &'p Plan,
    pub(super) origin: &'p Origin,
    pub(super) entries: Vec<Entry>,
}

impl<'p> Side<'p> {
    /// Nothing for a plan that was read from JSON.
    pub(super) fn new(plan: &'p Plan) -> Option<Self> {
        let origin = plan.made_from.0.as_deref()?;
        Some(Self {
            plan,
            origin,
            entries: entries(origin),
        })
    }

    fn scene(&self) -> &'p Scene {
        &self.origin.scene
    }

    fn tier(&self, customer: usize) -> &'p str {
        self.scene().compiled().tiers.names()[self.scene().tiers[customer] as usize]
    }
}

/// Compares two plans that were made here from one book.
fn compared(baseline: &Plan, candidate: &Plan) -> Result<Comparison, Stop> {
    let (Some(old), Some(new)) = both(|| Side::new(baseline), || Side::new(candidate)) else {
        return Err(Stop::Cancelled); // plans that were read from JSON do not come here
    };
    let found = differences(&old.entries, &new.entries);
    let sides = Sides {
        baseline: old.origin,
        candidate: new.origin,
    };
    let told = |side: &Side<'_>| -> Result<(SideTotals, Vec<RepBook>), Stop> {
        let books = rep_books(side);
        let totals = SideTotals {
            score_under_baseline: score_under(old.scene(), side)?,
            score_under_candidate: score_under(new.scene(), side)?,
            ..side_totals(side.plan, &books)
        };
        Ok((totals, books))
    };
    let (causes, told) = both(
        || causes(sides, &found.list),
        || both(|| told(&old), || told(&new)),
    );
    let causes = causes?;
    let ((totals_old, books_old), (totals_new, books_new)) = (told.0?, told.1?);
    let counts = counts(&found.list, &causes);
    let tiers = migration(&old, &new);
    let mut examples = tier_examples(&old, &new, &tiers)?;
    examples.extend(owner_examples(&old, &new, &found.list, &causes, &counts)?);
    Ok(Comparison {
        baseline: totals_old,
        candidate: totals_new,
        tiers,
        owners: OwnerChanges {
            same: found.same,
            open: found.open,
            changed: found.list.len() as u64,
            counts,
        },
        unassigned: reasons(baseline, candidate),
        reps: (books_old.into_iter().zip(books_new).zip(0..))
            .map(|((baseline, candidate), rep)| RepComparison {
                rep: old.scene().rep_id(rep).to_owned(),
                baseline,
                candidate,
            })
            .collect(),
        examples,
    })
}

/// The sums of one side; the scores only by its own policy.
pub(super) fn side_totals(plan: &Plan, books: &[RepBook]) -> SideTotals {
    let totals = &plan.totals;
    let served = totals.demands - totals.unassigned;
    let own = ScoreUnder {
        score: totals.score,
        failed: 0,
    };
    let balance = |of: fn(&RepBook) -> f64| {
        // Reps that can carry nothing and do not are no part of the team.
        let team = books
            .iter()
            .filter(|book| book.customers > 0 || book.capacity != Some(0.0));
        Balance::of(&team.map(of).collect::<Vec<f64>>())
    };
    SideTotals {
        fingerprint: plan.fingerprint.clone(),
        demands: totals.demands,
        served,
        coverage: if totals.demands == 0 {
            1.0
        } else {
            served as f64 / totals.demands as f64
        },
        moved: totals.moved,
        problems: plan.problems.len() as u64,
        score_under_baseline: own,
        score_under_candidate: own,
        workload: balance(|book| book.workload),
        value: balance(|book| book.value),
    }
}

/// What the policy of a scene says of the owners of a side, in whole.
fn score_under(scene: &Scene, side: &Side<'_>) -> Result<ScoreUnder, Stop> {
    let owned = (side.entries.iter()).filter_map(|entry| Some((entry.need, entry.rep?)));
    let owned: Vec<(Need, u32)> = owned.collect();
    if std::ptr::eq(scene, side.scene()) {
        let failed = |problem: &&crate::plan::HookProblem| problem.hook == "score";
        let failed = side.plan.problems.iter().filter(failed);
        if failed.count() == 0 {
            return Ok(ScoreUnder {
                score: side.plan.totals.score,
                failed: 0,
            });
        }
    }
    let scores = Again(scene).scores(&owned)?;
    // In millionths, as plans count, so that the sum does not depend on the order.
    let told = scores.iter().filter(|score| !score.is_nan());
    let sum: i128 = told.map(|score| i128::from(to_micros(*score))).sum();
    Ok(ScoreUnder {
        score: sum as f64 / 1e6,
        failed: scores.iter().filter(|score| score.is_nan()).count() as u64,
    })
}

fn counts(list: &[Difference], causes: &[Cause]) -> Vec<OwnerChangeCount> {
    let mut counts: BTreeMap<(OwnerChange, Cause), u64> = BTreeMap::new();
    for (difference, cause) in list.iter().zip(causes) {
        *counts.entry((change(difference), *cause)).or_default() += 1;
    }
    (counts.into_iter())
        .map(|((change, cause), demands)| OwnerChangeCount {
            change,
            cause,
            demands,
        })
        .collect()
}

fn migration(old: &Side<'_>, new: &Side<'_>) -> TierMigration {
    let names = |side: &Side<'_>| -> Vec<String> {
        let names = side.scene().compiled().tiers.names();
        names.into_iter().map(str::to_owned).collect()
    };
    let (baseline, candidate) = (names(old), names(new));
    let mut counts = vec![vec![0; candidate.len()]; baseline.len()];
    for (&before, &after) in old.scene().tiers.iter().zip(&new.scene().tiers) {
        counts[before as usize][after as usize] += 1;
    }
    let mut changed = 0;
    for (before, row) in baseline.iter().zip(&counts) {
        let others = candidate
            .iter()
            .zip(row)
            .filter(|(after, _)| before != *after);
        changed += others.map(|(_, count)| count).sum::<u64>();
    }
    TierMigration {
        baseline,
        candidate,
        counts,
        changed,
    }
}

/// What each rep has, by position.
pub(super) fn rep_books(side: &Side<'_>) -> Vec<RepBook> {
    let scene = side.scene();
    let mut books = vec![RepBook::default(); scene.reps.len()];
    let mut sums = vec![(0_i128, 0_i128); books.len()];
    let mut assignments = side.plan.assignments.iter(); // in the same order as the entries
    for customer in side
        .entries
        .chunk_by(|a, b| a.need.customer == b.need.customer)
    {
        let mut value = None;
        for (at, entry) in customer.iter().enumerate() {
            let Some(rep) = entry.rep else { continue };
            let score = assignments.next().map_or(0.0, |given| given.score);
            let (workload, scores) = &mut sums[rep as usize];
            *workload += i128::from(entry.need.workload);
            *scores += i128::from(to_micros(score));
            if customer[..at].iter().all(|other| other.rep != Some(rep)) {
                let value = *value.get_or_insert_with(|| {
                    let row = scene.row(entry.need.customer);
                    let revenue = scene.view.customer(row, None).float("annual_revenue");
                    revenue.unwrap_or(0.0)
                });
                books[rep as usize].customers += 1;
                books[rep as usize].value += value;
            }
        }
    }
    let mut loads = side.plan.loads.iter().peekable(); // in order of rep
    for (rep, (book, (workload, score))) in books.iter_mut().zip(sums).enumerate() {
        book.workload = workload as f64 / 1e6;
        book.score = score as f64 / 1e6;
        let mut capacity = Some(0.0);
        while let Some(load) = loads.next_if(|load| load.rep == scene.rep_id(rep as u32)) {
            capacity = capacity.zip(load.capacity).map(|(sum, one)| sum + one);
        }
        book.capacity = capacity;
    }
    books
}

fn reasons(baseline: &Plan, candidate: &Plan) -> Vec<ReasonCount> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for open in &baseline.unassigned {
        counts.entry(kind(&open.reason)).or_default().0 += 1;
    }
    for open in &candidate.unassigned {
        counts.entry(kind(&open.reason)).or_default().1 += 1;
    }
    (counts.into_iter())
        .map(|(reason, (baseline, candidate))| ReasonCount {
            reason: reason.to_owned(),
            baseline,
            candidate,
        })
        .collect()
}

/// The kind of a reason as in the JSON of a plan.
const fn kind(reason: &Reason) -> &'static str {
    match reason {
        Reason::NoRepInRole => "no_rep_in_role",
        Reason::NoneEligible { .. } => "none_eligible",
        Reason::NoCapacity { .. } => "no_capacity",
        Reason::Excluded { .. } => "excluded",
        Reason::BelowPrice => "below_price",
        Reason::MaxMoves => "max_moves",
        Reason::LeftOpen => "left_open",
        Reason::HookFailed { .. } => "hook_failed",
    }
}

fn tier_examples(
    old: &Side<'_>,
    new: &Side<'_>,
    tiers: &TierMigration,
) -> Result<Vec<Examples>, Stop> {
    let (rows, columns) = (tiers.baseline.len(), tiers.candidate.len());
    let mut first: Vec<Vec<usize>> = vec![Vec::new(); rows * columns];
    for at in 0..old.scene().tiers.len() {
        if old.tier(at) == new.tier(at) {
            continue;
        }
        let (before, after) = (old.scene().tiers[at], new.scene().tiers[at]);
        let cell = &mut first[before as usize * columns + after as usize];
        if cell.len() < EXAMPLES {
            cell.push(at);
        }
    }
    let mut examples = Vec::new();
    for (cell, customers) in first.iter().enumerate() {
        let (row, column) = (cell / columns.max(1), cell % columns.max(1));
        if !customers.is_empty() {
            let told = customers
                .iter()
                .map(|&at| example(old, new, at as u32, None));
            examples.push(Examples {
                kind: format!(
                    "tier {} to {}",
                    tiers.baseline[row], tiers.candidate[column]
                ),
                of: tiers.counts[row][column],
                examples: told.collect::<Result<_, _>>()?,
            });
        }
    }
    Ok(examples)
}

fn owner_examples(
    old: &Side<'_>,
    new: &Side<'_>,
    list: &[Difference],
    causes: &[Cause],
    counts: &[OwnerChangeCount],
) -> Result<Vec<Examples>, Stop> {
    let of = |count: &OwnerChangeCount| {
        let kind = (count.change, count.cause);
        let same = list
            .iter()
            .zip(causes)
            .filter(move |(difference, cause)| (change(difference), **cause) == kind);
        let told = same.take(EXAMPLES).map(|(difference, _)| {
            let (customer, role) = difference.place();
            example(old, new, customer, Some((role, difference.reps())))
        });
        Ok(Examples {
            kind: format!("{} by {}", count.change.name(), count.cause.name()),
            of: count.demands,
            examples: told.collect::<Result<_, Stop>>()?,
        })
    };
    counts.iter().map(of).collect()
}

/// A role by number, and its owner on either side by position.
type RoleOwners = (u16, (Option<u32>, Option<u32>));

fn example(
    old: &Side<'_>,
    new: &Side<'_>,
    customer: u32,
    owners: Option<RoleOwners>,
) -> Result<Example, Stop> {
    let scene = old.scene();
    let role = owners.map(|(role, _)| scene.role_id(role));
    let reps: Vec<&str> = (owners.iter())
        .flat_map(|(_, (before, after))| before.iter().chain(after))
        .map(|&rep| scene.rep_id(rep))
        .collect();
    let id = scene.customer_id(customer);
    let told = |side: &Side<'_>| -> Result<Explanation, Stop> {
        let told = side.plan.explain(side.scene().book(), id);
        // The plan was made here and from this book, so only a budget is in the way.
        let mut told = told.map_err(|_| Stop::Operations)?;
        told.roles.retain(|other| Some(other.role.as_str()) == role);
        for role in &mut told.roles {
            (role.candidates).retain(|candidate| reps.contains(&candidate.rep.as_str()));
        }
        Ok(told)
    };
    Ok(Example {
        customer: id.to_owned(),
        role: role.map(str::to_owned),
        baseline: told(old)?,
        candidate: told(new)?,
    })
}
