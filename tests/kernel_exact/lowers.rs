//! Every construct of the language that the kernel takes, each in a small hook: it is lowered, and
//! no row defers that the interpreter answers.

use bookwright::language::{FUNCTIONS, Type};
use bookwright::{Book, Hook};

use super::harness::{self, Check};

/// Constructs, by name: a hook of customers `f(customer, role)` that answers all customers.
const CONSTRUCTS: &[(&str, &str)] = &[
    (
        "properties",
        r#"fn f(customer) { [customer.id, customer.stage, customer["region"], customer.tags.len] }"#,
    ),
    ("optional properties", "fn f(customer) { customer?.region }"),
    (
        "the role",
        r#"fn f(customer, role) { if role == "developer" { 1 } else { 2 } }"#,
    ),
    (
        "int arithmetic",
        "fn f(customer) { let n = 7 - (customer.employees ?? 3) % 10; [n + 1, n - 1, n * 3, n / 2, n % 4, -n, +n, n ** 2] }",
    ),
    (
        "bits",
        "fn f(customer) { let n = customer.delta ?? 5; [n & 3, n | 8, n ^ 1, n << 2, n >> 1, true & (n > 0), true | (n > 0), true ^ (n > 0)] }",
    ),
    (
        "float arithmetic",
        "fn f(customer) { let x = customer.score ?? 1.5; [x + 1, x - 0.5, x * 2, x / 3, x % 2.0, -x, x ** 2] }",
    ),
    (
        "comparisons with constants",
        r#"fn f(customer) { let x = customer.score ?? 1.5; let n = customer.delta ?? 2; let r = customer.region ?? ""; [x < 1, x <= 1.0, x == 0.3, x != 0.3, x > 7, x >= 500000.0, n < 3, n <= 3, n == 7, n != 7, n > 0.5, n >= 10, r < "f", r >= "east"] }"#,
    ),
    (
        "comparisons of columns",
        "fn f(customer) { let x = customer.score ?? 1.5; let y = customer.potential ?? 0.1; [x < y, x <= y, x == y, x != y, x > y, x >= y, x == customer.delta, customer.created < customer.last_contact] }",
    ),
    (
        "unlike kinds",
        r#"fn f(customer) { [customer.score == "east", customer.region != 7, customer.stage < 3, customer.region == ()] }"#,
    ),
    (
        "short circuit",
        "fn f(customer) { customer.risk != () && customer.risk > 0.2 || customer.score == () || customer.score + 1.0 > 3.0 }",
    ),
    ("not", "fn f(customer) { !(customer.vip ?? false) }"),
    (
        "defaults",
        r#"fn f(customer) { [customer.risk ?? 0.5, customer.risk ?? 0.0, customer.delta ?? 0, customer.vip ?? false, customer.region ?? "", customer.risk ?? customer.intent ?? "none"] }"#,
    ),
    (
        "optional calls",
        "fn f(customer) { [customer.region?.len(), customer.region?.to_upper(), customer.region?.len] }",
    ),
    (
        "in an array",
        r#"fn f(customer) { [customer.region in ["east", "west"], customer.delta in [1, 7, 2.5], customer.region !in ["east"], customer.stage in [customer.region, "lead"]] }"#,
    ),
    (
        "in a long array",
        r#"fn f(customer) { customer.region in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "east", "it"] }"#,
    ),
    (
        "in a range",
        "fn f(customer) { let n = customer.delta ?? 4; [n in 1..10, n in -5..=7, n in 0..(customer.employees ?? 9)] }",
    ),
    (
        "in a map",
        r#"fn f(customer) { (customer.region ?? "") in #{ east: 1, west: 2 } }"#,
    ),
    (
        "in a text",
        r#"fn f(customer) { "as" in (customer.region ?? "") }"#,
    ),
    (
        "in tags",
        r#"fn f(customer) { [customer.region in customer.tags, "east" in customer.tags] }"#,
    ),
    (
        "equality of texts",
        r#"fn f(customer) { [customer.region == "east", customer.region == customer.industry, customer.region != customer.stage] }"#,
    ),
    (
        "switch on texts",
        r#"fn f(customer) { switch customer.stage { "lead" | "prospect" => 1, "active" => 2.5, "lost" => "gone", _ => () } }"#,
    ),
    (
        "switch on ints",
        "fn f(customer) { switch customer.delta ?? 0 { 0 => 1, 1 | 2 => 2, -1 => 3, _ => 4 } }",
    ),
    (
        "switch on ranges",
        "fn f(customer) { switch customer.employees ?? 0 { 0..10 => 1, 10..50 => 2, 50..=250 => 3, _ => 4 } }",
    ),
    (
        "switch on floats",
        "fn f(customer) { switch customer.score ?? 1.5 { 2.5 => 1, 0..1 => 2, 1..=500000 => 3, _ => 4 } }",
    ),
    (
        "switch on bools and nothing",
        "fn f(customer) { switch customer.vip { true => 1, false => 2, () => 3 } }",
    ),
    (
        "switch with guards",
        r#"fn f(customer) { switch customer.stage { "lead" if customer.vip ?? false => 1, "lead" => 2, "lost" | "active" if customer.risk == () => 3, _ => 4 } }"#,
    ),
    (
        "let and shadowing",
        "fn f(customer) { let x = customer.risk ?? 0.5; let x = x * 2.0; { let x = 7; x += 1; } let y; if x > 1.0 { y = x; } y }",
    ),
    (
        "const in a function",
        "fn f(customer) { const LEAST = 0.3; (customer.risk ?? 0.0) > LEAST }",
    ),
    (
        "compound assignment",
        "fn f(customer) { let n = 1; let x = 1.5; n += 2; n -= 1; n *= 3; n /= 2; n %= 5; n <<= 1; n >>= 1; n &= 7; n |= 8; n ^= 2; n **= 2; x += customer.score ?? 0.5; x -= 0.5; x *= 2.0; x /= 4; [n, x] }",
    ),
    (
        "assignment of texts",
        r#"fn f(customer) { let s = "r"; s += customer.region ?? ""; s }"#,
    ),
    (
        "blocks",
        "fn f(customer) { let x = { let y = customer.score ?? 1.5; y * 2.0 }; x }",
    ),
    (
        "if as a statement",
        "fn f(customer) { let n = 0; if customer.vip ?? false { n = 1; } else if customer.risk == () { n = 2; } n }",
    ),
    (
        "if as a value",
        r#"fn f(customer) { let s = if customer.risk == () { "none" } else if customer.risk > 0.5 { "high" } else { "low" }; s }"#,
    ),
    (
        "early return",
        "fn f(customer) { if customer.risk == () { return 0; } if customer.risk > 0.5 { return; } customer.risk }",
    ),
    (
        "functions of the script",
        "fn half(x) { x / 2.0 } fn both(x, y) { if x > y { return half(x); } half(y) } fn f(customer) { both(customer.score ?? 1.5, customer.potential ?? 0.1) }",
    ),
    (
        "functions that get the customer",
        "fn risk(customer) { customer.risk ?? 0.5 } private fn safe(c) { 1.0 - risk(c) } fn f(customer) { safe(customer) * 10.0 }",
    ),
    (
        "constants",
        r#"const KEY = ["east", "west"]; const MORE = #{ a: #{ b: 2.5 } }; const N = 3 * 4; fn f(customer) { [customer.region in KEY, MORE.a.b, MORE["a"]["b"], KEY[0], KEY[-1], N] }"#,
    ),
    (
        "params",
        r#"const PARAMS = #{ least: 0.3, keys: ["east"], more: #{ n: 3 }, on: true, who: "west" }; fn f(customer) { [(customer.risk ?? 0.0) > params.least, customer.region in params.keys, params.more.n + 1, params.on, customer.region == params.who] }"#,
    ),
    (
        "a finite set of texts",
        r#"fn f(customer) { let t = if customer.vip ?? false { "A" } else { "B" }; if customer.risk == () { t = "C"; } t }"#,
    ),
    (
        "interpolated reasons",
        r#"fn f(customer) { `${customer.region} has ${customer.delta} and ${customer.risk}: ${customer.vip}` }"#,
    ),
    (
        "texts joined",
        r#"fn f(customer) { (customer.region ?? "") + "/" + customer.stage + customer.industry }"#,
    ),
    (
        "for over literals",
        r#"fn f(customer) { let n = 0; for tag in ["east", "west", "it"] { if tag in customer.tags { n += 1; } } for (weight, at) in [0.5, 1.5] { n += at; } n }"#,
    ),
    (
        "for over ranges",
        "fn f(customer) { let n = 0; for i in 0..5 { if i == 3 { continue; } if i == 4 { break; } n += i; } for i in 1..=3 { if i == customer.delta { return i; } } n }",
    ),
    (
        "for over constants and params",
        r#"const PARAMS = #{ keys: ["east", "west"] }; const KEY = [1, 2]; fn f(customer) { let n = 0; for k in KEY { n += k; } for m in keys(#{ east: 1, it: 2 }) { if m in customer.tags { n += 10; } } n }"#,
    ),
    (
        "for over tags",
        r#"fn f(customer) { let n = 0; let s = ""; for (tag, at) in customer.tags { if tag == "it" { break; } if tag == "east" { continue; } n += at + tag.len(); s += tag; if n > 20 { return s; } } for tag in customer.tags { return [n, s, tag]; } n }"#,
    ),
    (
        "lookup",
        r#"fn f(customer) { [lookup("rates", customer.region) ?? 1.5, lookup("zips", customer.region), lookup("zips", "east")] }"#,
    ),
    (
        "tests of tags",
        r#"fn f(customer) { [customer.tags.has("east"), customer.tags.has_any(["east", "it"]), customer.tags.has_all(["east", "it"]), customer.tags.overlap(["east", "it"]), customer.tags.is_empty(), customer.tags.len(), customer.tags.count_in(["east"])] }"#,
    ),
    (
        "time",
        "fn f(customer) { let t = customer.created ?? now; [days_since(t), days_between(t, now), t < now, t == now] }",
    ),
    (
        "conversions",
        "fn f(customer) { let x = customer.risk ?? 2.7; let n = customer.delta ?? 3; [to_int(x), to_float(n), x.to_string(), n.to_string(), parse_int(`${n}`), parse_float(`${x}`)] }",
    ),
    (
        "numeric methods",
        "fn f(customer) { let x = customer.score ?? -2.7; let n = customer.employees ?? 3; [x.abs(), x.round(), x.floor(), x.ceil(), x.int, x.fraction, n.abs(), n.sign(), min(x, n), max(n, 3), clamp(x, 0.0, 1.0), clamp(n, 1, 5)] }",
    ),
    (
        "arrays read by literal places",
        "fn f(customer) { let a = [customer.risk, 2, 3]; [a[0], a[-1], a.len(), a.first(), a.last()] }",
    ),
    (
        "arrays read at places that differ",
        r#"const WORTH = [2.5, 1.0, 0.5]; fn f(customer) { let a = ["x", 2, customer.risk]; [a[(customer.delta ?? 0) % 3], a[-1 - (customer.employees ?? 0) % 3], WORTH[(customer.employees ?? 1) % 3]] }"#,
    ),
    (
        "maps read by literal keys",
        "fn f(customer) { let m = #{ a: customer.risk, b: 2 }; [m.a, m.b] }",
    ),
    (
        "a map as the answer",
        "fn f(customer) { #{ workload: customer.risk ?? 0.5, customers: 40, tiers: #{ A: customer.delta } } }",
    ),
    (
        "arrays with values of the record",
        r#"fn f(customer) { [sum([customer.score ?? 1.0, customer.risk ?? 0.5, 2]), best_of([customer.delta ?? 1, 7]), count_in([customer.region ?? "", customer.industry ?? ""], ["east", "it"]), join([customer.region ?? "", customer.stage], "-"), [customer.region ?? "", "x"].has_any(customer.tags)] }"#,
    ),
    (
        "functions that make arrays",
        r#"fn f(customer) { let parts = (customer.region ?? "a-b").split("s"); [parts.len(), parts.first(), parts.join("+"), "ea" in parts, parts, customer.tags.extract(0, 1), parts.has("ea"), parts.overlap(customer.tags)] }"#,
    ),
];

