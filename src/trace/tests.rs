//! The evaluation against the interpreter on texts that random programs seldom reach, and its
//! bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::language::Side;
use crate::script::{Meter, Program, SandboxFacts};

/// A script in both engines, and facts to run it on.
struct Both {
    text: String,
    parsed: crate::syntax::Parsed,
    source: Source,
    constants: BTreeMap<Arc<str>, Value>,
    program: Program,
    limits: Limits,
}

fn facts() -> SandboxFacts {
    let fields = |list: &[(&str, Value)]| {
        let list = list.iter().cloned();
        list.map(|(name, value)| (name.to_owned(), value)).collect()
    };
    let tags = Value::Array(["it", "east"].map(Value::from).into());
    SandboxFacts {
        customer: fields(&[
            ("region", "east".into()),
            ("revenue", 0.3.into()),
            ("gone", Value::Unit),
            ("tags", tags.clone()),
            ("vip", true.into()),
            ("employees", 7.into()),
            ("名", "恒信".into()),
        ]),
        rep: fields(&[("level", 3.into()), ("skills", tags)]),
        params: [("bonus".into(), 2.5.into())].into(),
        now: "2026-01-31T03:00:00Z".parse().ok(),
    }
}

impl Both {
    fn new(text: &str) -> Self {
        let limits = Limits::default();
        let parsed = crate::syntax::parse(text, &limits);
        assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
        let program = Program::compile(text, &limits).unwrap_or_else(|error| {
            panic!("{text}: {error}");
        });
        Self {
            text: text.to_owned(),
            source: Source::new(text),
            constants: program.constants(),
            parsed,
            program,
            limits,
        }
    }

    fn code(&self) -> Code<'_> {
        Code {
            script: &self.parsed.script,
            source: &self.source,
            constants: &self.constants,
            limits: &self.limits,
        }
    }

    fn traced<O: Observer>(
        &self,
        arguments: &[Value],
        observer: &mut O,
    ) -> Result<Value, TraceError> {
        let mut fuel = Fuel::of(&self.limits);
        let arguments = arguments.to_vec();
        call(&self.code(), &facts(), "f", arguments, &mut fuel, observer)
    }

    /// That both engines give the same value, or the same error at the same place.
    fn agree(&self, arguments: &[Value]) -> Result<Value, String> {
        let mut worker = self.program.worker(&Meter::new(self.limits.operations));
        worker.bind(Arc::new(facts()));
        let interpreted = worker.call("f", arguments);
        let interpreted =
            interpreted.map_err(|error| (error.message, error.line.zip(error.column)));
        let traced = self.traced(arguments, &mut Unobserved);
        let traced = traced.map_err(|error| (error.message, error.line.zip(error.column)));
        // What is too large has no place for the interpreter.
        let same = match (&traced, &interpreted) {
            (Err((traced, _)), Err((interpreted, None))) => traced == interpreted,
            _ => traced == interpreted,
        };
        assert!(same, "{traced:?}\n{interpreted:?}\n{}", self.text);
        traced.map_err(|(message, _)| message)
    }
}

const RECORDS: [Value; 2] = [
    Value::Record(Side::Customer, 0),
    Value::Record(Side::Rep, 0),
];

