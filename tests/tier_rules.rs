//! Tiers that make no sense: what is said of them where a host gives them, where a script writes
//! them out, and where a script computes them. And tiers of a host that make sense of a script.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test like the tests do"
)]

use bookwright::syntax::Report;
use bookwright::tiering::{Cut, Per, TierRule, TierRuleError};
use bookwright::{Book, Customer, PlanOptions, Policy, Records, Schema};

fn labels(names: &[&str]) -> TierRule {
    TierRule::Labels(names.iter().map(|name| (*name).to_owned()).collect())
}

fn rest(tier: &str) -> Cut {
    Cut {
        tier: tier.to_owned(),
        at_least: None,
        top: None,
        per: Per::Book,
        keep_within: 0.0,
    }
}

fn at_least(tier: &str, cut: f64) -> Cut {
    Cut {
        at_least: Some(cut),
        ..rest(tier)
    }
}

fn top(tier: &str, share: f64) -> Cut {
    Cut {
        top: Some(share),
        ..rest(tier)
    }
}

fn kept_within(cut: Cut, keep_within: f64) -> Cut {
    Cut { keep_within, ..cut }
}

fn host(rule: TierRule, script: &str) -> Result<Policy, Report> {
    let builder = Policy::builder(&Schema::default()).script(script);
    (builder.tiers(rule).build()).map_err(|error| error.report().clone())
}

/// The errors, with their codes.
fn errors(report: &Report) -> Vec<String> {
    let errors = report.errors();
    errors
        .map(|it| format!("{}: {}", it.code, it.message))
        .collect()
}

#[track_caller]
fn refused(rule: TierRule, error: TierRuleError, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_eq!(rule.check(), Err(error));
    assert_eq!(
        errors(&host(rule, "").unwrap_err()),
        [format!("wrong-setting: the host's tiers: {text}")]
    );
}

/// The same rule in a script: what is said of it where it stands.
#[track_caller]
fn written(tiers: &str, finding: &str) {
    let script = format!("const TIERS = {tiers};");
    let report = Policy::compile(&script, &Schema::default()).unwrap_err();
    assert_eq!(errors(report.report()), [finding]);
}

/// The same rule in a script, but not written out, so that only its value can be looked at.
#[track_caller]
fn computed(tiers: &str, text: &str) {
    written(&format!("[] + {tiers}"), &format!("wrong-setting: {text}"));
}

