//! What an expression stands for while it is lowered: a few alternatives, each with the rows on
//! which it holds.
//!
//! A field that may be absent is two alternatives, its values and `()`; `if c { 1 } else { 2.5 }`
//! is an int where `c` and a float where not. Operations work on alternatives in pairs, so that
//! presence and mixed kinds need no rules of their own. There is one alternative per kind of lane.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::language::{Side, Value};

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::program::N;

/// What an alternative is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    Unit,
    /// A value of a lane, of the node's type.
    Lane(N),
    /// An array of known length.
    Array(Rc<[Val]>),
    Map(Rc<BTreeMap<Arc<str>, Val>>),
    Record(Side),
    /// `params`, or a map in it: the path to it and its default.
    Params(Rc<[Arc<str>]>, Value),
    /// `start..end`, as an operand of `in`: the bounds and whether the last is in it.
    Range(N, N, bool),
}

/// An alternative and the rows on which it holds; no two of a value hold on the same row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alt {
    pub(super) when: N,
    pub(super) atom: Atom,
}

/// A value: on each row one of its alternatives, unless the row defers.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Val {
    pub(super) alts: Vec<Alt>,
}

impl From<Atom> for Val {
    fn from(atom: Atom) -> Self {
        Self {
            alts: vec![Alt {
                when: Builder::TRUE,
                atom,
            }],
        }
    }
}

impl Val {
    pub(super) fn lane(node: N) -> Self {
        Atom::Lane(node).into()
    }

    pub(super) fn unit() -> Self {
        Atom::Unit.into()
    }

    /// A value on the rows of `present`, `()` on the others.
    pub(super) fn optional(builder: &mut Builder, present: N, node: N) -> Self {
        let absent = builder.not(present);
        Self {
            alts: vec![
                Alt {
                    when: present,
                    atom: Atom::Lane(node),
                },
                Alt {
                    when: absent,
                    atom: Atom::Unit,
                },
            ],
        }
    }

    /// The one alternative, where there is no other.
    pub(super) fn only(&self) -> Option<&Atom> {
        match self.alts.as_slice() {
            [alt] => Some(&alt.atom),
            _ => None,
        }
    }

    /// The rows on which it is `()`.
    pub(super) fn absent(&self) -> N {
        (self.alts.iter())
            .find(|alt| alt.atom == Atom::Unit)
            .map_or(Builder::FALSE, |alt| alt.when)
    }

    /// Without its `()`.
    pub(super) fn without_unit(&self) -> Self {
        let alts = self.alts.iter().filter(|alt| alt.atom != Atom::Unit);
        Self {
            alts: alts.cloned().collect(),
        }
        .settled()
    }

    /// Adds an alternative for rows that no other has.
    pub(super) fn add(&mut self, builder: &mut Builder, when: N, atom: Atom) {
        if when == Builder::FALSE {
            return;
        }
        let own = self
            .alts
            .iter_mut()
            .find(|alt| same_kind(builder, &alt.atom, &atom));
        let Some(own) = own else {
            self.alts.push(Alt { when, atom });
            return;
        };
        own.atom = join(builder, when, &atom, &own.atom);
        own.when = builder.or(own.when, when);
    }

    /// A lone alternative holds everywhere: where it does not, the row defers anyway.
    pub(super) fn settled(mut self) -> Self {
        if let [alt] = self.alts.as_mut_slice() {
            alt.when = Builder::TRUE;
        }
        self
    }

    /// `a` on the rows of the mask, `b` on the others.
    pub(super) fn choose(builder: &mut Builder, mask: N, a: &Self, b: &Self) -> Self {
        match mask {
            Builder::TRUE => return a.clone(),
            Builder::FALSE => return b.clone(),
            _ if a == b => return a.clone(),
            _ if a.alts.is_empty() => return b.clone(), // every row of it defers
            _ if b.alts.is_empty() => return a.clone(),
            _ => {}
        }
        let mut out = Self::default();
        for left in &a.alts {
            let right = b
                .alts
                .iter()
                .find(|alt| same_kind(builder, &alt.atom, &left.atom));
            let (when, atom) = match right {
                Some(right) => (
                    builder.select(mask, left.when, right.when),
                    join(builder, mask, &left.atom, &right.atom),
                ),
                None => (builder.and(mask, left.when), left.atom.clone()),
            };
            out.alts.push(Alt { when, atom });
        }
        for right in &b.alts {
            if !(a.alts.iter()).any(|alt| same_kind(builder, &alt.atom, &right.atom)) {
                let when = builder.and_not(right.when, mask);
                out.alts.push(Alt {
                    when,
                    atom: right.atom.clone(),
                });
            }
        }
        out.alts.retain(|alt| alt.when != Builder::FALSE);
        out.settled()
    }
}

/// Whether two alternatives can be one, chosen by a mask.
fn same_kind(builder: &Builder, a: &Atom, b: &Atom) -> bool {
    match (a, b) {
        (Atom::Lane(a), Atom::Lane(b)) => builder.ty(*a) == builder.ty(*b),
        (Atom::Array(a), Atom::Array(b)) => a.len() == b.len(),
        (Atom::Map(a), Atom::Map(b)) => a.keys().eq(b.keys()),
        (a, b) => a == b,
    }
}

/// `a` on the rows of the mask, else `b`; of one kind.
fn join(builder: &mut Builder, mask: N, a: &Atom, b: &Atom) -> Atom {
    match (a, b) {
        (Atom::Lane(a), Atom::Lane(b)) => Atom::Lane(builder.select(mask, *a, *b)),
        (Atom::Array(a), Atom::Array(b)) => Atom::Array(
            (a.iter().zip(b.iter()))
                .map(|(a, b)| Val::choose(builder, mask, a, b))
                .collect(),
        ),
        (Atom::Map(a), Atom::Map(b)) => Atom::Map(Rc::new(
            (a.iter().zip(b.values()))
                .map(|((key, a), b)| (key.clone(), Val::choose(builder, mask, a, b)))
                .collect(),
        )),
        (a, _) => a.clone(),
    }
}

impl Atom {
    /// The type of the lane, where it is one.
    pub(super) fn ty(&self, builder: &Builder) -> Option<(Ty, N)> {
        match self {
            Self::Lane(node) => Some((builder.ty(*node), *node)),
            _ => None,
        }
    }
}
