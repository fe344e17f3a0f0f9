//! What should hold of every plan of a policy, as functions over one [`Case`].
//!
//! An invariant looks at a policy from outside: it plans, changes the book a little, plans again,
//! and compares. It tells of policies, not of this library: what it finds is a rule that fails for
//! somebody, forgets a limit, or answers otherwise tomorrow though nothing happened. Some plan once
//! for each customer; they are made for books of a few dozen records.

use std::collections::BTreeMap;
use std::fmt;

use crate::language::{Kind, Side};
use crate::model::{Attribute, Book, Customer, Field, Presence, Records};
use crate::plan::{Change, Plan, PlanOptions, Reason};
use crate::policy::Policy;

/// A policy, a book, and the plan that one makes of the other.
#[derive(Debug)]
pub struct Case<'a> {
    /// The policy that is tried.
    pub policy: &'a Policy,
    /// How it plans: moment, offset, parameters.
    pub options: &'a PlanOptions,
    /// The records of the book.
    pub records: &'a Records,
    /// The book.
    pub book: Book,
    /// The plan.
    pub plan: Plan,
}

/// Something that should hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}{what}")]
pub struct Broken {
    /// The customer or rep that it is seen at.
    pub subject: Subject,
    /// What is wrong with it.
    pub what: String,
}

/// Where a broken invariant is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// At a customer, by its id.
    Customer(String),
    /// At a rep, by its id.
    Rep(String),
    /// At the book as a whole.
    Book,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer `{id}` "),
            Self::Rep(id) => write!(f, "rep `{id}` "),
            Self::Book => Ok(()),
        }
    }
}

impl Broken {
    fn customer(id: &str, what: impl Into<String>) -> Self {
        Self {
            subject: Subject::Customer(id.to_owned()),
            what: what.into(),
        }
    }

    fn rep(id: &str, what: impl Into<String>) -> Self {
        Self {
            subject: Subject::Rep(id.to_owned()),
            what: what.into(),
        }
    }

    pub(super) fn book(what: impl Into<String>) -> Self {
        Self {
            subject: Subject::Book,
            what: what.into(),
        }
    }
}

impl<'a> Case<'a> {
    /// Builds the book and plans it.
    ///
    /// # Errors
    /// A book that is wrong, or a policy that makes no plan of it.
    pub fn new(
        policy: &'a Policy,
        records: &'a Records,
        options: &'a PlanOptions,
    ) -> Result<Self, Broken> {
        let book = built(policy, records.clone())?;
        let plan = planned(policy, &book, options)?;
        Ok(Self {
            policy,
            options,
            records,
            book,
            plan,
        })
    }

    /// The plan of the same policy for other records.
    fn plan_of(&self, records: Records) -> Result<Plan, Broken> {
        planned(self.policy, &built(self.policy, records)?, self.options)
    }

    /// The same records with one customer changed.
    fn with_customer(&self, at: usize, change: impl FnOnce(&mut Customer)) -> Records {
        let mut records = self.records.clone();
        if let Some(customer) = records.customers.get_mut(at) {
            change(customer);
        }
        records
    }
}

fn built(policy: &Policy, records: Records) -> Result<Book, Broken> {
    let schema = policy.schema().clone();
    Book::build(records, schema)
        .map_err(|error| Broken::book(format!("the book is wrong: {error}")))
}

fn planned(policy: &Policy, book: &Book, options: &PlanOptions) -> Result<Plan, Broken> {
    let plan = policy.plan(book, options);
    plan.map_err(|error| Broken::book(format!("there is no plan: {error}")))
}

/// Every hook has an answer for every record that it is asked about.
///
/// Finds rules that nobody tried on the odd record: a division, an index, a text that should be a
/// number.
///
/// ```
/// use bookwright::testing::{Case, no_hook_fails};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Schema};
///
/// let policy = Policy::compile(
///     "fn priority(customer) { 1000 / (customer.employees ?? 1) }", // nobody has 0 employees?
///     &Schema::default(),
/// )?;
/// let records = Records {
///     customers: vec![Customer::new("c1").set("employees", 0)],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = no_hook_fails(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(broken.to_string(), "customer `c1` has no answer from `priority`: division by zero: 1000 / 0, line 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first hook that failed.
pub fn no_hook_fails(case: &Case<'_>) -> Result<(), Broken> {
    let Some(problem) = case.plan.problems.first() else {
        return Ok(());
    };
    let line = problem.line.map(|line| format!(", line {line}"));
    let what = format!(
        "has no answer from `{}`: {}{}",
        problem.hook,
        problem.message,
        line.unwrap_or_default()
    );
    Err(match (&problem.customer, &problem.rep) {
        (Some(customer), _) => Broken::customer(customer, what),
        (None, Some(rep)) => Broken::rep(rep, what),
        (None, None) => Broken::book(what),
    })
}

