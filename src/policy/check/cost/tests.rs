//! The bound against what the sandbox counts.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::language::{FUNCTIONS, Side, Value};
use crate::script::{Sandbox, SandboxError, SandboxFacts};
use crate::syntax::parse;

const CUSTOMER: Value = Value::Record(Side::Customer, 0);

/// Records whose values are as large as a book may have them.
fn large() -> SandboxFacts {
    let tags = (0..256).map(|n| Value::from(&*format!("{n:032}")));
    let fields = [
        ("tags", Value::Array(tags.collect())),
        ("name", Value::from(&*"n".repeat(1024))),
        ("revenue", Value::Float(1.5)),
        ("employees", Value::Int(7)),
        ("region", Value::Unit),
    ];
    SandboxFacts {
        customer: fields.map(|(name, value)| (name.to_owned(), value)).into(),
        params: BTreeMap::from([("x".into(), Value::from("north"))]),
        ..SandboxFacts::default()
    }
}

/// The bound and what the sandbox counts for a call of `f(5)`, or of `f(5, customer)`, and what it
/// answers.
fn bound_and_count(text: &str) -> (u64, u64, Result<Value, SandboxError>) {
    let limits = Limits {
        operations: u64::MAX,
        ..Limits::default()
    };
    let parsed = parse(text, &limits);
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    let calls = Calls::of(&parsed.script);
    let costs = costs(&parsed.script, &calls, &limits);
    let function = (parsed.script.functions.iter())
        .position(|function| &*function.name.text == "f")
        .unwrap();
    let mut sandbox = Sandbox::compile(text, &limits, &large()).unwrap();
    let before = sandbox.spent();
    let parameters = parsed.script.functions[function].parameters.len();
    let arguments = [5_i64.into(), CUSTOMER];
    let answer = sandbox.call("f", &arguments[..parameters]);
    (costs.functions[function], sandbox.spent() - before, answer)
}

#[test]
fn the_bound_holds_for_every_construct_and_is_not_far() {
    // Each repeated, so that what comes once per call does not hide the rest.
    let constructs = [
        "x;",
        "1;",
        "-x;",
        "!(x == 1);",
        "x + 1;",
        "x + 1 + x * 2 - x;",
        "let y = x; y;",
        "t += 1;",
        "t = x;",
        "x == 1 && x == 2 || x == 5;",
        "x == 5 && x != 2 && true;",
        "() ?? x;",
        "() ?? () ?? x;",
        "x in [1, 2, 5];",
        "x !in [1, 2, 5];",
        "x in 1..9;",
        "x !in 1..9;",
        "[1, 2, 3];",
        "#{ a: 1, b: 2 };",
        "[1, 2, 3][1];",
        "#{ a: #{ b: 1 } }.a.b;",
        "#{ a: 1 }[\"a\"];",
        "`a${x}b${x + 1}c`;",
        "\"a\" + x;",
        "{ let z = x; z }",
        "if x == 5 { x } else { 1 }",
        "if x == 1 { 1 } else if x == 2 { 2 } else if x == 5 { x + x }",
        "switch x { 1 => 2, 5 if x == 6 => 3, 5 if x == 5 => x + 1, _ => 1 }",
        "switch x { 1..3 => 1, 3..9 => x, _ => 2 }",
        "g(x);",
        "g(g(x));",
        "h(x, x, x);",
        "clamp(x, 1, 3);",
        "x.clamp(1, 3);",
        "\"ab\".len;",
        "[\"a\"].has_any([\"b\", \"a\"]);",
        "count_in([1, 2], [2]);",
        "for y in [1, 2, 3] { t += y; }",
        "for (y, i) in [1, 2, 3] { if i == 1 { continue; } t += y * i; }",
        "for y in 0..5 { for z in 0..=2 { if z == 2 { break; } t += z; } }",
        "K;",
        "K + K * 2;",
        "params;",
    ];
    for construct in constructs {
        let text = format!(
            "const K = 7; fn g(a) {{ return a + 1; }} fn h(a, b, c) {{ let d = a; if b == c {{ return d; }} c }}
             fn f(x) {{ let t = 0; for n in 0..50 {{ {construct} }} t }}"
        );
        let (bound, count, answer) = bound_and_count(&text);
        answer.unwrap();
        assert!(
            count <= bound,
            "{construct}: {count} counted, bound {bound}"
        );
        assert!(
            bound <= 16 * count || construct.contains("count_in"),
            "{construct}: {count} counted, bound {bound}"
        );
    }
}

/// Large values of every kind that a policy can have.
const LARGE: &[&str] = &[
    "c.tags",
    "c.name",
    "[c.tags]",
    "[c.name, c.name, c.name, c.name, c.name, c.name, c.name]",
    "#{ a: c.tags, b: c.name }",
    "[#{ a: [1, 2] }, c, now_or(1)]",
    "c",
    "x",
    "c.revenue",
    "c.region",
    "params",
];

