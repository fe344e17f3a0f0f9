use super::*;
use crate::syntax::{Report, Severity, Source, parse};

fn check(text: &str, schema: &Schema) -> Report {
    let limits = Limits::default();
    Report::new(
        text,
        super::check(&parse(text, &limits), schema, None, &limits),
    )
}

/// Code and place of each finding.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let source = Source::new(text);
    check(text, &Schema::default())
        .iter()
        .map(|finding| (finding.code, source.slice(finding.span).to_owned()))
        .collect()
}

#[track_caller]
fn finds(text: &str, code: &'static str, place: &str) {
    assert_eq!(found(text), [(code, place.to_owned())], "{text}");
}

#[track_caller]
fn fine(text: &str) {
    let report = check(text, &Schema::default());
    assert!(report.is_empty(), "{report}");
}

#[test]
fn right_policies_have_no_findings() {
    fine(
        r#"
        const PARAMS = #{ bonus: 30.0, from: 3 };
        const TIERS = [#{ tier: "A", at_least: 500_000.0, keep_within: 0.1 }, #{ tier: "B", at_least: 1e5 }, #{ tier: "C" }];
        const ALLOCATION = #{ strategy: "optimal", keep_owners: false, move_price: 2.5, balance: "leximin" };
        const GOOD = ["north", "east"];
        fn value(customer) {
            let revenue = customer.annual_revenue ?? 0.0;
            let total = 0.0;
            for (tag, i) in customer.tags { if tag.starts_with("x") { total += i; } }
            revenue + total + params.bonus
        }
        fn near(customer, rep) { customer.region in rep.regions && customer.region in GOOD }
        fn score(customer, rep, role) {
            if role == "developer" && near(customer, rep) { return 10.0; }
            let sum = 0.0;
            for i in 0..5 { sum += i * 1.0; }
            sum
        }
        fn eligible(_c, r) { if r.level < params.from { "too junior" } else { true } }
        "#,
    );
    fine(
        "const TIERS = [\"A\", \"B\"]; fn tier(customer) { if customer.tags.len > 3 { \"A\" } else { \"B\" } }",
    );
    fine(
        "const TIERS = [#{tier: \"A\", top: 0.1}, #{tier: \"B\", top: 0.4, per: \"segment\"}, #{tier: \"C\"}]; fn value(c) { 1 }",
    );
    fine("const ALLOCATION = #{ developer: #{ strategy: \"round_robin\" }, maintainer: #{} };");
    fine("fn tier(tier) { let score = 1; let x = score; if x > 0 { \"A\" } else { tier.id } }");
}

#[test]
fn wrong_hooks_are_found() {
    finds("fn teir(customer) { \"A\" }", "misspelt-hook", "teir");
    finds("fn elligible(c, r) { true }", "misspelt-hook", "elligible");
    finds("fn helper(c) { true }", "unused-function", "helper");
    finds("fn tier(customer, rep) { \"A\" }", "hook-parameters", "rep");
    finds("fn score(customer) { 1 }", "hook-parameters", "score");
    finds("fn score(rep, customer) { 1 }", "hook-parameters", "rep");
    finds(
        "private fn tier(customer) { \"A\" }",
        "private-hook",
        "private fn tier(customer) { \"A\" }",
    );
    finds("fn value(customer) { 1 }", "value-without-tiers", "value");
    finds(
        "const TIERS = [\"A\"]; fn value(customer) { 1 }",
        "value-without-tiers",
        "value",
    );
    finds(
        "const TIERS = [#{tier: \"A\", at_least: 1}, #{tier: \"B\"}]; fn value(c) { 1 } fn tier(c) { \"A\" }",
        "tier-and-value",
        "tier",
    );
    finds("fn recycle(c) { 1 }", "reserved-hook", "recycle");
    finds("fn test_a(x) { 1 }", "test-parameters", "x");
    finds(
        "fn contains(a, b) { a == b }",
        "shadows-host-function",
        "contains",
    );
    finds(
        "fn tier(c) { \"A\" } fn tier(c) { \"B\" }",
        "duplicate-function",
        "tier",
    );
}

#[test]
fn wrong_names_are_found() {
    finds(
        "fn tier(customer) { costumer.id }",
        "unknown-variable",
        "costumer",
    );
    finds("fn tier(customer) { nwo }", "unknown-variable", "nwo");
    finds(
        "fn tier(c) { days_sinc(c.created) }",
        "unknown-function",
        "days_sinc",
    );
    finds(
        "fn tier(c) { c.tags.has_al([\"a\"]) }",
        "unknown-function",
        "has_al",
    );
    finds(
        "fn tier(c) { clamp(1, 2) }",
        "wrong-argument-count",
        "clamp(1, 2)",
    );
    finds(
        "fn tier(c) { f(c, 1) } fn f(c) { c.id }",
        "wrong-argument-count",
        "f",
    );
    finds(
        "fn tier(c) { c.f() } fn f(c) { c.id }",
        "method-of-script",
        "f",
    );
    finds(
        "fn tier(c) { let now = 1; \"A\" }",
        "shadows-constant",
        "now",
    );
    finds(
        "const A = \"x\"; fn tier(A) { \"A\" } fn segment(c) { A }",
        "shadows-constant",
        "A",
    );
    finds(
        "const A = 1; fn tier(c) { A = 2; \"A\" }",
        "assign-to-constant",
        "A",
    );
    finds(
        "fn tier(c) { const a = 1; a += 2; `${a}` }",
        "assign-to-constant",
        "a",
    );
    finds(
        "const A = now;\nfn segment(c) { `${A}` }",
        "not-constant",
        "now",
    );
    finds(
        "const A = B; const B = 1; fn priority(c) { A }",
        "constant-order",
        "B",
    );
    finds(
        "const A = 1; const A = 2; fn priority(c) { A }",
        "duplicate-constant",
        "A",
    );
    finds("const TEIRS = [\"A\"];", "misspelt-setting", "TEIRS");
    finds("const X = 1;", "unused-constant", "X");
    finds("fn tier(c) { let x = 1; \"A\" }", "unused-local", "x");
    finds("fn tier(c) { f(1) } fn f(x) { \"A\" }", "unused-local", "x");
    assert_eq!(found("fn tier(c) { x = 1; y }").len(), 2);
}

#[test]
fn recursion_and_depth_are_found() {
    finds("fn tier(c) { tier(c) }", "recursion", "tier");
    let report = check(
        "fn tier(c) { f(c) } fn f(c) { g(c) } fn g(c) { f(c) }",
        &Schema::default(),
    );
    let text = report.to_string();
    assert!(text.contains("`f` calls itself: `f` → `g` → `f`"), "{text}");
    let chain: String = (0..8)
        .map(|n| format!("fn f{n}(c) {{ f{}(c) }} ", n + 1))
        .collect();
    finds(
        &format!("fn tier(c) {{ f0(c) }} {chain} fn f8(c) {{ c.id }}"),
        "calls-too-deep",
        "f0",
    );
}

#[test]
fn cost_is_bounded() {
    finds(
        "fn tier(c) { for a in c.tags { for b in c.tags { if a == b { return \"A\"; } } } \"B\" }",
        "too-expensive",
        "c.tags",
    );
    finds(
        "fn tier(c) { for i in 0..1_000_000 { } \"A\" }",
        "too-expensive",
        "0..1_000_000",
    );
    finds(
        "fn tier(c) { for i in 0..len(c.tags) { } \"A\" }",
        "unbounded-range",
        "0..len(c.tags)",
    );
    fine("const N = 3; fn tier(c) { for i in 0..=N * 2 { if i > N { return \"B\"; } } \"A\" }");
}

#[test]
fn wrong_settings_are_found() {
    let tiers = |list: &str| format!("const TIERS = {list}; fn value(c) {{ 1 }}");
    for (list, code, place) in [
        ("5", "wrong-setting", "5"),
        ("[]", "wrong-setting", "[]"),
        (
            "[#{tier: \"A\", at_leest: 5}, #{tier: \"B\"}]",
            "unknown-key",
            "at_leest",
        ),
        (
            "[#{tier: \"A\", at_least: 5}]",
            "no-floor",
            "#{tier: \"A\", at_least: 5}",
        ),
        (
            "[#{tier: \"A\", at_least: 5}, #{tier: \"B\", at_least: 9}, #{tier: \"C\"}]",
            "cuts-out-of-order",
            "9",
        ),
        (
            "[#{tier: \"A\", top: 1.5}, #{tier: \"B\"}]",
            "out-of-range",
            "1.5",
        ),
        (
            "[#{tier: \"A\", top: 0.5}, #{tier: \"B\", at_least: 9}, #{tier: \"C\"}]",
            "mixed-cuts",
            "9",
        ),
        (
            "[#{tier: \"A\", at_least: 5, keep_within: -0.1}, #{tier: \"B\"}]",
            "out-of-range",
            "-0.1",
        ),
        (
            "[#{tier: \"A\", at_least: 5}, #{tier: \"A\"}]",
            "duplicate-tier",
            "\"A\"",
        ),
        (
            "[#{at_least: 5}, #{tier: \"A\"}]",
            "wrong-setting",
            "#{at_least: 5}",
        ),
        (
            "[#{tier: \"A\", at_least: \"5\"}, #{tier: \"B\"}]",
            "wrong-setting",
            "\"5\"",
        ),
    ] {
        assert!(
            found(&tiers(list)).starts_with(&[(code, place.to_owned())]),
            "{list}: {:?}",
            found(&tiers(list))
        );
    }
    for (map, code, place) in [
        (
            "#{ strategy: \"optimall\" }",
            "unknown-strategy",
            "\"optimall\"",
        ),
        ("#{ strateggy: \"optimal\" }", "unknown-key", "strateggy"),
        ("#{ keep_owners: 1 }", "wrong-setting", "1"),
        (
            "#{ strategy: \"optimal\", max_moves: -1 }",
            "out-of-range",
            "-1",
        ),
        (
            "#{ strategy: \"optimal\", min_load: 0.5, max_load: 0.1 }",
            "out-of-range",
            "0.5",
        ),
        (
            "#{ strategy: \"optimal\", same_rep: [\"developr\", \"maintainer\"] }",
            "unknown-role",
            "\"developr\"",
        ),
        ("#{ develper: #{} }", "unknown-role", "develper"),
        ("#{ move_price: 1 }", "unused-setting", "move_price"),
        (
            "#{ strategy: \"optimal\", unassigned_price: 5.0, balance: \"leximin\" }",
            "unused-setting",
            "unassigned_price",
        ),
    ] {
        finds(&format!("const ALLOCATION = {map};"), code, place);
    }
    finds("const PARAMS = [1];", "wrong-setting", "[1]");
}

#[test]
fn a_broken_part_hides_nothing_and_makes_nothing() {
    let report = check(
        "fn tier(c) { let x = ; if x { nope() } }\nfn score(c, r) { let y = 'A'; 1 }",
        &Schema::default(),
    );
    let codes: Vec<&str> = report
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.code)
        .collect();
    assert_eq!(
        codes,
        ["expected-expression", "unknown-function", "no-character"],
        "{report}"
    );
}

