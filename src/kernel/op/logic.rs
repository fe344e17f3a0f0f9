//! Logic on masks, and the choice between two values by one.
//!
//! Short circuit costs nothing here: the right side is computed on every row, and what it would
//! have failed on counts only where the left side let it run.

use std::fmt;

use super::super::lanes::{Arg, Lanes, Ty, map, select, zip};

/// A logic operation of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum Logic {
    Not,
    And,
    Or,
    Xor,
    /// The second operand where the first holds, else the third.
    Select(Ty),
}

impl Logic {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Select(ty) => ty,
            _ => Ty::Bool,
        }
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes) {
        match self {
            Self::Not => map(args[0].bools(), out.bools_mut(), |a| !a),
            Self::And => zip(args[0].bools(), args[1].bools(), out.bools_mut(), |a, b| {
                a & b
            }),
            Self::Or => zip(args[0].bools(), args[1].bools(), out.bools_mut(), |a, b| {
                a | b
            }),
            Self::Xor => zip(args[0].bools(), args[1].bools(), out.bools_mut(), |a, b| {
                a ^ b
            }),
            Self::Select(_) => {
                let mask = args[0].bools();
                match out {
                    Lanes::Bool(out) => select(mask, args[1].bools(), args[2].bools(), out),
                    Lanes::Word(out) => select(mask, args[1].words(), args[2].words(), out),
                    Lanes::Long(out) => select(mask, args[1].longs(), args[2].longs(), out),
                    Lanes::Float(out) => select(mask, args[1].floats(), args[2].floats(), out),
                    Lanes::Set(out) => select(mask, args[1].sets(), args[2].sets(), out),
                }
            }
        }
    }
}

impl fmt::Display for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Not => "not",
            Self::And => "and",
            Self::Or => "or",
            Self::Xor => "xor",
            Self::Select(_) => "select",
        })
    }
}
