//! Counterfactuals of tiers: every claim is true, and the change is the smallest.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::report::{Seen, TierFlip};
use bookwright::{Book, Customer, Field, Kind, Plan, PlanOptions, Policy, Records, Schema, Value};
use proptest::prelude::*;

fn schema() -> Schema {
    Schema::builder()
        .customer_field(
            Field::new("score", Kind::Int)
                .at_least(-100.0)
                .at_most(100.0),
        )
        .customer_field(Field::new("vip", Kind::Bool))
        .customer_field(Field::new("income", Kind::Float).sensitive())
        .customer_field(Field::new("客户来源", Kind::Text))
        .build()
        .unwrap()
}

fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31T09:00:00Z".parse().unwrap()).utc_offset("+08:00".parse().unwrap())
}

fn planned(policy: &str, customer: Customer) -> (Book, Plan) {
    let records = Records {
        customers: vec![customer],
        ..Records::default()
    };
    let book = Book::build(records, schema()).unwrap();
    let policy = Policy::compile(policy, book.schema()).unwrap_or_else(|e| panic!("{e}"));
    let plan = policy.plan(&book, &options()).unwrap();
    (book, plan)
}

fn said(policy: &str, customer: Customer) -> Vec<String> {
    let (book, plan) = planned(policy, customer);
    let flips = plan.tier_flips(&book, "c").unwrap();
    flips.iter().map(ToString::to_string).collect()
}

