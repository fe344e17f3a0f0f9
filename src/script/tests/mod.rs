//! The sandbox as a whole: examples of the table, facts about variables, errors, speed.

mod allowed;
mod differential;

use std::sync::Arc;

use super::*;
use crate::language::{FUNCTIONS, Limits, Side, Time, UtcOffset, Value};

fn at(seconds: i64) -> Time {
    Time::from_micros(seconds * 1_000_000).unwrap()
}

/// A book of two customers and a rep.
pub(super) struct Sample;

impl Facts for Sample {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        let names: &[&str] = match side {
            Side::Customer => &[
                "id",
                "region",
                "annual_revenue",
                "last_contact",
                "tags",
                "客户来源",
            ],
            Side::Rep => &["id", "level", "regions"],
        };
        let at = names.iter().position(|known| *known == name)?;
        u16::try_from(at).ok()
    }
    fn value(&self, side: Side, row: u32, field: u16) -> Value {
        let tags = |texts: &[&str]| Value::Array(texts.iter().map(|t| Value::from(*t)).collect());
        match (side, row, field) {
            (Side::Customer, _, 0) => Value::from(if row == 0 { "c1" } else { "c2" }),
            (Side::Customer, 0, 1) => Value::from("华东"),
            (Side::Customer, 0, 2) => Value::Float(250_000.0),
            (Side::Customer, 0, 3) => Value::Time(at(1_767_258_000)), // 2026-01-01T09:00:00Z
            (Side::Customer, 0, 4) => tags(&["vip", "warm"]),
            (Side::Customer, _, 4) => tags(&[]),
            (Side::Customer, 0, 5) => Value::from("web"),
            (Side::Rep, _, 0) => Value::from("r1"),
            (Side::Rep, _, 1) => Value::Int(3),
            (Side::Rep, _, 2) => tags(&["华东", "华北"]),
            _ => Value::Unit,
        }
    }
    fn lookup(&self, table: &str, key: &str) -> Value {
        match (table, key) {
            ("zips", "10115") => Value::from("north"),
            _ => Value::Unit,
        }
    }
    fn now(&self) -> Option<Time> {
        Some(at(1_769_817_600)) // 2026-01-31T00:00:00Z
    }
    fn offset(&self) -> UtcOffset {
        UtcOffset::default()
    }
    fn params(&self) -> Option<Value> {
        let entries = [
            ("bonus".into(), Value::Float(30.0)),
            ("from".into(), Value::Int(3)),
        ];
        Some(Value::Map(Arc::new(entries.into_iter().collect())))
    }
}

pub(super) const C1: Value = Value::Record(Side::Customer, 0);
pub(super) const R1: Value = Value::Record(Side::Rep, 0);

pub(super) fn worker(text: &str) -> Worker {
    let limits = Limits::default();
    let program = Program::compile(text, &limits).unwrap_or_else(|e| panic!("{e}: {text}"));
    let mut worker = program.worker(&Meter::new(limits.operations));
    worker.bind(Arc::new(Sample));
    worker
}

/// What an expression gives inside a function of `c` and `r`.
pub(super) fn eval(expression: &str) -> Result<Value, CallError> {
    worker(&format!("const TOP = 7; fn f(c, r) {{ {expression} }}")).call("f", &[C1, R1])
}

fn message(expression: &str) -> String {
    match eval(expression) {
        Ok(value) => panic!("{expression} gives {value:?}"),
        Err(error) => error.message,
    }
}

#[test]
fn every_example_gives_what_its_row_says() {
    for function in FUNCTIONS {
        let given = eval(function.example).unwrap_or_else(|e| panic!("{}: {e}", function.name));
        let expected = eval(function.gives).unwrap();
        assert_eq!(given, expected, "{}", function.example);
    }
}

