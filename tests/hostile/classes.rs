//! More hostile classes, as statements: each is tried as it is, as the body of a hook, and through
//! the front door, where the language's own checks stand before the sandbox.

fn nest(open: &str, count: usize, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(count), close.repeat(count))
}

fn list(count: usize, item: impl Fn(usize) -> String, separator: &str) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

/// By name, the statements.
pub(crate) fn classes() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let groups: [(&str, Vec<(&str, String)>); 6] = [
        ("thrown", thrown()),
        ("surface", surface()),
        ("parse", parse()),
        ("nesting", nesting()),
        ("memory", memory()),
        ("characters", characters()),
    ];
    for (group, cases) in groups {
        all.extend(
            cases
                .into_iter()
                .map(|(name, text)| (format!("{group}: {name}"), text)),
        );
    }
    all
}

/// What is thrown is shown: long, with escape codes, of every kind.
fn thrown() -> Vec<(&'static str, String)> {
    let long = "\\x1b[31m\\u202e\\r\\n\\0".repeat(400);
    vec![
        ("ten kilobytes of escape codes", format!("throw \"{long}\"")),
        (
            "an array of them",
            format!("throw [\"{long}\", \"{long}\"]"),
        ),
        ("as keys", format!("throw #{{ \"{long}\": 1 }}")),
        ("as an argument", format!("parse_int(\"{long}\")")),
        ("as a field", format!("c[\"{long}\"]")),
        ("as a table", format!("lookup(\"{long}\", \"{long}\")")),
        ("as a moment", format!("days_since(\"{long}\")")),
        (
            "doubled first",
            "let s = \"\\x1b]0;\\x07\"; for i in 0..20 { s += s; } throw s".into(),
        ),
        ("a moment", "throw now".into()),
        ("nothing", "throw".into()),
        ("both records", "throw [c, r, c, r]".into()),
        ("a function", "throw score".into()),
        ("not a number", "throw 0.0 / 0.0".into()),
        (
            "again and again",
            "for i in 0..99 { try { throw i; } catch (e) { throw [e, e]; } }".into(),
        ),
    ]
}

/// The host's names, as values, targets and definitions.
fn surface() -> Vec<(&'static str, String)> {
    let text = |text: &str| text.to_owned();
    vec![
        (
            "a hook again",
            text("fn score(a, b) { 1 } fn score(c, d) { 2 }"),
        ),
        (
            "a hook of another arity",
            text("fn score() { score() } fn score(a) { score() }"),
        ),
        (
            "operators",
            text("fn `+`(a, b) { 1 } fn ==(a, b) { true } 1 + 1"),
        ),
        ("index setter", text("c[\"id\"] = \"x\"; c.id")),
        (
            "of the record's tags",
            text("c.tags.push(\"x\"); c.tags.clear(); c.tags.truncate(0)"),
        ),
        (
            "params as a whole",
            text("params = #{}; now = 0; let params = 1; params"),
        ),
        (
            "const over const",
            text("const now = 1; const params = 2; now + params"),
        ),
        ("global", text("global::params + global::now")),
        ("import", text("import \"/etc/passwd\" as p; p::x")),
        ("export", text("export now as later; export c")),
        (
            "kind of things",
            text("type_of(c) + type_of(r) + type_of(now) + type_of(c.tags)"),
        ),
        (
            "printed",
            text("print(c); debug(r); `${c} ${r} ${[c]} ${#{ a: r }}`"),
        ),
        ("added", text("c + r")),
        (
            "compared",
            text("[c == r, c < r, c != now, r in [c], c in r]"),
        ),
        (
            "called",
            text("c(); r.score(c); now.score(); \"score\".call(c, r)"),
        ),
        ("curried", text("Fn(\"score\").curry(c).curry(r).call()")),
        (
            "closure of itself",
            text("let f = || 1; f = |x| f.call(x); f.call(1)"),
        ),
        ("this", text("this; this.id = 1")),
        ("evaluated", text("eval(\"loop { }\")")),
        (
            "slept and left",
            text("sleep(1000); exit(0); take(c); rand(); timestamp()"),
        ),
        (
            "cast to its kind",
            text("c.to_string() + c.to_debug() + c.type_of()"),
        ),
        (
            "a switch over it",
            text("switch c { r => 1, c => 2, _ => 3 }"),
        ),
        (
            "iterated",
            text("for x in c { } for x in now { } for (k, v) in params { }"),
        ),
        ("a label", text("'out: loop { break 'out; }")),
        ("custom syntax", text("with c do { id = 1 } end")),
    ]
}

