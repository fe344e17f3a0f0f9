//! The knapsack of one agent: which jobs to take at least reduced cost.
//!
//! With a price on the room most items settle themselves: one whose other side would cost more than
//! is known to be possible stays on its side. Dynamic programming over the room is left for the few
//! that remain, the core (Balas & Zemel 1980). O(items log items + core × room).

/// Capacities are scaled down to this many units; weights are rounded down, which only lessens the
/// least cost.
pub(super) const UNITS: i64 = 4096;

/// A unit of room costs no more, so that sums stay within 63 bits.
const DEAREST: i64 = 1 << 48;

/// One job of the knapsack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) job: u32,
    /// What taking it adds; below zero.
    pub(super) cost: i64,
    pub(super) weight: i64,
}

/// What it costs, over the least cost, to take an item and to leave it. One of the two is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) taken: i64,
    pub(super) left: i64,
}

/// Space for the tables, used again and again.
#[derive(Debug, Default)]
pub(super) struct Knapsack {
    scale: i64,
    /// The first of the items by number, in order of cost for weight.
    order: Vec<(f64, u32)>,
    /// Those that fit before the first that does not.
    taken: Vec<bool>,
    core: Vec<u32>,
    /// The least cost of the core before item i with each room, `i * width + c`.
    before: Vec<i64>,
    behind: Vec<i64>,
    next: Vec<i64>,
    /// One more than the room that is left for the core.
    width: usize,
    room: i64,
    /// No side is told to cost more.
    most: i64,
    pub(super) work: u64,
}

/// So many items are looked at first for what fits.
const FIRST: usize = 32;
/// A core of so many items is large enough to tell sides.
const CORE: usize = 64;

/// How items stand under a price of the room.
struct Priced {
    price: i64,
    /// No choice costs less.
    bound: i64,
    /// What the greedy choice costs.
    greedy: i64,
}

impl Knapsack {
    /// The least cost of items within the capacity, and the jobs that reach it.
    pub(super) fn solve(&mut self, items: &[Item], capacity: i64, jobs: &mut Vec<u32>) -> i64 {
        jobs.clear();
        self.work += items.len() as u64;
        if capacity < 0 {
            return 0;
        }
        let total: i64 = items.iter().map(|item| item.weight).sum();
        if total <= capacity {
            jobs.extend(items.iter().map(|item| item.job));
            return items.iter().map(|item| item.cost).sum();
        }
        let priced = self.price(items, capacity);
        let least = self.tabulate(items, capacity, &priced, 0);
        self.trace(items, &priced, jobs);
        least
    }

    /// The least cost of items within the capacity, and both sides of each item. What costs more
    /// than `spare`, or than keeps the core small, is told as less.
    /// [`outside`](Self::outside) can be asked for afterwards.
    pub(super) fn sides(
        &mut self,
        items: &[Item],
        capacity: i64,
        spare: i64,
        sides: &mut Vec<Sides>,
    ) -> i64 {
        let capacity = capacity.max(0);
        let priced = self.price(items, capacity);
        let spare = self.enough(items, &priced).min(spare).max(0);
        let least = self.tabulate(items, capacity, &priced, spare);
        self.most = spare.saturating_add(1);
        let width = self.width;
        let all = self.before[(self.core.len() + 1) * width - 1];
        sides.clear();
        sides.extend(items.iter().map(|item| {
            let reduced = self.reduced(item, priced.price);
            let other = (priced.bound - least).saturating_add(reduced.saturating_abs());
            let other = other.min(self.most);
            let (taken, left) = if reduced < 0 { (0, other) } else { (other, 0) };
            Sides { taken, left }
        }));
        // From the last of the core to the first, with what those behind it can do.
        self.behind.clear();
        self.behind.resize(width, 0);
        for (at, &item) in self.core.iter().enumerate().rev() {
            let before = &self.before[at * width..][..width];
            let weight = self.weight(&items[item as usize]) as usize;
            let cost = items[item as usize].cost;
            let best = |room: usize| {
                let pairs = before[..room].iter().zip(self.behind[..room].iter().rev());
                pairs.map(|(before, behind)| before + behind).min()
            };
            let over = |cost: Option<i64>| cost.map_or(i64::MAX, |cost| cost - all).min(self.most);
            let taken = best(width.saturating_sub(weight)).map(|rest| rest + cost);
            sides[item as usize] = Sides {
                taken: over(taken),
                left: over(best(width)),
            };
            self.next.clear();
            self.next.extend_from_slice(&self.behind);
            let with = self.behind.iter().map(|behind| behind + cost);
            for (next, with) in self.next.iter_mut().skip(weight).zip(with) {
                *next = with.min(*next);
            }
            std::mem::swap(&mut self.next, &mut self.behind);
        }
        self.work += (3 * self.core.len() * width) as u64;
        least
    }

