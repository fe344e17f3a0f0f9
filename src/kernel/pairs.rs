//! Running a program over pairs of customers and reps.
//!
//! What depends on the rep alone is computed once per run, what depends on the customer alone once
//! per customer; the rest is computed for a customer and all reps at a time, so that every loop
//! runs along the reps with the customer's values in registers. Parts of the rest that depend on
//! few distinct values of customers (a region, a set of tags) are kept per distinct values in
//! [`Tables`] and not computed again. Nothing is stored per pair.

use crate::language::Side;
use crate::model::{RoleIx, View};

use super::along::Along;
use super::lanes::{Arg, Lanes, Scalar};
use super::linear::{self, Linear};
use super::op::Op;
use super::program::{N, Program, Sides};
use super::run::{Rows, Run};
use super::slots::{self, BATCH, Buffers, Slots, with_args};
use super::tables::{TableRow, Tables};

/// A program of pairs bound to a view and some reps. Cloned, it works on another thread.
#[derive(Debug, Clone)]
pub(crate) struct PairRun<'v> {
    pub(super) run: Run<'v>,
    /// The reps at hand: all of them, or one of each kind.
    pub(super) along: Along,
    customer_slots: Slots,
    customers: Buffers,
    /// The rows of the block at hand.
    rows: Vec<u32>,
    pub(super) customer_missing: Vec<bool>,
    pair_slots: Slots,
    pairs: Buffers,
    pub(super) tables: Tables,
    /// What the score comes down to, as sums in one pass where they are.
    pub(super) linear: Vec<Option<Linear>>,
    /// The greatest of floats of reps without their sign, by node, and the least.
    pub(super) greatest: Vec<f64>,
    pub(super) least: Vec<f64>,
    /// A column of ones, for terms without one.
    pub(super) ones: Vec<f64>,
}

impl<'v> PairRun<'v> {
    /// Binds a program to reps, for about so many customers. The tables are planned on a sample of
    /// the book's customers, no larger than that.
    pub(crate) fn new(
        program: &'v Program,
        view: &'v View,
        reps: &[u32],
        role: Option<RoleIx>,
        expected: usize,
    ) -> Self {
        let run = Run::new(program, view, role);
        let outputs = program.outputs();
        let used = |node: N| {
            outputs.contains(&node)
                || (program.nodes.iter())
                    .any(|user| user.sides == Sides::PAIR && user.args.contains(&node))
        };
        let sides = |node: N| program.nodes[node.ix()].sides;
        let read = |node: N| program.nodes[node.ix()].args.to_vec();
        let of_customer = |node| sides(node) == Sides::CUSTOMER;
        let customer_slots = Slots::new(&program.nodes, of_customer, read, used);
        let mut this = Self {
            customers: customer_slots.buffers(0),
            customer_slots,
            along: Along::new(reps.len(), program.nodes.len()),
            rows: Vec::new(),
            customer_missing: Vec::new(),
            pair_slots: Slots::default(),
            pairs: Buffers { slots: Vec::new() },
            tables: Tables::default(),
            linear: vec![None; program.nodes.len()],
            greatest: Vec::new(),
            least: Vec::new(),
            ones: vec![1.0; BATCH],
            run,
        };
        if this.run.unfit {
            return this;
        }
        this.compute_reps(reps);
        let all = u32::try_from(view.book().customer_count()).unwrap_or(u32::MAX);
        let most = expected.clamp(1, BATCH);
        let sample: Vec<u32> = (0..all)
            .step_by((all as usize / most).max(1))
            .take(most)
            .collect();
        this.start(&sample);
        let sizes = (sample.len(), expected.min(all as usize));
        this.tables = Tables::plan(program, sizes, reps.len(), |node, lane| {
            this.customer_value(node, lane).bits()
        });
        if let Some(pair) = program.pair {
            let mut needed = vec![pair.invalid];
            for leaf in linear::leaves(program, pair.value, &|node| this.tables.holds(node)) {
                match Linear::plan(program, leaf, |node| this.tables.holds(node)) {
                    Some(linear) => {
                        needed.extend(linear.terms.iter().filter_map(|term| term.column));
                        this.linear[leaf.ix()] = Some(linear);
                    }
                    None => needed.push(leaf),
                }
            }
            this.tables.compute_for(program, needed);
        }
        this.greatest = (this.along.values.iter())
            .map(|lanes| lanes.as_ref().map_or(f64::INFINITY, Lanes::greatest))
            .collect();
        this.least = (this.along.values.iter())
            .map(|lanes| lanes.as_ref().map_or(0.0, Lanes::least))
            .collect();
        let leaves = match program.pair {
            Some(pair) => linear::leaves(program, pair.value, &|node| this.tables.holds(node)),
            None => Vec::new(),
        };
        this.pair_slots = Slots::new(
            &program.nodes,
            |node| sides(node) == Sides::PAIR,
            read,
            |node| {
                outputs.contains(&node)
                    || this.tables.holds(node)
                    || (this.linear.iter().flatten())
                        .flat_map(|linear| &linear.terms)
                        .any(|term| term.column == Some(node))
                    || leaves.contains(&node)
            },
        );
        this.pairs = this.pair_slots.buffers(BATCH.min(reps.len()));
        this
    }

