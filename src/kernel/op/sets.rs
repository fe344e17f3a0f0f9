//! Tags: membership, overlap, size; and days of moments.
//!
//! Sets are sorted numbers of texts, so that every test is a search or a merge. None fails.

use std::fmt;

use crate::model::Symbol;

use super::super::context::Context;
use super::super::lanes::{Arg, In, Lanes, Scalar, Ty, map};

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
    /// The text at a place of a set, in the order of texts; the empty one beyond: set, place.
    Nth,
    /// The number of a moment's calendar day at the plan's offset.
    Day,
}

impl SetOp {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Has | Self::HasAny | Self::HasAll => Ty::Bool,
            Self::Overlap | Self::Count | Self::Day => Ty::Int,
            Self::Nth => Ty::Text,
        }
    }

    /// A day depends on the run's offset, and so does the order of texts on what they are there.
    pub(super) const fn folds(self) -> bool {
        !matches!(self, Self::Day | Self::Nth)
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes, cx: &mut Context<'_>) {
        if self != Self::Day
            && let Some(sets) = each(args[0])
            && let Some(other) = args.get(1).map_or(Some(0), |arg| one(*arg))
        {
            return self.remembered(sets, other, out, cx);
        }
        if self == Self::Day {
            let offset = cx.offset_micros();
            return map(args[0].longs(), out.longs_mut(), |at| {
                (at + offset).div_euclid(86_400_000_000)
            });
        }
        for lane in 0..out.len() {
            let other = args.get(1).map_or(0, |arg| arg.at(lane).bits());
            let answer = self.answer(args[0].sets().at(lane), other, cx);
            out.set(lane, self.scalar(answer));
        }
    }

    /// The answer for one set and, in `other`, one set, text or place.
    fn answer(self, set: u64, other: u64, cx: &Context<'_>) -> u32 {
        let own = cx.tags(set);
        let size = |tags: usize| u32::try_from(tags).unwrap_or(u32::MAX); // a set has at most 256
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "a text is 32 bits")]
            Self::Has => u32::from(has(own, Symbol(other as u32))),
            Self::HasAny => u32::from(meets(own, cx.tags(other))),
            Self::HasAll => u32::from(overlap(own, cx.tags(other)) == cx.tags(other).len()),
            Self::Overlap => size(overlap(own, cx.tags(other))),
            Self::Count | Self::Day => size(own.len()),
            Self::Nth => nth(own, other, cx).0,
        }
    }

    fn scalar(self, answer: u32) -> Scalar {
        match self.ty() {
            Ty::Bool => Scalar::Bool(answer != 0),
            Ty::Text => Scalar::Word(answer),
            _ => Scalar::Long(answer.into()),
        }
    }

    /// Sets are few and rows many: with the same other side, each set is asked about once a run.
    fn remembered(self, sets: &[u64], other: u64, out: &mut Lanes, cx: &mut Context<'_>) {
        const UNKNOWN: u32 = u32::MAX;
        let mut known = cx.take_answers((self, other));
        let mut at = |set: u64| {
            // Handles of the book's own sets are small; others would be a long table.
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is the set")]
            let place = set as u32 as usize;
            if set >> 32 > 1 {
                return self.answer(set, other, cx);
            }
            if place >= known.len() {
                known.resize(place + 1, UNKNOWN);
            }
            if known[place] == UNKNOWN {
                known[place] = self.answer(set, other, cx);
            }
            known[place]
        };
        match out {
            Lanes::Bool(out) => {
                for (out, set) in out.iter_mut().zip(sets) {
                    *out = at(*set) != 0;
                }
            }
            Lanes::Long(out) => {
                for (out, set) in out.iter_mut().zip(sets) {
                    *out = at(*set).into();
                }
            }
            Lanes::Word(out) => {
                for (out, set) in out.iter_mut().zip(sets) {
                    *out = at(*set);
                }
            }
            _ => {} // the types of these operations
        }
        cx.keep_answers((self, other), known);
    }
}

fn each(arg: Arg<'_>) -> Option<&[u64]> {
    match arg {
        Arg::Set(In::Each(sets)) => Some(sets),
        _ => None,
    }
}

/// The bits of a value that is the same for all lanes.
fn one(arg: Arg<'_>) -> Option<u64> {
    match arg {
        Arg::Set(In::All(set)) => Some(set),
        Arg::Word(In::All(text)) => Some(text.into()),
        Arg::Long(In::All(place)) => Some(place.cast_unsigned()),
        _ => None,
    }
}

/// The text at a place in the order of texts, which is that in which scripts see them.
fn nth(set: &[Symbol], place: u64, cx: &Context<'_>) -> Symbol {
    let mut ordered = set.to_vec();
    ordered.sort_unstable_by_key(|text| cx.texts.text(text.0));
    let at = usize::try_from(place).unwrap_or(usize::MAX);
    ordered.get(at).copied().unwrap_or(Symbol::EMPTY)
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