    /// After [`sides`](Self::sides): what it costs, over the least cost, that so much of the
    /// capacity is used otherwise; none where that cannot be.
    pub(super) fn outside(&self, weight: i64) -> Option<i64> {
        let all = &self.before[self.core.len() * self.width..][..self.width];
        let weight = weight / self.scale;
        if weight > self.room {
            return None;
        }
        let Some(room) = (self.width - 1).checked_sub(weight as usize) else {
            return Some(self.most);
        };
        Some((all[room] - all[self.width - 1]).min(self.most))
    }

    fn weight(&self, item: &Item) -> i64 {
        item.weight / self.scale
    }

    /// What an item costs that has to pay for its room.
    fn reduced(&self, item: &Item, price: i64) -> i64 {
        item.cost + price * self.weight(item)
    }

    /// Orders the items, takes greedily what fits, and prices the room by the first that does not.
    fn price(&mut self, items: &[Item], capacity: i64) -> Priced {
        self.scale = capacity / UNITS + 1;
        let scale = self.scale;
        let worth = |item: &Item| item.cost as f64 / (item.weight / scale) as f64;
        self.order.clear();
        self.order.extend(items.iter().map(worth).zip(0..));
        let sooner = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        // Only the first are put in order, so many that not all of them fit.
        let mut most = FIRST;
        while most < self.order.len() {
            self.order.select_nth_unstable_by(most, sooner);
            let first = self.order[..most].iter();
            let weight: i64 = first.map(|&(_, at)| items[at as usize].weight).sum();
            if weight > capacity + capacity / 8 {
                break;
            }
            most *= 2;
        }
        self.order.truncate(most);
        self.order.sort_unstable_by(sooner);
        let all = capacity / scale;
        let (mut room, mut cost, mut price) = (all, 0, 0);
        self.taken.clear();
        self.taken.resize(items.len(), false);
        for &(_, at) in &self.order {
            let item = &items[at as usize];
            let weight = item.weight / scale;
            if weight > room {
                price = (-item.cost / weight).min(DEAREST);
                break;
            }
            room -= weight;
            cost += item.cost;
            self.taken[at as usize] = true;
        }
        let greedy = cost + self.exchange(items, room as usize, all as usize);
        let reduced = items.iter().map(|item| self.reduced(item, price));
        let bound = reduced.map(|reduced| reduced.min(0)).sum::<i64>();
        Priced {
            price,
            bound: bound - price * all,
            greedy,
        }
    }

    /// What one more item that fits into the room saves, or one in the place of one that is taken.
    fn exchange(&mut self, items: &[Item], room: usize, all: usize) -> i64 {
        // The least that one more item costs with so much room.
        self.next.clear();
        self.next.resize(all + 1, 0);
        let free = items.iter().zip(&self.taken).filter(|(_, taken)| !**taken);
        for (item, _) in free {
            let weight = (item.weight / self.scale) as usize;
            if let Some(least) = self.next.get_mut(weight) {
                *least = (*least).min(item.cost);
            }
        }
        let mut least = 0;
        for next in &mut self.next {
            least = least.min(*next);
            *next = least;
        }
        let taken = items.iter().zip(&self.taken).filter(|(_, taken)| **taken);
        let instead = taken.map(|(item, _)| {
            let room = room + (item.weight / self.scale) as usize;
            self.next[room.min(all)] - item.cost
        });
        instead.fold(self.next[room], i64::min)
    }

    /// What is spare at most for the core to stay small, beside what the least cost itself needs.
    fn enough(&self, items: &[Item], priced: &Priced) -> i64 {
        if items.len() <= CORE {
            return i64::MAX;
        }
        let reduced = items.iter().map(|item| self.reduced(item, priced.price));
        let mut apart: Vec<i64> = reduced.map(i64::saturating_abs).collect();
        let (_, &mut edge, _) = apart.select_nth_unstable(CORE);
        edge.saturating_sub(1) - (priced.greedy - priced.bound)
    }