fn exact(name: &str, text: &str, book: &Book) {
    let (kernel, interpreter) = Check::new(text, book).customers();
    assert_eq!(kernel, interpreter, "{name}: rows deferred");
    assert!(interpreter > 0, "{name} fails for everybody");
}

#[test]
fn every_construct_is_lowered_and_defers_nothing() {
    let book = harness::book_of(300, 1);
    for (name, text) in CONSTRUCTS {
        exact(name, text, &book);
    }
}

/// Arguments of a type that differ between customers.
fn arguments(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Bool => &["(customer.vip ?? true)"],
        Type::Int => &["(customer.delta ?? 1) % 7"],
        Type::Float => &["(customer.score ?? 0.25)"],
        Type::Number => &["(customer.score ?? 0.25)", "(customer.delta ?? 1) % 7", "2"],
        Type::Text => &["(customer.region ?? `${customer.delta}`)", "\"a\""],
        Type::Time => &["(customer.created ?? now)", "now"],
        Type::Texts => &[
            "customer.tags",
            "[customer.region ?? \"\", \"it\"]",
            "[\"east\", \"west\"]",
        ],
        Type::Array => &[
            "[customer.delta ?? 1, 2, customer.score ?? 0.5]",
            "customer.tags",
            "[1, 2]",
        ],
        Type::Map => &["#{ east: 2.0, it: 1.5 }", "#{ east: customer.delta ?? 1 }"],
        Type::Customer | Type::Rep => &["customer"], // made in tests only
        Type::Any | Type::Same | Type::Found => &["customer.region", "customer.score", "3"],
    }
}

