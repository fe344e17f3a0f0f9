//! What expressions give.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::syntax::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Piece, UnaryOperator};

use super::ty::{Interval, Kinds, Ty};
use super::{Checker, State};

impl<'a> Checker<'a> {
    pub(super) fn expression(&mut self, expr: &'a Expr, state: &mut State) -> Ty {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel == 0 {
            return Ty::any();
        }
        match &expr.kind {
            ExprKind::Unit => Ty::literal(Kinds::UNIT),
            ExprKind::Bool(truth) => Ty {
                truth: Some(*truth),
                ..Ty::literal(Kinds::BOOL)
            },
            ExprKind::Int(int) => Ty::number(Kinds::INT, *int as f64),
            ExprKind::Float(float) => Ty::number(Kinds::FLOAT, *float),
            ExprKind::Text(text) => Ty::text(text),
            ExprKind::Interpolated(pieces) => {
                for piece in pieces {
                    if let Piece::Expr(inner) = piece {
                        self.expression(inner, state);
                    }
                }
                Ty::of(Kinds::TEXT)
            }
            ExprKind::Array(elements) => {
                let mut element = Ty::of(Kinds::NONE);
                let mut varies = false;
                for inner in elements {
                    let ty = self.expression(inner, state);
                    varies |= ty.varies;
                    element = element.join(ty);
                }
                let mut array = Ty::array(element);
                array.varies = varies;
                array
            }
            ExprKind::Map(entries) => {
                let mut known = BTreeMap::new();
                for (key, value) in entries {
                    let ty = self.expression(value, state);
                    known.insert(std::sync::Arc::clone(&key.text), ty);
                }
                Ty {
                    entries: Some(Rc::new(known)),
                    ..Ty::literal(Kinds::MAP)
                }
            }
            ExprKind::Variable(name) => self.variable(name, state),
            ExprKind::Unary { operator, operand } => self.unary(*operator, operand, state),
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                right,
            } => match operator {
                BinaryOperator::And | BinaryOperator::Or => {
                    let (yes, no) = self.condition(expr, state);
                    *state = yes.join(no);
                    Ty::of(Kinds::BOOL)
                }
                BinaryOperator::Coalesce => self.coalesce(left, right, state),
                BinaryOperator::In | BinaryOperator::NotIn => {
                    self.membership(left, right, state);
                    Ty::of(Kinds::BOOL)
                }
                operator => {
                    let a = self.expression(left, state);
                    let b = self.expression(right, state);
                    self.binary(*operator, *operator_span, (&a, left.span), (&b, right.span))
                }
            },
            ExprKind::Range { start, end, .. } => {
                self.expression(start, state);
                self.expression(end, state);
                Ty::any()
            }
            ExprKind::Field {
                receiver,
                name,
                optional,
                bracket,
            } => {
                let ty = self.expression(receiver, state);
                let field = self.field(&ty, receiver, name, *optional, *bracket);
                match state
                    .place(expr)
                    .and_then(|place| state.fact(&place).cloned())
                {
                    Some(fact) => fact,
                    None => field,
                }
            }
            ExprKind::Index {
                receiver, index, ..
            } => {
                let ty = self.expression(receiver, state);
                self.expression(index, state);
                if ty.kinds == Kinds::ARRAY
                    && let Some(element) = &ty.element
                {
                    return (**element).clone();
                }
                Ty::any()
            }
            ExprKind::Call {
                name,
                receiver,
                optional,
                arguments,
            } => self.call(name, receiver.as_deref(), *optional, arguments, state),
            ExprKind::If { .. } | ExprKind::Switch { .. } | ExprKind::Block(_) => {
                self.tail(expr, state, false)
            }
            ExprKind::Broken => Ty::any(),
        }
    }

    fn variable(&self, name: &str, state: &State) -> Ty {
        if let Some(ty) = state.local(name) {
            return ty.clone();
        }
        if let Some((_, ty)) = self.constants.iter().find(|(known, _)| &**known == name) {
            return ty.clone();
        }
        match name {
            "now" => Ty::of(Kinds::TIME),
            "params" => self.params(),
            _ => Ty::any(),
        }
    }

    /// What a loop gives for each pass.
    pub(super) fn element(&mut self, over: &'a Expr, state: &mut State) -> Ty {
        if let ExprKind::Range { start, end, .. } = &over.kind {
            let from = self.expression(start, state);
            let to = self.expression(end, state);
            let mut int = Ty::of(Kinds::INT);
            if let (Some(from), Some(to)) = (from.known_number(), to.known_number()) {
                int.interval = Interval::closed(from, to);
            }
            return int;
        }
        let ty = self.expression(over, state);
        if ty.kinds.is_any() || ty.kinds.is_empty() {
            return Ty::any();
        }
        if ty.kinds.may_be_absent() {
            self.absent(&ty, over.span, "looped over");
        } else if !ty.kinds.has(Kinds::ARRAY) {
            self.report(
                Diagnostic::error(
                    "not-iterable",
                    over.span,
                    format!(
                        "`for` goes over arrays, tags and ranges, not over {}",
                        ty.kinds.describe()
                    ),
                )
                .with_help("for a number of times write `0..10`"),
            );
            return Ty::any();
        }
        match &ty.element {
            Some(element) if !element.kinds.is_empty() => Ty {
                varies: true,
                ..(**element).clone()
            },
            _ => Ty::any(),
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &'a Expr, state: &mut State) -> Ty {
        let ty = self.expression(operand, state);
        match operator {
            UnaryOperator::Not => {
                self.must_be_bool(&ty, operand.span);
                Ty {
                    truth: ty.truth.map(|truth| !truth),
                    varies: ty.varies,
                    ..Ty::of(Kinds::BOOL)
                }
            }
            UnaryOperator::Minus | UnaryOperator::Plus => {
                let kinds = self.must_be_number(&ty, operand.span);
                let mut result = Ty::of(kinds);
                result.varies = ty.varies;
                if operator == UnaryOperator::Minus {
                    let Interval {
                        low,
                        high,
                        low_open,
                        high_open,
                        not_zero,
                    } = ty.interval;
                    result.interval = Interval {
                        low: -high,
                        high: -low,
                        low_open: high_open,
                        high_open: low_open,
                        not_zero,
                    };
                } else {
                    result.interval = ty.interval;
                }
                result
            }
        }
    }

    fn coalesce(&mut self, left: &'a Expr, right: &'a Expr, state: &mut State) -> Ty {
        let a = self.expression(left, state);
        // The right side runs only where the left is absent; what it tells holds there alone.
        let mut absent = state.clone();
        let b = self.expression(right, &mut absent);
        if absent.dead {
            // `x ?? return y`: behind it the left is there.
            if let Some(place) = state.place(left) {
                state.learn(place, a.clone().present());
            }
            return a.present();
        }
        if a.kinds.is_any() {
            return Ty::any();
        }
        if !a.kinds.has(Kinds::UNIT) {
            return a;
        }
        let (a, mut b) = (a.present(), b);
        b.varies = true;
        a.join(b)
    }
}
