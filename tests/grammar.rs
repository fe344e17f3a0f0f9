//! Our parser and Rhai's: what we accept, Rhai accepts, with the same structure.

use bookwright::Limits;
use bookwright::syntax::ast::{
    Block, Expr, ExprKind, PatternKind, Piece, Statement, StatementKind,
};
use bookwright::syntax::{Report, interpreter_levels, parse};
use proptest::prelude::*;

fn engine() -> rhai::Engine {
    let limits = Limits::default();
    let mut engine = rhai::Engine::new_raw();
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    let levels = interpreter_levels(&limits);
    engine.set_max_expr_depths(levels, levels);
    engine.set_max_functions(limits.functions);
    engine.set_max_array_size(limits.array_length);
    engine.set_max_map_size(limits.map_entries);
    engine.set_max_string_size(limits.text_bytes);
    engine
}

/// Rhai's tree of a text, without places.
fn tree(engine: &rhai::Engine, text: &str) -> Result<String, String> {
    let ast = engine.compile(text).map_err(|error| error.to_string())?;
    let shown = format!("{ast:?}");
    let mut out = String::new();
    let mut rest = shown.as_str();
    // Places look like ` @ 1:20` or `(1:20)` or `none`.
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        let number = rest[at..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len() - at);
        let after = &rest[at + number..];
        if let Some(column) = after
            .strip_prefix(':')
            .filter(|c| c.starts_with(|c: char| c.is_ascii_digit()))
        {
            rest = column.trim_start_matches(|c: char| c.is_ascii_digit());
            // `1:20-26`, `1:20-3:4`
            if let Some(end) = rest.strip_prefix('-') {
                rest = end.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
            }
        } else {
            out.push_str(&rest[at..at + number]);
            rest = after;
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Our tree as text with every operator in brackets.
fn block(out: &mut String, block: &Block) {
    out.push_str("{ ");
    for one in &block.statements {
        statement(out, one);
        out.push_str("; ");
    }
    out.push('}');
}

fn statement(out: &mut String, statement: &Statement) {
    match &statement.kind {
        StatementKind::Let {
            name,
            value,
            constant,
        } => {
            out.push_str(if *constant { "const " } else { "let " });
            out.push_str(&name.text);
            if let Some(value) = value {
                out.push_str(" = ");
                expr(out, value);
            }
        }
        StatementKind::Assign {
            name,
            operator,
            value,
        } => {
            out.push_str(&name.text);
            out.push(' ');
            out.push_str(operator.map_or("", |operator| operator.text()));
            out.push_str("= ");
            expr(out, value);
        }
        StatementKind::For {
            variable,
            counter,
            over,
            body,
        } => {
            match counter {
                Some(counter) => {
                    out.push_str(&format!("for ({}, {}) in ", variable.text, counter.text))
                }
                None => out.push_str(&format!("for {} in ", variable.text)),
            }
            expr(out, over);
            block(out, body);
        }
        StatementKind::Return(value) => {
            out.push_str("return");
            if let Some(value) = value {
                out.push(' ');
                expr(out, value);
            }
        }
        StatementKind::Break => out.push_str("break"),
        StatementKind::Continue => out.push_str("continue"),
        // At the begin of a statement these are statements, not in brackets.
        StatementKind::Expr { expr: inner, .. } => match &inner.kind {
            ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => bare(out, inner),
            _ => expr(out, inner),
        },
        StatementKind::Broken => unreachable!("only what was accepted is written"),
    }
}

fn expr(out: &mut String, expr: &Expr) {
    out.push('(');
    bare(out, expr);
    out.push(')');
}

fn list(out: &mut String, items: &[Expr]) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        expr(out, item);
    }
}

