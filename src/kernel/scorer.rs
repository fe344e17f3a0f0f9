//! Scores of pairs, block by block: `eligible` feeds `score`.
//!
//! Scores stream to whoever consumes them; a pair that is no candidate is NaN. A customer whom
//! nobody may own is not scored.

use crate::model::{RoleIx, View};

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
        let bind = |program| PairRun::new(program, view, reps, role, expected);
        Self {
            eligible: eligible.map(bind),
            score: score.map(bind),
            reps: reps.len(),
            verdict: Vec::new(),
        }
    }

    /// Scores of a block of customers: `scores` is row-major, a row of reps for each customer.
    ///
    /// `allowed` says of each rep whether it comes into question at all. Pairs that defer are NaN
    /// and added to `deferred`.
    pub(crate) fn block(
        &mut self,
        customers: &[u32],
        allowed: Option<&[bool]>,
        scores: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) {
        self.start(customers);
        for (lane, row) in scores.chunks_exact_mut(self.reps.max(1)).enumerate() {
            if lane < customers.len() {
                self.row(lane, allowed, row, deferred);
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
        allowed: Option<&[bool]>,
        row: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) -> f64 {
        let first = deferred.len();
        let everyone = self.verdict(lane, allowed, row.len(), deferred);
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
    fn verdict(
        &mut self,
        lane: usize,
        allowed: Option<&[bool]>,
        reps: usize,
        deferred: &mut Vec<DeferredPair>,
    ) -> bool {
        let may = |rep: usize| allowed.is_none_or(|allowed| allowed[rep]);
        let verdict = &mut self.verdict;
        verdict.clear();
        let Some(eligible) = &mut self.eligible else {
            verdict.extend_from_slice(allowed.unwrap_or(&[]));
            return allowed.is_none();
        };
        verdict.resize(reps, false);
        let told = deferred.len();
        let mut tell = |rep: usize| {
            if may(rep) {
                deferred.push(pair(lane, rep, PairHook::Eligible));
            }
        };
        if eligible.fits(Ty::Bool) {
            eligible.verdicts(lane, verdict, &mut tell);
        } else {
            (0..reps).for_each(&mut tell);
        }
        for pair in &deferred[told..] {
            verdict[pair.rep as usize] = false;
        }
        if let Some(allowed) = allowed {
            for (verdict, allowed) in verdict.iter_mut().zip(allowed) {
                *verdict &= *allowed;
            }
        }
        false
    }
}

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
            odd[lane] += step[lane] - step[lane]; // 0, but for what is not finite
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
