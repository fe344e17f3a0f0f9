//! Generalized assignment: jobs of differing weight to agents with capacities, at least cost.
//!
//! Not in the exact class: the problem is hard. What comes out always carries a bound. (1) Prices
//! of capacity by the subgradient method tell which agents are worth looking at for each job;
//! (2) simulated annealing over shifts, swaps and ejections, with a soft price on overload, finds
//! good assignments (neighbourhoods: Yagiura, Ibaraki & Glover 2006); (3) the Lagrangian bound
//! that keeps the knapsacks (Fisher, Jaikumar & Van Wassenhove 1986) certifies them, and its
//! reduced costs fix pairs; (4) the jobs of a few agents at a time are assigned anew by branch and
//! bound (large neighbourhood search: Shaw 1998), which packs capacities as tightly as annealing
//! cannot; (5) branch and bound on what is left proves optimality where it can:
//! up to 60 jobs it goes on until it has, larger problems have a share of the effort.
//!
//! *Deviations.* Annealing instead of tabu search with a relinked pool: less code, as good on the
//! instances at hand. Knapsacks are solved by dynamic programming over capacity; capacities above
//! 4,096 units are scaled down with weights rounded down, which only weakens the bound.
//! *Overflow.* Costs are cut off at ±2⁴⁰ and sums are `i128` or far below 2⁶³.

pub(super) mod anneal;
mod branch;
pub(super) mod choices;
mod knapsack;
mod lagrange;
mod regions;

use crate::allocation::{Stop, Watch};
use anneal::Annealer;
use choices::Choices;
pub(super) use lagrange::FINER;
use std::convert::Infallible;

/// An instance: jobs are assigned once each, agents have capacities, the total cost is least.
///
/// ```
/// use bookwright::allocation::{Gap, Unbounded};
///
/// // Two agents, three jobs; row by row of jobs: what each agent takes for it.
/// let cost = vec![4, 1, 4, 1, 4, 2];
/// let weight = vec![2, 2, 2, 2, 2, 2];
/// let gap = Gap::new(cost, weight, vec![4, 2]).unwrap();
/// let solved = gap.solve(1_000_000, &mut Unbounded);
/// assert_eq!(solved.best.unwrap().0, 9);
/// assert_eq!(solved.bound, 9);
/// ```
#[derive(Debug, Clone)]
pub struct Gap {
    jobs: usize,
    agents: usize,
    cost: Vec<i64>,
    weight: Vec<i64>,
    capacity: Vec<i64>,
}

/// What [`Gap::solve`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapSolution {
    /// The cost and the agent of each job; none where no assignment was found.
    pub best: Option<(i128, Vec<u32>)>,
    /// No assignment costs less. Equal to the cost where it is proven optimal; where there is no
    /// assignment and the search came to its end, there is none at all.
    pub bound: i128,
    /// Why it stopped, where it neither proved optimality nor used its effort up.
    pub stop: Option<Stop>,
}

/// Up to this many jobs optimality is proven however long it takes.
const ALWAYS_PROVE: usize = 60;
const COST_EDGE: i64 = 1 << 40;

impl Gap {
    /// An instance from costs and weights, job by job over agents, and capacities. Weights below
    /// zero count as zero, costs beyond ±2⁴⁰ are cut off there. None where lengths do not fit.
    #[must_use]
    pub fn new(mut cost: Vec<i64>, mut weight: Vec<i64>, capacity: Vec<i64>) -> Option<Self> {
        let agents = capacity.len();
        if agents == 0 || cost.len() != weight.len() || !cost.len().is_multiple_of(agents) {
            return None;
        }
        let jobs = cost.len() / agents;
        for cost in &mut cost {
            *cost = (*cost).clamp(-COST_EDGE, COST_EDGE);
        }
        for weight in &mut weight {
            *weight = (*weight).max(0);
        }
        Some(Self {
            jobs,
            agents,
            cost,
            weight,
            capacity,
        })
    }

    /// Finds a good assignment and a bound. `effort` is the number of steps of the search: with the
    /// same effort, and a watch that does not stop it, the result is the same.
    #[must_use]
    pub fn solve(&self, effort: u64, watch: &mut dyn Watch) -> GapSolution {
        let mut search = Search {
            best: None,
            bound: -(COST_EDGE as i128) * self.jobs as i128,
            aim: i128::MAX,
        };
        let stop = self.run(&mut search, effort, watch).err();
        GapSolution {
            best: search.best,
            bound: search.bound,
            stop,
        }
    }

