//! Simulated annealing over shifts, swaps and ejections (Kirkpatrick, Gelatt & Vecchi 1983).
//!
//! Overload costs a price per unit, so that ways through the infeasible are open; the price rises
//! while the search stays there and falls while it does not. Every step is O(1), and so is to keep
//! in mind the best there was: by the steps since, until those are more than the jobs.

use super::choices::{Choice, Choices};
use crate::allocation::{Stop, Watch};

/// The state of the search.
pub(in crate::allocation::optimal) struct Annealer<'a> {
    choices: &'a Choices,
    /// The choice of each job.
    at: Vec<u32>,
    /// What is left of each limit; below zero where it is exceeded.
    left: Vec<i64>,
    held: Vec<Vec<u32>>,
    place: Vec<u32>,
    cost: i64,
    overload: i64,
    /// What a unit of overload costs at each limit: its price times `strictness`.
    dear: Vec<f64>,
    strictness: f64,
    rng: u64,
    rounds: u32,
    best: Best,
}

/// The best that was within all limits.
struct Best {
    cost: i64,
    at: Vec<u32>,
    /// Which jobs have left which choices since then, where that tells it rather than `at`.
    since: Option<Vec<(u32, u32)>>,
}

impl<'a> Annealer<'a> {
    /// Starts from the first choice of each job.
    pub(in crate::allocation::optimal) fn new(choices: &'a Choices) -> Self {
        let mean = choices.price.iter().sum::<f64>() / choices.price.len().max(1) as f64;
        let first: Vec<u32> = (0..choices.jobs())
            .map(|job| choices.of(job).start as u32)
            .collect();
        let mut annealer = Self {
            choices,
            at: first.clone(),
            left: choices.room.clone(),
            held: vec![Vec::new(); choices.agents()],
            place: vec![0; choices.jobs()],
            cost: 0,
            overload: 0,
            dear: (choices.price.iter())
                .map(|price| price.max(mean * 0.2) + 1e-3)
                .collect(),
            strictness: 1.5,
            rng: 0x2545_f491_4f6c_dd1d,
            rounds: 0,
            best: Best {
                cost: i64::MAX,
                at: Vec::new(),
                since: None,
            },
        };
        annealer.begin(first);
        annealer
    }

    fn begin(&mut self, at: Vec<u32>) {
        if self.best.since.is_some() {
            self.best.at = self.best_choices();
        }
        self.left.copy_from_slice(&self.choices.room);
        self.held.iter_mut().for_each(Vec::clear);
        self.at = at;
        self.cost = 0;
        self.best.since = None;
        for (job, &at) in (0_u32..).zip(&self.at) {
            let choice = self.choices.get(at as usize);
            let limits = self.choices.limits_of(choice.agent as usize);
            let left = self.left[limits].iter_mut();
            for (left, amount) in left.zip(self.choices.amounts_of(choice)) {
                *left -= amount;
            }
            self.cost += choice.cost;
            let held = &mut self.held[choice.agent as usize];
            self.place[job as usize] = held.len() as u32;
            held.push(job);
        }
        self.overload = self.left.iter().map(|left| (-left).max(0)).sum();
        self.look();
    }

    /// Begins from these agents of the jobs next time, where that is better.
    pub(in crate::allocation::optimal) fn offer(&mut self, agents: &[u32]) {
        let found = agents.iter().enumerate().map(|(job, &agent)| {
            let mut own = self.choices.of(job);
            own.find(|&at| self.choices.get(at).agent == agent)
        });
        if let Some(at) = found.collect::<Option<Vec<usize>>>() {
            self.begin(at.into_iter().map(|at| at as u32).collect());
        }
    }

    /// The agents of the jobs in the best assignment within all limits, where there was one.
    pub(in crate::allocation::optimal) fn best(&self) -> Option<Vec<u32>> {
        let agent = |&at: &u32| self.choices.get(at as usize).agent;
        (self.best.cost < i64::MAX).then(|| self.best_choices().iter().map(agent).collect())
    }

    fn best_choices(&self) -> Vec<u32> {
        let Some(since) = &self.best.since else {
            return self.best.at.clone();
        };
        let mut at = self.at.clone();
        for &(job, left) in since.iter().rev() {
            at[job as usize] = left;
        }
        at
    }

