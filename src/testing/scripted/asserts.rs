//! The assertions: what ends a test as failed, and with which words.

use crate::language::{Hook, Value};
use crate::script::builtins::operators::equal;

use super::calls;
use super::fixture::{Fixture, Own};
use super::report::Failing;

/// Runs an assertion; nothing where the name and the arguments are none.
pub(super) fn assertion(
    fixture: &Fixture,
    name: &str,
    arguments: &[Value],
) -> Option<Result<Value, String>> {
    let failing = match (name, arguments) {
        ("assert", [Value::Bool(holds)]) => {
            (!holds).then(|| Failing::new("assert", "this is false"))
        }
        ("assert", [Value::Bool(holds), Value::Text(why)]) => {
            (!holds).then(|| Failing::new("assert", why))
        }
        ("assert_eq", [left, right]) => unequal(fixture, left, right),
        ("assert_eq", [left, right, Value::Text(why)]) => {
            unequal(fixture, left, right).map(|failing| failing.because(why))
        }
        ("assert_near", [left, right, within]) => far(left, right, within)?,
        ("assert_near", [left, right, within, Value::Text(why)]) => {
            far(left, right, within)?.map(|failing| failing.because(why))
        }
        ("assert_error", [Value::Text(function), Value::Array(given)]) => {
            match no_error(fixture, function, given, "") {
                Ok(failing) => failing,
                Err(message) => return Some(Err(message)),
            }
        }
        (
            "assert_error",
            [
                Value::Text(function),
                Value::Array(given),
                Value::Text(text),
            ],
        ) => match no_error(fixture, function, given, text) {
            Ok(failing) => failing,
            Err(message) => return Some(Err(message)),
        },
        _ => return None,
    };
    Some(match failing {
        None => Ok(Value::Unit),
        Some(failing) => {
            let message = failing.message.clone();
            fixture.state().failing = Some(failing);
            Err(message)
        }
    })
}

fn unequal(fixture: &Fixture, left: &Value, right: &Value) -> Option<Failing> {
    (!equal(left, right)).then(|| {
        Failing::new("assert-eq", "the two are not equal")
            .with_values(fixture.shown(left), fixture.shown(right))
    })
}

/// `None` where one of them is no number.
fn far(left: &Value, right: &Value, within: &Value) -> Option<Option<Failing>> {
    let (left, right, within) = (left.as_number()?, right.as_number()?, within.as_number()?);
    let apart = (left - right).abs();
    let near = apart <= within || left.to_bits() == right.to_bits();
    Some((!near).then(|| {
        let message = format!("the two are {apart:?} apart, more than {within:?}");
        Failing::new("assert-near", &message).with_values(format!("{left:?}"), format!("{right:?}"))
    }))
}

fn no_error(
    fixture: &Fixture,
    function: &str,
    arguments: &[Value],
    text: &str,
) -> Result<Option<Failing>, String> {
    let outcome = match Hook::named(function) {
        Some(hook) => calls::ask_hook(fixture, hook, arguments)?,
        None => {
            let known = |own: &Own| matches!(own, Own::Helper(name) if **name == *function);
            if !fixture.bench.own.iter().any(known) {
                let function = crate::syntax::clipped(function);
                return Err(format!("the policy has no function `{function}`"));
            }
            let parameters = (fixture.bench.policy.compiled().tests.callable.iter())
                .find(|(name, _)| **name == *function)
                .map_or(0, |(_, parameters)| *parameters);
            if parameters != arguments.len() {
                return Err(format!(
                    "`{function}` takes {parameters} arguments, not {}",
                    arguments.len()
                ));
            }
            calls::ask_helper(fixture, function, arguments)?
        }
    };
    Ok(match outcome {
        Ok(value) => {
            let message = format!("`{function}` answers, and an error was expected");
            Some(
                Failing::new("assert-error", &message)
                    .with_values(fixture.shown(&value), expected(text)),
            )
        }
        Err(error) if error.stop().is_some() => return Err(error.to_string()),
        Err(error) if error.message().contains(text) => None,
        Err(error) => {
            let message = format!("`{function}` fails with another message");
            let said = fixture.shown(&Value::from(error.message()));
            Some(Failing::new("assert-error", &message).with_values(said, expected(text)))
        }
    })
}

fn expected(text: &str) -> String {
    if text.is_empty() {
        "an error".to_owned()
    } else {
        format!(
            "an error with {}",
            super::shown::shown(&Value::from(text), &|_, _| String::new())
        )
    }
}
