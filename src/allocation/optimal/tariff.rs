//! What demands pay each rep under the prices of a certificate, for those who tell people.
//!
//! Made once per certificate, linear in limits and reps; a look at a pair costs the limits of its
//! rep.

use super::certificate::Certificate;
use super::loads::LoadUnit;
use super::settings::OptimalSettings;
use super::terms::{Bound, Terms};
use crate::allocation::{Limit, Problem};
use crate::steps;

/// The prices of limits, loads and moves, finer than millionths of score by [`Self::scale`] bits.
#[derive(Debug)]
pub(crate) struct Tariff {
    bounds: Vec<(Bound, i128)>,
    of_rep: Vec<Vec<u32>>,
    loads: Vec<(LoadUnit, i128)>,
    /// How many of the bounds are limits of the problem; the rest are of `max_load`.
    own: usize,
    move_price: i128,
    pub(crate) scale: u32,
    /// What one demand more counts at least, where serving comes first.
    pub(crate) serving: i128,
}

/// A limit with its price.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Priced {
    pub(crate) limit: Limit,
    /// Whether it comes of `max_load`.
    pub(crate) of_max_load: bool,
    /// What every demand that it covers counts, where all count alike: a unit is then a demand, and
    /// else a millionth of workload or a customer.
    pub(crate) alike: Option<i64>,
    /// For each unit.
    pub(crate) price: i128,
}

impl Tariff {
    pub(crate) fn new(
        problem: &Problem,
        settings: &OptimalSettings,
        certificate: &Certificate,
    ) -> Self {
        let terms = steps::unstopped(Terms::unranked(problem, settings, &mut || Ok(())));
        let loads = terms.load_units().into_iter();
        let finer = 1_i128 << certificate.scale;
        let toll = i128::from(settings.move_price).saturating_mul(finer);
        Self {
            of_rep: terms.of_rep,
            bounds: (terms.bounds.into_iter())
                .zip(certificate.prices.iter().copied())
                .collect(),
            loads: loads.zip(certificate.load_prices.iter().copied()).collect(),
            own: problem.limits.len(),
            move_price: toll.saturating_add(certificate.move_price),
            scale: certificate.scale,
            serving: certificate.serving,
        }
    }

    /// What it costs beside its score to give the demand to the rep.
    pub(crate) fn cost(&self, problem: &Problem, demand: u32, rep: u32) -> i128 {
        let own = &problem.demands[demand as usize];
        let moves = i128::from(problem.moves(demand as usize, Some(rep)));
        let mut cost = self.move_price.saturating_mul(moves);
        if let Some((unit, price)) = self.loads.get(rep as usize) {
            cost = cost.saturating_add(price.saturating_mul(i128::from(unit.of(own))));
        }
        for &at in &self.of_rep[rep as usize] {
            let (bound, price) = &self.bounds[at as usize];
            if bound.limit.covers(own) {
                let paid = price.saturating_mul(i128::from(bound.amount(own)));
                cost = cost.saturating_add(paid);
            }
        }
        cost
    }

    /// All limits with their prices.
    pub(crate) fn limits(&self) -> impl Iterator<Item = Priced> + '_ {
        (self.bounds.iter().enumerate()).map(|(at, (bound, price))| Priced {
            limit: bound.limit,
            of_max_load: at >= self.own,
            alike: bound.alike,
            price: *price,
        })
    }
}
