//! Host functions: the common ones as operations of their own, the others as calls
//! ([`super::generic`]).

use std::sync::Arc;

use crate::language::FunctionSpec;
use crate::language::edge::Relation;
use crate::syntax::Span;

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::arithmetic::{Arithmetic, FloatOp, IntOp, NumberOp};
use super::super::op::compare::Compare;
use super::super::op::sets::SetOp;
use super::super::op::source::{Constant, Source};
use super::super::program::N;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

impl Lowering<'_> {
    /// A call of a host function, alternative by alternative.
    pub(super) fn host_call(
        &mut self,
        name: &Arc<str>,
        arguments: Vec<Val>,
        span: Span,
    ) -> Lowered<Val> {
        let Some(spec) = FunctionSpec::named(name).filter(|spec| spec.takes(arguments.len()))
        else {
            return Err(refusal(span, "an unknown function", "see the errors"));
        };
        let mut out = Val::default();
        for (when, atoms) in self.combinations(&arguments) {
            self.b.span = span;
            let value = match self.operation(spec.name, when, &atoms, span)? {
                Some(value) => value,
                None => self.generic(spec, when, &atoms, span)?,
            };
            self.add_all(&mut out, when, &value);
        }
        Ok(out.settled())
    }

    /// The functions that are operations of their own.
    fn operation(
        &mut self,
        name: &str,
        when: N,
        atoms: &[Atom],
        span: Span,
    ) -> Lowered<Option<Val>> {
        let lanes: Vec<Option<(Ty, N)>> = atoms.iter().map(|atom| atom.ty(&self.b)).collect();
        let made = match (name, lanes.as_slice()) {
            ("min" | "max", [Some((a, x)), Some((b, y))]) if number(*a) && number(*b) => {
                let least = name == "min";
                if (*a, *b) == (Ty::Int, Ty::Int) {
                    let op = if least { IntOp::Min } else { IntOp::Max };
                    self.b.node(Op::Arithmetic(Arithmetic::Int(op)), &[*x, *y])
                } else {
                    let (x, y) = (self.float(*x), self.float(*y));
                    let op = if least { FloatOp::Min } else { FloatOp::Max };
                    self.b.node(Op::Arithmetic(Arithmetic::Float(op)), &[x, y])
                }
            }
            ("clamp", [Some((a, x)), Some((b, low)), Some((c, high))])
                if number(*a) && number(*b) && number(*c) =>
            {
                self.clamp(
                    when,
                    [*x, *low, *high],
                    [a, b, c].iter().all(|ty| **ty == Ty::Int),
                )
            }
            ("between", [Some((a, _)), Some((b, _)), Some((c, _))])
                if (number(*a) && number(*b) && number(*c)) || (a == b && b == c) =>
            {
                let low = self.compare(Relation::GreaterOrEqual, &atoms[0], &atoms[1], span)?;
                let high = self.compare(Relation::LessOrEqual, &atoms[0], &atoms[2], span)?;
                self.b.and(low, high)
            }
            ("days_between", [Some((Ty::Time, from)), Some((Ty::Time, to))]) => {
                self.days(*from, *to)
            }
            ("days_since", [Some((Ty::Time, from))]) => {
                let now = self.b.node(Op::Source(Source::Now), &[]);
                self.days(*from, now)
            }
            ("has_any" | "has_all" | "overlap", [_, _]) => {
                let (Some(a), Some(b)) = (self.set(&atoms[0]), self.set(&atoms[1])) else {
                    return Ok(None);
                };
                let op = match name {
                    "has_any" => SetOp::HasAny,
                    "has_all" => SetOp::HasAll,
                    _ => SetOp::Overlap,
                };
                self.b.node(Op::Sets(op), &[a, b])
            }
            ("has", [_, Some((Ty::Text, text))]) => {
                let Some(set) = self.set(&atoms[0]) else {
                    return Ok(None);
                };
                self.b.node(Op::Sets(SetOp::Has), &[set, *text])
            }
            ("len" | "is_empty", [Some((Ty::Tags, set))]) if self.is_field(*set) => {
                let count = self.b.node(Op::Sets(SetOp::Count), &[*set]);
                if name == "len" {
                    count
                } else {
                    let zero = self.b.constant(Constant::Int(0));
                    let equal = Op::Compare(Compare::Int(Relation::Equal));
                    self.b.node(equal, &[count, zero])
                }
            }
            ("one_of", [item, array])
                if array.is_none() || array.is_some_and(|a| a.0 == Ty::Tags) =>
            {
                if item.is_none() && atoms[0] == Atom::Unit {
                    Builder::FALSE
                } else {
                    let (within, item) = (atoms[1].clone().into(), atoms[0].clone().into());
                    self.under(when, |s| s.contains(&within, &item, span))?
                }
            }
            ("first" | "last", [None]) => {
                let Atom::Array(items) = &atoms[0] else {
                    return Ok(None);
                };
                let item = if name == "first" {
                    items.first()
                } else {
                    items.last()
                };
                return Ok(Some(item.cloned().unwrap_or(Val::unit())));
            }
            (_, [Some((ty, x))]) if number(*ty) => match self.of_number(name, when, *ty, *x) {
                Some(made) => made,
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(Val::lane(made)))
    }

    /// The functions of one number.
    fn of_number(&mut self, name: &str, when: N, ty: Ty, x: N) -> Option<N> {
        let int = ty == Ty::Int;
        Some(match (name, int) {
            ("abs", true) => {
                let least = self.number(NumberOp::LeastInt, x);
                let least = self.b.and(when, least);
                self.fail(least, "`abs` of the least int");
                self.number(NumberOp::AbsInt, x)
            }
            ("abs", false) => self.number(NumberOp::AbsFloat, x),
            ("sign", true) => self.number(NumberOp::SignInt, x),
            ("round" | "floor" | "ceil" | "ceiling" | "int" | "to_int", true)
            | ("to_float", false) => x,
            ("round", false) => self.number(NumberOp::Round, x),
            ("floor", false) => self.number(NumberOp::Floor, x),
            ("ceil" | "ceiling", false) => self.number(NumberOp::Ceil, x),
            ("int", false) => self.number(NumberOp::Truncate, x),
            ("to_float", true) => self.float(x),
            ("sqrt" | "exp" | "ln", _) => {
                let x = self.float(x);
                self.number(
                    match name {
                        "sqrt" => NumberOp::Sqrt,
                        "exp" => NumberOp::Exp,
                        _ => NumberOp::Ln,
                    },
                    x,
                )
            }
            ("to_int", false) => {
                let fails = self.number(NumberOp::ToIntFails, x);
                let fails = self.b.and(when, fails);
                self.fail(fails, "`to_int` of a number outside the range of ints");
                self.number(NumberOp::ToInt, x)
            }
            ("is_finite", false) => self.number(NumberOp::Finite, x),
            _ => return None,
        })
    }

    fn clamp(&mut self, when: N, [x, low, high]: [N; 3], ints: bool) -> N {
        let (x, low, high, less, ordered) = if ints {
            let less = Op::Compare(Compare::Int(Relation::Less));
            let ordered = Op::Compare(Compare::Int(Relation::LessOrEqual));
            (x, low, high, less, ordered)
        } else {
            let less = Op::Compare(Compare::Plain(Relation::Less));
            let ordered = Op::Compare(Compare::Plain(Relation::LessOrEqual));
            (
                self.float(x),
                self.float(low),
                self.float(high),
                less,
                ordered,
            )
        };
        let ordered = self.b.node(ordered, &[low, high]);
        let fails = self.b.and_not(when, ordered);
        self.fail(fails, "`clamp` with its bounds the wrong way round");
        let above = self.b.node(less.clone(), &[high, x]);
        let below = self.b.node(less, &[x, low]);
        let bounded = self.b.select(above, high, x);
        self.b.select(below, low, bounded)
    }

    /// Calendar days between two moments: both are in the years −9999 to 9999, so none overflows.
    fn days(&mut self, from: N, to: N) -> N {
        let from = self.b.node(Op::Sets(SetOp::Day), &[from]);
        let to = self.b.node(Op::Sets(SetOp::Day), &[to]);
        self.b.node(
            Op::Arithmetic(Arithmetic::Int(IntOp::Subtract)),
            &[to, from],
        )
    }

    /// Tags, or an array of known texts, as a set.
    fn set(&mut self, atom: &Atom) -> Option<N> {
        match atom {
            Atom::Lane(node) if self.b.ty(*node) == Ty::Tags => Some(*node),
            Atom::Array(items) => {
                let texts = self.known_texts(items)?;
                Some(self.b.constant(Constant::Tags(texts)))
            }
            _ => None,
        }
    }

    /// Whether tags come from a field: then no text is in them twice.
    fn is_field(&self, node: N) -> bool {
        matches!(self.b.nodes[node.ix()].op, Op::Source(Source::Field { .. }))
    }
}

const fn number(ty: Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Float)
}
