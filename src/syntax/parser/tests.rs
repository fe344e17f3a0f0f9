use super::*;
use crate::syntax::{Report, Source};

fn codes(text: &str) -> Vec<&'static str> {
    parse(text, &Limits::default())
        .diagnostics
        .iter()
        .map(|finding| finding.code)
        .collect()
}

/// Code and place of each finding of a function's body.
fn found(body: &str) -> Vec<(&'static str, String)> {
    let text = format!("fn f(a, b) {{\n  {body}\n}}");
    let source = Source::new(text.as_str());
    parse(&text, &Limits::default())
        .diagnostics
        .iter()
        .map(|finding| (finding.code, source.slice(finding.span).to_owned()))
        .collect()
}

#[track_caller]
fn fine(body: &str) {
    let text = format!("fn f(a, b) {{\n  {body}\n}}");
    let parsed = parse(&text, &Limits::default());
    let report = Report::new(Source::new(text), parsed.diagnostics);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_language_is_read() {
    fine("let x = if a { 1 } else if b { 2 } else { 3 } + 4; x");
    fine(
        "switch a { 1 | 2 => \"x\", 3..5 if b => { 1 } -7..=-5 => return 2, () => (), _ => a = 2 }",
    );
    fine("for (x, i) in [1, 2, 3,] { if x == 2 { continue } else { break; } }");
    fine("for i in 0..(a + 1) { b += i; }");
    fine("a?.b?[1].c(2)[\"x\"] ?? return 5");
    fine("`a ${b} ${ let c = 1; c }`");
    fine("#{ a: 1, \"b c\": -2.5e3, }.a ** 2 ** -a");
    fine("a in 1..=5 || a !in [1, 2] && !(b > 1) ?? true");
    fine("if a { 1 } -5; {} ; ; 5.abs()");
    fine("return");
    fine("a <<= 1; a **= 2; let y; const z = ();");
    assert_eq!(
        codes("const A = 1; ;private fn f(a,) {} fn g() {}"),
        [""; 0]
    );
}

#[test]
fn what_is_outside_the_language_has_a_code_and_a_place() {
    for (body, code, place) in [
        ("while a { b }", "no-while", "while"),
        ("loop { break; }", "no-loop", "loop"),
        ("do { b } until a;", "no-do", "do"),
        ("let c = |x| x + 1;", "no-closure", "|x|"),
        ("let c = || { 1 };", "no-closure", "||"),
        ("Fn(\"f\")", "no-function-pointer", "Fn"),
        ("a.call(1)", "no-call", "call"),
        ("a.curry(1)", "no-curry", "curry"),
        ("this.x", "no-this", "this"),
        ("import \"x\" as y;", "no-import", "import"),
        ("a::b(1)", "no-module-path", "a::b"),
        ("global::X", "no-global-path", "global::X"),
        ("eval(\"1\")", "no-eval", "eval"),
        ("try { a } catch (e) { b }", "no-try", "try"),
        ("throw \"x\";", "no-throw", "throw"),
        ("a.tier = 1;", "no-field-assignment", "a.tier"),
        ("a[0] += 1;", "no-index-assignment", "a[0]"),
        ("'A'", "no-character", "'A'"),
        ("fn g() { 1 }", "no-nested-function", "fn"),
        ("f!(1)", "no-caller-scope", "!"),
        ("print(1);", "no-output", "print"),
        ("let x = for y in a { };", "no-for-value", "for"),
        ("break;", "outside-loop", "break"),
        ("let r = 1..5;", "range-value", "1..5"),
        ("for i in 0.. { }", "open-range", ".."),
        ("if a = 1 { }", "invalid-assignment", "="),
        ("if 1 { }", "not-a-condition", "1"),
        ("5 && a", "not-a-condition", "5"),
        ("switch a { _ => 1, 2 => 3 }", "default-not-last", "2"),
        ("switch a { 1..3 => 1, 2 => 3 }", "number-after-range", "2"),
        ("switch a { X => 1 }", "pattern-not-literal", "X"),
        ("switch a { 1.0..2.0 => 1 }", "pattern-not-literal", "1.0.."),
        ("#{a: 1, a: 2}", "duplicate-key", "a"),
        ("a.default", "reserved-word", "default"),
        ("let match = 1;", "reserved-word", "match"),
        ("a ++ b", "unknown-symbol", "++"),
        ("let x = 1\nlet y = 2;", "expected-semicolon", ""),
        ("[1, 2][\"a\"]", "wrong-index", "\"a\""),
        ("f(1, 2", "expected-token", "}"),
    ] {
        assert_eq!(
            found(body).first(),
            Some(&(code, place.to_owned())),
            "{body}"
        );
    }
    assert_eq!(codes("let a = 1;"), ["no-top-level-let"]);
    assert_eq!(codes("f(1);"), ["no-top-level-statement"]);
    assert_eq!(codes("export const A = 1;"), ["no-export"]);
    assert_eq!(codes("fn int.f() {}"), ["no-typed-method"]);
    assert_eq!(codes("fn f(a, a) {}"), ["duplicate-parameter"]);
    assert_eq!(
        codes("const A = #{a: 1}\nfn f() {}"),
        ["expected-semicolon"]
    );
    assert_eq!(
        codes("fn f() { (1 }\n}"),
        ["expected-token", "unmatched-brace"]
    );
}

#[test]
fn one_error_hides_no_other_and_makes_no_other() {
    for (text, wanted) in [
        (
            "fn f() { let x = ; let y = 'A'; }\nfn g() { while true {} }",
            3,
        ),
        ("fn f() { if { 1 } else { 'A' } }\nfn g() { 'B' }", 3),
        ("fn f( { 1 }\nfn g() { 'B' }", 2),
        ("fn f() { g(1, , 2); 'A' }", 2),
        ("fn f() { let m = #{ a: 1 b: 2 }; 'A' }", 2),
        ("fn f() { switch x { 1 => , 2 => 'A', _ => 3 } }", 2),
        ("fn f() {\n if a {\n 1\n}\nfn g() { 'B' }", 2),
        ("const A = ;\nfn f() { 'A' }", 2),
        ("fn f() { a b c\n 'A' }", 1),
        ("fn f() { x = [1, 2; 'A' }", 2),
        ("fn f() { let x = (1 + 2; 'A' }", 2),
        ("fn f() { a.tier === \"A\" + 'B' }", 2),
        ("@@@ fn f() { 'A' }", 2),
        ("fn f(客户) { 'A' }", 2),
        ("fn f（a） { a ？ 1 }", 3),
    ] {
        assert_eq!(codes(text).len(), wanted, "{text}: {:?}", codes(text));
    }
}

#[test]
fn limits_hold() {
    let many = |n: usize, part: fn(usize) -> String| (0..n).map(part).collect::<String>();
    let function = |body: String| format!("fn f(a) {{ {body} }}");
    assert_eq!(codes(&" ".repeat(32 * 1024 + 1)), ["source-too-long"]);
    assert_eq!(
        codes(&many(65, |n| format!("fn f{n}() {{}}"))),
        ["too-many-functions"]
    );
    assert_eq!(codes(&many(64, |n| format!("fn f{n}() {{}}"))), [""; 0]);
    assert_eq!(
        codes(&function(many(65, |n| format!("let x{n} = 1;")))),
        ["too-many-locals"]
    );
    assert_eq!(
        codes("fn f(a, b, c, d, e, f, g, h, i) {}"),
        ["too-many-parameters"]
    );
    let arms = function(format!(
        "switch a {{ {} }}",
        many(257, |n| format!("{n} => 1,"))
    ));
    assert_eq!(codes(&arms), ["too-many-arms"]);
    let array = function(format!("[{}]", many(256, |n| format!("{n},"))));
    assert_eq!(codes(&array), ["too-many-elements"]);
    let sum = |n: usize| function(format!("a{}", " + a".repeat(n)));
    assert_eq!(codes(&sum(25)), [""; 0]);
    assert_eq!(codes(&sum(1000)), ["too-deep"]);
    let nested = |n: usize| function(format!("{}a{}", "(".repeat(n), ")".repeat(n)));
    assert_eq!(codes(&nested(12)), [""; 0]);
    assert_eq!(codes(&nested(40)), ["too-deep"]);
}

#[test]
fn nothing_overflows_a_small_stack() {
    let texts: Vec<String> = [
        "(",
        "!",
        "-",
        "[",
        "{",
        "#{a:",
        "a+",
        "a.b",
        "a[",
        "a(",
        "if a {",
        "a**",
        "a?.",
        "a??",
        "`${",
        "switch a {1=>",
        "else if a {} ",
        "for x in [1] {",
        "|x|",
        "a=>",
        "fn f() {",
        "}",
        ")",
        "return ",
        "let x =",
        "a::b",
        "/*",
        "\"",
        "''",
        "..",
        "a,",
    ]
    .iter()
    .flat_map(|part| {
        let long = part.repeat(32_000 / part.len());
        [
            long.clone(),
            format!("fn f(a) {{ {}", &long[..long.len() - 20]),
            format!("fn f(a) {{ if a {{}} {}", &long[..long.len() - 30]),
        ]
    })
    .collect();
    std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            for text in texts {
                let parsed = parse(&text, &Limits::default());
                assert!(!parsed.diagnostics.is_empty(), "{}", &text[..30]);
                assert!(parsed.diagnostics.len() <= 101);
            }
        })
        .unwrap()
        .join()
        .unwrap();
}
