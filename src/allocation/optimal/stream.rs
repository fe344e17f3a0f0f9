//! All pairs of a problem, demand by demand, and what each demand would pay each rep.
//!
//! Streaming needs no memory per pair; rows of prices are kept for demands that count alike.

use super::certificate::Certificate;
use super::loads::LoadUnit;
use super::terms::Terms;
use crate::allocation::{Demand, PairSource, Stop, Unbounded, Watch};
use std::collections::BTreeMap;

/// Price rows of demands that count alike.
pub(super) struct PriceRows<'a> {
    terms: &'a Terms<'a>,
    certificate: &'a Certificate,
    loads: Vec<LoadUnit>,
    rows: BTreeMap<(u16, u16, i64, u32), Vec<i128>>,
}

impl<'a> PriceRows<'a> {
    pub(super) fn new(terms: &'a Terms<'a>, certificate: &'a Certificate) -> Self {
        Self {
            terms,
            certificate,
            loads: terms.load_units(),
            rows: BTreeMap::new(),
        }
    }

    /// What the demand would pay each rep.
    pub(super) fn of(&mut self, demand: &Demand) -> &[i128] {
        const KEPT: usize = 256;
        let kind = (demand.role, demand.tier, demand.workload, demand.customers);
        if self.rows.len() >= KEPT && !self.rows.contains_key(&kind) {
            self.rows.clear();
        }
        let (terms, certificate, loads) = (self.terms, self.certificate, &self.loads);
        self.rows.entry(kind).or_insert_with(|| {
            let by_load = certificate.load_prices.iter().zip(loads);
            let mut row: Vec<i128> = by_load
                .map(|(price, load)| price.saturating_mul(i128::from(load.of(demand))))
                .collect();
            row.resize(terms.problem.reps, 0);
            for (bound, &price) in terms.bounds.iter().zip(&certificate.prices) {
                if bound.limit.covers(demand)
                    && let Some(paid) = row.get_mut(bound.limit.rep as usize)
                {
                    let own = price.saturating_mul(i128::from(bound.amount(demand)));
                    *paid = paid.saturating_add(own);
                }
            }
            row
        })
    }
}

/// Calls `each` with every demand and its scores by rep, in order.
pub(super) fn stream(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    each: impl FnMut(usize, &Demand, &[f64]),
) {
    let whole = stream_while(terms, pairs, &mut Unbounded, each);
    debug_assert!(whole.is_ok(), "nothing stops it");
}

/// The same while the watch lets it go on, which is asked before and after each block and within
/// it: nothing comes of a block after which it says stop, since pairs may be missing there. Whoever
/// calls has counted the work.
pub(super) fn stream_while(
    terms: &Terms<'_>,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
    mut each: impl FnMut(usize, &Demand, &[f64]),
) -> Result<(), Stop> {
    const PAIRS: usize = 1 << 16;
    let reps = terms.problem.reps;
    let rows = (PAIRS / 8).checked_div(reps).unwrap_or(PAIRS).max(1);
    let per_block = (PAIRS / reps.max(1)).clamp(1, 4096);
    let mut scores = vec![f64::NAN; per_block * reps];
    let mut ids: Vec<u32> = Vec::with_capacity(per_block);
    let demands = &terms.problem.demands;
    for start in (0..demands.len()).step_by(per_block) {
        watch.tick(0)?;
        let end = (start + per_block).min(demands.len());
        ids.clear();
        ids.extend(start as u32..end as u32);
        let scores = &mut scores[..ids.len() * reps];
        if reps > 0 {
            pairs.block(&ids, scores);
        }
        watch.tick(0)?;
        for (number, at) in (start..end).zip(0..) {
            if at % rows == rows - 1 {
                watch.tick(0)?;
            }
            each(
                number,
                &demands[number],
                &scores[at * reps..(at + 1) * reps],
            );
        }
    }
    Ok(())
}
