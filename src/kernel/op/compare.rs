//! Comparisons, by the kinds of their sides.
//!
//! Ints, moments and bools compare exactly, texts by their bytes, floats by Rhai's relative
//! epsilon (see [`crate::language::edge`]). Unlike kinds are unequal and in no order, except int and float,
//! which compare as floats. None fails.

use std::fmt;

use crate::language::edge::{self, Relation};

use super::super::context::Context;
use super::super::lanes::{Arg, In, Lanes, Ty, map, zip};

/// A comparison of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum Compare {
    /// Two ints, or two moments.
    Int(Relation),
    /// Two floats by the full rule; borders where one side is the same for all lanes.
    Float(Relation),
    /// Two floats as hardware compares them, as some host functions do.
    Plain(Relation),
    Bool(Relation),
    /// Two texts by number: equality only.
    SameText,
    /// Two texts by their bytes.
    Text(Relation),
    /// Exactly the same float, as `switch` matches.
    SameFloat,
    /// `low <= x && x < high` on floats, plainly, as a range in `switch` matches.
    Between {
        inclusive: bool,
    },
}

macro_rules! by_relation {
    ($relation:expr, $a:expr, $b:expr, $out:expr, $($key:expr)?) => {
        match $relation {
            Relation::Equal => zip($a, $b, $out, |a, b| a == b),
            Relation::NotEqual => zip($a, $b, $out, |a, b| a != b),
            Relation::Less => zip($a, $b, $out, |a, b| a < b),
            Relation::LessOrEqual => zip($a, $b, $out, |a, b| a <= b),
            Relation::Greater => zip($a, $b, $out, |a, b| a > b),
            Relation::GreaterOrEqual => zip($a, $b, $out, |a, b| a >= b),
        }
    };
}

impl Compare {
    pub(super) const fn ty(self) -> Ty {
        Ty::Bool
    }

    pub(super) fn eval(self, args: &[Arg<'_>], out: &mut Lanes, cx: &mut Context<'_>) {
        let out = out.bools_mut();
        match self {
            Self::Int(relation) => {
                by_relation!(relation, args[0].longs(), args[1].longs(), out,);
            }
            Self::Bool(relation) => {
                by_relation!(relation, args[0].bools(), args[1].bools(), out,);
            }
            Self::Plain(relation) => {
                by_relation!(relation, args[0].floats(), args[1].floats(), out,);
            }
            Self::Float(relation) => floats(relation, args[0].floats(), args[1].floats(), out),
            Self::SameText => zip(args[0].words(), args[1].words(), out, |a, b| a == b),
            Self::Text(relation) => {
                let texts = &cx.texts;
                let (a, b) = (args[0].words(), args[1].words());
                zip(a, b, out, |a, b| {
                    let (a, b) = (texts.text(a), texts.text(b));
                    match relation {
                        Relation::Equal => a == b,
                        Relation::NotEqual => a != b,
                        Relation::Less => a < b,
                        Relation::LessOrEqual => a <= b,
                        Relation::Greater => a > b,
                        Relation::GreaterOrEqual => a >= b,
                    }
                });
            }
            Self::SameFloat => zip(args[0].floats(), args[1].floats(), out, |a, b| {
                a.to_bits() == b.to_bits()
            }),
            Self::Between { inclusive } => {
                let (x, low, high) = (args[0].floats(), args[1].floats(), args[2].floats());
                let (low, high) = (low.at(0), high.at(0)); // constants of the arm
                if inclusive {
                    map(x, out, |x| x >= low && x <= high);
                } else {
                    map(x, out, |x| x >= low && x < high);
                }
            }
        }
    }
}

fn floats(relation: Relation, a: In<'_, f64>, b: In<'_, f64>, out: &mut [bool]) {
    let (x, y, relation) = match (a, b) {
        (x, In::All(y)) if edge::has_borders(y) => (x, y, relation),
        (In::All(y), x) if edge::has_borders(y) => (x, y, relation.mirrored()),
        _ => {
            return match relation {
                Relation::Equal => zip(a, b, out, |a, b| edge::compare(Relation::Equal, a, b)),
                Relation::NotEqual => {
                    zip(a, b, out, |a, b| edge::compare(Relation::NotEqual, a, b));
                }
                Relation::Less => zip(a, b, out, |a, b| edge::compare(Relation::Less, a, b)),
                Relation::LessOrEqual => {
                    zip(a, b, out, |a, b| edge::compare(Relation::LessOrEqual, a, b));
                }
                Relation::Greater => zip(a, b, out, |a, b| edge::compare(Relation::Greater, a, b)),
                Relation::GreaterOrEqual => zip(a, b, out, |a, b| {
                    edge::compare(Relation::GreaterOrEqual, a, b)
                }),
            };
        }
    };
    let (low, high) = edge::borders(relation, y);
    if relation == Relation::NotEqual {
        map(x, out, |x| x.is_finite() & ((x < low) | (x > high)));
    } else if y == 0.0 && relation.holds_of_equals() {
        map(x, out, |x| !((x < low) | (x > high))); // NaN counts as zero there
    } else {
        map(x, out, |x| (x >= low) & (x <= high));
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(relation) => write!(f, "int {relation:?}"),
            Self::Float(relation) => write!(f, "float {relation:?}"),
            Self::Plain(relation) => write!(f, "plain {relation:?}"),
            Self::Bool(relation) => write!(f, "bool {relation:?}"),
            Self::Text(relation) => write!(f, "text {relation:?}"),
            Self::SameText => f.write_str("same text"),
            Self::SameFloat => f.write_str("same float"),
            Self::Between { .. } => f.write_str("between"),
        }
    }
}
