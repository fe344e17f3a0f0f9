//! Chains of fields, elements and methods: `a.b[i].c(d)`.
//!
//! The interpreter takes a chain as a whole: first all indices and arguments from left to right,
//! whether steps will be skipped or not, then what the chain begins with, then step by step.

use crate::language::Value;
use crate::language::edge::Relation;
use crate::syntax::Span;
use crate::syntax::ast::{Expr, ExprKind, Name};

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::compare::Compare;
use super::super::op::source::Constant;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

/// A step of a chain, with the values of what stands in its brackets.
enum Link<'e> {
    Field(&'e Name),
    Element(Val, Span),
    Method(&'e Name, Vec<Val>),
}

impl Lowering<'_> {
    /// The value of a chain, by its last step.
    pub(super) fn chain(&mut self, last: &Expr) -> Lowered<Val> {
        let (mut steps, mut base) = (Vec::new(), last);
        while let Some((receiver, optional)) = base.step() {
            steps.push((base, optional));
            base = receiver;
        }
        let mut links = Vec::new();
        for (step, optional) in steps.into_iter().rev() {
            let link = match &step.kind {
                ExprKind::Field { name, .. } => Link::Field(name),
                ExprKind::Index { index, .. } => Link::Element(self.open(index)?, index.span),
                ExprKind::Call {
                    name, arguments, ..
                } => {
                    let values = arguments.iter().map(|argument| self.open(argument));
                    Link::Method(name, values.collect::<Lowered<_>>()?)
                }
                _ => continue, // nothing else is a step
            };
            links.push((link, optional, step.span));
        }
        let mut value = self.open(base)?;
        for (link, optional, span) in links {
            self.b.span = span;
            value = match link {
                Link::Field(name) => self.field(&value, name, optional)?,
                Link::Element(at, at_span) => self.element(&value, &at, at_span, optional, span)?,
                Link::Method(name, values) => self.method(name, &value, optional, values, span)?,
            };
        }
        Ok(value)
    }

    fn element(
        &mut self,
        value: &Val,
        at: &Val,
        at_span: Span,
        optional: bool,
        span: Span,
    ) -> Lowered<Val> {
        match (value.only(), self.known(at)) {
            (Some(Atom::Array(items)), Some(Value::Int(at))) => {
                let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let at = if at < 0 { at.saturating_add(len) } else { at };
                match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                    Some(item) => Ok(item.clone()),
                    None => {
                        self.fail(Builder::TRUE, "an index outside the array");
                        Ok(Val::default())
                    }
                }
            }
            (Some(Atom::Array(items)), None) if !items.is_empty() => {
                let items = items.clone();
                self.item(&items, at, span)
            }
            (Some(_), Some(Value::Text(key))) => {
                let name = Name {
                    text: key,
                    span: at_span,
                };
                self.field(value, &name, optional)
            }
            (Some(Atom::Lane(node)), _) if self.b.ty(*node) == Ty::Tags => Err(refusal(
                span,
                "an index into tags",
                "use `has`, `has_any` or `best_of`",
            )),
            _ => Err(refusal(
                span,
                "an index that differs between rows",
                "use `get`, or `switch`",
            )),
        }
    }

    /// The item of an array at a place that differs between rows, counted from the end where it is
    /// below 0.
    fn item(&mut self, items: &[Val], at: &Val, span: Span) -> Lowered<Val> {
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX); // arrays are shorter
        let mut out = Val::default();
        for alt in &at.alts {
            let Some((Ty::Int, at)) = alt.atom.ty(&self.b) else {
                self.fail(alt.when, "an index that is no int");
                continue;
            };
            let mut inside = Builder::FALSE;
            for (place, item) in (0..).zip(items) {
                let first = self.is_int(at, place);
                let last = self.is_int(at, place - length);
                let here = self.b.or(first, last);
                inside = self.b.or(inside, here);
                let here = self.b.and(alt.when, here);
                self.add_all(&mut out, here, item);
            }
            let outside = self.b.and_not(alt.when, inside);
            self.fail(outside, "an index outside the array");
        }
        self.size_checked(span)?;
        Ok(out.settled())
    }

    fn is_int(&mut self, node: super::N, int: i64) -> super::N {
        let int = self.b.constant(Constant::Int(int));
        let equal = Op::Compare(Compare::Int(Relation::Equal));
        self.b.node(equal, &[node, int])
    }
}
