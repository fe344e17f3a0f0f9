//! Scores of pairs, block by block: `eligible` feeds `score`.
//!
//! Scores stream to whoever consumes them; a pair that is no candidate is NaN. A customer whom
//! nobody may own is not scored.

use crate::model::{RoleIx, View};

use super::lanes::{Arg, In};
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
    /// Binds the hooks; without `eligible` every pair is a candidate, without `score` scores are 0.
    pub(crate) fn new(
        eligible: Option<&'v Program>,
        score: Option<&'v Program>,
        view: &'v View,
        reps: &[u32],
        role: Option<RoleIx>,
    ) -> Self {
        let bind = |program| PairRun::new(program, view, reps, role);
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
        if let Some(eligible) = &mut self.eligible {
            eligible.start(customers);
        }
        if let Some(score) = &mut self.score {
            score.start(customers);
        }
        for (lane, row) in scores.chunks_exact_mut(self.reps.max(1)).enumerate() {
            if lane < customers.len() {
                self.customer(lane, allowed, row, deferred);
            }
        }
    }

    fn customer(
        &mut self,
        lane: usize,
        allowed: Option<&[bool]>,
        row: &mut [f64],
        deferred: &mut Vec<DeferredPair>,
    ) {
        let number = |rep: usize, hook| DeferredPair {
            customer: lane as u32, // a block is far below 2³² customers
            rep: rep as u32,
            hook,
        };
        let verdict = &mut self.verdict;
        let may = |rep: usize| allowed.is_none_or(|allowed| allowed[rep]);
        let mut everyone = allowed.is_none();
        if let Some(eligible) = &mut self.eligible {
            everyone = false;
            verdict.clear();
            verdict.resize(row.len(), false);
            eligible.customer(lane, |from, count, values, invalid| {
                let out = &mut verdict[from..from + count];
                match values {
                    Arg::Bool(In::Each(values)) => out.copy_from_slice(values),
                    Arg::Bool(In::All(value)) => out.fill(value),
                    _ => {} // the whole row is invalid
                }
                mark(invalid, out, |at| {
                    if may(from + at) {
                        deferred.push(number(from + at, PairHook::Eligible));
                    }
                });
                if let Some(allowed) = allowed {
                    for (out, allowed) in out.iter_mut().zip(&allowed[from..from + count]) {
                        *out &= *allowed;
                    }
                }
            });
        } else if let Some(allowed) = allowed {
            verdict.clear();
            verdict.extend_from_slice(allowed);
        }
        if !everyone && !verdict.contains(&true) {
            row.fill(f64::NAN);
            return;
        }
        match &mut self.score {
            None => row.fill(0.0),
            Some(score) => score.customer(lane, |from, count, values, invalid| {
                let out = &mut row[from..from + count];
                match values {
                    Arg::Float(In::Each(values)) => out.copy_from_slice(values),
                    Arg::Float(In::All(value)) => out.fill(value),
                    _ => out.fill(f64::NAN), // the whole row is invalid
                }
                let mut bad = |at: usize| {
                    out[at] = f64::NAN;
                    if everyone || verdict[from + at] {
                        deferred.push(number(from + at, PairHook::Score));
                    }
                };
                match invalid {
                    Arg::Bool(In::All(false)) => {}
                    invalid => {
                        let invalid = invalid.bools();
                        (0..count).filter(|at| invalid.at(*at)).for_each(&mut bad);
                    }
                }
            }),
        }
        // A score that is no finite number is the interpreter's to report.
        let infinite = row
            .iter()
            .fold(false, |any, score| any | !score.is_finite());
        if infinite {
            for (rep, score) in row.iter_mut().enumerate() {
                let told = (deferred.iter().rev())
                    .take_while(|pair| pair.customer == lane as u32)
                    .any(|pair| pair.rep == rep as u32);
                if !score.is_finite() && !told && (everyone || verdict[rep]) {
                    deferred.push(number(rep, PairHook::Score));
                }
                if !score.is_finite() {
                    *score = f64::NAN;
                }
            }
        }
        if !everyone {
            for (score, may) in row.iter_mut().zip(verdict.iter()) {
                *score = if *may { *score } else { f64::NAN };
            }
        }
    }
}

/// Takes the pairs that defer out of a verdict, telling of each.
fn mark(invalid: Arg<'_>, verdict: &mut [bool], mut tell: impl FnMut(usize)) {
    if let Arg::Bool(In::All(false)) = invalid {
        return;
    }
    let invalid = invalid.bools();
    for (at, verdict) in verdict.iter_mut().enumerate() {
        if invalid.at(at) {
            *verdict = false;
            tell(at);
        }
    }
}
