//! Our functions against Rhai's own of the same names, and every function with extreme arguments.

use rhai::packages::{Package, StandardPackage};
use rhai::{CallFnOptions, Dynamic, Engine, Scope};

use super::*;
use crate::script::convert::{Exit, into_script};

/// Values at every edge we know of.
fn pool() -> Vec<Value> {
    let text = Value::from;
    let array = |values: &[Value]| Value::Array(values.iter().cloned().collect());
    let map = |entries: &[(&str, Value)]| {
        let entries = entries
            .iter()
            .map(|(key, value)| (Arc::from(*key), value.clone()));
        Value::Map(Arc::new(entries.collect()))
    };
    let long = "é".repeat(512);
    let mut pool = vec![Value::Unit, Value::Bool(true), Value::Bool(false)];
    pool.extend(
        [
            0,
            1,
            -1,
            2,
            3,
            7,
            10,
            36,
            -3,
            64,
            i64::MAX,
            i64::MIN,
            i64::MIN + 1,
        ]
        .map(Value::Int),
    );
    pool.extend(
        [
            0.0,
            -0.0,
            0.5,
            2.5,
            -2.5,
            1.0,
            0.1 + 0.2,
            1e300,
            -1e300,
            1e-300,
            5e-324,
            9.3e18,
            123_456.789,
            1e13,
            1e14,
            1e-13,
            9_223_372_036_854_775_807.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ]
        .map(Value::Float),
    );
    pool.extend(
        [
            "",
            " ",
            "a",
            "b",
            "abc",
            "aé😀",
            "ÀÉß",
            " 华东 ",
            "42",
            "-7",
            "+",
            "0x10",
            "1e400",
            "nan",
            "2.5",
            "ff",
            "a,b,,c",
            "aaa",
            "\u{202e}x\0",
            &long,
            "2026-01-31",
        ]
        .map(text),
    );
    pool.extend([
        array(&[]),
        array(&[1.into(), 2.0.into(), Value::Unit]),
        array(&["a".into(), "b".into(), "a".into()]),
        array(&[array(&[]), array(&["a".into()])]),
        array(&vec![Value::Int(1); 256]),
        array(&vec![text("x"); 256]),
        map(&[]),
        map(&[("a", 1.into()), ("b", 2.5.into())]),
        map(&[("a", Value::Unit)]),
        Value::Time(at(0)),
        Value::Time(at(1_769_817_600)),
        C1,
        R1,
    ]);
    pool
}

/// All lists of that many values.
fn lists(pool: &[Value], arity: usize) -> Vec<Vec<Value>> {
    match arity {
        0 => vec![Vec::new()],
        _ => (lists(pool, arity - 1).into_iter())
            .flat_map(|list| {
                pool.iter().map(move |value| {
                    let mut list = list.clone();
                    list.push(value.clone());
                    list
                })
            })
            .collect(),
    }
}

fn worker_of(name: &str, arity: usize) -> Worker {
    let names = &["x", "y", "z"][..arity];
    let names = names.join(", ");
    worker(&format!("fn f({names}) {{ {name}({names}) }}"))
}

/// Unlike in Rhai, these answer a new text and change nothing.
const NOT_IN_PLACE: &[&str] = &["trim", "replace"];

/// What we leave to Rhai: orders and pieces of texts that policies have no use for.
fn left_out(name: &str, arguments: &[Value]) -> bool {
    let text = |at: usize| matches!(arguments.get(at), Some(Value::Text(_)));
    let int = |at: usize| matches!(arguments.get(at), Some(Value::Int(_)));
    match name {
        "min" | "max" => text(0),
        "split" => int(1) || matches!(arguments.first(), Some(Value::Array(_))),
        "get" => text(0) || int(0),
        // Rhai writes records and times by the names of Rust types.
        "to_string" => true,
        _ => false,
    }
}

