//! Linear assignment over a full matrix: few demands for each rep, and nearly all pairs possible.
//!
//! Column reduction, augmenting row reduction and shortest augmenting paths as in Jonker &
//! Volgenant (1987), with the searches of Dijkstra's algorithm over whole rows of the matrix. Where
//! each rep takes few demands this is several times faster than `transport`, whose searches pay
//! for the reps that share demands: here all do. O(demands × reps) a path, one path at most for
//! each demand, few in practice. Not for many demands a rep, nor for sparse candidates.
//!
//! *Deviations from the paper.* (1) Reps take any number, not one; row reduction leaves a full rep
//! that takes several alone. (2) Each demand may stay open at a cost of its own: a path may end
//! there. (3) Reps may keep room. Their price must then be nothing, so column reduction, which
//! starts from other prices, is used only where the demands just fill the reps; where one stays
//! open after all, it starts again without. (4) Row reduction gives up after a few exchanges for
//! each free demand: with costs that all differ it would hunt tiny price rises for long. (5) Paths
//! keep no predecessors: going back, the first row in the order of the search by which a column is
//! as near as found is one before it.
//!
//! *Numbers.* Costs are integers kept as 64-bit floats, which processors compare several at a
//! time. No cost exceeds [`EDGE`] in size, so neither do prices, eightfold; all sums are integers
//! below 2⁵³ and therefore exact.

use crate::allocation::{Stop, Watch};

/// No cost, of a pair or of staying open, may exceed this in size.
pub(super) const EDGE: i128 = 1 << 49;

/// Rows for each column up to which a matrix is worth it.
pub(super) const FEW: usize = 16;

/// Exchanges of row reduction for each free row.
const EXCHANGES: usize = 4;

/// A row that has no column yet.
const FREE: u32 = u32::MAX;
/// A row that stays open.
const OPEN: u32 = u32::MAX - 1;

/// An assignment problem: rows, the demands, and columns, the reps.
#[derive(Debug)]
pub(super) struct Matrix {
    /// What each row costs in each column, row by row; infinite where it cannot go.
    pub(super) cost: Vec<f64>,
    /// What leaving each row open costs.
    pub(super) open: Vec<f64>,
    /// How many rows each column takes.
    pub(super) room: Vec<u32>,
}

/// An assignment, with the prices that prove it where the search came to its end.
#[derive(Debug)]
pub(super) struct Assigned {
    /// The column of each row.
    pub(super) column_of: Vec<Option<u32>>,
    /// The price of each column, at least 0.
    pub(super) price: Vec<f64>,
    /// Why the search ended early; rows without a column then took the best with room.
    pub(super) stop: Option<Stop>,
}

impl Matrix {
    /// The assignment of least cost.
    pub(super) fn solve(&self, watch: &mut dyn Watch) -> Assigned {
        let room: u64 = self.room.iter().map(|&room| u64::from(room)).sum();
        let full = room == self.open.len() as u64;
        let mut search = Search::new(self);
        let mut end = search.run(full, watch);
        if full && end.is_ok() && !search.holds_from_reduction() {
            search = Search::new(self);
            end = search.run(false, watch);
        }
        if end.is_err() {
            search.place_the_rest();
        }
        search.assigned(end.err())
    }

    fn row(&self, row: u32) -> &[f64] {
        let columns = self.room.len();
        &self.cost[row as usize * columns..][..columns]
    }
}

/// The state: every row with a column has none that is cheaper with its price.
struct Search<'m> {
    matrix: &'m Matrix,
    price: Vec<f64>,
    /// The column of each row, or [`FREE`] or [`OPEN`].
    column_of: Vec<u32>,
    held: Vec<Vec<u32>>,
    free: Vec<u32>,
}

/// The least and the second least of a row with prices, and where they are.
struct Two {
    least: f64,
    second: f64,
    at: Option<usize>,
    next: Option<usize>,
}

impl<'m> Search<'m> {
    fn new(matrix: &'m Matrix) -> Self {
        let rows = matrix.open.len();
        Self {
            matrix,
            price: vec![0.0; matrix.room.len()],
            column_of: vec![FREE; rows],
            held: vec![Vec::new(); matrix.room.len()],
            free: (0..rows as u32).collect(),
        }
    }

