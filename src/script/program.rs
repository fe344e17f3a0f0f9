//! A policy's text, compiled: shared by all workers, without any state that changes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rhai::{AST, Module, Position, Scope};

use super::convert::Exit;
use super::engine;
use super::error::{CallError, ScriptError};
use super::functions;
use super::meter::{Gauge, Meter};
use super::record::NoFacts;
use super::session::Session;
use super::worker::{Worker, guarded};
use crate::language::{Limits, Value};

/// A compiled script. Cloning shares it; threads may use it at once without a lock.
#[derive(Clone)]
pub(crate) struct Program {
    pub(super) shared: Arc<Shared>,
}

/// What a program's workers share.
pub(super) struct Shared {
    pub(super) ast: AST,
    pub(super) functions: Arc<Module>,
    pub(super) constants: Vec<(Arc<str>, Value)>,
    pub(super) limits: Limits,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f.debug_struct("Program"))
            .field("constants", &self.shared.constants)
            .finish_non_exhaustive()
    }
}

impl Program {
    /// Compiles a text and evaluates its constants once, in the order of the text, within the
    /// operations of one call.
    ///
    /// # Errors
    /// A text that is too long, does not parse as Rhai or uses a refused symbol; a constant that
    /// fails.
    pub(crate) fn compile(text: &str, limits: &Limits) -> Result<Self, ScriptError> {
        if text.len() > limits.source_bytes {
            let message = format!("the text is longer than {} bytes", limits.source_bytes);
            return Err(ScriptError::new(&message, Position::NONE));
        }
        guarded(|| Self::compiled(text, limits))
            .unwrap_or_else(|| Err(ScriptError::new("the script engine failed", Position::NONE)))
    }

    fn compiled(text: &str, limits: &Limits) -> Result<Self, ScriptError> {
        let mut engine = engine::bare(limits);
        engine::refuse_symbols(&mut engine);
        let ast = (engine.compile(text)).map_err(|error| ScriptError::parsing(&error))?;
        let functions = Arc::new(functions::all().module);
        let meter = Meter::new(limits.operations);
        let gauge = Arc::new(Gauge::new(meter.clone()));
        let session = Session::new(Arc::new(NoFacts), &[], gauge.clone(), *limits);
        engine.set_default_tag(session.into_tag());
        engine::equip(&mut engine, functions.clone(), gauge.clone());
        let mut scope = Scope::new();
        let started = gauge.start();
        started.map_err(|stop| ScriptError::from(CallError::stopped(stop)))?;
        engine
            .run_ast_with_scope(&mut scope, &ast)
            .map_err(|error| CallError::new(&error, gauge.ended(), limits.operations))?;
        let mut constants = BTreeMap::new();
        for (name, constant, value) in scope.iter() {
            if !constant {
                continue;
            }
            let value = Exit::new(limits).value(&value).map_err(|refused| {
                ScriptError::new(&format!("`{name}` is {refused}"), Position::NONE)
            })?;
            constants.insert(Arc::from(name), value);
        }
        Ok(Self {
            shared: Arc::new(Shared {
                ast,
                functions,
                constants: constants.into_iter().collect(),
                limits: *limits,
            }),
        })
    }

    /// The constants of the top level.
    pub(crate) fn constants(&self) -> BTreeMap<Arc<str>, Value> {
        self.shared.constants.iter().cloned().collect()
    }

    /// Whether the script defines the function with that many parameters.
    pub(crate) fn has_function(&self, name: &str, parameters: usize) -> bool {
        (self.shared.ast.iter_functions())
            .any(|function| function.name == name && function.params.len() == parameters)
    }

    /// A worker for one thread, counting against `meter`.
    pub(crate) fn worker(&self, meter: &Meter) -> Worker {
        Worker::new(self.clone(), meter)
    }
}
