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
use super::own;
use super::session::Session;
use super::worker::{Worker, guarded};
use crate::language::{Limits, Value};

/// The most constants of a script, what they hold being bounded too.
const CONSTANTS: usize = 1024;

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
        Self::compile_refusing(engine::REFUSED_SYMBOLS, text, limits)
    }

    /// [`Program::compile`] for a text that also calls functions of the host's own: each name with
    /// the numbers of arguments that it takes. They are answered by [`Facts::call`].
    ///
    /// # Errors
    /// As [`Program::compile`].
    ///
    /// [`Facts::call`]: super::Facts::call
    pub(crate) fn compile_with(
        text: &str,
        limits: &Limits,
        own: &[(Arc<str>, Vec<usize>)],
    ) -> Result<Self, ScriptError> {
        Self::compile_all(engine::REFUSED_SYMBOLS, text, limits, own)
    }

    /// [`Program::compile`] with other symbols refused, so that tests reach what they shield.
    pub(super) fn compile_refusing(
        symbols: &[&str],
        text: &str,
        limits: &Limits,
    ) -> Result<Self, ScriptError> {
        Self::compile_all(symbols, text, limits, &[])
    }

    fn compile_all(
        symbols: &[&str],
        text: &str,
        limits: &Limits,
        own: &[(Arc<str>, Vec<usize>)],
    ) -> Result<Self, ScriptError> {
        if text.len() > limits.source_bytes {
            let message = format!("the text is longer than {} bytes", limits.source_bytes);
            return Err(ScriptError::new(&message, Position::NONE));
        }
        if longest_parameter_list(text) > limits.parameters {
            let message = format!("a function has more than {} parameters", limits.parameters);
            return Err(ScriptError::new(&message, Position::NONE));
        }
        guarded(|| Self::compiled(symbols, text, limits, own))
            .unwrap_or_else(|| Err(ScriptError::new("the script engine failed", Position::NONE)))
    }

    fn compiled(
        symbols: &[&str],
        text: &str,
        limits: &Limits,
        own: &[(Arc<str>, Vec<usize>)],
    ) -> Result<Self, ScriptError> {
        let mut engine = engine::bare(limits);
        for symbol in symbols {
            engine.disable_symbol(*symbol);
        }
        let ast = (engine.compile(text)).map_err(|error| ScriptError::parsing(&error))?;
        let mut functions = functions::all();
        own::register(&mut functions, own);
        let functions = Arc::new(functions.module);
        let meter = Meter::new(limits.operations);
        let gauge = Arc::new(Gauge::new(meter.clone()));
        let session = Session::of_constants(gauge.clone(), *limits);
        engine.set_max_variables(CONSTANTS);
        engine.set_default_tag(session.into_tag());
        engine::equip(&mut engine, functions.clone(), Some(gauge.clone()));
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

/// The number of parameters in the longest list of them, or of what looks like one in a comment or
/// a text: Rhai compares each with all others before it looks at any limit.
fn longest_parameter_list(text: &str) -> usize {
    let mut longest = 0;
    for (at, _) in text.match_indices("fn") {
        let rest = text.get(at..).unwrap_or("");
        let Some(name) = rest.char_indices().take(512).find(|&(_, c)| c == '(') else {
            continue;
        };
        let list = rest.get(name.0 + 1..).unwrap_or("");
        let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_,/*".contains(c);
        let list = list.split(|c| !plain(c)).next().unwrap_or(list);
        let names = list.split(',').filter(|name| !name.trim().is_empty());
        longest = longest.max(names.count());
    }
    longest
}
