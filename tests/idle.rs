//! Reps that own nobody: each reason in words and as data, and that it is what the explanations of
//! all customers come to.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeSet;

use bookwright::report::{Outcome, Standing};
use bookwright::{
    Book, ExplainError, Field, IdleReason, IdleRep, Kind, Plan, PlanOptions, Policy, Reason,
    Records, Schema,
};
use serde_json::{Value as Json, json};

fn planned_by(policy: &str, records: &Json, schema: Schema) -> (Book, Plan) {
    let records: Records = serde_json::from_value(records.clone()).unwrap();
    let book = Book::build(records, schema).unwrap();
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let options =
        PlanOptions::at("2026-01-31".parse().unwrap()).utc_offset("+08:00".parse().unwrap());
    let plan = policy.plan(&book, &options).unwrap();
    (book, plan)
}

fn idle(policy: &str, records: &Json) -> Vec<IdleRep> {
    let (book, plan) = planned_by(policy, records, Schema::default());
    plan.idle(&book).unwrap()
}

#[track_caller]
fn says(policy: &str, records: &Json, words: &[&str]) {
    let said = idle(policy, records);
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(said, words);
}

const BY_LEVEL: &str = r#"
fn coverage(customer) { ["developer"] }
fn score(customer, rep) { rep.level }
"#;

/// Customers by id.
fn customers(ids: &[&str]) -> Json {
    ids.iter().map(|id| json!({"id": id})).collect()
}

/// Developers of these levels: `r1`, `r2` …
fn developers(levels: &[i64]) -> Vec<Json> {
    let rep = |(number, level): (usize, &i64)| json!({"id": format!("r{number}"), "roles": ["developer"], "level": level});
    (1..).zip(levels).map(rep).collect()
}

#[test]
fn nobody_can_come_to_who_has_no_role_or_is_not_there() {
    let records = json!({
        "customers": customers(&["c1"]),
        "reps": [
            {"id": "r1", "roles": ["developer"], "level": 9},
            {"id": "r2"},
            {"id": "r3", "roles": ["list_manager"], "active": false},
            {"id": "r4", "roles": ["developer"], "active": false, "away_until": "2026-02-28T16:00:00Z"},
            {"id": "r5", "roles": ["developer"], "away_until": "2026-02-28T16:00:00Z"},
            {"id": "r6", "roles": ["developer"], "available_from": "2026-02-01T16:00:00Z", "away_until": "2026-02-28T16:00:00Z"},
            {"id": "r7", "roles": ["list_manager", "manager"], "away_until": "2026-01-30"},
            {"id": "r\u{202e}8", "roles": ["manager"], "active": false}
        ]
    });
    says(
        BY_LEVEL,
        &records,
        &[
            "r2 is idle: no role in which it could own customers",
            "r3 is idle: no role in which it could own customers",
            "r4 is idle: inactive",
            "r5 is idle: away until 2026-03-01",
            "r6 is idle: available from 2026-02-02",
            // Available, but nobody needs a manager.
            "r7 is idle: no customer may go to it",
            "r\\u{202e}8 is idle: inactive",
        ],
    );
    let away = IdleReason::Unavailable {
        reason: "away until 2026-03-01".to_owned(),
    };
    assert_eq!(idle(BY_LEVEL, &records)[3].reason, away);
}

#[test]
fn who_owns_somebody_is_not_idle() {
    let kept = json!({"id": "c1", "owners": {"developer": "r1"}});
    let records = json!({"customers": [kept], "reps": developers(&[1, 2])});
    // The owner stays, and no demand is given out.
    says(
        BY_LEVEL,
        &records,
        &["r2 is idle: no customer may go to it"],
    );
    says(BY_LEVEL, &json!({"customers": [], "reps": []}), &[]);
}

#[test]
fn barred_by_the_book_or_by_eligible() {
    let records = json!({
        "customers": customers(&["c1", "c2"]),
        "reps": developers(&[1, 2, 3, 4]),
        "pins": [{"customer": "c1", "role": "developer", "rep": "r1"}],
        "exclusions": [{"customer": "c2", "rep": "r2"}]
    });
    let policy = format!("{BY_LEVEL} fn eligible(customer, rep) {{ rep.level != 3 }}");
    says(
        &policy,
        &records,
        &[
            "r2 is idle: no customer may go to it",
            "r3 is idle: no customer may go to it",
        ],
    );
}

