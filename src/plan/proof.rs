//! How good an allocation is, in the words of a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocation::{Class, Demand, Limit, Measure, Proof, Stop, Tariff};

use super::allocate::Round;
use super::run::Scene;

/// How good the allocation of some roles is, where a strategy proves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanCertificate {
    /// The strategy.
    pub strategy: String,
    /// The roles that it allocated together.
    pub roles: Vec<String>,
    /// Whether the problem is of the class that is solved exactly.
    pub exact: bool,
    /// By how much score a better allocation could be better at most: 0 where this is the best.
    /// While more demands could be served, what that counts is in it.
    pub gap: f64,
    /// The gap as far as prices of limits can tell, where it is greater: what a unit of a limit would
    /// add is known within this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_gap: Option<f64>,
    /// How many more demands another allocation could serve at most, where serving comes first: 0
    /// where it is proven that no more can be.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_served: u64,
    /// Why the solver stopped before its end: `deadline` or `operations`. The gap tells what that
    /// may have cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The limits that bind: those with a price, and those that are full, in order of rep; with
    /// what one more unit of each would add.
    pub prices: Vec<ShadowPrice>,
    /// What one more slot would add at most, for another demand of workload 1: of each rep, of each
    /// tier at the rep where it adds most, and of each skill at the rep that has it and where it
    /// adds most. Those that would add nothing are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotPrice>,
}

/// What one more unit of a limit would add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowPrice {
    /// The rep.
    pub rep: String,
    /// The role that the limit covers; all together where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The tier that the limit covers; all together where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The setting that the limit comes of, where that is not the capacity: `max_load`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What the unit is: `demand` where all demands that it covers count alike, else `workload` or
    /// `customer`.
    pub unit: String,
    /// Whether no further demand that it covers fits.
    #[serde(default)]
    pub full: bool,
    /// The score that the unit would add at most, beside what the gap (`price_gap` where there is one)
    /// leaves open. With a price on uneven loads, where demands differ in workload, what is in the
    /// price of the load is not in it.
    pub score: f64,
    /// What it would add at most in demands served, which come before score; in the exact class a
    /// demand of higher priority or tier counts for more.
    pub served: f64,
}

/// What one more slot would add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotPrice {
    /// Of what: `rep`, `tier` or `skill`.
    pub of: String,
    /// Which rep, tier or skill.
    pub name: String,
    /// The rep that would have it.
    pub rep: String,
    /// The score that it would add at most, beside what the gap (`price_gap` where there is one) leaves
    /// open.
    pub score: f64,
    /// What it would add at most in demands served, which come before score.
    pub served: f64,
}

/// A price in score and in what serving counts.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Worth {
    served: f64,
    score: f64,
}

impl Worth {
    /// Of `units` at a price for each.
    fn of(tariff: &Tariff, price: i128, units: f64) -> Self {
        let worth = price as f64 / (1_i128 << tariff.scale) as f64;
        let serving = tariff.serving as f64;
        let served = if serving > 0.0 {
            (worth / serving).round()
        } else {
            0.0
        };
        Self {
            served: served * units,
            score: rounded((worth - served * serving) * units / 1e6),
        }
    }
}

/// Puts a proof into the words of a plan; nothing where there was nothing to allocate. `rep_of` has
/// the rep of each demand of the round.
pub(super) fn certificate(
    scene: &Scene,
    round: &Round,
    rep_of: &[Option<u32>],
) -> Option<PlanCertificate> {
    let Proof {
        class,
        certificate,
        stop,
        more_served,
    } = round.proof.as_deref()?;
    let first = round.problem.demands.first()?;
    let mut roles: Vec<u16> = round
        .problem
        .demands
        .iter()
        .map(|demand| demand.role)
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let tariff = tariff(scene, round, first)?;
    Some(PlanCertificate {
        strategy: round.strategy.name().to_owned(),
        roles: roles
            .iter()
            .map(|&role| scene.role_id(role).to_owned())
            .collect(),
        exact: *class == Class::Exact,
        gap: rounded(certificate.gap() as f64 / 1e6),
        price_gap: (certificate.price_bound).map(|_| rounded(certificate.price_gap() as f64 / 1e6)),
        more_served: *more_served,
        stopped: stop.map(|stop| {
            let why = match stop {
                Stop::Cancelled => "cancelled",
                Stop::Deadline => "deadline",
                Stop::Operations => "operations",
            };
            why.to_owned()
        }),
        prices: prices(scene, round, &tariff, rep_of),
        slots: slots(scene, round, &tariff),
    })
}

/// What demands of the round pay.
pub(super) fn tariff(scene: &Scene, round: &Round, first: &Demand) -> Option<Tariff> {
    let proof = round.proof.as_deref()?;
    let settings = scene.allocating(scene.role_id(first.role));
    let settings = settings.optimal(scene.book().schema()).ok()?;
    Some(Tariff::new(&round.problem, &settings, &proof.certificate))
}

