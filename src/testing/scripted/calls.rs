//! The functions that tests call: records, books and plans, and the hooks themselves.
//!
//! Assertions are in `asserts`. Whatever fails here ends the test at the line that called it.

use std::sync::Arc;

use crate::language::{FunctionSpec, Hook, Parameter, Side, Time, Value};
use crate::model::{Records, RoleIx, View};
use crate::policy::{Call, HookError, answer};

use super::asserts;
use super::fixture::{Fixture, Given, Kept, KeptPlan, Own, State, Table};
use super::planned;
use super::records::{self, Map};
use super::watched::Asked;

/// What a plan is charged for, beside the operations of its hooks: for itself, and for every pair.
const PLAN: u64 = 2_000;
const PAIR: u64 = 20;

type Answer = Result<Value, String>;

/// Answers a call of a test.
pub(super) fn call(fixture: &Fixture, own: &Own, arguments: &[Value]) -> Answer {
    match own {
        Own::Hook(hook) => {
            let failed = |error: HookError| failure(hook.name(), &error);
            ask_hook(fixture, *hook, arguments)?.map_err(failed)
        }
        Own::Helper(name) => {
            let failed = |error: HookError| failure(name, &error);
            ask_helper(fixture, name, arguments)?.map_err(failed)
        }
        Own::Test(name) => of_tests(fixture, name, arguments),
    }
}

fn of_tests(fixture: &Fixture, name: &'static str, arguments: &[Value]) -> Answer {
    match (name, arguments) {
        ("customer", [Value::Map(map)]) => customer(fixture, map),
        ("rep", [Value::Map(map)]) => rep(fixture, map),
        ("book", [Value::Array(customers), Value::Array(reps)]) => {
            Ok(book(customers, reps, &Map::new()))
        }
        (
            "book",
            [
                Value::Array(customers),
                Value::Array(reps),
                Value::Map(beside),
            ],
        ) => {
            records::beside(beside)?;
            Ok(book(customers, reps, beside))
        }
        ("given", [Value::Map(map)]) => {
            let mut given = fixture.state().given.clone();
            give(&mut given, map)?;
            fixture.params_of(&given)?;
            fixture.state().give(given);
            Ok(Value::Unit)
        }
        ("plan", [Value::Map(book)]) => {
            let given = fixture.state().given.clone();
            plan(fixture, book, &given)
        }
        ("plan", [Value::Map(book), Value::Map(map)]) => {
            let mut given = fixture.state().given.clone();
            give(&mut given, map)?;
            plan(fixture, book, &given)
        }
        ("owner", [Value::Map(plan), Value::Text(customer), Value::Text(role)]) => {
            known_role(fixture, role)?;
            planned::owner(plan, customer, role)
        }
        ("reason", [Value::Map(plan), Value::Text(customer), Value::Text(role)]) => {
            known_role(fixture, role)?;
            planned::reason(plan, customer, role)
        }
        ("load", [Value::Map(plan), Value::Text(rep)]) => planned::load_of(plan, rep, None),
        ("load", [Value::Map(plan), Value::Text(rep), Value::Text(role)]) => {
            known_role(fixture, role)?;
            planned::load_of(plan, rep, Some(role))
        }
        ("cases", [Value::Array(rows)]) => cases(fixture, rows),
        _ => asserts::assertion(fixture, name, arguments)
            .unwrap_or_else(|| Err(misfit(name, arguments))),
    }
}

/// Which argument does not fit.
fn misfit(name: &str, arguments: &[Value]) -> String {
    let Some(spec) = FunctionSpec::of_tests(name) else {
        return format!("there is no function `{name}`");
    };
    let signature =
        (spec.signatures.iter()).find(|signature| signature.parameters.len() == arguments.len());
    let parameters = signature.map_or(&[][..], |signature| signature.parameters);
    for (parameter, argument) in parameters.iter().zip(arguments) {
        if !fits(*parameter, argument) {
            return records::wrong(
                &format!("an argument of `{name}`"),
                argument,
                &format!("{parameter:?}").to_lowercase(),
            );
        }
    }
    format!("`{name}` does not take {} arguments", arguments.len())
}

