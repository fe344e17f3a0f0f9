//! The optimal strategy through a policy: better than greedy, with its proof in the plan.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bookwright::{Book, Plan, PlanOptions, Policy, Records, Schema};

fn plan(settings: &str, less: f64) -> (Book, Plan) {
    let records: Records = serde_json::from_str(
        r#"{
            "customers": [{"id": "c1", "region": "east"}, {"id": "c2", "region": "west"}],
            "reps": [{"id": "r1", "roles": ["developer"]}, {"id": "r2", "roles": ["developer"]}]
        }"#,
    )
    .unwrap();
    let book = Book::build(records, Schema::default()).unwrap();
    let text = format!(
        r#"
        const ALLOCATION = #{{ {settings} }};
        fn coverage(customer) {{ ["developer"] }}
        fn capacity(rep) {{ #{{ customers: 1 }} }}
        fn score(customer, rep) {{
            let points = switch customer.region ?? "" {{
                "east" => if rep.id == "r1" {{ 10.0 }} else {{ 7.0 }},
                _ => if rep.id == "r1" {{ 9.0 }} else {{ 2.0 }},
            }};
            points - {less:?}
        }}"#
    );
    let policy = Policy::compile(&text, book.schema()).unwrap();
    let now = PlanOptions::at("2026-01-01".parse().unwrap());
    let plan = policy.plan(&book, &now).unwrap();
    (book, plan)
}

#[test]
fn the_best_whole_beats_the_best_first_step() {
    let (_, greedy) = plan(r#"strategy: "best_score""#, 0.0);
    let (_, best) = plan(r#"strategy: "optimal""#, 0.0);
    assert_eq!(greedy.totals.score, 12.0);
    assert_eq!(best.totals.score, 16.0);
    assert!(greedy.certificates.is_empty());
    let certificate = &best.certificates[0];
    assert!(certificate.exact);
    assert_eq!(certificate.gap, 0.0);
    assert_eq!(certificate.roles, ["developer"]);
}

#[test]
fn the_price_of_an_open_demand_leaves_what_is_not_worth_it() {
    let (_, plan) = plan(r#"strategy: "optimal", unassigned_price: 0.0"#, 8.0);
    assert_eq!(plan.totals.unassigned, 1);
    assert_eq!(plan.unassigned[0].reason, bookwright::Reason::BelowPrice);
}

#[test]
fn the_margin_under_prices_is_a_promise() {
    let (book, plan) = plan(r#"strategy: "optimal""#, 0.0);
    let why = plan.explain(&book, "c1").unwrap();
    let runner_up = why.roles[0].runner_up.as_ref().unwrap();
    assert_eq!(runner_up.rep, "r1");
    // c1 would move to r1 at 14 only: 14 + 2 = 7 + 9
    assert!(
        runner_up
            .rise
            .is_some_and(|rise| (0.0..=4.0).contains(&rise))
    );
    assert!(
        why.to_string()
            .contains("runner-up r1; nothing changes while"),
        "{why}"
    );
}