    /// Settles the items that are on their side in all that costs no more than the greedy choice and
    /// `spare`, which therefore fit together, and fills the table for the others, the core. Returns
    /// the least cost.
    fn tabulate(&mut self, items: &[Item], capacity: i64, priced: &Priced, spare: i64) -> i64 {
        let most = priced.greedy.saturating_add(spare) - priced.bound;
        let (mut room, mut settled) = (capacity / self.scale, 0);
        self.room = room;
        self.core.clear();
        for (at, item) in (0_u32..).zip(items) {
            let reduced = self.reduced(item, priced.price);
            if reduced.saturating_abs() <= most {
                self.core.push(at);
            } else if reduced < 0 {
                room -= self.weight(item);
                settled += item.cost;
            }
        }
        let width = room.max(0) as usize + 1;
        self.width = width;
        let size = (self.core.len() + 1) * width;
        if self.before.len() < size {
            self.before.resize(size, 0);
        }
        self.before[..width].fill(0);
        for (at, &item) in self.core.iter().enumerate() {
            let item = &items[item as usize];
            let weight = ((item.weight / self.scale) as usize).min(width);
            let (before, next) = self.before[at * width..][..2 * width].split_at_mut(width);
            next[..weight].copy_from_slice(&before[..weight]);
            let with = before[..width - weight].iter().zip(&before[weight..]);
            for (next, (with, without)) in next[weight..].iter_mut().zip(with) {
                *next = (with + item.cost).min(*without);
            }
        }
        self.work += (self.core.len() * width) as u64;
        settled + self.before[(self.core.len() + 1) * width - 1]
    }

    /// The jobs of the least choice in the table.
    fn trace(&self, items: &[Item], priced: &Priced, jobs: &mut Vec<u32>) {
        let mut room = self.width - 1;
        let mut row = self.core.len();
        for (at, item) in items.iter().enumerate().rev() {
            let weight = self.weight(item);
            if row > 0 && self.core[row - 1] as usize == at {
                row -= 1;
                let before = &self.before[row * self.width..];
                if before[self.width + room] < before[room] {
                    jobs.push(item.job);
                    room -= weight as usize;
                }
            } else if self.reduced(item, priced.price) < 0 {
                jobs.push(item.job);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Knapsack};

    /// The least cost within the capacity, plainly.
    fn least(items: &[Item], capacity: i64) -> Option<i64> {
        let mut table = vec![0_i64; usize::try_from(capacity + 1).ok()?];
        for item in items {
            for room in (item.weight as usize..table.len()).rev() {
                table[room] = table[room].min(table[room - item.weight as usize] + item.cost);
            }
        }
        table.last().copied()
    }

    fn random(seed: &mut u64, end: i64) -> i64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((*seed >> 33) as i64) % end
    }

    #[test]
    fn choices_are_the_least_and_sides_are_never_told_as_more() {
        let mut knapsack = Knapsack::default();
        let mut seed = 1;
        for case in 0..60 {
            let most = [6, 30, 120][case % 3];
            let items: Vec<Item> = (0..random(&mut seed, most))
                .map(|job| Item {
                    job: job as u32,
                    cost: -1 - random(&mut seed, 60),
                    weight: random(&mut seed, 25),
                })
                .collect();
            let capacity = random(&mut seed, most * 8);
            let best = least(&items, capacity).unwrap();
            let mut jobs = Vec::new();
            assert_eq!(knapsack.solve(&items, capacity, &mut jobs), best);
            let taken = jobs.iter().map(|&job| &items[job as usize]);
            assert!(taken.clone().map(|item| item.weight).sum::<i64>() <= capacity);
            assert_eq!(taken.map(|item| item.cost).sum::<i64>(), best);

            let spare = random(&mut seed, 80);
            let mut sides = Vec::new();
            assert_eq!(knapsack.sides(&items, capacity, spare, &mut sides), best);
            for (at, sides) in sides.iter().enumerate() {
                let mut others = items.clone();
                let item = others.remove(at);
                let left = least(&others, capacity).unwrap() - best;
                let taken = least(&others, capacity - item.weight);
                let taken = taken.map_or(i64::MAX, |rest| rest + item.cost - best);
                assert!(sides.left <= left && sides.taken <= taken);
                if items.len() <= super::CORE {
                    // Exact as far as there is something spare.
                    assert_eq!(sides.left.min(spare), left.min(spare));
                    assert_eq!(sides.taken.min(spare), taken.min(spare));
                }
            }
            for weight in 0..40 {
                let rest = least(&items, capacity - weight).map(|rest| rest - best);
                match knapsack.outside(weight) {
                    None => assert_eq!(rest, None),
                    Some(told) => assert!(told <= rest.unwrap()),
                }
            }
        }
    }
}