    fn run(&mut self, reduce: bool, watch: &mut dyn Watch) -> Result<(), Stop> {
        watch.tick(self.matrix.cost.len() as u64)?;
        if self.matrix.room.is_empty() {
            self.column_of.fill(OPEN);
            self.free.clear();
            return Ok(());
        }
        if reduce {
            self.reduce_columns();
        }
        for _ in 0..2 {
            self.reduce_rows(watch)?;
        }
        let mut tree = Tree::new(self.price.len());
        while let Some(row) = self.free.pop() {
            if let Err(stop) = watch.tick(tree.work) {
                self.free.push(row);
                return Err(stop);
            }
            tree.grow(self, row);
            tree.augment(self);
        }
        Ok(())
    }

    fn is_full(&self, column: usize) -> bool {
        self.held[column].len() >= self.matrix.room[column] as usize
    }

    fn put(&mut self, row: u32, column: usize) {
        self.held[column].push(row);
        self.column_of[row as usize] = column as u32;
    }

    /// Lowers the price of each column until it is the best of some row, which takes it; raises it
    /// again by what a row with one such column would rather pay than lose it.
    fn reduce_columns(&mut self) {
        let columns = self.price.len();
        let mut least = vec![f64::INFINITY; columns];
        for row in self.matrix.cost.chunks_exact(columns) {
            for (least, &cost) in least.iter_mut().zip(row) {
                *least = if cost < *least { cost } else { *least };
            }
        }
        for (price, &least) in self.price.iter_mut().zip(&least) {
            *price = if least.is_finite() { -least } else { 0.0 };
        }
        let mut firsts = vec![0_u32; self.column_of.len()];
        for row in (0..self.column_of.len() as u32).rev() {
            for (column, (cost, least)) in self.matrix.row(row).iter().zip(&least).enumerate() {
                if cost == least && cost.is_finite() && !self.is_full(column) {
                    firsts[row as usize] += 1;
                    if self.column_of[row as usize] == FREE {
                        self.put(row, column);
                    }
                }
            }
        }
        self.free
            .retain(|&row| self.column_of[row as usize] == FREE);
        for (row, _) in (0..).zip(firsts).filter(|&(_, firsts)| firsts == 1) {
            let column = self.column_of[row as usize] as usize;
            let two = self.two(row);
            if two.at == Some(column) && self.matrix.room[column] == 1 {
                self.price[column] += two.second - two.least;
            }
        }
    }

    /// Gives each free row its best column at the price at which the second best is as good; who
    /// had it is free.
    fn reduce_rows(&mut self, watch: &mut dyn Watch) -> Result<(), Stop> {
        let count = self.free.len();
        let (mut at, mut kept, mut exchanges) = (0, 0, 0);
        watch.tick((count * self.price.len()) as u64)?;
        while at < count {
            let row = self.free[at];
            at += 1;
            exchanges += 1;
            let two = self.two(row);
            let Some(mut column) = two.at else {
                self.column_of[row as usize] = OPEN;
                continue;
            };
            let rises = two.second > two.least;
            if !rises
                && self.is_full(column)
                && let Some(next) = two.next
            {
                column = next;
            }
            let single = self.matrix.room[column] == 1;
            if !self.is_full(column) {
                if single {
                    self.price[column] += two.second - two.least;
                }
                self.put(row, column);
                continue;
            }
            if !single {
                self.free[kept] = row;
                kept += 1;
                continue;
            }
            let loser = std::mem::replace(&mut self.held[column][0], row);
            self.column_of[row as usize] = column as u32;
            self.column_of[loser as usize] = FREE;
            self.price[column] += two.second - two.least;
            if rises && exchanges < EXCHANGES * (at + 1) {
                at -= 1;
                self.free[at] = loser;
            } else {
                self.free[kept] = loser;
                kept += 1;
            }
        }
        self.free.truncate(kept);
        Ok(())
    }

