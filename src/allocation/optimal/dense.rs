//! Problems of the exact class in which each rep takes few demands: as a full matrix.
//!
//! Which they are: one limit for each rep counts all demands, loads cost nothing, and there are not
//! many more demands than reps. All pairs are then kept, 8 bytes each, and `assignment` solves
//! them. Everything else of the class goes through `transport`.

use super::assignment::{Assigned, EDGE, FEW, Matrix};
use super::certificate::{self, stream};
use super::exact::{Forest, Found, certify};
use super::pool::KEEP_ALL;
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Stop, Watch, to_micros};

/// Integers up to this size are exact as floats.
const EXACT: i128 = 1 << 53;

/// Solves a problem that is dense in this sense and whose numbers are small enough.
pub(super) fn allocate(
    terms: &Terms<'_>,
    forest: &Forest,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
) -> Option<Found> {
    let (demands, reps) = (terms.problem.demands.len(), terms.problem.reps);
    let fits = demands <= reps.saturating_mul(FEW) && demands * reps <= KEEP_ALL;
    if !fits || terms.loads_cost() || forest.room.len() != reps {
        return None;
    }
    let Gathered {
        matrix,
        serving,
        unit,
    } = gather(terms, forest, pairs)?;
    let assigned = matrix.solve(watch);
    let mut price = vec![0; reps];
    for (&root, &paid) in forest.root.iter().zip(&assigned.price) {
        price[root as usize] = paid as i128 * unit;
    }
    let mut certificate = certify(terms, forest, price, serving);
    certificate.value = -cost(&matrix, &assigned) * unit;
    certificate.bound = match assigned.stop {
        None => certificate.value,
        Some(Stop::Cancelled) => certificate.value, // nobody will see it
        Some(_) => certificate::bound(terms, pairs, &certificate),
    };
    Some(Found {
        allocation: Allocation {
            rep_of: assigned.column_of,
            ..Allocation::default()
        },
        certificate,
        stop: assigned.stop,
        rounds: 1,
    })
}

/// The problem as numbers.
struct Gathered {
    matrix: Matrix,
    serving: i128,
    /// What one unit of the matrix is worth.
    unit: i128,
}

/// All pairs and what staying open costs; none where a number is too great to be exact.
fn gather(terms: &Terms<'_>, forest: &Forest, pairs: &dyn PairSource) -> Option<Gathered> {
    let (demands, reps) = (terms.problem.demands.len(), terms.problem.reps);
    let mut cost = Vec::with_capacity(demands * reps);
    let (mut peak, mut most) = (0_i64, 0_i128);
    let free = terms.settings.move_price == 0 && terms.toll == 0;
    stream(terms, pairs, |number, _, scores| {
        if free {
            cost.extend(scores.iter().map(|&score| {
                if score.is_nan() {
                    return f64::INFINITY;
                }
                let micros = to_micros(score);
                peak = peak.max(micros.abs());
                -(micros as f64)
            }));
        } else {
            let pairs = (0..).zip(scores);
            cost.extend(pairs.map(|(rep, &score)| {
                if score.is_nan() {
                    return f64::INFINITY;
                }
                peak = peak.max(to_micros(score).abs());
                let value = terms.value(number, rep, score);
                most = most.max(value.abs());
                -value as f64
            }));
        }
    });
    let mut serving = terms.serving(i128::from(peak));
    most = most.max(i128::from(peak));
    let mut open = open_costs(terms, serving);
    let mut unit = 1;
    if largest(most, &open) > EDGE {
        if most > EXACT {
            return None;
        }
        unit = common_unit(terms, &cost);
        serving += (-serving).rem_euclid(unit);
        open = open_costs(terms, serving);
        if largest(most, &open) / unit > EDGE || open.iter().any(|open| open % unit != 0) {
            return None;
        }
        cost.iter_mut().for_each(|cost| *cost /= unit as f64);
    }
    // The forest cuts room off at the number of demands: there a limit does not bind.
    let most = demands as i64;
    let room = forest.root.iter().map(|&root| {
        let room = forest.room[root as usize].max(0);
        (if room < most { room } else { most + 1 }) as u32
    });
    let matrix = Matrix {
        open: open.iter().map(|&open| (open / unit) as f64).collect(),
        room: room.collect(),
        cost,
    };
    Some(Gathered {
        matrix,
        serving,
        unit,
    })
}

/// What staying open costs.
fn open_costs(terms: &Terms<'_>, serving: i128) -> Vec<i128> {
    let coverage = terms.coverage(serving);
    let demands = 0..terms.problem.demands.len();
    demands
        .map(|number| -terms.open(number, &coverage))
        .collect()
}

fn largest(most: i128, open: &[i128]) -> i128 {
    open.iter().map(|open| open.abs()).fold(most, i128::max)
}

/// The greatest number that divides all costs: often what a score is rounded to.
fn common_unit(terms: &Terms<'_>, costs: &[f64]) -> i128 {
    let price = terms.settings.unassigned_price.unwrap_or(0);
    let mut unit = gcd(
        terms.settings.move_price.unsigned_abs(),
        price.unsigned_abs(),
    );
    for cost in costs.iter().filter(|cost| cost.is_finite()) {
        unit = gcd(unit, cost.abs() as u64);
        if unit == 1 {
            break;
        }
    }
    i128::from(unit.max(1))
}

fn gcd(mut one: u64, mut other: u64) -> u64 {
    while one != 0 {
        (one, other) = (other % one, one);
    }
    other
}

/// What the assignment costs, summed exactly.
fn cost(matrix: &Matrix, assigned: &Assigned) -> i128 {
    let rows = assigned.column_of.iter().zip(&matrix.open).enumerate();
    rows.map(|(row, (column, &open))| {
        let own = column.map(|column| matrix.cost[row * matrix.room.len() + column as usize]);
        own.unwrap_or(open) as i128
    })
    .sum()
}