#[test]
fn presence_is_followed() {
    for body in [
        "if (c.annual_revenue ?? 0.0) > 5.0 { \"A\" } else { \"B\" }",
        "if c.annual_revenue == () { return \"C\"; } if c.annual_revenue > 5.0 { \"A\" } else { \"B\" }",
        "if c.annual_revenue != () && c.annual_revenue > 5.0 { \"A\" } else { \"B\" }",
        "if c.annual_revenue == () || c.annual_revenue < 5.0 { \"A\" } else { \"B\" }",
        "let r = c.annual_revenue; if r == () { \"C\" } else if r > 5 { \"A\" } else { \"B\" }",
        "let r = c.annual_revenue ?? return \"C\"; if r > 5 { \"A\" } else { \"B\" }",
        "let r = c.annual_revenue; if r == () { r = 0.0; } if r > 5 { \"A\" } else { \"B\" }",
        "switch c.region { () => \"C\", \"north\" => \"A\", _ => if c.region.starts_with(\"s\") { \"B\" } else { \"C\" } }",
        "if c.region in [\"north\", \"east\"] { if len(c.region) > 4 { \"A\" } else { \"B\" } } else { \"C\" }",
        "let sum = 0.0; for x in [c.potential ?? 0.0, c.annual_revenue ?? 1.0] { sum += x; } if sum > 5.0 { \"A\" } else { \"B\" }",
        "if c.last_order != () && days_since(c.last_order) < 30 { \"A\" } else { \"B\" }",
        "let _where = `${c.region}` + c.industry; \"A\"",
        "let region = c.region ?? \"none\"; if region == \"north\" { \"A\" } else { \"B\" }",
        "switch c.stage { \"lead\" | \"prospect\" | \"lost\" => \"C\", \"active\" | \"at_risk\" | \"dormant\" | \"won_back\" => \"A\" }",
        "switch c.region == \"north\" { true => \"A\", false => \"B\" }",
        "let tier = \"C\"; if c.tags.has(\"vip\") { tier = \"A\"; } tier",
        "if c.employees > 0 && (c.annual_revenue ?? 0.0) / c.employees > 5.0 { \"A\" } else { \"B\" }",
    ] {
        let text = format!("fn tier(c) {{ {body} }}");
        if body.starts_with("if c.employees") {
            finds(&text, "maybe-absent", "c.employees");
        } else {
            fine(&text);
        }
    }
    let body = |body: &str| format!("fn tier(c) {{ if {body} {{ \"A\" }} else {{ \"B\" }} }}");
    finds(
        &body("c.annual_revenue > 5.0"),
        "maybe-absent",
        "c.annual_revenue",
    );
    finds(
        &body("c.annual_revenue * 2.0 > 5.0"),
        "maybe-absent",
        "c.annual_revenue",
    );
    finds(&body("len(c.region) > 2"), "maybe-absent", "c.region");
    finds(&body("c.region.len > 2"), "maybe-absent", "c.region");
    finds(&body("c.name == ()"), "never-absent", "==");
    finds(
        &body("days_since(c.last_contact) > 90"),
        "maybe-absent",
        "c.last_contact",
    );
}