/// Every host function in both styles, with every combination of large values for arguments.
#[test]
fn the_bound_holds_for_every_host_function_on_the_largest_values() {
    let mut answered = 0;
    for function in FUNCTIONS {
        for arity in function.arities() {
            let most = LARGE.len().pow(u32::try_from(arity).unwrap());
            for case in 0..most {
                let argument = |at: usize| LARGE[case / LARGE.len().pow(at as u32) % LARGE.len()];
                let arguments: Vec<&str> = (0..arity).map(argument).collect();
                let call = format!("{}({})", function.name, arguments.join(", "));
                let method = format!(
                    "({}).{}({})",
                    arguments[0],
                    function.name,
                    arguments[1..].join(", ")
                );
                let property = format!("({}).{}", arguments[0], function.name);
                let styles = [
                    Some(call),
                    Some(method),
                    (arity == 1 && function.property).then_some(property),
                ];
                // Each case takes a compiled script: in debug builds, one in eleven is tried.
                if cfg!(debug_assertions) && (case + case / 11) % 11 != 0 {
                    continue;
                }
                // The third argument seldom matters to what is read.
                if arity == 3 && case % 7 > 0 {
                    continue;
                }
                for call in styles.into_iter().flatten() {
                    let text = format!(
                        "fn now_or(n) {{ n }} fn f(x, c) {{ for i in 0..3 {{ {call}; }} }}"
                    );
                    let (bound, count, answer) = bound_and_count(&text);
                    assert!(count <= bound, "{call}: {count} counted, bound {bound}");
                    answered += u32::from(answer.is_ok());
                }
            }
        }
    }
    let least = if cfg!(debug_assertions) { 30 } else { 300 };
    assert!(answered > least, "{answered}");
}

/// Operators on the largest values.
#[test]
fn the_bound_holds_for_every_operator_on_the_largest_values() {
    for operator in [
        "==", "!=", "in", "!in", "+", "??", "<", "&&", "-", "**", "%",
    ] {
        for (left, right) in LARGE
            .iter()
            .flat_map(|left| LARGE.iter().map(move |right| (left, right)))
        {
            let text = format!(
                "fn now_or(n) {{ n }}
                 fn f(x, c) {{ let a = {left}; let b = {right}; for i in 0..3 {{ a {operator} b; `${{a}}`; a = a; }} }}"
            );
            let (bound, count, _) = bound_and_count(&text);
            assert!(
                count <= bound,
                "{left} {operator} {right}: {count} counted, bound {bound}"
            );
        }
    }
}

fn expression() -> impl Strategy<Value = String> {
    let large = prop::sample::select(LARGE).prop_map(str::to_owned);
    let small = prop::sample::select(&["1", "true", "()", "t", "-x", "0.5", "\"a\"", "K"][..])
        .prop_map(str::to_owned);
    let unary = prop::sample::select(
        FUNCTIONS
            .iter()
            .filter(|it| it.takes(1))
            .map(|it| it.name)
            .collect::<Vec<_>>(),
    );
    let binary = prop::sample::select(
        FUNCTIONS
            .iter()
            .filter(|it| it.takes(2))
            .map(|it| it.name)
            .collect::<Vec<_>>(),
    );
    let operator = prop::sample::select(
        &[
            "+", "-", "*", "==", "!=", "<", "in", "!in", "??", "&&", "||",
        ][..],
    );
    prop_oneof![2 => large, 3 => small].prop_recursive(4, 24, 3, move |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (operator.clone(), two.clone())
                .prop_map(|(operator, (a, b))| format!("({a} {operator} {b})")),
            (unary.clone(), inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (binary.clone(), two.clone()).prop_map(|(name, (a, b))| format!("({a}).{name}({b})")),
            (inner.clone(), two.clone())
                .prop_map(|(a, (b, c))| format!("(if {a} == {b} {{ {c} }} else {{ {a} }})")),
            (inner.clone(), two.clone())
                .prop_map(|(a, (b, c))| format!("switch {a} {{ 5 => {b}, _ => {c} }}")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.prop_map(|(a, b)| format!("g({a}, {b})")),
            inner.clone().prop_map(|a| format!("`v${{{a}}}`")),
            inner.prop_map(|a| format!(
                "{{ for e in c.tags {{ if e == \"0\" {{ break; }} t = {a}; }} t }}"
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 4_000 }))]

    /// Whatever a policy is made of, and whether it comes to its end or fails on the way.
    #[test]
    fn the_bound_holds_for_any_program(first in expression(), second in expression(), helper in expression()) {
        let text = format!(
            "const K = 7; fn now_or(n) {{ n }}
             fn g(x, c) {{ let t = x; {} ; c }}
             fn f(x, c) {{ let t = 0; {first}; t = {second}; t }}",
            helper.replace("g(", "now_or(").replace(", ", " + ")
        );
        let parsed = parse(&text, &Limits::default());
        prop_assume!(!parsed.has_errors());
        prop_assume!(Sandbox::compile(&text, &Limits::default(), &large()).is_ok());
        let (bound, count, _) = bound_and_count(&text);
        prop_assert!(count <= bound, "{}: {} counted, bound {}", text, count, bound);
    }
}
