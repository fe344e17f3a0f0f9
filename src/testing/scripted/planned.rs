//! A plan as the map that tests assert on: the shape of its JSON, with owners by customer and role
//! and with the records themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::language::{Side, Value};
use crate::model::{Pin, View};
use crate::plan::{
    Assignment, ByCustomer, Change, HookProblem, Load, Plan, Reason, Released, Totals, Unassigned,
};

use super::records::Map;

/// The plan as a map; records are numbered from `first`, customers and reps each, by their row.
pub(super) fn planned(plan: &Plan, view: &View, first: (u32, u32)) -> Value {
    let mut owners: BTreeMap<Arc<str>, Map> = BTreeMap::new();
    for assignment in &plan.assignments {
        owners
            .entry(assignment.customer.as_str().into())
            .or_default()
            .insert(
                assignment.role.as_str().into(),
                assignment.rep.as_str().into(),
            );
    }
    for customer in plan.tiers.keys() {
        owners.entry(customer.into()).or_default();
    }
    let owners = owners
        .into_iter()
        .map(|(customer, roles)| (customer, Value::Map(Arc::new(roles))));
    of([
        ("tiers", by_id(&plan.tiers)),
        ("segments", by_id(&plan.segments)),
        ("owners", Value::Map(Arc::new(owners.collect()))),
        ("assignments", list(&plan.assignments, assignment)),
        ("released", list(&plan.released, released)),
        ("unassigned", list(&plan.unassigned, unassigned)),
        ("problems", list(&plan.problems, problem)),
        ("loads", list(&plan.loads, load)),
        ("totals", totals(&plan.totals)),
        ("customers", records(view, Side::Customer, first.0)),
        ("reps", records(view, Side::Rep, first.1)),
        ("pins", list(&view.book().pins(), pin)),
    ])
}

/// `plan.owner(customer, role)`.
pub(super) fn owner(plan: &Map, customer: &str, role: &str) -> Result<Value, String> {
    known(plan, customer)?;
    let Some(Value::Map(owners)) = plan.get("owners") else {
        return Err(no_plan());
    };
    Ok(match owners.get(customer) {
        Some(Value::Map(roles)) => roles.get(role).cloned().unwrap_or(Value::Unit),
        _ => Value::Unit,
    })
}

/// `plan.reason(customer, role)`.
pub(super) fn reason(plan: &Map, customer: &str, role: &str) -> Result<Value, String> {
    known(plan, customer)?;
    for entry in entries(plan, "unassigned")? {
        if is(entry, "customer", customer)
            && is(entry, "role", role)
            && let Some(Value::Map(reason)) = entry.get("reason")
        {
            return Ok(match reason.get("reasons") {
                Some(Value::Map(reasons)) => {
                    let reasons: Vec<&str> = reasons.keys().map(|reason| &**reason).collect();
                    Value::from(reasons.join("; ").as_str())
                }
                _ => reason.get("kind").cloned().unwrap_or(Value::Unit),
            });
        }
    }
    Ok(Value::Unit)
}

/// `plan.load(rep)` and `plan.load(rep, role)`.
pub(super) fn load_of(plan: &Map, rep: &str, role: Option<&str>) -> Result<Value, String> {
    let found = entries(plan, "loads")?.into_iter().find(|entry| {
        is(entry, "rep", rep)
            && match role {
                Some(role) => is(entry, "role", role),
                None => !entry.contains_key("role"),
            }
    });
    Ok(found.map_or(Value::Unit, |entry| Value::Map(Arc::new(entry.clone()))))
}

/// A customer that the plan has not is a slip of the test, not one without owner.
fn known(plan: &Map, customer: &str) -> Result<(), String> {
    match plan.get("tiers") {
        Some(Value::Map(tiers)) if tiers.contains_key(customer) => Ok(()),
        Some(Value::Map(_)) => Err(format!("the plan has no customer `{customer}`")),
        _ => Err(no_plan()),
    }
}

fn entries<'a>(plan: &'a Map, name: &str) -> Result<Vec<&'a Map>, String> {
    match plan.get(name) {
        Some(Value::Array(entries)) => Ok((entries.iter())
            .filter_map(|entry| match entry {
                Value::Map(map) => Some(&**map),
                _ => None,
            })
            .collect()),
        _ => Err(no_plan()),
    }
}

fn is(entry: &Map, key: &str, text: &str) -> bool {
    entry.get(key).and_then(Value::as_text) == Some(text)
}

