//! Simulated annealing over shifts, swaps and ejections (Kirkpatrick, Gelatt & Vecchi 1983).
//!
//! Overload costs a price per unit, so that ways through the infeasible are open; the price rises
//! while the search stays there and falls while it does not. Every step is O(1).

use super::{Gap, Search};
use crate::allocation::{Stop, Watch};

/// The state of the search.
pub(super) struct Annealer<'a> {
    gap: &'a Gap,
    /// The agents of each job, the likeliest first.
    near: Vec<Vec<u32>>,
    agent_of: Vec<u32>,
    load: Vec<i64>,
    held: Vec<Vec<u32>>,
    place: Vec<u32>,
    cost: i64,
    overload: i64,
    /// What a unit of overload costs at each agent: the price of its capacity times `strictness`.
    dear: Vec<f64>,
    strictness: f64,
    warmth: f64,
    rng: u64,
    rounds: u32,
}

impl<'a> Annealer<'a> {
    /// Starts from the agents that are cheapest after prices.
    pub(super) fn new(gap: &'a Gap, prices: &[f64]) -> Self {
        let mut pairs: Vec<(f64, u32, u32)> = Vec::with_capacity(gap.jobs * gap.agents);
        for job in 0..gap.jobs {
            let priced = |agent: usize| {
                gap.cost(job, agent) as f64 + prices[agent] * gap.weight(job, agent) as f64
            };
            let least = (0..gap.agents).map(priced).fold(f64::INFINITY, f64::min);
            let fitting = (0..gap.agents).filter(|&a| gap.weight(job, a) <= gap.capacity[a]);
            pairs.extend(fitting.map(|agent| (priced(agent) - least, job as u32, agent as u32)));
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let enough = gap.jobs * 11 / 5;
        let mut near: Vec<Vec<u32>> = vec![Vec::new(); gap.jobs];
        for (rank, &(_, job, agent)) in pairs.iter().enumerate() {
            let own = &mut near[job as usize];
            if rank < enough || own.len() < 2 {
                own.push(agent);
            }
        }
        for own in near.iter_mut().filter(|own| own.is_empty()) {
            own.push(0); // such a job fits nowhere, and nothing will be found
        }
        let warmth = pairs.get(enough).map_or(1.0, |pair| pair.0) / 2.0;
        let mean = prices.iter().sum::<f64>() / prices.len() as f64;
        let mut annealer = Self {
            gap,
            agent_of: vec![0; gap.jobs],
            load: vec![0; gap.agents],
            held: vec![Vec::new(); gap.agents],
            place: vec![0; gap.jobs],
            cost: 0,
            overload: 0,
            dear: prices
                .iter()
                .map(|price| price.max(mean * 0.2) + 1e-3)
                .collect(),
            strictness: 1.5,
            warmth,
            rng: 0x2545_f491_4f6c_dd1d,
            rounds: 0,
            near,
        };
        let agents: Vec<u32> = (0..gap.jobs).map(|job| annealer.near[job][0]).collect();
        annealer.begin(&agents);
        annealer
    }

    fn begin(&mut self, agent_of: &[u32]) {
        self.load.fill(0);
        self.held.iter_mut().for_each(Vec::clear);
        self.agent_of.copy_from_slice(agent_of);
        self.cost = 0;
        for (job, &agent) in agent_of.iter().enumerate() {
            self.load[agent as usize] += self.gap.weight(job, agent as usize);
            self.cost += self.gap.cost(job, agent as usize);
            self.place[job] = self.held[agent as usize].len() as u32;
            self.held[agent as usize].push(job as u32);
        }
        let over = self
            .load
            .iter()
            .zip(&self.gap.capacity)
            .map(|(load, room)| (load - room).max(0));
        self.overload = over.sum();
    }

    /// Cools down once over so many steps; from the best so far, or from where it is.
    pub(super) fn run(
        &mut self,
        steps: u64,
        search: &mut Search,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        const BATCH: u64 = 4096;
        if let Some((_, agents)) = &search.best {
            let agents = agents.clone();
            self.begin(&agents);
        }
        // One long cooling is worth more than many short ones, but a watch may cut it off.
        let cycles = (steps / 4_000_000).max(1);
        for _ in 0..cycles {
            let hot = self.warmth * if self.rounds == 0 { 1.0 } else { 0.5 };
            self.rounds += 1;
            let batches = (steps / cycles / BATCH).max(4);
            let cooling = (0.02_f64).powf(1.0 / batches as f64);
            let mut heat = hot;
            for _ in 0..batches {
                let mut outside = 0;
                for _ in 0..BATCH {
                    self.step(heat);
                    outside += u64::from(self.overload > 0);
                    if self.overload == 0 && i128::from(self.cost) < search.target() {
                        search.offer(self.gap, &self.agent_of);
                    }
                }
                self.strictness *= if outside > BATCH * 3 / 4 { 1.03 } else { 0.98 };
                self.strictness = self.strictness.clamp(0.5, 1e6);
                heat *= cooling;
                watch.tick(BATCH)?;
                if search.proven() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn random(&mut self) -> u32 {
        self.rng ^= self.rng << 13;
        self.rng ^= self.rng >> 7;
        self.rng ^= self.rng << 17;
        (self.rng >> 32) as u32
    }

    fn below(&mut self, end: usize) -> usize {
        ((u64::from(self.random()) * end as u64) >> 32) as usize
    }

    /// An agent near a job, the first more often than the last.
    fn agent_near(&mut self, job: usize) -> usize {
        let choices = self.near[job].len();
        let at = self.below(choices);
        self.near[job][at] as usize
    }

    /// By how much the overload of an agent grows with its load, and what that costs.
    fn excess(&self, agent: usize, more: i64) -> (i64, f64) {
        let room = self.gap.capacity[agent] - self.load[agent];
        let over = (more - room).max(0) - (-room).max(0);
        (over, over as f64 * self.dear[agent])
    }

    fn step(&mut self, heat: f64) {
        let job = self.below(self.gap.jobs);
        let from = self.agent_of[job] as usize;
        let to = self.agent_near(job);
        if to == from {
            return;
        }
        let (old, new) = (self.gap.weight(job, from), self.gap.weight(job, to));
        let gain = self.gap.cost(job, to) - self.gap.cost(job, from);
        let fits = self.load[to] + new <= self.gap.capacity[to];
        if fits || self.held[to].is_empty() || self.random().is_multiple_of(8) {
            let (one, two) = (self.excess(from, -old), self.excess(to, new));
            if self.accepts(gain, one.1 + two.1, heat) {
                self.shift(job, to, gain, one.0 + two.0);
            }
            return;
        }
        let at = self.below(self.held[to].len());
        let other = self.held[to][at] as usize;
        let third = if self.random().is_multiple_of(2) {
            from
        } else {
            self.agent_near(other)
        };
        if third == to {
            return;
        }
        let (leaves, comes) = (self.gap.weight(other, to), self.gap.weight(other, third));
        let gain = gain + self.gap.cost(other, third) - self.gap.cost(other, to);
        let one = self.excess(to, new - leaves);
        let (two, three) = if third == from {
            (self.excess(from, comes - old), (0, 0.0))
        } else {
            (self.excess(from, -old), self.excess(third, comes))
        };
        if self.accepts(gain, one.1 + two.1 + three.1, heat) {
            self.shift(job, to, gain, one.0 + two.0 + three.0);
            self.shift(other, third, 0, 0);
        }
    }

    fn accepts(&mut self, gain: i64, over: f64, heat: f64) -> bool {
        let worse = gain as f64 + self.strictness * over;
        if worse <= 0.0 {
            return true;
        }
        if worse > heat * 16.0 {
            return false;
        }
        let chance = f64::from(self.random()) / 4_294_967_296.0;
        chance < (-worse / heat).exp()
    }

    fn shift(&mut self, job: usize, to: usize, gain: i64, over: i64) {
        let from = self.agent_of[job] as usize;
        self.load[from] -= self.gap.weight(job, from);
        self.load[to] += self.gap.weight(job, to);
        let at = self.place[job] as usize;
        self.held[from].swap_remove(at);
        if let Some(&moved) = self.held[from].get(at) {
            self.place[moved as usize] = at as u32;
        }
        self.place[job] = self.held[to].len() as u32;
        self.held[to].push(job as u32);
        self.agent_of[job] = to as u32;
        self.cost += gain;
        self.overload += over;
    }
}
