//! Time for what comes after a strategy: a plan that was cut short must still be written before
//! its deadline.
//!
//! How long that takes depends on the machine, on the book and on the hooks. So some needs from all
//! over the book are written for a trial, by the host's clock, and the rest is taken to cost in
//! proportion; demands that nobody has room for take a look at all their pairs more, of which some
//! are tried as well. Costs about a millisecond, and nothing without a deadline or where no
//! strategy has an answer when it is stopped.

use std::time::Duration;

use crate::allocation::{Measure, Problem, Stop, Strategy};
use crate::script::Meter;

use super::assemble;
use super::blocks::OpenPairs;
use super::control::Control;
use super::demands::Needs;
use super::pairs::Pairs;
use super::run::Scene;

/// So many needs are written to see how long it takes.
const NEEDS: usize = 512;

/// The pairs of so many demands are looked at to see how long it takes.
const DEMANDS: usize = 16;

/// How many times as long all that comes after a strategy takes as the trial says, at most. It was
/// between half as long and as long, for 2,000 to 30,000 customers; the rest is for other work on
/// the machine.
const MARGIN: u32 = 2;

/// What is left to do at the end, and how many rounds come before it.
pub(super) struct Ending {
    rounds: u32,
}

impl Ending {
    pub(super) const fn after(rounds: usize) -> Self {
        Self {
            rounds: rounds as u32,
        }
    }

    /// Before a round: a strategy that has an answer when it is stopped is stopped so early that
    /// the other rounds have their share and the plan can be written. The meter for afterwards.
    ///
    /// # Errors
    /// Why the plan stops already.
    pub(super) fn hurry(
        &mut self,
        control: &mut Control<'_>,
        strategy: &dyn Strategy,
        (scene, needs): (&Scene, &Needs),
        (problem, groups): (&Problem, &[u32]),
    ) -> Result<Meter, Stop> {
        let rounds = self.rounds.max(1);
        self.rounds = rounds - 1;
        if !strategy.answers_when_stopped() || control.meter().end().is_none() {
            return Ok(control.meter().clone());
        }
        let pairs = Pairs::new(scene, control.meter().clone());
        let mut tried = 0;
        let writing = control.time(|| {
            tried = assemble::rehearse(&pairs, &needs.needs, NEEDS)?;
            Ok(())
        })?;
        let mut takes = in_proportion(writing, needs.needs.len(), tried);
        let left_open = left_open(problem);
        if left_open > 0 {
            let some: Vec<u32> = (0..groups.len().min(DEMANDS) as u32).collect();
            let source = OpenPairs::new(&pairs, needs, groups);
            let mut rows = vec![f64::NAN; some.len() * problem.reps];
            let looking = control.time(|| {
                source.over_columns_only(&some, &mut rows);
                source.all_were_seen()
            })?;
            takes = takes.saturating_add(in_proportion(looking, left_open, some.len()));
        }
        Ok(control.hurry(takes.saturating_mul(MARGIN), rounds))
    }
}

/// How long all of them take, where some took so long.
fn in_proportion(took: Duration, all: usize, some: usize) -> Duration {
    let took = took.as_nanos().saturating_mul(all as u128) / some.max(1) as u128;
    Duration::from_nanos(u64::try_from(took).unwrap_or(u64::MAX))
}

/// How many demands stay open at least, where they are of middling workload.
fn left_open(problem: &Problem) -> usize {
    let (mut room, mut whole) = (0_i128, true);
    let mut of_rep = vec![None::<i64>; problem.reps];
    for limit in &problem.limits {
        if limit.role.is_none() && limit.tier.is_none() && limit.measure == Measure::Workload {
            let most = of_rep[limit.rep as usize].get_or_insert(limit.at_most);
            *most = (*most).min(limit.at_most);
        }
    }
    for own in of_rep {
        whole &= own.is_some();
        room += i128::from(own.unwrap_or(0));
    }
    let work = problem
        .demands
        .iter()
        .map(|demand| i128::from(demand.workload));
    let work: i128 = work.sum();
    if !whole || work <= room {
        return 0;
    }
    ((work - room) as f64 / work as f64 * problem.demands.len() as f64) as usize
}
