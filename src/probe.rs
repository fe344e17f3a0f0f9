//! One policy in all its engines, side by side: what tests compare and figures measure.
//!
//! Not part of the interface of the crate. It runs single functions, makes no plan and validates
//! no answer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::kernel::{self, Env, ListScorer, PairHook, PairScorer, RowResults};
use crate::language::{Limits, Parameter, Side, Time, UtcOffset, Value};
use crate::model::{FieldIx, RoleIx, Schema, View};
use crate::script::{self, CallErrorKind, Facts, Meter};
use crate::syntax::{Parsed, Source, parse};
use crate::trace::{self, Code, Fuel, TraceErrorKind, Unobserved};

/// A policy compiled for all engines.
#[derive(Debug)]
pub struct Probe {
    source: Source,
    parsed: Parsed,
    script: script::Program,
    constants: BTreeMap<Arc<str>, Value>,
}

/// A function that the kernel has taken.
#[derive(Debug, Clone)]
pub struct Lowered(kernel::Program);

/// Why a call has no value, as either evaluator of trees says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// Line and column, where there are some.
    pub place: Option<(u32, u32)>,
    /// Whether it was ended by its budget or by the stack.
    pub ended: bool,
}

/// What the kernel answered for rows.
#[derive(Debug, Default)]
pub struct Answers(RowResults);

/// The kernel's scores of pairs.
#[derive(Debug, Clone)]
pub struct Scorer<'v>(PairScorer<'v>);

/// The kernel's scores of pairs that are listed.
#[derive(Debug, Clone)]
pub struct Listed<'v>(ListScorer<'v>);

/// A pair that the kernel left to the interpreter: customer in the block, rep, and whether it was
/// `score` (else `eligible`).
pub type Deferred = (u32, u32, bool);

impl Probe {
    /// Compiles a text; the error is for people.
    ///
    /// # Errors
    /// What either engine says against it.
    pub fn new(text: &str) -> Result<Self, String> {
        let limits = Limits::default();
        let parsed = parse(text, &limits);
        if parsed.has_errors() {
            return Err(format!("{:?}", parsed.diagnostics));
        }
        let script = script::Program::compile(text, &limits).map_err(|error| error.message)?;
        Ok(Self {
            source: Source::new(text),
            constants: script.constants(),
            parsed,
            script,
        })
    }

    /// The defaults of `params`.
    #[must_use]
    pub fn params(&self) -> Arc<BTreeMap<Arc<str>, Value>> {
        match self.constants.get("PARAMS") {
            Some(Value::Map(params)) => params.clone(),
            _ => Arc::default(),
        }
    }

    /// How many parameters a function takes.
    #[must_use]
    pub fn arity(&self, function: &str) -> Option<usize> {
        let function = self.parsed.script.function(function)?;
        Some(function.parameters.len())
    }

    /// Lowers a function whose parameters hold that.
    ///
    /// # Errors
    /// The construct that the kernel does not take, and what to write instead.
    pub fn lower(
        &self,
        schema: &Schema,
        function: &str,
        parameters: &'static [Parameter],
    ) -> Result<Lowered, String> {
        let limits = Limits::default();
        let env = Env {
            schema,
            constants: &self.constants,
            parameters,
            limits: &limits,
        };
        let function =
            (self.parsed.script.function(function)).ok_or("there is no such function")?;
        kernel::lower(&self.parsed.script, function, &env)
            .map(Lowered)
            .map_err(|refusal| {
                let at = refusal.span.start;
                format!("{} at byte {at}: {}", refusal.construct, refusal.advice)
            })
    }

    /// Calls a function in the interpreter.
    ///
    /// # Errors
    /// For each call that fails, the message.
    #[must_use]
    pub fn interpret(
        &self,
        view: &View,
        role: Option<RoleIx>,
        function: &str,
        calls: &[Vec<Value>],
    ) -> Vec<Result<Value, String>> {
        let placed = self.interpret_placed(view, role, function, calls);
        let answers = placed.into_iter();
        answers
            .map(|answer| answer.map_err(|failure| failure.message))
            .collect()
    }

    /// Calls a function in the interpreter.
    ///
    /// # Errors
    /// For each call that fails, what and where.
    #[must_use]
    pub fn interpret_placed(
        &self,
        view: &View,
        role: Option<RoleIx>,
        function: &str,
        calls: &[Vec<Value>],
    ) -> Vec<Result<Value, Failure>> {
        let mut worker = self.script.worker(&Meter::new(1_000_000));
        worker.bind(Arc::new(OfView {
            view: view.clone(),
            role,
        }));
        (calls.iter())
            .map(|arguments| {
                worker.call(function, arguments).map_err(|error| Failure {
                    place: error.line.zip(error.column),
                    ended: error.kind != CallErrorKind::Failed
                        || error.message.contains("nested too deeply"),
                    message: error.message,
                })
            })
            .collect()
    }

