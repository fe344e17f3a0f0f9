//! Time for what comes after a strategy: a plan that was cut short must still be written before
//! its deadline.
//!
//! How long that takes depends on the machine and on the book. Some customers' part of it is done
//! once, without use, by the host's clock; the rest is taken to cost in proportion, with a margin.
//! Costs a fraction of a millisecond, and nothing without a deadline.

use std::hint::black_box;
use std::time::Duration;

use crate::allocation::Strategy;
use crate::script::Meter;

use super::assemble;
use super::control::Control;
use super::run::Run;

/// So many customers are written to see how long it takes.
const SAMPLE: usize = 512;

/// How many times as long all that comes after a strategy takes as the part that is tried, at most:
/// the texts that are tried are a tenth of it, and time on a busy machine is uneven.
const MARGIN: u32 = 20;

/// What is left to do at the end, and how many rounds come before it.
pub(super) struct Ending {
    takes: Duration,
    rounds: u32,
}

impl Ending {
    /// Measures it.
    pub(super) fn of(run: &Run<'_>, rounds: usize) -> Self {
        let customers = run.scene.customers.len();
        let sample = customers.min(SAMPLE);
        let tried = run.control.time(|| {
            black_box(assemble::sample(&run.scene, sample));
        });
        let times = customers.div_ceil(sample.max(1)) as u32;
        Self {
            takes: tried.saturating_mul(times).saturating_mul(MARGIN),
            rounds: rounds as u32,
        }
    }

    /// Before a round: a strategy that has an answer when it is stopped is stopped so early that
    /// the other rounds have their share and the plan can be written. The meter for afterwards.
    pub(super) fn hurry(&mut self, control: &mut Control<'_>, strategy: &dyn Strategy) -> Meter {
        let rounds = self.rounds.max(1);
        self.rounds = rounds - 1;
        if strategy.answers_when_stopped() {
            control.hurry(self.takes, rounds)
        } else {
            control.meter().clone()
        }
    }
}
