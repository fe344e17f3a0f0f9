//! Tags: membership, overlap, size; and days of moments.
//!
//! Sets are sorted numbers of texts, so that every test is a search or a merge. None fails.

use std::fmt;

use crate::model::Symbol;

use super::super::context::Context;
use super::super::lanes::{Arg, Lanes, Ty, map, zip};

/// An operation on tags or on a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum SetOp {
    /// Whether a text is in a set: set, text.
    Has,
    /// Whether two sets meet.
    HasAny,
    /// Whether the first set has all of the second.
    HasAll,
    /// How many texts two sets share.
    Overlap,
    /// How many texts a set has.
    Count,
    /// The number of a moment's calendar day at the plan's offset.
    Day,
}

impl SetOp {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Has | Self::HasAny | Self::HasAll => Ty::Bool,
            Self::Overlap | Self::Count | Self::Day => Ty::Int,
        }
    }

    /// A day depends on the run's offset.
    pub(super) const fn folds(self) -> bool {
        !matches!(self, Self::Day)
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes, cx: &Context<'_>) {
        let common = |a, b| overlap(cx.tags(a), cx.tags(b));
        match self {
            Self::Has => zip(args[0].sets(), args[1].words(), out.bools_mut(), |a, b| {
                has(cx.tags(a), Symbol(b))
            }),
            Self::HasAny => zip(args[0].sets(), args[1].sets(), out.bools_mut(), |a, b| {
                meets(cx.tags(a), cx.tags(b))
            }),
            Self::HasAll => zip(args[0].sets(), args[1].sets(), out.bools_mut(), |a, b| {
                common(a, b) == cx.tags(b).len()
            }),
            Self::Overlap => zip(args[0].sets(), args[1].sets(), out.longs_mut(), |a, b| {
                common(a, b).cast_signed() as i64
            }),
            Self::Count => map(args[0].sets(), out.longs_mut(), |a| {
                cx.tags(a).len().cast_signed() as i64
            }),
            Self::Day => {
                let offset = cx.offset_micros();
                map(args[0].longs(), out.longs_mut(), |at| {
                    (at + offset).div_euclid(86_400_000_000)
                });
            }
        }
    }
}

/// Whether the text is in the sorted set.
fn has(set: &[Symbol], text: Symbol) -> bool {
    if set.len() <= 8 {
        set.contains(&text)
    } else {
        set.binary_search(&text).is_ok()
    }
}

fn meets(a: &[Symbol], b: &[Symbol]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().any(|text| has(many, *text))
}

fn overlap(a: &[Symbol], b: &[Symbol]) -> usize {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().filter(|text| has(many, **text)).count()
}

impl fmt::Display for SetOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
