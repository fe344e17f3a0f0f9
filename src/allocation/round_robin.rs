//! Each demand in turn to the rep that has waited longest.

use super::turns::{one_by_one, open_reps};
use super::{Allocation, PairSource, Problem, Stop, Strategy, Watch, to_micros};

/// Gives each demand, in the order of turns, to the candidate with room that was assigned in the
/// role longest ago: never assigned first, then by the time of its last assignment, then by its
/// turn in this round. Equals (mostly those never assigned) go by score, then load share, then id.
/// Time `O(demands × reps)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoundRobin;

impl Strategy for RoundRobin {
    fn name(&self) -> &'static str {
        "round_robin"
    }

    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        one_by_one(problem, pairs, watch, |demand, row, room| {
            open_reps(demand, row, room).min_by(|&a, &b| {
                let score = |rep: u32| to_micros(row[rep as usize]);
                room.compare_last_assigned(a, b, demand.role)
                    .then_with(|| score(b).cmp(&score(a)))
                    .then_with(|| room.break_tie(a, b, demand))
            })
        })
    }
}
