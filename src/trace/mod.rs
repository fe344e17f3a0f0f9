//! A function of a script evaluated over its syntax tree, with everything that happens on the way
//! told to an observer.
//!
//! Explanations and coverage are two observers of this one evaluation. It gives what the
//! interpreter gives: the same value to the bit, or an error at the same place, for every text
//! that the checker passes; the properties that hold the kernel to the interpreter hold it too.
//! Host functions are those of [`script::builtins`](crate::script), fields come from the same
//! [`Facts`], so that neither has a second meaning here.
//!
//! It is not for plans: those run the kernel, and the interpreter where that defers. It costs one
//! to two hundred nanoseconds for each node that it visits, and what the observer costs: with
//! observers known at compile time, one that listens to nothing costs nothing.
//!
//! Two things differ from the interpreter. `text[0]` gives a text of one character at once; the
//! interpreter has a character there, which `switch` and the functions of texts do not take, and
//! makes it a text when it leaves the script. And where all locals of a function hold too much
//! together the interpreter ends a call at some later read.

mod calls;
mod chains;
mod error;
mod evaluator;
mod expressions;
mod observer;
mod operators;
mod places;
mod sizes;
mod statements;
mod switch;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::language::{Limits, Value};
use crate::script::Facts;
use crate::syntax::Source;
use crate::syntax::ast::Script;

pub(crate) use error::{TraceError, TraceErrorKind};
use evaluator::Evaluator;
pub(crate) use observer::{Observer, Taken, Unobserved};

/// What is evaluated: a script, its text, and what its constants are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code<'a> {
    /// The tree, without errors.
    pub(crate) script: &'a Script,
    /// The text that it was read from.
    pub(crate) source: &'a Source,
    /// The constants of the top level, evaluated.
    pub(crate) constants: &'a BTreeMap<Arc<str>, Value>,
    /// The sizes that values must keep.
    pub(crate) limits: &'a Limits,
}

/// What an evaluation may still cost. One is handed through all calls that belong together, those
/// too that an observer makes from within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fuel {
    /// Nodes that may still be visited; host functions count more for large arguments.
    pub(crate) operations: u64,
    /// Calls of the script's own functions that may still be begun within each other.
    pub(crate) depth: usize,
}

impl Fuel {
    /// What one call of a hook may cost.
    pub(crate) const fn of(limits: &Limits) -> Self {
        Self {
            operations: limits.operations,
            depth: limits.call_depth,
        }
    }
}

/// Calls a function of the script.
///
/// # Errors
/// What the interpreter says, at the place that it names; or that the fuel is used up.
pub(crate) fn call<O: Observer>(
    code: &Code<'_>,
    facts: &dyn Facts,
    function: &str,
    arguments: Vec<Value>,
    fuel: &mut Fuel,
    observer: &mut O,
) -> Result<Value, TraceError> {
    let given = arguments.len();
    let found = (code.script.functions.iter())
        .find(|item| &*item.name.text == function && item.parameters.len() == given);
    let Some(function) = found else {
        return Err(TraceError::failed(
            format!("there is no function `{function}` with {given} parameters"),
            None,
        ));
    };
    Evaluator::new(code, facts, fuel, observer).call(function, arguments)
}

#[cfg(test)]
mod tests;
