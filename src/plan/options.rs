//! What a run takes beside the policy and the book.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::language::{Time, UtcOffset, Value};
use crate::script::Meter;

/// When, with which parameters, and how much of it.
///
/// ```
/// use bookwright::{PlanOptions, Time};
/// let options = PlanOptions::at("2026-01-31".parse::<Time>()?)
///     .utc_offset("+08:00".parse()?)
///     .param("region_bonus", 20.0);
/// # Ok::<(), bookwright::TimeError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlanOptions {
    /// The moment for which to plan: availability, `now` and `days_since` look at it.
    pub now: Time,
    /// Where days begin; default UTC.
    pub utc_offset: UtcOffset,
    /// For what is drawn by lot; part of the fingerprint. Default 0.
    pub seed: u64,
    /// Parameters that win over those of `PARAMS`, by name.
    pub params: BTreeMap<String, Value>,
    /// A strategy that wins over that of `ALLOCATION`, for all roles.
    pub strategy: Option<String>,
    /// What it may cost.
    pub budget: Budget,
    /// Whether hooks run in the interpreter only, which is the reference for what they mean;
    /// default false.
    pub interpreter_only: bool,
}

/// A host's clock: the time since some moment of its own.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What a plan may cost before it is stopped.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Budget {
    /// Operations of the interpreter in one call of a hook; a call above it fails for its
    /// customer. Default: the limit that policies are compiled under.
    pub operations_per_call: Option<u64>,
    /// Operations of the interpreter in the whole plan. Default: no limit.
    pub operations: Option<u64>,
    /// How long it may take by [`Self::clock`], until the caller goes on: a plan that will not be
    /// whole stops so early that what it has made is given back by then, some ten nanoseconds for
    /// each customer, demand and text.
    pub time: Option<Duration>,
    /// The host's clock; without one, time is not looked at.
    pub clock: Option<Clock>,
    /// A flag that another thread may raise.
    pub cancel: Cancel,
    /// The meter of whoever runs this plan within something larger; it wins over all but the
    /// operations per call.
    pub(crate) meter: Option<Meter>,
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget")
            .field("operations_per_call", &self.operations_per_call)
            .field("operations", &self.operations)
            .field("time", &self.time)
            .field("clock", &self.clock.is_some())
            .field("cancel", &self.cancel)
            .finish()
    }
}

/// A flag that stops a running plan, shared between its clones.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is down.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag; a plan that runs under it stops within a few hundred operations.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is up.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// How far a plan is, for its observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in customers, reps or pairs.
    pub done: u64,
    /// How much there is, as far as is known.
    pub of: u64,
}

/// What a plan is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Tiers and segments.
    Tiering,
    /// Coverage, workload and priority.
    Demand,
    /// What reps can carry.
    Capacity,
    /// Which owners stay.
    Owners,
    /// Who gets what is open.
    Allocation,
    /// Why the rest stays open.
    Reasons,
}

/// Is told how far a plan is, and says whether to go on.
pub type Observer<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

impl PlanOptions {
    /// Plans for that moment, all else by default.
    #[must_use]
    pub fn at(now: Time) -> Self {
        Self {
            now,
            utc_offset: UtcOffset::default(),
            seed: 0,
            params: BTreeMap::new(),
            strategy: None,
            budget: Budget::default(),
            interpreter_only: false,
        }
    }

    /// Counts days at this offset.
    #[must_use]
    pub const fn utc_offset(mut self, offset: UtcOffset) -> Self {
        self.utc_offset = offset;
        self
    }

    /// Draws lots with this seed.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets a parameter over that of `PARAMS`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// Allocates by this strategy, whatever `ALLOCATION` says.
    #[must_use]
    pub fn strategy(mut self, name: impl Into<String>) -> Self {
        self.strategy = Some(name.into());
        self
    }

    /// Stops after this much.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Runs every hook in the interpreter.
    #[must_use]
    pub const fn interpreter_only(mut self) -> Self {
        self.interpreter_only = true;
        self
    }
}

impl Budget {
    /// At most this long by that clock.
    #[must_use]
    pub fn time(time: Duration, clock: Clock) -> Self {
        Self {
            time: Some(time),
            clock: Some(clock),
            ..Self::default()
        }
    }

    /// Stops when the flag is raised.
    #[must_use]
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// At most so many operations of the interpreter in the whole plan.
    #[must_use]
    pub const fn operations(mut self, operations: u64) -> Self {
        self.operations = Some(operations);
        self
    }
}
