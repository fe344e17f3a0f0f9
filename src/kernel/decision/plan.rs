//! Which parts of a program become tables.
//!
//! From the leaves up: what compares a value with constants, or combines what does, is a function
//! of the cases of its leaves while these are few. Where a part would have too many, conditions in
//! it are computed by themselves and count as one leaf with two cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::compare::Compare;
use super::super::program::{N, Node, Sides};
use super::super::slots::Slots;

/// A table has at most so many combinations of cases: their numbers are bytes.
pub(in crate::kernel) const MOST_CASES: usize = 256;

/// What a part depends on: values, and for each what tells its cases apart, which is nothing for a
/// bool.
pub(super) type Leaves = BTreeMap<N, BTreeSet<(Compare, N)>>;

/// Parts with the same leaves.
#[derive(Debug, Clone)]
pub(in crate::kernel) struct Part {
    pub(super) leaves: Leaves,
    /// The nodes whose values are looked up, in order.
    pub(super) roots: Vec<N>,
    /// What the roots are computed from, them included, in order.
    pub(super) within: BTreeSet<N>,
}

/// The tables of a program that runs over rows.
#[derive(Debug, Clone, Default)]
pub(in crate::kernel) struct Decisions {
    pub(in crate::kernel) parts: Vec<Part>,
    /// The part and the place among its roots of a node that is looked up.
    place: Vec<Option<(usize, usize)>>,
    /// The buffers of the nodes that are computed or looked up.
    pub(in crate::kernel) slots: Slots,
}

impl Decisions {
    /// Plans the tables of a program, given the nodes whose values leave it.
    pub(in crate::kernel) fn plan(nodes: &[Node], outputs: &BTreeSet<N>) -> Self {
        let mut planner = Planner {
            nodes,
            leaves: Vec::with_capacity(nodes.len()),
        };
        for node in nodes {
            let leaves = planner.leaves(node);
            planner.leaves.push(leaves);
        }
        let mut decisions = Self {
            place: vec![None; nodes.len()],
            ..Self::default()
        };
        let mut open: Vec<N> = outputs.iter().copied().collect();
        let mut computed = vec![false; nodes.len()];
        while let Some(node) = open.pop() {
            let own = &nodes[node.ix()];
            if own.sides == Sides::NONE || std::mem::replace(&mut computed[node.ix()], true) {
                continue;
            }
            match planner.part(node) {
                Some(part) => {
                    open.extend(part.leaves.keys());
                    decisions.add(nodes, part);
                }
                None => open.extend(&own.args),
            }
        }
        decisions.number();
        let read = |node: N| match decisions.place[node.ix()] {
            Some((part, _)) => decisions.parts[part].leaves.keys().copied().collect(),
            None => nodes[node.ix()].args.to_vec(),
        };
        decisions.slots = Slots::new(
            nodes,
            |node| computed[node.ix()],
            read,
            |node| outputs.contains(&node),
        );
        decisions
    }

    /// The part and the place among its roots of a node that is looked up.
    pub(in crate::kernel) fn place(&self, node: N) -> Option<(usize, usize)> {
        self.place[node.ix()]
    }

    fn add(&mut self, nodes: &[Node], part: Part) {
        let alike = self.parts.iter_mut().find_map(|known| {
            let same = known.leaves.keys().eq(part.leaves.keys());
            let both = same.then(|| union([&known.leaves, &part.leaves]))?;
            (cases(nodes, &both) <= MOST_CASES).then_some((known, both))
        });
        match alike {
            Some((known, leaves)) => {
                known.leaves = leaves;
                known.roots.extend(part.roots);
                known.within.extend(part.within);
            }
            None => self.parts.push(part),
        }
    }

    fn number(&mut self) {
        for (at, part) in self.parts.iter_mut().enumerate() {
            part.roots.sort_unstable();
            for (root, node) in part.roots.iter().enumerate() {
                self.place[node.ix()] = Some((at, root));
            }
        }
    }
}

struct Planner<'a> {
    nodes: &'a [Node],
    /// By node: the leaves of which it is a function with few cases.
    leaves: Vec<Option<Leaves>>,
}

