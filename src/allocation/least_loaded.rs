//! Each demand in turn to the rep with the most air.

use super::turns::{one_by_one, open_reps};
use super::{Allocation, PairSource, Problem, Stop, Strategy, Watch, to_micros};

/// Gives each demand, in the order of turns, to the candidate with room whose load ÷ capacity is
/// lowest after taking it. Equal shares go to the higher score, then to the rep assigned longest
/// ago, then by id. Time `O(demands × reps)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct LeastLoaded;

impl Strategy for LeastLoaded {
    fn name(&self) -> &'static str {
        "least_loaded"
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
                room.compare_shares(a, b, demand)
                    .then_with(|| score(b).cmp(&score(a)))
                    .then_with(|| room.break_tie(a, b, demand))
            })
        })
    }
}
