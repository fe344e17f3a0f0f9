//! A program of pairs over pairs that are known beforehand: present owners, and those chosen.
//!
//! Every node is computed along the list, a batch of pairs at a time, in the operations that
//! [`super::pairs`] runs along the reps: the same answers and the same deferrals, bit for bit.
//! Nothing is planned and nothing is shared between pairs, so that binding costs as much as the
//! program is long, and a pair as much as it has nodes.

use crate::language::Side;
use crate::model::{RoleIx, View};

use super::lanes::{Arg, In, Ty};
use super::op::Op;
use super::op::source::Source;
use super::program::{N, Program, Sides};
use super::run::{Rows, Run};
use super::slots::{self, BATCH, Buffers, Slots, with_args};

/// Both hooks of pairs bound to a view. Cloned, it works on another thread.
#[derive(Debug, Clone)]
pub(crate) struct ListScorer<'v> {
    eligible: Option<ListRun<'v>>,
    score: Option<ListRun<'v>>,
}

impl<'v> ListScorer<'v> {
    /// Binds the hooks; without `eligible` every pair is a candidate, without `score` scores are 0.
    pub(crate) fn new(
        eligible: Option<&'v Program>,
        score: Option<&'v Program>,
        view: &'v View,
        role: Option<RoleIx>,
    ) -> Self {
        let bind = |program| ListRun::new(program, view, role);
        Self {
            eligible: eligible.map(bind),
            score: score.map(bind),
        }
    }

    /// The score of each pair of rows, customer before rep; NaN for those that are no candidates,
    /// and for those that defer, whose indices are added to `deferred`.
    pub(crate) fn scores(
        &mut self,
        customers: &[u32],
        reps: &[u32],
        out: &mut [f64],
        deferred: &mut Vec<u32>,
    ) {
        let mut from = 0;
        let batches = customers.chunks(BATCH).zip(reps.chunks(BATCH));
        for ((customers, reps), out) in batches.zip(out.chunks_mut(BATCH)) {
            self.batch(customers, reps, out, |at| deferred.push((from + at) as u32));
            from += out.len();
        }
    }

    fn batch(
        &mut self,
        customers: &[u32],
        reps: &[u32],
        out: &mut [f64],
        mut defer: impl FnMut(usize),
    ) {
        match &mut self.score {
            None => out.fill(0.0),
            Some(score) => score.floats(customers, reps, out),
        }
        let Some(eligible) = &mut self.eligible else {
            // A score that is no finite number is the interpreter's to report.
            for (at, score) in out.iter_mut().enumerate() {
                if !score.is_finite() {
                    *score = f64::NAN;
                    defer(at);
                }
            }
            return;
        };
        let verdicts = eligible.verdicts(customers, reps);
        for (at, (score, verdict)) in out.iter_mut().zip(verdicts).enumerate() {
            match verdict {
                Verdict::Yes if score.is_finite() => continue,
                Verdict::No => {}
                Verdict::Yes | Verdict::Deferred => defer(at),
            }
            *score = f64::NAN;
        }
    }
}

/// What `eligible` says of a pair.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Yes,
    No,
    Deferred,
}

/// One hook.
#[derive(Debug, Clone)]
struct ListRun<'v> {
    run: Run<'v>,
    slots: Slots,
    buffers: Buffers,
    /// The pairs of the batch that defer.
    deferred: Vec<bool>,
}

impl<'v> ListRun<'v> {
    fn new(program: &'v Program, view: &'v View, role: Option<RoleIx>) -> Self {
        let outputs = program.outputs();
        let slots = Slots::new(
            &program.nodes,
            |node| program.nodes[node.ix()].sides != Sides::NONE,
            |node| program.nodes[node.ix()].args.to_vec(),
            |node| outputs.contains(&node),
        );
        Self {
            run: Run::new(program, view, role),
            buffers: slots.buffers(0),
            slots,
            deferred: Vec::new(),
        }
    }

    /// The scores of a batch; NaN for the pairs that defer.
    fn floats(&mut self, customers: &[u32], reps: &[u32], out: &mut [f64]) {
        let Some(value) = self.compute(Ty::Float, customers, reps) else {
            return out.fill(f64::NAN);
        };
        match self.arg(value) {
            Arg::Float(In::Each(values)) => out.copy_from_slice(&values[..out.len()]),
            Arg::Float(In::All(value)) => out.fill(value),
            _ => out.fill(f64::NAN), // its type is that of floats
        }
        for (score, deferred) in out.iter_mut().zip(&self.deferred) {
            if *deferred {
                *score = f64::NAN;
            }
        }
    }

    /// The verdicts of a batch.
    fn verdicts(&mut self, customers: &[u32], reps: &[u32]) -> impl Iterator<Item = Verdict> {
        let value = self.compute(Ty::Bool, customers, reps);
        let this = &*self;
        let values = value.map(|value| this.arg(value).bools());
        (0..customers.len()).map(move |at| match values {
            Some(values) if !this.deferred[at] => match values.at(at) {
                true => Verdict::Yes,
                false => Verdict::No,
            },
            _ => Verdict::Deferred,
        })
    }

    /// Computes a batch, and which of its pairs defer; the node of the answers, or nothing where
    /// the program does not give answers of that type here.
    fn compute(&mut self, ty: Ty, customers: &[u32], reps: &[u32]) -> Option<N> {
        let program = self.run.program;
        let pair = program.pair?;
        if self.run.unfit || program.nodes[pair.value.ix()].ty != ty {
            return None;
        }
        let lanes = customers.len();
        let rows = [Rows::new(customers), Rows::new(reps)];
        self.buffers.resize(lanes);
        for (at, node) in program.nodes.iter().enumerate() {
            let at = N(at as u32); // a node's number is 32 bits
            let Some(slot) = self.slots.get(at) else {
                continue;
            };
            let mut out = self.buffers.take(slot);
            match &node.op {
                Op::Source(Source::Field { side, .. } | Source::Present { side, .. }) => {
                    self.run.load(at, rows[*side as usize], &mut out);
                }
                op => {
                    let mut cx = std::mem::take(&mut self.run.cx);
                    with_args(
                        &node.args,
                        |arg| self.arg(arg),
                        |args| op.eval(args, &mut out, &mut cx),
                    );
                    self.run.cx = cx;
                }
            }
            self.buffers.slots[slot] = out;
        }
        let mut deferred = std::mem::take(&mut self.deferred);
        deferred.clear();
        match self.arg(pair.invalid).bools() {
            In::Each(values) => deferred.extend_from_slice(&values[..lanes]),
            In::All(all) => deferred.resize(lanes, all),
        }
        self.run
            .mark_missing(Side::Customer, customers, &mut deferred);
        self.run.mark_missing(Side::Rep, reps, &mut deferred);
        self.deferred = deferred;
        Some(pair.value)
    }

    fn arg(&self, node: N) -> Arg<'_> {
        match self.slots.get(node) {
            Some(slot) => self.buffers.slots[slot].arg(),
            None => slots::all(
                self.run.scalars[node.ix()],
                self.run.program.nodes[node.ix()].ty,
            ),
        }
    }
}
