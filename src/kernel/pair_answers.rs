//! What pairs answer: verdicts and scores of one customer with all reps.
//!
//! Scores that are sums along the reps take one pass, straight to where they go; all others are
//! copied from the last node. Costs nothing per pair beyond that.

use super::lanes::{Arg, In, Scalar, Ty};
use super::linear::{self, Linear};
use super::op::Op;
use super::op::arithmetic::{Arithmetic, FloatOp};
use super::op::logic::Logic;
use super::pairs::PairRun;
use super::program::{N, PairAnswer, Sides};
use super::slots::BATCH;

impl PairRun<'_> {
    /// The verdicts of one customer of the block with all reps: `out` gets them, and `bad` the reps
    /// of the pairs that defer, whose verdict is arbitrary.
    pub(super) fn verdicts(&mut self, lane: usize, out: &mut [bool], bad: impl FnMut(usize)) {
        self.each(lane, bad, |this, from, value| {
            let out = &mut out[from..];
            match this.pair_arg(value, lane, from, BATCH.min(this.along.count - from)) {
                Arg::Bool(In::Each(values)) => out[..values.len()].copy_from_slice(values),
                Arg::Bool(In::All(value)) => out.fill(value),
                _ => out.fill(false), // a score in place of a verdict: see `fits`
            }
        });
    }

    /// The same for scores. None is greater than what is answered, without its sign; infinite
    /// where that is not known.
    pub(super) fn scores(&mut self, lane: usize, out: &mut [f64], bad: impl FnMut(usize)) -> f64 {
        let mut greatest = 0.0_f64;
        self.each(lane, bad, |this, from, value| {
            let count = BATCH.min(this.along.count - from);
            let out = &mut out[from..from + count];
            let leaf = this.leaf(value, lane);
            if let Some(linear) = &this.linear[leaf.ix()] {
                greatest = greatest.max(this.add_up(linear, lane, from, out));
                return;
            }
            greatest = greatest.max(finite(this.bound(leaf, lane, 4)));
            match this.pair_arg(leaf, lane, from, count) {
                Arg::Float(In::Each(values)) => out.copy_from_slice(values),
                Arg::Float(In::All(value)) => out.fill(value),
                _ => out.fill(f64::NAN), // a verdict in place of a score: see `fits`
            }
        });
        greatest
    }

    /// What a root comes down to for one customer.
    fn leaf(&self, mut root: N, lane: usize) -> N {
        let tabled = |node| self.tables.holds(node);
        while let Some((mask, a, b)) = linear::choice(self.program(), root, tabled) {
            let first = matches!(self.customer_value(mask, lane), Scalar::Bool(true));
            root = if first { a } else { b };
        }
        root
    }

    /// Whether the program gives what is asked for.
    pub(super) fn fits(&self, ty: Ty) -> bool {
        let program = self.program();
        !self.run.unfit
            && program
                .pair
                .is_some_and(|pair| program.nodes[pair.value.ix()].ty == ty)
    }

    /// A sum for one customer and some reps; what none of them is greater than, without its sign.
    fn add_up(&self, linear: &Linear, lane: usize, from: usize, out: &mut [f64]) -> f64 {
        const FEW: usize = 8;
        let mut terms: [(f64, &[f64]); FEW] = [(0.0, &[]); FEW];
        let mut many = Vec::new();
        let (mut first, mut few) = (None, 0);
        let mut bound = 0.0;
        for (at, term) in linear.terms.iter().enumerate() {
            let scale = match term.scale.map(|scale| self.customer_value(scale, lane)) {
                None => 1.0,
                Some(Scalar::Float(scale)) => scale,
                Some(_) => f64::NAN, // terms are floats
            };
            let factor = term.sign * scale;
            if at == 0 && term.column.is_none() {
                (first, bound) = (Some(factor), factor.abs());
                continue;
            }
            let column = match term
                .column
                .map(|node| self.pair_arg(node, lane, from, out.len()))
            {
                Some(Arg::Float(In::Each(values))) => values,
                _ => &self.ones[..out.len()],
            };
            bound += factor.abs() * term.column.map_or(1.0, |node| self.bound(node, lane, 4));
            match terms.get_mut(few) {
                Some(slot) => {
                    *slot = (factor, column);
                    few += 1;
                }
                None => many.push((factor, column)),
            }
        }
        if many.is_empty() {
            linear::add_up(first, &terms[..few], out);
        } else {
            let all: Vec<_> = terms.into_iter().chain(many).collect();
            linear::add_up(first, &all, out);
        }
        finite(bound)
    }

    /// No value of the node along the reps is greater than this without its sign; infinite, or no
    /// number, where that is not found out in so many steps.
    fn bound(&self, node: N, lane: usize, steps: usize) -> f64 {
        let own = &self.program().nodes[node.ix()];
        let of = |arg: N| self.bound(arg, lane, steps - 1);
        match own.sides {
            Sides::NONE | Sides::CUSTOMER => match self.customer_value(node, lane) {
                Scalar::Float(value) => value.abs(),
                _ => f64::INFINITY,
            },
            Sides::REP => self.greatest[node.ix()],
            _ if self.tables.holds(node) => {
                self.row(node).map_or(f64::INFINITY, |row| row.greatest)
            }
            _ if steps == 0 => f64::INFINITY,
            _ => match (&own.op, own.args.as_ref()) {
                (Op::Arithmetic(Arithmetic::Float(op)), &[a, b]) => match op {
                    FloatOp::Add | FloatOp::Subtract => of(a) + of(b),
                    FloatOp::Multiply => of(a) * of(b),
                    FloatOp::Divide => of(a) / self.least[b.ix()],
                    _ => f64::INFINITY,
                },
                (Op::Logic(Logic::Select(Ty::Float)), &[_, a, b]) => match (of(a), of(b)) {
                    (a, b) if a >= b => a,
                    (a, b) if b >= a => b,
                    _ => f64::INFINITY,
                },
                _ => f64::INFINITY,
            },
        }
    }

    /// Goes over the reps in batches for one customer of the block: `take` gets each batch when it
    /// is computed, `bad` the reps of the pairs that defer. The tables stand at the customer:
    /// [`Self::look_up`] comes before.
    fn each(
        &mut self,
        lane: usize,
        mut bad: impl FnMut(usize),
        mut take: impl FnMut(&Self, usize, N),
    ) {
        let program = self.program();
        let PairAnswer { value, invalid } = match program.pair {
            Some(pair) if !self.run.unfit && !self.customer_missing[lane] => pair,
            _ => return (0..self.along.count).for_each(bad),
        };
        for from in (0..self.along.count).step_by(BATCH) {
            let count = BATCH.min(self.along.count - from);
            self.compute(lane, from, count);
            take(self, from, value);
            match self.pair_arg(invalid, lane, from, count) {
                Arg::Bool(In::All(false)) => {}
                invalid => {
                    let invalid = invalid.bools();
                    (0..count)
                        .filter(|at| invalid.at(*at))
                        .for_each(|at| bad(from + at));
                }
            }
        }
        if let Some(missing) = &self.along.missing {
            (missing.iter().enumerate())
                .filter(|(_, missing)| **missing)
                .for_each(|(at, _)| bad(at));
        }
    }
}

/// A bound as it may be told: infinite where it is beyond what can be relied upon.
fn finite(bound: f64) -> f64 {
    // Some terms are rounded up on the way, each by far less than this all together.
    match bound * 1.001 {
        bound if bound < f64::MAX / 2.0 => bound,
        _ => f64::INFINITY, // or no number at all
    }
}
