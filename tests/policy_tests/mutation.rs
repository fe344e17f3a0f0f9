//! Which changes tests notice.

use bookwright::testing::{MutateOptions, MutationKind, TestOptions};
use bookwright::{Policy, Schema};

const POLICY: &str = r#"
const PARAMS = #{ bonus: 10 };
const VIP = ["gold"];
fn tier(customer) {
    if (customer.annual_revenue ?? 0.0) >= 100.0 && !customer.tags.has("closed") { "A" } else { "C" }
}
fn score(customer, rep) {
    let points = 0;
    if customer.region in rep.regions { points += params.bonus; }
    if customer.tags.has_any(VIP) { points += 1 * rep.level; }
    points
}
fn segment(customer) {
    switch customer.stage { "lead" => "new", "lost" if customer.risk == () => "gone", _ => "old" }
}
"#;

const TESTS: &str = r#"
fn test_tier() {
    for row in cases([
        [#{ annual_revenue: 100.0 }, "A"], [#{ annual_revenue: 99.5 }, "C"], [#{}, "C"],
        [#{ annual_revenue: 100.0, tags: ["closed"] }, "C"],
    ]) {
        assert_eq(tier(customer(row[0])), row[1]);
    }
}
fn test_score() {
    for row in cases([
        [#{ region: "e" }, #{ regions: ["e"] }, 10], [#{ region: "e" }, #{}, 0],
        [#{ tags: ["gold"] }, #{ level: 2 }, 2], [#{}, #{ level: 3 }, 0],
    ]) {
        assert_eq(score(customer(row[0]), rep(row[1])), row[2]);
    }
}
fn test_segment() {
    for row in cases([
        [#{ stage: "lead" }, "new"], [#{ stage: "lost" }, "gone"], [#{ stage: "lost", risk: 0.5 }, "old"],
        [#{ stage: "active" }, "old"],
    ]) {
        assert_eq(segment(customer(row[0])), row[1]);
    }
}
"#;

#[test]
fn tests_that_look_at_everything_leave_no_survivor() {
    let policy = Policy::compile(&format!("{POLICY}{TESTS}"), &Schema::default()).unwrap();
    let report = policy.mutate(&MutateOptions::default()).unwrap();
    assert!(report.survivors.is_empty(), "{report}");
    assert!(
        report.mutants > 30 && report.noticed + report.invalid == report.mutants,
        "{report}"
    );
    assert_eq!(policy.mutate(&MutateOptions::default()).unwrap(), report);
}

#[test]
fn a_border_that_no_test_looks_at_survives() {
    let tests = TESTS.replace("99.5", "9.5").replace(
        "[#{ annual_revenue: 100.0 }, \"A\"], ",
        "[#{ annual_revenue: 900.0 }, \"A\"], ",
    );
    let policy = Policy::compile(POLICY, &Schema::default())
        .unwrap()
        .with_tests(&tests)
        .unwrap();
    let report = policy.mutate(&MutateOptions::default()).unwrap();
    let survivors: Vec<String> = (report.survivors.iter())
        .map(|it| {
            format!(
                "{} {}:{} {} -> {}",
                it.within, it.line, it.column, it.before, it.after
            )
        })
        .collect();
    assert_eq!(
        survivors,
        [
            "tier 5:41 >= -> >",
            "tier 5:44 100.0 -> 101.0",
            "tier 5:44 100.0 -> 99.0",
        ]
    );
    assert_eq!(report.survivors[0].kind, MutationKind::Comparison);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["survivors"][0]["kind"], "comparison");
}

#[test]
fn fewer_can_be_tried() {
    let policy = Policy::compile(&format!("{POLICY}{TESTS}"), &Schema::default()).unwrap();
    let report = policy.mutate(&MutateOptions::default().most(5)).unwrap();
    assert_eq!(report.not_run, report.mutants - 5);
    assert_eq!(report.noticed + report.invalid + report.survivors.len(), 5);
}

#[test]
fn tests_must_pass_first() {
    let policy = Policy::compile("fn test_a() { assert(1 > 2); }", &Schema::default()).unwrap();
    let error = policy.mutate(&MutateOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the tests fail before anything is changed\n\nrunning 1 test\n")
    );
    assert!(!error.report().passed());
    let cancel = bookwright::Cancel::new();
    cancel.cancel();
    let options = TestOptions::default().budget(bookwright::Budget::default().cancel(cancel));
    assert!(
        policy
            .mutate(&MutateOptions::default().tests(options))
            .is_err()
    );
}
