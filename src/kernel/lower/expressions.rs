//! Expressions: literals, names, fields, short circuit, interpolation.

use std::rc::Rc;
use std::sync::Arc;

use crate::language::{Kind, Side, Value};
use crate::syntax::Span;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Name, Piece, UnaryOperator};

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::source::{Constant, Source};
use super::statements::End;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

impl Lowering<'_> {
    /// An expression: its value, and whether rows come out.
    pub(super) fn expression(&mut self, expr: &Expr) -> Lowered<(Val, End)> {
        self.b.span = expr.span;
        let constant = match &expr.kind {
            ExprKind::Block(block) => return self.block(block),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let condition_value = self.open(condition)?;
                let rows = self.truth(&condition_value, condition.span);
                return self.branch(
                    rows,
                    |s| s.block(then),
                    |s| match otherwise {
                        Some(otherwise) => s.expression(otherwise),
                        None => Ok((Val::unit(), End::Open)),
                    },
                );
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => return self.switch(subject, arms, default.as_deref()),
            ExprKind::Unit => Value::Unit,
            ExprKind::Bool(x) => Value::Bool(*x),
            ExprKind::Int(x) => Value::Int(*x),
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Text(x) => Value::Text(x.clone()),
            _ => return Ok((self.plain(expr)?, End::Open)),
        };
        Ok((self.constant(&constant), End::Open))
    }

    /// An expression that decides nothing by itself.
    fn plain(&mut self, expr: &Expr) -> Lowered<Val> {
        match &expr.kind {
            ExprKind::Variable(name) => self.variable(name, expr.span),
            ExprKind::Interpolated(pieces) => self.interpolated(pieces, expr.span),
            ExprKind::Array(items) => {
                let items = items.iter().map(|item| self.open(item));
                Ok(Atom::Array(items.collect::<Lowered<_>>()?).into())
            }
            ExprKind::Map(entries) => {
                let entries =
                    (entries.iter()).map(|(name, item)| Ok((name.text.clone(), self.open(item)?)));
                Ok(Atom::Map(Rc::new(entries.collect::<Lowered<_>>()?)).into())
            }
            ExprKind::Unary { operator, operand } => {
                let value = self.open(operand)?;
                self.b.span = expr.span;
                self.unary(*operator, &value)
            }
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                right,
            } => self.binary(*operator, *operator_span, left, right, expr.span),
            ExprKind::Call {
                name,
                receiver: None,
                arguments,
                ..
            } => self.call(name, arguments, expr.span),
            ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Call { .. } => {
                self.chain(expr)
            }
            _ => Err(refusal(
                expr.span,
                "an expression of this form",
                "write it out",
            )),
        }
    }

    fn variable(&mut self, name: &Arc<str>, span: Span) -> Lowered<Val> {
        if let Some(local) = self.local(name) {
            return Ok(local);
        }
        if let Some(constant) = self.env.constants.get(name) {
            let constant = constant.clone();
            return Ok(self.constant(&constant));
        }
        match &**name {
            "now" => Ok(Val::lane(self.b.node(Op::Source(Source::Now), &[]))),
            "params" => {
                let empty = Value::Map(Arc::default());
                let params = self.env.constants.get("PARAMS").cloned().unwrap_or(empty);
                Ok(Atom::Params(Rc::from([]), params).into())
            }
            _ => Err(refusal(span, "an unknown name", "see the errors")),
        }
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Lowered<Val> {
        if let BinaryOperator::In | BinaryOperator::NotIn = operator {
            return self.within(operator, operator_span, left, right, span);
        }
        let a = self.open(left)?;
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let a = self.truth(&a, left.span);
                let and = operator == BinaryOperator::And;
                let needed = if and { a } else { self.b.not(a) };
                let b = self.maybe(needed, |s| {
                    let b = s.open(right)?;
                    Ok(s.truth(&b, right.span))
                })?;
                let both = if and {
                    self.b.and(a, b)
                } else {
                    self.b.or(a, b)
                };
                Ok(Val::lane(both))
            }
            BinaryOperator::Coalesce => {
                let absent = a.absent();
                if absent == Builder::FALSE {
                    return Ok(a);
                }
                let b = self.maybe(absent, |s| s.open(right))?;
                Ok(Val::choose(&mut self.b, absent, &b, &a.without_unit()))
            }
            _ => {
                let b = self.open(right)?;
                self.b.span = span;
                self.operate(operator, &a, &b, operator_span)
            }
        }
    }

    /// `item in container`: the interpreter looks at the container first, unless it is a bare name
    /// of `in`.
    fn within(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        item: &Expr,
        container: &Expr,
        span: Span,
    ) -> Lowered<Val> {
        let wanted = operator == BinaryOperator::In;
        let late = wanted && matches!(container.kind, ExprKind::Variable(_));
        let early = if late { Some(self.open(item)?) } else { None };
        let container = match &container.kind {
            ExprKind::Range {
                start,
                end,
                inclusive,
            } => self.range(start, end, *inclusive)?,
            _ => self.open(container)?,
        };
        let item = match early {
            Some(item) => item,
            None => self.open(item)?,
        };
        self.b.span = span;
        let found = self.contains(&container, &item, operator_span)?;
        Ok(Val::lane(if wanted { found } else { self.b.not(found) }))
    }

    fn range(&mut self, start: &Expr, end: &Expr, inclusive: bool) -> Lowered<Val> {
        let (start_value, end_value) = (self.open(start)?, self.open(end)?);
        let int = |s: &Self, value: &Val| match value.only()?.ty(&s.b)? {
            (Ty::Int, node) => Some(node),
            _ => None,
        };
        match (int(self, &start_value), int(self, &end_value)) {
            (Some(start), Some(end)) => Ok(Atom::Range(start, end, inclusive).into()),
            _ => Err(refusal(
                start.span.to(end.span),
                "a range whose bounds are no ints",
                "use `between`",
            )),
        }
    }

    fn unary(&mut self, operator: UnaryOperator, value: &Val) -> Lowered<Val> {
        if operator == UnaryOperator::Not {
            let truth = self.truth(value, self.b.span);
            return Ok(Val::lane(self.b.not(truth)));
        }
        let mut out = Val::default();
        for alt in &value.alts {
            let made = match (operator, alt.atom.ty(&self.b)) {
                (UnaryOperator::Plus, Some((Ty::Int | Ty::Float, node))) => node,
                (UnaryOperator::Minus, Some((Ty::Int, node))) => self.negate_int(alt.when, node),
                (UnaryOperator::Minus, Some((Ty::Float, node))) => self.negate_float(node),
                _ => {
                    self.fail(alt.when, "a sign before something that is no number");
                    continue;
                }
            };
            out.add(&mut self.b, alt.when, Atom::Lane(made));
        }
        Ok(out.settled())
    }

    /// `receiver.name`, also `receiver["name"]`.
    pub(super) fn field(&mut self, receiver: &Val, name: &Name, optional: bool) -> Lowered<Val> {
        let mut out = Val::default();
        for alt in &receiver.alts {
            let value = match &alt.atom {
                Atom::Unit if optional => Val::unit(),
                Atom::Unit => {
                    self.fail(alt.when, "a field of something absent");
                    continue;
                }
                Atom::Record(side) => self.record_field(*side, name)?,
                Atom::Params(path, defaults) => self.parameter(path, defaults, name)?,
                Atom::Map(entries) => match entries.get(&name.text) {
                    Some(value) => value.clone(),
                    None => {
                        return Err(refusal(
                            name.span,
                            "a key that the map lacks",
                            "add the key",
                        ));
                    }
                },
                _ => {
                    let one = Val {
                        alts: vec![alt.clone()],
                    };
                    self.under(alt.when, |s| {
                        s.host_call(&name.text, vec![one.settled()], name.span)
                    })?
                }
            };
            self.add_all(&mut out, alt.when, &value);
        }
        Ok(out.settled())
    }

    /// Adds the alternatives of a value on the rows of `when`.
    pub(super) fn add_all(&mut self, out: &mut Val, when: super::N, value: &Val) {
        for alt in &value.alts {
            let when = self.b.and(when, alt.when);
            out.add(&mut self.b, when, alt.atom.clone());
        }
    }

    fn record_field(&mut self, side: Side, name: &Name) -> Lowered<Val> {
        let schema = self.env.schema;
        let known = schema
            .field(side, &name.text)
            .and_then(|ix| schema.get(side, ix));
        let Some(field) = known else {
            return Err(refusal(name.span, "an unknown field", "see the errors"));
        };
        let optional = field.may_be_absent() && field.kind != Kind::Tags;
        let source = Source::Field {
            side,
            kind: field.kind,
            name: name.text.clone(),
            optional,
        };
        let values = self.b.node(Op::Source(source), &[]);
        if !optional {
            return Ok(Val::lane(values));
        }
        let source = Source::Present {
            side,
            name: name.text.clone(),
        };
        let present = self.b.node(Op::Source(source), &[]);
        Ok(Val::optional(&mut self.b, present, values))
    }

    /// A parameter: its kind is that of its default, which the run checks.
    fn parameter(&mut self, path: &[Arc<str>], defaults: &Value, name: &Name) -> Lowered<Val> {
        let default = match defaults {
            Value::Map(defaults) => defaults.get(&name.text),
            _ => None,
        };
        let path: Rc<[Arc<str>]> = path.iter().chain([&name.text]).cloned().collect();
        let kind = match default {
            Some(Value::Bool(_)) => Kind::Bool,
            Some(Value::Int(_)) => Kind::Int,
            Some(Value::Float(_)) => Kind::Float,
            Some(Value::Text(_)) => Kind::Text,
            Some(Value::Time(_)) => Kind::Time,
            Some(Value::Array(items)) if items.iter().all(|item| item.as_text().is_some()) => {
                Kind::Tags
            }
            Some(map @ Value::Map(_)) => return Ok(Atom::Params(path, map.clone()).into()),
            _ => {
                let what = "a parameter without a default of one kind";
                return Err(refusal(name.span, what, "give it a default in `PARAMS`"));
            }
        };
        let path = path.iter().cloned().collect();
        let source = Source::Parameter { path, kind };
        Ok(Val::lane(self.b.node(Op::Source(source), &[])))
    }

    fn interpolated(&mut self, pieces: &[Piece], span: Span) -> Lowered<Val> {
        let empty = Constant::Text("".into());
        let mut text = Val::lane(self.b.constant(empty));
        for piece in pieces {
            let part = match piece {
                Piece::Text(part) => self.constant(&Value::Text(part.clone())),
                Piece::Expr(expr) => {
                    let value = self.open(expr)?;
                    self.b.span = span;
                    self.as_text(&value, expr.span)?
                }
            };
            text = self.operate(BinaryOperator::Add, &text, &part, span)?;
        }
        Ok(text)
    }

    /// A value as interpolation writes it.
    fn as_text(&mut self, value: &Val, span: Span) -> Lowered<Val> {
        let mut out = Val::default();
        for alt in &value.alts {
            let text = match (&alt.atom, alt.atom.ty(&self.b)) {
                (Atom::Unit, _) => self.constant(&Value::Text("".into())),
                (atom, Some((Ty::Text, _))) => atom.clone().into(),
                (atom, _) => {
                    let one = atom.clone().into();
                    self.under(alt.when, |s| {
                        s.host_call(&"to_string".into(), vec![one], span)
                    })?
                }
            };
            self.add_all(&mut out, alt.when, &text);
        }
        Ok(out.settled())
    }
}