/// All combinations of arguments, one list each.
fn calls(parameters: &[Type]) -> Vec<Vec<&'static str>> {
    parameters.iter().fold(vec![Vec::new()], |calls, ty| {
        let more = |call: Vec<&'static str>| {
            arguments(*ty)
                .iter()
                .map(move |argument| [&call[..], &[*argument]].concat())
        };
        calls.into_iter().flat_map(more).collect()
    })
}

#[test]
fn every_host_function_is_lowered_and_defers_only_what_fails() {
    let book = harness::book_of(60, 1);
    for function in FUNCTIONS {
        exact(
            function.name,
            &format!("fn f(customer) {{ {} }}", function.example),
            &book,
        );
        for signature in function.signatures {
            for call in calls(signature.parameters) {
                let text = match (function.name, call.join(", ")) {
                    ("lookup", arguments) => {
                        arguments.replace("(customer.region ?? `${customer.delta}`)", "\"zips\"")
                    }
                    (_, arguments) => arguments,
                };
                let text = format!("fn f(customer) {{ {}({text}) }}", function.name);
                let check = Check::new(&text, &book);
                if let Err(refusal) = check.lower("f", Hook::Workload) {
                    // Only a call of constants that fails for everybody.
                    let fails = refusal.ends_with("reports the failure for each record");
                    assert!(
                        fails && !call.join("").contains("customer"),
                        "{text}: {refusal}"
                    );
                    continue;
                }
                let (kernel, interpreter) = check.customers();
                assert_eq!(kernel, interpreter, "{text}: rows deferred");
            }
        }
    }
}

