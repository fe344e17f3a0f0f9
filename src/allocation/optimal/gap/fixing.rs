//! What it costs to give a job to an agent, whatever the rest does.
//!
//! Under prices of jobs, with a knapsack for each agent, a pair that is forced makes its agent take
//! the job and all others leave it. What that adds to the bound follows exactly from the tables of
//! the knapsacks, for all pairs at once: it is a bound for every branch of a node, without a round
//! of the subgradient method, and closes pairs (variable fixing as by Posta, Ferland & Michelon
//! 2012). O(jobs × capacity) for each agent.

use super::Gap;
use super::knapsack::Knapsack;
use super::lagrange::FINER;
use super::open::Open;

/// How much the bound rises where a job goes to an agent.
#[derive(Debug, Default)]
pub(super) struct Rises {
    /// Finer by [`FINER`]; `i64::MAX` where the pair is closed. Job by job over agents.
    pub(super) of: Vec<i64>,
    /// The bound that they are over, finer as well.
    pub(super) bound: i128,
}

/// The rises of all pairs that are open, or what is less, for those that rise by more than `spare`
/// or than is easily told.
pub(super) fn rises(
    gap: &Gap,
    open: &Open,
    multipliers: &[i64],
    spare: i64,
    knapsack: &mut Knapsack,
) -> Rises {
    let mut rises = Rises {
        of: vec![i64::MAX; gap.jobs * gap.agents],
        bound: open.start(gap, multipliers),
    };
    // What it costs that all agents leave a job.
    let mut left = vec![0_i64; gap.jobs];
    let mut sides = Vec::new();
    for agent in 0..gap.agents {
        let items = open.items(gap, multipliers, agent);
        let least = knapsack.sides(&items, open.room[agent], spare, &mut sides);
        rises.bound += i128::from(least);
        for (item, sides) in items.iter().zip(&sides) {
            let job = item.job as usize;
            left[job] = left[job].saturating_add(sides.left);
            rises.of[job * gap.agents + agent] = sides.taken.saturating_sub(sides.left);
        }
        for job in open.jobs_of(gap, agent) {
            let cost = gap.cost(job, agent) * FINER - multipliers[job];
            if cost >= 0 {
                let rise = knapsack.outside(gap.weight(job, agent));
                rises.of[job * gap.agents + agent] =
                    rise.map_or(i64::MAX, |rise| rise.saturating_add(cost));
            }
        }
    }
    for (job, own) in rises.of.chunks_exact_mut(gap.agents).enumerate() {
        for rise in own.iter_mut().filter(|rise| **rise < i64::MAX) {
            *rise = rise.saturating_add(left[job]);
        }
    }
    rises
}
