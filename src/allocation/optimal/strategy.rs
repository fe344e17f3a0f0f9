//! Strategy `optimal`: picks the class of a problem and solves it.

use super::certificate::{Certificate, Refuted};
use super::check::verify;
use super::exact::{self, Forest};
use super::fair::FairOrder;
use super::settings::OptimalSettings;
use super::terms::Terms;
use crate::allocation::{Allocation, PairSource, Problem, Stop, Strategy, Watch};

/// The best allocation under all limits, with a certificate.
///
/// ```
/// use bookwright::allocation::{Demand, Limit, Measure, Optimal, PairSource, Problem, Unbounded};
///
/// struct Scores([[f64; 2]; 2]);
/// impl PairSource for Scores {
///     fn block(&self, demands: &[u32], scores: &mut [f64]) {
///         for (row, &demand) in scores.chunks_exact_mut(2).zip(demands) {
///             row.copy_from_slice(&self.0[demand as usize]);
///         }
///     }
/// }
///
/// let demand = Demand {
///     group: 0, role: 0, tier: 0, priority: 0, workload: 1_000_000, customers: 1, present: None,
/// };
/// let limit = |rep| Limit { rep, role: None, tier: None, measure: Measure::Customers, at_most: 1 };
/// let problem = Problem {
///     reps: 2,
///     demands: vec![demand; 2],
///     limits: vec![limit(0), limit(1)],
///     ..Problem::default()
/// };
/// let scores = Scores([[5.0, 4.0], [3.0, 0.0]]);
/// let optimal = Optimal::default();
/// let solution = optimal.solve(&problem, &scores, &mut Unbounded)?;
/// assert_eq!(solution.allocation.rep_of, [Some(1), Some(0)]);
/// assert_eq!(solution.certificate.gap(), 0);
/// assert!(optimal.verify(&problem, &scores, &solution).is_ok());
/// # Ok::<(), bookwright::allocation::Stop>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Optimal {
    settings: OptimalSettings,
}

/// What is known of a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing is better: demands count alike, limits are nested, nothing couples demands.
    Exact,
    /// Nothing is better than the bound; [`Certificate::gap`] tells how far that is.
    Bounded,
}

/// How good an allocation is.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// How the problem was solved.
    pub class: Class,
    /// The prices and the gap.
    pub certificate: Certificate,
    /// Why the solver stopped before its end.
    pub stop: Option<Stop>,
    /// How many more demands another allocation could serve at most.
    pub more_served: u64,
}

/// An allocation and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Who got what.
    pub allocation: Allocation,
    /// The proof.
    pub certificate: Certificate,
    /// How the problem was solved.
    pub class: Class,
    /// Why the solver stopped before its end; the gap tells what that may have cost.
    pub stop: Option<Stop>,
    /// How many times all pairs were streamed.
    pub rounds: u32,
}

impl Optimal {
    /// The strategy with settings.
    #[must_use]
    pub const fn new(settings: OptimalSettings) -> Self {
        Self { settings }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &OptimalSettings {
        &self.settings
    }

    /// Finds the best allocation, or the best within the watch's deadline or operations.
    ///
    /// # Errors
    /// When cancelled, or stopped before there was anything to show.
    pub fn solve(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Solution, Stop> {
        let terms = Terms::watched(problem, &self.settings, &mut || watch.tick(0))?;
        Self::solve_terms(&terms, pairs, watch)
    }

    pub(super) fn solve_terms(
        terms: &Terms<'_>,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Solution, Stop> {
        if let Some(forest) = Forest::of(terms)
            && let Some(found) = exact::allocate(terms, &forest, pairs, watch)?
        {
            if found.stop == Some(Stop::Cancelled) {
                return Err(Stop::Cancelled);
            }
            return Ok(Solution {
                class: if found.stop.is_none() && terms.exact() && terms.says_all(found.peak) {
                    Class::Exact
                } else {
                    Class::Bounded
                },
                allocation: found.allocation,
                certificate: found.certificate,
                stop: found.stop,
                rounds: found.rounds,
            });
        }
        super::priced::allocate(terms, pairs, watch)
    }

    /// Checks a solution against the problem in one pass over all pairs, trusting nothing in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        solution: &Solution,
    ) -> Result<(), Refuted> {
        let terms = Terms::new(problem, &self.settings);
        let peak = verify(&terms, pairs, &solution.allocation, &solution.certificate)?;
        let exact = terms.flows() && !terms.coupled() && terms.exact() && terms.says_all(peak);
        if solution.class == Class::Exact && !(exact && solution.certificate.gap() == 0) {
            return Err(Refuted::NotExact);
        }
        Ok(())
    }
}

impl Strategy for Optimal {
    fn name(&self) -> &str {
        "optimal"
    }

    fn answers_when_stopped(&self) -> bool {
        true
    }

    fn allocate(
        &self,
        problem: &Problem,
        pairs: &dyn PairSource,
        watch: &mut dyn Watch,
    ) -> Result<Allocation, Stop> {
        let turns = FairOrder::of(problem);
        let seen = turns.problem(problem, watch)?;
        let terms = Terms::watched(&seen, &self.settings, &mut || watch.tick(0))?;
        let Solution {
            mut allocation,
            mut certificate,
            class,
            stop,
            ..
        } = Self::solve_terms(&terms, &turns.pairs(pairs), watch)?;
        let more_served = certificate.more_served_of(&terms, &allocation);
        turns.put_back(problem.limits.len(), &mut allocation, &mut certificate);
        allocation.proof = Some(Box::new(Proof {
            class,
            certificate,
            stop,
            more_served,
        }));
        Ok(allocation)
    }
}