impl Planner<'_> {
    fn leaves(&self, node: &Node) -> Option<Leaves> {
        if node.sides == Sides::NONE {
            return Some(Leaves::new());
        }
        match &node.op {
            Op::Compare(compare) => self
                .combined(&node.args)
                .or_else(|| self.compared(*compare, &node.args)),
            Op::Logic(_) | Op::Arithmetic(_) => self.combined(&node.args),
            _ => None,
        }
        .filter(|leaves| cases(self.nodes, leaves) <= MOST_CASES)
    }

    /// A value compared with constants.
    fn compared(&self, compare: Compare, args: &[N]) -> Option<Leaves> {
        let fixed = |node: &N| self.nodes[node.ix()].sides == Sides::NONE;
        let (value, turns) = match *args {
            [value, other] if fixed(&other) => (value, vec![(compare.turning()?, other)]),
            [other, value] if fixed(&other) => {
                (value, vec![(compare.mirrored()?.turning()?, other)])
            }
            [value, low, high] if fixed(&low) && fixed(&high) => {
                let [first, second] = compare.bounds()?;
                (value, vec![(first, low), (second, high)])
            }
            _ => return None,
        };
        Some(Leaves::from([(value, turns.into_iter().collect())]))
    }

    /// A function of what its operands are functions of.
    fn combined(&self, args: &[N]) -> Option<Leaves> {
        let single = |node: N| Leaves::from([(node, BTreeSet::new())]);
        let mut parts = Vec::new();
        for &arg in args {
            let bool = self.nodes[arg.ix()].ty == Ty::Bool;
            match &self.leaves[arg.ix()] {
                Some(leaves) => parts.push((arg, bool, leaves.clone())),
                None if bool => parts.push((arg, false, single(arg))),
                None => return None,
            }
        }
        loop {
            let all = union(parts.iter().map(|part| &part.2));
            if cases(self.nodes, &all) <= MOST_CASES {
                return Some(all);
            }
            let (arg, splits, leaves) = (parts.iter_mut())
                .filter(|part| part.1)
                .max_by_key(|part| cases(self.nodes, &part.2))?;
            *splits = false;
            *leaves = single(*arg);
        }
    }

    /// The part of which a node is the root, where a table pays off.
    fn part(&self, root: N) -> Option<Part> {
        let all = self.leaves[root.ix()].as_ref()?;
        let (mut within, mut leaves) = (BTreeSet::from([root]), Leaves::new());
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            for &arg in &self.nodes[node.ix()].args {
                if let Some(turns) = all.get(&arg) {
                    leaves.insert(arg, turns.clone());
                } else if self.nodes[arg.ix()].sides != Sides::NONE && within.insert(arg) {
                    open.push(arg);
                }
            }
        }
        // Finding the case of a leaf costs about as much as one operation.
        (within.len() > leaves.len() + 1).then(|| Part {
            leaves,
            roots: vec![root],
            within,
        })
    }
}

fn union<'a>(all: impl IntoIterator<Item = &'a Leaves>) -> Leaves {
    let mut union = Leaves::new();
    for leaves in all {
        for (leaf, turns) in leaves {
            union.entry(*leaf).or_default().extend(turns);
        }
    }
    union
}

/// How many combinations of cases there are at most.
fn cases(nodes: &[Node], leaves: &Leaves) -> usize {
    let of = |(leaf, turns): (&N, &BTreeSet<(Compare, N)>)| {
        let borders: usize = turns.iter().map(|(compare, _)| compare.most_turns()).sum();
        match nodes[leaf.ix()].ty {
            Ty::Bool => 2,
            Ty::Float => borders + 4, // the infinities and NaN are cases of their own
            _ => borders + 1,
        }
    };
    leaves.iter().map(of).fold(1, usize::saturating_mul)
}

/// `table of %3 by 2, %7` where two values tell the cases of the first apart.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("table of")?;
        for (at, (leaf, turns)) in self.leaves.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma} %{}", leaf.0)?;
            if !turns.is_empty() {
                write!(f, " by {}", turns.len())?;
            }
        }
        f.write_str(" gives")?;
        self.roots
            .iter()
            .try_for_each(|root| write!(f, " %{}", root.0))
    }
}
