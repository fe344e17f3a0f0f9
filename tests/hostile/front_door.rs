//! Through the language's own checks, into a plan: what passes them runs on a book, and answers of
//! every wrong kind from native hooks are told as problems.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use bookwright::{
    Book, Budget, Call, CustomerHook, CustomerRef, Hook, HookError, PairHook, Plan, PlanError,
    PlanOptions, Policy, RepHook, RepRef, Schema, Side, Value,
};

/// No message has control characters, is longer than a page, or names what is inside.
pub(crate) fn harmless(name: &str, message: &str) {
    assert!(message.chars().count() <= 1_000, "{name}: {message}");
    let odd = |c: char| {
        (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2066}'
    };
    assert!(!message.chars().any(odd), "{name}: {message:?}");
    for leak in [
        "rhai",
        "Rhai",
        "bookwright::",
        "i64",
        "f64",
        "Dynamic",
        "alloc::",
    ] {
        assert!(!message.contains(leak), "{name}: {message}");
    }
}

/// One customer and one rep: dear scripts are run often enough with that.
fn small_book() -> Book {
    let records = serde_json::json!({
        "customers": [{"id": "c1", "region": "west", "tags": ["vip"]}],
        "reps": [{"id": "r1", "roles": ["developer"], "regions": ["west"]}]});
    let records = serde_json::from_value(records).unwrap();
    Book::build(records, Schema::default()).unwrap()
}

fn book() -> Book {
    let records = serde_json::json!({
        "customers": [
            {"id": "c1", "region": "west", "tags": ["vip"], "owners": {"maintainer": "r2"}},
            {"id": "c2", "stage": "active", "potential": 5.0},
            {"id": "c3", "family": "f", "current_tier": "B"}, {"id": "c4", "family": "f"}],
        "reps": [
            {"id": "r1", "roles": ["developer", "manager"], "regions": ["west"]},
            {"id": "r2", "roles": ["maintainer", "developer"], "level": 3}]});
    let records = serde_json::from_value(records).unwrap();
    Book::build(records, Schema::default()).unwrap()
}

fn plan(policy: &Policy, book: &Book) -> Result<Plan, PlanError> {
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    let plan = policy.plan(book, &options)?;
    if let Err(wrong) = plan.verify(book, policy, &options) {
        panic!("{wrong}");
    }
    let interpreted = policy.plan(book, &options.clone().interpreter_only())?;
    assert_eq!(interpreted, plan);
    let bounded = options.budget(Budget::default().operations(500));
    match policy.plan(book, &bounded) {
        Ok(_) | Err(PlanError::Stopped(_)) => Ok(plan),
        Err(other) => Err(other),
    }
}

/// Compiles a text and plans by it where it passes, on a small stack, watched.
pub(crate) fn try_text(name: &str, text: String) -> bool {
    let (send, receive) = mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let handle = thread.spawn(move || {
        let (mut messages, mut passed) = (Vec::new(), false);
        match Policy::compile(text.as_str(), &Schema::default()) {
            Err(error) => {
                messages.extend(error.report().iter().map(ToString::to_string));
            }
            Ok(policy) => match plan(&policy, &small_book()) {
                Err(error) => messages.push(error.to_string()),
                Ok(plan) => {
                    passed = true;
                    messages.extend(plan.problems.into_iter().map(|it| it.message));
                }
            },
        }
        let _ = send.send((messages, passed));
    });
    let handle = handle.unwrap();
    let told = receive.recv_timeout(8 * crate::WATCHDOG); // for several plans
    let (messages, passed) = told.unwrap_or_else(|_| panic!("{name}: it hangs or dies"));
    handle.join().unwrap();
    messages.iter().for_each(|message| harmless(name, message));
    passed
}

/// Answers the same whatever it is asked.
struct Same(Value);

impl CustomerHook for Same {
    fn answer(&self, _: CustomerRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        Ok(self.0.clone())
    }
}

impl RepHook for Same {
    fn answer(&self, _: RepRef<'_>, _: &mut Call<'_>) -> Result<Value, HookError> {
        Ok(self.0.clone())
    }
}

impl PairHook for Same {
    fn answer(
        &self,
        _: CustomerRef<'_>,
        _: RepRef<'_>,
        _: &mut Call<'_>,
    ) -> Result<Value, HookError> {
        Ok(self.0.clone())
    }
}

fn answers() -> Vec<Value> {
    let map =
        |key: &str, value: Value| Value::Map(Arc::new(BTreeMap::from([(Arc::from(key), value)])));
    let odd = "\u{1b}[31m\u{202e}\r\n\0";
    let mut deep = Value::Int(1);
    for _ in 0..500 {
        deep = Value::Array(vec![deep].into());
    }
    let mut all = vec![
        Value::Unit,
        Value::Bool(true),
        Value::Bool(false),
        Value::Time("2026-01-31".parse().unwrap()),
        Value::Record(Side::Customer, 0),
        Value::Record(Side::Rep, u32::MAX),
        Value::Array(Vec::new().into()),
        Value::Array(vec![Value::from("developer"); 100_000].into()),
        Value::Array(vec![Value::from(odd), Value::Unit].into()),
        deep.clone(),
        map("workload", Value::Float(f64::NAN)),
        map("customers", Value::Int(-1)),
        map("tiers", Value::Int(1)),
        map("tiers", map(odd, Value::Int(1))),
        map(odd, deep),
    ];
    all.extend([0, 1, -1, i64::MAX, i64::MIN].map(Value::Int));
    let floats = [0.0, -0.0, 5e-324, -1.5, 1e300, f64::NAN, f64::INFINITY];
    all.extend(floats.map(Value::Float));
    let long = "x".repeat(1 << 20);
    all.extend(["", "A", "developer", "list_manager", odd, &long].map(Value::from));
    all
}

/// Every hook answers everything: each answer is taken as allowed, or told as a problem.
pub(crate) fn every_wrong_answer() {
    let book = book();
    let mut problems = 0;
    for answer in answers() {
        for hook in [
            Hook::Tier,
            Hook::Value,
            Hook::Segment,
            Hook::Coverage,
            Hook::Workload,
            Hook::Priority,
            Hook::Capacity,
            Hook::Eligible,
            Hook::Score,
        ] {
            let same = Arc::new(Same(answer.clone()));
            let builder = Policy::builder(&Schema::default());
            let builder = match hook {
                Hook::Capacity => builder.rep_hook(same),
                Hook::Eligible | Hook::Score => builder.pair_hook(hook, same),
                _ => builder.customer_hook(hook, same),
            };
            let builder = match hook {
                Hook::Value => builder
                    .script("const TIERS = [#{ tier: \"A\", at_least: 1.0 }, #{ tier: \"C\" }];"),
                _ => builder,
            };
            let plan = plan(&builder.build().unwrap(), &book).unwrap();
            let name = format!("{hook}");
            problems += plan.problems.len();
            plan.problems
                .iter()
                .for_each(|problem| harmless(&name, &problem.message));
            let reasons = serde_json::to_string(&plan.unassigned).unwrap();
            assert!(reasons.len() < 1 << 21, "{name}");
        }
    }
    assert!(problems > 500, "{problems}");
}
