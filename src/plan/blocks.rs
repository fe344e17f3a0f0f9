//! The pairs of open demands, block by block, for a strategy.
//!
//! Where both pair hooks run over columns, a block costs a few nanoseconds a pair, and only the
//! pairs that defer go to the interpreter; else every pair does. A family's row is the sum of its
//! members' rows.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::allocation::{Lister, PairSource, Shortlist, Stop};
use crate::kernel::{ByKind, PairScorer};
use crate::model::RoleIx;
use crate::policy::Call;
use crate::policy::answer::GREATEST_NUMBER;

use super::demands::{Group, Need, Needs};
use super::pairs::Pairs;
use super::threads;

/// Members are scored so many at a time.
const LANES: usize = 256;

/// After so many pairs it is looked whether anybody still waits for them.
const LOOK: usize = 1 << 12;

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
        row.fill(f64::NAN);
        for &rep in self.pairs.seats(group.demand.role) {
            if let Ok(score) = self.pairs.judge(group, members, rep, call)? {
                row[rep as usize] = score;
            }
        }
        Ok(())
    }

    /// Demands of one role without a pin, over columns: each with its place among the rows.
    fn over_columns(
        &self,
        role: u16,
        demands: &[(u32, usize)],
        rows: &mut impl Rows,
        call: &mut Call<'_>,
    ) -> Result<(), Stop> {
        let seats = self.pairs.seats(role);
        let everybody = seats.len() == self.pairs.reps() as usize;
        let mut scorer = self.scorer(role);
        let mut own = vec![f64::NAN; seats.len()];
        let (mut deferred, mut again) = (Vec::new(), Vec::new());
        // The customers that are at hand in the scorer, and how many of them are done.
        let (mut customers, mut lane) = (Vec::with_capacity(LANES), 0);
        let mut until_look = LOOK;
        for (place, &(demand, at)) in demands.iter().enumerate() {
            until_look -= seats.len().min(until_look);
            if until_look == 0 {
                until_look = LOOK;
                self.pairs.look()?;
            }
            let group = self.group(demand);
            let members = self.needs.members(group);
            if let ([_], true) = (members, rows.takes_kinds()) {
                if lane == customers.len() {
                    self.next_customers(&demands[place..], 0, &mut customers);
                    scorer.start(&customers);
                    lane = 0;
                }
                if let Some(kinds) = scorer.by_kind(lane, GREATEST_NUMBER) {
                    rows.kinds(at, demand, kinds, seats);
                    lane += 1;
                    continue;
                }
            }
            let direct = everybody && members.len() == 1;
            let row = rows.row(at);
            if !direct {
                row.fill(f64::NAN);
            }
            for number in 0..members.len() {
                if lane == customers.len() {
                    self.next_customers(&demands[place..], number, &mut customers);
                    scorer.start(&customers);
                    lane = 0;
                }
                deferred.clear();
                let scores = if direct {
                    &mut *row
                } else {
                    own.as_mut_slice()
                };
                let bound = scorer.row(lane, scores, &mut deferred);
                lane += 1;
                again.extend(deferred.iter().map(|pair| seats[pair.rep as usize]));
                // More than a hook may answer: the interpreter's path says so in words.
                if bound > GREATEST_NUMBER {
                    let above = |&at: &usize| scores[at].abs() > GREATEST_NUMBER;
                    again.extend((0..scores.len()).filter(above).map(|at| seats[at]));
                }
                if !direct {
                    add(&own, seats, row, number == 0);
                }
            }
            for need in members {
                self.bar(need, seats, row);
            }
            if let Some(ties) = &group.ties {
                let tied = seats.iter().filter(|&&rep| ties.bar(rep).is_some());
                tied.for_each(|&rep| row[rep as usize] = f64::NAN);
            }
            again.sort_unstable();
            again.dedup();
            for rep in again.drain(..) {
                let judged = self.pairs.judge(group, members, rep, call)?;
                row[rep as usize] = judged.unwrap_or(f64::NAN);
            }
            rows.done(at, demand);
        }
        self.give_back(role, scorer);
        Ok(())
    }

    /// The customers of these demands, but for so many of the first, up to what a scorer takes at
    /// once.
    fn next_customers(&self, demands: &[(u32, usize)], but: usize, customers: &mut Vec<u32>) {
        let members =
            (demands.iter()).flat_map(|&(demand, _)| self.needs.members(self.group(demand)));
        let rows = members.map(|need| self.pairs.scene().row(need.customer));
        customers.clear();
        customers.extend(rows.skip(but).take(LANES));
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

    fn rows_or_stop(&self, demands: &[u32], rows: &mut impl Rows) -> Result<(), Stop> {
        let mut call = self.pairs.call();
        let mut by_role: Vec<Vec<(u32, usize)>> = vec![Vec::new(); self.scorers.len()];
        for (at, &demand) in demands.iter().enumerate() {
            let group = self.group(demand);
            if self.over_columns && group.only.is_none() {
                by_role[group.demand.role as usize].push((demand, at));
            } else {
                self.one_by_one(demand, rows.row(at), &mut call)?;
                rows.done(at, demand);
            }
        }
        for (role, demands) in by_role.iter().enumerate() {
            if !demands.is_empty() {
                self.over_columns(role as u16, demands, rows, &mut call)?;
            }
        }
        Ok(())
    }

    /// Makes rows; none at all where the run is stopped meanwhile.
    fn rows_or_nothing(&self, demands: &[u32], rows: &mut impl Rows) {
        // The meter stays as it is where it stopped a hook: the strategy's watch finds the same.
        let rest = self.all_were_seen();
        if let Err(stop) = rest.and_then(|()| self.rows_or_stop(demands, rows)) {
            rows.nothing();
            self.cut_short.get_or_init(|| stop);
        }
    }

    /// Rows of the demands whose pairs are all looked at over columns; of the others, and where no
    /// pair is, without any candidate.
    pub(super) fn over_columns_only(&self, demands: &[u32], scores: &mut [f64]) {
        let reps = self.pairs.reps() as usize;
        let scores = &mut scores[..demands.len() * reps];
        scores.fill(f64::NAN);
        if !self.over_columns || reps == 0 {
            return;
        }
        let rows = demands.iter().zip(scores.chunks_exact_mut(reps));
        for (demand, scores) in rows.filter(|(demand, _)| self.group(**demand).only.is_none()) {
            self.rows_or_nothing(&[*demand], &mut Kept { reps, scores });
        }
    }

    /// Whether the strategy saw all pairs that it asked for. One that was stopped may have taken
    /// those that are missing for no candidates, and proved something of them.
    pub(super) fn all_were_seen(&self) -> Result<(), Stop> {
        self.cut_short.get().map_or(Ok(()), |stop| Err(*stop))
    }
}

