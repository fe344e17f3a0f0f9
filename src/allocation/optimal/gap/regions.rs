//! Large neighbourhood search: all jobs of a few agents at a time, assigned anew.
//!
//! Where capacities are tight the last percent is a matter of packing, which single moves do not
//! find. The jobs of two to eight agents make a small instance of their own, with the multipliers
//! of the whole to start from; branch and bound on it, cut off after some nodes, keeps or improves
//! what there is (Shaw 1998).

use super::branch;
use super::lagrange::Open;
use super::{Gap, Search};
use crate::allocation::{Stop, Watch};

/// Jobs of a region, about.
const JOBS: usize = 50;
/// Nodes of branch and bound for each region.
const NODES: u64 = 40;

/// Assigns the jobs of some agents anew; which, the round says.
pub(super) fn improve(
    gap: &Gap,
    multipliers: &[i64],
    search: &mut Search,
    round: u64,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let Some((_, agent_of)) = search.best.clone() else {
        return Ok(());
    };
    let fitting = (JOBS * gap.agents / gap.jobs.max(1)).clamp(2, 6);
    let most = (fitting + (round % 3) as usize).min(gap.agents);
    let agents = pick(gap.agents, most, round);
    let jobs: Vec<usize> = (0..gap.jobs)
        .filter(|&job| agents.contains(&(agent_of[job] as usize)))
        .collect();
    let of = |table: &[i64]| -> Vec<i64> {
        let rows = jobs
            .iter()
            .flat_map(|&job| agents.iter().map(move |&a| job * gap.agents + a));
        rows.map(|at| table[at]).collect()
    };
    let part = Gap {
        jobs: jobs.len(),
        agents: agents.len(),
        cost: of(&gap.cost),
        weight: of(&gap.weight),
        capacity: agents.iter().map(|&agent| gap.capacity[agent]).collect(),
    };
    let place = |job: usize| {
        agents
            .iter()
            .position(|&agent| agent == agent_of[job] as usize)
    };
    let now: Vec<u32> = jobs
        .iter()
        .map(|&job| place(job).unwrap_or(0) as u32)
        .collect();
    let mut own = Search {
        best: None,
        bound: i128::MIN,
        aim: i128::MAX,
    };
    own.offer(&part, &now);
    let start: Vec<i64> = jobs.iter().map(|&job| multipliers[job]).collect();
    let mut left = NODES;
    let end = branch::prove(&part, &Open::all(&part), &start, &mut own, &mut left, watch);
    if let Some((_, found)) = &own.best
        && *found != now
    {
        let mut agent_of = agent_of;
        for (&job, &at) in jobs.iter().zip(found) {
            agent_of[job] = agents[at as usize] as u32;
        }
        search.offer(gap, &agent_of);
    }
    end.map(|_| ())
}

/// Some agents, another set each round (SplitMix64 over the round's number).
fn pick(all: usize, most: usize, round: u64) -> Vec<usize> {
    let mut agents: Vec<usize> = (0..all).collect();
    let mut seed = round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for at in 0..most {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^= z >> 27;
        agents.swap(at, at + (z % (all - at) as u64) as usize);
    }
    agents.truncate(most);
    agents.sort_unstable();
    agents
}