    /// What of the reps alone a pair takes that is not in a table.
    pub(super) fn of_reps(&self) -> Vec<N> {
        let program = self.program();
        let Some(pair) = program.pair.filter(|_| !self.run.unfit) else {
            return Vec::new();
        };
        let mut read = vec![pair.invalid];
        read.extend(linear::leaves(program, pair.value, &|node| {
            self.tables.holds(node)
        }));
        let sums = self.linear.iter().flatten();
        read.extend(sums.flat_map(|sum| sum.terms.iter().filter_map(|term| term.column)));
        let computed = (0..).map_while(|place| self.tables.computed(place));
        read.extend(computed.flat_map(|node| &program.nodes[node.ix()].args));
        read.retain(|node| program.nodes[node.ix()].sides == Sides::REP);
        read.sort_unstable();
        read.dedup();
        read
    }

    pub(super) fn program(&self) -> &'v Program {
        self.run.program
    }

    fn compute_reps(&mut self, reps: &[u32]) {
        let program = self.program();
        for (at, node) in program.nodes.iter().enumerate() {
            if node.sides != Sides::REP {
                continue;
            }
            let mut out = Lanes::new(node.ty, reps.len());
            match &node.op {
                Op::Source(_) => self.run.load(N(at as u32), Rows::new(reps), &mut out),
                op => {
                    let mut cx = std::mem::take(&mut self.run.cx);
                    with_args(
                        &node.args,
                        |arg| self.rep_arg(arg),
                        |args| {
                            op.eval(args, &mut out, &mut cx);
                        },
                    );
                    self.run.cx = cx;
                }
            }
            self.along.values[at] = Some(out);
        }
        let mut missing = vec![false; reps.len()];
        self.run.mark_missing(Side::Rep, reps, &mut missing);
        self.along.missing = missing.contains(&true).then_some(missing);
    }

    fn rep_arg(&self, node: N) -> Arg<'_> {
        match &self.along.values[node.ix()] {
            Some(lanes) => lanes.arg(),
            None => self.scalar(node),
        }
    }

    fn scalar(&self, node: N) -> Arg<'static> {
        slots::all(
            self.run.scalars[node.ix()],
            self.program().nodes[node.ix()].ty,
        )
    }

    /// Computes what depends on the customers of a block alone.
    pub(super) fn start(&mut self, rows: &[u32]) {
        let program = self.program();
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        self.customers.resize(rows.len());
        for (at, node) in program.nodes.iter().enumerate() {
            let Some(slot) = self.customer_slots.get(N(at as u32)) else {
                continue;
            };
            let mut out = self.customers.take(slot);
            match &node.op {
                Op::Source(_) => self.run.load(N(at as u32), Rows::new(rows), &mut out),
                op => {
                    let mut cx = std::mem::take(&mut self.run.cx);
                    with_args(
                        &node.args,
                        |arg| self.customer_arg(arg),
                        |args| {
                            op.eval(args, &mut out, &mut cx);
                        },
                    );
                    self.run.cx = cx;
                }
            }
            self.customers.slots[slot] = out;
        }
        self.customer_missing.clear();
        self.customer_missing.resize(rows.len(), false);
        let mut missing = std::mem::take(&mut self.customer_missing);
        self.run.mark_missing(Side::Customer, rows, &mut missing);
        self.customer_missing = missing;
    }

    fn customer_arg(&self, node: N) -> Arg<'_> {
        match self.customer_slots.get(node) {
            Some(slot) => self.customers.slots[slot].arg(),
            None => self.scalar(node),
        }
    }

    pub(super) fn customer_value(&self, node: N, lane: usize) -> Scalar {
        self.customer_arg(node).at(lane)
    }

    /// Computes the pairs of one customer of the block with `reps.len()` reps from `from` on.
    ///
    /// Only what is not in a table; [`Self::look_up`] comes before.
    pub(super) fn compute(&mut self, lane: usize, from: usize, count: usize) {
        if self.tables.computed(0).is_some() {
            self.pairs.resize(count);
        }
        for place in 0.. {
            let Some(node) = self.tables.computed(place) else {
                break;
            };
            self.one(node, false, lane, from, count);
        }
    }

    /// Computes one node; for a table from what was computed for it, as other tables, and its own
    /// row in the making, do not stand at this customer yet.
    fn one(&mut self, at: N, for_table: bool, lane: usize, from: usize, count: usize) {
        let node = &self.program().nodes[at.ix()];
        let Some(slot) = self.pair_slots.get(at) else {
            return;
        };
        let mut out = self.pairs.take(slot);
        let mut cx = std::mem::take(&mut self.run.cx);
        with_args(
            &node.args,
            |arg| match self.pair_slots.get(arg) {
                Some(slot) if for_table => self.pairs.slots[slot].arg(),
                _ => self.pair_arg(arg, lane, from, count),
            },
            |args| node.op.eval(args, &mut out, &mut cx),
        );
        self.run.cx = cx;
        self.pairs.slots[slot] = out;
    }

    /// The values of a node for one customer and some reps.
    pub(super) fn pair_arg(&self, node: N, lane: usize, from: usize, count: usize) -> Arg<'_> {
        let sides = self.program().nodes[node.ix()].sides;
        match sides {
            Sides::NONE => self.scalar(node),
            Sides::CUSTOMER => Arg::from(self.customer_value(node, lane)),
            Sides::REP => self.rep_arg(node).part(from, count),
            _ => match (self.row(node), self.pair_slots.get(node)) {
                (Some(row), _) => row.values.arg().part(from, count),
                (None, Some(slot)) => self.pairs.slots[slot].arg(),
                (None, None) => self.scalar(node), // every pair node has a slot
            },
        }
    }

    /// The row of a table along the reps at hand.
    pub(super) fn row(&self, node: N) -> Option<&TableRow> {
        let (group, place) = self.tables.place(node)?;
        match self.along.rows.get(group) {
            Some(rows) => rows.get(place),
            None => self.tables.rows(group)?.get(place),
        }
    }

    /// Makes the tables stand at the values of one customer of the block, where the program
    /// can be asked about that customer at all; whether it can.
    pub(super) fn look_up(&mut self, lane: usize) -> bool {
        if self.run.unfit || self.customer_missing[lane] {
            return false;
        }
        for group in 0..self.tables.groups() {
            let mut tables = std::mem::take(&mut self.tables);
            let found = tables.find(group, |node| self.customer_value(node, lane).bits());
            self.tables = tables;
            if found {
                continue;
            }
            let program = self.program();
            let roots: Vec<N> = self.tables.roots(group).to_vec();
            let mut made: Vec<Lanes> = (roots.iter())
                .map(|root| Lanes::new(program.nodes[root.ix()].ty, 0))
                .collect();
            for from in (0..self.along.count).step_by(BATCH) {
                let count = BATCH.min(self.along.count - from);
                self.pairs.resize(count);
                for node in (0..program.nodes.len() as u32).map(N) {
                    if self.tables.within(group, node) {
                        self.one(node, true, lane, from, count);
                    }
                }
                for (root, made) in roots.iter().zip(&mut made) {
                    if let Some(slot) = self.pair_slots.get(*root) {
                        made.extend(self.pairs.slots[slot].arg(), count);
                    }
                }
            }
            self.tables.keep(group, made);
        }
        true
    }
}
