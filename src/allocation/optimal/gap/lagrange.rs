//! Two Lagrangian relaxations: one prices capacities, the other jobs.
//!
//! Pricing capacities leaves every job to choose by itself: weak but quick, O(jobs × agents) a
//! round, and its prices tell which agents are near. Pricing jobs leaves a knapsack for each agent:
//! its bound is at least that of the linear relaxation, and better as a rule. All bounds are
//! computed in integers.

use super::knapsack::{Item, Knapsack};
use super::{Gap, Search};
use crate::allocation::{Stop, Watch};

/// Multipliers are finer than costs by this factor.
pub(in crate::allocation::optimal) const FINER: i64 = 1 << 10;

/// Prices of a unit of each agent's capacity.
pub(super) fn capacity_prices(gap: &Gap, watch: &mut dyn Watch) -> Result<Vec<f64>, Stop> {
    let mut price = vec![0.0_f64; gap.agents];
    let mut best = (f64::NEG_INFINITY, price.clone());
    let (mut step, mut stale) = (1.0, 0);
    for _ in 0..300 {
        watch.tick((gap.jobs * gap.agents) as u64)?;
        let mut over: Vec<f64> = gap.capacity.iter().map(|&room| -room as f64).collect();
        let mut bound = 0.0;
        let mut spread = 0.0;
        for job in 0..gap.jobs {
            let (mut least, mut second, mut at) = (f64::INFINITY, f64::INFINITY, 0);
            for (agent, price) in price.iter().enumerate() {
                let cost = gap.cost(job, agent) as f64 + price * gap.weight(job, agent) as f64;
                if cost < least {
                    (second, least, at) = (least, cost, agent);
                } else if cost < second {
                    second = cost;
                }
            }
            bound += least;
            if second.is_finite() {
                spread += second - least;
            }
            over[at] += gap.weight(job, at) as f64;
        }
        bound -= gap
            .capacity
            .iter()
            .zip(&price)
            .map(|(&room, price)| room as f64 * price)
            .sum::<f64>();
        if bound > best.0 {
            best = (bound, price.clone());
            stale = 0;
        } else {
            stale += 1;
            if stale >= 6 {
                (step, stale) = (step * 0.6, 0);
                price.clone_from(&best.1);
            }
        }
        let length: f64 = over.iter().map(|over| over * over).sum();
        if length < 0.5 {
            break;
        }
        let size = step * (spread + 1.0) / length;
        for (price, over) in price.iter_mut().zip(&over) {
            *price = (*price + size * over).max(0.0);
        }
    }
    Ok(best.1)
}

/// Multipliers of jobs to start from: the second least priced cost of each, between what would
/// take it and what would leave it.
pub(super) fn start(gap: &Gap, prices: &[f64]) -> Vec<i64> {
    (0..gap.jobs)
        .map(|job| {
            let mut costs: Vec<f64> = (0..gap.agents)
                .map(|agent| {
                    gap.cost(job, agent) as f64 + prices[agent] * gap.weight(job, agent) as f64
                })
                .collect();
            costs.sort_by(f64::total_cmp);
            let second = costs.get(1).unwrap_or(&costs[0]);
            ((costs[0] + second) / 2.0 * FINER as f64) as i64
        })
        .collect()
}

/// Which pairs are still possible.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pair: Vec<bool>,
    /// How many agents each job can still go to.
    choices: Vec<u32>,
    /// The agent of each job that must go there.
    pub(super) forced: Vec<Option<u32>>,
    pub(super) room: Vec<i64>,
}

impl Open {
    /// All pairs that fit by themselves.
    pub(super) fn all(gap: &Gap) -> Self {
        let mut open = Self {
            pair: vec![true; gap.jobs * gap.agents],
            choices: vec![gap.agents as u32; gap.jobs],
            forced: vec![None; gap.jobs],
            room: gap.capacity.clone(),
        };
        for job in 0..gap.jobs {
            for agent in 0..gap.agents {
                if gap.weight(job, agent) > gap.capacity[agent] {
                    open.close(gap, job, agent);
                }
            }
        }
        open
    }

