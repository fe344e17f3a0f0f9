//! Hostile scripts of every class, as texts.

fn nest(open: &str, count: usize, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(count), close.repeat(count))
}

/// What one script holds against a class of attacks; all parse, so that evaluation must hold.
pub(crate) fn inline() -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, text: String| cases.push((name.into(), text));
    let body = |text: &str| format!("fn score(c, r) {{ {text} }}");
    // Loops and recursion.
    add(
        "nested ranges",
        body("let n = 0; for i in 0..99999999 { for j in 0..99999999 { n += 1; } } n"),
    );
    add("empty body", body("for i in 0..9223372036854775807 { }"));
    add(
        "range to the end",
        body("for i in 9223372036854775800..=9223372036854775807 { } 1"),
    );
    add("open range", body("for i in 0.. { }"));
    add("self", "fn score(c, r) { score(c, r) }".into());
    add(
        "mutual",
        "fn score(c, r) { a(1) } fn a(n) { b(n) } fn b(n) { a(n) }".into(),
    );
    add(
        "in a text",
        "fn score(c, r) { f(1) } fn f(n) { `${f(n + 1)}` }".into(),
    );
    add(
        "in a switch",
        "fn score(c, r) { f(1) } fn f(n) { switch n { 0..9999 if f(n + 1) => 1, _ => 2 } }".into(),
    );
    add("tree", "fn score(c, r) { f(7) } fn f(n) { if n == 0 { 1 } else { f(n-1)+f(n-1)+f(n-1)+f(n-1)+f(n-1)+f(n-1)+f(n-1) } }".into());
    let deep = nest("[1,", 24, "f(n + 1)", "]");
    add(
        "deep recursion",
        format!("fn score(c, r) {{ f(1) }} fn f(n) {{ {deep} }}"),
    );
    let deep = nest("(", 28, "f(n + 1)", ")");
    add(
        "deep parentheses",
        format!("fn score(c, r) {{ f(1) }} fn f(n) {{ 1 + {deep} }}"),
    );
    let deep = nest("if n > 0 { ", 12, "f(n + 1)", " }");
    add(
        "deep ifs",
        format!("fn score(c, r) {{ f(1) }} fn f(n) {{ {deep} }}"),
    );
    let deep = nest("{ let x = ", 14, "f(n + 1)", "; x }");
    add(
        "deep blocks",
        format!("fn score(c, r) {{ f(1) }} fn f(n) {{ {deep} }}"),
    );
    // As deep as parses, in every frame: debug builds need the most stack.
    for (open, close, counts) in [
        ("if n > 0 { ", " }", [20, 29]),
        ("{ let x = ", "; x }", [12, 18]),
        ("`${", "}`", [15, 22]),
        ("switch n { _ => ", " }", [30, 44]),
        ("for i in [1] { return ", "; }", [12, 18]),
        ("if true { 1 + ", " } else { 0 }", [12, 18]),
        ("if n < 0 { 1 } else ", "", [25, 80]),
        ("abs(", ")", [30, 44]),
        ("1 + (", ")", [30, 44]),
        ("[", "].len", [20, 29]),
        ("() ?? (", ")", [30, 44]),
        ("#{ a: ", " }", [20, 29]),
    ] {
        for count in counts {
            let inner = if close.is_empty() {
                "{ f(n + 1) }"
            } else {
                "f(n + 1)"
            };
            let deep = nest(open, count, inner, close);
            let text = format!("fn score(c, r) {{ f(1) }} fn f(n) {{ {deep} }}");
            add(&format!("{count} deep: {open}{close}"), text);
        }
    }
    for (open, close) in [
        ("if n > 0 { ", " }"),
        ("switch n { _ => ", " }"),
        ("abs(", ")"),
    ] {
        let deep = nest(open, 28, "f(n + 1, [a] == a, a)", close);
        let text = format!(
            "fn score(c, r) {{ let a = []; for i in 0..250 {{ a = [a]; }} f(1, 2, a) }}
             fn f(n, m, a) {{ let b = a; {deep} }}"
        );
        add(&format!("deep values: {open}"), text);
        let deep = nest(open, 28, "f(n + 1, a)", close);
        let text = format!(
            "fn score(c, r) {{ let a = []; for i in 0..250 {{ a = [a]; }} f(1, a) }}
             fn f(n, a) {{ let b = a; let t = `${{a}}`; {deep} }}"
        );
        add(&format!("deep texts: {open}"), text);
    }
    // Values that grow.
    for (name, text) in [
        (
            "text doubles",
            "let s = \"abcdefgh\"; for i in 0..99999 { s += s; } s",
        ),
        (
            "text adds",
            "let s = \"abcdefgh\"; for i in 0..99999 { s = s + s; } s",
        ),
        (
            "text written",
            "let s = \"abcdefgh\"; for i in 0..99999 { s = `${s}${s}`; } s",
        ),
        (
            "text replaced",
            "let s = \"aaaaaaaaaaaaaaaa\"; for i in 0..99999 { s = s.replace(\"a\", \"aaaaaaaaaa\"); } s",
        ),
        (
            "text upper",
            "let s = \"ßßßßßßßßﬃ\"; for i in 0..99999 { s = s + s.to_upper(); } s",
        ),
        (
            "array doubles",
            "let a = [1]; for i in 0..99999 { a += a; } a",
        ),
        (
            "array adds",
            "let a = [1]; for i in 0..99999 { a = a + a; } a",
        ),
        (
            "array nests",
            "let a = []; for i in 0..99999 { a = [a]; } 1",
        ),
        (
            "array nests in place",
            "let a = [0, 0]; for i in 0..99999 { a[0] = a; } 1",
        ),
        (
            "array doubles in place",
            "let a = [0, 0]; for i in 0..99999 { a[0] = a; a[1] = a; } 1",
        ),
        (
            "array fans",
            "let b = [0]; for i in 0..99999 { if b.len() < 256 { b += [0]; } } let a = b; for i in 0..256 { a[i] = b; } 1",
        ),
        (
            "nests two deep",
            "let a = [[0]]; for i in 0..99999 { a[0][0] = a; } 1",
        ),
        (
            "map nests",
            "let m = #{}; for i in 0..99999 { m = #{ a: m, b: m }; } 1",
        ),
        (
            "map nests in place",
            "let m = #{}; for i in 0..99999 { m.a = m; m.b = m; } 1",
        ),
        (
            "map nests by key",
            "let m = #{}; for i in 0..99999 { m[\"a\"] = m; m[`k${i}`] = m; } 1",
        ),
        (
            "map in array",
            "let a = [#{}]; for i in 0..99999 { a[0].x = a; } 1",
        ),
        (
            "many keys",
            "let m = #{}; for i in 0..99999 { m[`k${i}`] = i; } m",
        ),
        (
            "big answer",
            "let a = []; for i in 0..250 { a += [`${i}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`]; } a",
        ),
        ("deep answer", "let a = []; for i in 0..200 { a = [a]; } a"),
        (
            "deep text",
            "let a = []; for i in 0..200 { a = [a]; } `${a}`",
        ),
        (
            "deep equality",
            "let a = []; for i in 0..200 { a = [a]; } a == a",
        ),
        (
            "deep search",
            "let a = []; for i in 0..200 { a = [a]; } a in [a]",
        ),
        (
            "deep switch",
            "let a = []; for i in 0..200 { a = [a]; } switch a { 1 => 2, _ => 3 }",
        ),
        ("range answer", "0..5"),
        ("char answer", "\"ab\"[0]"),
        ("function as value", "let f = score; f"),
        ("function called", "let f = score; f.call(c, r)"),
        ("record answer", "c"),
        ("bits", "let x = 5; x[70]"),
        ("set bits", "let x = 5; x[3] = true; x[0..3] = 7; x"),
        ("set character", "let s = \"abc\"; s[1] = \"é\"[0]; s"),
        (
            "write to record",
            "c.tags[0] = 1; c.tags += [1]; c.id = \"x\"",
        ),
        (
            "write to constant",
            "params.x = 1; params[\"y\"] = 2; now = 3;",
        ),
        ("arithmetic", "let m = -9223372036854775807 - 1; -m"),
        ("modulo", "(-9223372036854775807 - 1) % -1"),
        ("divide", "(-9223372036854775807 - 1) / -1"),
        (
            "shifts",
            "let m = -9223372036854775807 - 1; [1 << 64, 1 << -1, 1 << m, -1 >> m, 1 << 1000000000, m << m]",
        ),
        (
            "powers",
            "[2.0 ** 99999, 0 ** 0, 2 ** 62, 1 ** 9223372036854775807]",
        ),
        ("power too large", "10 ** 1000000"),
        ("negative power", "2 ** -1"),
        ("casts", "(0.0/0.0).to_int() + 1e300.to_int()"),
        (
            "bad numbers",
            "[parse_float(\"1e400\"), parse_int(\"99999999999999999999\")]",
        ),
        ("odd floats", "[0.0/0.0, 1.0/0.0, -0.0, 5e-324]"),
    ] {
        add(name, body(text));
    }
    // Long work in one operation, again and again.
    let list: Vec<String> = (0..250)
        .map(|i| format!("\"{i}aaaaaaaaaaaaaaaaaaaa\""))
        .collect();
    let list = list.join(",");
    for call in [
        "a == b",
        "a in [a]",
        "count_in(a, b)",
        "overlap(a, b)",
        "has_all(a, b)",
        "join(a, \"\")",
        "index_of(a, b)",
        "`${a}`.len",
        "a + []",
        "switch a { 1 => 1, _ => 2 }",
        "extract(a, 0)",
        "sum_of(a, #{})",
        "f(a)",
        "contains(a, b)",
    ] {
        let text = format!(
            "fn f(a) {{ a }} fn score(c, r) {{ let a = [{list}]; let b = a; for i in 0..999999 {{ {call}; }} }}"
        );
        add(&format!("again: {call}"), text);
    }
    let numbers: Vec<String> = (0..250).map(|i| i.to_string()).collect();
    let text = format!(
        "let a = [{}]; for i in 0..999999 {{ count_in(a, a); }}",
        numbers.join(",")
    );
    add("again: count numbers", body(&text));
    let text = "a".repeat(1000);
    for call in [
        "s.split(\"\")",
        "s.replace(\"a\", \"b\")",
        "s.to_upper()",
        "s.index_of(\"b\")",
        "s.sub_string(-999)",
        "s == t",
        "s + \"\"",
    ] {
        add(
            &format!("again: {call}"),
            body(&format!(
                "let s = \"{text}\"; let t = \"{text}\"; for i in 0..999999 {{ {call}; }}"
            )),
        );
    }
    // Memory: the most locals, each as large as can be, in every frame.
    let locals = |value: &str| {
        let lets: Vec<String> = (0..63).map(|i| format!("let v{i} = {value};")).collect();
        let lets = lets.join(" ");
        format!(
            "fn score(c, r) {{ f([], 0) }} fn f(a, n) {{ if a.len() < 250 {{ for i in 0..250 {{ a += [FILL]; }} }} {lets} f(v1, n + 1) }}"
        )
    };
    for fill in ["0", "[]", "#{}", "`${i}aaaaaaaaaaaaaaaaaaaaaaaaa`", "1.5"] {
        add(
            &format!("full frames of {fill}"),
            locals("a").replace("FILL", fill),
        );
    }
    add(
        "full frames of texts",
        locals("`${a[0]}${a[1]}${a[2]}${a[3]}`")
            .replace("FILL", &format!("\"{}\"", "x".repeat(30))),
    );
    // Text to compile.
    let n = |count: usize, item: &dyn Fn(usize) -> String, separator: &str| {
        (0..count).map(item).collect::<Vec<_>>().join(separator)
    };
    add(
        "array literal",
        body(&format!("[{}]", n(10_000, &|_| "1".into(), ","))),
    );
    add(
        "map literal",
        body(&format!("#{{{}}}", n(3_000, &|i| format!("a{i}:1"), ","))),
    );
    add(
        "parameters",
        format!("fn score({}) {{ 1 }}", n(5_000, &|i| format!("p{i}"), ",")),
    );
    add(
        "arguments",
        body(&format!("f({})", n(10_000, &|_| "1".into(), ","))),
    );
    add(
        "arms",
        body(&format!(
            "switch 1 {{ {} }}",
            n(3_000, &|i| format!("{i}=>1"), ",")
        )),
    );
    add(
        "range arms",
        body(&format!(
            "switch 1 {{ {} }}",
            n(2_000, &|i| format!("{i}..{}=>1", i + 1), ",")
        )),
    );
    add("lets", body(&n(3_500, &|i| format!("let v{i};"), "")));
    add("same lets", body(&n(5_000, &|_| "let a;".into(), "")));
    add("functions", n(2_000, &|i| format!("fn f{i}() {{}}"), ""));
    add("constants", n(2_000, &|i| format!("const C{i}=1;"), ""));
    add("texts", body(&n(5_000, &|i| format!("\"{i}\";"), "")));
    add("additions", body(&n(15_000, &|_| "1".into(), "+")));
    add("ands", body(&n(6_000, &|_| "true".into(), "&&")));
    add("powers chain", body(&n(10_000, &|_| "1".into(), "**")));
    add("coalesces", body(&n(10_000, &|_| "()".into(), "??")));
    add("nots", body(&"!".repeat(30_000)));
    add("minuses", body(&("-".repeat(30_000) + "1")));
    add("parentheses", body(&"(".repeat(30_000)));
    add("brackets", body(&"[".repeat(30_000)));
    add("braces", body(&"{".repeat(30_000)));
    add("maps", body(&"#{a:".repeat(7_000)));
    add("ifs", body(&"if true{".repeat(3_500)));
    add(
        "else ifs",
        body(&format!("if true{{}} {}", "else if true{} ".repeat(2_000))),
    );
    add("interpolations", body(&"`${".repeat(10_000)));
    add("comments", "/*".repeat(16_000));
    add("dots", body(&format!("c{}", ".a".repeat(15_000))));
    add("indices", body(&format!("c{}", "[0]".repeat(10_000))));
    add("calls", body(&format!("c{}", ".a()".repeat(7_000))));
    add("name", body(&"a".repeat(30_000)));
    add("text", body(&format!("\"{}\"", "a".repeat(30_000))));
    add("statements", body(&";".repeat(30_000)));
    add("returns", body(&"return ".repeat(4_000)));
    add("fors", body(&"for i in [1]{".repeat(2_000)));
    add("big number", body(&"9".repeat(30_000)));
    add(
        "big float",
        body(&format!("0.{}e-99999999", "9".repeat(30_000))),
    );
    // The host's surface.
    for (name, text) in [
        (
            "shadows a function",
            "fn has(a, b) { true } fn score(c, r) { has(c.tags, \"x\") }",
        ),
        (
            "shadows in",
            "fn contains(a, b) { true } fn score(c, r) { 1 in [2] }",
        ),
        (
            "shadows to_string",
            "fn to_string(a) { to_string(a) } fn score(c, r) { `${1}` }",
        ),
        (
            "shadows a constant",
            "const A = 1; fn score(c, r) { let A = 2; let params = 3; let now = 4; A }",
        ),
        (
            "typed method",
            "fn int.twice() { 2 } fn score(c, r) { 1.twice() }",
        ),
        (
            "method with this",
            "fn get_it() { 1 } fn score(c, r) { c.get_it() }",
        ),
        (
            "constants loop",
            "const A = f(1); fn f(n) { for i in 0..999999999 { } } fn score(c, r) { A }",
        ),
        (
            "constants grow",
            "const A = [1]; const B = f(); fn f() { let a = [1]; for i in 0..99999 { a = [a]; } a } fn score(c, r) { A }",
        ),
        ("constants see now", "const A = now; fn score(c, r) { A }"),
        (
            "constants see records",
            "const A = lookup(\"zips\", \"10115\"); fn score(c, r) { A }",
        ),
        (
            "top level runs",
            "for i in 0..999999999 { } fn score(c, r) { 1 }",
        ),
        (
            "no such function",
            "fn score(c, r) { print(1); debug(2); eval(\"1\"); type_of(c) }",
        ),
        (
            "escape codes",
            "fn score(c, r) { \"\\x1b[31m\\u202e\" - 1 + c[\"\\x1b[31m\\u202e\"] }",
        ),
        (
            "escaped field",
            "fn score(c, r) { c[\"\\x1b[31m\\u202e\\0\\r\\n\"] }",
        ),
        (
            "long field",
            &format!("fn score(c, r) {{ c[\"{}\"] }}", "é".repeat(500)),
        ),
        (
            "parse failures",
            "fn score(c, r) { parse_int(\"\\x1b[31m\") }",
        ),
    ] {
        add(name, text.into());
    }
    cases
}

