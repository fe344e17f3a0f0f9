//! Whether to go on: the observer and the budgets of one plan.

use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::allocation::{Stop, Watch};
use crate::script::Meter;
use crate::steps::STEP;

use super::options::{Observer, PlanOptions, Progress, Stage};

/// The one place that decides to stop. The observer is asked on the caller's thread, between
/// batches; the meter is looked at inside calls of hooks too.
pub(crate) struct Control<'a> {
    observer: &'a mut Observer<'a>,
    meter: Meter,
    interpreter_only: bool,
    progress: Progress,
    /// The observer said stop; it is not asked again.
    broken: bool,
    /// Whether code of the host's is between us and the observer, that would take the observer's
    /// panics for its own.
    shielded: bool,
    panic: Option<Panic>,
}

/// What giving back takes of what a plan has made, in nanoseconds: of a row about a customer or a
/// demand, and of a text. A run that is stopped late has much of it, and the host waits for that too.
pub(super) const ROW: usize = 10;
pub(super) const TEXT: usize = 25;

/// Whether the budgets let a plan go on.
pub(super) fn look(meter: &Meter) -> Result<(), Stop> {
    meter.stop().map_or(Ok(()), |stop| Err(stop.into()))
}

/// What a panic carries.
pub(super) type Panic = Box<dyn Any + Send>;

impl<'a> Control<'a> {
    pub(crate) fn new(
        options: &PlanOptions,
        per_call: u64,
        observer: &'a mut Observer<'a>,
    ) -> Self {
        let budget = &options.budget;
        let mut meter = Meter::new(budget.operations_per_call.unwrap_or(per_call))
            .cancelled_by(budget.cancel.flag());
        if let Some(operations) = budget.operations {
            meter = meter.plan_operations(operations);
        }
        if let (Some(time), Some(clock)) = (budget.time, &budget.clock) {
            let end = clock().saturating_add(time);
            meter = meter.deadline(clock.clone(), end);
        }
        if let Some(whole) = &budget.meter {
            meter = whole.with_per_call(meter.per_call()).owing_nothing();
        }
        Self {
            observer,
            meter,
            interpreter_only: options.interpreter_only,
            progress: Progress {
                stage: Stage::Tiering,
                done: 0,
                of: 0,
            },
            broken: false,
            shielded: false,
            panic: None,
        }
    }

    /// Whether panics of the observer are kept from now on; the one that was.
    pub(super) fn shield(&mut self, shielded: bool) -> Option<Panic> {
        self.shielded = shielded;
        self.panic.take()
    }

    fn observe(&mut self) -> ControlFlow<()> {
        if !self.shielded {
            return (self.observer)(self.progress);
        }
        let asked = catch_unwind(AssertUnwindSafe(|| (self.observer)(self.progress)));
        asked.unwrap_or_else(|panic| {
            self.panic = Some(panic);
            ControlFlow::Break(())
        })
    }

    pub(crate) const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Whether hooks run in the interpreter only.
    pub(crate) const fn interpreter_only(&self) -> bool {
        self.interpreter_only
    }

    /// Looks at the budgets only.
    pub(crate) fn look(&self) -> Result<(), Stop> {
        look(&self.meter)
    }

    /// What looks at the budgets only, for work in steps.
    pub(crate) fn looks(&self) -> impl Fn() -> Result<(), Stop> + Sync + use<> {
        let meter = self.meter.clone();
        move || look(&meter)
    }

    /// That so many things were made which take so many nanoseconds each to give back.
    pub(super) fn owe(&self, count: usize, each: usize) {
        self.meter.owe((count * each) as u64);
    }

    /// Looks as [`Self::looks`] do, after one [`STEP`] of things made that take so many nanoseconds
    /// each to give back.
    pub(super) fn looks_owing(&self, each: usize) -> impl Fn() -> Result<(), Stop> + Sync + use<> {
        let meter = self.meter.clone();
        move || {
            meter.owe((STEP * each) as u64);
            look(&meter)
        }
    }

    /// Forgets the plan's operations, but neither the deadline nor whoever may cancel.
    pub(crate) fn lift_operations(&mut self) {
        self.meter = self.meter.without_operations();
    }

    /// Ends `reserve` before the deadline from now on, and a sixteenth of the time until then for
    /// what no reserve foresees, or where one of so many shares of the rest is over; what it was
    /// before.
    pub(super) fn hurry(&mut self, reserve: Duration, shares: u32) -> Meter {
        let whole = self.meter.clone();
        if let Some((clock, end)) = whole.end() {
            let now = clock();
            let left = end.saturating_sub(now);
            let left = left.saturating_sub(left / 16).saturating_sub(reserve);
            let early = now.saturating_add(left / shares.max(1));
            self.meter = whole.clone().deadline(clock.clone(), early);
        }
        whole
    }

    /// Goes on under this meter.
    pub(super) fn resume(&mut self, meter: Meter) {
        self.meter = meter;
    }

    /// How long something takes by the host's clock; nothing where time is not looked at.
    ///
    /// # Errors
    /// What the work says.
    pub(crate) fn time(&self, work: impl FnOnce() -> Result<(), Stop>) -> Result<Duration, Stop> {
        let Some((clock, _)) = self.meter.end() else {
            return Ok(Duration::ZERO);
        };
        let begun = clock();
        work()?;
        Ok(clock().saturating_sub(begun))
    }

    /// Begins a stage with that much to do.
    pub(crate) fn enter(&mut self, stage: Stage, of: usize) -> Result<(), Stop> {
        self.progress = Progress {
            stage,
            done: 0,
            of: of as u64,
        };
        self.tick(0)
    }
}

impl Watch for Control<'_> {
    fn tick(&mut self, work: u64) -> Result<(), Stop> {
        self.progress.done += work;
        self.look()?;
        self.broken = self.broken || self.observe().is_break();
        if self.broken {
            Err(Stop::Cancelled)
        } else {
            Ok(())
        }
    }
}
