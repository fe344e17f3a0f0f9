//! Traces of hooks: the whole text for typical ones, and that they agree with the interpreter.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::report::{Seen, Test, TraceOutcome};
use bookwright::{
    Book, ExplainError, Field, Hook, HookTrace, Kind, Plan, PlanOptions, Policy, Records, Schema,
    Value,
};
use serde_json::{Value as Json, json};

fn planned(policy: &str, book: &Json) -> (Book, Plan) {
    planned_by(policy, book, Schema::default())
}

fn planned_by(policy: &str, book: &Json, schema: Schema) -> (Book, Plan) {
    let records: Records = serde_json::from_value(book.clone()).unwrap();
    let book = Book::build(records, schema).unwrap();
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    let plan = policy.plan(&book, &options).unwrap();
    (book, plan)
}

#[track_caller]
fn same(trace: &HookTrace, text: &str) {
    let said = trace.to_string();
    let expected: Vec<&str> = text.trim_matches('\n').lines().collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "\n{said}");
}

const LADDER: &str = r#"
fn large(customer) {
    (customer.annual_revenue ?? 0.0) >= 500_000.0
}
fn tier(customer) {
    if large(customer) || customer.tags.has("vip") { return "A"; }
    switch customer.stage {
        "active" | "at_risk" if !(customer.intent ?? 0.0 > 0.7) => "B",
        "lost" => "C",
        _ => if (customer.employees ?? 0) in 10..=50 { "B" } else { "C" }
    }
}
fn workload(customer, role) { if role == "developer" { 2 } else { 1 } }
"#;

fn one(customer: Json) -> Json {
    let mut customer = customer;
    customer["id"] = json!("c1");
    json!({"customers": [customer], "reps": [{"id": "r1", "roles": ["developer"]}]})
}

#[test]
fn conditions_come_in_order_with_both_sides() {
    let (book, plan) = planned(LADDER, &one(json!({"stage": "active", "tags": ["old"]})));
    same(
        &plan.trace(&book, "c1", Hook::Tier).unwrap(),
        r#"
`tier` gave "B" at line 8
  read customer.annual_revenue: (), customer.tags: ["old"], customer.stage: "active", customer.intent: ()
  line 3: (customer.annual_revenue ?? 0.0) >= 500_000.0 does not hold: 0 >= 500,000
  line 6: large(customer) does not hold
  line 6: customer.tags.has("vip") does not hold: ["old"], "vip"
  line 8: (customer.intent ?? 0.0 > 0.7) does not hold: 0 > 0.7
  line 8: "active" takes "active" | "at_risk" if !(customer.intent ?? 0.0 > 0.7) => "B"
"#,
    );
    let (book, plan) = planned(LADDER, &one(json!({"annual_revenue": 600_000})));
    same(
        &plan.trace(&book, "c1", Hook::Tier).unwrap(),
        r#"
`tier` gave "A" at line 6
  read customer.annual_revenue: 600,000
  line 3: (customer.annual_revenue ?? 0.0) >= 500_000.0 holds: 600,000 >= 500,000
  line 6: large(customer) holds
"#,
    );
    let (book, plan) = planned(LADDER, &one(json!({"employees": 50})));
    let trace = plan.trace(&book, "c1", Hook::Tier).unwrap();
    let Some(Test::Compared { left, operator, .. }) = trace.conditions.last().map(|it| &it.test)
    else {
        panic!("{trace}");
    };
    assert_eq!(
        (left, operator.as_str()),
        (&Seen::Value(Value::Int(50)), "in")
    );
    let role = plan
        .trace_in_role(&book, "c1", "developer", Hook::Workload)
        .unwrap();
    same(
        &role,
        r#"
`workload` as developer gave 2 at line 13
  line 13: role == "developer" holds: "developer" == "developer"
"#,
    );
}

const POINTS: &str = r#"
fn fit(customer, rep) { overlap(customer.tags, rep.skills) * 5 }
fn score(customer, rep) {
    let total = 0.0;
    total += fit(customer, rep);
    if customer.region in rep.regions { total += 30.0; } else { total -= 10.0; }
    for tag in ["vip", "old"] { if tag in customer.tags { total += 1.5; } }
    total + switch rep.level { 1 => 0.25, _ => 0.5 } - rep.holding * 2.0
}
"#;

#[test]
fn sums_come_apart_into_their_terms() {
    let book = json!({
        "customers": [{"id": "c1", "region": "east", "tags": ["vip", "it"]}],
        "reps": [{"id": "r1", "roles": ["developer"], "regions": ["west"], "skills": ["it"], "level": 2}]
    });
    let (book, plan) = planned(POINTS, &book);
    let trace = plan
        .trace_pair(&book, "c1", "r1", "developer", Hook::Score)
        .unwrap();
    let said = trace.to_string();
    let terms: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("   "))
        .collect();
    assert_eq!(
        terms,
        [
            "          +5  line 5: fit(customer, rep)",
            "         -10  line 6: 10.0, where not customer.region in rep.regions",
            "        +1.5  line 7: 1.5, where tag in customer.tags",
            "        +0.5  line 8: 0.5, where _ => 0.5",
            "          +0  line 8: rep.holding * 2.0",
        ],
        "{said}"
    );
    let sum: f64 = (trace.terms.iter())
        .map(|term| match &term.value {
            Seen::Value(value) => value.as_number().unwrap(),
            _ => panic!("{said}"),
        })
        .sum();
    let TraceOutcome::Gave {
        value: Seen::Value(value),
        line,
        ..
    } = &trace.outcome
    else {
        panic!("{said}");
    };
    assert_eq!((value.as_number(), *line), (Some(sum), Some(8)));
    assert_eq!(plan.assignments[0].score, sum);
}