/// Text that takes long to read, or long to tell what is wrong with it.
fn parse() -> Vec<(&'static str, String)> {
    vec![
        ("unclosed text", format!("\"{}", "a".repeat(32_000))),
        ("unclosed interpolations", "`${`${".repeat(5_000)),
        ("texts in texts", nest("`${", 4_000, "1", "}`")),
        (
            "empty interpolations",
            format!("`{}`", "${}".repeat(10_000)),
        ),
        (
            "nested comments",
            format!("{}{}1", "/*".repeat(8_000), "*/".repeat(8_000)),
        ),
        ("lines of comments", "//\n".repeat(10_000)),
        ("comment at the end", format!("1 //{}", "x".repeat(32_000))),
        (
            "else ifs that err",
            format!("if 1 {{}} {}", "else if [ { } ".repeat(2_200)),
        ),
        ("sums that err", list(7_000, |_| "\"a\" - 1".into(), "+")),
        ("mixed operators", "1 + 2 * 3 ** 4 ?? 5 || ! ".repeat(1_200)),
        ("commas", ",".repeat(32_000)),
        ("dots and questions", format!("c{}", "?.a".repeat(10_000))),
        ("ranges", "1..".repeat(10_000)),
        ("arrows", "switch 1 { 1 => ".repeat(2_000)),
        (
            "guards",
            format!(
                "switch 1 {{ {} }}",
                list(1_800, |i| format!("{i} if {i}>1=>1"), ",")
            ),
        ),
        (
            "alternatives",
            format!(
                "switch 1 {{ {} => 1 }}",
                list(8_000, |i| i.to_string(), "|")
            ),
        ),
        (
            "misspelt names",
            list(1_700, |i| format!("scor{i}(c); tire{i}"), ";"),
        ),
        (
            "misspelt fields",
            list(2_500, |i| format!("c.regio{i}"), ";"),
        ),
        ("the same misspelt", "c.regoin;".repeat(3_500)),
        (
            "names alike",
            list(2_000, |i| format!("let aaaaaaaa{i} = 1"), ";"),
        ),
        ("calls of calls", nest("f(", 15_000, "", ")")),
        (
            "functions that call all",
            list(
                64,
                |i| format!("fn f{i}() {{ {} }}", list(64, |j| format!("f{j}();"), "")),
                "\n",
            ),
        ),
        ("numbers with lines", format!("1{}", "_".repeat(32_000))),
        ("big exponents", list(3_000, |_| "1e999999".into(), "+")),
    ]
}

/// As deep as text allows, of everything that nests, alone and in turns.
fn nesting() -> Vec<(&'static str, String)> {
    vec![
        ("blocks", nest("{", 16_000, "", "}")),
        ("arrays of maps", nest("[#{a:", 6_000, "1", "}]")),
        ("indices", nest("a[", 16_000, "0", "]")),
        ("unary", format!("{}1", "-!".repeat(16_000))),
        ("ifs in conditions", nest("if if ", 2_000, "true", "{} {}")),
        (
            "switch in switch",
            nest("switch (", 3_000, "1", ") { _ => 1 }"),
        ),
        ("for in for", nest("for i in [", 3_000, "1", "] {}")),
        ("tries", nest("try {", 4_000, "", "} catch {}")),
        ("closures", nest("|x| ", 8_000, "x", "")),
        ("functions", nest("fn f() {", 3_000, "", "}")),
        ("in turns", nest("[(#{a: -(", 3_000, "1", ")})]")),
        (
            "in data",
            "let a = []; for i in 0..255 { a = [a, [a]]; } `${a}`".into(),
        ),
        (
            "in maps",
            "let m = #{}; for i in 0..255 { m = #{ m: [m], n: m }; } m == m".into(),
        ),
        (
            "in drop",
            "for j in 0..9 { let a = []; for i in 0..255 { a = [a]; } } 1".into(),
        ),
    ]
}