fn bare(out: &mut String, this: &Expr) {
    match &this.kind {
        ExprKind::Unit => out.push_str("()"),
        ExprKind::Bool(bool) => out.push_str(&bool.to_string()),
        ExprKind::Int(int) => out.push_str(&format!(" {int}")),
        ExprKind::Float(float) => out.push_str(&format!(" {float:?}")),
        ExprKind::Text(text) => out.push_str(&quoted(text)),
        ExprKind::Interpolated(pieces) => {
            out.push('`');
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push_str(text),
                    Piece::Expr(Expr {
                        kind: ExprKind::Block(inner),
                        ..
                    }) => {
                        out.push('$');
                        block(out, inner);
                    }
                    Piece::Expr(inner) => {
                        out.push_str("${");
                        expr(out, inner);
                        out.push('}');
                    }
                }
            }
            out.push('`');
        }
        ExprKind::Array(items) => {
            out.push('[');
            list(out, items);
            out.push(']');
        }
        ExprKind::Map(entries) => {
            out.push_str("#{");
            for (key, value) in entries {
                out.push_str(&quoted(&key.text));
                out.push(':');
                expr(out, value);
                out.push(',');
            }
            out.push('}');
        }
        ExprKind::Variable(name) => out.push_str(name),
        ExprKind::Unary { operator, operand } => {
            out.push_str(operator.text());
            expr(out, operand);
        }
        ExprKind::Binary {
            operator,
            left,
            right,
            ..
        } => {
            expr(out, left);
            out.push(' ');
            out.push_str(operator.text());
            out.push(' ');
            if let ExprKind::Block(inner) = &right.kind
                && let [
                    Statement {
                        kind: StatementKind::Return(_),
                        ..
                    },
                ] = &inner.statements[..]
                && inner.span == inner.statements[0].span
            {
                statement(out, &inner.statements[0]);
            } else {
                expr(out, right);
            }
        }
        ExprKind::Range {
            start,
            end,
            inclusive,
        } => {
            expr(out, start);
            out.push_str(if *inclusive { "..=" } else { ".." });
            expr(out, end);
        }
        ExprKind::Field {
            receiver,
            name,
            optional,
            bracket,
        } => {
            receiver_of(out, receiver);
            match (bracket, optional) {
                (true, true) => out.push_str(&format!("?[{}]", quoted(&name.text))),
                (true, false) => out.push_str(&format!("[{}]", quoted(&name.text))),
                (false, true) => out.push_str(&format!("?.{}", name.text)),
                (false, false) => out.push_str(&format!(".{}", name.text)),
            }
        }
        ExprKind::Index {
            receiver,
            index,
            optional,
        } => {
            receiver_of(out, receiver);
            out.push_str(if *optional { "?[" } else { "[" });
            expr(out, index);
            out.push(']');
        }
        ExprKind::Call {
            name,
            receiver,
            optional,
            arguments,
        } => {
            if let Some(receiver) = receiver {
                receiver_of(out, receiver);
                out.push_str(if *optional { "?." } else { "." });
            }
            out.push_str(&name.text);
            out.push('(');
            list(out, arguments);
            out.push(')');
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            out.push_str("if ");
            expr(out, condition);
            block(out, then);
            if let Some(otherwise) = otherwise {
                out.push_str(" else ");
                bare(out, otherwise);
            }
        }
        ExprKind::Switch {
            subject,
            arms,
            default,
        } => {
            out.push_str("switch ");
            expr(out, subject);
            out.push_str(" { ");
            for arm in arms {
                let patterns: Vec<String> = arm.patterns.iter().map(|p| pattern(&p.kind)).collect();
                out.push_str(&patterns.join(" | "));
                if let Some(guard) = &arm.guard {
                    out.push_str(" if ");
                    expr(out, guard);
                }
                out.push_str(" => ");
                body(out, &arm.body);
                out.push_str(", ");
            }
            if let Some(default) = default {
                out.push_str("_ => ");
                body(out, default);
            }
            out.push('}');
        }
        ExprKind::Block(inner) => block(out, inner),
        ExprKind::Broken => unreachable!("only what was accepted is written"),
    }
}

