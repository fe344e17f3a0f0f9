//! Comparisons, sweeps and splits: the whole Markdown of a small one, causes one by one, and what
//! must hold for any book.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test like the tests do"
)]

use std::collections::BTreeMap;

use bookwright::{
    Book, Cause, Comparison, ExplainError, Grid, OwnerChange, Plan, PlanOptions, Policy, Records,
    Schema, Split, Value, compare, compare_params, sweep,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn book(records: &Json) -> Book {
    let records: Records = serde_json::from_value(records.clone()).unwrap();
    Book::build(records, Schema::default()).unwrap()
}

fn policy(text: &str, book: &Book) -> Policy {
    Policy::compile(text, book.schema()).unwrap_or_else(|error| panic!("{error}"))
}

fn options() -> PlanOptions {
    PlanOptions::at("2026-01-31".parse().unwrap())
}

fn compared(baseline: &str, candidate: &str, records: &Json) -> Comparison {
    let book = book(records);
    compare(
        &policy(baseline, &book),
        &policy(candidate, &book),
        &book,
        &options(),
    )
    .unwrap()
}

/// The changes of owners with their causes and numbers.
fn changes(comparison: &Comparison) -> Vec<(OwnerChange, Cause, u64)> {
    let counts = comparison.owners.counts.iter();
    counts
        .map(|count| (count.change, count.cause, count.demands))
        .collect()
}

fn two_reps() -> Json {
    json!([
        {"id": "r1", "roles": ["developer", "manager"], "level": 1},
        {"id": "r2", "roles": ["developer", "manager"], "level": 2}
    ])
}

const SENIORS: &str = "
    fn coverage(customer) { [\"developer\"] }
    fn score(customer, rep) { rep.level }
";

#[test]
fn a_small_comparison_as_markdown() {
    let baseline = r#"
        fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 200.0 { "A" } else { "B" } }
        fn coverage(customer) { ["developer"] }
        fn capacity(rep) { 2.0 }
        fn score(customer, rep) { 3 - rep.level }
    "#;
    let candidate = r#"
        fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= 100.0 { "A" } else { "B" } }
        fn coverage(customer) { ["developer"] }
        fn capacity(rep) { 2.0 }
        fn eligible(customer, rep) { if customer.tier == "A" && rep.level < 2 { "too junior" } else { true } }
        fn score(customer, rep) { 3 - rep.level }
    "#;
    let records = json!({
        "customers": [
            {"id": "c1", "annual_revenue": 300},
            {"id": "c2", "annual_revenue": 150},
            {"id": "c3", "annual_revenue": 50}
        ],
        "reps": two_reps()
    });
    let told = compared(baseline, candidate, &records);
    let expected = include_str!("experiment/small.md");
    assert_eq!(told.to_string(), expected, "\n{told}");
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(
        json["tiers"]["counts"],
        json!([[1, 0, 0], [1, 1, 0], [0, 0, 0]])
    );
    assert_eq!(json["owners"]["counts"][0]["change"], "moved");
}

#[test]
fn a_better_score_moves() {
    let records = json!({"customers": [{"id": "c1"}], "reps": two_reps()});
    let juniors = SENIORS.replace("rep.level", "0 - rep.level");
    let told = compared(SENIORS, &juniors, &records);
    assert_eq!(changes(&told), [(OwnerChange::Moved, Cause::Score, 1)]);
    assert_eq!(told.baseline.score_under_baseline.score, 2.0);
    assert_eq!(told.baseline.score_under_candidate.score, -2.0);
    assert_eq!(told.candidate.score_under_baseline.score, 1.0);
    assert_eq!(told.candidate.score_under_candidate.score, -1.0);
}

#[test]
fn eligibility_moves_and_loses() {
    let records = json!({"customers": [{"id": "c1"}], "reps": two_reps()});
    let no_senior = format!("{SENIORS} fn eligible(customer, rep) {{ rep.level < 2 }}");
    let nobody = format!("{SENIORS} fn eligible(customer, rep) {{ false }}");
    let by_eligibility = |change| [(change, Cause::Eligibility, 1)];
    let told = |a: &str, b: &str| changes(&compared(a, b, &records));
    assert_eq!(
        told(SENIORS, &no_senior),
        by_eligibility(OwnerChange::Moved)
    );
    assert_eq!(
        told(&no_senior, SENIORS),
        by_eligibility(OwnerChange::Moved)
    );
    assert_eq!(told(SENIORS, &nobody), by_eligibility(OwnerChange::Lost));
    assert_eq!(told(&nobody, SENIORS), by_eligibility(OwnerChange::Gained));
}

#[test]
fn capacity_moves_and_loses() {
    let records = json!({"customers": [{"id": "c1"}, {"id": "c2"}], "reps": two_reps()});
    let limited = |most: u32| format!("{SENIORS} fn capacity(rep) {{ #{{ customers: {most} }} }}");
    let told = |a: &str, b: &str| changes(&compared(a, b, &records));
    let (two, one) = (limited(2), limited(1));
    assert_eq!(told(&two, &one), [(OwnerChange::Moved, Cause::Capacity, 1)]);
    assert_eq!(told(&one, &two), [(OwnerChange::Moved, Cause::Capacity, 1)]);
    assert_eq!(
        told(&two, &limited(0)),
        [(OwnerChange::Lost, Cause::Capacity, 2)]
    );
    assert_eq!(
        told(&limited(0), &two),
        [(OwnerChange::Gained, Cause::Capacity, 2)]
    );
}

#[test]
fn a_tier_is_the_cause_only_where_hooks_look_at_it() {
    let records = json!({"customers": [{"id": "c1"}], "reps": two_reps()});
    let graded = |tier: &str, more: &str| {
        format!(
            "fn tier(customer) {{ \"{tier}\" }} fn coverage(customer) {{ [\"developer\"] }} {more}"
        )
    };
    let told = |a: &str, b: &str| changes(&compared(a, b, &records));
    let by_tier = r#"fn score(customer, rep) { if customer.tier == "A" { rep.level } else { 0 - rep.level } }"#;
    assert_eq!(
        told(&graded("B", by_tier), &graded("A", by_tier)),
        [(OwnerChange::Moved, Cause::Tier, 1)]
    );
    let (up, down) = (
        "fn score(customer, rep) { rep.level }",
        "fn score(customer, rep) { 0 - rep.level }",
    );
    assert_eq!(
        told(&graded("B", down), &graded("A", up)),
        [(OwnerChange::Moved, Cause::Score, 1)]
    );
}

#[test]
fn roles_come_and_go_by_tier_or_by_coverage() {
    let records = json!({"customers": [{"id": "c1"}], "reps": two_reps()});
    let graded = |tier: &str| format!("fn tier(customer) {{ \"{tier}\" }}");
    let told = |a: &str, b: &str| changes(&compared(a, b, &records));
    assert_eq!(
        told(&graded("B"), &graded("A")),
        [(OwnerChange::Gained, Cause::Tier, 1)]
    );
    let both = r#"fn coverage(customer) { ["developer", "manager"] }"#;
    assert_eq!(told("", both), [(OwnerChange::Gained, Cause::Coverage, 1)]);
    assert_eq!(told(both, ""), [(OwnerChange::Lost, Cause::Coverage, 1)]);
}

#[test]
fn owners_that_only_one_side_keeps() {
    let records = json!({
        "customers": [{"id": "c1", "owners": {"developer": "r1"}}],
        "reps": two_reps()
    });
    let open = format!("const ALLOCATION = #{{ keep_owners: false }}; {SENIORS}");
    let told = compared(SENIORS, &open, &records);
    assert_eq!(changes(&told), [(OwnerChange::Moved, Cause::Keeping, 1)]);
    assert_eq!((told.baseline.moved, told.candidate.moved), (0, 1));
}

#[test]
fn another_strategy_through_plans_that_are_there() {
    let records = json!({"customers": [{"id": "c1"}, {"id": "c2"}], "reps": two_reps()});
    let book = book(&records);
    let policy = policy(SENIORS, &book);
    let best = policy.plan(&book, &options()).unwrap();
    let turns = policy
        .plan(&book, &options().strategy("round_robin"))
        .unwrap();
    let told = best.compare(&turns).unwrap();
    assert_eq!(changes(&told), [(OwnerChange::Moved, Cause::Strategy, 1)]);

    let read: Plan = serde_json::from_value(serde_json::to_value(&best).unwrap()).unwrap();
    assert_eq!(best.compare(&read), Err(ExplainError::NotMadeHere));
    let other = self::book(&json!({"customers": [{"id": "c3"}], "reps": two_reps()}));
    let elsewhere = policy.plan(&other, &options()).unwrap();
    assert_eq!(best.compare(&elsewhere), Err(ExplainError::OtherBook));
}

const PARAMETERS: &str = r#"
    const PARAMS = #{ border: 100.0, junior_bonus: 0 };
    fn tier(customer) { if (customer.annual_revenue ?? 0.0) >= params.border { "A" } else { "B" } }
    fn coverage(customer) { ["developer"] }
    fn score(customer, rep) { if rep.level == 1 { params.junior_bonus } else { 1 } }
"#;

fn parameters() -> (Book, Policy) {
    let book = book(&json!({
        "customers": [{"id": "c1", "annual_revenue": 50}, {"id": "c2", "annual_revenue": 150}],
        "reps": two_reps()
    }));
    let policy = policy(PARAMETERS, &book);
    (book, policy)
}

#[test]
fn two_sets_of_parameters() {
    let (book, policy) = parameters();
    let bonus: BTreeMap<String, Value> = [("junior_bonus".to_owned(), Value::Int(5))].into();
    let told = compare_params(&policy, &BTreeMap::new(), &bonus, &book, &options()).unwrap();
    assert_eq!(told.tiers.changed, 0);
    assert_eq!(changes(&told), [(OwnerChange::Moved, Cause::Score, 2)]);
    let unknown = [("bonus".to_owned(), Value::Int(5))].into();
    let error = compare_params(&policy, &unknown, &bonus, &book, &options()).unwrap_err();
    assert!(
        error.to_string().starts_with("unknown parameter `bonus`"),
        "{error}"
    );
}

#[test]
fn a_sweep_has_one_row_per_point() {
    let (book, policy) = parameters();
    let grid = Grid::new()
        .axis("junior_bonus", [0_i64, 2])
        .axis("border", [40.0, 100.0]);
    let swept = sweep(&policy, &grid, &book, &options()).unwrap();
    assert_eq!(
        swept.to_string(),
        "\
# Sweep

| border | junior_bonus | tiers changed | owners changed | without an owner | coverage, % | handovers | score | workload, Gini | value, Gini |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 40 | 0 | 1 | 0 | 0 | 100 | 0 | 2 | 0.5 | 0.5 |
| 100 | 0 | 0 | 0 | 0 | 100 | 0 | 2 | 0.5 | 0.5 |
| 40 | 2 | 1 | 2 | 0 | 100 | 0 | 4 | 0.5 | 0.5 |
| 100 | 2 | 0 | 2 | 0 | 100 | 0 | 4 | 0.5 | 0.5 |
"
    );
    assert_eq!(Grid::new().axis("border", [0.0; 0]).points(), []);
}

/// Customers, every third of them worth much, and two reps.
fn many(customers: std::ops::Range<usize>) -> Json {
    let customers: Vec<Json> = customers
        .map(|at| json!({"id": format!("c{at}"), "annual_revenue": if at % 3 == 0 { 150 } else { 50 }}))
        .collect();
    json!({"customers": customers, "reps": two_reps()})
}

fn graded(customers: std::ops::Range<usize>) -> Plan {
    let book = book(&many(customers));
    policy(PARAMETERS, &book).plan(&book, &options()).unwrap()
}

#[test]
fn arms_stay_when_the_list_grows() {
    let split = Split::new("spring", [("control", 1.0), ("new", 1.0)]).unwrap();
    let (small, large) = (graded(100..300), graded(0..1000));
    let (before, after) = (split.draw(&small), split.draw(&large));
    assert_eq!(after.customers.len(), 1000);
    for (customer, arm) in &before.customers {
        assert_eq!(after.of(customer), Some(arm.as_str()));
    }
    for stratum in &after.strata {
        let (control, all) = (stratum.customers[0], stratum.customers.iter().sum::<u64>());
        let share = control as f64 / all as f64;
        assert!((share - 0.5).abs() < 0.1, "{}: {share}", stratum.tier);
    }
    let other = Split::new("autumn", [("control", 1.0), ("new", 1.0)]).unwrap();
    let moved = (after.customers.iter())
        .filter(|(customer, arm)| other.draw(&large).of(customer) != Some(arm.as_str()))
        .take(10);
    assert_eq!(moved.count(), 10, "another seed draws others");
}

#[test]
fn arms_with_memory_are_even_in_every_tier() {
    let split = Split::new("spring", [("control", 2.0), ("a", 1.0), ("b", 1.0)]).unwrap();
    let mut arms = split.nobody();
    for customers in [100..131, 90..140, 0..400] {
        let next = split.draw_after(&arms, &graded(customers));
        for (customer, arm) in &arms.customers {
            assert_eq!(next.of(customer), Some(arm.as_str()));
        }
        for stratum in &next.strata {
            let all = stratum.customers.iter().sum::<u64>() as f64;
            for (count, share) in stratum.customers.iter().zip([0.5, 0.25, 0.25]) {
                assert!((*count as f64 - share * all).abs() <= 1.0, "{stratum:?}");
            }
        }
        arms = next;
    }
    let read: bookwright::Arms =
        serde_json::from_value(serde_json::to_value(&arms).unwrap()).unwrap();
    assert_eq!(read, arms);
}

#[test]
fn every_decision_carries_its_arm() {
    let book = book(&many(0..20));
    let control = policy(PARAMETERS, &book).plan(&book, &options()).unwrap();
    let nobody = format!("{PARAMETERS} fn eligible(customer, rep) {{ false }}");
    let nobody = policy(&nobody, &book).plan(&book, &options()).unwrap();
    let split = Split::new("spring", [("control", 1.0), ("nobody", 1.0)]).unwrap();
    let arms = split.draw(&control);
    let decisions = arms.decisions_of(&[("nobody", &nobody), ("control", &control)]);
    assert_eq!(decisions.len(), 20);
    for decision in &decisions {
        assert_eq!(arms.of(&decision.customer), Some(decision.arm.as_str()));
        assert_eq!(decision.rep.is_some(), decision.arm == "control");
    }
    assert_eq!(arms.decisions(&control).len(), 20);
}

#[test]
fn splits_that_make_no_sense() {
    let error = |arms: &[(&str, f64)]| {
        let split = Split::new("seed", arms.iter().copied());
        split.unwrap_err().to_string()
    };
    assert_eq!(error(&[]), "an experiment needs at least one arm");
    assert_eq!(error(&[("a", 1.0), ("a", 1.0)]), "there are two arms `a`");
    assert_eq!(
        error(&[("a", f64::NAN)]),
        "the share of arm `a` is NaN, expected a number above 0"
    );
}

/// A book with families, owners, and less room than needed.
fn any_book() -> impl Strategy<Value = Json> {
    let customer = (0..4_u32, 0..3_u32, 0..400_u32, 0..4_u32);
    prop::collection::vec(customer, 1..25).prop_map(|customers| {
        let customers: Vec<Json> = (customers.iter().enumerate())
            .map(|(at, (region, family, revenue, owner))| {
                let mut customer = json!({
                    "id": format!("c{at}"), "region": format!("x{region}"), "annual_revenue": revenue,
                });
                if *family == 0 {
                    customer["family"] = json!(format!("f{region}"));
                }
                if *owner > 0 {
                    customer["owners"] = json!({"developer": format!("r{owner}")});
                }
                customer
            })
            .collect();
        let reps: Vec<Json> = (1..4)
            .map(|rep| json!({"id": format!("r{rep}"), "roles": ["developer", "manager"],
                "level": rep, "regions": [format!("x{rep}")], "capacity": 6}))
            .collect();
        json!({"customers": customers, "reps": reps})
    })
}

const REALISTIC: [&str; 3] = [
    r#"
    fn tier(customer) { if (customer.annual_revenue ?? 0.0) > 200.0 { "A" } else { "C" } }
    fn score(customer, rep) { rep.level + if customer.region in rep.regions { 5 } else { 0 } }
    "#,
    r#"
    fn tier(customer) { if (customer.annual_revenue ?? 0.0) > 100.0 { "A" } else { "B" } }
    fn eligible(customer, rep) { customer.tier != "A" || rep.level > 1 }
    fn score(customer, rep) { if customer.tier == "A" { rep.level } else { 0 - rep.level } }
    "#,
    r#"
    const ALLOCATION = #{ strategy: "least_loaded", keep_owners: false };
    fn coverage(customer) { ["developer"] }
    fn eligible(customer, rep) { if customer.region in rep.regions { true } else { "elsewhere" } }
    "#,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_compared_with_itself_shows_no_change(records in any_book(), which in 0..3_usize) {
        let told = compared(REALISTIC[which], REALISTIC[which], &records);
        prop_assert!(told.is_unchanged());
        prop_assert_eq!(&told.baseline, &told.candidate);
        prop_assert!(told.examples.is_empty());
        for rep in &told.reps {
            prop_assert_eq!(rep.baseline, rep.candidate);
        }
        let (own, other) = (told.baseline.score_under_baseline, told.baseline.score_under_candidate);
        prop_assert_eq!(own, other);
    }

    #[test]
    fn the_sums_of_a_comparison_agree_with_its_plans(
        records in any_book(), a in 0..3_usize, b in 0..3_usize,
    ) {
        let book = book(&records);
        let plan = |text| policy(text, &book).plan(&book, &options()).unwrap();
        let (old, new) = (plan(REALISTIC[a]), plan(REALISTIC[b]));
        let told = old.compare(&new).unwrap();
        let owners = |plan: &Plan| -> BTreeMap<(String, String), String> {
            let given = plan.assignments.iter();
            given.map(|it| ((it.customer.clone(), it.role.clone()), it.rep.clone())).collect()
        };
        let (before, after) = (owners(&old), owners(&new));
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let changed = keys.iter().filter(|key| before.get(**key) != after.get(**key)).count() as u64;
        prop_assert_eq!(told.owners.changed, changed);
        prop_assert_eq!(told.by_cause().values().sum::<u64>(), changed);
        let tiers = old.tiers.iter().filter(|(id, tier)| new.tiers[id] != **tier).count() as u64;
        prop_assert_eq!(told.tiers.changed, tiers);
        for (plan, own) in [(&old, told.baseline.score_under_baseline), (&new, told.candidate.score_under_candidate)] {
            prop_assert_eq!(plan.totals.score, own.score);
        }
        let sum: f64 = told.reps.iter().map(|rep| rep.candidate.score).sum();
        prop_assert!((sum - new.totals.score).abs() < 1e-6);
        // The other way round the same demands differ.
        prop_assert_eq!(new.compare(&old).unwrap().owners.changed, changed);
    }
}
