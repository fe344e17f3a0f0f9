//! Operators on values: each pair of alternatives by the rule for its kinds.

use crate::language::Value;
use crate::language::edge::Relation;
use crate::syntax::Span;
use crate::syntax::ast::BinaryOperator;

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::arithmetic::{self, Arithmetic, NumberOp};
use super::super::op::compare::Compare;
use super::super::op::logic::Logic;
use super::super::op::sets::SetOp;
use super::super::op::source::Constant;
use super::super::op::texts::TextOp;
use super::super::program::N;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

/// The relation that an operator tests.
const fn relation(operator: BinaryOperator) -> Option<Relation> {
    Some(match operator {
        BinaryOperator::Equal => Relation::Equal,
        BinaryOperator::NotEqual => Relation::NotEqual,
        BinaryOperator::Less => Relation::Less,
        BinaryOperator::LessOrEqual => Relation::LessOrEqual,
        BinaryOperator::Greater => Relation::Greater,
        BinaryOperator::GreaterOrEqual => Relation::GreaterOrEqual,
        _ => return None,
    })
}

impl Lowering<'_> {
    /// An operator without short circuit.
    pub(super) fn operate(
        &mut self,
        operator: BinaryOperator,
        left: &Val,
        right: &Val,
        span: Span,
    ) -> Lowered<Val> {
        let mut out = Val::default();
        for a in &left.alts {
            for b in &right.alts {
                let when = self.b.and(a.when, b.when);
                if when == Builder::FALSE {
                    continue;
                }
                let made = match relation(operator) {
                    Some(relation) => {
                        Some(Atom::Lane(self.compare(relation, &a.atom, &b.atom, span)?))
                    }
                    None => self.arithmetic(operator, when, &a.atom, &b.atom, span)?,
                };
                match made {
                    Some(made) => out.add(&mut self.b, when, made),
                    None => self.fail(when, "an operator on kinds that it does not take"),
                }
            }
        }
        Ok(out.settled())
    }

    /// The rule of a comparison. Unlike kinds differ and are in no order.
    pub(super) fn compare(
        &mut self,
        relation: Relation,
        a: &Atom,
        b: &Atom,
        span: Span,
    ) -> Lowered<N> {
        let unlike = self.b.bool(relation == Relation::NotEqual);
        let (ty_a, ty_b) = (a.ty(&self.b), b.ty(&self.b));
        let op = match (ty_a, ty_b) {
            (Some((Ty::Tags | Ty::Host, _)), Some((Ty::Tags | Ty::Host, _))) => {
                let what = "a comparison of arrays";
                return Err(refusal(span, what, "use `has_all` and `len`"));
            }
            (Some((ta, x)), Some((tb, y))) => match (ta, tb) {
                (Ty::Int, Ty::Int) | (Ty::Time, Ty::Time) => Compare::Int(relation),
                (Ty::Bool, Ty::Bool) => Compare::Bool(relation),
                (Ty::Text, Ty::Text) => match relation {
                    Relation::Equal => Compare::SameText,
                    Relation::NotEqual => {
                        let same = self.b.node(Op::Compare(Compare::SameText), &[x, y]);
                        return Ok(self.b.not(same));
                    }
                    _ => Compare::Text(relation),
                },
                (Ty::Int | Ty::Float, Ty::Int | Ty::Float) => {
                    let (x, y) = (self.float(x), self.float(y));
                    return Ok(self.b.node(Op::Compare(Compare::Float(relation)), &[x, y]));
                }
                _ => return Ok(unlike),
            },
            _ => match (a, b) {
                (Atom::Unit, Atom::Unit) => return Ok(self.b.bool(relation == Relation::Equal)),
                (Atom::Unit, Atom::Lane(_)) | (Atom::Lane(_), Atom::Unit) => return Ok(unlike),
                _ => {
                    let what = "a comparison of arrays, maps or records";
                    return Err(refusal(span, what, "compare what is in them"));
                }
            },
        };
        let (Some((_, x)), Some((_, y))) = (ty_a, ty_b) else {
            return Ok(unlike);
        };
        Ok(self.b.node(Op::Compare(op), &[x, y]))
    }

    /// A number as a float.
    pub(super) fn float(&mut self, node: N) -> N {
        match self.b.ty(node) {
            Ty::Int => self.b.node(
                Op::Arithmetic(Arithmetic::Number(NumberOp::ToFloat)),
                &[node],
            ),
            _ => node,
        }
    }

    /// The rule of an operator that computes; `None` where it takes no such kinds.
    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        when: N,
        a: &Atom,
        b: &Atom,
        span: Span,
    ) -> Lowered<Option<Atom>> {
        let (a, b) = match (a, b) {
            (Atom::Lane(a), Atom::Lane(b)) => (*a, *b),
            (Atom::Lane(x), Atom::Unit) | (Atom::Unit, Atom::Lane(x)) => {
                // A text and nothing is the text.
                let text = self.b.ty(*x) == Ty::Text && operator == BinaryOperator::Add;
                return Ok(text.then_some(Atom::Lane(*x)));
            }
            (Atom::Array(_) | Atom::Map(_) | Atom::Params(..), _)
            | (_, Atom::Array(_) | Atom::Map(_) | Atom::Params(..)) => {
                let what = "an operator on arrays or maps";
                return Err(refusal(span, what, "write the array out"));
            }
            _ => return Ok(None),
        };
        let made = match (self.b.ty(a), self.b.ty(b)) {
            (Ty::Bool, Ty::Bool) => match operator {
                BinaryOperator::BitAnd => self.b.and(a, b),
                BinaryOperator::BitOr => self.b.or(a, b),
                BinaryOperator::BitXor => self.b.node(Op::Logic(Logic::Xor), &[a, b]),
                _ => return Ok(None),
            },
            (Ty::Host, _) | (_, Ty::Host) => {
                let what = "an operator on arrays or maps";
                return Err(refusal(span, what, "write the array out"));
            }
            (Ty::Text, Ty::Text) if operator == BinaryOperator::Add => self.join(when, a, b),
            (Ty::Text, _) | (_, Ty::Text) if operator == BinaryOperator::Add => {
                let what = "a text joined with another kind by `+`";
                return Err(refusal(span, what, "write it as an interpolated text"));
            }
            (Ty::Int, Ty::Int) => {
                let Some((int, _)) = arithmetic::operator(operator) else {
                    return Ok(None);
                };
                if int.can_fail() {
                    let fails = Op::Arithmetic(Arithmetic::Fails(int));
                    let fails = self.b.node(fails, &[a, b]);
                    let fails = self.b.and(when, fails);
                    self.fail(fails, "int arithmetic that overflows");
                }
                self.b.node(Op::Arithmetic(Arithmetic::Int(int)), &[a, b])
            }
            (Ty::Int | Ty::Float, Ty::Int | Ty::Float) => {
                let Some((_, Some(float))) = arithmetic::operator(operator) else {
                    return Ok(None);
                };
                let (a, b) = (self.float(a), self.float(b));
                self.b
                    .node(Op::Arithmetic(Arithmetic::Float(float)), &[a, b])
            }
            _ => return Ok(None),
        };
        Ok(Some(Atom::Lane(made)))
    }

    /// Two texts joined; the empty one adds nothing.
    fn join(&mut self, when: N, a: N, b: N) -> N {
        let empty = |s: &Self, node: N| matches!(s.b.known(node), Some(Constant::Text(text)) if text.is_empty());
        if empty(self, a) {
            return b;
        }
        if empty(self, b) {
            return a;
        }
        let limit = self.env.limits.text_bytes;
        let fails = self.b.node(Op::Text(TextOp::JoinFails { limit }), &[a, b]);
        let fails = self.b.and(when, fails);
        self.fail(fails, "a text that grows too long");
        self.b.node(Op::Text(TextOp::Join), &[a, b])
    }

    pub(super) fn negate_int(&mut self, when: N, node: N) -> N {
        let least = self.number(NumberOp::LeastInt, node);
        let least = self.b.and(when, least);
        self.fail(least, "the negative of the least int");
        self.number(NumberOp::NegateInt, node)
    }

    pub(super) fn negate_float(&mut self, node: N) -> N {
        self.number(NumberOp::NegateFloat, node)
    }

    pub(super) fn number(&mut self, op: NumberOp, node: N) -> N {
        self.b.node(Op::Arithmetic(Arithmetic::Number(op)), &[node])
    }

    /// Whether `item` is in `within`: the rows.
    pub(super) fn contains(&mut self, within: &Val, item: &Val, span: Span) -> Lowered<N> {
        let mut found = Builder::FALSE;
        for b in &within.alts {
            for a in &item.alts {
                let when = self.b.and(a.when, b.when);
                if when == Builder::FALSE {
                    continue;
                }
                let here = self.contains_one(when, &b.atom, &a.atom, span)?;
                found = self.b.select(when, here, found);
            }
        }
        Ok(found)
    }

    fn contains_one(&mut self, when: N, within: &Atom, item: &Atom, span: Span) -> Lowered<N> {
        match (within, item) {
            (Atom::Array(items), _) => self.in_array(when, items, item, span),
            (Atom::Range(start, end, inclusive), Atom::Lane(item))
                if self.b.ty(*item) == Ty::Int =>
            {
                let low = Op::Compare(Compare::Int(Relation::GreaterOrEqual));
                let low = self.b.node(low, &[*item, *start]);
                let high = if *inclusive {
                    Relation::LessOrEqual
                } else {
                    Relation::Less
                };
                let high = self.b.node(Op::Compare(Compare::Int(high)), &[*item, *end]);
                Ok(self.b.and(low, high))
            }
            (Atom::Lane(set), Atom::Lane(item)) if self.b.ty(*set) == Ty::Tags => {
                match self.b.ty(*item) {
                    Ty::Text => Ok(self.b.node(Op::Sets(SetOp::Has), &[*set, *item])),
                    Ty::Tags => Err(refusal(span, "an array in an array", "use `has_any`")),
                    _ => Ok(Builder::FALSE),
                }
            }
            (Atom::Lane(set), Atom::Unit) if self.b.ty(*set) == Ty::Tags => Ok(Builder::FALSE),
            (Atom::Lane(made), item) if self.b.ty(*made) == Ty::Host => {
                let arguments = vec![Val::lane(*made), item.clone().into()];
                let found =
                    self.under(when, |s| s.host_call(&"contains".into(), arguments, span))?;
                Ok(self.truth(&found, span))
            }
            (Atom::Lane(text), Atom::Lane(part))
                if (self.b.ty(*text), self.b.ty(*part)) == (Ty::Text, Ty::Text) =>
            {
                let arguments = vec![Val::lane(*text), Val::lane(*part)];
                let found =
                    self.under(when, |s| s.host_call(&"contains".into(), arguments, span))?;
                Ok(self.truth(&found, span))
            }
            (Atom::Map(entries), Atom::Lane(item)) if self.b.ty(*item) == Ty::Text => {
                let mut found = Builder::FALSE;
                for key in entries.keys() {
                    let key = self.b.constant(Constant::Text(key.clone()));
                    let same = self.b.node(Op::Compare(Compare::SameText), &[*item, key]);
                    found = self.b.or(found, same);
                }
                Ok(found)
            }
            _ => {
                self.fail(when, "`in` on kinds that it does not take");
                Ok(Builder::FALSE)
            }
        }
    }

    fn in_array(&mut self, when: N, items: &[Val], item: &Atom, span: Span) -> Lowered<N> {
        /// Beyond so many texts a search is cheaper than comparing with each.
        const SEARCH_FROM: usize = 17;
        if let Some((Ty::Text, node)) = item.ty(&self.b)
            && items.len() >= SEARCH_FROM
            && let Some(texts) = self.known_texts(items)
        {
            let set = self.b.constant(Constant::Tags(texts));
            return Ok(self.b.node(Op::Sets(SetOp::Has), &[set, node]));
        }
        let mut found = Builder::FALSE;
        for candidate in items {
            for alt in &candidate.alts {
                let same = match (&alt.atom, item) {
                    (Atom::Unit, Atom::Unit) => {
                        let both = self.b.and(when, alt.when);
                        self.fail(both, "`()` in an array with `()`");
                        Builder::FALSE
                    }
                    (atom, item) => self.compare(Relation::Equal, atom, item, span)?,
                };
                let same = self.b.and(alt.when, same);
                found = self.b.or(found, same);
            }
        }
        Ok(found)
    }

    /// The texts of an array of known texts.
    pub(super) fn known_texts(
        &self,
        items: &[Val],
    ) -> Option<std::sync::Arc<[std::sync::Arc<str>]>> {
        items
            .iter()
            .map(|item| match self.known(item)? {
                Value::Text(text) => Some(text),
                _ => None,
            })
            .collect()
    }
}