#[test]
fn a_demand_beyond_the_room_is_no_candidate_to_lose() {
    let mut reps = developers(&[9, 10, 10, 1]);
    reps[1]["capacity"] = json!(0.5);
    reps[2]["capacity"] = json!(1.5);
    let records = json!({"customers": customers(&["c1", "c2"]), "reps": reps});
    // `c1` is too large for `r3`, and `r3` may not have `c2`; `r4` lost one and has no room for
    // the other.
    let policy = r#"
fn coverage(customer) { ["developer"] }
fn workload(customer) { if customer.id == "c1" { 2 } else { 1 } }
fn capacity(rep) { if rep.id == "r4" { 1 } else { rep.capacity ?? 10 } }
fn eligible(customer, rep) { rep.id != "r3" || customer.id == "c1" }
fn score(customer, rep) { rep.level }
"#;
    says(
        policy,
        &records,
        &[
            "r2 is idle: no room for any customer that may go to it",
            "r3 is idle: no room for any customer that may go to it",
            "r4 is idle: 8 short of r1 for c2 as developer, where it is nearest",
        ],
    );
}

#[test]
fn the_nearest_is_told_among_all_that_were_lost() {
    let policy = r#"
fn coverage(customer) { ["developer"] }
fn score(customer, rep) {
    let points = rep.level * 1.5;
    if customer.id == "c2" { points / 2.0 } else { points }
}
"#;
    let records =
        json!({"customers": customers(&["c1", "c2", "c3"]), "reps": developers(&[5, 4, 5])});
    assert_eq!(
        idle(policy, &records),
        [IdleRep {
            rep: "r2".to_owned(),
            reason: IdleReason::Outdone {
                customer: "c2".to_owned(),
                role: "developer".to_owned(),
                owner: Some("r3".to_owned()),
                by: 0.75,
            },
        }]
    );
    let records = json!({"customers": customers(&["c1"]), "reps": developers(&[5, 5])});
    says(
        BY_LEVEL,
        &records,
        &["r2 is idle: as good as r1 for c1 as developer, where it is nearest"],
    );
}

#[test]
fn a_family_is_lost_as_one() {
    let records = json!({
        "customers": [{"id": "c1", "family": "f"}, {"id": "c2", "family": "f"}],
        "reps": developers(&[4, 1])
    });
    says(
        BY_LEVEL,
        &records,
        &["r2 is idle: 6 short of r1 for c1 as developer, where it is nearest"],
    );
}

/// `r1` and `r2` under `optimal` with these settings; `c1` scores so much less.
fn optimal(settings: &str, less: f64) -> String {
    format!(
        r#"
const ALLOCATION = #{{ strategy: "optimal", {settings} }};
fn coverage(customer) {{ ["developer"] }}
fn score(customer, rep) {{ rep.level - if customer.id == "c1" {{ {less:?} }} else {{ 0.0 }} }}
"#
    )
}

#[test]
fn what_nobody_is_worth_counts_by_how_much() {
    let records = json!({"customers": customers(&["c1", "c2"]), "reps": developers(&[9, 2])});
    // 98 short of being worth `c1`, 7 short of who has `c2`.
    says(
        &optimal("unassigned_price: 0", 100.0),
        &records,
        &["r2 is idle: 7 short of r1 for c2 as developer, where it is nearest"],
    );
    says(
        &optimal("unassigned_price: -3.5", 0.0),
        &records,
        &["r2 is idle: 7 short of r1 for c1 as developer, where it is nearest"],
    );
    let far = json!({"customers": customers(&["c1"]), "reps": developers(&[9, 2])});
    let policy = optimal("unassigned_price: 10", 100.0);
    says(
        &policy,
        &far,
        &[
            "r1 is idle: 81 short of being worth it for c1 as developer, where it is nearest",
            "r2 is idle: 88 short of being worth it for c1 as developer, where it is nearest",
        ],
    );
    let data = serde_json::to_value(&idle(&policy, &far)[0]).unwrap();
    assert_eq!(
        data,
        json!({"rep": "r1", "reason": {"kind": "outdone", "customer": "c1", "role": "developer", "by": 81.0}})
    );
}