fn fits(parameter: crate::language::Type, argument: &Value) -> bool {
    use crate::language::Type as T;
    match argument {
        Value::Map(_) => matches!(parameter, T::Map | T::Any),
        Value::Array(_) => matches!(parameter, T::Array | T::Texts | T::Any),
        Value::Text(_) => matches!(parameter, T::Text | T::Any),
        Value::Bool(_) => matches!(parameter, T::Bool | T::Any),
        Value::Int(_) => matches!(parameter, T::Int | T::Number | T::Any),
        Value::Float(_) => matches!(parameter, T::Float | T::Number | T::Any),
        _ => matches!(parameter, T::Any),
    }
}

fn known_role(fixture: &Fixture, role: &str) -> Result<RoleIx, String> {
    let schema = fixture.bench.policy.schema();
    schema.role(role).ok_or_else(|| {
        let roles = schema.roles().iter().map(|role| role.id.as_str());
        let near = crate::syntax::nearest(role, roles);
        let hint = near.map(|near| format!(" (did you mean `{near}`?)"));
        format!(
            "there is no role `{}`{}",
            crate::syntax::clipped(role),
            hint.unwrap_or_default()
        )
    })
}

fn known_tier(fixture: &Fixture, tier: &str) -> Result<(), String> {
    let tiers = fixture.bench.policy.tiers().names();
    if tiers.contains(&tier) {
        return Ok(());
    }
    Err(format!(
        "there is no tier `{}`: there are `{}`",
        crate::syntax::clipped(tier),
        tiers.join("`, `")
    ))
}

fn customer(fixture: &Fixture, map: &Map) -> Answer {
    let schema = fixture.bench.policy.schema();
    let (number, given) = {
        let state = fixture.state();
        (state.customers.len(), state.given.clone())
    };
    let id_of = |row| fixture.rep(&fixture.state(), row).map(|rep| rep.id);
    let made = records::customer(map, number + 1, schema, &id_of)?;
    if let Some(tier) = &made.tier {
        known_tier(fixture, tier)?;
    }
    let mut alone = made.record.clone();
    alone.owners.clear();
    let records = Records {
        customers: vec![alone],
        ..Records::default()
    };
    let view = fixture.view_of(fixture.book_of(records, &given)?, &given)?;
    fixture
        .state()
        .customers
        .push(Kept::Made(Box::new(made), view));
    Ok(Value::Record(Side::Customer, number as u32))
}

fn rep(fixture: &Fixture, map: &Map) -> Answer {
    let schema = fixture.bench.policy.schema();
    let (number, given) = {
        let state = fixture.state();
        (state.reps.len(), state.given.clone())
    };
    let made = records::rep(map, number + 1, schema)?;
    let records = Records {
        reps: vec![made.record.clone()],
        ..Records::default()
    };
    let view = fixture.view_of(fixture.book_of(records, &given)?, &given)?;
    fixture.state().reps.push(Kept::Made(Box::new(made), view));
    Ok(Value::Record(Side::Rep, number as u32))
}

fn book(customers: &Arc<[Value]>, reps: &Arc<[Value]>, beside: &Map) -> Value {
    let mut book = beside.clone();
    book.insert("customers".into(), Value::Array(Arc::clone(customers)));
    book.insert("reps".into(), Value::Array(Arc::clone(reps)));
    Value::Map(Arc::new(book))
}

/// Sets what the host gives.
fn give(given: &mut Given, map: &Map) -> Result<(), String> {
    for (key, value) in map {
        match (&**key, value) {
            ("now", Value::Time(now)) => given.now = *now,
            ("now", Value::Text(text)) => {
                given.now = Time::parse(text, given.offset).map_err(|error| error.to_string())?;
            }
            ("utc_offset", Value::Text(text)) => {
                let offset = text.parse();
                given.offset = offset.map_err(|error: crate::TimeError| error.to_string())?;
            }
            ("params", Value::Map(params)) => {
                let params = params
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.clone()));
                given.params.extend(params);
            }
            ("tables", tables) => given.tables.extend(records::tables(tables)?),
            ("seed", Value::Int(seed)) => {
                given.seed = u64::try_from(*seed)
                    .map_err(|_| format!("`seed` is {seed}, expected at least 0"))?;
            }
            ("strategy", Value::Text(strategy)) => given.strategy = Some(strategy.to_string()),
            ("now", other) => return Err(records::wrong("`now`", other, "a time or a text")),
            ("utc_offset" | "strategy", other) => {
                return Err(records::wrong(&format!("`{key}`"), other, "text"));
            }
            ("params", other) => return Err(records::wrong("`params`", other, "a map")),
            ("seed", other) => return Err(records::wrong("`seed`", other, "an int")),
            (other, _) => {
                return Err(format!(
                    "a host gives no `{}`: there are `now`, `utc_offset`, `params`, `tables`, \
                     `seed`, `strategy`",
                    crate::syntax::clipped(other)
                ));
            }
        }
    }
    Ok(())
}

