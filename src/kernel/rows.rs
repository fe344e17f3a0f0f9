//! Running a program over the rows of one side, a batch at a time.
//!
//! Every node of the program is computed for a whole batch before the next one, in buffers that
//! stay in the cache. The cost is rows times nodes, a fraction of a nanosecond each.

use crate::language::Side;
use crate::model::{RoleIx, View};

use super::lanes::{Arg, In, Scalar};
use super::op::Op;
use super::program::{N, Program, Sides};
use super::results::RowResults;
use super::run::{Rows, Run};
use super::slots::{self, BATCH, Buffers, with_args};

impl Program {
    /// The nodes whose values leave the program.
    pub(super) fn outputs(&self) -> std::collections::BTreeSet<N> {
        if let Some(pair) = self.pair {
            return std::collections::BTreeSet::from([pair.value, pair.invalid]);
        }
        let mut outputs = std::collections::BTreeSet::from([self.deferred]);
        for answer in &self.answers {
            answer.visit(&mut |node| {
                outputs.insert(node);
            });
        }
        outputs
    }

    /// The side whose rows a hook with one record takes.
    fn side(&self) -> Side {
        if self.nodes.iter().any(|node| node.sides == Sides::REP) {
            Side::Rep
        } else {
            Side::Customer
        }
    }

    /// Answers for rows of the side that the hook reads. A hook of pairs defers them all.
    ///
    /// Who asks for batch after batch binds the program once, by [`RowRun`].
    pub(crate) fn rows(
        &self,
        view: &View,
        rows: &[u32],
        role: Option<RoleIx>,
        out: &mut RowResults,
    ) {
        RowRun::new(self, view, role).run(rows, out);
    }
}

/// A program of one record bound to a view.
#[derive(Debug, Clone)]
pub(crate) struct RowRun<'v> {
    run: Run<'v>,
    outputs: Vec<N>,
    buffers: Buffers,
    /// Every row is the interpreter's.
    unfit: bool,
}

impl<'v> RowRun<'v> {
    /// Binds a program; takes time linear in the program.
    pub(crate) fn new(program: &'v Program, view: &'v View, role: Option<RoleIx>) -> Self {
        let run = Run::new(program, view, role);
        let pairs = program.nodes.iter().any(|node| node.sides == Sides::PAIR);
        Self {
            unfit: run.unfit || pairs || program.pair.is_some(),
            run,
            outputs: program.outputs().into_iter().collect(),
            buffers: program.slots.buffers(0),
        }
    }

    /// Answers for rows of the side that the hook reads.
    pub(crate) fn run(&mut self, rows: &[u32], out: &mut RowResults) {
        let program = self.run.program;
        out.start(program, &self.outputs);
        if self.unfit {
            out.deferred_mut().resize(rows.len(), true);
            return;
        }
        let side = program.side();
        for batch in rows.chunks(BATCH) {
            self.buffers.resize(batch.len());
            let rows = Rows::new(batch);
            self.run.compute(rows, &mut self.buffers);
            let from = out.len();
            for (output, node) in self.outputs.iter().enumerate() {
                let arg = self.run.arg(*node, rows, &self.buffers);
                if *node == program.deferred {
                    match arg {
                        Arg::Bool(In::Each(values)) => out.deferred_mut().extend(values),
                        other => {
                            let deferred = matches!(other.at(0), Scalar::Bool(true));
                            out.deferred_mut().resize(from + batch.len(), deferred);
                        }
                    }
                }
                out.extend(output, arg, batch.len(), &self.run.cx);
            }
            self.run
                .mark_missing(side, batch, &mut out.deferred_mut()[from..]);
        }
    }
}

impl Run<'_> {
    /// Computes the nodes that have buffers for one batch of rows.
    pub(super) fn compute(&mut self, rows: Rows<'_>, buffers: &mut Buffers) {
        let program = self.program;
        for (at, node) in program.nodes.iter().enumerate() {
            let Some(slot) = program.slots.get(N(at as u32)) else {
                continue;
            };
            let mut out = buffers.take(slot);
            match &node.op {
                Op::Source(_) => {
                    if self.borrowed(N(at as u32), rows).is_none() {
                        self.load(N(at as u32), rows, &mut out);
                    }
                }
                op => {
                    let mut cx = std::mem::take(&mut self.cx);
                    with_args(
                        &node.args,
                        |arg| self.arg(arg, rows, buffers),
                        |args| op.eval(args, &mut out, &mut cx),
                    );
                    self.cx = cx;
                }
            }
            buffers.slots[slot] = out;
        }
    }

    /// The values of a node for a batch that has been computed so far.
    pub(super) fn arg<'a>(&'a self, node: N, rows: Rows<'_>, buffers: &'a Buffers) -> Arg<'a> {
        let program = self.program;
        if let Some(column) = self.borrowed(node, rows) {
            return Arg::Float(column);
        }
        match program.slots.get(node) {
            Some(slot) => buffers.slots[slot].arg(),
            None => slots::all(self.scalars[node.ix()], program.nodes[node.ix()].ty),
        }
    }
}