#[test]
fn functions_of_the_same_name_agree_with_rhai() {
    let mut engine = Engine::new_raw();
    StandardPackage::new().register_into_engine(&mut engine);
    let (pool, mut compared) = (pool(), 0);
    let some: Vec<_> = (pool
        .iter()
        .step_by(if cfg!(debug_assertions) { 2 } else { 1 }))
    .cloned()
    .collect();
    let few: Vec<_> = pool.iter().step_by(3).cloned().collect();
    for function in FUNCTIONS {
        for arity in function.arities() {
            let names = ["x", "y", "z"][..arity].join(", ");
            let body = if NOT_IN_PLACE.contains(&function.name) {
                format!("{}({names}); x", function.name)
            } else {
                format!("{}({names})", function.name)
            };
            let ast = engine
                .compile(format!("fn f({names}) {{ {body} }}"))
                .unwrap();
            let mut ours = worker_of(function.name, arity);
            for arguments in lists(if arity < 3 { &some } else { &few }, arity) {
                let list: Vec<Dynamic> = arguments.iter().map(into_script).collect();
                let options = CallFnOptions::new().eval_ast(false);
                let scope = &mut Scope::new();
                let theirs =
                    engine.call_fn_with_options::<Dynamic>(options, scope, &ast, "f", list);
                let limits = Limits::default();
                let Some(theirs) = theirs.ok().and_then(|x| Exit::new(&limits).value(&x).ok())
                else {
                    continue;
                };
                if left_out(function.name, &arguments) {
                    continue;
                }
                compared += 1;
                let name = function.name;
                match ours.call("f", &arguments) {
                    Ok(Value::Float(x)) if x.is_nan() => {
                        assert!(
                            theirs.as_number().is_some_and(f64::is_nan),
                            "{name}{arguments:?}"
                        );
                    }
                    Ok(ours) => assert_eq!(ours, theirs, "{name}{arguments:?}"),
                    // Beyond our limits, where Rhai has none.
                    Err(error) if error.message.contains("would make") => (),
                    Err(error) => panic!("{name}{arguments:?} is {theirs:?}, but {error}"),
                }
            }
        }
    }
    assert!(compared > 2_000, "{compared}");
}

#[test]
fn texts_are_written_as_rhai_writes_them() {
    let mut engine = Engine::new_raw();
    StandardPackage::new().register_into_engine(&mut engine);
    let ast = engine
        .compile("fn f(x) { `${x}` + x + to_string(x) }")
        .unwrap();
    let mut ours = worker("fn f(x) { `${x}` + x + to_string(x) }");
    for value in pool() {
        if matches!(value, Value::Time(_) | Value::Record(..))
            || ours.call("f", std::slice::from_ref(&value)).is_err()
        {
            continue;
        }
        let theirs: Dynamic =
            (engine.call_fn(&mut Scope::new(), &ast, "f", (into_script(&value),))).unwrap();
        let theirs = Value::from(&*theirs.into_string().unwrap());
        assert_eq!(
            ours.call("f", std::slice::from_ref(&value)).unwrap(),
            theirs,
            "{value:?}"
        );
    }
}

#[test]
fn extreme_arguments_give_a_value_or_an_error_in_our_words() {
    let pool = pool();
    // Some 1.6 million calls in release, where this is the sweep; fewer in debug.
    let every = |step: usize| pool.iter().step_by(step).cloned().collect::<Vec<_>>();
    let (some, few) = if cfg!(debug_assertions) {
        (every(2), every(9))
    } else {
        (every(1), every(2))
    };
    for function in FUNCTIONS {
        for arity in 1..=3 {
            let mut worker = worker_of(function.name, arity);
            for arguments in lists(if arity < 3 { &some } else { &few }, arity) {
                match worker.call("f", &arguments) {
                    Ok(_) => assert!(function.takes(arity)),
                    Err(error) => {
                        let message = &error.message;
                        assert!(message.contains(function.name), "{message}");
                        for foreign in ["i64", "f64", "Immutable", "Dynamic", "::", "not found"] {
                            assert!(!message.contains(foreign), "{message}");
                        }
                        assert!(
                            !message.contains("a value as its"),
                            "{message}: {arguments:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn operators_agree_with_rhai_on_extremes() {
    let mut engine = Engine::new_raw();
    StandardPackage::new().register_into_engine(&mut engine);
    let pool: Vec<_> = (pool().into_iter())
        .filter(|value| !matches!(value, Value::Time(_) | Value::Record(..)))
        .collect();
    for operator in [
        "+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&", "|", "^", "<<", ">>",
        "in", "!in", "??",
    ] {
        let text = format!("fn f(x, y) {{ x {operator} y }}");
        let ast = engine.compile(&text).unwrap();
        let mut ours = worker(&text);
        for arguments in lists(&pool, 2) {
            let list: Vec<Dynamic> = arguments.iter().map(into_script).collect();
            let theirs = engine.call_fn::<Dynamic>(&mut Scope::new(), &ast, "f", list);
            let limits = Limits::default();
            let theirs = theirs.ok().and_then(|x| Exit::new(&limits).value(&x).ok());
            let case = format!("{:?} {operator} {:?}", arguments[0], arguments[1]);
            match (ours.call("f", &arguments), theirs) {
                (Ok(Value::Float(x)), Some(Value::Float(y))) if x.is_nan() => {
                    assert!(y.is_nan(), "{case}")
                }
                (Ok(ours), Some(theirs)) => assert_eq!(ours, theirs, "{case}"),
                (Ok(ours), None) => panic!("{case} is {ours:?} here only"),
                (Err(_), None) => (),
                (Err(error), Some(theirs)) => assert!(
                    error.message.contains("would make") || operator == "+" && is_merge(&arguments),
                    "{case} is {theirs:?}, but {error}"
                ),
            }
        }
    }
}

/// Maps do not add in the language.
fn is_merge(arguments: &[Value]) -> bool {
    arguments.iter().all(|value| matches!(value, Value::Map(_)))
}
