//! The best assignment and the best bound so far.

use super::Gap;
use crate::allocation::{Stop, Watch};

/// The best so far.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) best: Option<(i128, Vec<u32>)>,
    pub(super) bound: i128,
    /// What is known to be possible, though nothing is closed for being dearer.
    pub(super) aim: i128,
    /// What costs as much or more is of no interest for now.
    pub(super) cut: i128,
}

impl Search {
    pub(super) const fn new() -> Self {
        Self {
            best: None,
            bound: i128::MIN,
            aim: i128::MAX,
            cut: i128::MAX,
        }
    }

    /// Nothing can cost less than the best; or, where there is no best, nothing is possible.
    pub(super) fn proven(&self) -> bool {
        self.bound >= self.least()
    }

    /// What an assignment must cost less than to be better than the best.
    pub(super) fn least(&self) -> i128 {
        (self.best.as_ref()).map_or(i128::from(i64::MAX), |best| best.0)
    }

    /// What an assignment must cost less than to be of interest.
    pub(super) fn target(&self) -> i128 {
        self.least().min(self.cut)
    }

    pub(super) fn offer(&mut self, gap: &Gap, agent_of: &[u32]) {
        if let Some(cost) = gap.cost_of(agent_of)
            && cost < self.least()
        {
            self.best = Some((cost, agent_of.to_vec()));
        }
    }

    pub(super) fn raise(&mut self, bound: i128) {
        // A bound above the best assignment only says that there is no better one.
        self.bound = self.bound.max(bound.min(self.least()));
    }
}

/// A [`Watch`] that counts the work that passes by.
pub(super) struct Counted<'w> {
    watch: &'w mut dyn Watch,
    pub(super) work: u64,
}

impl<'w> Counted<'w> {
    pub(super) const fn new(watch: &'w mut dyn Watch) -> Self {
        Self { watch, work: 0 }
    }
}

impl Watch for Counted<'_> {
    fn tick(&mut self, work: u64) -> Result<(), Stop> {
        self.work = self.work.saturating_add(work);
        self.watch.tick(work)
    }
}
