//! What tests can call.

use bookwright::language::TEST_FUNCTIONS;
use bookwright::testing::TestOptions;

use super::{passes, policy};

#[test]
fn every_example_of_the_table_gives_what_it_says() {
    for function in TEST_FUNCTIONS {
        let example = function.example.replace(
            "customer(#{ name: \"\" })",
            "customer(#{ name: \"broken\" })",
        );
        let example = example.replace("no answer", "division by zero");
        passes(&format!("assert_eq({example}, {});", function.gives));
    }
}

#[test]
fn records_have_the_defaults_of_the_schema() {
    passes(
        r#"let c = customer(#{ annual_revenue: 5, tags: ["vip"], created: "2026-01-31" });
        assert_eq([c.id, c.name, c.annual_revenue, c.potential], ["c1", "c1", 5.0, ()]);
        assert(c.tags.has("vip") && c.created == parse_time("2026-01-31"));
        let r = rep(#{});
        assert_eq([r.id, r.level, r.capacity, r.active, r.holding], ["r1", 1, 100.0, true, 0]);
        assert_eq(r.roles, ["developer", "maintainer", "manager"]);
        assert_eq(rep(#{ roles: [] }).roles, []);
        assert_eq(customer(#{ id: "x" }).id + customer(#{}).id, "xc3");"#,
    );
}

#[test]
fn a_customer_has_the_tier_that_a_plan_of_it_alone_would_give() {
    passes(
        r#"assert_eq(customer(#{ annual_revenue: 2e6 }).tier, "A");
        assert_eq(customer(#{}).tier, "C");
        assert_eq(customer(#{ tier: "A" }).tier, "A");
        assert_eq(customer(#{}).segment, "all");"#,
    );
}

#[test]
fn hooks_are_asked_about_records() {
    passes(
        r#"let big = customer(#{ annual_revenue: 2e6, region: "east" });
        let junior = rep(#{ level: 2, regions: ["east"] });
        let senior = rep(#{ level: 3, regions: ["east", "west"] });
        assert_eq(tier(big), "A");
        assert_eq(eligible(big, junior), "too junior");
        assert_eq(eligible(big, senior), true);
        assert_eq(eligible(customer(#{ tier: "A" }), junior), "too junior");
        assert_eq(score(big, junior), 10.0);
        assert_eq(score(big, rep(#{})), 0.0);
        assert_eq(score(big, junior, "developer"), 10.0);
        assert(near(big, senior));
        assert_eq(workload(big), 1.0);"#,
    );
}

#[test]
fn the_role_at_hand_and_the_owners_are_what_the_test_says() {
    let policy = bookwright::Policy::compile(
        r#"fn score(customer, rep, role) {
            (if customer.owner == rep.id { 5.0 } else { 0.0 }) + rep.holding
                + (if role == "manager" { 100.0 } else { 0.0 })
        }
        fn test_owner() {
            let r = rep(#{ id: "r7" });
            let mine = customer(#{ owners: #{ developer: "r7" } });
            let since = customer(#{ owners: #{ developer: #{ rep: r, since: "2025-01-01" } } });
            assert_eq(score(mine, r, "developer"), 6.0);
            assert_eq(score(since, r, "developer"), 6.0);
            assert_eq(score(mine, r, "manager"), 101.0);
            assert_eq(score(mine, rep(#{}), "developer"), 0.0);
            assert_eq(score(mine, rep(#{ holding: 3 }), "developer"), 3.0);
        }"#,
        &bookwright::Schema::default(),
    );
    let report = policy.unwrap().test(&TestOptions::default());
    assert!(report.passed(), "{report}");
}

#[test]
fn what_the_host_gives_can_be_set() {
    let mut schema = bookwright::Schema::builder();
    schema = schema.table("zips", bookwright::Kind::Text);
    let text = r#"
        const PARAMS = #{ bonus: 10.0 };
        fn priority(customer) {
            days_since(customer.last_contact ?? now) + params.bonus
        }
        fn segment(customer) { lookup("zips", customer.region) ?? "none" }
        fn test_given() {
            let c = customer(#{ last_contact: "2026-01-01", region: "east" });
            assert_eq(priority(c), 10.0);
            given(#{ now: "2026-01-31", params: #{ bonus: 1 } });
            assert_eq(priority(c), 31.0);
            assert_eq([params.bonus, now], [1.0, parse_time("2026-01-31")]);
            assert_eq(segment(c), "none");
            given(#{ tables: #{ zips: #{ east: "e" } } });
            assert_eq([segment(c), c.segment, lookup("zips", "east")], ["e", "e", "e"]);
            let p = plan(book([c], []));
            assert_eq(p.segments, #{ c1: "e" });
            given(#{ now: parse_time("2026-01-02"), utc_offset: "+08:00" });
            assert_eq(priority(c), 2.0);
        }
        fn test_nothing_of_it_stays() { assert_eq(params.bonus, 10.0); }
    "#;
    let policy = bookwright::Policy::compile(text, &schema.build().unwrap()).unwrap();
    let report = policy.test(&TestOptions::default());
    assert!(report.passed(), "{report}");
    let report = policy.test(&TestOptions::default().param("bonus", 7.0).filter("stays"));
    let failure = report.failures().next().unwrap().failure.as_ref().unwrap();
    assert_eq!(
        (failure.left.as_deref(), report.filtered_out),
        (Some("7.0"), 1)
    );
}

#[test]
fn plans_are_maps_to_assert_on() {
    passes(
        r#"let p = plan(book(
            [customer(#{ annual_revenue: 2e6, region: "east" }), customer(#{ region: "west" })],
            [rep(#{ level: 1, regions: ["east"], capacity: 1 }), rep(#{ level: 5, capacity: 1 })],
        ));
        assert_eq(p.tiers, #{ c1: "A", c2: "C" });
        assert_eq(p.tiers["c1"], "A");
        assert_eq(p.owner("c1", "developer"), "r2");
        assert_eq(p.owners["c1"]["manager"], ());
        assert_eq(p.reason("c1", "manager"), "no_capacity");
        assert_eq(owner(p, "c2", "developer"), "r1");
        assert_eq(p.owner("c2", "manager"), ());
        assert_eq(p.reason("c2", "developer"), ());
        assert_eq(p.load("r1").workload, 1.0);
        assert_eq(p.load("r2").overfull, false);
        assert_eq(p.load("nobody"), ());
        assert_eq(p.assignments.len, 2);
        assert_eq(p.assignments[0], #{ customer: "c1", role: "developer", rep: "r2", score: 0.0, change: "new" });
        assert_eq(p.unassigned[0].reason.kind, "no_capacity");
        assert_eq(p.totals.demands, 3);
        assert_eq([p.customers["c1"].tier, p.reps["r2"].level], ["A", 5]);
        assert_eq(score(p.customers["c1"], p.reps["r1"]), 10.0);"#,
    );
    passes(
        r#"let c = customer(#{ annual_revenue: 2e6 });
        let p = plan(book([c], [rep(#{ level: 1 })]));
        assert_eq(p.reason("c1", "developer"), "too junior");
        let p = plan(book([c], [rep(#{ level: 1 })]), #{ params: #{ senior_from: 1 } });
        assert_eq(p.reason("c1", "developer"), ());
        let p = plan(book([c], [rep(#{ id: "x" })], #{ exclusions: [#{ customer: "c1", rep: "x" }] }));
        assert_eq(p.reason("c1", "developer"), "excluded");
        let p = plan(book([c], [rep(#{ id: "x" })], #{ pins: [#{ customer: "c1", rep: "x", role: "developer" }] }));
        assert_eq(p.owner("c1", "developer"), "x");"#,
    );
}

#[test]
fn a_hook_that_fails_within_a_plan_is_in_it() {
    passes(
        r#"let p = plan(book([customer(#{ name: "broken" })], [rep(#{})]));
        assert_eq(p.problems.len, 1);
        assert_eq([p.problems[0].hook, p.problems[0].line], ["workload", 3]);
        assert_eq(p.reason("c1", "developer"), "hook_failed");"#,
    );
}

#[test]
fn each_row_of_a_table_is_a_test() {
    let policy = policy(
        r#"
fn test_tiers() {
    for row in cases([[2e6, "A"], [1e6, "B"], [(), "C"]]) {
        assert_eq(tier(customer(#{ annual_revenue: row[0] })), row[1]);
    }
}"#,
    );
    let report = policy.test(&TestOptions::default().without_coverage());
    assert_eq!(
        report.to_string(),
        r#"running 3 tests
test test_tiers, row 1: [2000000.0, "A"] ... ok
test test_tiers, row 2: [1000000.0, "B"] ... FAILED
test test_tiers, row 3: [(), "C"] ... ok

failures:

---- test_tiers, row 2: [1000000.0, "B"] ----
error[assert-eq]: the two are not equal
  --> policy:11:9
   |
11 |         assert_eq(tier(customer(#{ annual_revenue: row[0] })), row[1]);
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   left: "A"
  right: "B"

failures:
    test_tiers, row 2: [1000000.0, "B"]

test result: FAILED. 2 passed; 1 failed
"#
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["tests"][1]["case"]["row"], 2);
    assert_eq!(json["tests"][1]["failure"]["left"], "\"A\"");
    assert_eq!(json["tests"][1]["failure"]["line"], 11);
}

#[test]
fn runs_repeat_to_the_letter() {
    let policy = policy("fn test_a() { assert_eq(tier(customer(#{})), \"B\"); }");
    let options = TestOptions::default();
    assert_eq!(policy.test(&options), policy.test(&options));
}