/// Bodies of `f(c, r)`.
const BODIES: &[&str] = &[
    // Order of evaluation: a bare name as the first argument comes last, and a chain takes its
    // arguments first.
    "let x = 1; max(x, { x += 10; x })",
    "let x = 1; max({ x += 10; x }, x)",
    "let x = [1]; x.index_of({ x = [2]; 1 })",
    "let x = 1; x in { x = 2; [2] }",
    "let x = [1]; ({ x = [2]; 2 }) in x",
    "let x = [1]; ({ x = [2]; 2 }) !in x",
    "let a = [[1, 2], [3]]; a[{ a = [[7]]; 0 }][0]",
    "(c.region.sub_string(1 / 0)).len(2 % 0)",
    "c.gone.missing(1 / 0)",
    "c.gone?.missing(1 / 0)",
    "c.gone?.missing(1).also.that[7]",
    "(c.gone?.missing(1)).also",
    "c.gone?.a.b ?? 7",
    "c.gone?[1] ?? 7",
    "(1 / 0).max(2 % 0)",
    // Chains.
    "#{ a: [1, #{ b: 2 }] }.a[1].b",
    "#{ a: 1 }.len",
    "#{ a: 1 }[\"b\"]",
    "#{ a: 1 }.len()",
    "let m = #{ a: 1 }; m[0]",
    "let m = #{ a: 1 }; m[()]",
    "[1, 2][-1]",
    "[1, 2][2]",
    "[1, 2][-3]",
    "let i = 1.0; [1, 2][i]",
    "let t = \"aé😀\"; t[1] + t[-1]",
    "let t = \"aé😀\"; t[3]",
    "let n = 5; [n[0], n[1], n[-1]]",
    "let n = 5; n[64]",
    "let n = 5; n[\"x\"]",
    "c[\"region\"] + c[\"名\"]",
    "let k = \"region\"; c[k]",
    "let k = \"regio\"; c[k]",
    "let k = 1; c[k]",
    "c.gone[0]",
    "c.gone[\"x\"]",
    "c.gone.x",
    "c.vip.x",
    "c.region.len + c.tags.len",
    "c.region.is_empty",
    "c.len",
    "c.region.length",
    "`${c}, ${r} and ${c.gone}|${c.tags}|${c.revenue}|${now}|${#{ a: \"x\" }}`",
    "c.to_string()",
    // Operators.
    "\"abcabc\" - \"b\"",
    "\"\" - \"b\"",
    "\"b\" - \"\"",
    "\"a\" - 1",
    "\"a\" * 2",
    "\"a\" + c",
    "\"a\" + c.tags + 1 + 2.0 + true + () + now",
    "1 + \"a\"",
    "() + \"a\"",
    "() + 1",
    "[1] + [2]",
    "[1] + 2",
    "#{ a: 1 } + #{ b: 1 }",
    "c + r",
    "[c == c, c == r, c != r, c < r]",
    "c < c",
    "[1] < [2]",
    "[[1, 2.0] == [1.0, 2], [1] != [1], #{ a: 1 } == #{ a: 1.0 }, [now] == [now]]",
    "[() == (), () != (), () < (), () >= (), () == 1, () != 1, () < 1]",
    "[now == now, now < now, now >= now, now == 1, now != 1, now < \"x\"]",
    "[true > false, true >= true, false < true, true == 1]",
    "[\"a\" < \"b\", \"a\" == 1, \"a\" != (), \"é\" > \"z\"]",
    "[1 == 1.0, 1 < 1.5, 0.1 + 0.2 == 0.3, 1e-200 == 2e-200, 1e-17 > 0.0]",
    "[7 / 2, -7 / 2, 7 % -3, 7.0 / 2, 2 ** 10, 2 ** 0.5, 2.0 ** 3, 1.0 / 0, -5.5 % 2]",
    "2 ** -1",
    "2 ** 64",
    "2 ** 5000000000",
    "5 % 0",
    "5 / 0",
    "9223372036854775807 + c.employees",
    "(-9223372036854775807 - 1) / -1",
    "-9223372036854775807 - 2",
    "-(-9223372036854775807 - 1)",
    "[1 << 70, 1 << -1, -8 >> 1, -8 >> 99, 1 << 63, 6 & 3, 6 | 3, 6 ^ 3]",
    "1.5 << 2",
    "[true & false, true | false, true ^ true]",
    "true + 1",
    "true & 1",
    "!c.region",
    "-c.region",
    "+c.region",
    "[+1, +1.5, -c.revenue, !c.vip]",
    "+c.vip",
    "c.vip && c.region",
    "c.region || c.vip",
    "(c.vip && (c.gone ?? c.employees)) || true",
    "c.gone ?? c.gone ?? 3",
    "[1 in [1.0], () in [()], \"st\" in c.region, \"a\" in #{ a: 1 }, 5 in 1..6, 6 in 1..=6, 6 !in 1..6]",
    "750.5 in 1..1000",
    "750.5 !in 1..=1000",
    "1 in \"abc\"",
    "1 in 5",
    "c in [c, r]",
    "\"x\" in c.gone",
    // Statements.
    "let x = 1; x += 2; x -= 1; x *= 7; x /= 2; x %= 4; x **= 3; x <<= 2; x >>= 1; x |= 1; x ^= 8; x &= 15; x",
    "let x = 1; x += 0.5; x",
    "let x = 1; x += \"a\"; x",
    "let x = \"a\"; x += 1; x += \"b\"; x += (); x -= \"b\"; x",
    "let x = \"a\"; x /* = */  *= 1; x",
    "let x = [1]; x += 2; x += [3, 4]; x += \"5\"; x",
    "let x = (); x += 1; x",
    "let x = true; x &= false; x |= true; x ^= true; x",
    "let x = true; x += 1;",
    "let x; x ?? 3",
    "let x = 1; { let x = 2; x += 1; } x",
    "let x = 1; let x = x + 1; x",
    "1; let y = 2;",
    "1;",
    "{ 1 }",
    "if c.gone == () { 5 }",
    "if c.gone != () { 5 }",
    "if c.region { 5 }",
    "if (c . region ) { 5 }",
    "if c.employees + 1 { 5 }",
    "if c.gone ?? 1 { 5 }",
    "if max(1, 2) { 5 }",
    "let n = 0; for i in 0..5 { if i == 1 { continue; } if i == 4 { break; } n += i; } n",
    "let n = 0; for i in 0..=5 { n += i; } n",
    "let n = 0; for (t, i) in c.tags { n += t.len * (i + 1); t = 7; i = 9; } n",
    "for x in c.tags { if x == \"it\" { return x + \"!\"; } } 1",
    "for x in c.region { }",
    "for x in c.gone { }",
    "for x in (c.gone) { }",
    "for x in 0..c.revenue { }",
    "for x in c.region..=3 { }",
    "for x in 5..0 { return 1; } 2",
    "for x in [] { } 4",
    "let x = if c.vip { return 9; } else { 2 }; x",
    "let x = c.gone ?? return 5; x",
    "return;",
    "let x = { let y = 2; y * y } + 1; x",
    "const k = 3; k + 1",
    "let x = [\"x\"]; x[0].to_upper() + `${x}`",
    // `switch`.
    "switch c.employees { 7 => 1, _ => 2 }",
    "switch c.employees * 1.0 { 7 => 1, 7.0 => 2, _ => 3 }",
    "switch c.employees { 1..7 => 1, 5..=7 => 2, _ => 3 }",
    "switch 6.5 { 1..7 => 1, _ => 2 }",
    "switch 7.0 { 1..7 => 1, 1..=7 => 2 }",
    "switch c.employees { 7 if c.gone == 1 => 1, 7 if c.vip => 2, 7 => 3 }",
    "switch c.employees { 7 if false => 1, 0..10 => 2, _ => 3 }",
    "switch c.employees { 7 if c.region => 1, _ => 3 }",
    "switch c.region { \"west\" | \"east\" => 1 }",
    "switch c.region { \"west\" => 1 }",
    "switch c.gone { () => 1, _ => 2 }",
    "switch now { 1 => 1, _ => 2 }",
    "switch c.tags { 1 => 1, _ => 2 }",
    "switch c.vip { true => \"yes\", false => \"no\" }",
    "switch 9007199254740993 { 9007199254740992..9007199254740993 => 1, _ => 2 }",
    // Functions.
    "g(1) + g(2, 3)",
    "g()",
    "g(1, 2, 3)",
    "c.g(4)",
    "nothing()",
    "h(c)",
    "fails(c.employees)",
    "clamp(1, 3, 2)",
    "clamp(c.region, 1, 2)",
    "days_since(c.gone)",
    "min(1)",
    "c.region.split(\"s\").join(\"-\")",
    "[lookup(\"zips\", \"10115\"), lookup(\"zips\", \"x\"), lookup(\"zips\", ())]",
    "lookup(\"zips\", 1)",
    "[params.bonus, params.none, LIST[1], now > parse_time(\"2026-01-01\")]",
    "LIST = 1;",
    // Limits of values.
    "let t = \"0123456789abcdef\"; for i in 0..6 { t += t; } t.len",
    "let t = \"0123456789abcdef\"; for i in 0..7 { t += t; } t.len",
    "let t = \"0123456789abcdef\"; for i in 0..20 { t = `${t}${t}`; } 1",
    "let a = [1]; for i in 0..300 { a += i; } a.len",
    "let a = [1, 2]; for i in 0..7 { a = a + a; } a.len",
    "let a = [1, 2]; for i in 0..8 { a = a + a; } a.len",
    "let a = [1, 2]; for i in 0..8 { a += a; } a",
    "let a = [1]; for i in 0..20 { a = [a]; } a",
    "let a = [1]; for i in 0..12 { a = [a, a]; } a",
    "let t = \"0123456789abcdef\"; for i in 0..5 { t += t; } let a = [t, t, t, t, t, t, t, t, t, t, t, t, t, t, t, t]; [a, t, t]",
];