#[test]
fn what_fails_or_is_not_there_says_so() {
    let policy = "fn value(customer) { 1 / (customer.employees ?? 0) }\nconst TIERS = [#{ tier: \"A\", at_least: 1 }, #{ tier: \"B\" }];";
    let (book, plan) = planned(policy, &one(json!({})));
    same(
        &plan.trace(&book, "c1", Hook::Value).unwrap(),
        "
`value` failed: division by zero: 1 / 0 (line 1)
  read customer.employees: ()
",
    );
    let trace = plan.trace(&book, "c1", Hook::Tier).unwrap();
    assert_eq!(
        trace.to_string(),
        "`tier` is not in the policy: the default holds\n"
    );
    for (error, text) in [
        (plan.trace(&book, "c2", Hook::Tier), "unknown customer `c2`"),
        (
            plan.trace_pair(&book, "c1", "r2", "developer", Hook::Score),
            "unknown rep `r2`",
        ),
        (
            plan.trace_pair(&book, "c1", "r1", "boss", Hook::Score),
            "unknown role `boss`",
        ),
        (
            plan.trace(&book, "c1", Hook::Score),
            "`score` is not asked about that: it takes (customer, rep, role)",
        ),
    ] {
        assert_eq!(error.unwrap_err().to_string(), text);
    }
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    let error = read.trace(&book, "c1", Hook::Tier).unwrap_err();
    assert_eq!(error, ExplainError::NotMadeHere);
}

#[test]
fn a_trace_serialises() {
    let (book, plan) = planned(LADDER, &one(json!({"annual_revenue": 600_000})));
    let trace = plan.trace(&book, "c1", Hook::Tier).unwrap();
    assert_eq!(
        serde_json::to_value(&trace).unwrap(),
        json!({
            "hook": "tier",
            "customer": "c1",
            "outcome": {"kind": "gave", "value": "A", "line": 6, "source": "\"A\""},
            "reads": [{"side": "customer", "field": "annual_revenue", "value": 600_000.0, "line": 3}],
            "conditions": [{
                "source": "(customer.annual_revenue ?? 0.0) >= 500_000.0",
                "line": 3,
                "test": "compared",
                "left": 600_000.0,
                "operator": ">=",
                "right": 500_000.0,
                "holds": true
            }, {
                "source": "large(customer)",
                "line": 6,
                "test": "plain",
                "holds": true
            }]
        })
    );
}

/// A schema in which a number, a text and a bool must not be seen.
fn guarded() -> Schema {
    Schema::builder()
        .customer_field(Field::new("income", Kind::Int).sensitive())
        .customer_field(Field::new("illness", Kind::Text).sensitive())
        .rep_field(Field::new("rating", Kind::Float).sensitive())
        .build()
        .unwrap()
}

#[test]
fn sensitive_values_stand_nowhere() {
    let policy = r#"
const TIERS = [#{ tier: "A", at_least: 1000 }, #{ tier: "B", at_least: 10 }, #{ tier: "C" }];
fn double(x) { let y = x * 2; y }
fn value(customer) { if customer.illness == "x" { 1 } else { double(customer.income ?? 0) } }
fn segment(customer) { `seg-${customer.illness}` }
fn eligible(customer, rep) { if rep.level > 1 { "is " + customer.illness } else { true } }
fn score(customer, rep) { let points = 1.0; points += rep.rating ?? 0.0; points }
fn workload(customer, role) { 9223372036854775807 + (customer.income ?? 0) }
fn priority(customer, role) { parse_int(customer.illness ?? "") }
"#;
    let book = json!({
        "customers": [
            {"id": "c1", "income": 86421, "illness": "gout-b12"},
            {"id": "c2", "income": 86421, "illness": "gout-b12", "stage": "active"},
        ],
        "reps": [
            {"id": "r1", "roles": ["developer", "maintainer"], "rating": 73.5125},
            {"id": "r2", "roles": ["developer", "maintainer"], "rating": 73.5125, "level": 2}
        ]
    });
    let (book, plan) = planned_by(policy, &book, guarded());
    let mut told = Vec::new();
    let mut say = |trace: &HookTrace| {
        told.push(trace.to_string());
        told.push(serde_json::to_string(trace).unwrap());
    };
    for hook in [Hook::Value, Hook::Segment] {
        say(&plan.trace(&book, "c1", hook).unwrap());
    }
    for hook in [Hook::Workload, Hook::Priority] {
        say(&plan.trace_in_role(&book, "c1", "developer", hook).unwrap());
    }
    for rep in ["r1", "r2"] {
        for hook in [Hook::Eligible, Hook::Score] {
            say(&plan
                .trace_pair(&book, "c1", rep, "developer", hook)
                .unwrap());
        }
    }
    for customer in ["c1", "c2"] {
        let explanation = plan.explain(&book, customer).unwrap();
        told.push(explanation.to_string());
        told.push(serde_json::to_string(&explanation).unwrap());
    }
    told.extend(plan.problems.iter().map(ToString::to_string));
    told.push(serde_json::to_string(&plan.problems).unwrap());
    assert_eq!(plan.problems.len(), 8);
    let all = told.join("\n");
    // 86421, its double 172842, the sum that overflows, the text, the rating and the score.
    for secret in [
        "86421",
        "86,421",
        "172842",
        "172,842",
        "gout",
        "b12",
        "73.51",
        "74.51",
        "9223372036854775807 + 8",
    ] {
        assert!(!all.contains(secret), "{secret} in\n{all}");
    }
    assert!(all.contains("(hidden)"), "{all}");
}