/// Runs the policy on a book of the test.
fn plan(fixture: &Fixture, book: &Map, given: &Given) -> Answer {
    let records = records_of(fixture, book)?;
    let schema = fixture.bench.policy.schema();
    let pairs = records.customers.len() * records.reps.len() * schema.roles().len();
    fixture.bench.meter.spend(PLAN + PAIR * pairs as u64);
    if fixture.bench.meter.stop().is_some() {
        return Err("the tests were stopped".to_owned());
    }
    let book = fixture.book_of(records, given)?;
    plan_of(fixture, &book, given)
}

/// The plan of a book, as the test sees it.
pub(super) fn plan_of(fixture: &Fixture, book: &crate::model::Book, given: &Given) -> Answer {
    let options = given.plan_options(&fixture.bench.meter);
    let plan = fixture.bench.asked.plan(book, &options);
    let plan = plan.map_err(|error| error.to_string())?;
    let Some(origin) = &plan.made_from.0 else {
        return Err("the plan has forgotten what it was made from".to_owned());
    };
    let view = origin.scene.view.clone();
    let mut state = fixture.state();
    let first = (state.customers.len() as u32, state.reps.len() as u32);
    let number = state.plans.len();
    let kept = (0..view.book().customer_count()).map(|_| Kept::Planned(number));
    state.customers.extend(kept);
    let kept = (0..view.book().rep_count()).map(|_| Kept::Planned(number));
    state.reps.extend(kept);
    let value = planned::planned(&plan, &view, first);
    state.plans.push(KeptPlan { view, first });
    Ok(value)
}

/// The records of what `book` gave.
fn records_of(fixture: &Fixture, book: &Map) -> Result<Records, String> {
    let state = fixture.state();
    let list = |name: &str| match book.get(name) {
        Some(Value::Array(list)) => Ok(Arc::clone(list)),
        _ => Err("this map is no book: `book(customers, reps)` makes one".to_owned()),
    };
    let (customers, reps) = (list("customers")?, list("reps")?);
    let mut beside = book.clone();
    beside.retain(|key, _| !matches!(&**key, "customers" | "reps"));
    let beside = records::beside(&beside)?;
    let mut records = Records {
        pins: beside.pins,
        exclusions: beside.exclusions,
        teams: beside.teams,
        ..Records::default()
    };
    for value in customers.iter() {
        let Value::Record(Side::Customer, row) = value else {
            return Err(records::wrong(
                "a customer of the book",
                value,
                "a customer",
            ));
        };
        if let Some(Kept::Made(made, _)) = state.customers.get(*row as usize)
            && (made.tier.is_some() || made.segment.is_some())
        {
            return Err(format!(
                "customer `{}` has a tier or a segment, which a plan computes; the tier before it \
                 is `current_tier`",
                made.record.id
            ));
        }
        records.customers.extend(fixture.customer(&state, *row));
    }
    for value in reps.iter() {
        let Value::Record(Side::Rep, row) = value else {
            return Err(records::wrong("a rep of the book", value, "a rep"));
        };
        if let Some(Kept::Made(made, _)) = state.reps.get(*row as usize)
            && made.holding.is_some()
        {
            return Err(format!(
                "rep `{}` has `holding`, which a plan counts by the owners of its customers",
                made.record.id
            ));
        }
        records.reps.extend(fixture.rep(&state, *row));
    }
    Ok(records)
}