/// As much as fits, in as many places as there are.
fn memory() -> Vec<(&'static str, String)> {
    let fill = "let a = []; for i in 0..256 { a += [`${i}${i}${i}${i}${i}${i}${i}${i}`]; }";
    vec![
        (
            "copies in an array",
            format!("{fill} let b = []; for i in 0..256 {{ b += [a]; }} b"),
        ),
        (
            "copies in a map",
            format!("{fill} let m = #{{}}; for i in 0..64 {{ m[`k${{i}}`] = a; }} m"),
        ),
        (
            "copies in locals",
            format!(
                "{fill} {} 1",
                list(60, |i| format!("let v{i} = a + [];"), " ")
            ),
        ),
        (
            "text of copies",
            format!("{fill} let s = `${{a}}${{a}}${{a}}`; s + s"),
        ),
        (
            "joined",
            format!("{fill} let s = join(a, join(a, \"\")); s"),
        ),
        (
            "doubling",
            "let s = \"ab\"; for i in 0..64 { s = `${s}${s}`; } s".into(),
        ),
        (
            "doubling keys",
            "let m = #{}; let s = \"a\"; for i in 0..64 { s += s; m[s] = s; } m".into(),
        ),
        (
            "doubling arrays of texts",
            "let a = [\"aaaaaaaaaaaaaaaa\"]; for i in 0..64 { a += a; } a".into(),
        ),
        (
            "split again",
            "let s = \"a,a,a,a,a,a,a,a\"; for i in 0..9999 { s = join(split(s, \"\"), \",,\"); } s"
                .into(),
        ),
        (
            "padded",
            "let s = \"\"; s.pad(9223372036854775807, \"\"); s.pad(99999999, \"x\")".into(),
        ),
        (
            "an array of nothing",
            "let a = []; a.pad(9223372036854775800, ()); a.chop(-1); a".into(),
        ),
    ]
}

/// Characters that are not what they look like, at every place where text may stand.
fn characters() -> Vec<(&'static str, String)> {
    let odd = "\u{202e}\u{2066}\u{200b}\u{feff}\u{0}\u{1b}[2J\u{85}\u{2028}";
    vec![
        ("in a text", format!("\"{odd}\" - 1")),
        ("in a name", format!("let a{odd}b = 1; a{odd}b")),
        ("in a field", format!("c.{odd}; c[\"{odd}\"]")),
        ("in a comment", format!("/* {odd} */ c.nothing // {odd}")),
        ("by themselves", odd.repeat(800)),
        ("between words", format!("let{odd}a{odd}={odd}1")),
        (
            "lone returns",
            "let a = 1;\rlet b = 2;\r\r\n\rthrow a - \"x\"\r".into(),
        ),
        ("mark at the beginning", "\u{feff}let a = 1; a".into()),
        ("half a pair", "\"\\ud800\" + \"\\udfff\"".into()),
        (
            "beyond the last",
            "\"\\U00110000\" + \"\\xff\" + \"\\u12\"".into(),
        ),
        ("look alike", "let \u{430} = 1; sc\u{43e}re(c, r)".into()),
        ("full width", "\u{ff11} \u{ff0b} \u{ff11}".into()),
        (
            "combining",
            format!("\"a{}\".len", "\u{301}".repeat(10_000)),
        ),
        (
            "four bytes each",
            format!("\"{}\" - 1", "\u{1f4a3}".repeat(250)),
        ),
        (
            "the longest upper case",
            "let s = \"\u{390}\"; for i in 0..999 { s += s.to_upper(); } s".into(),
        ),
        (
            "cut inside",
            "\"\u{1f4a3}\u{1f4a3}\".sub_string(1, 1)[0] - \"\u{1f4a3}\".sub_string(-9)".into(),
        ),
    ]
}