/// Every customer has a tier, and every demand either an owner or a reason that is the policy's
/// own: no rep in the role, none eligible, no room, excluded, not worth it. A hook that failed
/// decides nothing.
///
/// Finds policies that lose customers: a hook that fails for some, or a `coverage` that names no
/// role for them.
///
/// ```
/// use bookwright::testing::{Case, everyone_decided};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Schema};
///
/// let policy = Policy::compile(
///     r#"fn coverage(customer) {
///         switch customer.stage { "lead" | "prospect" => ["developer"], "active" => ["maintainer"], _ => [] }
///     }"#, // who looks after those at risk?
///     &Schema::default(),
/// )?;
/// let records = Records {
///     customers: vec![Customer::new("c1").set("stage", "at_risk")],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = everyone_decided(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(broken.to_string(), "customer `c1` needs nobody: `coverage` names no role for it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first customer that is undecided.
pub fn everyone_decided(case: &Case<'_>) -> Result<(), Broken> {
    let mut demands: BTreeMap<&str, u32> = BTreeMap::new();
    for assignment in &case.plan.assignments {
        *demands.entry(&assignment.customer).or_default() += 1;
    }
    for open in &case.plan.unassigned {
        if let Reason::HookFailed { hook } = &open.reason {
            let what = format!("has nobody as `{}` because `{hook}` failed", open.role);
            return Err(Broken::customer(&open.customer, what));
        }
        *demands.entry(&open.customer).or_default() += 1;
    }
    for customer in &case.records.customers {
        let id = customer.id.as_str();
        if !case.plan.tiers.contains_key(id) {
            return Err(Broken::customer(id, "has no tier"));
        }
        if !demands.contains_key(id) {
            let what = "needs nobody: `coverage` names no role for it";
            return Err(Broken::customer(id, what));
        }
    }
    Ok(())
}

/// Nobody is given more than the policy says it can carry; who is overfull keeps what it has and
/// gets nothing.
///
/// Every strategy of this library holds it. It finds strategies in Rust that look at scores and
/// forget the limits.
///
/// ```
/// use std::sync::Arc;
/// use bookwright::allocation::{Allocation, PairSource, Problem, Stop, Strategy, Watch};
/// use bookwright::testing::{Case, capacity_respected};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Rep, Schema};
///
/// /// Everything to the first rep.
/// #[derive(Debug)]
/// struct ToTheFirst;
/// impl Strategy for ToTheFirst {
///     fn name(&self) -> &str {
///         "to_the_first"
///     }
///     fn allocate(
///         &self, problem: &Problem, _: &dyn PairSource, _: &mut dyn Watch,
///     ) -> Result<Allocation, Stop> {
///         let rep_of = vec![Some(0); problem.demands.len()]; // whatever `problem.limits` say
///         Ok(Allocation { rep_of, ..Allocation::default() })
///     }
/// }
///
/// let policy = Policy::builder(&Schema::default()).strategy(Arc::new(ToTheFirst)).build()?;
/// let records = Records {
///     customers: vec![Customer::new("c1"), Customer::new("c2")],
///     reps: vec![Rep::new("r1").roles(["developer"]).set("capacity", 1.0)],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?).strategy("to_the_first");
/// let broken = capacity_respected(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(broken.to_string(), "rep `r1` is given customer `c1` and carries 2 of 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first rep that is given a customer beyond its capacity.
pub fn capacity_respected(case: &Case<'_>) -> Result<(), Broken> {
    for load in &case.plan.loads {
        let (carried, capacity) = match (load.capacity, load.capacity_customers) {
            (Some(capacity), _) if load.workload > capacity + ROUNDING => (load.workload, capacity),
            (_, Some(most)) if load.customers > most => (load.customers as f64, most as f64),
            _ => continue,
        };
        let role = load.role.as_deref();
        if let Some(given) = first_given(&case.plan, &load.rep, role) {
            let what = format!("is given customer `{given}` and carries {carried} of {capacity}");
            return Err(Broken::rep(&load.rep, what));
        }
    }
    Ok(())
}

