//! What expressions give.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::syntax::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Piece, UnaryOperator};

use super::super::fold;
use super::ty::{Interval, Kinds, Ty};
use super::{Checker, State};

impl<'a> Checker<'a> {
    pub(super) fn expression(&mut self, expr: &'a Expr, state: &mut State) -> Ty {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel == 0 {
            return Ty::any();
        }
        let ty = self.computed(expr, state);
        let may_be_known = matches!(
            expr.kind,
            ExprKind::Binary { .. } | ExprKind::Call { .. } | ExprKind::Field { .. }
        );
        match state.computed(expr) {
            Some(fact) if may_be_known => fact.clone(),
            _ => ty,
        }
    }

    fn computed(&mut self, expr: &'a Expr, state: &mut State) -> Ty {
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
                    known.insert(Arc::clone(&key.text), ty);
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
                    let among = self.membership(left, right, state);
                    let negated = *operator == BinaryOperator::NotIn;
                    Ty {
                        truth: among.map(|among| among != negated),
                        ..Ty::of(Kinds::BOOL)
                    }
                }
                operator => {
                    let a = self.expression(left, state);
                    let b = self.expression(right, state);
                    let mark = self.findings.len();
                    let mut ty =
                        self.binary(*operator, *operator_span, (&a, left.span), (&b, right.span));
                    self.defaults(*operator, (left, &a), (right, &b));
                    if ty.truth.is_none() && self.findings.len() == mark {
                        ty.truth = with_itself(*operator, left, right, state);
                    }
                    ty
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
                let at = self.expression(index, state);
                self.within(receiver, index);
                match (&ty.element, &ty.entries) {
                    (Some(element), _) if ty.kinds == Kinds::ARRAY => (**element).clone(),
                    (_, Some(entries)) if ty.kinds == Kinds::MAP => one_of(entries, &at),
                    _ => Ty::any(),
                }
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

    /// Reports an index behind the last element of an array that is written out.
    fn within(&mut self, array: &'a Expr, index: &'a Expr) {
        if let ExprKind::Array(elements) = &fold::resolved(self.script, array).kind
            && let Some(at) = fold::int(self.script, index)
        {
            let length = elements.len() as i64; // a script is 32 KiB
            if at >= length || at < -length {
                self.report(
                    Diagnostic::error(
                        "wrong-index",
                        index.span,
                        format!("this array has {length} elements: there is none at {at}"),
                    )
                    .with_help("the first element is `[0]`, the last `[-1]`"),
                );
            }
        }
    }

    /// Reports what the defaults of parameters make of an operation.
    fn defaults(
        &mut self,
        operator: BinaryOperator,
        (left, a): (&'a Expr, &Ty),
        (right, b): (&'a Expr, &Ty),
    ) {
        match operator {
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                for (of, list, other) in [(left, a, right), (right, b, left)] {
                    let written = fold::resolved(self.script, other);
                    if let ExprKind::Text(text) = &written.kind {
                        self.other_case(of, text, written.span);
                    }
                    if let Some(default) = self.default_of(other) {
                        self.default_listed(list, default);
                    }
                }
            }
            BinaryOperator::Divide | BinaryOperator::Modulo if b.interval.has_zero() => {
                let zero = (self.default_of(right))
                    .is_some_and(|it| fold::number(self.script, it) == Some(0.0));
                if zero {
                    self.report(
                        Diagnostic::warning(
                            "division-by-zero",
                            right.span,
                            "this divides by zero unless the host gives another value",
                        )
                        .with_help("give it another default, or test before"),
                    );
                }
            }
            _ => {}
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
                let Some(kinds) = self.must_be_number(&ty, operand.span) else {
                    return Ty::any();
                };
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

    /// Reports `x ?? 0 + y`, which is `x ?? (0 + y)`: `??` binds less than arithmetic.
    fn swallowed(&mut self, left: &Expr, right: &Expr) {
        let mut first = right;
        while let ExprKind::Binary {
            operator:
                BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide,
            left,
            ..
        } = &first.kind
        {
            first = left;
        }
        let zero = match first.kind {
            ExprKind::Int(int) => int == 0,
            ExprKind::Float(float) => float == 0.0,
            _ => false,
        };
        if zero && !std::ptr::eq(first, right) {
            self.report(
                Diagnostic::warning(
                    "swallowed-by-default",
                    right.span,
                    "all of this is the default: `??` binds less than arithmetic",
                )
                .with_related(left.span, "only where this is absent")
                .with_help("put the default in brackets: `(x ?? 0.0) + y`"),
            );
        }
    }

    fn coalesce(&mut self, left: &'a Expr, right: &'a Expr, state: &mut State) -> Ty {
        self.swallowed(left, right);
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

/// The entry of a map under a key that is computed: absent where the map has no such key.
fn one_of(entries: &BTreeMap<Arc<str>, Ty>, key: &Ty) -> Ty {
    let keys = (key.texts.as_ref()).filter(|_| key.kinds.within(Kinds::TEXT.or(Kinds::UNIT)));
    let named = |at: &Arc<str>| keys.is_none_or(|keys| keys.set.contains(at));
    let all = keys.is_some_and(|keys| keys.set.iter().all(|at| entries.contains_key(at)));
    let found = entries.iter().filter(|(at, _)| named(at));
    let value = found.map(|(_, ty)| ty.clone()).reduce(Ty::join);
    match value {
        Some(value) if all && key.kinds == Kinds::TEXT => Ty {
            varies: true,
            ..value
        },
        Some(value) => value.join(Ty::literal(Kinds::UNIT)),
        None => Ty::any(),
    }
}

/// What a comparison of something with itself gives.
fn with_itself(operator: BinaryOperator, left: &Expr, right: &Expr, state: &State) -> Option<bool> {
    let truth = match operator {
        BinaryOperator::Equal | BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual => {
            true
        }
        BinaryOperator::NotEqual | BinaryOperator::Less | BinaryOperator::Greater => false,
        _ => return None,
    };
    let (left, right) = (state.place_of(left)?, state.place_of(right)?);
    (left == right).then_some(truth)
}