#[test]
fn it_gives_what_the_interpreter_gives() {
    let (mut values, mut errors) = (0, 0);
    for body in BODIES {
        let text = format!(
            "const LIST = [1, \"二\"];\nfn g(x) {{ x * 10 }}\nfn g(x, y) {{ return x - y; }}\n\
             fn h(x) {{ }}\nfn fails(x) {{\n    1 / (x - 7)\n}}\nfn f(c, r) {{\n  {body}\n}}\n"
        );
        match Both::new(&text).agree(&RECORDS) {
            Ok(_) => values += 1,
            Err(_) => errors += 1,
        }
    }
    assert!(
        values > 60 && errors > 40,
        "{values} values, {errors} errors"
    );
}

#[test]
fn every_example_of_the_table_gives_its_result() {
    for function in crate::language::FUNCTIONS {
        let text = format!("fn f() {{ [{}, {}] }}", function.example, function.gives);
        let Ok(Value::Array(both)) = Both::new(&text).agree(&[]) else {
            panic!("{text}");
        };
        assert_eq!(both[0], both[1], "{text}");
    }
}

#[test]
fn budgets_and_depths_end_it() {
    let long = Both::new("fn f() { let n = 0; for i in 0..1000000 { n += i; } n }");
    let error = long.traced(&[], &mut Unobserved).unwrap_err();
    assert_eq!(error.kind, TraceErrorKind::Budget);

    let deep = Both::new("fn f() { f() }");
    let error = deep.traced(&[], &mut Unobserved).unwrap_err();
    assert_eq!(error.message, "calls are nested too deeply");
    assert_eq!((error.line, error.column), (Some(1), Some(10)));

    // Fuel is shared by calls that belong together, and depth comes back.
    let (mut fuel, counted) = (Fuel::of(&Limits::default()), Both::new("fn f() { 1 + 2 }"));
    for _ in 0..3 {
        let observer = &mut Unobserved;
        call(&counted.code(), &facts(), "f", vec![], &mut fuel, observer).unwrap();
    }
    let limits = Limits::default();
    assert_eq!(fuel.depth, limits.call_depth);
    assert_eq!(fuel.operations, limits.operations - 3 * 5);
}

