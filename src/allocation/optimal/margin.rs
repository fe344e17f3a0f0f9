//! By how much a score must rise for a demand to go elsewhere, exactly.
//!
//! Prices alone give a lower limit of that ([`Certificate`]'s duals are one of many). The exact
//! margin is the difference between the best allocation and the best in which the demand goes to
//! that rep, as it does where its score is above all others: two solves.

use super::certificate::Certificate;
use super::settings::{Balance, OptimalSettings};
use super::strategy::{Class, Optimal, Solution};
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Problem, Stop, Watch, to_micros};
use std::sync::OnceLock;

impl Optimal {
    /// By how much the score of a pair must rise, in millionths, for the demand to go to the rep:
    /// while it rises by less the demand goes elsewhere, and when by more, to the rep. Nothing where
    /// the rep is no candidate, no rise is enough (coverage comes first), or the problem is not of
    /// the exact class or has loads that come before scores (`min_load`, leximin).
    ///
    /// # Errors
    /// When the watch stops it.
    pub fn margin(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        (demand, rep): (u32, u32),
        watch: &mut dyn Watch,
    ) -> Result<Option<i128>, Stop> {
        let settings = self.settings();
        if settings.min_load.is_some() || settings.balance == Balance::Leximin {
            return Ok(None);
        }
        let drawn = Drawn {
            pairs,
            reps: problem.reps,
            at: (demand, rep),
            own: OnceLock::new(),
        };
        let best = self.solve(problem, pairs, watch)?;
        if best.class != Class::Exact || best.allocation.rep_of[demand as usize] == Some(rep) {
            return Ok((best.class == Class::Exact).then_some(0));
        }
        let there = self.solve(problem, &drawn, watch)?;
        let (best, there) = (
            Standing::of(problem, settings, &best),
            Standing::of(problem, settings, &there),
        );
        let exact = there.exact && there.rep_of[demand as usize] == Some(rep);
        let own = drawn
            .own
            .get()
            .filter(|_| exact && best.served == there.served);
        Ok(own.map(|&own| {
            let there = there.rest - i128::from(to_micros(ABOVE_ALL)) + i128::from(to_micros(own));
            best.rest - there
        }))
    }
}

/// A solution in parts that do not depend on what serving counts.
struct Standing<'s> {
    exact: bool,
    rep_of: &'s [Option<u32>],
    /// The ranks that are served, sorted; nothing where open demands have a price.
    served: Vec<u32>,
    /// What everything else is worth.
    rest: i128,
}

impl<'s> Standing<'s> {
    fn of(problem: &Problem, settings: &OptimalSettings, solution: &'s Solution) -> Self {
        let Solution {
            allocation: Allocation { rep_of, .. },
            certificate: Certificate { value, serving, .. },
            class,
            ..
        } = solution;
        let terms = Terms::new(problem, settings);
        let coverage = terms.coverage(*serving);
        let (mut served, mut rest) = (Vec::new(), *value);
        if settings.unassigned_price.is_none() {
            for (own, &rank) in rep_of.iter().zip(&terms.ranks.of) {
                match own {
                    Some(_) => served.push(rank),
                    None => rest = rest.saturating_add(coverage.weight[rank as usize - 1]),
                }
            }
            served.sort_unstable();
        }
        Self {
            exact: *class == Class::Exact,
            rep_of,
            served,
            rest,
        }
    }
}

/// Above the greatest score that a hook may answer, and exact in millionths.
const ABOVE_ALL: f64 = (1_u64 << 42) as f64;

/// The pairs with one of them above all others.
struct Drawn<'a> {
    pairs: &'a dyn PairSource,
    reps: usize,
    at: (u32, u32),
    /// What that one scores.
    own: OnceLock<f64>,
}

impl PairSource for Drawn<'_> {
    fn block(&self, demands: &[u32], scores: &mut [f64]) {
        self.pairs.block(demands, scores);
        let (demand, rep) = self.at;
        let rows = scores.chunks_exact_mut(self.reps.max(1)).zip(demands);
        for (row, _) in rows.filter(|(_, own)| **own == demand) {
            let score = &mut row[rep as usize];
            if !score.is_nan() {
                self.own.get_or_init(|| *score);
                *score = ABOVE_ALL;
            }
        }
    }
}