#[test]
fn both_call_styles_and_properties() {
    for (expression, gives) in [
        ("has(c.tags, \"vip\")", "true"),
        ("c.tags.has(\"vip\")", "true"),
        ("c.tags.len", "2"),
        ("c.tags.len()", "2"),
        ("\"华东\".len", "2"),
        ("c.region.starts_with(\"华\")", "true"),
        ("2.5.round()", "3.0"),
        ("let x = 2.5; x.round", "3.0"),
        ("(2.5).floor", "2.0"),
        ("\"vip\" in c.tags", "true"),
        ("\"x\" !in c.tags", "true"),
        ("c?.region", "\"华东\""),
        ("c[\"客户来源\"]", "\"web\""),
        ("c.last_contact.days_since()", "30"),
        ("c.last_contact < now", "true"),
        ("c.last_contact == c.last_contact", "true"),
        ("c == c && c != r", "true"),
        ("[1, [2.0]] == [1, [2]]", "true"),
        ("#{a: 1} == #{a: 1.0}", "true"),
        ("let n = 0; for i in 0..4 { n += i; } n", "6"),
        ("let n = \"\"; for t in c.tags { n += t; } n", "\"vipwarm\""),
        (
            "`${c.id}: ${1.0} ${()}${[1, \"a\"]}`",
            "\"c1: 1.0 [1, \\\"a\\\"]\"",
        ),
        ("\"x\" + 1 + () + 2.0 + true", "\"x12.0true\""),
        ("1 + \"x\"", "\"1x\""),
        ("\"abc\"[1]", "\"b\""),
        ("[1] + [2]", "[1, 2]"),
        ("5 in 0..10", "true"),
        ("() in [1, 2]", "false"),
        ("params.bonus + params[\"from\"]", "33.0"),
        ("TOP", "7"),
        ("switch c.region { \"华东\" => 1, _ => 2 }", "1"),
        ("switch 750.5 { 1..1000 => 1, _ => 2 }", "1"),
        ("-(+3)", "-3"),
        ("2 ** 10", "1024"),
    ] {
        let given = eval(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(given, eval(gives).unwrap(), "{expression}");
    }
}

#[test]
fn nested_calls_see_constants_params_and_now() {
    let mut worker = worker(
        "const A = 2; const B = A * 10; const M = #{ x: [1, 2] };
         fn deep(n) { if n == 0 { A + B + M.x[1] + params.from + days_since(now) } else { deep(n - 1) } }
         fn f(c) { deep(5) }",
    );
    assert_eq!(worker.call("f", &[C1]).unwrap(), Value::Int(2 + 20 + 2 + 3));
}

#[test]
fn errors_are_in_our_words() {
    for (expression, expected) in [
        ("c.revenu", "`revenu` is not a field of a customer"),
        ("c[\"revenu\"]", "`revenu` is not a field of a customer"),
        ("r.region", "`region` is not a field of a rep"),
        (
            "c.region = \"x\"",
            "`region` of a customer cannot be assigned to",
        ),
        ("nowhere", "`nowhere` is not known"),
        ("f", "`f` is not known"),
        ("exit(1)", "there is no function `exit` that takes an int"),
        (
            "foo(c, \"a\", 1.0, ())",
            "there is no function `foo` that takes a customer, a text, a float and an absent value",
        ),
        ("1 - \"a\"", "`-` does not take an int and a text"),
        ("c.id - 1", "`-` does not take a text and an int"),
        ("() * 2.0", "`*` does not take an absent value and a float"),
        ("1 / 0", "division by zero: 1 / 0"),
        (
            "9223372036854775807 + 1",
            "addition overflow: 9223372036854775807 + 1",
        ),
        ("[1][5]", "there is no element 5 in an array of 1"),
        (
            "for x in c { }",
            "`for` runs over arrays, tags and ranges only",
        ),
        ("if TOP { 2 }", "a bool is needed here, not an int"),
        ("5.tags", "an int has no `tags`"),
        (
            "days_since(c.created)",
            "`created` is not a field of a customer",
        ),
        (
            "days_since(())",
            "`days_since` takes a time as its first argument, not an absent value",
        ),
        (
            "().len()",
            "`len` takes a text, an array or a map as its first argument, not an absent value",
        ),
        ("c", ""),
    ] {
        if expected.is_empty() {
            continue;
        }
        assert_eq!(message(expression), expected, "{expression}");
    }
}

#[test]
fn errors_tell_the_innermost_place() {
    let text = "fn inner(x) {\n    1 + (x -\n  \"a\")\n}\nfn f(c) {\n  inner(1)\n}";
    let error = worker(text).call("f", &[C1]).unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(12)));
    assert_eq!(error.message, "`-` does not take an int and a text");
}
