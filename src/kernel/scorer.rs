//! Scores of pairs, block by block: `eligible` feeds `score`.
//!
//! Scores stream to whoever consumes them; a pair that is no candidate is NaN. A customer whom
//! nobody may own is not scored. Reps that the hooks cannot tell apart are scored once: see
//! [`KindsByRows`].

use crate::model::{RoleIx, View};

use super::kinds::{Kinds, KindsByRows};
use super::lanes::Ty;
use super::pairs::PairRun;
use super::program::Program;

/// Which hook a pair's deferral is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairHook {
    /// `eligible`; where it says yes, `score` is to be asked as well.
    Eligible,
    /// `score`; the pair is eligible.
    Score,
}

/// A pair that the interpreter has to run: numbers of the customer in the block and of the rep
/// among the reps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeferredPair {
    pub(crate) customer: u32,
    pub(crate) rep: u32,
    pub(crate) hook: PairHook,
}

/// Both hooks of pairs bound to a view and some reps. Cloned, it works on another thread.
#[derive(Debug, Clone)]
pub(crate) struct PairScorer<'v> {
    eligible: Option<PairRun<'v>>,
    score: Option<PairRun<'v>>,
    reps: usize,
    verdict: Vec<bool>,
    /// None where too few customers are expected.
    kinds: Option<KindsByRows>,
}

/// The scores of one customer with each kind of rep.
#[derive(Debug)]
pub(crate) struct ByKind<'k>(&'k mut Kinds);

impl ByKind<'_> {
    /// The scores by kind, NaN where its reps are no candidates, which may be overwritten; and the
    /// reps of a kind, by number among the reps, in ascending order.
    pub(crate) fn parts<'s>(&'s mut self) -> (&'s mut [f64], impl Fn(usize) -> &'s [u32]) {
        self.0.parts()
    }
}

impl<'v> PairScorer<'v> {
    /// Binds the hooks, for about so many customers; without `eligible` every pair is a candidate, without `score` scores are 0.
    pub(crate) fn new(
        eligible: Option<&'v Program>,
        score: Option<&'v Program>,
        view: &'v View,
        reps: &[u32],
        role: Option<RoleIx>,
        expected: usize,
    ) -> Self {
        let run = |program| PairRun::new(program, view, reps, role, expected);
        let (eligible, score) = (eligible.map(run), score.map(run));
        let hooks = eligible.is_some() || score.is_some();
        let worth_sorting = hooks && expected >= WORTH_SORTING && reps.len() > 1;
        Self {
            kinds: worth_sorting.then(|| KindsByRows::new([eligible.as_ref(), score.as_ref()])),
            eligible,
            score,
            reps: reps.len(),
            verdict: Vec::new(),
        }
    }

    /// Scores of a block of customers: `scores` is row-major, a row of reps for each customer.
    ///
    /// Pairs that defer are NaN and added to `deferred`.
    pub(crate) fn block(
        &mut self,
        customers: &[u32],
        scores: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) {
        self.start(customers);
        for (lane, row) in scores.chunks_exact_mut(self.reps.max(1)).enumerate() {
            if lane < customers.len() {
                self.row(lane, row, deferred);
            }
        }
    }

    /// Begins a block of customers, to ask for one row after another by [`Self::row`].
    pub(crate) fn start(&mut self, customers: &[u32]) {
        if let Some(eligible) = &mut self.eligible {
            eligible.start(customers);
        }
        if let Some(score) = &mut self.score {
            score.start(customers);
        }
    }

    /// The scores of one customer of the block, as in [`Self::block`]. No score is greater than
    /// what is answered, without its sign.
    pub(crate) fn row(
        &mut self,
        lane: usize,
        row: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) -> f64 {
        let Some(mut kinds) = self.take_kinds(lane) else {
            return self.row_at_hand(lane, row, deferred);
        };
        let bound = self.row_of_kinds(lane, &mut kinds);
        kinds.spread(row, deferred);
        self.kinds.as_mut().and_then(|all| all.put_back(kinds));
        bound
    }

