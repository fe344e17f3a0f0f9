//! Turns in proportion to weights, never more than one off.

use super::turns::{one_by_one, open_reps};
use super::{Allocation, PairSource, Problem, Stop, Strategy, Watch, to_micros};

/// Gives each demand, in the order of turns, to a candidate with room such that after every
/// prefix each rep has its share of the assignments in the role to within one, where all reps
/// stay open. Where candidates differ between demands, a demand counts towards the shares of its
/// own candidates only.
///
/// This is the chairman assignment of R. Tijdeman (*The chairman assignment problem*, Discrete
/// Mathematics 32, 1980): among the reps that are owed at least `1/(2n−2)` of an assignment, the
/// one whose next assignment is due first; ties by score, then load share. What a rep is owed goes
/// on from round to round through [`Problem::credits`]. Time `O(demands × reps)`.
#[derive(Debug, Clone, Copy, Default)]
pub struct WeightedRoundRobin;

impl Strategy for WeightedRoundRobin {
    fn name(&self) -> &'static str {
        "weighted_round_robin"
    }

    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        let roles = problem
            .demands
            .iter()
            .map(|demand| demand.role as usize + 1)
            .max();
        let mut owed = problem.credits.clone();
        owed.resize(owed.len().max(roles.unwrap_or(0) * problem.reps), 0.0);
        let weight = |rep: u32| problem.weights.get(rep as usize).copied().unwrap_or(1.0);
        let mut open: Vec<u32> = Vec::with_capacity(problem.reps);
        let mut allocation = one_by_one(problem, pairs, watch, |demand, row, room| {
            let cell = |rep: u32| demand.role as usize * problem.reps + rep as usize;
            open.clear();
            open.extend(open_reps(demand, row, room));
            let total: f64 = open.iter().map(|&rep| weight(rep)).sum();
            for &rep in &open {
                owed[cell(rep)] += weight(rep) / total;
            }
            let slack = if open.len() > 1 {
                1.0 / (2 * open.len() - 2) as f64
            } else {
                0.0
            };
            // A hair of tolerance: sums of thirds are not exact.
            let due = |rep: u32| owed[cell(rep)] >= slack - 1e-9;
            let wait = |rep: u32| (1.0 - slack - owed[cell(rep)]) * total / weight(rep);
            let score = |rep: u32| to_micros(row[rep as usize]);
            let chosen = open.iter().copied().min_by(|&a, &b| {
                due(b)
                    .cmp(&due(a))
                    .then_with(|| to_grid(wait(a)).cmp(&to_grid(wait(b))))
                    .then_with(|| score(b).cmp(&score(a)))
                    .then_with(|| room.break_tie(a, b, demand))
            })?;
            owed[cell(chosen)] -= 1.0;
            Some(chosen)
        })?;
        // On a grid, so that rounding leaves no debts; the sum takes the sign from a zero.
        let settled = |owed: f64| (owed * 1e12).round() / 1e12 + 0.0;
        allocation.credits = owed.into_iter().map(settled).collect();
        Ok(allocation)
    }
}

/// Waiting times that differ by rounding only are ties.
fn to_grid(wait: f64) -> i64 {
    (wait * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::super::{Demand, Unbounded};
    use super::*;

    struct Everyone;
    impl PairSource for Everyone {
        fn block(&self, _: &[u32], scores: &mut [f64]) {
            scores.fill(0.0);
        }
    }

    fn arrivals(count: usize, weights: &[f64], credits: Vec<f64>) -> Problem {
        let demand = |group| Demand {
            group,
            role: 0,
            tier: 0,
            priority: 0,
            workload: 1,
            customers: 1,
            present: None,
        };
        Problem {
            reps: weights.len(),
            demands: (0..count as u32).map(demand).collect(),
            weights: weights.to_vec(),
            credits,
            ..Problem::default()
        }
    }

    #[test]
    fn every_prefix_is_within_one_of_each_share() {
        for weights in [
            vec![1.0, 1.0],
            vec![3.0, 2.0, 1.0],
            vec![10.0, 1.0, 1.0, 0.5, 7.0],
        ] {
            let problem = arrivals(500, &weights, Vec::new());
            let answer = WeightedRoundRobin
                .allocate(&problem, &Everyone, &mut Unbounded)
                .unwrap();
            let total: f64 = weights.iter().sum();
            let mut counts = vec![0.0; weights.len()];
            for (done, rep) in answer.rep_of.iter().enumerate() {
                counts[rep.unwrap() as usize] += 1.0;
                for (count, weight) in counts.iter().zip(&weights) {
                    let share = (done + 1) as f64 * weight / total;
                    assert!((count - share).abs() <= 1.0, "{counts:?} of {weights:?}");
                }
            }
        }
    }

    #[test]
    fn single_arrivals_are_as_fair_as_one_long_round() {
        let weights = [3.0, 2.0, 1.0];
        let long = arrivals(60, &weights, Vec::new());
        let long = WeightedRoundRobin
            .allocate(&long, &Everyone, &mut Unbounded)
            .unwrap();
        let (mut credits, mut counts) = (Vec::new(), [0; 3]);
        for _ in 0..60 {
            let one = arrivals(1, &weights, std::mem::take(&mut credits));
            let answer = WeightedRoundRobin
                .allocate(&one, &Everyone, &mut Unbounded)
                .unwrap();
            counts[answer.rep_of[0].unwrap() as usize] += 1;
            credits = answer.credits;
        }
        assert_eq!(counts, [30, 20, 10]);
        assert_eq!(
            long.rep_of.iter().filter(|rep| **rep == Some(2)).count(),
            10
        );
    }
}