const CUTS: &str = r#"
const TIERS = [#{ tier: "A", at_least: 500_000.0, keep_within: 0.1 }, #{ tier: "B", at_least: 100_000.0 }, #{ tier: "C" }];
fn value(customer) { (customer.annual_revenue ?? 0.0) + (customer.potential ?? 0.0) * 0.5 }
"#;

const RULES: &str = r#"
fn late(customer) { customer.last_order == () || days_since(customer.last_order) > 90 }
fn tier(customer) {
    if (customer.annual_revenue ?? 0.0) * 2.0 > 1e6 && !late(customer) { return "A"; }
    if customer.tags.has("strategic") || customer.vip ?? false { return "A"; }
    if customer["客户来源"] == "展会" { return "B"; }
    switch customer.score ?? 0 { 10..=20 => "B", _ => switch customer.stage { "active" => "B", _ => "C" } }
}
"#;

#[test]
fn the_smallest_changes_are_told() {
    let customer = || Customer::new("c").set("annual_revenue", 480_000.0);
    assert_eq!(
        said(CUTS, customer()),
        [
            "tier A with annual_revenue from 480,000 to 500,000",
            "tier A with potential from () to 40,000",
            "tier C with annual_revenue from 480,000 to 100,000",
        ]
    );
    // Above the border of its margin a customer stays where it was.
    assert_eq!(
        said(CUTS, customer().set("current_tier", "A")),
        [
            "tier B with annual_revenue from 480,000 to 450,000",
            "tier C with annual_revenue from 480,000 to 100,000",
        ]
    );
    assert_eq!(
        said(
            RULES,
            customer()
                .set("tags", ["old"])
                .set("last_order", "2026-01-01")
        ),
        [
            "tier A with annual_revenue from 480,000 to 500,000",
            "tier A with \"strategic\" in tags",
            "tier A with vip from () to true",
            "tier B with stage from \"lead\" to \"active\"",
            "tier B with score from () to 10",
            "tier B with 客户来源 from () to \"展会\"",
        ]
    );
    assert_eq!(
        said(
            RULES,
            Customer::new("c")
                .set("annual_revenue", 600_000.0)
                .set("last_order", "2025-10-01")
        )[0],
        "tier A with last_order from 2025-10-01T00:00:00Z to 2025-11-01T16:00:00Z"
    );
}

/// Rhai's comparison has an epsilon; the change is exact all the same.
#[test]
fn borders_are_those_of_the_comparison() {
    for (relation, from) in [(">=", 10.0), (">", 10.0), ("<", 900.0), ("<=", 900.0)] {
        let policy = format!(
            "fn tier(customer) {{ if (customer.annual_revenue ?? 0.0) {relation} 500.0 {{ \"A\" }} else {{ \"C\" }} }}"
        );
        let (book, plan) = planned(&policy, Customer::new("c").set("annual_revenue", from));
        let flips = plan.tier_flips(&book, "c").unwrap();
        let [
            TierFlip {
                to: Seen::Value(Value::Float(to)),
                ..
            },
        ] = flips.as_slice()
        else {
            panic!("{flips:?}");
        };
        let (short, there) = if from < 500.0 {
            (to.next_down(), *to)
        } else {
            (to.next_up(), *to)
        };
        let tier = |revenue: f64| {
            let (_, plan) = planned(&policy, Customer::new("c").set("annual_revenue", revenue));
            plan.tiers["c"].clone()
        };
        assert_eq!(
            (tier(short).as_str(), tier(there).as_str()),
            ("C", "A"),
            "{relation} {to:e}"
        );
        assert!((to - 500.0).abs() < 1e-9 && *to != 500.0 || relation == "<=" || relation == ">=");
    }
}

#[test]
fn sensitive_fields_are_named_without_values() {
    let policy =
        "fn tier(customer) { if (customer.income ?? 0.0) >= 777.0 { \"A\" } else { \"C\" } }";
    let (book, plan) = planned(policy, Customer::new("c").set("income", 654.25));
    let flips = plan.tier_flips(&book, "c").unwrap();
    let all = format!("{} {}", flips[0], serde_json::to_string(&flips).unwrap());
    assert!(
        all.starts_with("tier A with another income (hidden)"),
        "{all}"
    );
    assert!(!all.contains("654") && !all.contains("777"), "{all}");
}

#[test]
fn where_nothing_can_be_told_nothing_is() {
    let shares = "const TIERS = [#{ tier: \"A\", top: 0.5 }, #{ tier: \"C\" }]; fn value(customer) { customer.score ?? 0 }";
    assert_eq!(said(shares, Customer::new("c")), [""; 0]);
    assert_eq!(said("", Customer::new("c")), [""; 0]);
    let fails = "fn tier(customer) { if 1 / (customer.score ?? 0) > 0 { \"A\" } else { \"C\" } }";
    assert_eq!(said(fails, Customer::new("c")), [""; 0]);
}

/// Policies with borders in different places and of different kinds.
const POLICIES: &[&str] = &[
    CUTS,
    RULES,
    r#"fn tier(customer) { if ((customer.score ?? 3) * 7 - 5) % 11 == 3 { "A" } else if customer.score == 42 { "B" } else { "C" } }"#,
    r#"const PARAMS = #{ least: 12.5, sources: ["展会", "web"] };
       fn tier(customer) {
           let points = 0.0;
           for source in params.sources { if customer["客户来源"] == source { points += params.least; } }
           points += (customer.intent ?? 0.25) * 20.0 - (customer.risk ?? 0.0) ** 2;
           if points >= 20 { "A" } else if points > params.least { "B" } else { "C" }
       }"#,
    r#"fn tier(customer) { if customer.created != () && days_since(customer.created) in 30..60 { "A" } else if (customer.employees ?? 7) / 5 == 3 { "B" } else { "C" } }"#,
    r#"fn tier(customer) { let r = customer.annual_revenue ?? 1.0; if r == 0.3 { "A" } else if r <= 1e-17 { "B" } else { "C" } }"#,
];

fn customers() -> impl Strategy<Value = Customer> {
    let numbers = prop_oneof![Just(0.0), Just(0.3), Just(500_000.0), 0.0..1e6, 0.0..1.0];
    let day = (1_u32..28, 1_u32..13).prop_map(|(day, month)| format!("2025-{month:02}-{day:02}"));
    (
        proptest::option::of(numbers.clone()),
        proptest::option::of(numbers),
        proptest::option::of(-100_i64..=100),
        proptest::option::of(any::<bool>()),
        proptest::option::of(0.0..=1.0),
        proptest::option::of(day),
        proptest::option::of(prop_oneof![Just("A"), Just("B"), Just("C")]),
        (proptest::option::of(0_i64..100), proptest::option::of(prop_oneof![Just("展会"), Just("x")])),
    )
        .prop_map(|(revenue, potential, score, vip, intent, created, current, (employees, source))| {
            let mut customer = Customer::new("c");
            macro_rules! set {
                ($($name:literal $value:ident)*) => {
                    $(if let Some(value) = $value.clone() { customer = customer.set($name, value); })*
                };
            }
            set!("annual_revenue" revenue "potential" potential "score" score "vip" vip
                 "intent" intent "created" created "last_order" created "current_tier" current
                 "employees" employees "客户来源" source);
            customer
        })
}

fn changed(customer: &Customer, flip: &TierFlip) -> Customer {
    let Seen::Value(to) = &flip.to else {
        panic!("{flip:?}");
    };
    let field = flip.field.as_str();
    match to {
        Value::Bool(bool) => customer.clone().set(field, *bool),
        Value::Int(int) => customer.clone().set(field, *int),
        Value::Float(float) => customer.clone().set(field, *float),
        Value::Text(text) => customer.clone().set(field, text.to_string()),
        Value::Time(time) => customer.clone().set(field, *time),
        Value::Array(tags) => {
            let tags: Vec<String> = tags
                .iter()
                .map(|tag| tag.as_text().unwrap().to_owned())
                .collect();
            customer.clone().set(field, tags)
        }
        _ => panic!("{flip:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Each change is allowed by the schema, and a plan with it gives the tier; one step nearer,
    /// it does not.
    #[test]
    fn every_flip_happens(customer in customers(), policy in 0..POLICIES.len()) {
        let policy = POLICIES[policy];
        let (book, plan) = planned(policy, customer.clone());
        for flip in plan.tier_flips(&book, "c").unwrap() {
            let (_, after) = planned(policy, changed(&customer, &flip));
            prop_assert_eq!(&after.tiers["c"], &flip.tier, "{} by {}", flip, policy);
            prop_assert_ne!(&plan.tiers["c"], &flip.tier);
            if let (Seen::Value(Value::Float(from)), Seen::Value(Value::Float(to))) = (&flip.from, &flip.to) {
                let nearer = if from < to { to.next_down() } else { to.next_up() };
                let mut short = flip.clone();
                short.to = Seen::Value(Value::Float(nearer));
                let (_, before) = planned(policy, changed(&customer, &short));
                prop_assert_ne!(&before.tiers["c"], &flip.tier, "{} by {}", flip, policy);
            }
        }
    }
}
