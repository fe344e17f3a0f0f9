//! Arithmetic on ints and floats.
//!
//! Ints are checked: where an operation overflows or divides by zero the interpreter fails, so
//! [`Arithmetic::Fails`] marks the row. Int and float mix to float. Floats never fail.

use std::fmt;

use crate::script::builtins::operators::{shift_left, shift_right};
use crate::syntax::ast::BinaryOperator;

use super::super::lanes::{Arg, Lanes, Ty, map, zip};

/// An operation on ints, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum IntOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Min,
    Max,
}

/// An operation on floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum FloatOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    /// The first where it is not greater, else the second; NaN is never kept first.
    Min,
    Max,
}

/// An operation on one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum NumberOp {
    /// `-int`, checked; also `abs` fails on the same operand.
    NegateInt,
    AbsInt,
    /// Whether the int is the least one, which has no negative.
    LeastInt,
    SignInt,
    ToFloat,
    NegateFloat,
    AbsFloat,
    Round,
    Floor,
    Ceil,
    Truncate,
    Sqrt,
    Exp,
    Ln,
    ToInt,
    /// Whether the float has no int of its own.
    ToIntFails,
    Finite,
}

/// An arithmetic operation of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum Arithmetic {
    Int(IntOp),
    /// Whether the same operation fails.
    Fails(IntOp),
    Float(FloatOp),
    Number(NumberOp),
}

/// What an operator does with two numbers, by the kinds of its sides.
pub(in crate::kernel) const fn operator(
    operator: BinaryOperator,
) -> Option<(IntOp, Option<FloatOp>)> {
    Some(match operator {
        BinaryOperator::Add => (IntOp::Add, Some(FloatOp::Add)),
        BinaryOperator::Subtract => (IntOp::Subtract, Some(FloatOp::Subtract)),
        BinaryOperator::Multiply => (IntOp::Multiply, Some(FloatOp::Multiply)),
        BinaryOperator::Divide => (IntOp::Divide, Some(FloatOp::Divide)),
        BinaryOperator::Modulo => (IntOp::Modulo, Some(FloatOp::Modulo)),
        BinaryOperator::Power => (IntOp::Power, Some(FloatOp::Power)),
        BinaryOperator::BitAnd => (IntOp::And, None),
        BinaryOperator::BitOr => (IntOp::Or, None),
        BinaryOperator::BitXor => (IntOp::Xor, None),
        BinaryOperator::ShiftLeft => (IntOp::ShiftLeft, None),
        BinaryOperator::ShiftRight => (IntOp::ShiftRight, None),
        _ => return None,
    })
}

impl IntOp {
    /// Whether there are ints on which it fails.
    pub(in crate::kernel) const fn can_fail(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo | Self::Power
        )
    }

    /// The interpreter's result, or `None` where it fails.
    fn checked(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Divide => a.checked_div(b),
            Self::Modulo => a.checked_rem(b),
            Self::Power => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            Self::And => Some(a & b),
            Self::Or => Some(a | b),
            Self::Xor => Some(a ^ b),
            Self::ShiftLeft => Some(shift_left(a, b)),
            Self::ShiftRight => Some(shift_right(a, b)),
            Self::Min => Some(a.min(b)),
            Self::Max => Some(a.max(b)),
        }
    }
}

