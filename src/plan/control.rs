//! Whether to go on: the observer and the budgets of one plan.

use std::ops::ControlFlow;

use crate::allocation::{Stop, Watch};
use crate::script::Meter;

use super::options::{Observer, PlanOptions, Progress, Stage};

/// The one place that decides to stop. The observer is asked on the caller's thread, between
/// batches; the meter is looked at inside calls of hooks too.
pub(crate) struct Control<'a> {
    observer: &'a mut Observer<'a>,
    meter: Meter,
    progress: Progress,
}

impl<'a> Control<'a> {
    pub(crate) fn new(options: &PlanOptions, per_call: u64, observer: &'a mut Observer<'a>) -> Self {
        let budget = &options.budget;
        let meter = Meter::new(budget.operations_per_call.unwrap_or(per_call))
            .with_total(budget.operations)
            .with_cancel(budget.cancel.flag())
            .with_deadline(budget.time, budget.clock.clone());
        Self { observer, meter, progress: Progress { stage: Stage::Tiering, done: 0, of: 0 } }
    }

    pub(crate) const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Begins a stage with that much to do.
    pub(crate) fn enter(&mut self, stage: Stage, of: usize) -> Result<(), Stop> {
        self.progress = Progress { stage, done: 0, of: of as u64 };
        self.tick(0)
    }
}

impl Watch for Control<'_> {
    fn tick(&mut self, work: u64) -> Result<(), Stop> {
        self.progress.done += work;
        self.meter.check()?;
        match (self.observer)(self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }
}