/// The limits that bind.
fn prices(
    scene: &Scene,
    round: &Round,
    tariff: &Tariff,
    rep_of: &[Option<u32>],
) -> Vec<ShadowPrice> {
    let mut given: Vec<Vec<&Demand>> = vec![Vec::new(); round.problem.reps];
    for (demand, own) in round.problem.demands.iter().zip(rep_of) {
        if let Some(rep) = own {
            given[*rep as usize].push(demand);
        }
    }
    let least = least_amounts(&round.problem.demands);
    let names = scene.compiled().tiers.names();
    let mut prices = Vec::new();
    for priced in tariff.limits() {
        let limit = priced.limit;
        let taken = given[limit.rep as usize].iter();
        let taken = taken.filter(|demand| limit.covers(demand));
        let taken = taken.fold(0_i64, |sum, demand| {
            sum.saturating_add(limit.amount(demand))
        });
        let covered = least.iter().filter(|((role, tier), _)| {
            limit.role.is_none_or(|own| own == *role) && limit.tier.is_none_or(|own| own == *tier)
        });
        let at = usize::from(limit.measure == Measure::Customers);
        let least = covered.map(|(_, amounts)| amounts[at]).min();
        let left = limit.at_most.saturating_sub(taken);
        let full = least.is_some_and(|least| left < least);
        if priced.price == 0 && !full {
            continue;
        }
        let (unit, units) = match (priced.alike, limit.measure) {
            (Some(_), _) => ("demand", 1.0),
            // The price is for a millionth.
            (None, Measure::Workload) => ("workload", 1e6),
            (None, Measure::Customers) => ("customer", 1.0),
        };
        let worth = Worth::of(tariff, priced.price, units);
        prices.push(ShadowPrice {
            rep: scene.rep_id(limit.rep).to_owned(),
            role: limit.role.map(|role| scene.role_id(role).to_owned()),
            tier: limit.tier.map(|tier| names[tier as usize].to_owned()),
            setting: priced.of_max_load.then(|| "max_load".to_owned()),
            unit: unit.to_owned(),
            full,
            score: worth.score,
            served: worth.served,
        });
    }
    prices
}

/// The least workload and the fewest customers of the demands of each role and tier.
fn least_amounts(demands: &[Demand]) -> BTreeMap<(u16, u16), [i64; 2]> {
    let mut least = BTreeMap::new();
    for demand in demands {
        let own = least
            .entry((demand.role, demand.tier))
            .or_insert([i64::MAX; 2]);
        own[0] = own[0].min(demand.workload);
        own[1] = own[1].min(i64::from(demand.customers));
    }
    least
}

/// What one more slot would add, where that is more than nothing.
fn slots(scene: &Scene, round: &Round, tariff: &Tariff) -> Vec<SlotPrice> {
    let mut kinds: Vec<(u16, u16)> = (round.problem.demands.iter())
        .map(|demand| (demand.role, demand.tier))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut of_rep: Vec<Vec<(Limit, i128)>> = vec![Vec::new(); round.problem.reps];
    for priced in tariff.limits().filter(|priced| priced.price > 0) {
        let units = match (priced.alike, priced.limit.measure) {
            (None, Measure::Workload) => 1_000_000,
            _ => 1,
        };
        of_rep[priced.limit.rep as usize].push((priced.limit, priced.price.saturating_mul(units)));
    }
    // By what a slot is of: the best, and where.
    let mut best: BTreeMap<(u8, String), (i128, u32)> = BTreeMap::new();
    let names = scene.compiled().tiers.names();
    for (rep, own) in (0..).zip(&of_rep).filter(|(_, own)| !own.is_empty()) {
        let mut keep = |of: u8, name: &str, price: i128| {
            let slot = best.entry((of, name.to_owned())).or_insert((price, rep));
            if price > slot.0 {
                *slot = (price, rep);
            }
        };
        let view = scene.view.rep(scene.reps[rep as usize], None);
        let skills = view.tags("skills");
        for &(role, tier) in kinds
            .iter()
            .filter(|(role, _)| scene.seats().has(*role, rep))
        {
            let covers = |limit: &Limit| {
                limit.role.is_none_or(|own| own == role) && limit.tier.is_none_or(|own| own == tier)
            };
            let paid = own.iter().filter(|(limit, _)| covers(limit));
            let price = paid.fold(0_i128, |sum, (_, price)| sum.saturating_add(*price));
            if price > 0 {
                keep(0, scene.rep_id(rep), price);
                keep(1, names[tier as usize], price);
                skills.iter().for_each(|skill| keep(2, skill, price));
            }
        }
    }
    let slot = |((of, name), (price, rep)): ((u8, String), (i128, u32))| {
        let worth = Worth::of(tariff, price, 1.0);
        SlotPrice {
            of: ["rep", "tier", "skill"][usize::from(of)].to_owned(),
            name,
            rep: scene.rep_id(rep).to_owned(),
            score: worth.score,
            served: worth.served,
        }
    };
    best.into_iter().map(slot).collect()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// To the millionth.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
