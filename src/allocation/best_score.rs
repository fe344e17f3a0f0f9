//! Each demand in turn to the best rep that still has room.

use std::cmp::Ordering;

use super::shortlist::{Choice, Lister, Shortlist, greatest, reach};
use super::turns::order_of_turns;
use super::{Allocation, Demand, PairSource, Problem, Room, Stop, Strategy, Watch, to_micros};

/// So many pairs are listed between two looks at the watch; the lists of many demands are made by
/// all threads at once.
const PAIRS: usize = 1 << 21;

/// At most so many demands are listed at once.
const DEMANDS: usize = if cfg!(feature = "parallel") {
    4096
} else {
    1024
};

/// Turns are had in one go until so many candidates were looked at, many where many are equally
/// good: some tenths of a millisecond.
const LISTED: usize = 1 << 16;

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
        let turns = order_of_turns(problem, watch)?;
        let mut given = Given {
            room: Room::new(problem),
            rep_of: vec![None; problem.demands.len()],
            scores: vec![f64::NAN; problem.demands.len()],
        };
        let block = PAIRS
            .checked_div(problem.reps)
            .map_or(0, |block| block.clamp(1, DEMANDS));
        let mut lists = vec![Shortlist::new(); block.min(turns.len())];
        let mut next_lists = lists.clone();
        let mut blocks = turns.chunks(block.max(1)).filter(|_| problem.reps > 0);
        let mut room = given.room.clone();
        let mut at_hand: &[u32] = blocks.next().unwrap_or(&[]);
        pairs.shortlists(
            at_hand,
            &Lister::new(problem, &room),
            &mut lists[..at_hand.len()],
        );
        while !at_hand.is_empty() {
            let mut done = 0;
            let mut turns = || done = given.give(problem, pairs, at_hand, &lists);
            // What comes next is listed meanwhile: for what reps have room for before these turns.
            let next = blocks.next().unwrap_or(&[]);
            let listed = &mut next_lists[..next.len()];
            match next {
                [] => turns(),
                next => pairs.shortlists_meanwhile(
                    next,
                    &Lister::new(problem, &room),
                    listed,
                    &mut turns,
                ),
            }
            while done < at_hand.len() {
                watch.tick(0)?;
                done += given.give(problem, pairs, &at_hand[done..], &lists[done..]);
            }
            watch.tick((at_hand.len() * problem.reps) as u64)?;
            std::mem::swap(&mut lists, &mut next_lists);
            room.clone_from(&given.room);
            at_hand = next;
        }
        Ok(Allocation {
            rep_of: given.rep_of,
            turns,
            scores: given.scores,
            proof: None,
            credits: Vec::new(),
        })
    }
}

/// What is given out so far.
struct Given {
    room: Room,
    rep_of: Vec<Option<u32>>,
    scores: Vec<f64>,
}

impl Given {
    /// The turns of some demands, whose best candidates are listed: all of them, or as many as until
    /// [`LISTED`] candidates were looked at or [`ALONE`] pairs more had to be asked about. How many
    /// they were.
    fn give(
        &mut self,
        problem: &Problem,
        pairs: &dyn PairSource,
        demands: &[u32],
        lists: &[Shortlist],
    ) -> usize {
        let (mut row, mut listed, mut alone) = (Vec::new(), 0, 0);
        for (at, (&index, list)) in demands.iter().zip(lists).enumerate() {
            let demand = &problem.demands[index as usize];
            listed += list.count();
            let choice = match list.choose(demand, &self.room) {
                Choice::Rep(rep, score) => Some((rep, score)),
                Choice::Nobody => None,
                Choice::Unlisted => {
                    alone += problem.reps;
                    row.resize(problem.reps, f64::NAN);
                    pairs.block(&[index], &mut row);
                    best(demand, &row, &self.room).map(|rep| (rep, row[rep as usize]))
                }
            };
            if let Some((rep, score)) = choice {
                self.room.take(rep, demand);
                self.rep_of[index as usize] = Some(rep);
                self.scores[index as usize] = score;
            }
            if alone > ALONE || listed > LISTED {
                return at + 1;
            }
        }
        demands.len()
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
