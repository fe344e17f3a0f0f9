//! Sums of products along the reps in one pass.
//!
//! Most scores end as `a·x + b·y - c·z + …` with numbers of the customer before columns of reps or
//! rows of tables. Node by node that is a pass over memory for each operation; here it is one. The
//! order of the additions is kept, and negation, exchange of sides and multiplication by one are
//! exact, so that every bit is as before.

use super::lanes::Ty;
use super::op::Op;
use super::op::arithmetic::{Arithmetic, FloatOp, NumberOp};
use super::op::logic::Logic;
use super::program::{N, Program, Sides};

/// `sign · scale · column`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) sign: f64,
    /// A number of the customer or of the run; one where `None`.
    pub(super) scale: Option<N>,
    /// What runs along the reps; one everywhere where `None`.
    pub(super) column: Option<N>,
}

/// A sum, in order.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    pub(super) terms: Vec<Term>,
}

impl Linear {
    /// The node as a sum of at least two terms or a product, where it is one that is not in a
    /// table.
    pub(super) fn plan(program: &Program, root: N, tabled: impl Fn(N) -> bool) -> Option<Self> {
        let open = |node: N| {
            let own = &program.nodes[node.ix()];
            own.sides == Sides::PAIR && own.ty == Ty::Float && !tabled(node)
        };
        if !open(root) {
            return None;
        }
        let planner = Planner {
            program,
            open: &open,
        };
        let terms = planner.sum(root);
        let whole =
            matches!(terms.as_slice(), [Term { column: Some(column), .. }] if *column == root);
        (!whole).then_some(Self { terms })
    }
}

/// What a root comes down to: through choices that a customer decides for all reps.
pub(super) fn leaves(program: &Program, root: N, tabled: &impl Fn(N) -> bool) -> Vec<N> {
    match choice(program, root, tabled) {
        Some((_, a, b)) => {
            let mut all = leaves(program, a, tabled);
            all.extend(leaves(program, b, tabled));
            all
        }
        None => vec![root],
    }
}

/// The mask and the sides of a choice that a customer decides for all reps.
pub(super) fn choice(program: &Program, root: N, tabled: impl Fn(N) -> bool) -> Option<(N, N, N)> {
    let node = &program.nodes[root.ix()];
    match (&node.op, node.args.as_ref()) {
        (Op::Logic(Logic::Select(Ty::Float)), &[mask, a, b])
            if node.sides == Sides::PAIR
                && !tabled(root)
                && matches!(
                    program.nodes[mask.ix()].sides,
                    Sides::NONE | Sides::CUSTOMER
                ) =>
        {
            Some((mask, a, b))
        }
        _ => None,
    }
}

struct Planner<'a> {
    program: &'a Program,
    open: &'a dyn Fn(N) -> bool,
}

impl Planner<'_> {
    fn parts(&self, node: N) -> Option<(FloatOp, N, N)> {
        match &self.program.nodes[node.ix()] {
            own if !(self.open)(node) || own.args.len() != 2 => None,
            own => match own.op {
                Op::Arithmetic(Arithmetic::Float(op)) => Some((op, own.args[0], own.args[1])),
                _ => None,
            },
        }
    }

    fn sum(&self, node: N) -> Vec<Term> {
        let (left, right, sign) = match self.parts(node) {
            Some((FloatOp::Add, left, right)) => (left, right, 1.0),
            Some((FloatOp::Subtract, left, right)) => (left, right, -1.0),
            _ => return vec![self.term(node)],
        };
        let (mut first, mut second) = (self.sum(left), self.sum(right));
        second.iter_mut().for_each(|term| term.sign *= sign);
        match (first.len(), second.len()) {
            (_, 1) => {
                first.extend(second);
                first
            }
            // x + y is y + x; but -(y - z) is no -y + z, where that is a zero with a sign.
            (1, _) if sign > 0.0 => {
                second.extend(first);
                second
            }
            _ => {
                first.push(Term {
                    sign,
                    scale: None,
                    column: Some(right),
                });
                first
            }
        }
    }

    fn term(&self, node: N) -> Term {
        let sides = |node: N| self.program.nodes[node.ix()].sides;
        let of_customer = |node: N| matches!(sides(node), Sides::NONE | Sides::CUSTOMER);
        if of_customer(node) {
            return Term {
                sign: 1.0,
                scale: Some(node),
                column: None,
            };
        }
        if let Some((FloatOp::Multiply, a, b)) = self.parts(node) {
            if of_customer(a) {
                return Term {
                    sign: 1.0,
                    scale: Some(a),
                    column: Some(b),
                };
            }
            if of_customer(b) {
                return Term {
                    sign: 1.0,
                    scale: Some(b),
                    column: Some(a),
                };
            }
        }
        let own = &self.program.nodes[node.ix()];
        if (self.open)(node) && own.op == Op::Arithmetic(Arithmetic::Number(NumberOp::NegateFloat))
        {
            let inner = self.term(own.args[0]);
            return Term {
                sign: -inner.sign,
                ..inner
            };
        }
        Term {
            sign: 1.0,
            scale: None,
            column: Some(node),
        }
    }
}