/// The row of a table that this run of the test is about.
fn cases(fixture: &Fixture, rows: &Arc<[Value]>) -> Answer {
    let mut state = fixture.state();
    if state.table.is_some() {
        return Err("`cases` is called twice in one test: make two tests".to_owned());
    }
    let Some(row) = rows.get(state.case) else {
        return Err(if rows.is_empty() {
            "a table without rows tests nothing".to_owned()
        } else {
            "the table has another number of rows each time".to_owned()
        });
    };
    state.table = Some(Table {
        rows: rows.len(),
        shown: String::new(),
    });
    drop(state);
    let shown = fixture.shown(row);
    if let Some(table) = &mut fixture.state().table {
        table.shown = shown;
    }
    Ok(Value::Array([row.clone()].into()))
}

fn failure(name: &str, error: &HookError) -> String {
    match error.line() {
        Some(line) => format!("`{name}` fails in line {line} of the policy: {error}"),
        None => format!("`{name}` fails: {error}"),
    }
}

/// Calls a hook of the policy. What a plan would refuse as an answer is an error here too.
pub(super) fn ask_hook(
    fixture: &Fixture,
    hook: Hook,
    arguments: &[Value],
) -> Result<Result<Value, HookError>, String> {
    let spec = hook.spec();
    let wanted = spec.parameters;
    for (parameter, argument) in wanted.iter().zip(arguments) {
        let fits = match (parameter, argument) {
            (Parameter::Customer, Value::Record(side, _)) => *side == Side::Customer,
            (Parameter::Rep, Value::Record(side, _)) => *side == Side::Rep,
            (Parameter::Role, Value::Text(_)) => true,
            _ => false,
        };
        if !fits {
            let expected = match parameter {
                Parameter::Customer => "a customer",
                Parameter::Rep => "a rep",
                Parameter::Role => "the name of a role",
            };
            return Err(records::wrong(
                &format!("an argument of `{hook}`"),
                argument,
                expected,
            ));
        }
    }
    if arguments.len() < spec.least || arguments.len() > wanted.len() {
        return Err(format!(
            "the hook `{hook}` is not called with {} arguments",
            arguments.len()
        ));
    }
    let role = match arguments.last() {
        Some(Value::Text(role)) => Some(known_role(fixture, role)?),
        _ => None,
    };
    let stage = Stage::set(
        fixture,
        arguments,
        !matches!(hook, Hook::Tier | Hook::Value),
    )?;
    let meter = fixture
        .bench
        .meter
        .with_per_call(fixture.bench.policy.compiled().limits.operations);
    let mut call = Call::new(&meter);
    let answered = answered(fixture, hook, &stage, role, &mut call);
    let answered = answered.ok_or_else(|| format!("the policy has no hook `{hook}`"))?;
    Ok(answered.and_then(|value| accepted(fixture, hook, value)))
}

fn answered(
    fixture: &Fixture,
    hook: Hook,
    stage: &Stage,
    role: Option<RoleIx>,
    call: &mut Call<'_>,
) -> Option<Result<Value, HookError>> {
    let hooks = &fixture.bench.asked.compiled().hooks;
    let row = |side: Side| {
        stage.arguments.iter().find_map(|argument| match argument {
            Value::Record(found, row) if *found == side => Some(*row),
            _ => None,
        })
    };
    let view = &stage.view;
    let of_customer = match hook {
        Hook::Tier => Some(&hooks.tier),
        Hook::Value => Some(&hooks.value),
        Hook::Segment => Some(&hooks.segment),
        Hook::Coverage => Some(&hooks.coverage),
        Hook::Workload => Some(&hooks.workload),
        Hook::Priority => Some(&hooks.priority),
        Hook::Capacity | Hook::Eligible | Hook::Score => None,
    };
    if let Some(slot) = of_customer {
        let customer = view.customer(row(Side::Customer)?, role);
        return Some(slot.as_ref()?.hook().answer(customer, call));
    }
    let rep = view.rep(row(Side::Rep)?, role);
    if hook == Hook::Capacity {
        return Some(hooks.capacity.as_ref()?.hook().answer(rep, call));
    }
    let customer = view.customer(row(Side::Customer)?, role);
    let slot = if hook == Hook::Eligible {
        hooks.eligible.as_ref()?
    } else {
        hooks.score.as_ref()?
    };
    Some(slot.hook().answer(customer, rep, call))
}