    /// The scores of one customer of the block with each kind of rep, where kinds of reps are
    /// known and few, no pair defers and no score is greater than `most` without its sign.
    pub(crate) fn by_kind(&mut self, lane: usize, most: f64) -> Option<ByKind<'_>> {
        let mut kinds = self.take_kinds(lane)?;
        let bound = self.row_of_kinds(lane, &mut kinds);
        let plain = kinds.deferred.is_empty() && bound <= most;
        kinds.deferred.clear();
        let kinds = self.kinds.as_mut()?.put_back(kinds)?;
        plain.then_some(ByKind(kinds))
    }

    /// Makes the tables stand at a customer, and takes out the kinds of reps that it sees.
    fn take_kinds(&mut self, lane: usize) -> Option<Box<Kinds>> {
        let mut at_hand = true;
        for run in [&mut self.eligible, &mut self.score].into_iter().flatten() {
            at_hand &= run.look_up(lane);
        }
        let kinds = self.kinds.as_mut().filter(|_| at_hand)?;
        kinds.take([self.eligible.as_ref(), self.score.as_ref()])
    }

    /// The scores for one rep of each kind.
    fn row_of_kinds(&mut self, lane: usize, kinds: &mut Kinds) -> f64 {
        self.exchange(kinds);
        let mut scores = std::mem::take(&mut kinds.scores);
        let bound = self.row_at_hand(lane, &mut scores, &mut kinds.deferred);
        kinds.scores = scores;
        self.exchange(kinds);
        bound
    }

    /// Puts one rep of each kind in the place of all reps, and back.
    fn exchange(&mut self, kinds: &mut Kinds) {
        let runs = [&mut self.eligible, &mut self.score];
        for (run, along) in runs.into_iter().zip(&mut kinds.along) {
            if let (Some(run), Some(along)) = (run, along) {
                std::mem::swap(&mut run.along, along);
            }
        }
    }

    /// The scores for the reps at hand: all, or one of each kind.
    fn row_at_hand(
        &mut self,
        lane: usize,
        row: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) -> f64 {
        let first = deferred.len();
        let everyone = self.verdict(lane, row.len(), deferred);
        let verdict = &self.verdict;
        if !everyone && !verdict.contains(&true) {
            row.fill(f64::NAN);
            return 0.0;
        }
        let told = deferred.len();
        let mut tell = |rep: usize| {
            if everyone || verdict[rep] {
                deferred.push(pair(lane, rep, PairHook::Score));
            }
        };
        let mut bound = match &mut self.score {
            None => {
                row.fill(0.0);
                0.0
            }
            Some(score) if score.fits(Ty::Float) => score.scores(lane, row, &mut tell),
            Some(_) => {
                (0..row.len()).for_each(&mut tell);
                0.0
            }
        };
        for at in told..deferred.len() {
            row[deferred[at].rep as usize] = f64::NAN;
        }
        // A score that is no finite number is the interpreter's to report.
        if !bound.is_finite() {
            bound = greatest_size(row);
        }
        if !bound.is_finite() {
            bound = f64::MAX;
            for (rep, score) in row.iter_mut().enumerate() {
                if score.is_finite() {
                    continue;
                }
                *score = f64::NAN;
                let own = pair(lane, rep, PairHook::Score);
                if (everyone || verdict[rep]) && !deferred[told..].contains(&own) {
                    deferred.push(own);
                }
            }
        }
        if !everyone {
            for (score, may) in row.iter_mut().zip(verdict) {
                *score = if *may { *score } else { f64::NAN };
            }
        }
        // A rep may be told twice where two of its fields are missing.
        deferred[first..].sort_unstable_by_key(|pair| (pair.rep, pair.hook as u8));
        let mut kept = first;
        for at in first..deferred.len() {
            if at == first || deferred[at] != deferred[kept - 1] {
                deferred[kept] = deferred[at];
                kept += 1;
            }
        }
        deferred.truncate(kept);
        bound
    }

    /// Asks `eligible` about a customer; whether all reps are candidates, else see `self.verdict`.
    fn verdict(&mut self, lane: usize, reps: usize, deferred: &mut Vec<DeferredPair>) -> bool {
        let Some(eligible) = &mut self.eligible else {
            return true;
        };
        let verdict = &mut self.verdict;
        verdict.clear();
        verdict.resize(reps, false);
        let told = deferred.len();
        let mut tell = |rep: usize| deferred.push(pair(lane, rep, PairHook::Eligible));
        if eligible.fits(Ty::Bool) {
            eligible.verdicts(lane, verdict, &mut tell);
        } else {
            (0..reps).for_each(&mut tell);
        }
        for pair in &deferred[told..] {
            verdict[pair.rep as usize] = false;
        }
        false
    }
}

/// Kinds of reps are sought where so many customers are expected.
const WORTH_SORTING: usize = 64;

/// The greatest of the scores without their sign, infinite where one is no finite number. Eight at
/// a time, so that it runs at the speed of memory.
fn greatest_size(row: &[f64]) -> f64 {
    const STEP: usize = 8;
    let (mut greatest, mut odd) = ([0.0_f64; STEP], [0.0_f64; STEP]);
    let (steps, rest) = row.as_chunks::<STEP>();
    let mut last = [0.0; STEP];
    last[..rest.len()].copy_from_slice(rest);
    for step in steps.iter().chain([&last]) {
        for lane in 0..STEP {
            let size = step[lane].abs();
            greatest[lane] = if size > greatest[lane] {
                size
            } else {
                greatest[lane]
            };
            odd[lane] += step[lane] * 0.0; // 0, but for what is not finite
        }
    }
    if odd.iter().any(|odd| *odd != 0.0) {
        return f64::INFINITY;
    }
    greatest.into_iter().fold(0.0, f64::max)
}

const fn pair(customer: usize, rep: usize, hook: PairHook) -> DeferredPair {
    DeferredPair {
        customer: customer as u32, // a block is far below 2³² customers
        rep: rep as u32,
        hook,
    }
}
