//! Functions of the host's own, for the scripts of tests: a name, a number of arguments, values in
//! and out.
//!
//! They take arguments of any kind, which `functions` avoids: for a call of an unknown name Rhai
//! then tries many combinations. A call that fails ends the script, so that happens once. Whoever
//! answers may run hooks in an engine of its own, further up the same stack.

use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, NativeCallContext};

use super::convert::{Exit, into_script};
use super::error::{ended, fault};
use super::functions::Registry;
use super::session::Session;
use crate::language::Value;

/// Binds each name for each number of arguments, of which there are at most as many as a function
/// has parameters.
pub(super) fn register(registry: &mut Registry, own: &[(Arc<str>, Vec<usize>)]) {
    for (index, (name, arities)) in own.iter().enumerate() {
        for &arity in arities {
            bind(registry, index, name, arity);
        }
    }
}

fn bind(registry: &mut Registry, index: usize, name: &Arc<str>, arity: usize) {
    macro_rules! by_arity {
        ($($number:literal: $($argument:ident)*;)*) => {
            match arity {
                $($number => {
                    let own = Arc::clone(name);
                    let body = move |context: NativeCallContext<'_>, $($argument: Dynamic),*| {
                        call(&context, index, &own, &[$($argument),*])
                    };
                    registry.pure(name, $number).set_into_module(&mut registry.module, body);
                })*
                _ => {}
            }
        };
    }
    by_arity! {
        0: ;
        1: a;
        2: a b;
        3: a b c;
        4: a b c d;
        5: a b c d e;
        6: a b c d e f;
        7: a b c d e f g;
        8: a b c d e f g h;
    }
}

fn call(
    context: &NativeCallContext<'_>,
    index: usize,
    name: &str,
    arguments: &[Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let session = Session::of(context)?;
    if !session.gauge.has_room_for_a_call() {
        return Err(fault(
            "calls and expressions are nested too deeply for a call of the host".to_owned(),
        ));
    }
    let mut exit = Exit::new(&session.limits);
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        exit.next();
        let value = exit.value(argument);
        values.push(value.map_err(|refused| fault(format!("`{name}` cannot take {refused}")))?);
    }
    if !session.gauge.count(1 + exit.work() * 16) {
        return Err(ended());
    }
    match session.facts.call(index, &values) {
        Ok(value) => {
            if !session.gauge.count(size(&value)) {
                return Err(ended());
            }
            Ok(into_script(&value))
        }
        Err(message) => Err(fault(message)),
    }
}

/// What making a value is charged for.
fn size(value: &Value) -> u64 {
    match value {
        Value::Array(values) => values.iter().map(size).sum::<u64>() + 1,
        Value::Map(map) => map.values().map(size).sum::<u64>() + 1,
        _ => 1,
    }
}
