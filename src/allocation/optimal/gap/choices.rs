//! Which agents are worth looking at for each job, and what a job takes there.
//!
//! Most pairs are in no good assignment: under prices near the best ones, those are *near* that are
//! nearly the cheapest of their job. An agent may have several limits; a pair takes something of
//! each. O(pairs log pairs).

use crate::steps::{self, STEP};
use std::cmp::Ordering;
use std::ops::Range;

/// So many pairs are near for every five jobs, beside the two cheapest of each.
const NEAR_PER_FIVE: usize = 11;
/// So many pairs of each job are kept.
const KEPT: usize = 24;

/// Among so many numbers one is found without a look.
const MANY: usize = 1 << 14;

/// A pair of a job and an agent.
#[derive(Debug, Clone, Copy)]
pub(in crate::allocation::optimal) struct Choice {
    pub(in crate::allocation::optimal) agent: u32,
    /// Where its amounts begin.
    amounts: u32,
    pub(in crate::allocation::optimal) cost: i64,
}

/// The pairs of all jobs, and the limits of all agents.
#[derive(Debug, Clone, Default)]
pub(in crate::allocation::optimal) struct Choices {
    /// Where the choices of each job start, and where the last end.
    start: Vec<u32>,
    list: Vec<Choice>,
    /// How many of the choices of each job are near: those come first.
    near: Vec<u32>,
    /// How much each choice takes of each limit of its agent.
    amounts: Vec<i64>,
    /// Where the limits of each agent start, and where the last end.
    limits: Vec<u32>,
    pub(super) room: Vec<i64>,
    /// The price of a unit of each limit.
    pub(super) price: Vec<f64>,
    /// By how much what is not near costs more after prices than the cheapest, at least.
    pub(super) border: f64,
}

impl Choices {
    /// No agents and no jobs.
    pub(in crate::allocation::optimal) fn new() -> Self {
        Self {
            start: vec![0],
            limits: vec![0],
            ..Self::default()
        }
    }

    /// Adds an agent with the room and the price of each of its limits.
    pub(in crate::allocation::optimal) fn agent(
        &mut self,
        limits: impl IntoIterator<Item = (i64, f64)>,
    ) {
        for (room, price) in limits {
            self.room.push(room);
            self.price.push(price);
        }
        self.limits.push(self.room.len() as u32);
    }

    /// Adds a pair of the job at hand, with what it takes of each limit of the agent.
    pub(in crate::allocation::optimal) fn pair(
        &mut self,
        agent: u32,
        cost: i64,
        amounts: impl IntoIterator<Item = i64>,
    ) {
        self.list.push(Choice {
            agent,
            amounts: self.amounts.len() as u32,
            cost,
        });
        self.amounts.extend(amounts);
    }

    /// Ends the job at hand. One without a pair goes to the first agent, where it fits least.
    pub(in crate::allocation::optimal) fn end_job(&mut self) {
        if self.start.last() == Some(&(self.list.len() as u32)) {
            let limits = self.limits_of(0);
            self.pair(0, 0, limits.map(|_| i64::MAX >> 24));
        }
        let last = self.start.last().copied().unwrap_or(0);
        self.near.push(self.list.len() as u32 - last);
        self.start.push(self.list.len() as u32);
    }

