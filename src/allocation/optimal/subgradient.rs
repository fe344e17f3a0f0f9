//! Prices of limits where demands count differently: the subgradient method.
//!
//! Each round puts every demand where it is worth most after prices, and raises the price of a
//! limit by how much it is exceeded, or lowers it by what is left (Held, Wolfe & Crowder 1974),
//! with a step that halves while the bound does not fall. Floating point is used on the way only:
//! the prices are rounded to integers, and the bound is then summed exactly over all pairs.

use super::certificate::Certificate;
use super::pool::Pool;
use super::terms::Terms;
use crate::allocation::{Allocation, Watch};

const ROUNDS: usize = 250;
/// Prices are finer than values by this many bits.
const SCALE: u32 = 20;

/// Prices, and the allocations of demands by them: they may exceed limits.
pub(super) fn prices(
    terms: &Terms<'_>,
    pool: &Pool,
    serving: i128,
    watch: &mut dyn Watch,
) -> (Certificate, Vec<Allocation>) {
    let rooms: Vec<f64> = terms.bounds.iter().map(|bound| bound.room as f64).collect();
    let mut price = vec![0.0_f64; rooms.len()];
    let mut best = (f64::INFINITY, price.clone(), Allocation::default());
    let (mut step, mut stale) = (1.0_f64, 0);
    let mut least_kept = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let round = choose(terms, pool, serving, &price);
        let bound = round.worth
            + price
                .iter()
                .zip(&rooms)
                .map(|(price, room)| price * room)
                .sum::<f64>();
        least_kept = least_kept.max(round.kept);
        if bound < best.0 {
            stale = 0;
            best = (
                bound,
                price.clone(),
                Allocation {
                    rep_of: round.rep_of,
                    ..Allocation::default()
                },
            );
        } else {
            stale += 1;
            if stale == 8 {
                (step, stale) = (step / 2.0, 0);
                price.clone_from(&best.1);
            }
        }
        let over: Vec<f64> = round
            .load
            .iter()
            .zip(&rooms)
            .map(|(load, room)| load - room)
            .collect();
        let length: f64 = over
            .iter()
            .zip(&price)
            .map(|(over, price)| {
                if *over > 0.0 || *price > 0.0 {
                    over * over
                } else {
                    0.0
                }
            })
            .sum();
        if length == 0.0 || step < 1e-4 || watch.tick(terms.problem.demands.len() as u64).is_err() {
            break;
        }
        let aim = ((bound - least_kept) * 0.5)
            .max(bound.abs() * 1e-6)
            .max(1.0);
        for (price, over) in price.iter_mut().zip(&over) {
            *price = (*price + step * aim * over / length).max(0.0);
        }
    }
    let finer = f64::from(1_u32 << SCALE);
    let prices = best
        .1
        .iter()
        .map(|price| (price * finer).round() as i128)
        .collect();
    let loads = terms.loads_cost() && terms.workload.is_some();
    let load_prices = if loads {
        vec![0; terms.problem.reps]
    } else {
        Vec::new()
    };
    let certificate = Certificate {
        prices,
        load_prices,
        serving,
        scale: SCALE,
        ..Certificate::default()
    };
    (certificate, vec![best.2])
}

/// What all demands choose at some prices.
struct Round {
    rep_of: Vec<Option<u32>>,
    load: Vec<f64>,
    /// What they are worth after prices.
    worth: f64,
    /// What is left of that where those that exceed a limit stay open: a rough value to aim at.
    kept: f64,
}

fn choose(terms: &Terms<'_>, pool: &Pool, serving: i128, price: &[f64]) -> Round {
    let demands = &terms.problem.demands;
    let mut round = Round {
        rep_of: Vec::with_capacity(demands.len()),
        load: vec![0.0; price.len()],
        worth: 0.0,
        kept: 0.0,
    };
    for (number, demand) in demands.iter().enumerate() {
        let open = terms.open(number, serving) as f64;
        let mut best = (open, None);
        let mut plain = open;
        for (rep, value) in pool.of(number) {
            let own = terms.of_rep[rep as usize]
                .iter()
                .map(|&bound| bound as usize);
            let paid: f64 = own
                .filter(|&bound| terms.bounds[bound].limit.covers(demand))
                .map(|bound| price[bound] * terms.bounds[bound].amount(demand) as f64)
                .sum();
            if value as f64 - paid > best.0 {
                best = (value as f64 - paid, Some(rep));
                plain = value as f64;
            }
        }
        round.worth += best.0;
        round.rep_of.push(best.1);
        let Some(rep) = best.1 else {
            round.kept += open;
            continue;
        };
        let mut fits = true;
        for &bound in &terms.of_rep[rep as usize] {
            let bound = bound as usize;
            if terms.bounds[bound].limit.covers(demand) {
                round.load[bound] += terms.bounds[bound].amount(demand) as f64;
                fits &= round.load[bound] <= terms.bounds[bound].room as f64;
            }
        }
        round.kept += if fits { plain } else { open };
    }
    round
}