/// Attacks that need what is refused on sight: loops without end, errors that are swallowed.
pub(crate) const OPEN: &[(&str, &str)] = &[
    ("loop", "loop { }"),
    ("while", "while true { let x = 1; }"),
    ("do", "let x = 0; do { x ^= 1; } while true"),
    ("swallow", "loop { try { throw 1; } catch { } }"),
    (
        "swallow the end",
        "for i in 0..99 { try { loop { } } catch { } }",
    ),
    (
        "swallow depth",
        "for i in 0..999999 { try { score(c, r) } catch { } }",
    ),
    ("swallow in text", "let s = \"\"; loop { s = `${[1, 2]}`; }"),
    (
        "throw text",
        "let s = \"\"; for i in 0..99 { s = s + \"\\x1b[31m\"; } throw s",
    ),
    (
        "throw deep",
        "let a = []; for i in 0..200 { a = [a]; } throw a",
    ),
    ("throw record", "throw c"),
    ("throw map", "throw #{ a: [1, 2] }"),
    (
        "keep thrown",
        "let k = []; loop { try { throw [k, k]; } catch (e) { k = e; } }",
    ),
    ("print", "loop { print(\"x\"); debug(\"y\"); }"),
    ("kinds", "type_of(c) + type_of(now)"),
    ("shared", "is_shared(c)"),
];
