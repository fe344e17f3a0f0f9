//! A lowered hook: the nodes in order, what they give, and the listing.
//!
//! A program knows no book; a run binds it to one. It is immutable and shared between threads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::BitOr;
use std::sync::Arc;

use crate::language::{Side, Value};
use crate::syntax::Span;

use super::build::Builder;
use super::decision::Decisions;
use super::lanes::Ty;
use super::op::Op;
use super::op::host::{HostArg, HostCall};
use super::op::source::Source;
use super::slots::Slots;

/// The number of a node of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct N(pub(super) u32);

impl N {
    pub(super) const fn ix(self) -> usize {
        self.0 as usize
    }
}

/// Which records a node depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sides(u8);

impl Sides {
    /// The same for a whole run.
    pub(super) const NONE: Self = Self(0);
    pub(super) const CUSTOMER: Self = Self(1);
    pub(super) const REP: Self = Self(2);
    pub(super) const PAIR: Self = Self(3);

    pub(super) const fn of(side: Option<Side>) -> Self {
        match side {
            None => Self::NONE,
            Some(Side::Customer) => Self::CUSTOMER,
            Some(Side::Rep) => Self::REP,
        }
    }
}

impl BitOr for Sides {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// One operation and its operands, all of them earlier nodes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) args: Box<[N]>,
    pub(super) ty: Ty,
    pub(super) sides: Sides,
    pub(super) span: Span,
}

/// What a program gives: for each row the one of these that holds there.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) when: N,
    pub(super) shape: Shape,
}

/// A result, or a part of one.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Unit,
    /// A value of the node's type.
    Node(N),
    Array(Vec<Vec<Answer>>),
    Map(BTreeMap<Arc<str>, Vec<Answer>>),
}

/// What a hook of pairs gives, as one number or one verdict.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairAnswer {
    /// A float, or a bool: the score or the verdict.
    pub(super) value: N,
    /// The pairs that defer, or whose answer is of another kind.
    pub(super) invalid: N,
}

/// A hook as a program over columns.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(super) name: Arc<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) calls: Vec<HostCall>,
    pub(super) answers: Vec<Answer>,
    /// The rows that are the interpreter's.
    pub(super) deferred: N,
    /// The same answers for pairs, where the hook is one of pairs.
    pub(super) pair: Option<PairAnswer>,
    /// The buffers of its nodes when it runs over rows.
    pub(super) slots: Slots,
    /// What a run over many rows looks up instead of computing it.
    pub(super) decisions: Decisions,
}

/// What a hook reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Names of fields of the customer.
    pub(crate) customer: BTreeSet<Arc<str>>,
    /// Names of fields of the rep.
    pub(crate) rep: BTreeSet<Arc<str>>,
    /// Parameters, by their path in `params` joined with points.
    pub(crate) parameters: BTreeSet<String>,
    /// Names of lookup tables.
    pub(crate) tables: BTreeSet<Arc<str>>,
    /// Whether it depends on the moment.
    pub(crate) now: bool,
    /// Whether it depends on the role.
    pub(crate) role: bool,
}

impl Program {
    /// Keeps what the answers need, in order.
    pub(super) fn finish(
        name: Arc<str>,
        builder: Builder,
        mut answers: Vec<Answer>,
        deferred: N,
        pair: Option<PairAnswer>,
    ) -> Self {
        if pair.is_some() {
            answers.clear(); // pairs give one number or verdict
        }
        let mut needed = vec![false; builder.nodes.len()];
        let mut mark = |node: N| needed[node.ix()] = true;
        mark(deferred);
        for node in pair.iter().flat_map(|pair| [pair.value, pair.invalid]) {
            mark(node);
        }
        answers.iter().for_each(|answer| answer.visit(&mut mark));
        for at in (0..needed.len()).rev() {
            if needed[at] {
                for arg in &builder.nodes[at].args {
                    needed[arg.ix()] = true;
                }
            }
        }
        let mut place = vec![N(0); needed.len()];
        let mut nodes = Vec::new();
        for (at, mut node) in builder.nodes.into_iter().enumerate() {
            if needed[at] {
                place[at] = N(u32::try_from(nodes.len()).unwrap_or(u32::MAX)); // fewer than before
                node.args.iter_mut().for_each(|arg| *arg = place[arg.ix()]);
                nodes.push(node);
            }
        }
        for answer in &mut answers {
            answer.renumber(&place);
        }
        let mut program = Self {
            name,
            nodes,
            calls: builder.calls,
            answers,
            deferred: place[deferred.ix()],
            pair: pair.map(|pair| PairAnswer {
                value: place[pair.value.ix()],
                invalid: place[pair.invalid.ix()],
            }),
            slots: Slots::default(),
            decisions: Decisions::default(),
        };
        let outputs = program.outputs();
        if program.pair.is_none() {
            program.decisions = Decisions::plan(&program.nodes, &outputs);
            program.slots = Slots::new(
                &program.nodes,
                |node| program.nodes[node.ix()].sides != Sides::NONE,
                |node| program.nodes[node.ix()].args.to_vec(),
                |node| outputs.contains(&node),
            );
        }
        program
    }