    /// Puts the choices of each job in order of what they cost after prices, and tells which are
    /// near. `look` is asked after some thousands of pairs whether to go on.
    ///
    /// # Errors
    /// What `look` says.
    pub(in crate::allocation::optimal) fn order<E>(
        &mut self,
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let priced = self.list.iter().map(|choice| self.priced(choice));
        let mut more: Vec<f64> = steps::all(priced, look)?;
        for job in 0..self.jobs() {
            let own = &mut more[self.of(job)];
            let least = own.iter().copied().fold(f64::INFINITY, f64::min);
            own.iter_mut().for_each(|more| *more -= least);
        }
        look()?;
        self.border = self.border_of(&more, look)?;
        let mut ordered = Self::new();
        ordered.limits.clone_from(&self.limits);
        (ordered.room, ordered.price) = (self.room.clone(), self.price.clone());
        ordered.border = self.border;
        let (mut own, mut sorted) = (Vec::<usize>::new(), 0);
        for job in 0..self.jobs() {
            own.clear();
            own.extend(self.of(job));
            sorted += own.len();
            if sorted > STEP {
                sorted = 0;
                look()?;
            }
            own.sort_by(|&a, &b| more[a].total_cmp(&more[b]));
            own.truncate(KEPT);
            for &at in &own {
                let choice = self.list[at];
                let amounts = self.amounts_of(&choice).iter().copied();
                ordered.pair(choice.agent, choice.cost, amounts);
            }
            ordered.end_job();
            let near = own.partition_point(|&at| more[at] < self.border);
            ordered.near[job] = near.max(2).min(own.len()) as u32;
        }
        *self = ordered;
        Ok(())
    }

    /// By how much more the pairs cost that are not near, from how much more each costs.
    fn border_of<E>(
        &self,
        more: &[f64],
        look: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<f64, E> {
        let enough = self.jobs() * NEAR_PER_FIVE / 5;
        if enough >= more.len() {
            return Ok(more.iter().copied().fold(1.0, f64::max));
        }
        // Halving what is left of the pairs keeps every pass watched.
        let (mut left, mut enough) = (more.to_vec(), enough);
        while left.len() > MANY {
            let pivot = middle(&left);
            let (mut below, mut same, mut above) = (Vec::new(), 0, Vec::new());
            steps::each(left, look, |more| match more.total_cmp(&pivot) {
                Ordering::Less => below.push(more),
                Ordering::Equal => same += 1,
                Ordering::Greater => above.push(more),
            })?;
            if enough < below.len() {
                left = below;
            } else if enough < below.len() + same {
                return Ok(pivot);
            } else {
                enough -= below.len() + same;
                left = above;
            }
        }
        Ok(*left.select_nth_unstable_by(enough, f64::total_cmp).1)
    }

    fn priced(&self, choice: &Choice) -> f64 {
        let prices = &self.price[self.limits_of(choice.agent as usize)];
        let paid = prices.iter().zip(self.amounts_of(choice));
        choice.cost as f64
            + paid
                .map(|(price, &amount)| price * amount as f64)
                .sum::<f64>()
    }

    pub(super) fn jobs(&self) -> usize {
        self.start.len() - 1
    }

    pub(super) fn agents(&self) -> usize {
        self.limits.len() - 1
    }

    /// The choices of a job, by number.
    pub(super) fn of(&self, job: usize) -> Range<usize> {
        self.start[job] as usize..self.start[job + 1] as usize
    }

    /// Those of them that are near.
    pub(super) fn near(&self, job: usize) -> Range<usize> {
        let start = self.start[job] as usize;
        start..start + self.near[job] as usize
    }

    pub(super) fn get(&self, choice: usize) -> &Choice {
        &self.list[choice]
    }

    /// The limits of an agent, by number.
    pub(super) fn limits_of(&self, agent: usize) -> Range<usize> {
        self.limits[agent] as usize..self.limits[agent + 1] as usize
    }

    /// How much a choice takes of each limit of its agent.
    pub(super) fn amounts_of(&self, choice: &Choice) -> &[i64] {
        let limits = self.limits_of(choice.agent as usize).len();
        &self.amounts[choice.amounts as usize..choice.amounts as usize + limits]
    }
}

/// The median of some of the numbers, evenly from all.
fn middle(numbers: &[f64]) -> f64 {
    const SOME: usize = 101;
    let mut some: Vec<f64> = (0..SOME)
        .map(|at| numbers[at * numbers.len() / SOME])
        .collect();
    *some.select_nth_unstable_by(SOME / 2, f64::total_cmp).1
}