fn no_plan() -> String {
    "this map is no plan: `plan(book)` gives one".to_owned()
}

fn of<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
    Value::Map(Arc::new(entries.collect()))
}

fn by_id(texts: &ByCustomer) -> Value {
    let entries = texts
        .iter()
        .map(|(id, text)| (id.into(), text.as_str().into()));
    Value::Map(Arc::new(entries.collect()))
}

fn list<T>(entries: &[T], value: impl Fn(&T) -> Value) -> Value {
    Value::Array(entries.iter().map(value).collect())
}

fn records(view: &View, side: Side, first: u32) -> Value {
    let book = view.book();
    let rows = 0..book.count(side) as u32;
    let entries = rows.map(|row| (book.id(side, row).into(), Value::Record(side, first + row)));
    Value::Map(Arc::new(entries.collect()))
}

fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn optional<T>(value: Option<T>, as_value: impl Fn(T) -> Value) -> Value {
    value.map_or(Value::Unit, as_value)
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn assignment(it: &Assignment) -> Value {
    let change = match it.change {
        Change::Kept => "kept",
        Change::New => "new",
        Change::Moved => "moved",
    };
    of([
        ("customer", text(&it.customer)),
        ("role", text(&it.role)),
        ("rep", text(&it.rep)),
        ("score", Value::Float(it.score)),
        ("change", text(change)),
    ])
}

fn released(it: &Released) -> Value {
    of([
        ("customer", text(&it.customer)),
        ("role", text(&it.role)),
        ("rep", text(&it.rep)),
        ("reason", text(&it.reason)),
    ])
}

fn unassigned(it: &Unassigned) -> Value {
    of([
        ("customer", text(&it.customer)),
        ("role", text(&it.role)),
        ("reason", why(&it.reason)),
    ])
}

fn pin(it: &Pin) -> Value {
    of([
        ("customer", text(&it.customer)),
        ("role", text(&it.role)),
        ("rep", text(&it.rep)),
    ])
}

fn why(reason: &Reason) -> Value {
    let kind = ("kind", text(kind(reason)));
    match reason {
        Reason::NoneEligible { reasons } => {
            let reasons = reasons
                .iter()
                .map(|(why, of)| (why.as_str().into(), count(*of)));
            let reasons = Value::Map(Arc::new(reasons.collect()));
            of([kind, ("reasons", reasons)])
        }
        Reason::NoCapacity { eligible } => of([kind, ("eligible", count(*eligible))]),
        Reason::Excluded { reps } => of([kind, ("reps", count(*reps))]),
        Reason::HookFailed { hook } => of([kind, ("hook", text(hook))]),
        Reason::NoRepInRole | Reason::BelowPrice | Reason::MaxMoves | Reason::LeftOpen => {
            of([kind])
        }
    }
}

/// The kind of a reason as the JSON of a plan has it.
pub(super) const fn kind(reason: &Reason) -> &'static str {
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

fn problem(it: &HookProblem) -> Value {
    let maybe = |value: &Option<String>| optional(value.as_deref(), text);
    of([
        ("customer", maybe(&it.customer)),
        ("rep", maybe(&it.rep)),
        ("role", maybe(&it.role)),
        ("hook", text(&it.hook)),
        ("message", text(&it.message)),
        ("line", optional(it.line, |line| Value::Int(line.into()))),
    ])
}

fn load(it: &Load) -> Value {
    let mut entries = vec![
        ("rep", text(&it.rep)),
        ("workload", Value::Float(it.workload)),
        ("customers", count(it.customers)),
        ("capacity", optional(it.capacity, Value::Float)),
        ("capacity_customers", optional(it.capacity_customers, count)),
        ("overfull", Value::Bool(it.overfull)),
    ];
    if let Some(role) = &it.role {
        entries.push(("role", text(role)));
    }
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
    Value::Map(Arc::new(entries.collect()))
}

fn totals(it: &Totals) -> Value {
    let tiers = it
        .tiers
        .iter()
        .map(|(tier, of)| (tier.as_str().into(), count(*of)));
    of([
        ("customers", count(it.customers)),
        ("reps", count(it.reps)),
        ("tiers", Value::Map(Arc::new(tiers.collect()))),
        ("demands", count(it.demands)),
        ("kept", count(it.kept)),
        ("new", count(it.new)),
        ("moved", count(it.moved)),
        ("released", count(it.released)),
        ("unassigned", count(it.unassigned)),
        ("score", Value::Float(it.score)),
    ])
}
