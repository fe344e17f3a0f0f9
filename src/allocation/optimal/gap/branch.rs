//! Branch and bound over the knapsack relaxation: depth first, the likelier branch first.
//!
//! A node takes a job and has a branch for each agent that it can still go to. What each branch
//! adds to the bound is known before it is entered ([`fixing`](super::fixing)); the job is the one
//! whose branches leave the least to be searched.

use std::rc::Rc;

use super::Gap;
use super::fixing::Rises;
use super::lagrange::{Ascent, FINER, Node, improve_node, rounded_up};
use super::open::Open;
use super::search::Search;
use crate::allocation::{Stop, Watch};

/// Rounds of the subgradient method at a node.
const ROUNDS: u32 = 15;
/// Its first step: the multipliers are nearly right.
const STEP: f64 = 0.5;

/// A node whose branches are yet to be looked at.
struct Parent {
    open: Open,
    multipliers: Vec<i64>,
}

struct Branch {
    parent: Rc<Parent>,
    job: usize,
    agent: usize,
    /// No assignment in it costs less.
    bound: i128,
}

/// Searches all that is open for something below the target, in at most `left` nodes. True where
/// it looked at everything; nothing costs less than the target then.
pub(super) fn prove(
    gap: &Gap,
    open: &Open,
    multipliers: &[i64],
    search: &mut Search,
    left: &mut u64,
    watch: &mut dyn Watch,
) -> Result<bool, Stop> {
    let mut stack = Vec::new();
    let rounds = if *left > 1000 { 150 } else { 40 };
    let root = (open.clone(), multipliers.to_vec());
    enter(gap, root, rounds, search, &mut stack, watch)?;
    while let Some(branch) = stack.pop() {
        if branch.bound >= search.target() {
            continue;
        }
        if *left == 0 {
            return Ok(false);
        }
        *left -= 1;
        let mut open = branch.parent.open.clone();
        open.force(gap, branch.job, branch.agent);
        let node = (open, branch.parent.multipliers.clone());
        enter(gap, node, ROUNDS, search, &mut stack, watch)?;
    }
    Ok(true)
}

/// Bounds a node and adds its branches, the likeliest last.
fn enter(
    gap: &Gap,
    (mut open, multipliers): (Open, Vec<i64>),
    rounds: u32,
    search: &mut Search,
    stack: &mut Vec<Branch>,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let mut ascent = Ascent::from(multipliers, STEP);
    let node = improve_node(gap, &mut open, &mut ascent, search, rounds, watch)?;
    let Node::Open(rises) = node else {
        return Ok(());
    };
    let Some(job) = choose(gap, &open, &rises, search) else {
        let agents: Vec<u32> = open.forced.iter().map(|agent| agent.unwrap_or(0)).collect();
        search.offer(gap, &agents);
        return Ok(());
    };
    let rise = |agent: usize| rises.of[job * gap.agents + agent];
    let mut agents: Vec<usize> = (0..gap.agents)
        .filter(|&agent| open.is(gap, job, agent))
        .collect();
    agents.sort_by_key(|&agent| std::cmp::Reverse((rise(agent), agent)));
    let parent = Rc::new(Parent {
        open,
        multipliers: ascent.multipliers,
    });
    for agent in agents {
        stack.push(Branch {
            parent: Rc::clone(&parent),
            job,
            agent,
            bound: rounded_up(rises.bound + i128::from(rise(agent))),
        });
    }
    Ok(())
}

/// The job whose branches leave the least to be searched: what is below a branch is taken to halve
/// with each part of the way to the target that the branch takes.
fn choose(gap: &Gap, open: &Open, rises: &Rises, search: &Search) -> Option<usize> {
    const PARTS: f64 = 24.0;
    let spare = (search.target() * i128::from(FINER) - rises.bound).max(1);
    let per_part = PARTS / spare as f64;
    let size = |job: usize| -> u64 {
        let own = rises.of[job * gap.agents..][..gap.agents]
            .iter()
            .enumerate();
        let open = own.filter(|&(agent, _)| open.is(gap, job, agent));
        let sizes =
            open.map(|(_, &rise)| (1_u64 << 24) >> (rise as f64 * per_part).min(PARTS) as u32);
        sizes.sum()
    };
    let free = (0..gap.jobs).filter(|&job| open.forced[job].is_none());
    free.min_by_key(|&job| (size(job), job))
}