/// A chain of fields stays a chain: Rhai builds brackets within it differently.
fn receiver_of(out: &mut String, receiver: &Expr) {
    match &receiver.kind {
        ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Call { .. } => {
            bare(out, receiver)
        }
        _ => expr(out, receiver),
    }
}

fn body(out: &mut String, body: &Expr) {
    match &body.kind {
        ExprKind::Block(inner)
            if inner.statements.len() == 1 && inner.span == inner.statements[0].span =>
        {
            statement(out, &inner.statements[0]);
        }
        ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => bare(out, body),
        _ => expr(out, body),
    }
}

fn pattern(kind: &PatternKind) -> String {
    match kind {
        PatternKind::Unit => "()".into(),
        PatternKind::Bool(bool) => bool.to_string(),
        PatternKind::Int(int) => int.to_string(),
        PatternKind::Float(float) => format!("{float:?}"),
        PatternKind::Text(text) => quoted(text),
        PatternKind::Range {
            start,
            end,
            inclusive,
        } => {
            format!("{start}{}{end}", if *inclusive { "..=" } else { ".." })
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        out.push_str(&format!("\\U{:08x}", u32::from(letter)));
    }
    out.push('"');
    out
}

/// Random words of the language, glued: most are wrong, and none may be accepted here alone.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "f",
        "1",
        "2",
        "-3",
        "1.5",
        "2.",
        "0xff",
        "1e3",
        "\"x\"",
        "`y`",
        "`${a}z${b}`",
        "()",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "#{",
        ":",
        ",",
        ";",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "<<",
        ">>",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "&",
        "|",
        "^",
        "??",
        "!",
        "in",
        "!in",
        "..",
        "..=",
        ".",
        "?.",
        "?[",
        "=",
        "+=",
        "if",
        "else",
        "switch",
        "_",
        "=>",
        "for",
        "let",
        "const",
        "return",
        "break",
        "continue",
        "true",
        "false",
        "\n",
        " ",
        "// x\n",
        "/* y */",
        "'q'",
        "x()",
        "a.b",
        "a[0]",
    ]);
    prop::collection::vec(word, 1..25).prop_map(|words| words.join(" "))
}

/// Expressions that are right by construction, without any bracket that is not needed.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a", "b", "1", "-2", "1.5", "true", "\"x\"", "()", "[1, a]", "a.b", "a?.b.c", "b[1]",
        "a[\"k\"]", "f(a, -1)", "a.f(1).g", "`x${a}`", "#{k: 1}", "5.abs()", "a?[b][0]", "-1.f()",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "**", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&", "|",
            "^", "??", "in", "!in",
        ]);
        prop_oneof![
            6 => (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("a == {a} && !b || b != {b}")),
            1 => inner.clone().prop_map(|a| format!("-{a}")),
            1 => inner.clone().prop_map(|a| format!("- {a}")),
            1 => inner.clone().prop_map(|a| format!("!{a}")),
            1 => inner.clone().prop_map(|a| format!("({a} ?? c)")),
            1 => inner.clone().prop_map(|a| format!("a in {a}..5")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("if a {{ {a} }} else {{ {b}; }}")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| {
                format!("switch {a} {{ 1 | -2 => {b}, \"k\" if a => {{ a }} 3..=4 => return a, _ => a = {b} }}")
            }),
        ]
    })
}

fn agree(text: &str) -> Result<bool, TestCaseError> {
    let parsed = parse(text, &Limits::default());
    if parsed.has_errors() {
        return Ok(false);
    }
    let engine = engine();
    let original = match tree(&engine, text) {
        Ok(tree) => tree,
        Err(error) => {
            return Err(TestCaseError::fail(format!(
                "Rhai refuses: {error}\n{text}"
            )));
        }
    };
    let function = &parsed.script.functions[0];
    let mut bracketed = String::from("fn f(a, b, c) ");
    block(&mut bracketed, &function.body);
    let mut deep = engine;
    deep.set_max_expr_depths(0, 0);
    let again = tree(&deep, &bracketed).map_err(|error| {
        TestCaseError::fail(format!("brackets are wrong: {error}\n{bracketed}"))
    })?;
    prop_assert_eq!(original, again, "{}\n{}", text, bracketed);
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_we_accept_rhai_accepts_with_the_same_structure(words in words()) {
        agree(&format!("fn f(a, b, c) {{ {words} }}"))?;
    }

    #[test]
    fn right_expressions_are_accepted_with_the_same_structure(
        expr in expressions(),
        form in prop::sample::select(vec!["{}", "let x = {}; x", "return {};", "c = {};", "if {} { 1 }", "a ?? return {}"]),
    ) {
        agree(&format!("fn f(a, b, c) {{ {} }}", form.replace("{}", &expr)))?;
    }
}