/// Where rows of scores go, one per demand.
trait Rows {
    /// The row to write for the demand at that place; it has any values before.
    fn row(&mut self, at: usize) -> &mut [f64];
    /// That the row for the demand at that place is written.
    fn done(&mut self, at: usize, demand: u32);
    /// Whether [`Self::kinds`] may be called in place of the two.
    fn takes_kinds(&self) -> bool {
        false
    }
    /// The row for the demand at that place, kind by kind of the reps in these seats.
    fn kinds(&mut self, _at: usize, _demand: u32, _kinds: ByKind<'_>, _seats: &[u32]) {}
    /// That there are no candidates at all.
    fn nothing(&mut self);
}

/// Rows that are kept, one after another.
struct Kept<'s> {
    reps: usize,
    scores: &'s mut [f64],
}

impl Rows for Kept<'_> {
    fn row(&mut self, at: usize) -> &mut [f64] {
        &mut self.scores[at * self.reps..(at + 1) * self.reps]
    }
    fn done(&mut self, _at: usize, _demand: u32) {}
    fn nothing(&mut self) {
        self.scores.fill(f64::NAN);
    }
}

/// Rows of which the best are listed.
struct Listed<'l> {
    row: Vec<f64>,
    lister: Lister<'l>,
    lists: &'l mut [Shortlist],
    /// No rep is excluded from anybody, so that reps of a kind have the same score.
    by_kind: bool,
}

impl Rows for Listed<'_> {
    fn row(&mut self, _at: usize) -> &mut [f64] {
        &mut self.row
    }
    fn done(&mut self, at: usize, demand: u32) {
        self.lister.list(demand, &mut self.row, &mut self.lists[at]);
    }
    fn takes_kinds(&self) -> bool {
        self.by_kind
    }
    fn kinds(&mut self, at: usize, demand: u32, mut kinds: ByKind<'_>, seats: &[u32]) {
        let (scores, reps_of) = kinds.parts();
        let reps_of = |kind| reps_of(kind).iter().map(|rep| seats[*rep as usize]);
        (self.lister).list_kinds(demand, scores, reps_of, &mut self.lists[at]);
    }
    fn nothing(&mut self) {
        self.lists.iter_mut().for_each(Shortlist::say_nobody);
    }
}

/// Puts the scores of one member to those of its family, or in place where it is the first.
fn add(own: &[f64], seats: &[u32], sum: &mut [f64], first: bool) {
    for (&rep, &score) in seats.iter().zip(own) {
        let cell = &mut sum[rep as usize];
        *cell = if first { score } else { *cell + score };
    }
}

/// Rows do not depend on each other, so any number of threads gives the same bits.
impl PairSource for OpenPairs<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        let reps = self.pairs.reps() as usize;
        threads::fill(demands, scores, reps, |demands, scores| {
            self.rows_or_nothing(demands, &mut Kept { reps, scores });
        });
    }

    fn shortlists_meanwhile(
        &self,
        demands: &[u32],
        lister: &Lister<'_>,
        lists: &mut [Shortlist],
        meanwhile: &mut (dyn FnMut() + Send),
    ) {
        threads::both(meanwhile, || self.shortlists(demands, lister, lists));
    }

    fn shortlists(&self, demands: &[u32], lister: &Lister<'_>, lists: &mut [Shortlist]) {
        threads::fill(demands, lists, 1, |demands, lists| {
            let mut listed = Listed {
                row: vec![f64::NAN; lister.reps()],
                lister: lister.clone(),
                lists,
                by_kind: !self.pairs.has_exclusions(),
            };
            self.rows_or_nothing(demands, &mut listed);
        });
    }
}
