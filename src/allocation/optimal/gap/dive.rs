//! Diving: the surest jobs are given away for good, a part of them at a time.
//!
//! After each part the multipliers are improved for what is left, so that late choices know how
//! full the agents are. A job is sure whose second branch adds much more to the bound than its
//! first.

use super::Gap;
use super::fixing::Rises;
use super::lagrange::{Ascent, Node, improve_node};
use super::open::Open;
use super::search::Search;
use crate::allocation::{Stop, Watch};

/// Rounds of the subgradient method after each part.
const ROUNDS: u32 = 15;
const STEP: f64 = 0.5;

/// Dives for something below the target. One of so many jobs that are left makes a part: the more
/// parts, the later the choices that know of others.
pub(super) fn dive(
    gap: &Gap,
    open: &Open,
    multipliers: &[i64],
    parts: usize,
    search: &mut Search,
    watch: &mut dyn Watch,
) -> Result<(), Stop> {
    let mut open = open.clone();
    let mut ascent = Ascent::from(multipliers.to_vec(), STEP);
    while let Node::Open(rises) = improve_node(gap, &mut open, &mut ascent, search, ROUNDS, watch)?
    {
        let mut sure: Vec<(i64, usize, usize)> = (0..gap.jobs)
            .filter(|&job| open.forced[job].is_none())
            .map(|job| first_of(gap, &open, &rises, job))
            .collect();
        if sure.is_empty() {
            break;
        }
        sure.sort_unstable_by_key(|&(regret, job, _)| (std::cmp::Reverse(regret), job));
        sure.truncate(sure.len().div_ceil(parts));
        for (_, job, agent) in sure {
            if gap.weight(job, agent) <= open.room[agent] {
                open.force(gap, job, agent);
            }
        }
        ascent = Ascent::from(std::mem::take(&mut ascent.multipliers), STEP);
    }
    let agents: Option<Vec<u32>> = open.forced.iter().copied().collect();
    if let Some(agents) = agents {
        search.offer(gap, &agents);
    }
    Ok(())
}

/// The agent of the job that adds least to the bound, and how much more the second adds.
fn first_of(gap: &Gap, open: &Open, rises: &Rises, job: usize) -> (i64, usize, usize) {
    let own = &rises.of[job * gap.agents..][..gap.agents];
    let (mut least, mut second, mut first) = (i64::MAX, i64::MAX, 0);
    for (agent, &rise) in own.iter().enumerate() {
        if !open.is(gap, job, agent) {
            continue;
        }
        if rise < least {
            (second, least, first) = (least, rise, agent);
        } else {
            second = second.min(rise);
        }
    }
    (second.saturating_sub(least), job, first)
}