/// Expressions and calls nested as deeply as the parser lets them, on the stack of a thread.
#[test]
fn the_deepest_nesting_fits_a_thread() {
    let limits = Limits::default();
    let shapes: [fn(&str) -> String; 6] = [
        |inner| format!("({inner} + 1)"),
        |inner| format!("(if c.vip {{ {inner} }} else {{ 0 }})"),
        |inner| format!("(switch 1 {{ 1 => {inner} }})"),
        |inner| format!("[{inner}][0]"),
        |inner| format!("max({inner}, 0)"),
        |inner| format!("`${{{inner}}}`.len"),
    ];
    for shape in shapes {
        let body = |call: &str| {
            let mut inner = call.to_owned();
            loop {
                let more = shape(&inner);
                let text = format!("fn f(c) {{ {more} }} fn g0(c) {{ 1 }}");
                if crate::syntax::parse(&text, &limits).has_errors() {
                    return inner;
                }
                inner = more;
            }
        };
        let mut text = format!("fn f(c) {{ {} }}\n", body("g0(c)"));
        for level in 0..limits.call_depth - 2 {
            let next = format!("g{}(c)", level + 1);
            text.push_str(&format!("fn g{level}(c) {{ {} }}\n", body(&next)));
        }
        text.push_str(&format!(
            "fn g{}(c) {{ {} }}\n",
            limits.call_depth - 2,
            body("1")
        ));
        let run = move || {
            let parsed = crate::syntax::parse(&text, &limits);
            let source = Source::new(text.as_str());
            let constants = BTreeMap::new();
            let code = Code {
                script: &parsed.script,
                source: &source,
                constants: &constants,
                limits: &limits,
            };
            let mut fuel = Fuel::of(&limits);
            let customer = vec![RECORDS[0].clone()];
            let value = call(&code, &facts(), "f", customer, &mut fuel, &mut Unobserved);
            assert!(value.is_ok(), "{value:?}");
        };
        let thread = std::thread::Builder::new().stack_size(3 << 18);
        thread.spawn(run).unwrap().join().unwrap();
    }
}

