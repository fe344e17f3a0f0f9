//! The candidates that the solver looks at: all of them, or the best few of each demand.

use super::certificate::{Certificate, PriceRows, stream_while};
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Stop, Watch, to_micros};
use crate::steps;

/// Candidates of each demand, with their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    start: Vec<u32>,
    rep: Vec<u32>,
    value: Vec<i128>,
    /// What the best pair of each demand is worth, of all that there are; none where it has none.
    pub(super) best: Vec<Option<i128>>,
    /// Whether no pair is missing.
    pub(super) complete: bool,
    /// The greatest value of any pair in size, before moves.
    pub(super) peak: i128,
}

/// Up to this many pairs are all kept.
pub(super) const KEEP_ALL: usize = 1 << 22;
/// How many candidates of each demand to begin with.
const FIRST: usize = 8;

impl Pool {
    /// All pairs where there are few; else the best few and the present owner of each demand,
    /// under the prices where there are any.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn gather(
        terms: &Terms<'_>,
        pairs: &dyn PairSource,
        prices: Option<&Certificate>,
        watch: &mut dyn Watch,
    ) -> Result<Self, Stop> {
        let reps = terms.problem.reps;
        let all = terms.problem.demands.len().saturating_mul(reps) <= KEEP_ALL || reps <= FIRST;
        let mut pool = Self {
            complete: all,
            ..Self::default()
        };
        let nothing = Certificate {
            prices: vec![0; terms.bounds.len()],
            ..Certificate::default()
        };
        let certificate = prices.unwrap_or(&nothing);
        let mut rows = PriceRows::new(terms, certificate);
        let mut best: Vec<(i128, u32, i128)> = Vec::with_capacity(reps);
        let each = if all { reps } else { FIRST + 1 };
        pool.make_room(terms, terms.problem.demands.len().saturating_mul(each));
        pool.start.push(0);
        stream_while(terms, pairs, watch, |number, demand, scores| {
            best.clear();
            let paid = rows.of(demand);
            for (rep, value) in values(terms, number, scores, &mut pool.peak) {
                let net = (value << certificate.scale) - paid[rep as usize];
                best.push((-net, rep, value));
            }
            (pool.best).push(best.iter().map(|pair| pair.2).max());
            if !all && best.len() > FIRST {
                best.select_nth_unstable(FIRST - 1);
                let own = best[FIRST..]
                    .iter()
                    .find(|pair| Some(pair.1) == demand.present)
                    .copied();
                best.truncate(FIRST);
                best.extend(own);
            }
            best.sort_unstable_by_key(|pair| pair.1);
            for &(_, rep, value) in &best {
                pool.rep.push(rep);
                pool.value.push(value);
            }
            pool.start.push(pool.rep.len() as u32);
        })?;
        Ok(pool)
    }

    /// The candidates of a demand, in order of rep.
    pub(super) fn of(&self, demand: usize) -> impl ExactSizeIterator<Item = (u32, i128)> + '_ {
        let arcs = self.start[demand] as usize..self.start[demand + 1] as usize;
        self.rep[arcs.clone()]
            .iter()
            .copied()
            .zip(self.value[arcs].iter().copied())
    }

    /// Adds the pairs of an allocation that tells its scores. Stopped, it adds none.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn include(
        &mut self,
        terms: &Terms<'_>,
        allocation: &Allocation,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        if self.complete {
            return Ok(());
        }
        let mut wider = Self {
            peak: self.peak,
            best: self.best.clone(),
            ..Self::default()
        };
        wider.make_room(terms, self.rep.len() + allocation.rep_of.len());
        let chosen = allocation.rep_of.iter().zip(&allocation.scores);
        wider.start.push(0);
        steps::each(
            chosen.enumerate(),
            &mut || watch.tick(0),
            |(number, (&own, &score))| {
                let mut missing = own.filter(|&own| self.of(number).all(|(rep, _)| rep != own));
                for (rep, value) in self.of(number) {
                    if let Some(own) = missing.take_if(|own| *own < rep) {
                        wider.push(own, terms.value(number, own, score));
                    }
                    wider.push(rep, value);
                }
                if let Some(own) = missing {
                    wider.push(own, terms.value(number, own, score));
                }
                wider.start.push(wider.rep.len() as u32);
            },
        )?;
        if wider.start.len() == self.start.len() {
            *self = wider;
        }
        Ok(())
    }

    /// Room for all that will come: a list that grows is copied, which takes long at once where it
    /// is long. Room that stays empty costs no memory.
    fn make_room(&mut self, terms: &Terms<'_>, pairs: usize) {
        self.start.reserve(terms.problem.demands.len() + 1);
        self.best.reserve(terms.problem.demands.len());
        self.rep.reserve(pairs);
        self.value.reserve(pairs);
    }

    fn push(&mut self, rep: u32, value: i128) {
        self.rep.push(rep);
        self.value.push(value);
    }

    /// Adds the pairs that are better under the prices than all that the demand has here, the
    /// best few of each demand; how many. Stopped, it adds none.
    ///
    /// # Errors
    /// Why the watch stopped it.
    pub(super) fn widen(
        &mut self,
        terms: &Terms<'_>,
        pairs: &dyn PairSource,
        certificate: &Certificate,
        watch: &mut dyn Watch,
    ) -> Result<usize, Stop> {
        let mut wider = Self {
            peak: self.peak,
            ..Self::default()
        };
        let mut rows = PriceRows::new(terms, certificate);
        let coverage = terms.coverage(certificate.serving);
        let mut added = 0;
        let mut better: Vec<(i128, u32, i128)> = Vec::new();
        let mut peak = self.peak;
        let most = terms.problem.demands.len().saturating_mul(FIRST / 2);
        wider.make_room(terms, self.rep.len().saturating_add(most));
        wider.start.push(0);
        stream_while(terms, pairs, watch, |number, demand, scores| {
            let paid = rows.of(demand);
            let finer = certificate.scale;
            let open = terms.open(number, &coverage) << finer;
            let nets = self
                .of(number)
                .map(|(rep, value)| (value << finer) - paid[rep as usize]);
            let now = nets.fold(open, i128::max);
            better.clear();
            for (rep, value) in values(terms, number, scores, &mut peak) {
                let net = (value << finer) - paid[rep as usize];
                if net > now {
                    better.push((-net, rep, value));
                }
            }
            better.sort_unstable();
            better.truncate(FIRST / 2);
            added += better.len();
            better.extend(self.of(number).map(|(rep, value)| (0, rep, value)));
            better.sort_unstable_by_key(|pair| pair.1);
            for &(_, rep, value) in &better {
                wider.rep.push(rep);
                wider.value.push(value);
            }
            wider.start.push(wider.rep.len() as u32);
        })?;
        wider.peak = peak;
        if added > 0 {
            wider.best = std::mem::take(&mut self.best);
            *self = wider;
        }
        Ok(added)
    }
}

/// The candidates among the scores, with their values.
fn values<'a>(
    terms: &'a Terms<'_>,
    number: usize,
    scores: &'a [f64],
    peak: &'a mut i128,
) -> impl Iterator<Item = (u32, i128)> + 'a {
    (0..)
        .zip(scores)
        .filter(|(_, score)| !score.is_nan())
        .map(move |(rep, &score)| {
            let value = terms.value(number, rep, score);
            *peak = (*peak).max(i128::from(to_micros(score)).abs());
            (rep, value)
        })
}