/// Nobody is given more than its own record says: what it carries in this book, in all roles, and
/// its `workload` outside it are at most its `capacity`. Reps whose capacity the policy counts in
/// customers alone are left out.
///
/// Finds a `capacity` that forgets what reps carry elsewhere, or gives each role the whole rep.
///
/// ```
/// use bookwright::testing::{Case, nobody_overbooked};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Rep, Schema};
///
/// let policy = Policy::compile("fn capacity(rep) { rep.capacity }", &Schema::default())?;
/// let records = Records {
///     customers: vec![Customer::new("c1")],
///     reps: vec![Rep::new("r1").roles(["developer"]).set("capacity", 10.0).set("workload", 10.0)],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = nobody_overbooked(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(
///     broken.to_string(),
///     "rep `r1` is given customer `c1` and carries 11 of 10, 10 of it outside this book"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first rep that is given a customer beyond what its record says.
pub fn nobody_overbooked(case: &Case<'_>) -> Result<(), Broken> {
    let mut carried: BTreeMap<&str, f64> = BTreeMap::new();
    for load in &case.plan.loads {
        if load.capacity.is_some() {
            *carried.entry(&load.rep).or_default() += load.workload;
        }
    }
    for (rep, inside) in carried {
        let (capacity, outside) = (of_rep(case, rep, "capacity"), of_rep(case, rep, "workload"));
        let carried = inside + outside;
        if carried > capacity + ROUNDING
            && let Some(given) = first_given(&case.plan, rep, None)
        {
            let what = format!(
                "is given customer `{given}` and carries {carried} of {capacity}, {outside} of it \
                 outside this book"
            );
            return Err(Broken::rep(rep, what));
        }
    }
    Ok(())
}

/// Sums of workloads are exact to the millionth in a plan, and floats here.
const ROUNDING: f64 = 1e-5;

/// The first customer that the plan newly gives to the rep, in the role or in any.
fn first_given<'p>(plan: &'p Plan, rep: &str, role: Option<&str>) -> Option<&'p str> {
    let given = plan.assignments.iter().find(|assignment| {
        assignment.rep == rep
            && assignment.change != Change::Kept
            && role.is_none_or(|role| role == assignment.role)
    });
    given.map(|assignment| assignment.customer.as_str())
}

/// A number of the rep's record, or the schema's default.
fn of_rep(case: &Case<'_>, rep: &str, field: &str) -> f64 {
    let record = case.records.reps.iter().find(|record| record.id == rep);
    let given = record.and_then(|record| number(record.attributes.get(field)?));
    given.unwrap_or_else(|| {
        let schema = case.policy.schema();
        let field = schema.field(Side::Rep, field);
        match field
            .and_then(|ix| schema.get(Side::Rep, ix))
            .map(|field| &field.presence)
        {
            Some(Presence::Default(value)) => number(value).unwrap_or(0.0),
            _ => 0.0,
        }
    })
}

/// The order in which records come changes nothing.
///
/// Hooks in a script cannot see it. It finds hooks and strategies in Rust that remember what they
/// were asked before.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use bookwright::testing::{Case, order_independent};
/// use bookwright::{Customer, HookError, PlanOptions, Policy, Records, Schema};
///
/// let seen = AtomicU64::new(0);
/// let policy = Policy::builder(&Schema::default())
///     .tier(move |_| { // the first to come is in tier A
///         Ok::<_, HookError>(if seen.fetch_add(1, Ordering::Relaxed) % 3 == 0 { "A" } else { "C" })
///     })
///     .build()?;
/// let records = Records {
///     customers: vec![Customer::new("c1"), Customer::new("c2")],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = order_independent(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(
///     broken.to_string(),
///     "customer `c1` is in tier A, but in tier C where records come in another order"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first difference between the plans.
pub fn order_independent(case: &Case<'_>) -> Result<(), Broken> {
    let mut records = case.records.clone();
    records.customers.reverse();
    records.reps.reverse();
    let third = records.customers.len() / 3;
    records.customers.rotate_left(third);
    let other = case.plan_of(records)?;
    same_decisions(&case.plan, &other, "where records come in another order")
}

