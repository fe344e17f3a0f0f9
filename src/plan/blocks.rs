//! The pairs of open demands, block by block, for a strategy.
//!
//! Where both pair hooks run over columns, a block costs a few nanoseconds a pair, and only the
//! pairs that defer go to the interpreter; else every pair does. A family's row is the sum of its
//! members' rows.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::allocation::{PairSource, Stop};
use crate::kernel::PairScorer;
use crate::model::RoleIx;
use crate::policy::Call;
use crate::policy::answer::GREATEST_NUMBER;

use super::demands::{Group, Need, Needs};
use super::pairs::Pairs;

/// Members are scored so many at a time.
const LANES: usize = 256;

/// The pairs of the demands of one problem.
pub(super) struct OpenPairs<'r> {
    pairs: &'r Pairs<'r>,
    needs: &'r Needs,
    /// The demands of the problem, by index in [`Needs::groups`].
    open: &'r [u32],
    /// By role, ready for reuse; made when first needed, one per thread that needs it at once.
    scorers: Vec<Mutex<Vec<PairScorer<'r>>>>,
    over_columns: bool,
    /// Why pairs are missing from some block.
    cut_short: OnceLock<Stop>,
}

/// One customer of a demand, and the row of scores that it belongs to.
#[derive(Debug, Clone, Copy)]
struct Member<'n> {
    demand: u32,
    row: usize,
    need: &'n Need,
}

impl<'r> OpenPairs<'r> {
    pub(super) fn new(pairs: &'r Pairs<'r>, needs: &'r Needs, open: &'r [u32]) -> Self {
        let scene = pairs.scene();
        Self {
            pairs,
            needs,
            open,
            scorers: scene
                .book()
                .schema()
                .roles()
                .iter()
                .map(|_| Mutex::default())
                .collect(),
            over_columns: scene.pairs_over_columns(),
            cut_short: OnceLock::new(),
        }
    }

    fn group(&self, demand: u32) -> &'r Group {
        &self.needs.groups[self.open[demand as usize] as usize]
    }

    /// One pair after another, in the interpreter or in native code.
    fn one_by_one(&self, demand: u32, row: &mut [f64], call: &mut Call<'_>) -> Result<(), Stop> {
        let group = self.group(demand);
        let members = self.needs.members(group);
        for &rep in self.pairs.seats(group.demand.role) {
            if let Ok(score) = self.pairs.judge(group, members, rep, call)? {
                row[rep as usize] = score;
            }
        }
        Ok(())
    }

    /// Demands of one role without a pin, over columns.
    fn over_columns(
        &self,
        role: u16,
        demands: &[(u32, usize)],
        scores: &mut [f64],
        call: &mut Call<'_>,
    ) -> Result<(), Stop> {
        let members: Vec<Member<'_>> = (demands.iter())
            .flat_map(|&(demand, row)| {
                let needs = self.needs.members(self.group(demand));
                needs.iter().map(move |need| Member { demand, row, need })
            })
            .collect();
        let seats = self.pairs.seats(role);
        if seats.is_empty() {
            return Ok(());
        }
        let reps = self.pairs.reps() as usize;
        let mut scorer = self.scorer(role);
        let mut scratch = Vec::new();
        let (mut rows, mut deferred, mut again) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = None;
        for members in members.chunks(LANES) {
            rows.clear();
            rows.extend(
                members
                    .iter()
                    .map(|member| self.pairs.scene().row(member.need.customer)),
            );
            deferred.clear();
            let direct = seats.len() == reps && one_row_each(members, last);
            let block = if direct {
                &mut scores[members[0].row * reps..][..members.len() * reps]
            } else {
                scratch.resize(members.len() * seats.len(), f64::NAN);
                scratch.as_mut_slice()
            };
            scorer.block(&rows, None, block, &mut deferred);
            let asked = deferred
                .iter()
                .map(|pair| (pair.customer as usize, pair.rep as usize));
            again.extend(asked.map(|(member, seat)| (members[member], seats[seat])));
            // More than a hook may answer: the interpreter's path says so in words.
            if greatest_size(block) > GREATEST_NUMBER {
                let above = |at: &usize| block[*at].abs() > GREATEST_NUMBER;
                let above = (0..block.len()).filter(above);
                again.extend(above.map(|at| (members[at / seats.len()], seats[at % seats.len()])));
            }
            if !direct {
                for (member, own) in members.iter().zip(scratch.chunks_exact(seats.len())) {
                    let first = last != Some(member.row);
                    last = Some(member.row);
                    let sum = &mut scores[member.row * reps..(member.row + 1) * reps];
                    add(own, seats, sum, first);
                }
            }
            last = members.last().map(|member| member.row);
            for member in members {
                self.bar(member.need, seats, &mut scores[member.row * reps..][..reps]);
            }
        }
        self.give_back(role, scorer);
        for (member, rep) in again {
            let group = self.group(member.demand);
            let judged = self
                .pairs
                .judge(group, self.needs.members(group), rep, call)?;
            scores[member.row * reps + rep as usize] = judged.unwrap_or(f64::NAN);
        }
        Ok(())
    }

    /// Takes out the reps that the book excludes.
    fn bar(&self, need: &Need, seats: &[u32], row: &mut [f64]) {
        if self.pairs.has_exclusions() {
            for &rep in seats {
                if self.pairs.barred(need, rep).is_some() {
                    row[rep as usize] = f64::NAN;
                }
            }
        }
    }

    fn scorer(&self, role: u16) -> PairScorer<'r> {
        let kept = self.scorers[role as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        kept.unwrap_or_else(|| {
            let scene = self.pairs.scene();
            let hooks = &scene.compiled().hooks;
            let reps: Vec<u32> = self
                .pairs
                .seats(role)
                .iter()
                .map(|&rep| scene.reps[rep as usize])
                .collect();
            PairScorer::new(
                hooks.eligible.as_ref().and_then(|slot| slot.columns()),
                hooks.score.as_ref().and_then(|slot| slot.columns()),
                &scene.view,
                &reps,
                Some(RoleIx(role)),
                usize::MAX,
            )
        })
    }

    fn give_back(&self, role: u16, scorer: PairScorer<'r>) {
        self.scorers[role as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(scorer);
    }

    fn block_or_stop(&self, demands: &[u32], scores: &mut [f64]) -> Result<(), Stop> {
        let reps = self.pairs.reps() as usize;
        let mut call = self.pairs.call();
        let mut by_role: Vec<Vec<(u32, usize)>> = vec![Vec::new(); self.scorers.len()];
        for (row, &demand) in demands.iter().enumerate() {
            let group = self.group(demand);
            if self.over_columns && group.only.is_none() {
                by_role[group.demand.role as usize].push((demand, row));
            } else {
                self.one_by_one(demand, &mut scores[row * reps..(row + 1) * reps], &mut call)?;
            }
        }
        for (role, demands) in by_role.iter().enumerate() {
            if !demands.is_empty() {
                self.over_columns(role as u16, demands, scores, &mut call)?;
            }
        }
        Ok(())
    }
}

