//! Which pairs are still possible at a node, and which jobs are given away for good.

use super::Gap;
use super::knapsack::Item;
use super::lagrange::FINER;

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

    /// The jobs that have yet to be given away and can go to this agent.
    pub(super) fn jobs_of(&self, gap: &Gap, agent: usize) -> impl Iterator<Item = usize> {
        (0..gap.jobs).filter(move |&job| self.forced[job].is_none() && self.is(gap, job, agent))
    }

    /// Those of them that cost less than nothing under these multipliers.
    pub(super) fn items(&self, gap: &Gap, multipliers: &[i64], agent: usize) -> Vec<Item> {
        let items = self.jobs_of(gap, agent).map(|job| Item {
            job: job as u32,
            cost: gap.cost(job, agent) * FINER - multipliers[job],
            weight: gap.weight(job, agent),
        });
        items.filter(|item| item.cost < 0).collect()
    }

    /// What the jobs cost before the knapsacks: those given away their cost, the others their
    /// multipliers. Finer by [`FINER`].
    pub(super) fn start(&self, gap: &Gap, multipliers: &[i64]) -> i128 {
        let jobs = self.forced.iter().zip(multipliers).enumerate();
        let costs = jobs.map(|(job, (forced, &multiplier))| {
            forced.map_or(i128::from(multiplier), |agent| {
                i128::from(gap.cost(job, agent as usize)) * i128::from(FINER)
            })
        });
        costs.sum()
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
