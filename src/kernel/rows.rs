//! Running a program over the rows of one side, a batch at a time.
//!
//! Every node of the program is computed for a whole batch before the next one, in buffers that
//! stay in the cache; with enough rows, parts with few cases are looked up in tables instead
//! ([`super::decision`]). The cost is rows times nodes, a fraction of a nanosecond each.

use std::collections::BTreeSet;

use crate::language::Side;
use crate::model::{RoleIx, View};

use super::decision::Table;
use super::lanes::{Arg, In, Scalar};
use super::op::Op;
use super::program::{N, Program, Sides};
use super::results::RowResults;
use super::run::{Rows, Run};
use super::slots::{self, BATCH, Buffers, Slots, with_args};

/// Tables cost as much as some dozens of rows without them.
const TABLES_FROM: usize = 64;

impl Program {
    /// The nodes whose values leave the program.
    pub(super) fn outputs(&self) -> BTreeSet<N> {
        if let Some(pair) = self.pair {
            return BTreeSet::from([pair.value, pair.invalid]);
        }
        let mut outputs = BTreeSet::from([self.deferred]);
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
    plain: Pass<'v>,
    tabled: Tabled<'v>,
    /// Every row is the interpreter's.
    unfit: bool,
}

/// The way with tables.
#[derive(Debug, Clone)]
enum Tabled<'v> {
    /// So few rows were asked about that nobody has tried.
    Untried,
    /// There is none.
    Not,
    Way(Pass<'v>),
}

impl<'v> RowRun<'v> {
    /// Binds a program; takes time linear in the program.
    pub(crate) fn new(program: &'v Program, view: &'v View, role: Option<RoleIx>) -> Self {
        let run = Run::new(program, view, role);
        let pairs = program.nodes.iter().any(|node| node.sides == Sides::PAIR);
        let unfit = run.unfit || pairs || program.pair.is_some();
        Self {
            tabled: match unfit || program.decisions.parts.is_empty() {
                true => Tabled::Not,
                false => Tabled::Untried,
            },
            unfit,
            run,
            outputs: program.outputs().into_iter().collect(),
            plain: Pass::new(&program.slots, Vec::new()),
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
        if rows.len() >= TABLES_FROM {
            self.bind_tables();
        }
        let pass = match &mut self.tabled {
            Tabled::Way(pass) if rows.len() >= TABLES_FROM => pass,
            _ => &mut self.plain,
        };
        for batch in rows.chunks(BATCH) {
            let rows = Rows::new(batch);
            pass.compute(&mut self.run, rows, batch.len());
            let from = out.len();
            for (output, node) in self.outputs.iter().enumerate() {
                let arg = pass.arg(&self.run, *node, rows);
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

    fn bind_tables(&mut self) {
        if !matches!(self.tabled, Tabled::Untried) {
            return;
        }
        let decisions = &self.run.program.decisions;
        let tables = (decisions.parts.iter()).map(|part| Table::new(part, &mut self.run));
        self.tabled = match tables.collect() {
            Some(tables) => Tabled::Way(Pass::new(&decisions.slots, tables)),
            None => Tabled::Not,
        };
    }
}

/// One way through a program: the buffers of its nodes, and its tables.
#[derive(Debug, Clone)]
struct Pass<'v> {
    slots: &'v Slots,
    buffers: Buffers,
    /// By part of the program's decisions; none on the plain way.
    tables: Vec<Table>,
}

impl<'v> Pass<'v> {
    fn new(slots: &'v Slots, tables: Vec<Table>) -> Self {
        Self {
            buffers: slots.buffers(0),
            slots,
            tables,
        }
    }

    /// Computes the nodes that have buffers for one batch of rows.
    fn compute(&mut self, run: &mut Run<'v>, rows: Rows<'_>, lanes: usize) {
        self.buffers.resize(lanes);
        let program = run.program;
        for (at, node) in program.nodes.iter().enumerate() {
            let at = N(at as u32); // a node's number is 32 bits
            let Some(slot) = self.slots.get(at) else {
                continue;
            };
            let mut out = self.buffers.take(slot);
            match (&node.op, program.decisions.place(at)) {
                (_, Some((part, root))) if !self.tables.is_empty() => {
                    let mut table = std::mem::take(&mut self.tables[part]);
                    if root == 0 {
                        table.find(lanes, |leaf| self.arg(run, leaf, rows));
                    }
                    if table.fixed(root).is_none() {
                        table.read(root, &mut out);
                    }
                    self.tables[part] = table;
                }
                (Op::Source(_), _) => {
                    if run.borrowed(at, rows).is_none() {
                        run.load(at, rows, &mut out);
                    }
                }
                (op, _) => {
                    let mut cx = std::mem::take(&mut run.cx);
                    with_args(
                        &node.args,
                        |arg| self.arg(run, arg, rows),
                        |args| op.eval(args, &mut out, &mut cx),
                    );
                    run.cx = cx;
                }
            }
            self.buffers.slots[slot] = out;
        }
    }

    /// The values of a node for a batch that has been computed so far.
    fn arg<'a>(&'a self, run: &'a Run<'v>, node: N, rows: Rows<'_>) -> Arg<'a> {
        let program = run.program;
        if let Some(column) = run.borrowed(node, rows) {
            return column;
        }
        if !self.tables.is_empty()
            && let Some((part, root)) = program.decisions.place(node)
            && let Some(fixed) = self.tables[part].fixed(root)
        {
            return Arg::from(fixed);
        }
        match self.slots.get(node) {
            Some(slot) => self.buffers.slots[slot].arg(),
            None => slots::all(run.scalars[node.ix()], program.nodes[node.ix()].ty),
        }
    }
}
