//! One thread's engine over a shared program: calls hooks by name.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rhai::{CallFnOptions, Dynamic, Engine, FuncArgs, Scope};

use super::convert::{Exit, into_script};
use super::engine;
use super::error::CallError;
use super::meter::{Gauge, Meter};
use super::program::Program;
use super::record::Facts;
use super::session::Session;
use crate::language::Value;

/// Calls the functions of one program, on one thread at a time.
///
/// [`Worker::bind`] says what hooks look at (a view in one role) and costs a few microseconds;
/// [`Worker::call`] then costs what the script costs.
pub(crate) struct Worker {
    program: Program,
    engine: Engine,
    gauge: Arc<Gauge>,
    per_call: u64,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Worker"))
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

/// Runs something that may panic inside Rhai; `None` where it did.
///
/// What is behind the boundary after a panic: an engine without state of its own, the gauge's
/// atomics, and values that are dropped. So nothing is seen half changed.
pub(super) fn guarded<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// Arguments on their way into Rhai, without a vector between.
struct Arguments<'a>(&'a [Value]);

impl FuncArgs for Arguments<'_> {
    fn parse<T: Extend<Dynamic>>(self, arguments: &mut T) {
        arguments.extend(self.0.iter().map(into_script));
    }
}

impl Worker {
    pub(super) fn new(program: Program, meter: &Meter) -> Self {
        let gauge = Arc::new(Gauge::new(meter.clone()));
        let mut engine = engine::bare(&program.shared.limits);
        engine::equip(
            &mut engine,
            program.shared.functions.clone(),
            Some(gauge.clone()),
        );
        Self {
            program,
            engine,
            per_call: meter.per_call(),
            gauge,
        }
    }

    /// The same without metering, to measure what metering costs.
    pub(super) fn unmetered(mut self) -> Self {
        self.engine = engine::bare(&self.program.shared.limits);
        engine::equip(
            &mut self.engine,
            self.program.shared.functions.clone(),
            None,
        );
        self
    }

    /// Says what the next calls look at.
    pub(crate) fn bind(&mut self, facts: Arc<dyn Facts>) {
        let shared = &self.program.shared;
        let session = Session::new(facts, &shared.constants, self.gauge.clone(), shared.limits);
        self.engine.set_default_tag(session.into_tag());
    }

    /// Tells the meter now what it would be told in steps.
    pub(crate) fn tell(&self) {
        self.gauge.tell();
    }

    /// Calls a function of the script; before, [`Worker::bind`] must have been called.
    ///
    /// # Errors
    /// [`CallError`] where the script fails, panics inside, uses up its operations, answers with
    /// something that is not a value of the language, or the plan stops.
    pub(crate) fn call(&mut self, function: &str, arguments: &[Value]) -> Result<Value, CallError> {
        self.gauge.start().map_err(CallError::stopped)?;
        let answer = guarded(|| {
            self.engine.call_fn_with_options::<Dynamic>(
                CallFnOptions::new().eval_ast(false),
                &mut Scope::new(),
                &self.program.shared.ast,
                function,
                Arguments(arguments),
            )
        });
        match answer {
            None => Err(CallError::failed("the script engine failed")),
            Some(Err(error)) => Err(CallError::new(&error, self.gauge.ended(), self.per_call)),
            Some(Ok(value)) => (Exit::new(&self.program.shared.limits).value(&value))
                .map_err(|refused| CallError::failed(&format!("the answer is {refused}"))),
        }
    }
}
