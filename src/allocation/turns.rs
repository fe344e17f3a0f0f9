//! One demand after another: the order of the turns, and the stream of their candidates.

use super::{Allocation, Demand, PairSource, Problem, Room, Stop, Watch};
use crate::steps;

/// At most so many scores are held at once: 512 KiB, so that they stay in the cache; more where
/// threads share a block, so that they seldom wait for each other.
const SCORES: usize = if cfg!(feature = "parallel") {
    1 << 19
} else {
    1 << 16
};

/// After so many scores the watch is looked at.
const LOOK: usize = 1 << 13;

/// The demands by priority, then by tier, then as they stand (by id).
pub(super) fn order_of_turns(problem: &Problem, watch: &mut dyn Watch) -> Result<Vec<u32>, Stop> {
    let mut order: Vec<u32> = (0..problem.demands.len() as u32).collect();
    steps::sort_by_key(&mut order, &mut || watch.tick(0), |&index| {
        let demand = &problem.demands[index as usize];
        (std::cmp::Reverse(demand.priority), demand.tier)
    })?;
    Ok(order)
}

/// Takes the demands in the order of their turns and gives each to the rep that `choose` names
/// from its row of scores (`NaN`: no candidate), which must fit.
///
/// Scores stream in blocks of at most 512 KiB (4 MiB for many threads), or one row where that is more.
pub(super) fn one_by_one(
    problem: &Problem,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
    mut choose: impl FnMut(&Demand, &[f64], &Room) -> Option<u32>,
) -> Result<Allocation, Stop> {
    let turns = order_of_turns(problem, watch)?;
    let mut room = Room::new(problem);
    let mut rep_of = vec![None; problem.demands.len()];
    let mut chosen = vec![f64::NAN; problem.demands.len()];
    if problem.reps > 0 {
        let block = SCORES.checked_div(problem.reps).unwrap_or(1).clamp(1, 1024);
        let mut scores = vec![f64::NAN; block * problem.reps];
        for demands in turns.chunks(block) {
            let scores = &mut scores[..demands.len() * problem.reps];
            pairs.block(demands, scores);
            watch.tick(0)?;
            let rows = scores.chunks_exact(problem.reps);
            for (at, (&index, row)) in demands.iter().zip(rows).enumerate() {
                if at % LOOK.div_ceil(problem.reps) == 0 {
                    watch.tick(0)?;
                }
                let demand = &problem.demands[index as usize];
                if let Some(rep) = choose(demand, row, &room) {
                    room.take(rep, demand);
                    rep_of[index as usize] = Some(rep);
                    chosen[index as usize] = row[rep as usize];
                }
            }
            watch.tick(scores.len() as u64)?;
        }
    }
    Ok(Allocation {
        rep_of,
        turns,
        scores: chosen,
        proof: None,
        credits: Vec::new(),
    })
}

/// The candidates of a row that have room, in order of rep.
pub(super) fn open_reps<'a>(
    demand: &'a Demand,
    row: &'a [f64],
    room: &'a Room,
) -> impl Iterator<Item = u32> + 'a {
    row.iter()
        .enumerate()
        .filter(|(_, score)| !score.is_nan())
        .map(|(rep, _)| rep as u32)
        .filter(move |&rep| room.fits(rep, demand))
}
