//! Making texts: joining two. Results are numbers of texts of the run, so that the next comparison
//! is one of numbers again; each pair of texts is joined once.
//!
//! Defers where the joined text is longer than a script may make.

use std::fmt;

use super::super::context::Context;
use super::super::lanes::{Arg, In, Lanes, Ty};

/// An operation that makes texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum TextOp {
    Join,
    /// Whether joining them makes a text of more than that many bytes.
    JoinFails {
        limit: usize,
    },
}

impl TextOp {
    pub(super) const fn ty(self) -> Ty {
        match self {
            Self::Join => Ty::Text,
            Self::JoinFails { .. } => Ty::Bool,
        }
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes, cx: &mut Context<'_>) {
        let (a, b) = (args[0].words(), args[1].words());
        match self {
            Self::Join => {
                if let (In::All(a), In::All(b)) = (a, b) {
                    return out.words_mut().fill(cx.texts.join(a, b));
                }
                for (lane, out) in out.words_mut().iter_mut().enumerate() {
                    *out = cx.texts.join(a.at(lane), b.at(lane));
                }
            }
            Self::JoinFails { limit } => {
                for (lane, out) in out.bools_mut().iter_mut().enumerate() {
                    let bytes = cx.texts.text(a.at(lane)).len() + cx.texts.text(b.at(lane)).len();
                    *out = bytes > limit;
                }
            }
        }
    }
}

impl fmt::Display for TextOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Join => "join",
            Self::JoinFails { .. } => "too long to join",
        })
    }
}