#[test]
fn fields_and_values_are_found() {
    let tier = |body: &str| format!("fn tier(c) {{ {body} }}");
    finds(
        &tier("c.anual_revenue ?? \"A\""),
        "unknown-field",
        "anual_revenue",
    );
    finds(
        &tier("c[\"客户来源\"] ?? \"A\""),
        "unknown-field",
        "\"客户来源\"",
    );
    finds(
        &tier("if c.level > 1 { \"A\" } else { \"B\" }"),
        "unknown-field",
        "level",
    );
    finds(&tier("f(c) } fn f(x) { x.nme"), "unknown-field", "nme");
    finds(&tier("let d = c; d.nme"), "unknown-field", "nme");
    finds(&tier("c.name.lenn"), "unknown-field", "lenn");
    finds(
        &tier("if c.stage == \"leed\" { \"A\" } else { \"B\" }"),
        "unknown-value",
        "\"leed\"",
    );
    finds(
        &tier("if c.stage in [\"lead\", \"actve\"] { \"A\" } else { \"B\" }"),
        "unknown-value",
        "\"actve\"",
    );
    finds(
        &tier("switch c.stage { \"led\" => \"A\", _ => \"B\" }"),
        "unknown-value",
        "\"led\"",
    );
    finds(&tier("c.tier"), "field-too-early", "tier");
    finds(&tier("\"D\""), "unknown-tier", "\"D\"");
    finds(
        &tier("lookup(\"zips\", c.region) ?? \"A\""),
        "unknown-table",
        "\"zips\"",
    );
    finds(
        "const PARAMS = #{ bonus: 1.0 }; fn score(c, r) { params.bonsu }",
        "unknown-param",
        "bonsu",
    );
    finds("fn score(c, r) { params.x }", "unknown-param", "x");
    finds(
        "fn priority(c, role) { if role == \"developr\" { 1 } else { 2 } }",
        "unknown-role",
        "\"developr\"",
    );
    finds(
        "fn coverage(c) { [\"maintainr\"] }",
        "unknown-role",
        "\"maintainr\"",
    );
    finds(
        "fn coverage(c) { [\"list_manager\"] }",
        "unknown-role",
        "\"list_manager\"",
    );
    finds(
        "fn capacity(rep) { #{ wrkload: 5.0 } }",
        "unknown-key",
        "wrkload",
    );
}

