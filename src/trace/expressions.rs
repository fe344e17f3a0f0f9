//! Expressions that are no calls and no chains.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::language::Value;
use crate::script::builtins::with_article;
use crate::script::builtins::written::plain;
use crate::syntax::Span;
use crate::syntax::ast::{BinaryOperator, Block, Expr, ExprKind, Name, Piece, UnaryOperator};

use super::evaluator::{Eval, Evaluator, fail};
use super::observer::Observer;
use super::sizes::Sizes;
use super::{operators, places};

impl<'a, O: Observer> Evaluator<'a, '_, O> {
    /// The value of an expression.
    ///
    /// Each construct has a function of its own, so that a level of recursion takes little stack.
    pub(super) fn expression(&mut self, expr: &'a Expr) -> Eval {
        self.step()?;
        let value = match &expr.kind {
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                return self.if_else(expr, condition, then, otherwise.as_deref());
            }
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => {
                return self.switch(expr, subject, arms, default.as_deref());
            }
            ExprKind::Block(block) => return self.block(block),
            _ => self.plain(expr)?,
        };
        self.producer = Some(expr);
        Ok(value)
    }

    fn plain(&mut self, expr: &'a Expr) -> Eval {
        let value = match &expr.kind {
            ExprKind::Unit => return Ok(Value::Unit),
            ExprKind::Bool(x) => return Ok(Value::Bool(*x)),
            ExprKind::Int(x) => return Ok(Value::Int(*x)),
            ExprKind::Float(x) => return Ok(Value::Float(*x)),
            ExprKind::Text(x) => return Ok(Value::Text(x.clone())),
            ExprKind::Variable(name) => {
                let place = expr.span.start;
                match self.variable(name, place) {
                    Ok(value) => value,
                    Err(_) => self.variable(name, places::of(self.code.source, expr))?,
                }
            }
            ExprKind::Interpolated(pieces) => self.interpolated(pieces)?,
            ExprKind::Array(items) => self.array(items)?,
            ExprKind::Map(entries) => self.map(entries)?,
            ExprKind::Unary { operator, operand } => self.unary(expr, *operator, operand)?,
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                right,
            } => self.binary(expr, *operator, *operator_span, left, right)?,
            ExprKind::Field { .. } | ExprKind::Index { .. } => self.chain(expr)?,
            ExprKind::Call {
                receiver: Some(_), ..
            } => self.chain(expr)?,
            ExprKind::Call {
                name, arguments, ..
            } => self.call_of(expr, name, arguments)?,
            ExprKind::Range { .. } | ExprKind::Broken => {
                return fail(expr.span.start, "this is no value");
            }
            ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => {
                return self.expression(expr);
            }
        };
        self.observer.value(expr, &value);
        Ok(value)
    }

    /// A value that must be a bool.
    pub(super) fn condition(&mut self, expr: &'a Expr) -> Eval<bool> {
        match self.expression(expr)? {
            Value::Bool(holds) => Ok(holds),
            other => fail(
                places::of(self.code.source, expr),
                format!("a bool is needed here, not {}", with_article(&other)),
            ),
        }
    }

    fn if_else(
        &mut self,
        expr: &'a Expr,
        condition: &'a Expr,
        then: &'a Block,
        otherwise: Option<&'a Expr>,
    ) -> Eval {
        let holds = self.condition(condition)?;
        self.observer.branch(expr, condition, holds);
        match (holds, otherwise) {
            (true, _) => self.block(then),
            (false, Some(otherwise)) => self.expression(otherwise),
            (false, None) => {
                self.producer = Some(expr);
                Ok(Value::Unit)
            }
        }
    }

    fn unary(&mut self, expr: &'a Expr, operator: UnaryOperator, operand: &'a Expr) -> Eval {
        let operand = self.expression(operand)?;
        match operators::unary(operator, &operand) {
            Ok(value) => Ok(value),
            Err(message) => fail(places::of(self.code.source, expr), message),
        }
    }

    fn binary(
        &mut self,
        expr: &'a Expr,
        operator: BinaryOperator,
        sign: Span,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Eval {
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                return self.either(expr, operator, left, right);
            }
            BinaryOperator::Coalesce => return self.coalesce(expr, left, right),
            BinaryOperator::In | BinaryOperator::NotIn => {
                return self.within(expr, operator, sign, left, right);
            }
            _ => {}
        }
        let left = self.expression(left)?;
        let right = self.expression(right)?;
        match operators::binary(operator, &left, &right, self.code.limits) {
            Ok(value) => {
                self.observer
                    .operation(expr, operator, &left, &right, &value);
                Ok(value)
            }
            Err(message) => fail(sign.start, message),
        }
    }

    fn either(
        &mut self,
        expr: &'a Expr,
        operator: BinaryOperator,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Eval {
        let first = self.condition(left)?;
        let decided = first == (operator == BinaryOperator::Or);
        self.observer
            .sides(expr, operator, &Value::Bool(first), !decided);
        if decided {
            return Ok(Value::Bool(first));
        }
        self.condition(right).map(Value::Bool)
    }

    fn coalesce(&mut self, expr: &'a Expr, left: &'a Expr, right: &'a Expr) -> Eval {
        let value = self.expression(left)?;
        let absent = matches!(value, Value::Unit);
        self.observer
            .sides(expr, BinaryOperator::Coalesce, &value, absent);
        if absent {
            self.expression(right)
        } else {
            Ok(value)
        }
    }

    /// `item in container`: for the interpreter a call of `contains`, with the order of looking at
    /// its arguments that a call has.
    fn within(
        &mut self,
        expr: &'a Expr,
        operator: BinaryOperator,
        sign: Span,
        item: &'a Expr,
        container: &'a Expr,
    ) -> Eval {
        let wanted = operator == BinaryOperator::In;
        if let ExprKind::Range {
            start,
            end,
            inclusive,
        } = &container.kind
        {
            let (low, high) = self.range(container, start, end)?;
            let item = self.expression(item)?;
            let Value::Int(int) = item else {
                let kinds = ["a range", with_article(&item)];
                return fail(sign.start, crate::script::not_taken("contains", &kinds));
            };
            let inside = int >= low && (int < high || (*inclusive && int == high));
            let value = Value::Bool(inside == wanted);
            let bounds = Value::Array(Arc::new([Value::Int(low), Value::Int(high)]));
            self.observer
                .operation(expr, operator, &item, &bounds, &value);
            return Ok(value);
        }
        let late = wanted && matches!(container.kind, ExprKind::Variable(_));
        let (item, container) = if late {
            let item = self.expression(item)?;
            (item, self.expression(container)?)
        } else {
            let container = self.expression(container)?;
            (self.expression(item)?, container)
        };
        let arguments = [container, item];
        let value = match self.native("contains", &arguments, sign.start)? {
            Value::Bool(inside) => Value::Bool(inside == wanted),
            other => other,
        };
        let [container, item] = arguments;
        self.observer
            .operation(expr, operator, &item, &container, &value);
        Ok(value)
    }

    /// The bounds of a range. One that has no last value ends with the greatest int.
    pub(super) fn range(
        &mut self,
        range: &Expr,
        start: &'a Expr,
        end: &'a Expr,
    ) -> Eval<(i64, i64)> {
        let from = self.expression(start)?;
        let to = self.expression(end)?;
        match (&from, &to) {
            (Value::Int(from), Value::Int(to)) => Ok((*from, *to)),
            (Value::Int(from), Value::Unit) => Ok((*from, i64::MAX)),
            (Value::Unit, Value::Int(to)) => Ok((0, *to)),
            _ => {
                let inclusive = matches!(
                    range.kind,
                    ExprKind::Range {
                        inclusive: true,
                        ..
                    }
                );
                let sign = if inclusive { "..=" } else { ".." };
                let kinds = [with_article(&from), with_article(&to)];
                let place = places::sign_after(self.code.source, start.span.end);
                fail(place, crate::script::not_taken(sign, &kinds))
            }
        }
    }

    fn array(&mut self, items: &'a [Expr]) -> Eval {
        let mut values = Vec::with_capacity(items.len());
        let mut sizes = Sizes::default();
        for item in items {
            let value = self.expression(item)?;
            sizes.add_element(&value);
            if let Some(refused) = sizes.refused(self.code.limits) {
                return fail(places::of(self.code.source, item), refused);
            }
            values.push(value);
        }
        Ok(Value::Array(values.into()))
    }

    fn map(&mut self, entries: &'a [(Name, Expr)]) -> Eval {
        let mut values = BTreeMap::new();
        let mut sizes = Sizes::default();
        for (name, item) in entries {
            let value = self.expression(item)?;
            sizes.add_entry(&value);
            if let Some(refused) = sizes.refused(self.code.limits) {
                return fail(places::of(self.code.source, item), refused);
            }
            values.insert(name.text.clone(), value);
        }
        Ok(Value::Map(Arc::new(values)))
    }

    fn interpolated(&mut self, pieces: &'a [Piece]) -> Eval {
        let mut text = String::new();
        for piece in pieces {
            let (part, place) = match piece {
                Piece::Text(part) => (part.clone(), 0),
                Piece::Expr(expr) => {
                    let part = match self.expression(expr)? {
                        Value::Text(part) => part,
                        // More than a text holds is refused below.
                        other => plain(&other, self.code.limits.value_bytes()).into(),
                    };
                    (part, expr.span.start)
                }
            };
            text.push_str(&part);
            if let Some(refused) = Sizes::bytes(text.len()).refused(self.code.limits) {
                return fail(place, refused);
            }
        }
        Ok(Value::Text(text.into()))
    }
}
