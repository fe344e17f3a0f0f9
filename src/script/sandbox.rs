//! The sandbox alone, for tests: no check of ours in front of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{CallError, CallErrorKind, Clock, Facts, Meter, Program, ScriptError, Stop, Worker};
use crate::language::{Limits, Side, Time, UtcOffset, Value};

/// A script behind the second wall only. Not part of the API: tests of hostile scripts use it.
///
/// Records are made of the given fields, the same for every row.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sandbox {
    program: Program,
    worker: Worker,
    meter: Meter,
}

/// What a sandboxed script was refused for, or ended by.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxError {
    /// `compile`, `failed`, `budget`, `cancelled`, `deadline` or `operations`.
    pub kind: &'static str,
    /// The message.
    pub message: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}

/// What a sandboxed script sees.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct SandboxFacts {
    /// Fields of customers.
    pub customer: BTreeMap<String, Value>,
    /// Fields of reps.
    pub rep: BTreeMap<String, Value>,
    /// `params`.
    pub params: BTreeMap<Arc<str>, Value>,
    /// `now`.
    pub now: Option<Time>,
}

impl SandboxFacts {
    fn fields(&self, side: Side) -> &BTreeMap<String, Value> {
        match side {
            Side::Customer => &self.customer,
            Side::Rep => &self.rep,
        }
    }
}

impl Facts for SandboxFacts {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        let at = self.fields(side).keys().position(|known| known == name)?;
        u16::try_from(at).ok()
    }
    fn value(&self, side: Side, _: u32, field: u16) -> Value {
        let value = self.fields(side).values().nth(usize::from(field));
        value.cloned().unwrap_or(Value::Unit)
    }
    fn lookup(&self, table: &str, key: &str) -> Value {
        match (table, key) {
            ("zips", "10115") => Value::from("north"),
            _ => Value::Unit,
        }
    }
    fn now(&self) -> Option<Time> {
        self.now
    }
    fn offset(&self) -> UtcOffset {
        UtcOffset::default()
    }
    fn params(&self) -> Option<Value> {
        Some(Value::Map(Arc::new(self.params.clone())))
    }
}

impl Sandbox {
    /// Compiles a text, whatever it holds.
    ///
    /// # Errors
    /// What Rhai, the limits or the constants say.
    pub fn compile(
        text: &str,
        limits: &Limits,
        facts: &SandboxFacts,
    ) -> Result<Self, SandboxError> {
        Ok(Self::of(Program::compile(text, limits)?, limits, facts))
    }

    /// Compiles with loops, `try` and `throw` let in: what is refused on sight otherwise must be
    /// held by the budgets too.
    ///
    /// # Errors
    /// As [`Sandbox::compile`].
    pub fn compile_open(
        text: &str,
        limits: &Limits,
        facts: &SandboxFacts,
    ) -> Result<Self, SandboxError> {
        let refused = ["Fn", "call", "curry", "eval", "this", "import", "export"];
        let program = Program::compile_refusing(&refused, text, limits)?;
        Ok(Self::of(program, limits, facts))
    }

    fn of(program: Program, limits: &Limits, facts: &SandboxFacts) -> Self {
        let meter = Meter::new(limits.operations);
        let mut sandbox = Self {
            worker: program.worker(&meter),
            program,
            meter,
        };
        sandbox.worker.bind(Arc::new(facts.clone()));
        sandbox
    }

    /// Bounds all further calls together.
    #[must_use]
    pub fn bounded(
        self,
        operations: u64,
        flag: Arc<AtomicBool>,
        clock: Arc<dyn Fn() -> Duration + Send + Sync>,
        deadline: Duration,
        facts: &SandboxFacts,
    ) -> Self {
        let clock: Clock = clock;
        let meter = Meter::new(self.meter.per_call())
            .plan_operations(operations)
            .cancelled_by(flag)
            .deadline(clock, deadline);
        let mut worker = self.program.worker(&meter);
        worker.bind(Arc::new(facts.clone()));
        Self {
            program: self.program,
            worker,
            meter,
        }
    }

    /// The same without metering, to measure what metering costs: nothing ends a call.
    #[must_use]
    pub fn unmetered(mut self, facts: &SandboxFacts) -> Self {
        self.worker = self.worker.unmetered();
        self.worker.bind(Arc::new(facts.clone()));
        self
    }

    /// Calls a function.
    ///
    /// # Errors
    /// What the script fails with or is ended by.
    pub fn call(&mut self, function: &str, arguments: &[Value]) -> Result<Value, SandboxError> {
        Ok(self.worker.call(function, arguments)?)
    }

    /// The constants of the top level.
    #[must_use]
    pub fn constants(&self) -> BTreeMap<Arc<str>, Value> {
        self.program.constants()
    }

    /// Whether the function is defined.
    #[must_use]
    pub fn has_function(&self, name: &str, parameters: usize) -> bool {
        self.program.has_function(name, parameters)
    }

    /// Operations of all calls so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.worker.tell();
        self.meter.spent()
    }
}

impl From<ScriptError> for SandboxError {
    fn from(error: ScriptError) -> Self {
        Self {
            kind: "compile",
            message: error.message,
            line: error.line,
            column: error.column,
        }
    }
}

impl From<CallError> for SandboxError {
    fn from(error: CallError) -> Self {
        Self {
            kind: match error.kind {
                CallErrorKind::Failed => "failed",
                CallErrorKind::Budget => "budget",
                CallErrorKind::Stopped(Stop::Cancelled) => "cancelled",
                CallErrorKind::Stopped(Stop::Deadline) => "deadline",
                CallErrorKind::Stopped(Stop::Operations) => "operations",
            },
            message: error.message,
            line: error.line,
            column: error.column,
        }
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for SandboxError {}
