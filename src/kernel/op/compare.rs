//! Comparisons, by the kinds of their sides.
//!
//! Ints, moments and bools compare exactly, texts by their bytes, floats by Rhai's relative
//! epsilon (see [`crate::language::edge`]). Unlike kinds are unequal and in no order, except int and float,
//! which compare as floats. None fails.

use std::fmt;

use crate::language::edge::{self, Relation};

use super::super::context::Context;
use super::super::lanes::{Arg, In, Lanes, Scalar, Ty, map, zip};

/// A comparison of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// The comparison with its sides exchanged.
    pub(in crate::kernel) const fn mirrored(self) -> Option<Self> {
        Some(match self {
            Self::Int(relation) => Self::Int(relation.mirrored()),
            Self::Float(relation) => Self::Float(relation.mirrored()),
            Self::Plain(relation) => Self::Plain(relation.mirrored()),
            Self::Bool(relation) => Self::Bool(relation.mirrored()),
            Self::Text(relation) => Self::Text(relation.mirrored()),
            Self::SameText | Self::SameFloat => self,
            Self::Between { .. } => return None,
        })
    }

    /// A comparison that turns at the same values of its first side ([`Self::turns`]); `None`
    /// where they are not known.
    pub(in crate::kernel) const fn turning(self) -> Option<Self> {
        const fn positive(relation: Relation) -> Relation {
            match relation {
                Relation::NotEqual => Relation::Equal,
                Relation::Less => Relation::GreaterOrEqual,
                Relation::Greater => Relation::LessOrEqual,
                same => same,
            }
        }
        match self {
            Self::Int(relation) => Some(Self::Int(positive(relation))),
            Self::Plain(relation) => Some(Self::Plain(positive(relation))),
            // By the full rule these four turn at four places.
            Self::Float(Relation::NotEqual) => Some(Self::Float(Relation::Equal)),
            Self::Float(_) | Self::SameText => Some(self),
            Self::Bool(_) | Self::Text(_) | Self::SameFloat | Self::Between { .. } => None,
        }
    }

    /// Two comparisons that turn where one with two bounds does.
    pub(in crate::kernel) const fn bounds(self) -> Option<[Self; 2]> {
        let high = match self {
            Self::Between { inclusive: true } => Relation::LessOrEqual,
            Self::Between { inclusive: false } => Relation::GreaterOrEqual,
            _ => return None,
        };
        Some([Self::Plain(Relation::GreaterOrEqual), Self::Plain(high)])
    }

    /// How many values [`Self::turns`] has at most.
    pub(in crate::kernel) const fn most_turns(self) -> usize {
        match self {
            Self::Int(Relation::Equal) | Self::Plain(Relation::Equal) => 2,
            Self::Float(Relation::Equal) => 2,
            _ => 1,
        }
    }

    /// Where the answer turns, given the second side: from one of these values of the first side
    /// up to before the next, it is the same (infinities and NaN aside). For texts, those that are
    /// unlike all others. `None` where that is not known.
    pub(in crate::kernel) fn turns(self, other: Scalar) -> Option<Vec<Scalar>> {
        Some(match (self, other) {
            (Self::Int(relation), Scalar::Long(y)) => {
                let after = Scalar::Long(y.saturating_add(1)); // beyond the last there is nothing
                match relation {
                    Relation::GreaterOrEqual | Relation::Less => vec![other],
                    Relation::LessOrEqual | Relation::Greater => vec![after],
                    Relation::Equal | Relation::NotEqual => vec![other, after],
                }
            }
            (Self::Plain(relation), Scalar::Float(y)) if !y.is_nan() => {
                let after = Scalar::Float(y.next_up());
                match relation {
                    Relation::GreaterOrEqual | Relation::Less => vec![other],
                    Relation::LessOrEqual | Relation::Greater => vec![after],
                    Relation::Equal | Relation::NotEqual => vec![other, after],
                }
            }
            (Self::Float(relation), Scalar::Float(y)) if edge::has_borders(y) => {
                let (low, high) = edge::borders(relation, y);
                let ends = [low, high.next_up()].into_iter();
                // The ends of all floats are no turns.
                ends.filter(|end| end.is_finite() && *end != -f64::MAX)
                    .map(Scalar::Float)
                    .collect()
            }
            (Self::SameText, Scalar::Word(_)) => vec![other],
            _ => return None,
        })
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
