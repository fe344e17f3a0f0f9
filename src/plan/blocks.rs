//! The pairs of open demands, block by block, for a strategy.
//!
//! Where both pair hooks run over columns, a block costs a few nanoseconds a pair, and only the
//! pairs that defer go to the interpreter; else every pair does. A family's row is the sum of its
//! members' rows.

use std::sync::{Mutex, PoisonError};

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
        let hooks = &scene.compiled().hooks;
        let lowered = [&hooks.eligible, &hooks.score]
            .into_iter()
            .all(|slot| slot.as_ref().is_none_or(|slot| slot.columns().is_some()));
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
            over_columns: lowered && !scene.options.interpreter_only,
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
        let mut block = vec![f64::NAN; LANES.min(members.len()) * seats.len()];
        let (mut rows, mut deferred, mut again) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = None;
        for members in members.chunks(LANES) {
            rows.clear();
            rows.extend(
                members
                    .iter()
                    .map(|member| self.pairs.scene().row(member.need.customer)),
            );
            let block = &mut block[..members.len() * seats.len()];
            deferred.clear();
            scorer.block(&rows, None, block, &mut deferred);
            let asked = deferred
                .iter()
                .map(|pair| (pair.customer as usize, pair.rep as usize));
            again.extend(asked.map(|(member, seat)| (members[member], seats[seat])));
            for (&member, own) in members.iter().zip(block.chunks_exact(seats.len())) {
                let sum = &mut scores[member.row * reps..(member.row + 1) * reps];
                let first = last.replace(member.row) != Some(member.row);
                for (&rep, &score) in seats.iter().zip(own) {
                    let cell = &mut sum[rep as usize];
                    *cell = if first { score } else { *cell + score };
                    // More than a hook may answer: the interpreter's path says so in words.
                    if score.abs() > GREATEST_NUMBER {
                        again.push((member, rep));
                    }
                }
                self.bar(member.need, seats, sum);
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

impl PairSource for OpenPairs<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        scores.fill(f64::NAN);
        // The meter stays as it is where it stopped a hook: the strategy's watch finds the same.
        if self.block_or_stop(demands, scores).is_err() {
            scores.fill(f64::NAN);
        }
    }
}