    /// Cools down over so many steps, from the best so far or from where it is; ends where nothing
    /// can cost less.
    pub(in crate::allocation::optimal) fn run(
        &mut self,
        steps: u64,
        bound: i128,
        watch: &mut dyn Watch,
    ) -> Result<(), Stop> {
        const BATCH: u64 = 4096;
        const LOOK: u64 = 512;
        // One long cooling is worth more than many short ones, but a watch may cut it off.
        let cycles = (steps / 4_000_000).max(1);
        for _ in 0..cycles {
            if self.best.cost < i64::MAX {
                self.begin(self.best_choices());
            }
            let warmth = self.choices.border / 2.0;
            let hot = warmth * if self.rounds == 0 { 1.0 } else { 0.5 };
            self.rounds += 1;
            let batches = (steps / cycles / BATCH).max(4);
            let cooling = (0.02_f64).powf(1.0 / batches as f64);
            let mut heat = hot;
            for _ in 0..batches {
                let mut outside = 0;
                for step in 1..=BATCH {
                    self.step(heat);
                    outside += u64::from(self.overload > 0);
                    if step % LOOK == 0 {
                        watch.tick(LOOK)?;
                    }
                }
                self.strictness *= if outside > BATCH * 3 / 4 { 1.03 } else { 0.98 };
                self.strictness = self.strictness.clamp(0.5, 1e6);
                heat *= cooling;
                if i128::from(self.best.cost) <= bound {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether this is the best so far.
    fn look(&mut self) {
        if self.overload == 0 && self.cost < self.best.cost {
            self.best.cost = self.cost;
            self.best.since.get_or_insert_with(Vec::new).clear();
        }
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

    /// A choice of a job that is near.
    fn any_near(&mut self, job: usize) -> usize {
        let own = self.choices.near(job);
        own.start + self.below(own.len())
    }

    /// By how much the overload of an agent grows where one job comes and another leaves, and what
    /// that costs.
    fn excess(&self, agent: u32, comes: Option<&Choice>, leaves: Option<&Choice>) -> (i64, f64) {
        let limits = self.choices.limits_of(agent as usize);
        let amount = |choice: Option<&Choice>, at: usize| {
            choice.map_or(0, |choice| self.choices.amounts_of(choice)[at])
        };
        let mut sum = (0, 0.0);
        for (at, limit) in limits.enumerate() {
            let more = amount(comes, at) - amount(leaves, at);
            let left = self.left[limit];
            let over = (more - left).max(0) - (-left).max(0);
            sum = (sum.0 + over, sum.1 + over as f64 * self.dear[limit]);
        }
        sum
    }

    fn fits(&self, choice: &Choice) -> bool {
        let left = self.left[self.choices.limits_of(choice.agent as usize)].iter();
        let mut amounts = left.zip(self.choices.amounts_of(choice));
        amounts.all(|(left, amount)| amount <= left)
    }

    fn step(&mut self, heat: f64) {
        let choices = self.choices;
        let job = self.below(self.at.len());
        let to = self.any_near(job);
        if to == self.at[job] as usize {
            return;
        }
        let (old, new) = (choices.get(self.at[job] as usize), choices.get(to));
        let gain = new.cost - old.cost;
        let alone = self.held[new.agent as usize].is_empty();
        if alone || self.fits(new) || self.random().is_multiple_of(8) {
            let one = self.excess(old.agent, None, Some(old));
            let two = self.excess(new.agent, Some(new), None);
            if self.accepts(gain, one.1 + two.1, heat) {
                self.shift(job, to, gain, one.0 + two.0);
                self.look();
            }
            return;
        }
        let held = self.held[new.agent as usize].len();
        let at = self.below(held);
        let other = self.held[new.agent as usize][at] as usize;
        let Some(third) = self.way_out(other, old.agent) else {
            return;
        };
        let (leaves, comes) = (choices.get(self.at[other] as usize), choices.get(third));
        let gain = gain + comes.cost - leaves.cost;
        let one = self.excess(new.agent, Some(new), Some(leaves));
        let (two, three) = if comes.agent == old.agent {
            (self.excess(old.agent, Some(comes), Some(old)), (0, 0.0))
        } else {
            let two = self.excess(old.agent, None, Some(old));
            (two, self.excess(comes.agent, Some(comes), None))
        };
        if self.accepts(gain, one.1 + two.1 + three.1, heat) {
            self.shift(job, to, gain, one.0 + two.0 + three.0);
            self.shift(other, third, 0, 0);
            self.look();
        }
    }

    /// Where a job goes that has to leave: every other time to the agent that is left for its own.
    fn way_out(&mut self, job: usize, empty: u32) -> Option<usize> {
        let now = self.at[job] as usize;
        let mut third = self.any_near(job);
        if self.random().is_multiple_of(2) {
            let mut own = self.choices.of(job);
            let swap = own.find(|&at| self.choices.get(at).agent == empty);
            third = swap.unwrap_or(third);
        }
        (third != now).then_some(third)
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
        self.note(job);
        let choices = self.choices;
        let (old, new) = (choices.get(self.at[job] as usize), choices.get(to));
        let left = self.left[choices.limits_of(old.agent as usize)].iter_mut();
        for (left, amount) in left.zip(choices.amounts_of(old)) {
            *left += amount;
        }
        let left = self.left[choices.limits_of(new.agent as usize)].iter_mut();
        for (left, amount) in left.zip(choices.amounts_of(new)) {
            *left -= amount;
        }
        let at = self.place[job] as usize;
        let from = &mut self.held[old.agent as usize];
        from.swap_remove(at);
        if let Some(&moved) = from.get(at) {
            self.place[moved as usize] = at as u32;
        }
        self.place[job] = self.held[new.agent as usize].len() as u32;
        self.held[new.agent as usize].push(job as u32);
        self.at[job] = to as u32;
        self.cost += gain;
        self.overload += over;
    }

    /// Keeps in mind what the best had here.
    fn note(&mut self, job: usize) {
        let left = (job as u32, self.at[job]);
        if let Some(since) = &mut self.best.since {
            since.push(left);
            if since.len() > self.at.len() + 64 {
                self.best.at = self.best_choices();
                self.best.since = None;
            }
        }
    }
}
