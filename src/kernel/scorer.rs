//! Scores of pairs, block by block: `eligible` feeds `score`.
//!
//! Scores stream to whoever consumes them; a pair that is no candidate is NaN. A customer whom
//! nobody may own is not scored. Reps that the hooks cannot tell apart, for all that these read of
//! them is the same, are scored once.

use std::collections::HashMap;

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
    /// How many reps there are, those alike counted each.
    reps: usize,
    verdict: Vec<bool>,
    alike: Option<Alike>,
}

/// Reps of which many are alike.
#[derive(Debug, Clone)]
struct Alike {
    /// The kind of each rep.
    kind_of: Vec<u32>,
    /// The reps of each kind.
    reps_of: Vec<Vec<u32>>,
    /// By kind.
    scores: Vec<f64>,
    deferred: Vec<DeferredPair>,
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
        let bind = |reps: &[u32]| {
            let run = |program| PairRun::new(program, view, reps, role, expected);
            (eligible.map(run), score.map(run))
        };
        let (mut own_eligible, mut own_score) = bind(reps);
        let runs = [&own_eligible, &own_score];
        let alike = (expected >= WORTH_SORTING)
            .then(|| Alike::find(reps.len(), runs.into_iter().flatten()))
            .flatten();
        if let Some(alike) = &alike {
            let first = |kind: &Vec<u32>| kind.first().map(|rep| reps[*rep as usize]);
            let one_of_each: Vec<u32> = alike.reps_of.iter().filter_map(first).collect();
            (own_eligible, own_score) = bind(&one_of_each);
        }
        Self {
            eligible: own_eligible,
            score: own_score,
            reps: reps.len(),
            verdict: Vec::new(),
            alike,
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
        let Some(mut alike) = self.alike.take() else {
            return self.row_of_kinds(lane, row, deferred);
        };
        let bound = self.row_of_kinds(lane, &mut alike.scores, &mut alike.deferred);
        for (score, kind) in row.iter_mut().zip(&alike.kind_of) {
            *score = alike.scores[*kind as usize];
        }
        let first = deferred.len();
        for own in alike.deferred.drain(..) {
            let reps = alike.reps_of[own.rep as usize].iter();
            deferred.extend(reps.map(|&rep| DeferredPair { rep, ..own }));
        }
        deferred[first..].sort_unstable_by_key(|pair| (pair.rep, pair.hook as u8));
        self.alike = Some(alike);
        bound
    }

    /// The same for one rep of each kind.
    fn row_of_kinds(
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

/// Reps are told apart where so many customers are expected.
const WORTH_SORTING: usize = 64;

impl Alike {
    /// The kinds of reps, where they are few enough to pay.
    fn find<'r, 'v: 'r>(reps: usize, runs: impl Iterator<Item = &'r PairRun<'v>>) -> Option<Self> {
        let mut keys = vec![Vec::new(); reps];
        runs.for_each(|run| run.tell_apart(&mut keys));
        let mut kinds: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut reps_of: Vec<Vec<u32>> = Vec::new();
        let mut kind_of = Vec::with_capacity(reps);
        for (key, rep) in keys.into_iter().zip(0..) {
            let kind = *kinds.entry(key).or_insert(reps_of.len() as u32);
            if kind as usize == reps_of.len() {
                reps_of.push(Vec::new());
            }
            reps_of[kind as usize].push(rep);
            kind_of.push(kind);
        }
        (reps > 1 && reps_of.len() * 2 <= reps).then(|| Self {
            kind_of,
            scores: vec![f64::NAN; reps_of.len()],
            reps_of,
            deferred: Vec::new(),
        })
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
