//! Explanations with everything behind them: the whole text, and that each part is what the plan
//! tells by itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::report::{Outcome, TraceOutcome};
use bookwright::{
    Book, ExplainError, Field, Hook, HookError, Kind, Plan, PlanOptions, Policy, Records, Schema,
};
use serde_json::{Value as Json, json};

fn book(records: &Json, schema: Schema) -> Book {
    let records: Records = serde_json::from_value(records.clone()).unwrap();
    Book::build(records, schema).unwrap()
}

fn plan(policy: &Policy, book: &Book) -> Plan {
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    policy.plan(book, &options).unwrap()
}

fn planned(policy: &str, records: &Json) -> (Book, Plan) {
    let book = book(records, Schema::default());
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&policy, &book);
    (book, plan)
}

#[track_caller]
fn says((book, plan): (Book, Plan), customer: &str, text: &str) {
    let said = plan.explain_in_detail(&book, customer).unwrap().to_string();
    let expected: Vec<&str> = text.trim_matches('\n').lines().collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "\n{said}");
}

/// Developers of these levels: `r1`, `r2` …
fn developers(levels: &[i64]) -> Vec<Json> {
    let rep = |(number, level): (usize, &i64)| json!({"id": format!("r{number}"), "roles": ["developer"], "level": level});
    (1..).zip(levels).map(rep).collect()
}

