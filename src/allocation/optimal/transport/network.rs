//! The instance as the solver holds it: rows of candidates and a forest of limits.
//!
//! A *row* is a demand, or a class of equal demands, with a supply. Its *arcs* lead to *nodes*:
//! the limits of reps. A node passes what it takes on to its parent, and the roots pass it on to
//! the *sink*, the last node, where demands without owner also go by the last arc of their row.
//! What a node passes on may cost something, more for each further unit (`Rise`). Nothing here
//! solves; building is linear in the arcs.

use super::cost::Cost;

/// What each further unit through a node costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::allocation::optimal) enum Rise<C> {
    /// Nothing, up to the room.
    Flat,
    /// The cost of the first, second … unit; never falls, as long as the room.
    Steps(Vec<C>),
}

/// A transportation problem with nested limits.
#[derive(Debug, Clone)]
pub(in crate::allocation::optimal) struct Network<C> {
    /// Where the arcs of each row start, and where the last ends.
    pub(super) start: Vec<u32>,
    /// The node that each arc leads to.
    pub(super) node: Vec<u32>,
    /// What a unit on each arc costs.
    pub(super) cost: Vec<C>,
    /// How many units each row has.
    pub(super) supply: Vec<u32>,
    /// How many units each node passes on; one shorter than the nodes, as the sink takes all.
    pub(super) room: Vec<i64>,
    /// The node that takes what a node passes on.
    pub(super) parent: Vec<u32>,
    /// What passing on costs.
    pub(super) rise: Vec<Rise<C>>,
}

impl<C: Cost> Network<C> {
    /// Roots with the room given, and no rows.
    pub(in crate::allocation::optimal) fn new(room: Vec<i64>) -> Self {
        let sink = room.len() as u32;
        let nodes = room.len();
        Self {
            start: vec![0],
            node: Vec::new(),
            cost: Vec::new(),
            supply: Vec::new(),
            room,
            parent: vec![sink; nodes],
            rise: vec![Rise::Flat; nodes],
        }
    }

    /// Reserves space.
    pub(in crate::allocation::optimal) fn reserve(&mut self, rows: usize, arcs: usize) {
        self.start.reserve_exact(rows);
        self.supply.reserve_exact(rows);
        self.node.reserve_exact(arcs + rows);
        self.cost.reserve_exact(arcs + rows);
    }

    /// Says that a node passes on to another rather than to the sink. Parents come after their
    /// children in number.
    pub(in crate::allocation::optimal) fn nest(&mut self, child: u32, parent: u32) {
        debug_assert!(child < parent);
        self.parent[child as usize] = parent;
    }

    /// Sets what passing on costs.
    pub(in crate::allocation::optimal) fn charge(&mut self, node: u32, rise: Rise<C>) {
        if let Rise::Steps(steps) = &rise {
            self.room[node as usize] = self.room[node as usize].min(steps.len() as i64);
        }
        self.rise[node as usize] = rise;
    }

    /// Adds a row; its last arc is the one to the sink, at the cost of staying open.
    pub(in crate::allocation::optimal) fn push(
        &mut self,
        supply: u32,
        open: C,
        candidates: impl IntoIterator<Item = (u32, C)>,
    ) -> u32 {
        let sink = self.sink();
        for (node, cost) in candidates {
            self.node.push(node);
            self.cost.push(cost);
        }
        self.node.push(sink);
        self.cost.push(open);
        self.start.push(self.node.len() as u32);
        self.supply.push(supply);
        self.supply.len() as u32 - 1
    }

    /// The last node.
    pub(in crate::allocation::optimal) fn sink(&self) -> u32 {
        self.room.len() as u32
    }

    /// How many rows there are.
    pub(in crate::allocation::optimal) fn rows(&self) -> usize {
        self.supply.len()
    }

    /// The arcs of a row.
    pub(in crate::allocation::optimal) fn arcs(&self, row: u32) -> std::ops::Range<usize> {
        self.start[row as usize] as usize..self.start[row as usize + 1] as usize
    }

    /// The node and the cost of an arc.
    pub(in crate::allocation::optimal) fn arc(&self, arc: usize) -> (u32, C) {
        (self.node[arc], self.cost[arc])
    }

