//! Explanations: the whole text for typical customers, and that it agrees with the plan.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::report::{Outcome, Standing, TieBreak};
use bookwright::{Book, ExplainError, Plan, PlanOptions, Policy, Records, Schema};
use serde_json::{Value as Json, json};

fn planned(policy: &str, book: &Json) -> (Book, Plan) {
    let records: Records = serde_json::from_value(book.clone()).unwrap();
    let book = Book::build(records, Schema::default()).unwrap();
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    let plan = policy.plan(&book, &options).unwrap();
    (book, plan)
}

#[track_caller]
fn says(policy: &str, book: &Json, customer: &str, text: &str) {
    let (book, plan) = planned(policy, book);
    let said = plan.explain(&book, customer).unwrap().to_string();
    let expected: Vec<&str> = text.trim_matches('\n').lines().collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "\n{said}");
}

const BY_REGION: &str = r#"
    const TIERS = [#{ tier: "A", at_least: 500_000.0 }, #{ tier: "B", at_least: 100_000.0, keep_within: 0.1 }, #{ tier: "C" }];
    fn value(customer) { customer.annual_revenue ?? 0.0 }
    fn segment(customer) { customer.region ?? "nowhere" }
    fn coverage(customer) { ["developer"] }
    fn eligible(customer, rep) { if rep.level < 2 { "too junior" } else { true } }
    fn score(customer, rep) { rep.level * 1.5 + if customer.region in rep.regions { 1000.0 } else { 0.0 } }
"#;

fn team() -> Json {
    json!([
        {"id": "r1", "name": "Ada", "roles": ["developer"], "regions": ["east"], "level": 2},
        {"id": "r2", "name": "Ben", "roles": ["developer"], "regions": ["west"], "level": 3, "capacity": 1},
        {"id": "r3", "name": "王小明", "roles": ["developer"]},
        {"id": "r4", "name": "Dia", "roles": ["developer"], "level": 5, "active": false},
        {"id": "r5", "name": "Eve", "roles": ["manager"], "level": 5}
    ])
}

#[test]
fn a_new_customer_with_its_runner_up() {
    let book = json!({"customers": [{"id": "c1", "name": "华东精密", "region": "east", "annual_revenue": 250000}], "reps": team()});
    says(BY_REGION, &book, "c1", "
c1 (华东精密): tier B, value 250,000, 150,000 above the border at 100,000, 250,000 short of the tier above at 500,000, segment `east`
  developer: r1 gets it by `best_score`
    runner-up r2, 998.5 behind
         1,003  r1 (Ada)
           4.5  r2 (Ben)
             –  r3 (王小明), too junior
             –  r4 (Dia), inactive
");
}

#[test]
fn a_tier_kept_by_its_margin_and_an_owner_that_stays() {
    let book = json!({"customers": [{"id": "c1", "region": "east", "annual_revenue": 95000, "current_tier": "B",
        "owners": {"developer": "r2"}}], "reps": team()});
    says(BY_REGION, &book, "c1", "
c1: tier B, value 95,000 (kept by its margin), 5,000 short of the border at 100,000, 405,000 short of the tier above at 500,000, segment `east`
  developer: r2 stays, for it is active, available, in the role and eligible
         1,003  r1 (Ada)
           4.5  r2 (Ben)
             –  r3 (王小明), too junior
             –  r4 (Dia), inactive
");
}

#[test]
fn a_released_owner_and_a_full_rep() {
    let book = json!({"customers": [
            {"id": "c0", "region": "west", "owners": {"developer": "r2"}},
            {"id": "c1", "region": "west", "current_tier": "A", "owners": {"developer": "r4"}}],
        "reps": team()});
    says(
        BY_REGION,
        &book,
        "c1",
        "
c1: tier C (before: A), value 0, 100,000 short of the tier above at 100,000, segment `west`
  developer: r1 takes over by `best_score`
    released from r4: inactive
       1,004.5  r2 (Ben), no room
             3  r1 (Ada)
             –  r3 (王小明), too junior
             –  r4 (Dia), inactive
",
    );
}

#[test]
fn nobody_and_why() {
    let book = json!({"customers": [{"id": "c1"}], "reps": [
        {"id": "r1", "name": "Ada", "roles": ["developer"]}, {"id": "r2", "name": "Ben", "roles": ["developer"], "away_until": "2026-03-01"}]});
    says(
        BY_REGION,
        &book,
        "c1",
        "
c1: tier C, value 0, 100,000 short of the tier above at 100,000, segment `nowhere`
  developer: nobody, none eligible: 1 × away until 2026-03-01, 1 × too junior
             –  r1 (Ada), too junior
             –  r2 (Ben), away until 2026-03-01
",
    );
}

#[test]
fn a_family_is_one_demand() {
    let book = json!({"customers": [{"id": "c1", "family": "f"}, {"id": "c2", "family": "f"}],
        "reps": [{"id": "r1", "name": "Ada", "roles": ["developer"]}, {"id": "r2", "name": "Ben", "roles": ["developer"]}]});
    let policy = r#"fn score(customer, rep) { if rep.id == "r2" { 2.0 } else { 0.5 } }"#;
    says(
        policy,
        &book,
        "c2",
        "
c2: tier C, for the policy has no rule for tiers, segment `all`
  developer: r2 gets it by `best_score`
    one demand with its family: c1, c2
    runner-up r1, 3 behind
             4  r2 (Ben)
             1  r1 (Ada)
",
    );
}

#[test]
fn a_role_no_longer_needed() {
    let book = json!({"customers": [{"id": "c1", "stage": "active", "owners": {"developer": "r1"}}],
        "reps": [{"id": "r1", "name": "Ada", "roles": ["developer"]}]});
    says(
        "",
        &book,
        "c1",
        "
c1: tier C, for the policy has no rule for tiers, segment `all`
  developer: not needed
    released from r1: the role is no longer needed
  maintainer: nobody, no rep has the role
",
    );
}

#[test]
fn a_hook_that_failed() {
    let book = json!({"customers": [{"id": "c1"}, {"id": "c2", "owners": {"developer": "r1"}}],
        "reps": [{"id": "r1", "name": "Ada", "roles": ["developer"]}]});
    let policy = "
        fn tier(customer) { if 1 / (customer.employees ?? 0) > 0 { \"A\" } else { \"B\" } }
        fn workload(customer) { 1 / (customer.employees ?? 0) }
    ";
    says(
        policy,
        &book,
        "c1",
        "
c1: tier C, the last, for the hook failed: division by zero: 1 / 0, segment `all`
  developer: nobody, the hook `workload` failed
",
    );
    says(
        policy,
        &book,
        "c2",
        "
c2: tier C, the last, for the hook failed: division by zero: 1 / 0, segment `all`
  developer: r1 stays, for a hook failed and nothing was decided
             0  r1 (Ada)
",
    );
}

fn tie(policy: &str, customers: Json, reps: Json) -> Option<TieBreak> {
    let (book, plan) = planned(policy, &json!({"customers": customers, "reps": reps}));
    let why = plan.explain(&book, "c1").unwrap();
    why.roles[0].tie_break
}

#[test]
fn tie_breaks_are_named() {
    let two =
        || json!([{"id": "r1", "roles": ["developer"]}, {"id": "r2", "roles": ["developer"]}]);
    let held = |rep: &str, since: &str| json!({"developer": {"rep": rep, "since": since}});
    assert_eq!(tie("", json!([{"id": "c1"}]), two()), Some(TieBreak::Id));
    let one_held = json!([{"id": "a", "owners": held("r1", "2026-01-01")}, {"id": "c1"}]);
    assert_eq!(tie("", one_held, two()), Some(TieBreak::LoadShare));
    let both_held = json!([{"id": "a", "owners": held("r1", "2026-01-02")}, {"id": "b", "owners": held("r2", "2026-01-01")}, {"id": "c1"}]);
    assert_eq!(tie("", both_held, two()), Some(TieBreak::LastAssigned));
    let differ = "fn score(customer, rep) { if rep.id == \"r1\" { 1 } else { 0 } }";
    assert_eq!(tie(differ, json!([{"id": "c1"}]), two()), None);
}

#[test]
fn the_words_of_tie_breaks() {
    let book = json!({"customers": [{"id": "c1"}],
        "reps": [{"id": "r1", "name": "Ada", "roles": ["developer"]}, {"id": "r2", "name": "Ben", "roles": ["developer"]}]});
    says(
        "",
        &book,
        "c1",
        "
c1: tier C, for the policy has no rule for tiers, segment `all`
  developer: r1 gets it by `best_score`
    runner-up r2 with the same score; the id decided
             0  r1 (Ada)
             0  r2 (Ben)
",
    );
}

#[test]
fn a_pin_is_told_of_those_it_keeps_out() {
    let book = json!({"customers": [{"id": "c1"}], "pins": [{"customer": "c1", "role": "developer", "rep": "r2"}],
        "reps": [{"id": "r1", "name": "Ada", "roles": ["developer"]}, {"id": "r2", "name": "Ben", "roles": ["developer"]}]});
    says(
        "",
        &book,
        "c1",
        "
c1: tier C, for the policy has no rule for tiers, segment `all`
  developer: r2 gets it by `best_score`
             0  r2 (Ben)
             –  r1 (Ada), pinned to `r2`
",
    );
    let mut kept = book.clone();
    kept["customers"][0]["owners"] = json!({"developer": "r2"});
    let (book, plan) = planned("", &kept);
    let why = plan.explain(&book, "c1").unwrap();
    let out = why.roles[0]
        .candidates
        .iter()
        .find(|it| it.rep == "r1")
        .unwrap();
    let reason = "pinned to `r2`".to_owned();
    assert_eq!(out.standing, Standing::Out { reason });
}

#[test]
fn every_winner_is_among_its_candidates_with_its_score() {
    let regions = ["east", "west", "north"];
    let customers: Vec<Json> = (0..40)
        .map(|n| {
            json!({"id": format!("c{n:02}"), "region": regions[n % 3], "annual_revenue": n * 20_000, "potential": (n % 4) + 1,
                "family": if n % 5 == 0 { Some(format!("f{}", n % 10)) } else { None },
                "owners": if n % 7 == 0 { json!({"developer": if n % 2 == 0 { "r1" } else { "r4" }}) } else { json!({}) }})
        })
        .collect();
    let reps: Vec<Json> = (0..6)
        .map(|n| {
            json!({"id": format!("r{n}"), "roles": ["developer"], "regions": [regions[n % 3]],
            "level": n % 3 + 1, "capacity": 24, "active": n != 4})
        })
        .collect();
    let policy = format!("{BY_REGION}\nfn workload(customer) {{ customer.potential ?? 1.0 }}");
    for strategy in [
        "best_score",
        "round_robin",
        "weighted_round_robin",
        "least_loaded",
    ] {
        let records: Records =
            serde_json::from_value(json!({"customers": customers, "reps": reps})).unwrap();
        let book = Book::build(records, Schema::default()).unwrap();
        let policy = Policy::compile(&policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
        let options = PlanOptions::at("2026-01-31".parse().unwrap()).strategy(strategy);
        let plan = policy.plan(&book, &options).unwrap();
        assert!(plan.assignments.len() > 20 && !plan.unassigned.is_empty());
        for customer in &customers {
            let id = customer["id"].as_str().unwrap();
            let why = plan.explain(&book, id).unwrap();
            assert_eq!(why.tier.tier, plan.tiers[id]);
            let role = &why.roles[0];
            let given = plan.assignments.iter().find(|it| it.customer == id);
            let winner = match &role.outcome {
                Outcome::Kept(kept) => Some(&kept.rep),
                Outcome::Assigned { rep, .. } => Some(rep),
                _ => None,
            };
            assert_eq!(winner, given.map(|it| &it.rep), "{why}");
            let Some(given) = given else {
                assert!(plan.unassigned.iter().any(|it| it.customer == id), "{why}");
                let open = |it: &bookwright::report::Candidate| {
                    matches!(it.standing, Standing::Open { .. })
                };
                assert!(!role.candidates.iter().any(open), "{why}");
                continue;
            };
            let candidate = role
                .candidates
                .iter()
                .find(|it| it.rep == given.rep)
                .unwrap();
            let Standing::Open { score } = candidate.standing else {
                panic!("the winner had room: {why}")
            };
            let family: f64 = if role.family.is_empty() {
                given.score
            } else {
                let of = |member: &String| {
                    plan.assignments
                        .iter()
                        .find(|it| it.customer == *member)
                        .unwrap()
                        .score
                };
                role.family.iter().map(of).sum()
            };
            assert!((score - family).abs() < 1e-6, "{why}");
            if strategy == "best_score" && matches!(role.outcome, Outcome::Assigned { .. }) {
                let open = role
                    .candidates
                    .iter()
                    .filter(|it| matches!(it.standing, Standing::Open { .. }));
                assert_eq!(open.map(|it| &it.rep).next(), winner, "{why}");
                assert!(
                    role.runner_up
                        .as_ref()
                        .is_none_or(|second| second.margin >= 0.0),
                    "{why}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_explained_says_so() {
    let book = json!({"customers": [{"id": "c1"}], "reps": []});
    let (book, plan) = planned("", &book);
    let error = plan.explain(&book, "c2").unwrap_err();
    assert_eq!(error.to_string(), "unknown customer `c2`");
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    let error = read.explain(&book, "c1").unwrap_err();
    assert_eq!(error, ExplainError::NotMadeHere);
    assert_eq!(
        error.to_string(),
        "the plan was not made in this process: run the policy on the book again to explain it"
    );
    let other = book.apply(&plan).unwrap();
    let error = plan.explain(&other, "c1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the book is not the one that the plan was made from"
    );
}

#[test]
fn a_plan_tells_where_a_value_lies() {
    let records = bookwright::Records {
        customers: vec![bookwright::Customer::new("c1").set("potential", 450.0)],
        ..bookwright::Records::default()
    };
    let book = bookwright::Book::build(records, bookwright::Schema::default()).unwrap();
    let text = r#"
        const TIERS = [#{ tier: "A", at_least: 500.0 }, #{ tier: "B" }];
        fn value(customer) { customer.potential ?? 0.0 }"#;
    let policy = bookwright::Policy::compile(text, book.schema()).unwrap();
    let now = bookwright::PlanOptions::at("2026-01-01".parse().unwrap());
    let plan = policy.plan(&book, &now).unwrap();
    let place = plan.place("c1").unwrap();
    assert_eq!(place.value, 450.0);
    assert_eq!(
        place.above.map(|border| (border.at, border.distance)),
        Some((500.0, 50.0))
    );
    assert_eq!(place.below, None);
    assert_eq!(plan.place("c2"), None);
}