    /// The two best places of a row with prices; `at` is none where it had better stay open.
    fn two(&self, row: u32) -> Two {
        let costs = self.matrix.row(row);
        let open = self.matrix.open[row as usize];
        let (least, second) = least_two(costs, &self.price);
        if open <= least {
            return Two {
                least: open,
                second: least,
                at: None,
                next: None,
            };
        }
        let (mut at, mut next) = (None, None);
        for (column, (cost, price)) in costs.iter().zip(&self.price).enumerate() {
            let priced = cost + price;
            if priced == least && at.is_none() {
                at = Some(column);
            } else if priced == second && next.is_none() {
                next = Some(column);
            } else {
                continue;
            }
            if at.is_some() && (next.is_some() || second > open) {
                break;
            }
        }
        Two {
            least,
            second: second.min(open),
            at,
            next: next.filter(|_| second <= open),
        }
    }

    /// Whether prices that column reduction began with prove what was found: no column has room
    /// left, so that all may rise alike until none is below nothing, and no row is then better off
    /// open.
    fn holds_from_reduction(&mut self) -> bool {
        if (0..self.price.len()).any(|column| !self.is_full(column)) {
            return false;
        }
        let least = self.price.iter().copied().fold(f64::INFINITY, f64::min);
        let rise = -least.min(0.0);
        for price in &mut self.price {
            *price += rise;
        }
        (0_u32..).zip(&self.column_of).all(|(row, &column)| {
            let paid = self.matrix.row(row)[column as usize] + self.price[column as usize];
            paid <= self.matrix.open[row as usize]
        })
    }

    /// Puts every free row where it costs least among columns with room.
    fn place_the_rest(&mut self) {
        for row in 0..self.column_of.len() as u32 {
            if self.column_of[row as usize] != FREE {
                continue;
            }
            let mut best = (self.matrix.open[row as usize], None);
            for (column, &cost) in self.matrix.row(row).iter().enumerate() {
                if cost < best.0 && !self.is_full(column) {
                    best = (cost, Some(column));
                }
            }
            match best.1 {
                Some(column) => self.put(row, column),
                None => self.column_of[row as usize] = OPEN,
            }
        }
    }

    fn assigned(self, stop: Option<Stop>) -> Assigned {
        let owned = |column: u32| (column < OPEN).then_some(column);
        Assigned {
            column_of: self.column_of.into_iter().map(owned).collect(),
            price: self.price.into_iter().map(|price| price.max(0.0)).collect(),
            stop,
        }
    }
}

/// The two least sums of a cost and a price, in lanes that do not wait for each other.
fn least_two(costs: &[f64], prices: &[f64]) -> (f64, f64) {
    const LANES: usize = 4;
    let mut least = [f64::INFINITY; LANES];
    let mut second = [f64::INFINITY; LANES];
    let costs = costs.chunks_exact(LANES);
    let prices = prices.chunks_exact(LANES);
    let rest = costs.remainder().iter().zip(prices.remainder());
    for (costs, prices) in costs.zip(prices) {
        for lane in 0..LANES {
            let sum = costs[lane] + prices[lane];
            let worse = if sum < least[lane] { least[lane] } else { sum };
            least[lane] = if sum < least[lane] { sum } else { least[lane] };
            second[lane] = if worse < second[lane] {
                worse
            } else {
                second[lane]
            };
        }
    }
    let (mut first, mut next) = (f64::INFINITY, f64::INFINITY);
    let rest = rest.map(|(cost, price)| cost + price);
    for sum in least.into_iter().chain(second).chain(rest) {
        if sum < first {
            next = std::mem::replace(&mut first, sum);
        } else if sum < next {
            next = sum;
        }
    }
    (first, next)
}

/// Where a search ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// At a column with room.
    Column(usize),
    /// With a row that stays open.
    Row(u32),
}

/// A tree of shortest paths from one free row, kept to be used again.
struct Tree {
    /// How far each column is.
    distance: Vec<f64>,
    /// Infinite where a column is done, 0 elsewhere: added, it hides what is done.
    hidden: Vec<f64>,
    done: Vec<u32>,
    /// The rows looked at, in order, with what their costs and prices are measured from.
    rows: Vec<(u32, f64)>,
    end: End,
    /// How far the end is.
    length: f64,
    work: u64,
}

impl Tree {
    fn new(columns: usize) -> Self {
        Self {
            distance: vec![0.0; columns],
            hidden: vec![0.0; columns],
            done: Vec::new(),
            rows: Vec::new(),
            end: End::Column(0),
            length: 0.0,
            work: 0,
        }
    }

