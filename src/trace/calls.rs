//! Calls: functions of the script, host functions, functions of the observer.

use crate::language::{FUNCTIONS, FunctionSpec, Value};
use crate::script::builtins::{self, Ambient, with_article};
use crate::syntax::ast::{Expr, ExprKind, Name};

use super::evaluator::{Eval, Evaluator, fail};
use super::observer::Observer;
use super::sizes::{self, Sizes};

impl<'a, O: Observer> Evaluator<'a, '_, O> {
    /// `name(arguments)`
    pub(super) fn call_of(
        &mut self,
        expr: &'a Expr,
        name: &'a Name,
        arguments: &'a [Expr],
    ) -> Eval {
        let values = self.arguments(arguments)?;
        self.invoke(expr, name, values)
    }

    /// The interpreter looks at a first argument that is a bare name last.
    fn arguments(&mut self, arguments: &'a [Expr]) -> Eval<Vec<Value>> {
        let mut values = Vec::with_capacity(arguments.len());
        match arguments {
            [first, rest @ ..] if matches!(first.kind, ExprKind::Variable(_)) => {
                values.push(Value::Unit);
                for argument in rest {
                    values.push(self.expression(argument)?);
                }
                values[0] = self.expression(first)?;
            }
            _ => {
                for argument in arguments {
                    values.push(self.expression(argument)?);
                }
            }
        }
        Ok(values)
    }

    fn invoke(&mut self, expr: &'a Expr, name: &'a Name, arguments: Vec<Value>) -> Eval {
        let place = name.span.start;
        let own = (self.code.script.functions.iter()).find(|function| {
            function.name.text == name.text && function.parameters.len() == arguments.len()
        });
        match own {
            Some(function) => self.own_function(function, arguments, place),
            None => self.host_function(expr, name, &arguments),
        }
    }

    /// A host function, as a call or as a method.
    pub(super) fn host_function(&mut self, expr: &Expr, name: &Name, arguments: &[Value]) -> Eval {
        if FunctionSpec::named(&name.text).is_none() {
            let span = expr.span;
            let answer = (self.observer).function(&name.text, arguments, span, self.fuel);
            if let Some(answer) = answer {
                return match answer {
                    Ok(value) => {
                        self.observer.called(expr, name, arguments, &value);
                        Ok(value)
                    }
                    Err(message) => fail(name.span.start, message),
                };
            }
        }
        let value = self.native(&name.text, arguments, name.span.start)?;
        self.observer.called(expr, name, arguments, &value);
        Ok(value)
    }

    /// A function of the table of host functions; `place` is what its errors name.
    pub(super) fn native(&mut self, name: &str, arguments: &[Value], place: u32) -> Eval {
        let index = FUNCTIONS.iter().position(|function| function.name == name);
        let bound = index
            .filter(|_| !arguments.is_empty() && arguments.len() <= 3)
            .filter(|&index| {
                let mut kinds = [""; 3];
                for (kind, argument) in kinds.iter_mut().zip(arguments) {
                    *kind = with_article(argument);
                }
                crate::script::takes(&FUNCTIONS[index], &kinds[..arguments.len()])
            });
        let Some(index) = bound else {
            let kinds: Vec<&'static str> = arguments.iter().map(with_article).collect();
            return fail(place, crate::script::not_taken(name, &kinds));
        };
        let limits = self.code.limits;
        for argument in arguments {
            if let Some(refused) = sizes::refused(argument, limits) {
                return fail(place, format!("`{name}` cannot take {refused}"));
            }
        }
        self.spend(work(arguments))?;
        let facts = self.facts;
        let lookup = |table: &str, key: &str| facts.lookup(table, key);
        let ambient = Ambient {
            now: facts.now(),
            offset: facts.offset(),
            lookup: &lookup,
            limits,
        };
        match builtins::call(index, arguments, &ambient) {
            Ok(value) => match Sizes::of(&value).refused(limits) {
                None => Ok(value),
                Some(refused) => fail(place, refused),
            },
            Err(fault) => fail(place, fault.to_string()),
        }
    }
}

/// What large arguments cost beyond the call itself, in operations.
fn work(arguments: &[Value]) -> u64 {
    let size = |value: &Value| match value {
        Value::Text(text) => text.len() / 16,
        Value::Array(values) => values.len(),
        Value::Map(map) => map.len(),
        _ => 0,
    };
    let product = match arguments {
        [Value::Array(x), Value::Array(y)] => x.len() * y.len() / 64,
        _ => 0,
    };
    (arguments.iter().map(size).sum::<usize>() / 64 + product) as u64
}