#[test]
fn wrong_types_are_found() {
    let tier = |body: &str| format!("fn tier(c) {{ {body} }}");
    let when = |body: &str| format!("fn tier(c) {{ if {body} {{ \"A\" }} else {{ \"B\" }} }}");
    finds(&when("c.name > 5"), "unlike-types", ">");
    finds(&when("c.region == 5"), "unlike-types", "==");
    finds(&when("c.created > \"2026-01-01\""), "unlike-types", ">");
    finds(&when("c.name"), "not-a-condition", "c.name");
    finds(&when("c.name * 2 == 4"), "not-a-number", "c.name");
    finds(
        &when("(c.intent ?? 0.0) in 0..1"),
        "not-in-range",
        "(c.intent ?? 0.0)",
    );
    finds(&when("c.tags.has(5)"), "wrong-argument", "5");
    finds(&when("c.tags == \"vip\""), "unlike-types", "==");
    finds(&when("c.name in 5"), "unlike-types", "5");
    finds(
        &tier("if c.name == \"x\" { \"A\" }"),
        "missing-result",
        "if",
    );
    finds(
        &tier("switch c.name { \"x\" => \"A\" }"),
        "missing-result",
        "switch",
    );
    finds(&tier("let x = \"A\"; x += x;"), "missing-result", "x += x;");
    finds(
        &tier("if c.name == \"x\" { 5 } else { \"A\" }"),
        "wrong-result",
        "5",
    );
    finds(&tier("c.current_tier"), "wrong-result", "c.current_tier");
    finds("fn score(c, r) { \"high\" }", "wrong-result", "\"high\"");
    finds("fn workload(c) { -1.0 }", "wrong-result", "-1.0");
    finds("fn eligible(c, r) { 1 }", "wrong-result", "1");
    finds(
        "fn eligible(c, r) { if r.level > c.tags.len { false } else { \"no\" } }",
        "never-eligible",
        "eligible",
    );
    finds(
        &tier("switch c.intent ?? 0.0 { 1 => \"A\", _ => \"B\" }"),
        "unlike-types",
        "1",
    );
}