/// Whether each member has a row of its own, one after another, that nobody has begun.
fn one_row_each(members: &[Member<'_>], last: Option<usize>) -> bool {
    let first = members[0].row; // chunks are never empty
    last != Some(first)
        && members
            .iter()
            .zip(first..)
            .all(|(member, row)| member.row == row)
}

/// Puts the scores of one member to those of its family, or in place where it is the first.
fn add(own: &[f64], seats: &[u32], sum: &mut [f64], first: bool) {
    for (&rep, &score) in seats.iter().zip(own) {
        let cell = &mut sum[rep as usize];
        *cell = if first { score } else { *cell + score };
    }
}

/// The greatest absolute score; `NaN` counts for nothing. Eight at a time, so that it runs at the
/// speed of memory.
fn greatest_size(block: &[f64]) -> f64 {
    let max = |a: f64, b: f64| if b.abs() > a { b.abs() } else { a };
    let mut lanes = [0.0; 8];
    let chunks = block.chunks_exact(8);
    let rest = chunks.remainder().iter().copied().fold(0.0, max);
    for chunk in chunks {
        for (lane, &score) in lanes.iter_mut().zip(chunk) {
            *lane = max(*lane, score);
        }
    }
    lanes.into_iter().fold(rest, max)
}

impl OpenPairs<'_> {
    fn block_or_nothing(&self, demands: &[u32], scores: &mut [f64]) {
        scores.fill(f64::NAN);
        // The meter stays as it is where it stopped a hook: the strategy's watch finds the same.
        if let Err(stop) = self.block_or_stop(demands, scores) {
            scores.fill(f64::NAN);
            self.cut_short.get_or_init(|| stop);
        }
    }

    /// Whether the strategy saw all pairs that it asked for. One that was stopped may have taken
    /// those that are missing for no candidates, and proved something of them.
    pub(super) fn all_were_seen(&self) -> Result<(), Stop> {
        self.cut_short.get().map_or(Ok(()), |stop| Err(*stop))
    }
}

#[cfg(not(feature = "parallel"))]
impl PairSource for OpenPairs<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        self.block_or_nothing(demands, scores);
    }
}

/// Rows do not depend on each other, so any number of threads gives the same bits.
#[cfg(feature = "parallel")]
impl PairSource for OpenPairs<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        use rayon::iter::{IndexedParallelIterator, ParallelIterator};
        use rayon::slice::{ParallelSlice, ParallelSliceMut};
        let reps = self.pairs.reps() as usize;
        let rows = demands.len().div_ceil(rayon::current_num_threads()).max(1);
        (demands
            .par_chunks(rows)
            .zip(scores.par_chunks_mut(rows * reps)))
        .for_each(|(demands, scores)| self.block_or_nothing(demands, scores));
    }
}