/// Planning once more at the same moment, after the plan was carried out, changes nothing: every
/// tier and every owner stays, and nobody is taken on.
///
/// Finds rules that answer to their own effect: tiers that turn on `current_tier`, `eligible` or
/// `score` that turn on `owner` or `holding` and send a customer from rep to rep.
///
/// ```
/// use bookwright::testing::{Case, no_flapping};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Rep, Schema};
///
/// let policy = Policy::compile(
///     "fn eligible(customer, rep) { rep.holding < 1 }", // one customer each, it was meant
///     &Schema::default(),
/// )?;
/// let records = Records {
///     customers: vec![Customer::new("c1")],
///     reps: vec![Rep::new("r1").roles(["developer"])],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = no_flapping(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(
///     broken.to_string(),
///     "customer `c1` has `r1` as `developer`, but nobody in the next plan, with nothing changed"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first difference between this plan and the next.
pub fn no_flapping(case: &Case<'_>) -> Result<(), Broken> {
    let applied = case.book.apply(&case.plan);
    let tomorrow =
        applied.map_err(|error| Broken::book(format!("the plan cannot be applied: {error}")))?;
    let next = planned(case.policy, &tomorrow, case.options)?;
    same_decisions(&case.plan, &next, "in the next plan, with nothing changed")
}

/// More of a number never makes for a lower tier, all else the same.
///
/// Finds cuts in the wrong order, a sign that is wrong, a bonus that ends where it should grow.
/// Tried for every customer that has the number, with a little more, with twice as much, and with
/// as much as the greatest of the book; plans once for each.
///
/// ```
/// use bookwright::testing::{Case, monotone_in};
/// use bookwright::{Customer, PlanOptions, Policy, Records, Schema};
///
/// let policy = Policy::compile(
///     r#"fn tier(customer) {
///         switch to_int(customer.annual_revenue ?? 0.0) { 100_000..500_000 => "A", _ => "C" }
///     }"#, // and above 500,000?
///     &Schema::default(),
/// )?;
/// let records = Records {
///     customers: vec![Customer::new("c1").set("annual_revenue", 300_000.0)],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = monotone_in("annual_revenue")(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(
///     broken.to_string(),
///     "customer `c1` goes from tier A to tier C when `annual_revenue` goes from 300000 to 600000"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The invariant's error is the first customer whose tier falls, or that there is no such number
/// in the policy's schema.
pub fn monotone_in(field: &str) -> impl Fn(&Case<'_>) -> Result<(), Broken> + use<> {
    let field = field.to_owned();
    move |case| {
        let known = customer_field(case, &field)?;
        let whole = match known.kind {
            Kind::Int => true,
            Kind::Float => false,
            kind => {
                return Err(Broken::book(format!(
                    "`{field}` is {kind}, expected a number"
                )));
            }
        };
        let numbers: Vec<Option<f64>> = case
            .records
            .customers
            .iter()
            .map(|customer| number(customer.attributes.get(&field)?))
            .collect();
        let greatest = numbers.iter().flatten().copied().fold(0.0, f64::max);
        for (at, number) in numbers.into_iter().enumerate() {
            let Some(number) = number else { continue };
            for more in [number * 1.1, number * 2.0, greatest] {
                let more = if whole { more.round() } else { more };
                let more = more.min(known.max.unwrap_or(f64::MAX));
                if more > number {
                    tier_rises(case, at, &field, whole, (number, more))?;
                }
            }
        }
        Ok(())
    }
}

/// The customer field of that name in the policy's schema.
fn customer_field<'c>(case: &Case<'c>, name: &str) -> Result<&'c Field, Broken> {
    let schema = case.policy.schema();
    let field = schema.field(Side::Customer, name);
    field
        .and_then(|ix| schema.get(Side::Customer, ix))
        .ok_or_else(|| Broken::book(format!("there is no customer field `{name}`")))
}