#[test]
fn a_load_share_that_may_not_be_passed_is_no_room() {
    let records = json!({"customers": customers(&["c1"]), "reps": developers(&[1])});
    let policy = |share: f64| {
        let settings = format!("max_load: {share}");
        optimal(&settings, 0.0) + "fn workload(customer) { 6 } fn capacity(rep) { 10 }"
    };
    says(
        &policy(0.5),
        &records,
        &["r1 is idle: no room for any customer that may go to it"],
    );
    says(&policy(0.6), &records, &[]);
}

#[test]
fn what_stays_open_for_another_reason_says_which() {
    let records = json!({
        "customers": [{"id": "c1", "owners": {"developer": "r1"}}],
        "reps": developers(&[1, 5])
    });
    let mut left = records;
    left["reps"][0]["active"] = json!(false);
    let policy = optimal("keep_owners: false, max_moves: 0", 0.0);
    says(
        &policy,
        &left,
        &[
            "r1 is idle: inactive",
            "r2 is idle: nobody has c1 as developer, it would change owner, and no more may (`max_moves`)",
        ],
    );
    let reason = IdleReason::LeftOpen {
        customer: "c1".to_owned(),
        role: "developer".to_owned(),
        reason: Reason::MaxMoves,
    };
    assert_eq!(idle(&policy, &left)[1].reason, reason);
}

#[test]
fn a_strategy_by_turns_is_not_told_by_scores() {
    // `r2` had the last turn, so that it goes to `r1`, though it scores less.
    let mut reps = developers(&[1, 9]);
    reps[1]["last_assigned"] = json!({"developer": "2026-01-30"});
    let records = json!({"customers": customers(&["c1"]), "reps": reps});
    let policy = format!("const ALLOCATION = #{{ strategy: \"round_robin\" }};{BY_LEVEL}");
    says(
        &policy,
        &records,
        &["r2 is idle: `round_robin` chose others, r1 for c1 as developer"],
    );
    let data = serde_json::to_value(&idle(&policy, &records)[0].reason).unwrap();
    assert_eq!(
        data,
        json!({"kind": "elsewhere", "customer": "c1", "role": "developer", "owner": "r1", "strategy": "round_robin"})
    );
}

