//! Generalized assignment: jobs of differing weight to agents with capacities, at least cost.
//!
//! Not in the exact class: the problem is hard. What comes out always carries a bound. (1) Prices
//! of capacity by the subgradient method tell which agents are worth looking at for each job;
//! (2) simulated annealing over shifts, swaps and ejections, with a soft price on overload, finds
//! a first assignment (neighbourhoods: Yagiura, Ibaraki & Glover 2006); (3) the Lagrangian bound
//! that keeps the knapsacks (Fisher, Jaikumar & Van Wassenhove 1986) certifies it, and what pairs
//! add to it closes them ([`fixing`]); (4) a dive gives away the surest jobs first; (5) the jobs of
//! a region are assigned anew by branch and bound (large neighbourhood search: Shaw 1998); (6)
//! branch and bound on all that is open raises the bound step by step and proves optimality where
//! it can: up to 60 jobs it goes on until it has, in larger problems (5) and (6) take turns until
//! the effort is used up.
//!
//! *Deviations.* Annealing instead of tabu search with a relinked pool: less code, and only the
//! first of what finds assignments. Knapsacks are solved by dynamic programming over capacity;
//! capacities above 4,096 units are scaled down with weights rounded down, which only weakens the
//! bound.
//! *Overflow.* Costs are cut off at ±2⁴⁰, capacities have 40 bits, and sums are `i128` or far below 2⁶³.

pub(super) mod anneal;
mod branch;
pub(super) mod choices;
mod dive;
mod fixing;
mod knapsack;
mod lagrange;
mod open;
mod regions;
mod search;

use crate::allocation::{Stop, Watch};
use anneal::Annealer;
use choices::Choices;
use knapsack::Knapsack;
pub(super) use lagrange::FINER;
use open::Open;
use regions::Regions;
use search::{Counted, Search};

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
const ROOM_BITS: u32 = 40;
/// Steps of annealing at once, at most.
const MOST_STEPS: u64 = 2_000_000;
/// Work that regions have before branch and bound has its turn again, at least.
const LEAST_TURN: u64 = 1 << 20;

impl Gap {
    /// An instance from costs and weights, job by job over agents, and capacities. Weights below
    /// zero count as zero, costs beyond ±2⁴⁰ are cut off there. Where a capacity that matters is
    /// beyond 2⁴⁰, its agent's weights are rounded up and it is rounded down to 40 bits, so that
    /// what fits here does fit. None where lengths do not fit.
    #[must_use]
    pub fn new(mut cost: Vec<i64>, mut weight: Vec<i64>, mut capacity: Vec<i64>) -> Option<Self> {
        let agents = capacity.len();
        if agents == 0 || cost.len() != weight.len() || !cost.len().is_multiple_of(agents) {
            return None;
        }
        let jobs = cost.len() / agents;
        for cost in &mut cost {
            *cost = (*cost).clamp(-COST_EDGE, COST_EDGE);
        }
        for (agent, room) in capacity.iter_mut().enumerate() {
            let own = || weight.iter().skip(agent).step_by(agents);
            let all = own().fold(0_i64, |all, &weight| all.saturating_add(weight.max(0)));
            *room = (*room).clamp(-1, all);
            let bits = 64 - (*room).max(0).leading_zeros();
            let rounded = bits.saturating_sub(ROOM_BITS);
            *room >>= rounded;
            for weight in weight.iter_mut().skip(agent).step_by(agents) {
                let most = room.saturating_add(1);
                let up = (1_i64 << rounded) - 1;
                *weight = ((*weight).max(0).saturating_add(up) >> rounded).min(most.max(0));
            }
        }
        Some(Self {
            jobs,
            agents,
            cost,
            weight,
            capacity,
        })
    }

    /// Finds a good assignment and a bound. `effort` is about the number of steps of the search, of
    /// some nanoseconds each: with the same effort, and a watch that does not stop it, the result is
    /// the same.
    #[must_use]
    pub fn solve(&self, effort: u64, watch: &mut dyn Watch) -> GapSolution {
        let mut search = Search::new();
        search.bound = -(COST_EDGE as i128) * self.jobs as i128;
        let stop = self.run(&mut search, effort, watch).err();
        GapSolution {
            best: search.best,
            bound: search.bound,
            stop,
        }
    }

    fn run(&self, search: &mut Search, effort: u64, watch: &mut dyn Watch) -> Result<(), Stop> {
        let mut watch = Counted::new(watch);
        let prices = lagrange::capacity_prices(self, &mut watch)?;
        let choices = self.choices(&prices, &mut watch)?;
        let mut annealer = Annealer::new(&choices);
        let most = (400 * (self.jobs * self.agents) as u64).clamp(20_000, MOST_STEPS);
        let first = (effort / 8).clamp(20_000, most);
        self.anneal(&mut annealer, first, search, &mut watch)?;
        let mut multipliers = lagrange::start(self, &prices);
        let mut open = Open::all(self);
        lagrange::improve(self, &mut open, &mut multipliers, search, 600, &mut watch)?;
        if search.proven() {
            return Ok(());
        }
        dive::dive(self, &open, &multipliers, 8, search, &mut watch)?;
        self.anneal(&mut annealer, first, search, &mut watch)?;
        if self.jobs <= ALWAYS_PROVE {
            return self.climb(&open, &multipliers, search, u64::MAX, &mut watch);
        }
        let spare = i64::MAX >> 3;
        let rises = fixing::rises(self, &open, &multipliers, spare, &mut Knapsack::default());
        let mut regions = Regions::new(self, &multipliers, rises);
        // Regions have twice the work of the others, whose turns are longer each time.
        for turn in 4..60 {
            let before = watch.work;
            let parts = [16, 32, 8, 5][turn % 4];
            dive::dive(self, &open, &multipliers, parts, search, &mut watch)?;
            self.climb(&open, &multipliers, search, 1 << turn, &mut watch)?;
            let until = watch.work + 2 * (watch.work - before).max(LEAST_TURN);
            while watch.work < until && !search.proven() {
                regions.improve(search, &mut watch)?;
                watch.tick(self.jobs as u64)?;
            }
            if search.proven() || watch.work >= effort {
                break;
            }
        }
        Ok(())
    }

    /// Raises the bound step by step: below a cut that is little above the bound there is little
    /// to look at (a series of decision problems: Posta, Ferland & Michelon 2012). Each step is
    /// twice as long as the one before. Ends after so many nodes.
    fn climb(
        &self,
        open: &Open,
        multipliers: &[i64],
        search: &mut Search,
        mut nodes: u64,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        let parts = if search.best.is_some() { 64 } else { 1 };
        let mut step = ((search.least() - search.bound) / parts).max(1);
        while !search.proven() {
            search.cut = search.bound + step;
            let all = branch::prove(self, open, multipliers, search, &mut nodes, watch);
            let target = search.target();
            search.cut = i128::MAX;
            if !all? {
                break;
            }
            search.raise(target);
            step *= 2;
        }
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
    fn choices(&self, prices: &[f64], watch: &mut dyn Watch) -> Result<Choices, Stop> {
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
        choices.order(&mut || watch.tick(0))?;
        Ok(choices)
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
        let mut search = Search::new();
        search.aim = aim;
        let mut open = Open::all(self);
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
