//! Branch and bound over the knapsack relaxation: depth first, the likelier side first.

use super::lagrange::{Node, Open, improve_node};
use super::{Gap, Search};
use crate::allocation::{Stop, Watch};

/// Searches all that is open for something below the target, in at most `left` nodes. True where
/// it looked at everything; the bound is then the best cost.
pub(super) fn prove(
    gap: &Gap,
    open: &Open,
    multipliers: &[i64],
    search: &mut Search,
    left: &mut u64,
    watch: &mut dyn Watch,
) -> Result<bool, Stop> {
    let first = if *left > 1000 { 150 } else { 40 };
    let mut stack = vec![(open.clone(), multipliers.to_vec(), first)];
    while let Some((mut open, mut multipliers, rounds)) = stack.pop() {
        if *left == 0 {
            return Ok(false);
        }
        *left -= 1;
        let (node, _, relaxed) =
            improve_node(gap, &mut open, &mut multipliers, search, rounds, watch)?;
        if node == Node::Closed {
            continue;
        }
        let Some((job, agent)) = choose(gap, &open, &relaxed.takers, &multipliers) else {
            continue;
        };
        let mut without = open.clone();
        without.close(gap, job, agent);
        stack.push((without, multipliers.clone(), 30));
        open.force(gap, job, agent);
        stack.push((open, multipliers, 30));
    }
    let target = search.target();
    search.raise(target);
    Ok(true)
}

/// The job that most agents take, or else one that none takes; and its cheapest agent among them.
fn choose(
    gap: &Gap,
    open: &Open,
    takers: &[Vec<u32>],
    multipliers: &[i64],
) -> Option<(usize, usize)> {
    let free = |job: &usize| open.forced[*job].is_none();
    let weight = |job: usize, agent: usize| (gap.cost(job, agent), agent);
    let several = (0..gap.jobs)
        .filter(free)
        .filter(|&job| takers[job].len() > 1);
    if let Some(job) = several.max_by_key(|&job| (takers[job].len(), multipliers[job])) {
        let agents = takers[job].iter().map(|&agent| agent as usize);
        return agents
            .min_by_key(|&agent| weight(job, agent))
            .map(|agent| (job, agent));
    }
    let mut rest: Vec<usize> = (0..gap.jobs).filter(free).collect();
    rest.sort_by_key(|&job| (takers[job].len(), std::cmp::Reverse(multipliers[job])));
    let job = *rest.first()?;
    let agents = (0..gap.agents).filter(|&agent| open.is(gap, job, agent));
    agents
        .min_by_key(|&agent| weight(job, agent))
        .map(|agent| (job, agent))
}