    /// Grows until something with room is nearest.
    fn grow(&mut self, search: &Search<'_>, row: u32) {
        self.distance.fill(f64::INFINITY);
        self.hidden.fill(0.0);
        self.done.clear();
        self.rows.clear();
        let mut open = (f64::INFINITY, row);
        self.look(search, row, 0.0, &mut open);
        loop {
            let nearest = self.nearest();
            if open.0 < nearest {
                (self.end, self.length) = (End::Row(open.1), open.0);
                break;
            }
            let from = self.done.len();
            if let Some(column) = self.take(search, nearest) {
                self.done.truncate(from);
                (self.end, self.length) = (End::Column(column), nearest);
                break;
            }
            for at in from..self.done.len() {
                let column = self.done[at] as usize;
                self.hidden[column] = f64::INFINITY;
                for &row in &search.held[column] {
                    let own = search.matrix.row(row)[column] + search.price[column];
                    self.look(search, row, own - nearest, &mut open);
                }
            }
        }
        self.work = (self.rows.len() * 2 * self.distance.len()) as u64;
    }

    /// Looks from a row at all columns, and at staying open.
    fn look(&mut self, search: &Search<'_>, row: u32, base: f64, open: &mut (f64, u32)) {
        self.rows.push((row, base));
        let costs = search.matrix.row(row).iter().zip(&search.price);
        for (distance, (cost, price)) in self.distance.iter_mut().zip(costs) {
            let there = cost + price - base;
            *distance = if there < *distance { there } else { *distance };
        }
        let leaving = search.matrix.open[row as usize] - base;
        if leaving < open.0 {
            *open = (leaving, row);
        }
    }

    fn nearest(&self) -> f64 {
        const LANES: usize = 4;
        let mut least = [f64::INFINITY; LANES];
        let distances = self.distance.chunks_exact(LANES);
        let hidden = self.hidden.chunks_exact(LANES);
        let rest = distances.remainder().iter().zip(hidden.remainder());
        for (distances, hidden) in distances.zip(hidden) {
            for lane in 0..LANES {
                let there = distances[lane] + hidden[lane];
                least[lane] = if there < least[lane] {
                    there
                } else {
                    least[lane]
                };
            }
        }
        let rest = rest.map(|(distance, hidden)| distance + hidden);
        least.into_iter().chain(rest).fold(f64::INFINITY, f64::min)
    }

    /// Marks all columns at this distance as done, or tells one of them that has room.
    fn take(&mut self, search: &Search<'_>, nearest: f64) -> Option<usize> {
        for (column, (distance, hidden)) in self.distance.iter().zip(&self.hidden).enumerate() {
            if *distance == nearest && *hidden == 0.0 {
                if !search.is_full(column) {
                    return Some(column);
                }
                self.done.push(column as u32);
            }
        }
        None
    }

    /// Moves every row on the path to its next column, and raises the prices of what is done by as
    /// much as it is nearer than the end.
    fn augment(&self, search: &mut Search<'_>) {
        let (mut row, mut to) = match self.end {
            End::Row(row) => (row, OPEN),
            End::Column(column) => (self.before(search, column), column as u32),
        };
        loop {
            let left = std::mem::replace(&mut search.column_of[row as usize], to);
            if let Some(held) = search.held.get_mut(to as usize) {
                held.push(row);
            }
            let Some(held) = search.held.get_mut(left as usize) else {
                break; // it was free
            };
            held.retain(|&other| other != row);
            to = left;
            row = self.before(search, left as usize);
        }
        for &column in &self.done {
            let column = column as usize;
            search.price[column] += self.length - self.distance[column];
        }
    }