#[test]
fn every_rule_that_makes_no_sense_says_why() {
    let tier = |name: &str| name.to_owned();
    let cuts = |cuts: &[Cut]| TierRule::Cuts(cuts.to_vec());

    let text = "there is no tier: name at least one";
    refused(labels(&[]), TierRuleError::Empty, text);
    refused(cuts(&[]), TierRuleError::Empty, text);
    written("[]", "wrong-setting: `TIERS` has no tier");
    computed("[]", text);

    let text = "tier `A` stands twice";
    let error = || TierRuleError::Twice { tier: tier("A") };
    refused(labels(&["A", "B", "A"]), error(), text);
    refused(cuts(&[at_least("A", 5.0), rest("A")]), error(), text);
    written(
        r#"["A", "B", "A"]"#,
        "duplicate-tier: the tier `A` stands twice",
    );
    computed(r#"["A", "B", "A"]"#, text);

    let text = "the name of a tier is empty";
    refused(labels(&["A", ""]), TierRuleError::Nameless, text);
    refused(
        cuts(&[at_least("", 5.0), rest("A")]),
        TierRuleError::Nameless,
        text,
    );
    written(r#"["A", ""]"#, "wrong-setting: the name of a tier is empty");
    written(
        "[#{ at_least: 5.0 }, #{ tier: \"A\" }]",
        "wrong-setting: this tier has no name",
    );
    computed("[#{ at_least: 5.0 }, #{ tier: \"A\" }]", text);

    let text = "tier `B` mixes `top` with `at_least`: cut all tiers the same way";
    let error = || TierRuleError::Mixed { tier: tier("B") };
    refused(
        cuts(&[top("A", 0.5), at_least("B", 5.0), rest("C")]),
        error(),
        text,
    );
    let both = Cut {
        top: Some(0.5),
        ..at_least("B", 5.0)
    };
    refused(cuts(&[top("A", 0.25), both, rest("C")]), error(), text);
    let mixed = r#"[#{ tier: "A", top: 0.5 }, #{ tier: "B", at_least: 5.0 }, #{ tier: "C" }]"#;
    written(
        mixed,
        "mixed-cuts: `TIERS` mixes `top` and `at_least`: cut all tiers the same way",
    );
    computed(mixed, text);
    let both = r#"[#{ tier: "B", at_least: 5.0, top: 0.5 }, #{ tier: "C" }]"#;
    written(
        both,
        "mixed-cuts: a tier has either `top` or `at_least`; this has `at_least` too",
    );
    computed(both, text);

    let text = "tier `B` has neither `at_least` nor `top`, but is not the last";
    let rule = cuts(&[at_least("A", 5.0), rest("B"), rest("C")]);
    refused(rule, TierRuleError::NoCut { tier: tier("B") }, text);
    let no_cut = r#"[#{ tier: "A", at_least: 5.0 }, #{ tier: "B" }, #{ tier: "C" }]"#;
    written(
        no_cut,
        "tier-without-cut: this tier has neither `at_least` nor `top`, but is not the last",
    );
    computed(no_cut, text);

    let text = "the last tier `B` has a cut: customers below it would have no tier";
    let rule = cuts(&[at_least("A", 5.0), at_least("B", 1.0)]);
    refused(rule, TierRuleError::NoFloor { tier: tier("B") }, text);
    let no_floor = r#"[#{ tier: "A", at_least: 5.0 }, #{ tier: "B", at_least: 1.0 }]"#;
    written(
        no_floor,
        "no-floor: the last tier has a cut: customers below it would have no tier",
    );
    computed(no_floor, text);
}

#[test]
fn cuts_out_of_order_name_both() {
    let error = |tier: &str, cut, before| TierRuleError::OutOfOrder {
        tier: tier.to_owned(),
        cut,
        before,
    };
    let text = "tier `B`: the cut 5 does not come after 5 of the tier above";
    let rule = TierRule::Cuts(vec![at_least("A", 5.0), at_least("B", 5.0), rest("C")]);
    refused(rule, error("B", 5.0, 5.0), text);
    let rising = r#"[#{ tier: "A", at_least: 5 }, #{ tier: "B", at_least: 5.0 }, #{ tier: "C" }]"#;
    written(
        rising,
        "cuts-out-of-order: the cut 5 does not come after 5 of the tier above",
    );
    computed(rising, text);

    let text = "tier `B`: the cut 0.25 does not come after 0.5 of the tier above";
    let rule = TierRule::Cuts(vec![top("A", 0.5), top("B", 0.25), rest("C")]);
    refused(rule, error("B", 0.25, 0.5), text);
    let falling = r#"[#{ tier: "A", top: 0.5 }, #{ tier: "B", top: 0.25 }, #{ tier: "C" }]"#;
    written(
        falling,
        "cuts-out-of-order: the cut 0.25 does not come after 0.5 of the tier above",
    );
    computed(falling, text);
}

#[test]
fn numbers_out_of_range_say_what_they_may_be() {
    let refuses = |cut: Cut, setting, value: f64, expected, text: &str| {
        let rule = TierRule::Cuts(vec![cut, rest("B")]);
        let error = TierRuleError::OutOfRange {
            tier: "A".to_owned(),
            setting,
            value,
            expected,
        };
        refused(rule, error, text);
    };
    let share = "a share above 0, at most 1";
    refuses(
        top("A", 0.0),
        "top",
        0.0,
        share,
        "tier `A`: `top` is 0, expected a share above 0, at most 1",
    );
    refuses(
        top("A", 10.0),
        "top",
        10.0,
        share,
        "tier `A`: `top` is 10, expected a share above 0, at most 1",
    );
    let keep = "a share from 0 to 1";
    for (value, text) in [
        (
            -0.5,
            "tier `A`: `keep_within` is -0.5, expected a share from 0 to 1",
        ),
        (
            1.5,
            "tier `A`: `keep_within` is 1.5, expected a share from 0 to 1",
        ),
    ] {
        refuses(
            kept_within(at_least("A", 5.0), value),
            "keep_within",
            value,
            keep,
            text,
        );
    }
    for (value, text) in [
        (
            f64::INFINITY,
            "tier `A`: `at_least` is inf, expected a finite number",
        ),
        (
            f64::NEG_INFINITY,
            "tier `A`: `at_least` is -inf, expected a finite number",
        ),
    ] {
        refuses(
            at_least("A", value),
            "at_least",
            value,
            "a finite number",
            text,
        );
    }
    // NaN is like nothing, also not like itself.
    for (cut, text) in [
        (
            top("A", f64::NAN),
            "tier `A`: `top` is NaN, expected a share above 0, at most 1",
        ),
        (
            at_least("A", f64::NAN),
            "tier `A`: `at_least` is NaN, expected a finite number",
        ),
        (
            kept_within(rest("A"), f64::NAN),
            "tier `A`: `keep_within` is NaN, expected a share from 0 to 1",
        ),
    ] {
        let rule = TierRule::Cuts(vec![cut, rest("B")]);
        assert_eq!(rule.check().unwrap_err().to_string(), text);
    }
    let large = r#"[#{ tier: "A", top: 10 }, #{ tier: "B" }]"#;
    written(
        large,
        "out-of-range: `top` is a share above 0 and at most 1, not 10",
    );
    computed(
        large,
        "tier `A`: `top` is 10, expected a share above 0, at most 1",
    );
    let wide = r#"[#{ tier: "A", at_least: 5, keep_within: 1.5 }, #{ tier: "B" }]"#;
    written(
        wide,
        "out-of-range: `keep_within` is a share from 0 to 1, not 1.5",
    );
    computed(
        wide,
        "tier `A`: `keep_within` is 1.5, expected a share from 0 to 1",
    );
    computed(
        r#"[#{ tier: "A", at_least: 1e308 * 10.0 }, #{ tier: "B" }]"#,
        "`at_least` is not finite",
    );
}

#[test]
fn tiers_that_the_schema_does_not_name_are_refused() {
    let schema = Schema::builder().tiers(["A", "B"]).build().unwrap();
    let of = |script: &str, rule: Option<TierRule>| {
        let builder = Policy::builder(&schema).script(script);
        let builder = match rule {
            Some(rule) => builder.tiers(rule),
            None => builder,
        };
        errors(builder.build().unwrap_err().report())
    };
    let text = "the schema has no tier `gold`";
    assert_eq!(
        of("const TIERS = [\"A\", \"gold\"];", None),
        [format!("unknown-tier: {text}")]
    );
    assert_eq!(
        of("const TIERS = [\"A\"] + [\"gold\"];", None),
        [format!("wrong-setting: {text}")]
    );
    assert_eq!(
        of("", Some(labels(&["A", "gold"]))),
        [format!("wrong-setting: the host's tiers: {text}")]
    );
}

/// The tiers of customers with these potentials.
fn graded(policy: &Policy, potentials: &[f64]) -> Vec<String> {
    let customer = |(number, potential): (usize, &f64)| {
        Customer::new(format!("c{number}")).set("potential", *potential)
    };
    let records = Records {
        customers: potentials
            .iter()
            .enumerate()
            .map(|(at, it)| customer((at, it)))
            .collect(),
        ..Records::default()
    };
    let book = Book::build(records, Schema::default()).unwrap();
    let options = PlanOptions::at("2026-01-31".parse().unwrap());
    let plan = policy.plan(&book, &options).unwrap();
    (0..potentials.len())
        .map(|number| plan.tiers[&format!("c{number}")].clone())
        .collect()
}

#[test]
fn tiers_of_the_host_win_over_the_script() {
    let cuts = TierRule::Cuts(vec![at_least("high", 50.0), rest("low")]);
    let value = "fn value(customer) { customer.potential ?? 0.0 }";
    for tiers in [
        "",
        "const TIERS = [\"A\", \"B\"];",
        "const TIERS = [#{ tier: \"A\", at_least: 99.0 }, #{ tier: \"B\" }];",
    ] {
        let policy = host(cuts.clone(), &format!("{tiers} {value}")).unwrap();
        assert_eq!(policy.tiers(), &cuts, "{tiers}");
        assert_eq!(graded(&policy, &[49.0, 50.0]), ["low", "high"], "{tiers}");
        assert!(policy.notes().is_empty(), "{}", policy.notes());
    }
    let tier =
        r#"fn tier(customer) { if (customer.potential ?? 0.0) > 50.0 { "high" } else { "low" } }"#;
    for rule in [labels(&["high", "low"]), cuts.clone()] {
        let policy = host(rule, tier).unwrap();
        assert_eq!(graded(&policy, &[50.0, 51.0]), ["low", "high"]);
    }
    // Where shares are of a segment, segments come first and cannot read the tier.
    let shares = TierRule::Cuts(vec![
        Cut {
            per: Per::Segment,
            ..top("high", 0.5)
        },
        rest("low"),
    ]);
    let segment = "fn segment(customer) { customer.tier }";
    assert!(host(cuts, &format!("{value} {segment}")).is_ok());
    assert_eq!(
        errors(&host(shares, &format!("{value} {segment}")).unwrap_err()),
        ["field-too-early: `tier` is not known yet when `segment` runs"]
    );
}

#[test]
fn a_script_is_checked_against_the_tiers_of_the_host() {
    let rule = || labels(&["high", "low"]);
    let report = host(rule(), "fn tier(customer) { \"A\" }").unwrap_err();
    assert_eq!(
        report.to_string().trim_end(),
        "error[unknown-tier]: there is no tier `A`
 --> policy:1:21
  |
1 | fn tier(customer) { \"A\" }
  |                     ^^^
  = help: the host gives `high`, `low`"
    );
    let compares = "fn score(customer, rep) { if customer.tier == \"A\" { 1.0 } else { 0.0 } }";
    assert_eq!(
        errors(&host(rule(), compares).unwrap_err()),
        ["unknown-tier: there is no tier `A`"]
    );
    assert_eq!(
        errors(&host(rule(), "fn value(customer) { 1.0 }").unwrap_err()),
        ["wrong-setting: the host's tiers: `value` needs cuts (`at_least` or `top`)"]
    );
    // The tests of a second script are checked against the same.
    let policy = host(rule(), "fn tier(customer) { \"high\" }").unwrap();
    let tests = "fn test_it() { assert_eq(tier(customer(#{})), \"high\"); }";
    let policy = policy.with_tests(tests).unwrap();
    assert!(policy.test(&Default::default()).passed());
}
