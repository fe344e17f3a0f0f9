//! What one worker's calls look at: facts, constants, limits, the counter.
//!
//! Rhai carries it to every function and variable as the evaluation's tag. Made once per binding;
//! reading a name costs a few nanoseconds and a copy of the value.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use rhai::{Dynamic, EvalAltResult, NativeCallContext};

use super::builtins::{self, Ambient};
use super::convert::into_script;
use super::error::fault;
use super::meter::Gauge;
use super::record::{BuiltIn, Facts, NoFacts};
use crate::language::{Limits, Value};

/// What evaluation carries along in its tag: all that functions and variables are looked up in.
pub(super) struct Session {
    pub(super) facts: Arc<dyn Facts>,
    pub(super) built_in: BuiltIn,
    pub(super) gauge: Arc<Gauge>,
    pub(super) limits: Limits,
    pub(super) names: Names,
    /// Whether `now` and `params` are asked for anew each time.
    pub(super) changes: bool,
    /// What the locals of one function may hold together, in elements of an array.
    pub(super) frame: usize,
    /// Reads of locals so far, modulo what fits.
    reads: AtomicU8,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// The session as Rhai carries it.
#[derive(Debug, Clone)]
pub(super) struct Tag(Arc<Session>);

impl Deref for Tag {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl Session {
    pub(super) fn new(
        facts: Arc<dyn Facts>,
        constants: &[(Arc<str>, Value)],
        gauge: Arc<Gauge>,
        limits: Limits,
    ) -> Self {
        let mut names: Vec<_> = (constants.iter())
            .map(|(name, value)| (name.clone(), into_script(value)))
            .collect();
        let changes = facts.changes();
        if let Some(params) = facts.params().filter(|_| !changes) {
            names.push(("params".into(), into_script(&params)));
        }
        if let Some(now) = facts.now().filter(|_| !changes) {
            names.push(("now".into(), Dynamic::from(now)));
        }
        Self {
            changes,
            built_in: BuiltIn::new(&*facts),
            facts,
            gauge,
            limits,
            names: Names::new(names),
            frame: 16 * limits.array_length,
            reads: AtomicU8::new(0),
        }
    }

    /// `now` or `params` at this moment, where they change.
    pub(super) fn changing(&self, name: &str) -> Option<Dynamic> {
        match name {
            "now" => self.facts.now().map(Dynamic::from),
            "params" => self.facts.params().map(|params| into_script(&params)),
            _ => None,
        }
    }

    /// Whether the locals of the function at hand are to be weighed: at every sixteenth read.
    pub(super) fn time_to_weigh(&self) -> bool {
        let reads = self.reads.load(Relaxed).wrapping_add(1);
        self.reads.store(reads, Relaxed);
        reads.is_multiple_of(16)
    }

    /// The session of the constants, which may be many.
    pub(super) fn of_constants(gauge: Arc<Gauge>, limits: Limits) -> Self {
        Self {
            frame: 64 * limits.array_length,
            ..Self::new(Arc::new(NoFacts), &[], gauge, limits)
        }
    }

    /// The value that Rhai carries to every function.
    pub(super) fn into_tag(self) -> Dynamic {
        Dynamic::from(Tag(Arc::new(self)))
    }

    /// The session of a native call. The guard is free: a tag is never shared within Rhai.
    pub(super) fn of<'a>(
        context: &'a NativeCallContext<'_>,
    ) -> Result<impl Deref<Target = Tag> + 'a, Box<EvalAltResult>> {
        (context.tag())
            .and_then(|tag| tag.read_lock::<Tag>())
            .ok_or_else(|| fault("there is nothing to look at".to_owned()))
    }

    /// Calls a host function of the table.
    pub(super) fn host_function(
        &self,
        index: usize,
        arguments: &[Value],
    ) -> Result<Value, builtins::Fault> {
        let lookup = |table: &str, key: &str| self.facts.lookup(table, key);
        let ambient = Ambient {
            now: self.facts.now(),
            offset: self.facts.offset(),
            lookup: &lookup,
            limits: &self.limits,
        };
        builtins::call(index, arguments, &ambient)
    }
}

/// Names that every function of a script sees: constants, `params`, `now`.
pub(super) struct Names {
    sorted: Vec<(Arc<str>, Dynamic)>,
    /// One bit for each name, by length and first byte: most locals are told apart by it.
    mask: u64,
}

impl Names {
    fn new(mut names: Vec<(Arc<str>, Dynamic)>) -> Self {
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            mask: names
                .iter()
                .fold(0, |mask, (name, _)| mask | Self::bit(name)),
            sorted: names,
        }
    }

    fn bit(name: &str) -> u64 {
        let first = name.as_bytes().first().copied().unwrap_or(0);
        1 << ((name.len() * 11 + first as usize) % 64)
    }

    /// The value of a name that every function sees.
    pub(super) fn get(&self, name: &str) -> Option<&Dynamic> {
        if self.mask & Self::bit(name) == 0 {
            return None;
        }
        let at = self
            .sorted
            .binary_search_by(|(known, _)| (**known).cmp(name));
        at.ok()
            .and_then(|at| self.sorted.get(at))
            .map(|(_, value)| value)
    }
}