    /// How many units a row has.
    pub(in crate::allocation::optimal) fn supply(&self, row: u32) -> u32 {
        self.supply[row as usize]
    }

    /// How many units a node passes on at most.
    pub(in crate::allocation::optimal) fn room(&self, node: u32) -> i64 {
        self.room[node as usize]
    }

    /// How many units there are in all.
    pub(in crate::allocation::optimal) fn total(&self) -> i64 {
        self.supply.iter().map(|&supply| i64::from(supply)).sum()
    }

    /// The cost of the next unit through a node that passes `used` on.
    pub(super) fn next(&self, node: u32, used: i64) -> C {
        match &self.rise[node as usize] {
            Rise::Flat => C::ZERO,
            Rise::Steps(steps) => steps[used as usize],
        }
    }

    /// The cost of the last unit that a node passes on, of `used` above zero.
    pub(super) fn next_down(&self, node: u32, used: i64) -> C {
        self.next(node, used - 1)
    }

    /// How many more units a node can pass on at the cost of the next.
    pub(super) fn run_up(&self, node: u32, used: i64) -> i64 {
        match &self.rise[node as usize] {
            Rise::Flat => self.room[node as usize] - used,
            Rise::Steps(_) => 1,
        }
    }

    /// How many units a node can give up at the cost of the last.
    pub(super) fn run_down(&self, node: u32, used: i64) -> i64 {
        match &self.rise[node as usize] {
            Rise::Flat => used,
            Rise::Steps(_) => 1,
        }
    }

    /// How many units, at least and at most, a node may pass on where its price exceeds its
    /// parent's by `margin`: units that cost less must, units that cost as much may.
    pub(super) fn span(&self, node: u32, margin: C) -> (i64, i64) {
        let room = self.room[node as usize];
        match &self.rise[node as usize] {
            Rise::Flat if margin > C::ZERO => (room, room),
            Rise::Flat if margin < C::ZERO => (0, 0),
            Rise::Flat => (0, room),
            Rise::Steps(steps) => {
                let steps = &steps[..room as usize];
                let least = steps.partition_point(|&step| step < margin);
                let most = steps.partition_point(|&step| step <= margin);
                (least as i64, most as i64)
            }
        }
    }

    /// One row in `stride`, chosen by a fixed mixing of its number, with the room in proportion.
    pub(super) fn sample(&self, stride: u64, salt: u64) -> Self {
        let mut part = Self::new(Vec::new());
        part.room = vec![0; self.room.len()];
        part.parent = self.parent.clone();
        let mut taken = 0_i64;
        for row in 0..self.rows() as u32 {
            if !mix(u64::from(row) ^ (salt << 32)).is_multiple_of(stride) {
                continue;
            }
            let arcs = self.arcs(row);
            part.node.extend_from_slice(&self.node[arcs.clone()]);
            part.cost.extend_from_slice(&self.cost[arcs]);
            part.start.push(part.node.len() as u32);
            part.supply.push(self.supply[row as usize]);
            taken += i64::from(self.supply[row as usize]);
        }
        let total = i128::from(self.total().max(1));
        let mut left = 0_i128; // what rounding has withheld so far, so that the sum is in proportion
        for (node, &room) in self.room.iter().enumerate() {
            let share = i128::from(room) * i128::from(taken) + left;
            part.room[node] = (share / total) as i64;
            left = share % total;
        }
        part.rise = self
            .rise
            .iter()
            .zip(&self.room)
            .zip(&part.room)
            .map(thin)
            .collect();
        part
    }
}

/// The steps of a node with less room: evenly spread ones of those it had.
fn thin<C: Cost>(((rise, &before), &after): ((&Rise<C>, &i64), &i64)) -> Rise<C> {
    match rise {
        Rise::Flat => Rise::Flat,
        Rise::Steps(steps) => Rise::Steps(
            (0..after)
                .map(|unit| {
                    let at = i128::from(unit) * i128::from(before) / i128::from(after.max(1));
                    steps[(at as usize).min(steps.len() - 1)]
                })
                .collect(),
        ),
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
pub(in crate::allocation::optimal) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