    /// The row by which a column was reached: the first is looked at before the column's own.
    fn before(&self, search: &Search<'_>, column: usize) -> u32 {
        let price = search.price[column];
        let found = self.rows.iter().find(|&&(row, base)| {
            search.matrix.row(row)[column] + price - base == self.distance[column]
        });
        found.map_or(self.rows[0].0, |&(row, _)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::optimal::transport::{Network, mix, solve_from};
    use crate::allocation::{Stop, Unbounded};
    use std::sync::Arc;

    /// A random matrix: holes, room for several, room left or lacking, unlike columns.
    fn matrix(seed: u64) -> Matrix {
        let mut state = seed << 20;
        let mut below = |end: u64| {
            state += 1;
            mix(state) % end
        };
        let (rows, columns) = (below(40) as usize, below(12) as usize);
        let (holes, spread, most) = (below(60), 1 + below(1000), 1 + below(4));
        let full = below(4) == 0;
        let open = [40, 1_000_000][below(2) as usize];
        let bias: Vec<u64> = (0..columns).map(|_| below(spread)).collect();
        let mut room: Vec<u32> = (0..columns).map(|_| below(most + 1) as u32).collect();
        if full {
            room = vec![1; rows];
        }
        let cost = (0..rows * room.len()).map(|at| {
            if below(100) < holes {
                f64::INFINITY
            } else {
                let bias = bias.get(at % room.len()).map_or(0, |&bias| bias);
                (below(spread) + bias) as f64
            }
        });
        Matrix {
            cost: cost.collect(),
            open: (0..rows).map(|_| (open + below(3)) as f64).collect(),
            room,
        }
    }

    /// What the matrix costs by shortest paths between nodes.
    fn by_paths(matrix: &Matrix) -> i128 {
        let columns = matrix.room.len();
        let mut network = Network::<i64>::new(matrix.room.iter().map(|&r| i64::from(r)).collect());
        for (row, &open) in matrix.open.iter().enumerate() {
            let costs = &matrix.cost[row * columns..][..columns];
            let pairs = (0..).zip(costs).filter(|pair| pair.1.is_finite());
            network.push(1, open as i64, pairs.map(|(to, &cost)| (to, cost as i64)));
        }
        let (flow, end) = solve_from(Arc::new(network), vec![0; columns + 1], &mut Unbounded);
        end.unwrap();
        flow.total_cost()
    }

    /// What an assignment within the rooms costs, and what its prices prove at least.
    fn worth(matrix: &Matrix, assigned: &Assigned) -> (i128, i128) {
        let columns = matrix.room.len();
        let (mut cost, mut bound) = (0.0, 0.0);
        let mut left: Vec<i64> = matrix.room.iter().map(|&room| i64::from(room)).collect();
        for (row, (column, &open)) in assigned.column_of.iter().zip(&matrix.open).enumerate() {
            let costs = &matrix.cost[row * columns..][..columns];
            let priced = costs
                .iter()
                .zip(&assigned.price)
                .map(|(cost, price)| cost + price);
            bound += priced.fold(open, f64::min);
            cost += column.map_or(open, |column| costs[column as usize]);
            if let Some(column) = column {
                left[*column as usize] -= 1;
            }
        }
        assert!(left.iter().all(|&left| left >= 0));
        for (&room, &price) in matrix.room.iter().zip(&assigned.price) {
            assert!(price >= 0.0);
            bound -= f64::from(room) * price;
        }
        (cost as i128, bound as i128)
    }

    #[test]
    fn it_agrees_with_shortest_paths_and_its_prices_prove_it() {
        for seed in 0..3_000 {
            let matrix = matrix(seed);
            let assigned = matrix.solve(&mut Unbounded);
            assert!(assigned.stop.is_none());
            let known = by_paths(&matrix);
            assert_eq!(worth(&matrix, &assigned), (known, known), "seed {seed}");
        }
    }

    /// Stops at the so many-th look.
    struct After(u32);

    impl Watch for After {
        fn tick(&mut self, _work: u64) -> Result<(), Stop> {
            self.0 = self.0.saturating_sub(1);
            if self.0 == 0 {
                Err(Stop::Operations)
            } else {
                Ok(())
            }
        }
    }

    #[test]
    fn what_is_stopped_is_feasible_and_its_prices_prove_a_bound() {
        for seed in 0..1_000 {
            let matrix = matrix(seed);
            let known = by_paths(&matrix);
            let assigned = matrix.solve(&mut After(1 + (seed % 7) as u32));
            let (cost, bound) = worth(&matrix, &assigned);
            assert!(bound <= known && known <= cost, "seed {seed}");
        }
    }
}
