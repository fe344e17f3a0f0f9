//! The evaluator's state, calls of the script's own functions, and names.

use std::sync::Arc;

use crate::language::Value;
use crate::script::Facts;
use crate::syntax::ast::{Expr, FunctionItem};

use super::error::{TraceError, TraceErrorKind};
use super::observer::Observer;
use super::{Code, Fuel, sizes};

/// Why evaluation leaves the ordinary way.
#[derive(Debug)]
pub(super) enum Leave {
    Failed(Box<TraceError>),
    Return(Value),
    Break,
    Continue,
}

/// The value of an expression, or why there is none.
pub(super) type Eval<T = Value> = Result<T, Leave>;

/// A failure at a byte.
pub(super) fn fail<T>(byte: u32, message: impl Into<String>) -> Eval<T> {
    Err(Leave::Failed(Box::new(TraceError::failed(
        message,
        Some(byte),
    ))))
}

/// A parameter or a local.
#[derive(Debug)]
pub(super) struct Local<'a> {
    pub(super) name: &'a str,
    pub(super) value: Value,
    pub(super) constant: bool,
}

/// Evaluates functions of one script, one within the other.
pub(super) struct Evaluator<'a, 'o, O> {
    pub(super) code: &'a Code<'a>,
    pub(super) facts: &'a dyn Facts,
    pub(super) observer: &'o mut O,
    pub(super) fuel: &'o mut Fuel,
    /// The locals of the function at hand, innermost last.
    pub(super) locals: Vec<Local<'a>>,
    /// The expression that gave the last value, branches and blocks looked through.
    pub(super) producer: Option<&'a Expr>,
    params: Option<Value>,
}

impl<'a, 'o, O: Observer> Evaluator<'a, 'o, O> {
    pub(super) fn new(
        code: &'a Code<'a>,
        facts: &'a dyn Facts,
        fuel: &'o mut Fuel,
        observer: &'o mut O,
    ) -> Self {
        Self {
            code,
            facts,
            observer,
            fuel,
            locals: Vec::new(),
            producer: None,
            params: facts.params(),
        }
    }

    /// The whole call: what leaves the script must keep the limits.
    pub(super) fn call(
        mut self,
        function: &'a FunctionItem,
        arguments: Vec<Value>,
    ) -> Result<Value, TraceError> {
        let value = self.own_function(function, arguments, function.name.span.start);
        let source = self.code.source;
        match value {
            Ok(value) => match sizes::refused(&value, self.code.limits) {
                None => Ok(value),
                Some(refused) => Err(TraceError::failed(format!("the answer is {refused}"), None)),
            },
            Err(Leave::Failed(error)) => Err(error.placed(source)),
            // The parser lets `break` and `continue` stand in loops only, and `own_function`
            // takes every `return`.
            Err(_) => Err(TraceError::failed("the script failed", None)),
        }
    }

    /// A call of one of the script's functions; `place` is what an error of the call itself names.
    pub(super) fn own_function(
        &mut self,
        function: &'a FunctionItem,
        arguments: Vec<Value>,
        place: u32,
    ) -> Eval {
        self.step()?;
        let Some(depth) = self.fuel.depth.checked_sub(1) else {
            return fail(place, "calls are nested too deeply");
        };
        self.fuel.depth = depth;
        self.observer.enters(function, &arguments);
        let locals = (function.parameters.iter().zip(arguments))
            .map(|(name, value)| Local {
                name: &name.text,
                value,
                constant: false,
            })
            .collect();
        let outer = std::mem::replace(&mut self.locals, locals);
        self.producer = None;
        let value = match self.statements(&function.body.statements) {
            Err(Leave::Return(value)) => Ok(value),
            other => other,
        };
        self.locals = outer;
        self.fuel.depth += 1;
        if let Ok(value) = &value {
            self.observer.leaves(function, value, self.producer);
        }
        value
    }

    /// Counts one operation.
    pub(super) fn step(&mut self) -> Eval<()> {
        self.spend(1)
    }

    pub(super) fn spend(&mut self, operations: u64) -> Eval<()> {
        match self.fuel.operations.checked_sub(operations) {
            Some(left) => {
                self.fuel.operations = left;
                Ok(())
            }
            None => {
                self.fuel.operations = 0;
                Err(Leave::Failed(Box::new(TraceError {
                    kind: TraceErrorKind::Budget,
                    ..TraceError::failed("its operations are used up", None)
                })))
            }
        }
    }

    /// The value of a name: constants, `params` and `now` go before locals.
    pub(super) fn variable(&mut self, name: &Arc<str>, place: u32) -> Eval {
        if let Some(value) = self.global(name) {
            return Ok(value);
        }
        let found = self.locals.iter().rev().find(|local| local.name == &**name);
        let Some(local) = found else {
            return fail(place, format!("`{name}` is not known"));
        };
        match sizes::held_too_much(name, &local.value, self.code.limits) {
            None => Ok(local.value.clone()),
            Some(message) => fail(place, message),
        }
    }

    /// A name that every function sees.
    pub(super) fn global(&self, name: &str) -> Option<Value> {
        match name {
            "params" if self.params.is_some() => self.params.clone(),
            "now" => self.facts.now().map(Value::Time),
            _ => self.code.constants.get(name).cloned(),
        }
    }
}
