//! The operations of a program, by family.
//!
//! Each family is one file that says everything about its operations: which values of a script
//! they take (the typing rule), what they compute, and where they defer. All are total: where the
//! interpreter would fail, the value is arbitrary and a second operation says on which rows.

pub(super) mod arithmetic;
pub(super) mod compare;
pub(super) mod host;
pub(super) mod logic;
pub(super) mod sets;
pub(super) mod source;
pub(super) mod texts;

use std::fmt;

use super::context::Context;
use super::lanes::{Arg, Lanes, Ty};

/// What a node of a program computes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Op {
    /// A constant, a field, a parameter: no operands.
    Source(source::Source),
    Arithmetic(arithmetic::Arithmetic),
    Compare(compare::Compare),
    Logic(logic::Logic),
    Sets(sets::SetOp),
    Text(texts::TextOp),
    Host(host::HostOp),
}

impl Op {
    /// The type of the result.
    pub(super) fn ty(&self) -> Ty {
        match self {
            Self::Source(op) => op.ty(),
            Self::Arithmetic(op) => op.ty(),
            Self::Compare(op) => op.ty(),
            Self::Logic(op) => op.ty(),
            Self::Sets(op) => op.ty(),
            Self::Text(op) => op.ty(),
            Self::Host(op) => op.ty(),
        }
    }

    /// Computes `lanes` lanes.
    pub(super) fn eval(&self, args: &[Arg<'_>], out: &mut Lanes, cx: &mut Context<'_>) {
        match self {
            Self::Source(_) => {} // loaded by the run, which knows the rows
            Self::Arithmetic(op) => op.eval(args, out),
            Self::Compare(op) => op.eval(args, out, cx),
            Self::Logic(op) => op.eval(args, out),
            Self::Sets(op) => op.eval(args, out, cx),
            Self::Text(op) => op.eval(args, out, cx),
            Self::Host(op) => op.eval(args, out, cx),
        }
    }

    /// Whether the result depends on the operands alone, so that constants fold.
    pub(super) fn folds(&self) -> bool {
        match self {
            Self::Source(_) => false,
            Self::Host(op) => op.folds(),
            Self::Sets(op) => op.folds(),
            _ => true,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(op) => op.fmt(f),
            Self::Arithmetic(op) => op.fmt(f),
            Self::Compare(op) => op.fmt(f),
            Self::Logic(op) => op.fmt(f),
            Self::Sets(op) => op.fmt(f),
            Self::Text(op) => op.fmt(f),
            Self::Host(op) => op.fmt(f),
        }
    }
}