/// Counts what it is told.
#[derive(Debug, Default)]
struct Told {
    text: String,
    events: Vec<String>,
}

impl Told {
    fn say(&mut self, what: &str, expr: &crate::syntax::ast::Expr) {
        self.events
            .push(format!("{what} {}", &self.text[expr.span.range()]));
    }
}

impl Observer for Told {
    fn function(
        &mut self,
        name: &str,
        arguments: &[Value],
        _: crate::syntax::Span,
        _: &mut Fuel,
    ) -> Option<Result<Value, String>> {
        match name {
            "twice" => Some(match arguments {
                [Value::Int(int)] => Ok(Value::Int(int * 2)),
                _ => Err("`twice` takes an int".to_owned()),
            }),
            _ => None,
        }
    }
    fn leaves(
        &mut self,
        function: &crate::syntax::ast::FunctionItem,
        value: &Value,
        producer: Option<&crate::syntax::ast::Expr>,
    ) {
        let from = producer.map_or("nothing", |expr| &self.text[expr.span.range()]);
        let told = format!("{} gives {value:?} from {from}", function.name.text);
        self.events.push(told);
    }
    fn field(
        &mut self,
        _: &crate::syntax::ast::Expr,
        side: Side,
        _: u32,
        name: &crate::syntax::ast::Name,
        value: &Value,
    ) {
        self.events
            .push(format!("{}.{} is {value:?}", side.name(), name.text));
    }
    fn branch(
        &mut self,
        _: &crate::syntax::ast::Expr,
        condition: &crate::syntax::ast::Expr,
        holds: bool,
    ) {
        self.say(if holds { "true:" } else { "false:" }, condition);
    }
    fn sides(
        &mut self,
        expr: &crate::syntax::ast::Expr,
        _: crate::syntax::ast::BinaryOperator,
        _: &Value,
        right: bool,
    ) {
        self.say(if right { "both sides:" } else { "left only:" }, expr);
    }
    fn switch(&mut self, _: &crate::syntax::ast::Expr, subject: &Value, taken: Taken<'_>) {
        let way = match taken {
            Taken::Arm(arm) => self.text[arm.span.range()].to_owned(),
            Taken::Default(expr) => format!("default {}", &self.text[expr.span.range()]),
            Taken::Nothing => "nothing".to_owned(),
        };
        self.events.push(format!("switch on {subject:?}: {way}"));
    }
}

#[test]
fn observers_are_told_in_order() {
    let text = "fn g(x) { if x > 5 { return twice(x); } 0 }\n\
                fn f(c, r) { let n = c.gone ?? c.employees; if n < 3 || c.vip { switch c.region { \"east\" => g(n), _ => 0 } } else { 1 } }";
    let both = Both::new(text);
    let mut told = Told {
        text: text.to_owned(),
        ..Told::default()
    };
    assert_eq!(both.traced(&RECORDS, &mut told), Ok(Value::Int(14)));
    assert_eq!(
        told.events,
        [
            "customer.gone is Unit",
            "both sides: c.gone ?? c.employees",
            "customer.employees is Int(7)",
            "both sides: n < 3 || c.vip",
            "customer.vip is Bool(true)",
            "true: n < 3 || c.vip",
            "customer.region is Text(\"east\")",
            "switch on Text(\"east\"): \"east\" => g(n)",
            "true: x > 5",
            "g gives Int(14) from twice(x)",
            "f gives Int(14) from g(n)",
        ]
    );
    let wrong = Both::new("fn f() { twice(\"x\") }");
    let error = wrong.traced(&[], &mut Told::default()).unwrap_err();
    assert_eq!(error.message, "`twice` takes an int");
    assert_eq!((error.line, error.column), (Some(1), Some(10)));
}
