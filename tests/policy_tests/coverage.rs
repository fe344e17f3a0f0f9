//! What of a policy its tests ran.

use bookwright::testing::{Coverage, TestOptions};
use bookwright::{Policy, Schema};

fn coverage(text: &str) -> Coverage {
    let policy = Policy::compile(text, &Schema::default()).unwrap();
    let report = policy.test(&TestOptions::default());
    assert!(report.passed(), "{report}");
    assert_eq!(report.faults, [""; 0]);
    report.coverage.unwrap()
}

const POLICY: &str = r#"
fn tier(customer) {
    if big(customer) && customer.stage == "active" {
        "A"
    } else if customer.employees == () || customer.employees > 10 {
        "B"
    } else {
        "C"
    }
}
fn segment(customer) {
    let name = "none";
    for tag in customer.tags {
        name = tag;
    }
    switch name {
        "x" | "y" => "letters",
        "none" if customer.risk == () => {
            "quiet"
        }
        _ => name,
    }
}
fn big(customer) { (customer.annual_revenue ?? 0.0) >= 1e6 }
fn priority(customer) { customer.region?.len() ?? 0 }
"#;

#[test]
fn everything_that_is_left_out_is_shown_in_its_place() {
    let coverage = coverage(&format!(
        "{POLICY}
fn test_some() {{
    assert_eq(tier(customer(#{{ annual_revenue: 2e6, stage: \"active\" }})), \"A\");
    assert_eq(tier(customer(#{{ annual_revenue: 5.0, employees: 50 }})), \"B\");
    assert_eq(segment(customer(#{{ tags: [\"x\"] }})), \"letters\");
}}"
    ));
    assert_eq!(
        coverage.to_string(),
        r#"coverage: 47 % of branches, arms and sides (8 of 17), 64 % of lines (9 of 14)
  tier      75 %  (6 of 8)  lines 75 %  (3 of 4)
  segment   33 %  (1 of 3)  lines 62 %  (5 of 8)
  priority  0 %  (0 of 4)   lines 0 %  (0 of 1)
  big       50 %  (1 of 2)  lines 100 %  (1 of 1)

note[not-covered]: no test makes this side of `||` true
 --> policy:5:15
  |
5 |     } else if customer.employees == () || customer.employees > 10 {
  |               ^^^^^^^^^^^^^^^^^^^^^^^^

note[not-covered]: no test makes this condition false
 --> policy:5:15
  |
5 |     } else if customer.employees == () || customer.employees > 10 {
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

note[not-covered]: no test takes this arm
  --> policy:18:9
   |
18 |         "none" if customer.risk == () => {
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

note[not-covered]: no test takes the default
  --> policy:21:14
   |
21 |         _ => name,
   |              ^^^^

note[not-covered]: no test meets an absent value here
  --> policy:24:21
   |
24 | fn big(customer) { (customer.annual_revenue ?? 0.0) >= 1e6 }
   |                     ^^^^^^^^^^^^^^^^^^^^^^^

note[not-covered]: no test runs `priority`
  --> policy:25:4
   |
25 | fn priority(customer) { customer.region?.len() ?? 0 }
   |    ^^^^^^^^
"#
    );
}

#[test]
fn what_runs_within_plans_counts() {
    let coverage = coverage(&format!(
        "{POLICY}
fn test_plan() {{
    let p = plan(book([
        customer(#{{ annual_revenue: 2e6, stage: \"active\", region: \"e\", tags: [\"x\"] }}),
        customer(#{{ annual_revenue: 2e6, employees: 5, tags: [\"z\"] }}),
        customer(#{{ employees: 50 }}),
        customer(#{{ annual_revenue: 1.0 }}),
    ], [rep(#{{}})]));
    assert_eq(p.tiers, #{{ c1: \"A\", c2: \"C\", c3: \"B\", c4: \"B\" }});
}}"
    ));
    assert_eq!(coverage.decisions().percent(), 100.0, "{coverage}");
    assert_eq!(coverage.lines.percent(), 100.0, "{coverage}");
    assert!(coverage.uncovered.is_empty());
}

#[test]
fn a_threshold_is_held() {
    let text =
        format!("{POLICY}\nfn test_a() {{ assert(big(customer(#{{ annual_revenue: 2e6 }}))); }}");
    let policy = Policy::compile(&text, &Schema::default()).unwrap();
    let report = policy.test(&TestOptions::default().hold_coverage(50.0));
    assert!(!report.passed());
    assert!(
        report.to_string().ends_with("\ncoverage is below 50 %\n"),
        "{report}"
    );
    assert!(
        report
            .to_string()
            .contains("test result: FAILED. 1 passed; 0 failed")
    );
    assert!(
        policy
            .test(&TestOptions::default().hold_coverage(5.0))
            .passed()
    );
    assert!(
        policy
            .test(&TestOptions::default().without_coverage())
            .coverage
            .is_none()
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["coverage"]["functions"][3]["name"], "big");
    assert_eq!(json["coverage"]["functions"][3]["sides"]["covered"], 1);
    assert_eq!(json["coverage"]["uncovered"][0]["code"], "not-covered");
}
