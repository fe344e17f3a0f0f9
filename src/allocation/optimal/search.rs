//! Few demands: all allocations that could still be better are tried.
//!
//! Depth-first branch and bound over a feasible allocation: demands of high rank first, candidates
//! by what they gain, and a branch is left where even the best pair of every demand that is still
//! open to choice would not make it better. Ends after a fixed number of steps, with the best so
//! far; of at most [`FEW`] demands.

use super::desk::Desk;
use super::terms::Terms;
use crate::allocation::{Stop, Watch};
use std::cmp::Reverse;

/// Up to so many demands are searched through.
pub(super) const FEW: usize = 12;
/// So many placements are tried at most.
const STEPS: u32 = 100_000;

/// Makes the allocation the best of all, where the steps suffice.
pub(super) fn best_of_all(
    terms: &Terms<'_>,
    best: &mut Desk<'_>,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let demands = terms.problem.demands.len();
    if demands > FEW {
        return Ok(());
    }
    let mut order: Vec<u32> = (0..demands as u32).collect();
    order.sort_by_key(|&demand| Reverse(terms.ranks.of[demand as usize]));
    let mut at = best.clone();
    for &demand in &order {
        at.take(demand);
    }
    // What the demands from each place in the order on can add at most.
    let mut promise = vec![at.load_promise(); demands + 1];
    for (place, &demand) in order.iter().enumerate().rev() {
        let gains = at.pool.of(demand as usize);
        let most = gains.map(|(_, pair)| at.plain_gain(demand, pair)).max();
        promise[place] = promise[place + 1].saturating_add(most.unwrap_or(0).max(0));
    }
    let mut search = Search {
        order,
        promise,
        at,
        best,
        steps: 0,
        watch,
    };
    search.from(0)
}

struct Search<'s, 'a> {
    order: Vec<u32>,
    promise: Vec<i128>,
    at: Desk<'a>,
    best: &'s mut Desk<'a>,
    steps: u32,
    watch: &'s mut dyn Watch,
}

impl Search<'_, '_> {
    /// Tries all that can become of the demands from this place in the order on.
    fn from(&mut self, place: usize) -> Result<(), Stop> {
        let Some(&demand) = self.order.get(place) else {
            if self.at.value > self.best.value {
                self.best.clone_from(&self.at);
            }
            return Ok(());
        };
        let mut candidates: Vec<(u32, i128)> = self.at.pool.of(demand as usize).collect();
        candidates.sort_by_key(|&(rep, pair)| Reverse((self.at.gain(demand, rep, pair), rep)));
        for (rep, pair) in candidates {
            if self.steps >= STEPS || !self.promises(place) {
                return Ok(());
            }
            if self.at.fits(demand, rep) {
                self.steps += 1;
                if self.steps.is_multiple_of(256) {
                    self.watch.tick(256)?;
                }
                self.at.place(demand, rep, pair);
                self.from(place + 1)?;
                self.at.take(demand);
            }
        }
        if self.promises(place + 1) {
            self.from(place + 1)?;
        }
        Ok(())
    }

    /// Whether the demands from this place on may still make it better.
    fn promises(&self, place: usize) -> bool {
        self.at
            .value_without_loads()
            .saturating_add(self.promise[place])
            > self.best.value
    }
}
