//! Problems of the exact class in which each rep takes few demands: as a full matrix.
//!
//! Which they are: one limit for each rep counts all demands, loads cost nothing, and there are not
//! many more demands than reps. All pairs are then kept, 8 bytes each, and `assignment` solves
//! them. Everything else of the class goes through `transport`.

use super::assignment::{Assigned, EDGE, FEW, Matrix};
use super::check;
use super::exact::{Forest, Found, certify};
use super::stream::stream_while;
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
) -> Result<Option<Found>, Stop> {
    let (demands, reps) = (terms.problem.demands.len(), terms.problem.reps);
    let fits = demands <= reps.saturating_mul(FEW) && demands * reps <= terms.keep_all;
    if !fits || terms.loads_cost() || forest.room.len() != reps {
        return Ok(None);
    }
    let Some(gathered) = gather(terms, forest, pairs, watch)? else {
        return Ok(None);
    };
    let Gathered {
        matrix,
        serving,
        unit,
        best,
        peak,
    } = gathered;
    let assigned = matrix.solve(watch);
    let mut price = vec![0; reps];
    for (&root, &paid) in forest.root.iter().zip(&assigned.price) {
        price[root as usize] = paid as i128 * unit;
    }
    let mut certificate = certify(terms, forest, price, (serving, peak));
    let value = -cost(&matrix, &assigned) * unit;
    certificate.bound = value;
    if assigned.stop.is_some() {
        certificate = check::unpriced(terms, certificate, peak, best.into_iter());
    }
    certificate.value = value;
    Ok(Some(Found {
        allocation: Allocation {
            rep_of: assigned.column_of,
            ..Allocation::default()
        },
        certificate,
        stop: assigned.stop,
        rounds: 1,
        peak,
    }))
}

/// The problem as numbers.
struct Gathered {
    matrix: Matrix,
    serving: i128,
    /// What one unit of the matrix is worth.
    unit: i128,
    /// What the best pair of each demand is worth.
    best: Vec<Option<i128>>,
    /// The greatest score in size.
    peak: i128,
}

/// All pairs and what staying open costs; none where a number is too great to be exact.
fn gather(
    terms: &Terms<'_>,
    forest: &Forest,
    pairs: &dyn PairSource,
    watch: &mut dyn Watch,
) -> Result<Option<Gathered>, Stop> {
    let (demands, reps) = (terms.problem.demands.len(), terms.problem.reps);
    let mut cost = Vec::with_capacity(demands * reps);
    let (mut peak, mut most) = (0_i64, 0_i128);
    let free = terms.settings.move_price == 0 && terms.toll == 0;
    let mut best = Vec::with_capacity(demands);
    stream_while(terms, pairs, watch, |number, _, scores| {
        let begin = cost.len();
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
        let least = cost[begin..].iter().copied().fold(f64::INFINITY, f64::min);
        best.push(least.is_finite().then_some(-(least as i128)));
    })?;
    let mut serving = terms.serving(i128::from(peak));
    most = most.max(i128::from(peak));
    let mut open = open_costs(terms, serving);
    let mut unit = 1;
    if largest(most, &open) > EDGE {
        if most > EXACT {
            return Ok(None);
        }
        unit = common_unit(terms, &cost);
        serving += (-serving).rem_euclid(unit);
        open = open_costs(terms, serving);
        if largest(most, &open) / unit > EDGE || open.iter().any(|open| open % unit != 0) {
            return Ok(None);
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
    Ok(Some(Gathered {
        matrix,
        serving,
        unit,
        best,
        peak: i128::from(peak),
    }))
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