    /// Calls a function over the syntax tree, observed by nobody.
    ///
    /// # Errors
    /// For each call that fails, what and where.
    #[must_use]
    pub fn trace(
        &self,
        view: &View,
        role: Option<RoleIx>,
        function: &str,
        calls: &[Vec<Value>],
    ) -> Vec<Result<Value, Failure>> {
        let facts = OfView {
            view: view.clone(),
            role,
        };
        let limits = Limits::default();
        let code = Code {
            script: &self.parsed.script,
            source: &self.source,
            constants: &self.constants,
            limits: &limits,
        };
        let of = |arguments: &Vec<Value>| {
            let mut fuel = Fuel {
                operations: 1_000_000,
                ..Fuel::of(&limits)
            };
            let arguments = arguments.clone();
            trace::call(
                &code,
                &facts,
                function,
                arguments,
                &mut fuel,
                &mut Unobserved,
            )
            .map_err(|error| Failure {
                place: error.line.zip(error.column),
                ended: error.kind == TraceErrorKind::Budget
                    || error.message.contains("nested too deeply"),
                message: error.message,
            })
        };
        calls.iter().map(of).collect()
    }
}

impl Lowered {
    /// Answers for rows of the side that the function reads.
    pub fn rows(&self, view: &View, rows: &[u32], role: Option<RoleIx>, out: &mut Answers) {
        self.0.rows(view, rows, role, &mut out.0);
    }

    /// The listing with the source beside it.
    #[must_use]
    pub fn listing(&self, source: &str) -> String {
        self.0.listing(source).to_string()
    }

    /// The names of the fields it reads: of the customer, of the rep.
    #[must_use]
    pub fn reads(&self) -> [Vec<String>; 2] {
        let reads = self.0.reads();
        let names = |fields: std::collections::BTreeSet<Arc<str>>| {
            fields.iter().map(ToString::to_string).collect()
        };
        [names(reads.customer), names(reads.rep)]
    }
}

/// The listing.
impl fmt::Display for Lowered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Answers {
    /// The answer of a row; `None` where it deferred.
    #[must_use]
    pub fn value(&self, row: usize) -> Option<Value> {
        self.0.value(row)
    }

    /// The answer of a row as a number.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<f64> {
        self.0.number(row)
    }

    /// Which rows deferred.
    #[must_use]
    pub fn deferred(&self) -> &[bool] {
        self.0.deferred()
    }

    /// All answers, where they are floats.
    #[must_use]
    pub fn floats(&self) -> Option<&[f64]> {
        self.0.floats()
    }

    /// All answers, where they are texts, as numbers into the texts.
    #[must_use]
    pub fn texts(&self) -> Option<(&[u32], &[Value])> {
        Some((self.0.text_numbers()?, self.0.texts()))
    }
}

impl<'v> Scorer<'v> {
    /// Binds the hooks of pairs.
    #[must_use]
    pub fn new(
        eligible: Option<&'v Lowered>,
        score: Option<&'v Lowered>,
        view: &'v View,
        reps: &[u32],
        role: Option<RoleIx>,
    ) -> Self {
        let program = |lowered: &'v Lowered| &lowered.0;
        Self(PairScorer::new(
            eligible.map(program),
            score.map(program),
            view,
            reps,
            role,
            usize::MAX,
        ))
    }

    /// Scores a block of customers, a row of reps each; NaN where a pair is no candidate.
    pub fn block(&mut self, customers: &[u32], scores: &mut [f64], deferred: &mut Vec<Deferred>) {
        let mut own = Vec::new();
        self.0.block(customers, scores, &mut own);
        deferred.extend(
            own.iter()
                .map(|pair| (pair.customer, pair.rep, pair.hook == PairHook::Score)),
        );
    }
}

impl<'v> Listed<'v> {
    /// Binds the hooks of pairs.
    #[must_use]
    pub fn new(
        eligible: Option<&'v Lowered>,
        score: Option<&'v Lowered>,
        view: &'v View,
        role: Option<RoleIx>,
    ) -> Self {
        let program = |lowered: &'v Lowered| &lowered.0;
        Self(ListScorer::new(
            eligible.map(program),
            score.map(program),
            view,
            role,
        ))
    }

    /// The score of each pair, NaN where it is no candidate, and the indices of those that
    /// deferred.
    pub fn scores(&mut self, customers: &[u32], reps: &[u32]) -> (Vec<f64>, Vec<u32>) {
        let (mut scores, mut deferred) = (vec![0.0; customers.len()], Vec::new());
        (self.0).scores(customers, reps, &mut scores, &mut deferred);
        (scores, deferred)
    }
}

/// What the interpreter sees.
struct OfView {
    view: View,
    role: Option<RoleIx>,
}

impl Facts for OfView {
    fn field(&self, side: Side, name: &str) -> Option<u16> {
        let field = self.view.book().schema().field(side, name)?;
        Some(field.0)
    }
    fn value(&self, side: Side, row: u32, field: u16) -> Value {
        self.view.value(side, row, FieldIx(field), self.role)
    }
    fn lookup(&self, table: &str, key: &str) -> Value {
        self.view.lookup(table, key)
    }
    fn now(&self) -> Option<Time> {
        Some(self.view.now())
    }
    fn offset(&self) -> UtcOffset {
        self.view.offset()
    }
    fn params(&self) -> Option<Value> {
        Some(Value::Map(self.view.params().clone()))
    }
}