    /// What the hook reads, whatever the interpreter would skip.
    pub(crate) fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        for node in &self.nodes {
            let Op::Source(source) = &node.op else {
                continue;
            };
            match source {
                Source::Field { side, name, .. } | Source::Present { side, name, .. } => {
                    match side {
                        Side::Customer => reads.customer.insert(name.clone()),
                        Side::Rep => reads.rep.insert(name.clone()),
                    };
                }
                Source::Parameter { path, .. } => {
                    reads.parameters.insert(path.join("."));
                }
                Source::Now => reads.now = true,
                Source::Role => reads.role = true,
                Source::Constant(_) => {}
            }
        }
        for call in &self.calls {
            match (call.name, call.arguments.first()) {
                ("lookup", Some(HostArg::Value(Value::Text(table)))) => {
                    reads.tables.insert(table.clone());
                }
                ("days_since", _) => reads.now = true,
                _ => {}
            }
        }
        reads
    }
}

impl Answer {
    pub(super) fn visit(&self, f: &mut impl FnMut(N)) {
        f(self.when);
        match &self.shape {
            Shape::Unit => {}
            Shape::Node(node) => f(*node),
            Shape::Array(items) => items.iter().flatten().for_each(|item| item.visit(f)),
            Shape::Map(entries) => entries.values().flatten().for_each(|item| item.visit(f)),
        }
    }

    pub(super) fn renumber(&mut self, place: &[N]) {
        self.when = place[self.when.ix()];
        match &mut self.shape {
            Shape::Unit => {}
            Shape::Node(node) => *node = place[node.ix()],
            Shape::Array(items) => {
                (items.iter_mut().flatten()).for_each(|item| item.renumber(place));
            }
            Shape::Map(entries) => {
                (entries.values_mut().flatten()).for_each(|item| item.renumber(place));
            }
        }
    }
}

/// A program beside the source that it was lowered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing<'a> {
    program: &'a Program,
    source: &'a str,
}

impl Program {
    /// The listing with what of the source each line stands for, instead of its place in bytes.
    pub(crate) const fn listing<'a>(&'a self, source: &'a str) -> Listing<'a> {
        Listing {
            program: self,
            source,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, place: impl Fn(Span) -> String) -> fmt::Result {
        writeln!(f, "{}:", self.name)?;
        for (at, node) in self.nodes.iter().enumerate() {
            let sides = match node.sides {
                Sides::NONE => "run",
                Sides::CUSTOMER => "customer",
                Sides::REP => "rep",
                _ => "pair",
            };
            let mut line = format!("%{at:<4} {sides:<8} {:<5} {}", node.ty.name(), node.op);
            for arg in &node.args {
                line.push_str(&format!(" %{}", arg.0));
            }
            writeln!(f, "  {line:<60}; {}", place(node.span))?;
        }
        for part in &self.decisions.parts {
            writeln!(f, "  {part}")?;
        }
        for answer in &self.answers {
            writeln!(f, "  answer where %{}: {:?}", answer.when.0, answer.shape)?;
        }
        if let Some(pair) = self.pair {
            return writeln!(
                f,
                "  answer %{}, deferred where %{}",
                pair.value.0, pair.invalid.0
            );
        }
        writeln!(f, "  deferred where %{}", self.deferred.0)
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.program.write(f, |span| {
            let before = self.source.get(..span.start as usize).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let text = self.source.get(span.range()).unwrap_or("");
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let short: String = text.chars().take(48).collect();
            format!("{line}: {short}")
        })
    }
}

/// One line per node: its number, the records it depends on, its type, the operation, and the
/// bytes of the source that it stands for.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |span| format!("{}..{}", span.start, span.end))
    }
}
