//! How good an allocation is, in the words of a plan.

use serde::{Deserialize, Serialize};

use crate::allocation::{Class, Demand, Limit, Measure, Proof, Stop};

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
    /// How many more demands another allocation could serve at most, where serving comes first: 0
    /// where it is proven that no more can be.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_served: u64,
    /// Why the solver stopped before its end: `deadline` or `operations`. The gap tells what that
    /// may have cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What one more unit of each limit that binds would add, in order of rep.
    pub prices: Vec<ShadowPrice>,
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
    /// What the unit is: `demand` where all demands that it covers count alike, else `workload` or
    /// `customer`.
    pub unit: String,
    /// The score that the unit would add.
    pub score: f64,
    /// What it would add in demands served, which come before score; a demand of higher priority
    /// or tier counts for more.
    pub served: f64,
}

/// Puts a proof into the words of a plan; nothing where there was nothing to allocate.
pub(super) fn certificate(scene: &Scene, round: &Round) -> Option<PlanCertificate> {
    let Proof {
        class,
        certificate,
        stop,
        more_served,
    } = round.proof.as_deref()?;
    if round.problem.demands.is_empty() {
        return None;
    }
    let mut roles: Vec<u16> = round
        .problem
        .demands
        .iter()
        .map(|demand| demand.role)
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let names = scene.compiled().tiers.names();
    let prices = (round.problem.limits.iter().zip(&certificate.prices))
        .filter(|(_, price)| **price > 0)
        .map(|(limit, &price)| {
            let unit = unit(limit, &round.problem.demands);
            let worth = price as f64 / (1_i128 << certificate.scale) as f64;
            let serving = certificate.serving as f64;
            let served = if serving > 0.0 {
                (worth / serving).round()
            } else {
                0.0
            };
            // A unit that is no demand is a millionth of what it measures.
            let units = if unit == "workload" { 1e6 } else { 1.0 };
            ShadowPrice {
                rep: scene.rep_id(limit.rep).to_owned(),
                role: limit.role.map(|role| scene.role_id(role).to_owned()),
                tier: limit.tier.map(|tier| names[tier as usize].to_owned()),
                unit: unit.to_owned(),
                score: rounded((worth - served * serving) * units / 1e6),
                served: served * units,
            }
        })
        .collect();
    Some(PlanCertificate {
        strategy: round.strategy.name().to_owned(),
        roles: roles
            .iter()
            .map(|&role| scene.role_id(role).to_owned())
            .collect(),
        exact: *class == Class::Exact,
        gap: rounded(certificate.gap() as f64 / 1e6),
        more_served: *more_served,
        stopped: stop.map(|stop| {
            let why = match stop {
                Stop::Cancelled => "cancelled",
                Stop::Deadline => "deadline",
                Stop::Operations => "operations",
            };
            why.to_owned()
        }),
        prices,
    })
}

/// What a demand would pay a rep under the prices of a proof, in score; serving included, which
/// is the same for every rep that is short of room for it.
pub(super) struct Tariff<'p> {
    limits: &'p [Limit],
    /// By limit: the price of a unit in score, and whether the unit is a demand.
    prices: Vec<(f64, bool)>,
    load_prices: Vec<f64>,
}

impl<'p> Tariff<'p> {
    pub(super) fn new(round: &'p Round) -> Option<Self> {
        let certificate = &round.proof.as_deref()?.certificate;
        let worth = |price: i128| price as f64 / (1_i128 << certificate.scale) as f64 / 1e6;
        let problem = &round.problem;
        let prices = (problem.limits.iter().zip(&certificate.prices))
            .map(|(limit, &price)| (worth(price), unit(limit, &problem.demands) == "demand"))
            .collect();
        let load_prices = certificate
            .load_prices
            .iter()
            .map(|&price| worth(price))
            .collect();
        Some(Self {
            limits: &problem.limits,
            prices,
            load_prices,
        })
    }

    pub(super) fn of(&self, rep: u32, demand: &Demand) -> f64 {
        let limits = self.limits.iter().zip(&self.prices);
        let paid = limits
            .filter(|(limit, _)| limit.rep == rep && limit.covers(demand))
            .map(|(limit, &(price, alike))| {
                if alike {
                    price
                } else {
                    price * limit.amount(demand) as f64
                }
            });
        paid.sum::<f64>() + self.load_prices.get(rep as usize).copied().unwrap_or(0.0)
    }
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

/// What a limit counts in: demands where all that it covers count alike.
fn unit(limit: &Limit, demands: &[Demand]) -> &'static str {
    let mut amounts = (demands.iter())
        .filter(|demand| limit.covers(demand))
        .map(|demand| limit.amount(demand));
    let first = amounts.next();
    match (amounts.all(|amount| Some(amount) == first), limit.measure) {
        (true, _) => "demand",
        (false, Measure::Workload) => "workload",
        (false, Measure::Customers) => "customer",
    }
}