#[test]
fn scores_made_from_a_sensitive_field_are_not_told() {
    let schema = Schema::builder()
        .rep_field(Field::new("rating", Kind::Float).sensitive())
        .build()
        .unwrap();
    let mut reps = developers(&[1, 1]);
    reps[0]["rating"] = json!(73.5);
    reps[1]["rating"] = json!(20.25);
    let records = json!({"customers": customers(&["c1"]), "reps": reps});
    let policy = |settings: &str, less: f64| {
        format!(
            "{settings} fn coverage(customer) {{ [\"developer\"] }} fn score(customer, rep) {{ (rep.rating ?? 0.0) - {less:?} }}"
        )
    };
    let told = |policy: &str| {
        let (book, plan) = planned_by(policy, &records, schema.clone());
        let idle = plan.idle(&book).unwrap();
        let said: Vec<String> = idle.iter().map(ToString::to_string).collect();
        (said, serde_json::to_string(&idle).unwrap())
    };
    let (said, data) = told(&policy("", 0.0));
    assert_eq!(
        said,
        ["r2 is idle: short of r1 for c1 as developer, where it is nearest"]
    );
    assert!(data.contains(r#""by":null"#), "{data}");
    let price = "const ALLOCATION = #{ strategy: \"optimal\", unassigned_price: 0 };";
    let (said, data) = told(&policy(price, 100.0));
    assert_eq!(
        said,
        [
            "r1 is idle: not worth it for c1 as developer, where it is nearest",
            "r2 is idle: not worth it for c1 as developer, where it is nearest",
        ]
    );
    assert!(data.contains(r#""by":null"#), "{data}");
}

#[test]
fn a_plan_that_cannot_look_behind_itself_says_so() {
    let records = json!({"customers": customers(&["c1"]), "reps": developers(&[1])});
    let (book, plan) = planned_by(BY_LEVEL, &records, Schema::default());
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(read.idle(&book), Err(ExplainError::NotMadeHere));
    let next = book.apply(&plan).unwrap();
    assert_eq!(plan.idle(&next), Err(ExplainError::OtherBook));
}

/// A book in which many reps come away empty, each for its own reason.
fn crowd() -> Json {
    let regions = ["east", "west", "north"];
    let customers: Vec<Json> = (0..20)
        .map(|n| {
            json!({"id": format!("c{n:02}"), "region": regions[n % 3], "potential": n % 4 + 1,
                "family": if n % 5 == 0 { Some(format!("f{}", n % 10)) } else { None },
                "owners": if n % 7 == 0 { json!({"developer": "r00"}) } else { json!({}) }})
        })
        .collect();
    let reps: Vec<Json> = (0..24)
        .map(|n| {
            json!({"id": format!("r{n:02}"), "regions": [regions[n % 3]], "level": n % 5 + 1,
                "roles": if n % 6 == 5 { json!(["list_manager"]) } else { json!(["developer"]) },
                "capacity": if n % 4 == 3 { 0.5 } else { 9.0 }, "active": n % 11 != 10})
        })
        .collect();
    json!({"customers": customers, "reps": reps})
}

#[test]
fn it_is_what_the_explanations_come_to() {
    let policy = r#"
fn coverage(customer) { ["developer"] }
fn workload(customer) { customer.potential ?? 1.0 }
fn eligible(customer, rep) { rep.level > 1 || customer.region in rep.regions }
fn score(customer, rep) { rep.level * 1.25 + (customer.potential ?? 0.0) * if customer.region in rep.regions { 1.0 } else { 0.5 } }
"#;
    let (book, plan) = planned_by(policy, &crowd(), Schema::default());
    let busy: BTreeSet<&str> = plan.assignments.iter().map(|it| it.rep.as_str()).collect();
    let mut expected = Vec::new();
    for rep in 0..24 {
        let id = format!("r{rep:02}");
        if busy.contains(id.as_str()) {
            continue;
        }
        // The least it falls short by, and whether it lost anything for want of room.
        let (mut least, mut full): (Option<f64>, bool) = (None, false);
        for customer in 0..20 {
            let why = plan.explain(&book, &format!("c{customer:02}")).unwrap();
            let role = &why.roles[0];
            let standing = |rep: &str| {
                let found = role.candidates.iter().find(|it| it.rep == rep);
                found.map(|it| it.standing.clone())
            };
            let Outcome::Assigned { rep: owner, .. } = &role.outcome else {
                assert!(matches!(role.outcome, Outcome::Kept(_)), "{why}");
                continue;
            };
            let Some(Standing::Open { score: own }) = standing(owner) else {
                panic!("{why}");
            };
            match standing(&id) {
                Some(Standing::Open { score }) => {
                    let by = own - score;
                    least = Some(least.map_or(by, |least| least.min(by)));
                }
                Some(Standing::Full { .. }) => full = true,
                _ => {}
            }
        }
        expected.push((id, least, full));
    }
    let found = plan.idle(&book).unwrap();
    assert_eq!(
        found.iter().map(|it| &it.rep).collect::<Vec<_>>(),
        expected.iter().map(|it| &it.0).collect::<Vec<_>>()
    );
    let mut kinds = [0; 4];
    for (rep, (_, least, full)) in found.iter().zip(expected) {
        let (kind, agrees) = match &rep.reason {
            IdleReason::Outdone { by, .. } => {
                (0, least.is_some_and(|least| (least - by).abs() < 1e-6))
            }
            IdleReason::NoRoom => (1, least.is_none() && full),
            IdleReason::NoCandidate | IdleReason::Unavailable { .. } => {
                (2, least.is_none() && !full)
            }
            IdleReason::NoRole => (3, least.is_none() && !full),
            other => panic!("{other:?}"),
        };
        kinds[kind] += 1;
        assert!(agrees, "{rep}: {least:?} {full}");
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
}