    pub(super) fn is(&self, gap: &Gap, job: usize, agent: usize) -> bool {
        self.pair[job * gap.agents + agent]
    }

    pub(super) fn close(&mut self, gap: &Gap, job: usize, agent: usize) {
        let pair = &mut self.pair[job * gap.agents + agent];
        if *pair {
            *pair = false;
            self.choices[job] -= 1;
        }
    }

    /// Gives the job to the agent for good.
    pub(super) fn force(&mut self, gap: &Gap, job: usize, agent: usize) {
        for other in 0..gap.agents {
            if other != agent {
                self.close(gap, job, other);
            }
        }
        self.forced[job] = Some(agent as u32);
        self.room[agent] -= gap.weight(job, agent);
    }

    /// Forces jobs with one choice and closes what no longer fits, until neither is left. False
    /// where a job has no choice.
    pub(super) fn propagate(&mut self, gap: &Gap) -> bool {
        loop {
            let mut changed = false;
            for job in 0..gap.jobs {
                if self.forced[job].is_some() {
                    continue;
                }
                for agent in 0..gap.agents {
                    if self.is(gap, job, agent) && gap.weight(job, agent) > self.room[agent] {
                        self.close(gap, job, agent);
                        changed = true;
                    }
                }
                match self.choices[job] {
                    0 => return false,
                    1 => {
                        if let Some(agent) = (0..gap.agents).find(|&agent| self.is(gap, job, agent))
                        {
                            self.force(gap, job, agent);
                            changed = true;
                        }
                    }
                    _ => {}
                }
            }
            if self.room.iter().any(|&room| room < 0) {
                return false;
            }
            if !changed {
                return true;
            }
        }
    }
}

/// What one evaluation of the knapsack relaxation tells.
#[derive(Debug, Default)]
pub(super) struct Relaxed {
    /// How many agents take each job.
    pub(super) count: Vec<u32>,
    /// The agents that take each job.
    pub(super) takers: Vec<Vec<u32>>,
}

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// Nothing below the target is in it.
    Closed,
    /// Something may be.
    Open,
}

/// Improves multipliers by the subgradient method and closes pairs by their reduced costs, for
/// this node; `multipliers` are the best when it returns. Returns the relaxed solution there.
pub(super) fn improve_node(
    gap: &Gap,
    open: &mut Open,
    multipliers: &mut Vec<i64>,
    search: &mut Search,
    rounds: u32,
    watch: &mut dyn Watch,
) -> Result<(Node, i128, Relaxed), Stop> {
    let mut current = multipliers.clone();
    let mut best_bound = i128::MIN;
    let mut best = Relaxed::default();
    let (mut step, mut stale) = (1.0_f64, 0);
    let mut knapsack = Knapsack::default();
    for _ in 0..rounds {
        if !open.propagate(gap) {
            return Ok((Node::Closed, search.target(), best));
        }
        let (fine, relaxed) = evaluate(gap, open, &current, search, &mut knapsack);
        watch.tick(std::mem::take(&mut knapsack.work) / 8 + 1)?;
        let bound = -(-fine).div_euclid(i128::from(FINER));
        if bound >= search.target() {
            return Ok((Node::Closed, bound, relaxed));
        }
        let off: i64 = relaxed
            .count
            .iter()
            .map(|&count| (1 - i64::from(count)).pow(2))
            .sum();
        if off == 0 {
            let agents: Vec<u32> = relaxed.takers.iter().map(|takers| takers[0]).collect();
            search.offer(gap, &agents);
            if gap.cost_of(&agents).is_some() {
                return Ok((Node::Closed, bound, relaxed));
            }
        }
        let counts = relaxed.count.clone();
        if fine > best_bound {
            best_bound = fine;
            best = relaxed;
            multipliers.clone_from(&current);
            stale = 0;
        } else {
            stale += 1;
            if stale >= 12 {
                (step, stale) = (step * 0.6, 0);
                current.clone_from(multipliers);
            }
        }
        if step < 1e-3 || off == 0 {
            break;
        }
        let known = search.target().min(search.aim.max(bound));
        let target = known.min(bound + bound.abs() / 50 + 50);
        let aim = (target * i128::from(FINER) - fine) as f64 * 1.02 + 1.0;
        let size = step * aim / off as f64;
        for (multiplier, &count) in current.iter_mut().zip(&counts) {
            *multiplier += (size * (1.0 - f64::from(count))) as i64;
        }
    }
    let bound = -(-best_bound).div_euclid(i128::from(FINER));
    Ok((Node::Open, bound, best))
}

