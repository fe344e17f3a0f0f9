//! Each demand in turn to the best rep that still has room.

use std::cmp::Ordering;

use super::shortlist::{Choice, Lister, Shortlist, greatest, reach};
use super::turns::order_of_turns;
use super::{Allocation, Demand, PairSource, Problem, Room, Stop, Strategy, Watch, to_micros};

/// So many pairs are listed between two looks at the watch; the lists of many demands are made by
/// all threads at once.
const PAIRS: usize = 1 << 21;

/// And so many where a demand's row is made for itself.
const ALONE: usize = 1 << 13;

/// Gives each demand, in the order of turns, to the candidate with the highest score that has
/// room. Equal scores (to the millionth) go to the lower load share, then to the rep assigned
/// longest ago, then by id. Time `O(demands × reps)`, but for the choice itself in
/// [`PairSource::shortlists`], on as many threads as that takes.
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
        let turns = order_of_turns(problem);
        let mut room = Room::new(problem);
        let mut rep_of = vec![None; problem.demands.len()];
        let mut chosen = vec![f64::NAN; problem.demands.len()];
        let block = PAIRS
            .checked_div(problem.reps)
            .map_or(0, |block| block.clamp(1, 4096));
        let mut lists = vec![Shortlist::new(); block.min(turns.len())];
        let mut row = Vec::new();
        let mut unlisted = 0_usize;
        for demands in turns.chunks(block.max(1)).filter(|_| problem.reps > 0) {
            let lists = &mut lists[..demands.len()];
            pairs.shortlists(demands, &Lister::new(problem, &room), lists);
            for (&index, list) in demands.iter().zip(lists) {
                let demand = &problem.demands[index as usize];
                let choice = match list.choose(demand, &room) {
                    Choice::Rep(rep, score) => Some((rep, score)),
                    Choice::Nobody => None,
                    Choice::Unlisted => {
                        unlisted += problem.reps;
                        if unlisted > ALONE {
                            unlisted = 0;
                            watch.tick(0)?;
                        }
                        row.resize(problem.reps, f64::NAN);
                        pairs.block(&[index], &mut row);
                        best(demand, &row, &room).map(|rep| (rep, row[rep as usize]))
                    }
                };
                if let Some((rep, score)) = choice {
                    room.take(rep, demand);
                    rep_of[index as usize] = Some(rep);
                    chosen[index as usize] = score;
                }
            }
            watch.tick((demands.len() * problem.reps) as u64)?;
        }
        Ok(Allocation {
            rep_of,
            turns,
            scores: chosen,
            proof: None,
            credits: Vec::new(),
        })
    }
}

fn best(demand: &Demand, row: &[f64], room: &Room) -> Option<u32> {
    // Most often the best rep has room, and only those that come near it need a second look.
    best_from(demand, row, room, reach(greatest(row)))
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