#[test]
fn the_trees_that_are_compared_hold_the_functions() {
    let engine = engine();
    let one = tree(&engine, "fn f(a) { a + 1 * 2 }").unwrap();
    assert_eq!(one, tree(&engine, "fn f(a) {\n (a + (1 * 2)) }").unwrap());
    assert_ne!(one, tree(&engine, "fn f(a) { (a + 1) * 2 }").unwrap());
}

#[test]
fn enough_expressions_are_accepted_to_mean_something() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let accepted = (0..500)
        .filter(|_| {
            let expr = expressions().new_tree(&mut runner).unwrap().current();
            agree(&format!("fn f(a, b, c) {{ {expr} }}")).unwrap()
        })
        .count();
    assert!(accepted > 250, "{accepted} of 500");
}

#[test]
fn odd_texts_mean_the_same_or_are_refused() {
    for (body, accepted) in [
        ("1. + 2.5e-3 - 0b101", true),
        ("\"a\\\n   b\" + \"c\"\"d\"", true),
        ("`\nfirst line\r\nlast`", true),
        ("`a\\${b}``c`", true),
        ("#\"raw \\n\"#", true),
        ("a// comment\rb", false),
        ("a; // comment\rb", true),
        ("/* a /* b */ c */ a", true),
        ("1 - -1 -1", true),
        ("-1 ** 2 ** -a", true),
        ("- a.b ** 2", true),
        ("!a in b", true),
        ("a !in b", true),
        ("{ a }.b", false),
        ("if a { 1 } -5", true),
        ("let x = if a { 1 } else { 2 } + 3; x", true),
        ("f ()", true),
        ("(a)(b)", false),
        ("switch a { 1 => { 2 } 3 => 4 }", true),
        ("switch a { _ => -5 ** 2 }", true),
        ("a ?? return b + 1", true),
        ("-0x10", false),
        ("9223372036854775808", false),
        ("-9223372036854775808", true),
        ("\u{feff}a", false),
        ("a\0", false),
        ("\u{430}", false),
    ] {
        let text = format!("fn f(a, b, c) {{ {body} }}");
        let parsed = parse(&text, &Limits::default());
        let report = Report::new(text.as_str(), parsed.diagnostics);
        assert_eq!(!report.has_errors(), accepted, "{body}\n{report}");
        agree(&text).unwrap();
    }
}

/// Every hostile script, as it is and as a hook's body, on a small stack: findings, soon.
#[test]
fn hostile_scripts_are_read_safely_and_soon() {
    let Ok(folder) = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/hostile"))
    else {
        println!("skipped: ../shared/hostile is not there");
        return;
    };
    let mut texts = Vec::new();
    for entry in folder {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        texts.push(format!("fn tier(customer) {{\n{text}\n}}"));
        texts.push(text);
    }
    let check = move || {
        let schema = bookwright::Schema::default();
        for text in texts {
            let start = std::time::Instant::now();
            let report = bookwright::check(&text, &schema);
            let took = start.elapsed();
            assert!(
                took.as_millis() < 2000,
                "{took:?}\n{}",
                &text[..text.len().min(200)]
            );
            assert!(report.to_string().len() < 200_000);
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(check)
        .unwrap();
    thread.join().unwrap();
}
