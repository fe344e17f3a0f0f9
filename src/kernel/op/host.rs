//! Host functions that have no operation of their own: called once per distinct arguments.
//!
//! The function is the very one that the interpreter calls, so the answer is exact by
//! construction; the kernel saves the interpreter and the repetitions. A failing call marks its
//! rows. Results keep their kind: [`HostOp::Is`] tells it, [`HostOp::Get`] takes the content.

use std::fmt;
use std::sync::Arc;

use crate::language::Value;

use super::super::context::Context;
use super::super::lanes::{Arg, Lanes, Scalar, Ty};

/// An argument of a host function.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::kernel) enum HostArg {
    /// The next operand of the node.
    Operand(Ty),
    /// The same for every row.
    Value(Value),
    /// An array in which values differ.
    Array(Vec<HostArg>),
    /// A map in which values differ.
    Map(Vec<(Arc<str>, HostArg)>),
}

impl HostArg {
    /// The argument for a row, given the next operand of that type; `None` where there is none.
    pub(in crate::kernel) fn value(
        &self,
        next: &mut impl FnMut(Ty) -> Option<Value>,
    ) -> Option<Value> {
        Some(match self {
            Self::Operand(ty) => next(*ty)?,
            Self::Value(value) => value.clone(),
            Self::Array(items) => Value::Array(
                (items.iter())
                    .map(|item| item.value(next))
                    .collect::<Option<_>>()?,
            ),
            Self::Map(entries) => Value::Map(Arc::new(
                (entries.iter())
                    .map(|(key, item)| Some((key.clone(), item.value(next)?)))
                    .collect::<Option<_>>()?,
            )),
        })
    }
}

/// A call as a program makes it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::kernel) struct HostCall {
    pub(in crate::kernel) name: &'static str,
    /// Its number in the table of host functions.
    pub(in crate::kernel) index: usize,
    pub(in crate::kernel) arguments: Vec<HostArg>,
    /// Whether it reads the book, the moment or the offset, so that it cannot be folded.
    pub(in crate::kernel) ambient: bool,
}

/// An operation around host functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum HostOp {
    /// The call of that number in the program.
    Call(u32),
    /// Whether the call failed.
    Fails,
    /// Whether the result is of that kind; `None` for `()`.
    Is(Option<Ty>),
    /// The content of a result of that kind.
    Get(Ty),
}

impl HostOp {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Call(_) => Ty::Host,
            Self::Fails | Self::Is(_) => Ty::Bool,
            Self::Get(ty) => ty,
        }
    }

    pub(super) const fn folds(self) -> bool {
        false
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes, cx: &mut Context<'_>) {
        match self {
            Self::Call(call) => {
                for (lane, out) in out.words_mut().iter_mut().enumerate() {
                    let key: Vec<Scalar> = args.iter().map(|arg| arg.at(lane)).collect();
                    *out = cx.call(call, &key);
                }
            }
            Self::Fails => each(args[0], out.bools_mut(), |at| cx.result(at).is_none()),
            Self::Is(ty) => each(args[0], out.bools_mut(), |at| {
                cx.result(at).is_some_and(|value| is(value, ty))
            }),
            Self::Get(ty) => get(ty, args[0], out, cx),
        }
    }
}

fn each<T>(arg: Arg<'_>, out: &mut [T], f: impl Fn(u32) -> T) {
    let at = arg.words();
    for (lane, out) in out.iter_mut().enumerate() {
        *out = f(at.at(lane));
    }
}

fn is(value: &Value, ty: Option<Ty>) -> bool {
    matches!(
        (value, ty),
        (Value::Unit, None)
            | (Value::Bool(_), Some(Ty::Bool))
            | (Value::Int(_), Some(Ty::Int))
            | (Value::Float(_), Some(Ty::Float))
            | (Value::Text(_), Some(Ty::Text))
            | (Value::Time(_), Some(Ty::Time))
            | (Value::Array(_) | Value::Map(_), Some(Ty::Host))
    )
}

fn get(ty: Ty, arg: Arg<'_>, out: &mut Lanes, cx: &mut Context<'_>) {
    let at = arg.words();
    for lane in 0..out.len() {
        let scalar = match cx.result(at.at(lane)).cloned() {
            Some(value) => cx.scalar(&value).unwrap_or(Scalar::zero(ty)),
            None => Scalar::zero(ty),
        };
        out.set(lane, scalar);
    }
}

impl fmt::Display for HostOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => write!(f, "call {call}"),
            Self::Fails => f.write_str("call fails"),
            Self::Is(None) => f.write_str("is ()"),
            Self::Is(Some(ty)) => write!(f, "is {}", ty.name()),
            Self::Get(ty) => write!(f, "get {}", ty.name()),
        }
    }
}