/// Hooks that run in the interpreter, with what their notes say.
#[test]
fn what_is_not_lowered_says_what_to_write_instead() {
    let book = harness::book_of(1, 1);
    for (text, construct, instead) in [
        (
            r#"const PARAMS = #{ keys: ["east"] }; fn f(customer) { for tag in params.keys { } 1 }"#,
            "a loop over tags that are no field's",
            "use `has_any`, `overlap`, `best_of` or `sum_of`",
        ),
        (
            "fn f(customer) { customer.tags[customer.delta ?? 0] }",
            "an index into tags",
            "use `has`, `has_any` or `best_of`",
        ),
        (
            "fn f(customer) { customer.tags == customer.tags }",
            "a comparison of arrays",
            "use `has_all` and `len`",
        ),
    ] {
        let refusal = Check::new(text, &book)
            .lower("f", Hook::Workload)
            .err()
            .unwrap_or_default();
        assert!(
            refusal.starts_with(construct) && refusal.ends_with(instead),
            "{text}: {refusal}"
        );
    }
}

/// A name that a part of an expression assigns is seen by the parts that the interpreter looks at
/// later: arguments and indices come before what they are of, a bare name comes late.
#[test]
fn parts_of_expressions_are_looked_at_in_the_interpreters_order() {
    let book = harness::book_of(60, 1);
    for body in [
        "let x = customer.delta ?? 1; max(x, { x += 10; x })",
        "let x = customer.delta ?? 1; max({ x += 10; x }, x)",
        "let x = customer.delta ?? 1; x.max({ x += 10; x })",
        "let x = customer.delta ?? 1; ({ x += 10; x }).max({ x = 2; x })",
        "let x = customer.delta ?? 1; ({ x += 10; x }).max(x).min({ x = 20 + x; x })",
        "let x = customer.delta ?? 1; [if x > 2 { x } else { x += x; x }, 2, 3][(x ^ 3) % 4]",
        "let x = customer.delta ?? 1; x in { x = 2; [2] }",
        "let x = [2]; ({ x = [3]; customer.delta ?? 2 }) in x",
        "let x = [2]; ({ x = [3]; customer.delta ?? 2 }) !in x",
        "let x = customer.delta ?? 1; x in 1..({ x += 1; x })",
        "let x = customer.delta ?? 1; x - { x += 10; x }",
        "let x = customer.delta ?? 1; x -= { x += 10; x }; x",
        "let x = customer.delta ?? 1; x == { x += 10; x - 10 }",
        "customer.stage?.sub_string(7 / (customer.delta ?? 0)) ?? \"none\"",
        "customer.stage?.len() ?? 3",
    ] {
        let text = format!("fn f(customer) {{ {body} }}");
        let check = Check::new(&text, &book);
        // The harness compares each row that the kernel answers.
        let (kernel, _) = check.customers();
        assert!(kernel > 0, "{text}");
    }
}
