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
    let top = greatest(row);
    if top == f64::NEG_INFINITY {
        return None; // no candidate at all
    }
    // Most often the best rep has room, and only those that come near it need a second look.
    best_from(demand, row, room, reach(top))
        .or_else(|| best_from(demand, row, room, f64::NEG_INFINITY))
}

/// The best rep with room among those whose score is at least `hopeless`.
fn best_from(demand: &Demand, row: &[f64], room: &Room, mut hopeless: f64) -> Option<u32> {
    let mut best: Option<(u32, i64)> = None;
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
            hopeless = reach(score);
        }
    }
    best.map(|(rep, _)| rep)
}

/// Below this a score cannot reach the given one, not even after rounding to millionths.
fn reach(score: f64) -> f64 {
    score - 1e-6 - score.abs() * 1e-15
}

/// The greatest score of a row, minus infinity where there is no candidate. Eight at a time, so
/// that it runs at the speed of memory.
fn greatest(row: &[f64]) -> f64 {
    let max = |a: f64, b: f64| if b > a { b } else { a };
    let mut lanes = [f64::NEG_INFINITY; 8];
    let chunks = row.chunks_exact(8);
    let rest = chunks
        .remainder()
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, max);
    for chunk in chunks {
        for (lane, &score) in lanes.iter_mut().zip(chunk) {
            *lane = max(*lane, score);
        }
    }
    lanes.into_iter().fold(rest, max)
}