fn tier_rises(
    case: &Case<'_>,
    at: usize,
    field: &str,
    whole: bool,
    (less, more): (f64, f64),
) -> Result<(), Broken> {
    let value = if whole {
        Attribute::Int(more as i64)
    } else {
        Attribute::Float(more)
    };
    let plan = case.plan_of(case.with_customer(at, |customer| {
        customer.attributes.insert(field.to_owned(), value);
    }))?;
    let Some(customer) = case.records.customers.get(at) else {
        return Ok(());
    };
    let id = customer.id.as_str();
    let (Some(before), Some(after)) = (case.plan.tiers.get(id), plan.tiers.get(id)) else {
        return Ok(());
    };
    let names = case.policy.tiers().names();
    let rank = |tier: &str| names.iter().position(|name| *name == tier);
    if rank(after) > rank(before) {
        let what = format!(
            "goes from tier {before} to tier {after} when `{field}` goes from {less} to {more}"
        );
        return Err(Broken::customer(id, what));
    }
    Ok(())
}

fn number(attribute: &Attribute) -> Option<f64> {
    match attribute {
        Attribute::Int(int) => Some(*int as f64),
        Attribute::Float(float) => Some(*float),
        _ => None,
    }
}

/// Nothing turns on a field: without its values, or with one value for all where it is required,
/// every tier and every owner is the same.
///
/// Finds what a policy must not look at, also where it does so by a helper: a field kept for
/// reports only, or one that the law forbids to decide by.
///
/// ```
/// use bookwright::testing::{Case, blind_to};
/// use bookwright::{Customer, Field, Kind, PlanOptions, Policy, Records, Schema};
///
/// let schema = Schema::builder().customer_field(Field::new("founder_age", Kind::Int)).build()?;
/// let policy = Policy::compile(
///     r#"fn tier(customer) { if (customer.founder_age ?? 40) < 60 { "B" } else { "C" } }"#,
///     &schema,
/// )?;
/// let records = Records {
///     customers: vec![Customer::new("c1").set("founder_age", 61)],
///     ..Records::default()
/// };
/// let options = PlanOptions::at("2026-03-02".parse()?);
/// let broken = blind_to("founder_age")(&Case::new(&policy, &records, &options)?).unwrap_err();
/// assert_eq!(
///     broken.to_string(),
///     "customer `c1` is in tier C, but in tier B where nobody has a `founder_age`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The invariant's error is the first customer for whom something turns on the field.
pub fn blind_to(field: &str) -> impl Fn(&Case<'_>) -> Result<(), Broken> + use<> {
    let field = field.to_owned();
    move |case| {
        let known = customer_field(case, &field)?;
        let mut records = case.records.clone();
        let first = records.customers.first();
        let (of_all, when) = match known.presence {
            Presence::Required => (
                first.and_then(|customer| customer.attributes.get(&field).cloned()),
                format!("where all have the same `{field}`"),
            ),
            _ => (None, format!("where nobody has a `{field}`")),
        };
        for customer in &mut records.customers {
            match &of_all {
                Some(value) => customer.attributes.insert(field.clone(), value.clone()),
                None => customer.attributes.remove(&field),
            };
        }
        same_decisions(&case.plan, &case.plan_of(records)?, &when)
    }
}

/// Whether tiers and owners are the same; the first difference, in words, where they are not.
fn same_decisions(plan: &Plan, other: &Plan, when: &str) -> Result<(), Broken> {
    for (customer, tier) in &plan.tiers {
        match other.tiers.get(customer) {
            Some(then) if then == tier => {}
            then => {
                let then = then.map_or("no tier".to_owned(), |tier| format!("tier {tier}"));
                let what = format!("is in tier {tier}, but in {then} {when}");
                return Err(Broken::customer(customer, what));
            }
        }
    }
    let (owners, then) = (owners(plan), owners(other));
    for &(customer, role) in owners.keys().chain(then.keys()) {
        let (now, then) = (owners.get(&(customer, role)), then.get(&(customer, role)));
        if now != then {
            let named =
                |rep: Option<&&str>| rep.map_or("nobody".to_owned(), |rep| format!("`{rep}`"));
            let (now, then) = (named(now), named(then));
            let what = format!("has {now} as `{role}`, but {then} {when}");
            return Err(Broken::customer(customer, what));
        }
    }
    Ok(())
}

fn owners(plan: &Plan) -> BTreeMap<(&str, &str), &str> {
    plan.assignments
        .iter()
        .map(|it| ((it.customer.as_str(), it.role.as_str()), it.rep.as_str()))
        .collect()
}