/// The same at the root, whose bound is the problem's.
pub(super) fn improve(
    gap: &Gap,
    open: &mut Open,
    multipliers: &mut Vec<i64>,
    search: &mut Search,
    rounds: u32,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    // In parts, so that a bound is there when the watch stops it.
    for _ in 0..rounds / 50 {
        let (node, bound, _) = improve_node(gap, open, multipliers, search, 50, watch)?;
        search.raise(if node == Node::Closed {
            search.target()
        } else {
            bound
        });
        if node == Node::Closed {
            break;
        }
    }
    Ok(())
}

/// Solves all knapsacks; closes pairs that cannot be in anything below the target.
fn evaluate(
    gap: &Gap,
    open: &mut Open,
    multipliers: &[i64],
    search: &Search,
    knapsack: &mut Knapsack,
) -> (i128, Relaxed) {
    let mut relaxed = Relaxed {
        count: vec![0; gap.jobs],
        takers: vec![Vec::new(); gap.jobs],
    };
    let mut bound = 0_i128;
    for (job, forced) in open.forced.iter().enumerate() {
        if let Some(agent) = forced {
            bound += i128::from(gap.cost(job, *agent as usize)) * i128::from(FINER);
            relaxed.count[job] = 1;
            relaxed.takers[job].push(*agent);
        } else {
            bound += i128::from(multipliers[job]);
        }
    }
    let mut taken = Vec::new();
    let mut entering: Vec<(usize, usize, i64)> = Vec::new();
    for agent in 0..gap.agents {
        let mut items = Vec::new();
        for (job, multiplier) in multipliers.iter().enumerate() {
            if open.forced[job].is_none() && open.is(gap, job, agent) {
                let cost = gap.cost(job, agent) * FINER - multiplier;
                if cost < 0 {
                    items.push(Item {
                        job: job as u32,
                        cost,
                        weight: gap.weight(job, agent),
                    });
                }
            }
        }
        let room = open.room[agent];
        let least = knapsack.solve(&items, room, &mut taken);
        bound += i128::from(least);
        for &job in &taken {
            relaxed.count[job as usize] += 1;
            relaxed.takers[job as usize].push(agent as u32);
        }
        for (job, multiplier) in multipliers.iter().enumerate() {
            if open.forced[job].is_none() && open.is(gap, job, agent) {
                let cost = gap.cost(job, agent) * FINER - multiplier;
                if cost >= 0 {
                    let with = knapsack.with_less(&items, room, gap.weight(job, agent));
                    if with == i64::MAX {
                        entering.push((job, agent, i64::MAX));
                    } else if with != i64::MIN {
                        entering.push((job, agent, cost + with - least));
                    } else {
                        entering.push((job, agent, cost));
                    }
                }
            }
        }
    }
    let spare = (search.target() - 1) * i128::from(FINER) - bound;
    for (job, agent, more) in entering {
        if i128::from(more) > spare {
            open.close(gap, job, agent);
        }
    }
    (bound, relaxed)
}
