//! Operators that Rhai's core leaves to packages, with Rhai's meaning, and those of times.
//!
//! Operators on bools, ints, floats and pairs of texts are built into Rhai and cannot be taken
//! away; they are pure, and bounded by the engine's limits.

use std::cmp::Ordering;
use std::ops::{Range, RangeInclusive};

use rhai::{Array, Dynamic, EvalAltResult, ImmutableString, Map, NativeCallContext};

use super::builtins::operators;
use super::builtins::written::plain;
use super::convert::{Exit, Refused};
use super::error::{ended, fault};
use super::functions::{Bool, Float, Int, Registry, Text};
use super::session::Session;
use crate::language::Time;

pub(super) fn register(registry: &mut Registry) {
    registry.module.set_custom_type::<Time>("time");
    registry.module.set_iterable::<Array>();
    registry.module.set_iterator::<Range<i64>>();
    registry.module.set_iterator::<RangeInclusive<i64>>();
    macro_rules! operator {
        ($name:expr, $arity:literal, $body:expr) => {
            let function = registry.pure($name, $arity);
            function.set_into_module(&mut registry.module, $body);
        };
    }
    operator!("+", 1, |x: i64| x);
    operator!("+", 1, |x: f64| x);
    for (name, holds) in ORDER {
        operator!(name, 2, move |x: Time, y: Time| holds(x.cmp(&y)));
    }
    for (name, wanted) in [("==", true), ("!=", false)] {
        operator!(name, 2, move |context: NativeCallContext<'_>,
                                 x: Array,
                                 y: Array|
              -> Checked<bool> {
            Ok(alike(&context, &x.into(), &y.into())? == wanted)
        });
        operator!(name, 2, move |context: NativeCallContext<'_>,
                                 x: Map,
                                 y: Map|
              -> Checked<bool> {
            Ok(alike(&context, &x.into(), &y.into())? == wanted)
        });
    }
    operator!("+", 2, concatenated);
    operator!("contains", 2, |range: Range<i64>, x: i64| range
        .contains(&x));
    operator!("contains", 2, |range: RangeInclusive<i64>, x: i64| {
        range.contains(&x)
    });
    // A text and anything else: as `to_string` has it. Rhai has texts, characters and `()`.
    macro_rules! text_and {
        ($($kind:ident)*) => {$(
            operator!("+", 2, |context: NativeCallContext<'_>, text: Text, other: $kind| {
                let other = written(&context, other.into())?;
                joined(&context, &text, &other)
            });
            operator!("+", 2, |context: NativeCallContext<'_>, other: $kind, text: Text| {
                let other = written(&context, other.into())?;
                joined(&context, &other, &text)
            });
        )*};
    }
    text_and!(Bool Int Float Array Map);
    operator!("+", 2, |context: NativeCallContext<'_>,
                       text: Text,
                       time: Time| {
        joined(&context, &text, &time.to_string())
    });
    operator!("+", 2, |context: NativeCallContext<'_>,
                       time: Time,
                       text: Text| {
        joined(&context, &time.to_string(), &text)
    });
}

type Checked<T> = Result<T, Box<EvalAltResult>>;

type Holds = fn(Ordering) -> bool;

const ORDER: [(&str, Holds); 6] = [
    ("==", Ordering::is_eq),
    ("!=", Ordering::is_ne),
    ("<", Ordering::is_lt),
    ("<=", Ordering::is_le),
    (">", Ordering::is_gt),
    (">=", Ordering::is_ge),
];

fn concatenated(context: NativeCallContext<'_>, x: Array, y: Array) -> Checked<Array> {
    let limit = Session::of(&context)?.limits.array_length;
    if x.len() + y.len() > limit {
        return Err(fault(format!(
            "`+` would make an array of more than {limit} elements"
        )));
    }
    Ok(x.into_iter().chain(y).collect())
}

fn alike(context: &NativeCallContext<'_>, x: &Dynamic, y: &Dynamic) -> Checked<bool> {
    let session = Session::of(context)?;
    let mut exit = Exit::new(&session.limits);
    let mut read = |value| {
        exit.next();
        (exit.value(value)).map_err(|refused| cannot(context.fn_name(), refused))
    };
    let (x, y) = (read(x)?, read(y)?);
    if !session.gauge.count(exit.work()) {
        return Err(ended());
    }
    Ok(operators::equal(&x, &y))
}

fn cannot(operator: &str, refused: Refused) -> Box<EvalAltResult> {
    fault(format!("`{operator}` cannot take {refused}"))
}

fn written(context: &NativeCallContext<'_>, value: Dynamic) -> Checked<String> {
    let session = Session::of(context)?;
    let value =
        (Exit::new(&session.limits).value(&value)).map_err(|refused| cannot("+", refused))?;
    Ok(plain(&value, session.limits.text_bytes))
}

fn joined(context: &NativeCallContext<'_>, left: &str, right: &str) -> Checked<ImmutableString> {
    let limit = Session::of(context)?.limits.text_bytes;
    if left.len() + right.len() > limit {
        return Err(fault(format!(
            "`+` would make a text of more than {limit} bytes"
        )));
    }
    let mut text = String::with_capacity(left.len() + right.len());
    text.push_str(left);
    text.push_str(right);
    Ok(text.into())
}