/// The answer, if a plan accepts it.
fn accepted(fixture: &Fixture, hook: Hook, value: Value) -> Result<Value, HookError> {
    let policy = &fixture.bench.policy;
    let tiers = policy.tiers().names();
    let roles = policy.schema().roles();
    match hook {
        Hook::Tier => answer::tier(&value, &tiers).map(drop),
        Hook::Value | Hook::Priority | Hook::Score => answer::number(&value).map(drop),
        Hook::Segment => answer::segment(&value).map(drop),
        Hook::Coverage => {
            let names: Vec<&str> = roles.iter().map(|role| role.id.as_str()).collect();
            let owning: Vec<bool> = roles.iter().map(|role| role.owns_customers).collect();
            answer::roles(&value, &names, &owning).map(drop)
        }
        Hook::Workload => answer::positive(&value).map(drop),
        Hook::Capacity => answer::capacity(&value, &tiers).map(drop),
        Hook::Eligible => answer::verdict(&value).map(drop),
    }?;
    Ok(value)
}

/// Calls another function of the policy.
pub(super) fn ask_helper(
    fixture: &Fixture,
    name: &str,
    arguments: &[Value],
) -> Result<Result<Value, HookError>, String> {
    let stage = Stage::set(fixture, arguments, true)?;
    let compiled = fixture.bench.policy.compiled();
    let meter = fixture
        .bench
        .meter
        .with_per_call(compiled.limits.operations);
    let mut call = Call::new(&meter);
    let outcome = call.run(&compiled.program, name, &stage.arguments, &stage.view, None);
    if let Some(watch) = &fixture.bench.watch {
        watch.asked(&Asked {
            function: name,
            arguments: &stage.arguments,
            view: &stage.view,
            role: None,
            outcome: &outcome,
        });
    }
    Ok(outcome.map(|value| stage.back(&value)))
}

/// What a function of the policy is called with: a view that has the records among the arguments.
struct Stage {
    view: View,
    arguments: Vec<Value>,
    /// The test's numbers of the customers and reps, by their rows in the view.
    customers: Vec<u32>,
    reps: Vec<u32>,
}

impl Stage {
    fn set(fixture: &Fixture, arguments: &[Value], graded: bool) -> Result<Self, String> {
        let (mut customers, mut reps) = (Vec::new(), Vec::new());
        for argument in arguments {
            collect(argument, &mut customers, &mut reps);
        }
        let (planned, records, given) = {
            let state = fixture.state();
            let planned = plan_of_all(&state, &customers, &reps)?;
            let records = match planned {
                Some(_) => Records::default(),
                None => with_owners(fixture, &state, &customers, &mut reps),
            };
            (planned, records, state.given.clone())
        };
        if let Some(plan) = planned {
            return Self::in_plan(fixture, plan, arguments);
        }
        let book = fixture.book_of(records, &given)?;
        let mut view = fixture.view_of(book, &given)?;
        if graded && fixture.bench.reads_grades && !customers.is_empty() {
            let grades = customers.iter().map(|row| fixture.grade(*row));
            let grades: Vec<_> = grades.collect::<Result<_, _>>()?;
            let rows: Vec<u32> = (0..grades.len() as u32).collect();
            let tiers: Vec<&str> = grades.iter().map(|grade| &*grade.tier).collect();
            let segments: Vec<&str> = grades.iter().map(|grade| &*grade.segment).collect();
            view = view
                .with_tiers(&tiers, &rows)
                .with_segments(&segments, &rows);
        }
        view = with_holding(fixture, view, &reps);
        let at = |rows: &[u32], row: u32| rows.iter().position(|known| *known == row);
        let number = |side: Side, row: u32| match side {
            Side::Customer => at(&customers, row),
            Side::Rep => at(&reps, row),
        };
        let arguments = (arguments.iter())
            .map(|argument| {
                renumbered(argument, &|side, row| number(side, row).unwrap_or(0) as u32)
            })
            .collect();
        Ok(Self {
            view,
            arguments,
            customers,
            reps,
        })
    }

