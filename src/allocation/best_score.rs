//! Each demand in turn to the best rep that still has room.

use std::cmp::Ordering;

use super::turns::one_by_one;
use super::{Allocation, Demand, PairSource, Problem, Room, Stop, Strategy, Watch, to_micros};

/// Gives each demand, in the order of turns, to the candidate with the highest score that has
/// room. Equal scores (to the millionth) go to the lower load share, then to the rep assigned
/// longest ago, then by id. Time `O(demands × reps)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BestScore;

impl Strategy for BestScore {
    fn name(&self) -> &'static str {
        "best_score"
    }

    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        one_by_one(problem, pairs, watch, best)
    }
}

fn best(demand: &Demand, row: &[f64], room: &Room) -> Option<u32> {
    let mut best: Option<(u32, i64)> = None;
    // Below this a score cannot reach the best one, not even after rounding to millionths.
    let mut hopeless = f64::NEG_INFINITY;
    for (rep, &score) in row.iter().enumerate() {
        if score.is_nan() || score < hopeless {
            continue;
        }
        let (rep, micros) = (rep as u32, to_micros(score));
        let better = match best {
            None => true,
            Some((other, highest)) => match micros.cmp(&highest) {
                Ordering::Greater => true,
                Ordering::Equal => room.break_tie(rep, other, demand) == Ordering::Less,
                Ordering::Less => false,
            },
        };
        if better && room.fits(rep, demand) {
            best = Some((rep, micros));
            hopeless = score - 1e-6 - score.abs() * 1e-15;
        }
    }
    best.map(|(rep, _)| rep)
}