/// What a pass adds its columns to.
#[derive(Debug, Clone, Copy)]
enum Start {
    Nothing,
    /// The same number for all lanes.
    Number(f64),
    /// What the pass before left.
    Sum,
}

/// Adds up terms along the lanes, after a number where there is one: for each its factor and its
/// column.
pub(super) fn add_up(first: Option<f64>, terms: &[(f64, &[f64])], out: &mut [f64]) {
    let mut start = first.map_or(Start::Nothing, Start::Number);
    if terms.is_empty() {
        out.fill(first.unwrap_or(0.0));
    }
    for terms in terms.chunks(4) {
        match *terms {
            [a] => by_last([a.0], [a.1], start, out),
            [a, b] => by_last([a.0, b.0], [a.1, b.1], start, out),
            [a, b, c] => by_last([a.0, b.0, c.0], [a.1, b.1, c.1], start, out),
            [a, b, c, d, ..] => {
                by_last([a.0, b.0, c.0, d.0], [a.1, b.1, c.1, d.1], start, out);
            }
            [] => {}
        }
        start = Start::Sum;
    }
}

/// Many sums end in a column as it is, `… - rep.workload`: that one is not multiplied.
#[inline(always)]
fn by_last<const K: usize>(factors: [f64; K], columns: [&[f64]; K], start: Start, out: &mut [f64]) {
    match factors.last() {
        Some(1.0) => pass::<K, 1>(factors, columns, start, out),
        Some(-1.0) => pass::<K, -1>(factors, columns, start, out),
        _ => pass::<K, 0>(factors, columns, start, out),
    }
}

/// One pass over `K` columns, the last of which is added or taken away as it is where `LAST` is
/// not 0.
#[inline(always)]
fn pass<const K: usize, const LAST: i8>(
    factors: [f64; K],
    columns: [&[f64]; K],
    start: Start,
    out: &mut [f64],
) {
    const STEP: usize = 8;
    let columns = columns.map(|column| &column[..out.len()]);
    let chunks = columns.map(|column| column.as_chunks::<STEP>());
    let (steps, rest) = out.as_chunks_mut::<STEP>();
    let term = |k: usize, x: f64| match LAST {
        1 if k + 1 == K => x,
        -1 if k + 1 == K => -x,
        _ => factors[k] * x,
    };
    for (at, out) in steps.iter_mut().enumerate() {
        // Whole steps at a time, in registers: sums of fixed size are what vectorises.
        let mut sum = chunks[0].0[at].map(|x| term(0, x));
        match start {
            Start::Nothing => {}
            Start::Number(number) => add(&mut sum, &[number; STEP]),
            Start::Sum => add(&mut sum, out),
        }
        for (k, chunk) in chunks.iter().enumerate().skip(1) {
            add(&mut sum, &chunk.0[at].map(|x| term(k, x)));
        }
        *out = sum;
    }
    for (at, out) in rest.iter_mut().enumerate() {
        let mut sum = term(0, chunks[0].1[at]);
        match start {
            Start::Nothing => {}
            Start::Number(number) => sum += number,
            Start::Sum => sum += *out,
        }
        for (k, chunk) in chunks.iter().enumerate().skip(1) {
            sum += term(k, chunk.1[at]);
        }
        *out = sum;
    }
}

#[inline(always)]
fn add<const STEP: usize>(sum: &mut [f64; STEP], other: &[f64; STEP]) {
    for (sum, other) in sum.iter_mut().zip(other) {
        *sum += other;
    }
}
