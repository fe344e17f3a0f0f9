//! Building a program: each operation once, constants folded, logic simplified.
//!
//! Nodes are numbered in the order of need, so that a program runs from front to back. A node that
//! was made before with the same operands is that node again. Building takes time linear in the
//! number of requests.

use std::collections::HashMap;

use crate::language::Side;
use crate::syntax::Span;

use super::context::Context;
use super::lanes::{Arg, Lanes, Scalar, Ty};
use super::op::Op;
use super::op::host::HostCall;
use super::op::logic::Logic;
use super::op::source::{Constant, Source};
use super::program::{N, Node, Sides};

/// A program under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) nodes: Vec<Node>,
    pub(super) calls: Vec<HostCall>,
    index: HashMap<(Op, Box<[N]>), N>,
    /// What the source says that is being lowered.
    pub(super) span: Span,
    fold: Context<'static>,
}

impl Builder {
    pub(super) fn new(span: Span) -> Self {
        let mut builder = Self {
            nodes: Vec::new(),
            calls: Vec::new(),
            index: HashMap::new(),
            span,
            fold: Context::detached(),
        };
        builder.bool(false);
        builder.bool(true);
        builder
    }

    /// The mask of no row.
    pub(super) const FALSE: N = N(0);
    /// The mask of all rows.
    pub(super) const TRUE: N = N(1);

    pub(super) fn ty(&self, node: N) -> Ty {
        self.nodes[node.ix()].ty
    }

    pub(super) fn constant(&mut self, constant: Constant) -> N {
        self.node(Op::Source(Source::Constant(constant)), &[])
    }

    pub(super) fn bool(&mut self, bool: bool) -> N {
        self.constant(Constant::Bool(bool))
    }

    /// The constant that a node is.
    pub(super) fn known(&self, node: N) -> Option<&Constant> {
        match &self.nodes[node.ix()].op {
            Op::Source(Source::Constant(constant)) => Some(constant),
            _ => None,
        }
    }

    /// The number of a host call.
    pub(super) fn call(&mut self, call: HostCall) -> u32 {
        let at = match self.calls.iter().position(|known| *known == call) {
            Some(at) => at,
            None => {
                self.calls.push(call);
                self.calls.len() - 1
            }
        };
        u32::try_from(at).unwrap_or(u32::MAX) // limits allow a few thousand calls
    }