#[test]
fn ranges_are_followed() {
    let tier = |body: &str| format!("fn tier(c) {{ let r = c.annual_revenue ?? 0.0; {body} }}");
    finds(
        &tier("if r >= 50.0 { \"A\" } else if r >= 100.0 { \"B\" } else { \"C\" }"),
        "constant-condition",
        "r >= 100.0",
    );
    finds(
        &tier("if r >= 0.0 { \"A\" } else { \"C\" }"),
        "constant-condition",
        "r >= 0.0",
    );
    finds(
        &tier("if r > 5.0 { return \"A\"; } if r <= 5.0 { \"B\" } else { \"C\" }"),
        "constant-condition",
        "r <= 5.0",
    );
    fine(&tier(
        "if r >= 100.0 { \"A\" } else if r >= 50.0 { \"B\" } else { \"C\" }",
    ));
    fine(&tier(
        "let n = 0; for t in c.tags { if n > 2 { return \"A\"; } n += 1; } if r > 1.0 { \"A\" } else { \"C\" }",
    ));
    finds(
        &tier("let n = c.employees ?? 0; if r / n > 5.0 { \"A\" } else { \"B\" }"),
        "division-by-zero",
        "/",
    );
    fine(&tier(
        "let n = c.employees ?? 0; if n > 0 && r / n > 5.0 { \"A\" } else { \"B\" }",
    ));
    fine(&tier(
        "if r / max(c.employees ?? 0, 1) > 5.0 { \"A\" } else { \"B\" }",
    ));
    finds(
        &tier("if r > 1.0 && c.tags.len / 2 > 5 { \"A\" } else { \"B\" }"),
        "int-division",
        "/",
    );
    finds(
        "fn tier(c) { switch c.stage { \"lead\" => \"A\", \"lead\" => \"B\", _ => \"C\" } }",
        "repeated-arm",
        "\"lead\"",
    );
    finds(
        "fn score(_c, r) { switch r.level { 1..5 => 1, 2..4 => 2, _ => 3 } }",
        "unreachable-arm",
        "2..4",
    );
    finds(
        "fn segment(c) { if c.stage == \"lead\" { \"x\" } else if c.stage == \"lead\" { \"y\" } else { \"z\" } }",
        "constant-condition",
        "c.stage == \"lead\"",
    );
}
