//! The knapsack of one agent: which jobs to take at least reduced cost. O(items × capacity).

/// Capacities are scaled down to this many units.
pub(super) const UNITS: i64 = 4096;

/// One job of the knapsack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) job: u32,
    /// What taking it adds; below zero.
    pub(super) cost: i64,
    pub(super) weight: i64,
}

/// Space for the tables, used again and again.
#[derive(Debug, Default)]
pub(super) struct Knapsack {
    /// The least cost with each capacity.
    least: Vec<i64>,
    next: Vec<i64>,
    /// Whether item i is taken at capacity c, `i * (capacity + 1) + c`.
    taken: Vec<bool>,
    pub(super) work: u64,
}

impl Knapsack {
    /// The least cost of items within the capacity, and the jobs that reach it.
    pub(super) fn solve(&mut self, items: &[Item], capacity: i64, jobs: &mut Vec<u32>) -> i64 {
        jobs.clear();
        if capacity < 0 {
            return 0;
        }
        let total: i64 = items.iter().map(|item| item.weight).sum();
        if total <= capacity {
            jobs.extend(items.iter().map(|item| item.job));
            self.work += items.len() as u64;
            return items.iter().map(|item| item.cost).sum();
        }
        let scale = (capacity / UNITS).max(0) + 1;
        let room = (capacity / scale) as usize;
        self.least.clear();
        self.least.resize(room + 1, 0);
        self.taken.clear();
        self.taken.resize(items.len() * (room + 1), false);
        for (item, taken) in items.iter().zip(self.taken.chunks_exact_mut(room + 1)) {
            let weight = (item.weight / scale) as usize;
            self.next.clear();
            self.next.extend_from_slice(&self.least);
            if weight <= room {
                // Two rows rather than one in place, so that the loop has no dependences.
                let without = self.next[weight..].iter_mut().zip(&mut taken[weight..]);
                for ((without, taken), with) in without.zip(&self.least[..=room - weight]) {
                    let with = with + item.cost;
                    *taken = with < *without;
                    *without = with.min(*without);
                }
            }
            std::mem::swap(&mut self.least, &mut self.next);
        }
        self.work += (items.len() * (room + 1)) as u64;
        let mut at = room;
        for (item, taken) in items.iter().zip(self.taken.chunks_exact(room + 1)).rev() {
            if taken[at] {
                jobs.push(item.job);
                at -= (item.weight / scale) as usize;
            }
        }
        self.least[room]
    }

    /// The least cost, after `solve`, when this much of the capacity is used otherwise.
    pub(super) fn with_less(&self, items: &[Item], capacity: i64, less: i64) -> i64 {
        let total: i64 = items.iter().map(|item| item.weight).sum();
        if total <= capacity {
            if total <= capacity - less {
                return items.iter().map(|item| item.cost).sum();
            }
            return i64::MIN; // no table was made; say nothing
        }
        let scale = (capacity / UNITS).max(0) + 1;
        let room = (capacity / scale) as usize;
        let less = (less / scale) as usize;
        if less > room {
            i64::MAX
        } else {
            self.least[room - less]
        }
    }
}