    /// On the view of a plan, which all the records are of.
    fn in_plan(fixture: &Fixture, plan: usize, arguments: &[Value]) -> Result<Self, String> {
        let state = fixture.state();
        let Some(plan) = state.plans.get(plan) else {
            return Err("there is no such plan".to_owned());
        };
        let first = plan.first;
        let book = plan.view.book();
        let arguments = (arguments.iter())
            .map(|argument| {
                renumbered(argument, &|side, row| match side {
                    Side::Customer => row - first.0,
                    Side::Rep => row - first.1,
                })
            })
            .collect();
        Ok(Self {
            arguments,
            customers: (first.0..).take(book.customer_count()).collect(),
            reps: (first.1..).take(book.rep_count()).collect(),
            view: plan.view.clone(),
        })
    }

    /// An answer with the test's numbers of records.
    fn back(&self, value: &Value) -> Value {
        renumbered(value, &|side, row| {
            let rows = match side {
                Side::Customer => &self.customers,
                Side::Rep => &self.reps,
            };
            rows.get(row as usize).copied().unwrap_or(u32::MAX)
        })
    }
}

/// The plan that all those records are of; none where the test made them.
fn plan_of_all(state: &State, customers: &[u32], reps: &[u32]) -> Result<Option<usize>, String> {
    let plan = |planned: Option<Option<usize>>| {
        planned.ok_or_else(|| "this record is of another test".to_owned())
    };
    let mut plans = Vec::new();
    for row in customers {
        plans.push(plan(state.customers.get(*row as usize).map(Kept::plan))?);
    }
    for row in reps {
        plans.push(plan(state.reps.get(*row as usize).map(Kept::plan))?);
    }
    match plans.first() {
        Some(first) if plans.iter().any(|plan| plan != first) => {
            Err("the records are of different books: take all from one plan, or none".to_owned())
        }
        first => Ok(first.copied().flatten()),
    }
}

/// The records, and the reps that own the customers where the test has made them too.
fn with_owners(
    fixture: &Fixture,
    state: &State,
    customers: &[u32],
    reps: &mut Vec<u32>,
) -> Records {
    let mut records = Records::default();
    records.customers.extend(
        customers
            .iter()
            .filter_map(|row| fixture.customer(state, *row)),
    );
    let owns = |id: &str| {
        (records.customers.iter())
            .any(|customer| customer.owners.values().any(|owner| owner.rep == id))
    };
    for (row, kept) in (0..).zip(&state.reps) {
        if let Kept::Made(made, _) = kept
            && !reps.contains(&row)
            && owns(&made.record.id)
        {
            reps.push(row);
        }
    }
    records
        .reps
        .extend(reps.iter().filter_map(|row| fixture.rep(state, *row)));
    records
}

/// `holding` where the test says so.
fn with_holding(fixture: &Fixture, view: View, reps: &[u32]) -> View {
    let state = fixture.state();
    let said = |row: &u32| match state.reps.get(*row as usize) {
        Some(Kept::Made(made, _)) => made.holding,
        _ => None,
    };
    if reps.iter().all(|row| said(row).is_none()) {
        return view;
    }
    let holding: Vec<i64> = (0..)
        .zip(reps)
        .map(|(at, row)| said(row).unwrap_or_else(|| view.book().holding(at)))
        .collect();
    view.with_holding(holding.into())
}

fn collect(value: &Value, customers: &mut Vec<u32>, reps: &mut Vec<u32>) {
    match value {
        Value::Record(Side::Customer, row) if !customers.contains(row) => customers.push(*row),
        Value::Record(Side::Rep, row) if !reps.contains(row) => reps.push(*row),
        Value::Array(values) => values
            .iter()
            .for_each(|value| collect(value, customers, reps)),
        Value::Map(map) => map
            .values()
            .for_each(|value| collect(value, customers, reps)),
        _ => {}
    }
}

fn renumbered(value: &Value, number: &dyn Fn(Side, u32) -> u32) -> Value {
    match value {
        Value::Record(side, row) => Value::Record(*side, number(*side, *row)),
        Value::Array(values) => Value::Array(
            values
                .iter()
                .map(|value| renumbered(value, number))
                .collect(),
        ),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (Arc::clone(key), renumbered(value, number)));
            Value::Map(Arc::new(entries.collect()))
        }
        other => other.clone(),
    }
}