impl Arithmetic {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Int(_)
            | Self::Number(
                NumberOp::NegateInt | NumberOp::AbsInt | NumberOp::SignInt | NumberOp::ToInt,
            ) => Ty::Int,
            Self::Fails(_)
            | Self::Number(NumberOp::LeastInt | NumberOp::ToIntFails | NumberOp::Finite) => {
                Ty::Bool
            }
            Self::Float(_) | Self::Number(_) => Ty::Float,
        }
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes) {
        match self {
            Self::Int(op) => {
                let (a, b, out) = (args[0].longs(), args[1].longs(), out.longs_mut());
                match op {
                    // Where these overflow the row defers, so that wrapping is as good and vectorises.
                    IntOp::Add => zip(a, b, out, i64::wrapping_add),
                    IntOp::Subtract => zip(a, b, out, i64::wrapping_sub),
                    IntOp::Multiply => zip(a, b, out, i64::wrapping_mul),
                    IntOp::And => zip(a, b, out, |a, b| a & b),
                    IntOp::Or => zip(a, b, out, |a, b| a | b),
                    IntOp::Xor => zip(a, b, out, |a, b| a ^ b),
                    IntOp::Min => zip(a, b, out, i64::min),
                    IntOp::Max => zip(a, b, out, i64::max),
                    _ => zip(a, b, out, |a, b| op.checked(a, b).unwrap_or(0)),
                }
            }
            Self::Fails(op) => {
                let (a, b, out) = (args[0].longs(), args[1].longs(), out.bools_mut());
                match op {
                    IntOp::Add => zip(a, b, out, |a, b| a.overflowing_add(b).1),
                    IntOp::Subtract => zip(a, b, out, |a, b| a.overflowing_sub(b).1),
                    _ => zip(a, b, out, |a, b| op.checked(a, b).is_none()),
                }
            }
            Self::Float(op) => {
                let (a, b, out) = (args[0].floats(), args[1].floats(), out.floats_mut());
                match op {
                    FloatOp::Add => zip(a, b, out, |a, b| a + b),
                    FloatOp::Subtract => zip(a, b, out, |a, b| a - b),
                    FloatOp::Multiply => zip(a, b, out, |a, b| a * b),
                    FloatOp::Divide => zip(a, b, out, |a, b| a / b),
                    FloatOp::Modulo => zip(a, b, out, |a, b| a % b),
                    FloatOp::Power => zip(a, b, out, f64::powf),
                    FloatOp::Min => zip(a, b, out, |a, b| if a <= b { a } else { b }),
                    FloatOp::Max => zip(a, b, out, |a, b| if a >= b { a } else { b }),
                }
            }
            Self::Number(op) => op.eval(args[0], out),
        }
    }
}

impl NumberOp {
    fn eval(self, arg: Arg<'_>, out: &mut Lanes) {
        match self {
            Self::NegateInt => map(arg.longs(), out.longs_mut(), i64::wrapping_neg),
            Self::AbsInt => map(arg.longs(), out.longs_mut(), i64::wrapping_abs),
            Self::LeastInt => map(arg.longs(), out.bools_mut(), |a| a == i64::MIN),
            Self::SignInt => map(arg.longs(), out.longs_mut(), i64::signum),
            #[expect(
                clippy::cast_precision_loss,
                reason = "the interpreter mixes int and float so"
            )]
            Self::ToFloat => map(arg.longs(), out.floats_mut(), |a| a as f64),
            Self::NegateFloat => map(arg.floats(), out.floats_mut(), |a| -a),
            Self::AbsFloat => map(arg.floats(), out.floats_mut(), f64::abs),
            Self::Round => map(arg.floats(), out.floats_mut(), f64::round),
            Self::Floor => map(arg.floats(), out.floats_mut(), f64::floor),
            Self::Ceil => map(arg.floats(), out.floats_mut(), f64::ceil),
            Self::Truncate => map(arg.floats(), out.floats_mut(), f64::trunc),
            Self::Sqrt => map(arg.floats(), out.floats_mut(), f64::sqrt),
            Self::Exp => map(arg.floats(), out.floats_mut(), f64::exp),
            Self::Ln => map(arg.floats(), out.floats_mut(), f64::ln),
            #[expect(clippy::cast_possible_truncation, reason = "rows out of range defer")]
            Self::ToInt => map(arg.floats(), out.longs_mut(), |a| a as i64),
            // Nearer to the borders than this, the row is the interpreter's to judge.
            Self::ToIntFails => map(arg.floats(), out.bools_mut(), |a| {
                !(a > -9.2e18 && a < 9.2e18)
            }),
            Self::Finite => map(arg.floats(), out.bools_mut(), f64::is_finite),
        }
    }
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(op) => write!(f, "int {op:?}"),
            Self::Fails(op) => write!(f, "fails {op:?}"),
            Self::Float(op) => write!(f, "float {op:?}"),
            Self::Number(op) => write!(f, "{op:?}"),
        }
    }
}