    fn run(&self, search: &mut Search, effort: u64, watch: &mut dyn Watch) -> Result<(), Stop> {
        let prices = lagrange::capacity_prices(self, watch)?;
        let choices = self.choices(&prices);
        let mut annealer = Annealer::new(&choices);
        let most = (400 * (self.jobs * self.agents) as u64).max(20_000);
        let first = (effort / 8).clamp(20_000, most);
        self.anneal(&mut annealer, first, search, watch)?;
        let mut multipliers = lagrange::start(self, &prices);
        let mut open = lagrange::Open::all(self);
        lagrange::improve(self, &mut open, &mut multipliers, search, 600, watch)?;
        if search.proven() {
            return Ok(());
        }
        self.anneal(&mut annealer, (effort / 8).min(2_000_000), search, watch)?;
        if self.jobs <= ALWAYS_PROVE {
            let mut unlimited = u64::MAX;
            branch::prove(self, &open, &multipliers, search, &mut unlimited, watch)?;
            return Ok(());
        }
        for round in 0..(effort / 400_000).max(8) {
            regions::improve(self, &multipliers, search, round, watch)?;
            if search.proven() {
                return Ok(());
            }
        }
        let mut left = (effort / 50_000).max(50);
        branch::prove(self, &open, &multipliers, search, &mut left, watch)?;
        Ok(())
    }

    fn anneal(
        &self,
        annealer: &mut Annealer<'_>,
        steps: u64,
        search: &mut Search,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        if let Some((_, agents)) = &search.best {
            annealer.offer(agents);
        }
        let end = annealer.run(steps, search.bound, watch);
        if let Some(agents) = annealer.best() {
            search.offer(self, &agents);
        }
        end
    }

    /// The pairs that are likely under prices of capacity.
    fn choices(&self, prices: &[f64]) -> Choices {
        let mut choices = Choices::new();
        for (&room, &price) in self.capacity.iter().zip(prices) {
            choices.agent([(room, price)]);
        }
        for job in 0..self.jobs {
            for agent in 0..self.agents {
                let weight = self.weight(job, agent);
                if weight <= self.capacity[agent] {
                    choices.pair(agent as u32, self.cost(job, agent), [weight]);
                }
            }
            choices.end_job();
        }
        let _: Result<(), Infallible> = choices.order(&mut || Ok(()));
        choices
    }

    /// Prices of jobs, finer by [`FINER`], that bound the cost well, looked for from prices of a
    /// unit of each agent's capacity; `aim` is the cost of an assignment that there is.
    pub(super) fn job_prices(
        &self,
        prices: &[f64],
        aim: i128,
        rounds: u32,
        watch: &mut dyn Watch,
    ) -> (Vec<i64>, Result<(), Stop>) {
        let mut multipliers = lagrange::start(self, prices);
        let mut search = Search {
            best: None,
            bound: i128::MIN,
            aim,
        };
        let mut open = lagrange::Open::all(self);
        let end = lagrange::improve(
            self,
            &mut open,
            &mut multipliers,
            &mut search,
            rounds,
            watch,
        );
        (multipliers, end)
    }

    pub(super) const fn jobs(&self) -> usize {
        self.jobs
    }

    /// Into how many units the greatest capacity is cut where knapsacks are solved.
    pub(super) fn units(&self) -> u64 {
        let most = self.capacity.iter().copied().max().unwrap_or(0);
        most.clamp(0, knapsack::UNITS).unsigned_abs()
    }

    fn cost(&self, job: usize, agent: usize) -> i64 {
        self.cost[job * self.agents + agent]
    }

    fn weight(&self, job: usize, agent: usize) -> i64 {
        self.weight[job * self.agents + agent]
    }

    /// The cost of an assignment; none where it exceeds a capacity or is not one of all jobs.
    #[must_use]
    pub fn cost_of(&self, agent_of: &[u32]) -> Option<i128> {
        if agent_of.len() != self.jobs {
            return None;
        }
        let mut left = self.capacity.clone();
        let mut total = 0_i128;
        for (job, &agent) in agent_of.iter().enumerate() {
            let left = left.get_mut(agent as usize)?;
            *left -= self.weight(job, agent as usize);
            total += i128::from(self.cost(job, agent as usize));
        }
        left.iter().all(|&left| left >= 0).then_some(total)
    }
}

/// The best so far.
#[derive(Debug)]
struct Search {
    best: Option<(i128, Vec<u32>)>,
    bound: i128,
    /// What is known to be possible, though nothing is closed for being dearer.
    aim: i128,
}

impl Search {
    fn proven(&self) -> bool {
        self.best.as_ref().is_some_and(|best| best.0 <= self.bound)
    }

    /// What an assignment must cost less than to be of interest.
    fn target(&self) -> i128 {
        self.best
            .as_ref()
            .map_or(i128::from(i64::MAX), |best| best.0)
    }

    fn offer(&mut self, gap: &Gap, agent_of: &[u32]) {
        if let Some(cost) = gap.cost_of(agent_of)
            && cost < self.target()
        {
            self.best = Some((cost, agent_of.to_vec()));
        }
    }

    fn raise(&mut self, bound: i128) {
        // A bound above the best assignment only says that there is no better one.
        self.bound = self.bound.max(bound.min(self.target()));
    }
}
