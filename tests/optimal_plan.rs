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

#[test]
fn the_exact_margin_is_where_the_customer_moves() {
    let (book, plan) = plan(r#"strategy: "optimal""#, 0.0);
    let margin =
        |customer: &str, rep: &str| plan.margin(&book, customer, "developer", rep).unwrap();
    // c1 with r2 and c2 with r1 are worth 7 + 9, the other way round 10 + 2.
    assert_eq!(margin("c1", "r1"), Some(4.0));
    assert_eq!(margin("c2", "r2"), Some(4.0));
    assert_eq!(margin("c1", "r2"), Some(0.0));
    assert_eq!(margin("c1", "r9"), None);
    let why = plan.explain(&book, "c1").unwrap();
    assert!(why.roles[0].runner_up.as_ref().unwrap().rise <= Some(4.0));
}

/// A policy over four customers of two tiers, with the capacities of two reps in the text.
fn crowded(r1: &str, r2: &str, more: &str) -> (Book, Plan) {
    let records: Records = serde_json::from_str(
        r#"{
            "customers": [
                {"id": "c1", "potential": 9}, {"id": "c2", "potential": 8},
                {"id": "c3", "potential": 7}, {"id": "c4", "potential": 6}
            ],
            "reps": [
                {"id": "r1", "roles": ["developer"], "level": 4, "skills": ["energy"]},
                {"id": "r2", "roles": ["developer"], "level": 2, "skills": ["energy", "rail"]},
                {"id": "r3", "roles": ["developer"], "level": 1},
                {"id": "r4", "roles": ["manager"], "level": 9}
            ]
        }"#,
    )
    .unwrap();
    let book = Book::build(records, Schema::default()).unwrap();
    let text = format!(
        r#"
        const ALLOCATION = #{{ strategy: "optimal" {more} }};
        fn tier(customer) {{ if (customer.potential ?? 0.0) > 7.5 {{ "A" }} else {{ "B" }} }}
        fn coverage(customer) {{ ["developer"] }}
        fn capacity(rep) {{ switch rep.id {{ "r1" => {r1}, "r2" => {r2}, _ => #{{ customers: 9 }} }} }}
        fn eligible(customer, rep) {{ if rep.level < 2 {{ "too junior" }} else {{ true }} }}
        fn score(customer, rep) {{ (customer.potential ?? 0.0) * (rep.level - 1) }}"#
    );
    let policy = Policy::compile(&text, book.schema()).unwrap();
    let now = PlanOptions::at("2026-01-01".parse().unwrap());
    let plan = policy.plan(&book, &now).unwrap();
    plan.verify(&book, &policy, &now).unwrap();
    (book, plan)
}

#[test]
fn what_is_open_says_why_and_the_change_that_it_names_serves_it() {
    let (book, plan) = crowded(
        "#{ customers: 2, tiers: #{ B: 0 } }",
        "#{ customers: 1 }",
        "",
    );
    assert_eq!(plan.unassigned[0].customer, "c4");
    let why = plan
        .why_unassigned(&book, "c4", "developer")
        .unwrap()
        .unwrap();
    assert_eq!(
        why.to_string(),
        "c4 as developer is open: none of 2 eligible reps has room\n  \
         what leaves it open, taken together:\n    \
         r3 is no candidate: too junior\n    \
         r1 has 2 customers to give out\n    \
         r2 has 1 customer to give out\n  \
         what would be enough, each by itself:\n    \
         1 more customer for r2\n    \
         1 more customer and 1 more tier B customer for r1\n    \
         allow r3 (too junior)\n"
    );
    let json = serde_json::to_value(&why).unwrap();
    assert_eq!(json["relaxations"][0]["kind"], "room");
    assert_eq!(json["relaxations"][0]["more"][0]["by"], 1.0);
    for (r1, r2, open) in [
        (
            "#{ customers: 2, tiers: #{ B: 0 } }",
            "#{ customers: 2 }",
            0,
        ),
        (
            "#{ customers: 3, tiers: #{ B: 1 } }",
            "#{ customers: 1 }",
            0,
        ),
        (
            "#{ customers: 3, tiers: #{ B: 0 } }",
            "#{ customers: 1 }",
            1,
        ),
        (
            "#{ customers: 2, tiers: #{ B: 1 } }",
            "#{ customers: 1 }",
            1,
        ),
    ] {
        let (book, after) = crowded(r1, r2, "");
        assert_eq!(after.unassigned.len(), open, "{r1} {r2}");
        let why = after.why_unassigned(&book, "c1", "developer");
        assert_eq!(why.unwrap(), None);
    }
}

#[test]
fn an_open_demand_below_its_price_says_which_price_would_serve_it() {
    // c1 alone with r1 is worth 2; both, with c1 at r2, nothing.
    let (book, open) = plan(r#"strategy: "optimal", unassigned_price: 0.0"#, 8.0);
    let why = open
        .why_unassigned(&book, "c2", "developer")
        .unwrap()
        .unwrap();
    let price = why.relaxations.iter().find_map(|change| match change {
        bookwright::OpenRelaxation::UnassignedPrice { price } => Some(*price),
        _ => None,
    });
    let price = price.unwrap();
    assert!((price - 2.0).abs() < 2e-6, "{price}");
    for (price, open) in [(price, 0), (price - 2e-6, 1)] {
        let settings = format!(r#"strategy: "optimal", unassigned_price: {price:.6}"#);
        let (_, after) = plan(&settings, 8.0);
        assert_eq!(after.unassigned.len(), open, "{price}");
    }
}

#[test]
fn limits_that_bind_and_slots_are_told_by_rep_tier_and_skill() {
    let (_, plan) = crowded("#{ customers: 1 }", "#{ customers: 2 }", "");
    let certificate = &plan.certificates[0];
    let told: Vec<(&str, bool)> = (certificate.prices.iter())
        .map(|price| (&*price.rep, price.full))
        .collect();
    assert_eq!(told, [("r1", true), ("r2", true)]);
    let slots: Vec<(&str, &str, &str)> = (certificate.slots.iter())
        .map(|slot| (&*slot.of, &*slot.name, &*slot.rep))
        .collect();
    assert_eq!(
        slots,
        [
            ("rep", "r1", "r1"),
            ("rep", "r2", "r2"),
            ("tier", "A", "r1"),
            ("tier", "B", "r1"),
            ("skill", "energy", "r1"),
            ("skill", "rail", "r2"),
        ]
    );
    // One more customer at r1 is c4 served, at 6 for r2, and c2 that moves from r2 to r1.
    let (_, more) = crowded("#{ customers: 2 }", "#{ customers: 2 }", "");
    let gained = more.totals.score - plan.totals.score;
    let r1 = &certificate.slots[0];
    assert!(gained <= r1.score + 1e-9, "{gained} {r1:?}");
    assert!(r1.served >= 1.0);
}

#[test]
fn idle_reps_say_why() {
    let (book, plan) = crowded("#{ customers: 9 }", "#{ customers: 0 }", "");
    let said: Vec<String> = plan
        .idle(&book)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "r2 is idle: no room for any customer that may go to it",
            "r3 is idle: no customer may go to it",
            "r4 is idle: no customer may go to it",
        ]
    );
}

#[test]
fn the_greedy_result_of_the_same_policy_stands_beside_it() {
    let (_, best) = plan(r#"strategy: "optimal""#, 0.0);
    let against = best.against_greedy().unwrap();
    assert_eq!(against.score_gained, 4.0);
    assert_eq!((against.served_more, against.moves_saved), (0, 0));
    assert_eq!(against.own.workload.gini, 0.0);
    let read: Plan = serde_json::from_str(&serde_json::to_string(&best).unwrap()).unwrap();
    assert!(read.against_greedy().is_err());
}