    /// The node of that operation on those operands.
    pub(super) fn node(&mut self, op: Op, args: &[N]) -> N {
        let key = (op, Box::from(args));
        if let Some(&node) = self.index.get(&key) {
            return node;
        }
        if let Some(constant) = self.folded(&key.0, args) {
            return self.constant(constant);
        }
        let own = match &key.0 {
            Op::Source(source) => Sides::of(source.side()),
            _ => Sides::NONE,
        };
        let sides = (args.iter()).fold(own, |sides, arg| sides | self.nodes[arg.ix()].sides);
        let node = N(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)); // bounded by MAX_NODES
        self.nodes.push(Node {
            ty: key.0.ty(),
            op: key.0.clone(),
            args: key.1.clone(),
            sides,
            span: self.span,
        });
        self.index.insert(key, node);
        node
    }

    fn folded(&mut self, op: &Op, args: &[N]) -> Option<Constant> {
        if args.is_empty() || !op.folds() {
            return None;
        }
        let constants: Vec<Constant> = (args.iter())
            .map(|arg| self.known(*arg).cloned())
            .collect::<Option<_>>()?;
        self.result(op, &constants)
    }

    /// What an operation that folds gives for constants, where that is a constant.
    fn result(&mut self, op: &Op, operands: &[Constant]) -> Option<Constant> {
        let operands: Vec<Arg<'_>> = (operands.iter())
            .map(|constant| Arg::from(self.fold.constant(constant)))
            .collect();
        let mut out = Lanes::new(op.ty(), 1);
        op.eval(&operands, &mut out, &mut self.fold);
        Some(match (out.arg().at(0), op.ty()) {
            (Scalar::Bool(x), _) => Constant::Bool(x),
            (Scalar::Long(x), Ty::Time) => Constant::Time(x),
            (Scalar::Long(x), _) => Constant::Int(x),
            (Scalar::Float(x), _) => Constant::Float(x),
            (Scalar::Word(x), Ty::Text) => Constant::Text(self.fold.texts.text(x).into()),
            _ => return None,
        })
    }

    pub(super) fn not(&mut self, a: N) -> N {
        match &self.nodes[a.ix()] {
            Node {
                op: Op::Logic(Logic::Not),
                args,
                ..
            } => args[0],
            _ => self.node(Op::Logic(Logic::Not), &[a]),
        }
    }

    /// Whether one is the negation of the other.
    fn opposed(&self, a: N, b: N) -> bool {
        let negates = |a: N, b: N| {
            let node = &self.nodes[a.ix()];
            node.op == Op::Logic(Logic::Not) && node.args[0] == b
        };
        negates(a, b) || negates(b, a)
    }

    /// Whether `a` is a conjunction with `b` among its parts.
    fn includes(&self, a: N, b: N, operation: Logic) -> bool {
        let node = &self.nodes[a.ix()];
        node.op == Op::Logic(operation)
            && (node.args.iter()).any(|&arg| arg == b || self.includes(arg, b, operation))
    }

    /// The same for the negation of `b`.
    fn excludes(&self, a: N, b: N, operation: Logic) -> bool {
        let node = &self.nodes[a.ix()];
        node.op == Op::Logic(operation)
            && (node.args.iter())
                .any(|&arg| self.opposed(arg, b) || self.excludes(arg, b, operation))
    }

    pub(super) fn and(&mut self, a: N, b: N) -> N {
        match (a, b) {
            (Self::FALSE, _) | (_, Self::FALSE) => Self::FALSE,
            (Self::TRUE, other) | (other, Self::TRUE) => other,
            _ if a == b => a,
            _ if self.opposed(a, b) => Self::FALSE,
            _ if self.excludes(a, b, Logic::And) || self.excludes(b, a, Logic::And) => Self::FALSE,
            _ if self.absent_is(a, b, Self::FALSE) => b,
            _ if self.absent_is(b, a, Self::FALSE) => a,
            _ if self.includes(a, b, Logic::And) => a,
            _ if self.includes(b, a, Logic::And) => b,
            _ => self.node(Op::Logic(Logic::And), &[a.min(b), a.max(b)]),
        }
    }

    pub(super) fn or(&mut self, a: N, b: N) -> N {
        match (a, b) {
            (Self::TRUE, _) | (_, Self::TRUE) => Self::TRUE,
            (Self::FALSE, other) | (other, Self::FALSE) => other,
            _ if a == b => a,
            _ if self.opposed(a, b) => Self::TRUE,
            _ if self.excludes(a, b, Logic::Or) || self.excludes(b, a, Logic::Or) => Self::TRUE,
            _ if self.includes(a, b, Logic::Or) || self.includes(b, a, Logic::And) => a,
            _ if self.includes(b, a, Logic::Or) || self.includes(a, b, Logic::And) => b,
            _ => self.node(Op::Logic(Logic::Or), &[a.min(b), a.max(b)]),
        }
    }

    pub(super) fn and_not(&mut self, a: N, b: N) -> N {
        let not = self.not(b);
        self.and(a, not)
    }

    /// Whether `value` is `other` where the field is absent of which `present` is the presence:
    /// `customer.employees ?? 0` and `customer.region == "east"` are so on the column as it is.
    fn absent_is(&mut self, present: N, value: N, other: N) -> bool {
        /// A larger part is not worth the search.
        const MOST_NODES: u32 = 24;
        let Op::Source(Source::Present { side, name }) = &self.nodes[present.ix()].op else {
            return false;
        };
        let Some(other) = self.known(other).cloned() else {
            return false;
        };
        let (side, name) = (*side, name.clone());
        self.at_absent(value, side, &name, &mut { MOST_NODES }) == Some(other)
    }

    /// What a node is where a field is absent, its column holding zero; `None` where that depends
    /// on anything else.
    fn at_absent(
        &mut self,
        node: N,
        side: Side,
        name: &str,
        patience: &mut u32,
    ) -> Option<Constant> {
        *patience = patience.checked_sub(1)?;
        let Node { op, args, .. } = self.nodes[node.ix()].clone();
        match &op {
            Op::Source(Source::Constant(constant)) => Some(constant.clone()),
            Op::Source(Source::Field {
                side: of,
                name: field,
                kind,
                ..
            }) if *of == side && **field == *name => Constant::zero(*kind),
            Op::Source(Source::Present {
                side: of,
                name: field,
            }) if *of == side && **field == *name => Some(Constant::Bool(false)),
            op if op.folds() => {
                let operands: Vec<Constant> = (args.iter())
                    .map(|arg| self.at_absent(*arg, side, name, patience))
                    .collect::<Option<_>>()?;
                self.result(op, &operands)
            }
            _ => None,
        }
    }

    /// `a` where the mask holds, else `b`.
    pub(super) fn select(&mut self, mask: N, a: N, b: N) -> N {
        match mask {
            Self::TRUE => return a,
            Self::FALSE => return b,
            _ if a == b => return a,
            _ => {}
        }
        let negated = match &self.nodes[mask.ix()] {
            Node {
                op: Op::Logic(Logic::Not),
                args,
                ..
            } => Some(args[0]),
            _ => None,
        };
        if let Some(mask) = negated {
            return self.select(mask, b, a);
        }
        match (a, b) {
            (a, b) if self.absent_is(mask, a, b) => a,
            (Self::TRUE, b) => self.or(mask, b),
            (a, Self::FALSE) => self.and(mask, a),
            (Self::FALSE, b) => self.and_not(b, mask),
            (a, Self::TRUE) => {
                let not = self.not(mask);
                self.or(not, a)
            }
            _ => {
                // What an inner choice by the same mask cannot take is dropped.
                let b = match &self.nodes[b.ix()] {
                    Node {
                        op: Op::Logic(Logic::Select(_)),
                        args,
                        ..
                    } if args[0] == mask => args[2],
                    _ => b,
                };
                let a = match &self.nodes[a.ix()] {
                    Node {
                        op: Op::Logic(Logic::Select(_)),
                        args,
                        ..
                    } if args[0] == mask => args[1],
                    _ => a,
                };
                if a == b {
                    return a;
                }
                let ty = self.ty(a);
                self.node(Op::Logic(Logic::Select(ty)), &[mask, a, b])
            }
        }
    }
}