const THREE_ROLES: &str = r#"
const TIERS = [#{ tier: "A", at_least: 500_000.0 }, #{ tier: "B" }];
fn value(customer) { customer.annual_revenue ?? 0.0 }
fn coverage(customer) { ["developer", "maintainer", "manager"] }
fn eligible(customer, rep) { if rep.level < 2 { "too junior" } else { true } }
fn score(customer, rep, role) { if role == "developer" { rep.level * 2.0 } else { 1.0 } }
"#;

fn three_roles() -> Json {
    json!({
        "customers": [{"id": "c1", "annual_revenue": 480_000, "owners": {"maintainer": "r1"}}],
        "reps": [
            {"id": "r1", "roles": ["developer", "maintainer"], "level": 3},
            {"id": "r2", "roles": ["developer"], "level": 2},
            {"id": "r3", "roles": ["developer"], "level": 5, "capacity": 0.5},
            {"id": "r4", "roles": ["manager"], "level": 1}
        ]
    })
}

#[test]
fn every_role_with_an_owner_has_its_hooks_and_what_would_move_it() {
    says(
        planned(THREE_ROLES, &three_roles()),
        "c1",
        r#"
c1: tier B, value 480,000, 20,000 short of the tier above at 500,000, segment `all`
  developer: r1 gets it by `best_score`
    runner-up r2, 2 behind
            10  r3, no room
             6  r1
             4  r2
  maintainer: r1 stays, for it is active, available, in the role and eligible
             1  r1
  manager: nobody, none eligible: 1 × too junior
             –  r4, too junior
`value` gave 480,000 at line 3
  read customer.annual_revenue: 480,000
  tier A with annual_revenue from 480,000 to 500,000
`eligible` with r1 as developer gave true at line 5
  read rep.level: 3
  line 5: rep.level < 2 does not hold: 3 < 2
`score` with r1 as developer gave 6 at line 6
  read rep.level: 3
  line 6: role == "developer" holds: "developer" == "developer"
  r3 would get it with room for 0.5 workload more
  r2 would get it with a score higher by 2
`eligible` with r1 as maintainer gave true at line 5
  read rep.level: 3
  line 5: rep.level < 2 does not hold: 3 < 2
`score` with r1 as maintainer gave 1 at line 6
  line 6: role == "developer" does not hold: "maintainer" == "developer"
"#,
    );
}

#[test]
fn hooks_that_the_policy_lacks_are_left_out() {
    let records = json!({"customers": [{"id": "c1"}], "reps": developers(&[1, 1])});
    says(
        planned("fn coverage(customer) { [\"developer\"] }", &records),
        "c1",
        "
c1: tier C, for the policy has no rule for tiers, segment `all`
  developer: r1 gets it by `best_score`
    runner-up r2 with the same score; the id decided
             0  r1
             0  r2
`score` as developer is not in the policy: the default holds
  r2 would get it with a score higher by 0.000001
",
    );
    let (book, plan) = planned("fn coverage(customer) { [] }", &records);
    let detail = plan.explain_in_detail(&book, "c1").unwrap();
    assert_eq!(
        detail.to_string(),
        "c1: tier C, for the policy has no rule for tiers, segment `all`\n"
    );
    let data = serde_json::to_value(&detail).unwrap();
    assert_eq!(
        (data.get("tier"), &data["tier_flips"], &data["roles"]),
        (None, &json!([]), &json!([]))
    );
}

#[test]
fn a_hook_that_failed_says_where() {
    let policy = r#"
fn coverage(customer) { ["developer"] }
fn tier(customer) {
    if 1 / (customer.employees ?? 0) > 0 { "A" } else { "B" }
}
fn score(customer, rep) { rep.level }
"#;
    let records = json!({"customers": [{"id": "c1"}], "reps": developers(&[3])});
    says(
        planned(policy, &records),
        "c1",
        "
c1: tier C, the last, for the hook failed: division by zero: 1 / 0, segment `all`
  developer: r1 gets it by `best_score`
             3  r1
`tier` failed: division by zero: 1 / 0 (line 4)
  read customer.employees: ()
`score` with r1 as developer gave 3 at line 6
  read rep.level: 3
",
    );
}

#[test]
fn native_hooks_are_named_as_such() {
    let records = json!({"customers": [{"id": "c1"}], "reps": developers(&[3, 5])});
    let book = book(&records, Schema::default());
    let policy = Policy::builder(book.schema())
        .script("fn coverage(customer) { [\"developer\"] }")
        .tier(|_| Ok::<_, HookError>("A"))
        .eligible(|_, _| Ok::<_, HookError>(true))
        .score(|_, rep| Ok(rep.int("level").unwrap_or(0) as f64))
        .build()
        .unwrap();
    let plan = plan(&policy, &book);
    says(
        (book, plan),
        "c1",
        "
c1: tier A, named by `tier`, segment `all`
  developer: r2 gets it by `best_score`
    runner-up r1, 2 behind
             5  r2
             3  r1
`tier` is native code
`eligible` with r2 as developer is native code
`score` with r2 as developer is native code
  r1 would get it with a score higher by 2
",
    );
}

#[test]
fn sensitive_values_stand_nowhere() {
    let schema = Schema::builder()
        .customer_field(Field::new("income", Kind::Int).sensitive())
        .rep_field(Field::new("rating", Kind::Float).sensitive())
        .build()
        .unwrap();
    let policy = r#"
const TIERS = [#{ tier: "A", at_least: 90000 }, #{ tier: "B" }];
fn value(customer) { customer.income ?? 0 }
fn coverage(customer) { ["developer"] }
fn score(customer, rep) { if rep.level > 1 { 1.0 } else { rep.rating ?? 0.0 } }
"#;
    let mut reps = developers(&[1, 1, 2]);
    reps[0]["rating"] = json!(73.5125);
    reps[1]["rating"] = json!(20.25);
    let records = json!({"customers": [{"id": "c1", "income": 86421}], "reps": reps});
    let book = book(&records, schema);
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&policy, &book);
    let detail = plan.explain_in_detail(&book, "c1").unwrap();
    let data = serde_json::to_string(&detail).unwrap();
    says(
        (book, plan),
        "c1",
        "
c1: tier B, by a value that is hidden, segment `all`
  developer: r1 gets it by `best_score`
    runner-up r2
      (hidden)  r1
      (hidden)  r2
      (hidden)  r3
`value` gave (hidden) at line 3
  read customer.income: (hidden)
  tier A with another income (hidden)
`score` with r1 as developer gave (hidden) at line 5
  read rep.level: 1, rep.rating: (hidden)
  line 5: rep.level > 1 does not hold: 1 > 1
",
    );
    // The income and what it is short of, the ratings and what is between them.
    for secret in ["86421", "3579", "73.5", "20.25", "53.26"] {
        assert!(!data.contains(secret), "{secret} in {data}");
    }
}

#[test]
fn what_cannot_be_explained_says_so() {
    let (book, plan) = planned(THREE_ROLES, &three_roles());
    let of = |plan: &Plan, book: &Book, customer: &str| plan.explain_in_detail(book, customer);
    let unknown = ExplainError::UnknownCustomer("c2".to_owned());
    assert_eq!(of(&plan, &book, "c2"), Err(unknown));
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(of(&read, &book, "c1"), Err(ExplainError::NotMadeHere));
    let next = book.apply(&plan).unwrap();
    assert_eq!(of(&plan, &next, "c1"), Err(ExplainError::OtherBook));
}

/// Customers of all kinds: new, kept, released, in families, with too little room for all.
fn crowd() -> Json {
    let regions = ["east", "west", "north"];
    let customers: Vec<Json> = (0..24)
        .map(|n| {
            json!({"id": format!("c{n:02}"), "region": regions[n % 3], "annual_revenue": n * 40_000,
                "family": if n % 5 == 0 { Some(format!("f{}", n % 10)) } else { None },
                "owners": match n % 6 { 1 => json!({"developer": "r2"}), 2 => json!({"maintainer": "r4"}), _ => json!({}) }})
        })
        .collect();
    let reps: Vec<Json> = (0..6)
        .map(|n| {
            json!({"id": format!("r{n}"), "regions": [regions[n % 3]], "level": n % 3 + 1,
                "roles": if n % 2 == 0 { json!(["developer", "maintainer"]) } else { json!(["developer"]) },
                "capacity": 5, "active": n != 4})
        })
        .collect();
    json!({"customers": customers, "reps": reps})
}

#[test]
fn it_is_what_the_plan_tells_part_by_part() {
    let (book, plan) = planned(THREE_ROLES, &crowd());
    let (mut kept, mut given, mut moves) = (0, 0, 0);
    for customer in book.records().customers {
        let id = customer.id.as_str();
        let detail = plan.explain_in_detail(&book, id).unwrap();
        assert_eq!(detail.explanation, plan.explain(&book, id).unwrap());
        assert_eq!(
            detail.tier,
            Some(plan.trace(&book, id, Hook::Value).unwrap())
        );
        assert_eq!(detail.tier_flips, plan.tier_flips(&book, id).unwrap());
        let owned: Vec<(&str, &str)> = (plan.assignments.iter())
            .filter(|it| it.customer == id)
            .map(|it| (it.role.as_str(), it.rep.as_str()))
            .collect();
        assert_eq!(
            detail.roles.iter().map(|it| &it.role).collect::<Vec<_>>(),
            owned.iter().map(|it| it.0).collect::<Vec<_>>()
        );
        for (role, (name, rep)) in detail.roles.iter().zip(owned) {
            let hooks = [Hook::Eligible, Hook::Score];
            let traces = hooks.map(|hook| plan.trace_pair(&book, id, rep, name, hook).unwrap());
            assert_eq!(role.owner, traces);
            assert_eq!(role.moves, plan.moves(&book, id, name).unwrap());
            moves += role.moves.len();
        }
        for role in &detail.explanation.roles {
            kept += u32::from(matches!(role.outcome, Outcome::Kept(_)));
            given += u32::from(matches!(role.outcome, Outcome::Assigned { .. }));
        }
        let all = detail.roles.iter().flat_map(|it| &it.owner);
        assert!(
            all.chain(&detail.tier)
                .all(|it| matches!(it.outcome, TraceOutcome::Gave { .. }))
        );
    }
    assert!(kept > 2 && given > 2 && moves > 2, "{kept} {given} {moves}");
}
