//! Large neighbourhood search: some jobs are assigned anew, the others stay (Shaw 1998).
//!
//! Where capacities are tight the last percent is a matter of packing, which single moves do not
//! find. By turns a region is all jobs of a few agents that could pass jobs on to each other, or
//! jobs from all over that prices hold least where they are. It makes a small instance of its own,
//! with the multipliers of the whole to start from; a dive, then branch and bound, cut off after
//! some nodes, keeps or improves what there is. Regions grow when many in a row bring nothing.

use super::fixing::Rises;
use super::open::Open;
use super::search::Search;
use super::{Gap, branch, dive};
use crate::allocation::optimal::transport::mix;
use crate::allocation::{Stop, Watch};

/// Jobs of the first regions, about, and by how many later ones grow.
const JOBS: usize = 50;
const MORE_JOBS: usize = 10;
/// Nodes of branch and bound for each of the first regions, and for the last.
const NODES: u64 = 40;
const MOST_NODES: u64 = 3_000;
/// So many in a row bring nothing before regions grow.
const PATIENCE: u32 = 30;
/// Into so many parts a dive cuts the jobs that are left.
const PARTS: usize = 8;
/// A chain goes on to one of so many agents that could have a job for least.
const NEXT: usize = 6;

/// The regions of a problem.
pub(super) struct Regions<'a> {
    gap: &'a Gap,
    multipliers: &'a [i64],
    /// What pairs add to the bound under these multipliers.
    rises: Rises,
    seed: u64,
    /// The next are the jobs of a chain of agents, rather than loose ones.
    chained: bool,
    jobs: usize,
    nodes: u64,
    failed: u32,
}

impl<'a> Regions<'a> {
    /// Regions under multipliers that bound the cost well.
    pub(super) const fn new(gap: &'a Gap, multipliers: &'a [i64], rises: Rises) -> Self {
        Self {
            gap,
            multipliers,
            rises,
            seed: 0,
            chained: true,
            jobs: JOBS,
            nodes: NODES,
            failed: 0,
        }
    }

    /// Assigns the jobs of one region anew.
    pub(super) fn improve(
        &mut self,
        search: &mut Search,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        let Some((before, mut agent_of)) = search.best.clone() else {
            return Ok(());
        };
        let loose = self.by_looseness(&agent_of);
        let jobs = if self.chained {
            self.of_chain(&loose, &agent_of)
        } else {
            self.of_loose(loose)
        };
        let part = self.part(&jobs, &agent_of);
        let now: Vec<u32> = jobs.iter().map(|&job| agent_of[job]).collect();
        let mut own = Search::new();
        own.offer(&part, &now);
        let start: Vec<i64> = jobs.iter().map(|&job| self.multipliers[job]).collect();
        let open = Open::all(&part);
        let mut left = self.nodes;
        let end = dive::dive(&part, &open, &start, PARTS, &mut own, watch)
            .and_then(|()| branch::prove(&part, &open, &start, &mut own, &mut left, watch));
        if let Some((_, found)) = &own.best {
            for (&job, &agent) in jobs.iter().zip(found) {
                agent_of[job] = agent;
            }
            search.offer(self.gap, &agent_of);
        }
        self.learn(search.least() < before);
        end.map(|_| ())
    }

    /// A kind of region that brought something is tried again, one that did not makes way; all grow
    /// after some time without success.
    const fn learn(&mut self, better: bool) {
        if better {
            self.failed = 0;
            return;
        }
        self.chained = !self.chained;
        self.failed += 1;
        if self.failed >= PATIENCE && self.nodes < MOST_NODES {
            self.failed = 0;
            self.nodes += self.nodes / 2;
            self.jobs += MORE_JOBS;
        }
    }

    /// These jobs by themselves, with the room that the others leave.
    fn part(&self, jobs: &[usize], agent_of: &[u32]) -> Gap {
        let gap = self.gap;
        let of = |table: &[i64]| -> Vec<i64> {
            let rows = jobs
                .iter()
                .map(|&job| &table[job * gap.agents..][..gap.agents]);
            rows.flatten().copied().collect()
        };
        let mut capacity = gap.capacity.clone();
        for (job, &agent) in agent_of.iter().enumerate() {
            if jobs.binary_search(&job).is_err() {
                capacity[agent as usize] -= gap.weight(job, agent as usize);
            }
        }
        Gap {
            jobs: jobs.len(),
            agents: gap.agents,
            cost: of(&gap.cost),
            weight: of(&gap.weight),
            capacity,
        }
    }

    /// All jobs of agents that could pass jobs on to each other: one that has a loose job, one that
    /// could have it, one that could have a job of that one, and so on.
    fn of_chain(&mut self, loose: &[usize], agent_of: &[u32]) -> Vec<usize> {
        let gap = self.gap;
        let fitting = (self.jobs * gap.agents).div_ceil(gap.jobs).max(2);
        let most = (fitting + self.below(3)).min(gap.agents);
        let mut job = loose[self.rather_first(loose.len())];
        let mut agents = vec![agent_of[job] as usize];
        while agents.len() < most {
            let own = &self.rises.of[job * gap.agents..][..gap.agents];
            let mut others: Vec<usize> = (0..gap.agents)
                .filter(|agent| !agents.contains(agent))
                .collect();
            others.sort_by_key(|&agent| own[agent]);
            let next = others[self.rather_first(others.len().min(NEXT))];
            agents.push(next);
            let theirs: Vec<usize> = (loose.iter().copied())
                .filter(|&job| agent_of[job] as usize == next)
                .collect();
            if !theirs.is_empty() {
                job = theirs[self.rather_first(theirs.len())];
            }
        }
        (0..gap.jobs)
            .filter(|&job| agents.contains(&(agent_of[job] as usize)))
            .collect()
    }

    /// Some jobs; the looser, the likelier.
    fn of_loose(&mut self, mut loose: Vec<usize>) -> Vec<usize> {
        let mut jobs = Vec::new();
        while jobs.len() < self.jobs && !loose.is_empty() {
            jobs.push(loose.remove(self.rather_first(loose.len())));
        }
        jobs.sort_unstable();
        jobs
    }

    /// The jobs, first those that another agent could have for less, or for little more.
    fn by_looseness(&self, agent_of: &[u32]) -> Vec<usize> {
        let rows = self.rises.of.chunks_exact(self.gap.agents);
        let mut loose: Vec<(i64, usize)> = (rows.zip(agent_of).enumerate())
            .map(|(job, (own, &now))| {
                let others = own.iter().zip(0..).filter(|&(_, agent)| agent != now);
                let least = others.map(|(&rise, _)| rise).min().unwrap_or(i64::MAX);
                (least.saturating_sub(own[now as usize]), job)
            })
            .collect();
        loose.sort_unstable();
        loose.into_iter().map(|(_, job)| job).collect()
    }

    /// A number below `end`, the smaller the likelier.
    fn rather_first(&mut self, end: usize) -> usize {
        self.below(end) * self.below(end) / end.max(1)
    }

    /// A number below `end` (SplitMix64: Steele, Lea & Flood 2014).
    fn below(&mut self, end: usize) -> usize {
        let drawn = mix(self.seed);
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        ((u128::from(drawn) * end as u128) >> 64) as usize
    }
}
