//! What a condition tells: about its places where it holds, and where it does not.

use std::rc::Rc;
use std::sync::Arc;

use crate::syntax::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};

use super::ty::{Interval, Kinds, Texts, Ty};
use super::{Checker, State};

impl<'a> Checker<'a> {
    /// The state where the condition holds, and where not.
    pub(super) fn condition(&mut self, expr: &'a Expr, state: &State) -> (State, State) {
        self.fuel = self.fuel.saturating_sub(1);
        match &expr.kind {
            ExprKind::Binary {
                operator: BinaryOperator::And,
                left,
                right,
                ..
            } => {
                let (yes, no) = self.condition(left, state);
                let (both, other) = self.condition(right, &yes);
                (both, no.join(other))
            }
            ExprKind::Binary {
                operator: BinaryOperator::Or,
                left,
                right,
                ..
            } => {
                let (yes, no) = self.condition(left, state);
                let (other, neither) = self.condition(right, &no);
                (yes.join(other), neither)
            }
            ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                let (yes, no) = self.condition(operand, state);
                (no, yes)
            }
            _ => self.single(expr, state),
        }
    }

    fn single(&mut self, expr: &'a Expr, state: &State) -> (State, State) {
        let mut after = state.clone();
        let mark = self.findings.len();
        let ty = self.expression(expr, &mut after);
        self.must_be_bool(&ty, expr.span);
        let (mut yes, mut no) = (after.clone(), after);
        if let Some(truth) = ty.truth {
            // A literal `true` is meant; a comparison that is always true is not. Loops look at
            // their first pass too, but what they change is not known then.
            if ty.varies && !state.dead && !self.told_since(mark) {
                self.report(
                    Diagnostic::warning(
                        "constant-condition",
                        expr.span,
                        format!("this is always {truth} here"),
                    )
                    .with_help("a range of the schema or an earlier condition decides it already"),
                );
            }
        }
        self.learn(expr, &mut yes, true);
        self.learn(expr, &mut no, false);
        (yes, no)
    }

    /// Puts into the state what it tells that the expression is true, or false.
    fn learn(&mut self, expr: &Expr, state: &mut State, truth: bool) {
        match &expr.kind {
            ExprKind::Binary {
                operator: BinaryOperator::In | BinaryOperator::NotIn,
                left,
                right,
                operator_span: _,
            } => {
                let negated = matches!(
                    expr.kind,
                    ExprKind::Binary {
                        operator: BinaryOperator::NotIn,
                        ..
                    }
                );
                self.learn_membership(left, right, state, truth != negated);
            }
            ExprKind::Binary {
                operator,
                left,
                right,
                ..
            } => {
                let told = if truth {
                    Some(*operator)
                } else {
                    negated(*operator)
                };
                if let Some(operator) = told {
                    self.learn_comparison(left, operator, right, state, truth);
                    self.learn_comparison(right, mirrored(operator), left, state, truth);
                }
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } if &*name.text == "between" && truth => {
                let all: Vec<&Expr> = receiver.as_deref().into_iter().chain(arguments).collect();
                if let [value, low, high] = all[..] {
                    self.learn_comparison(value, BinaryOperator::GreaterOrEqual, low, state, true);
                    self.learn_comparison(value, BinaryOperator::LessOrEqual, high, state, true);
                }
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } if &*name.text == "one_of" => {
                let all: Vec<&Expr> = receiver.as_deref().into_iter().chain(arguments).collect();
                if let [value, list] = all[..] {
                    self.learn_membership(value, list, state, truth);
                }
            }
            _ => {}
        }
    }

    fn learn_comparison(
        &mut self,
        side: &Expr,
        operator: BinaryOperator,
        other: &Expr,
        state: &mut State,
        holds: bool,
    ) {
        // `(x ?? 0) > 5` tells nothing about a missing `x`, and is not looked into.
        let Some(place) = state.place(side) else {
            return;
        };
        let Some(ty) = self.known(side, state) else {
            return;
        };
        let bound = self.known(other, state).unwrap_or_else(Ty::any);
        let mut ty = ty;
        // An order with `()` is false; where it is false, nothing is known of presence.
        if holds && !matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual) {
            ty = ty.present();
        }
        match operator {
            BinaryOperator::Equal => {
                if bound.kinds == Kinds::UNIT {
                    ty = ty.only(Kinds::UNIT);
                } else if !bound.kinds.has(Kinds::UNIT) {
                    ty = ty.present();
                }
                if bound.kinds.within(Kinds::NUMBER) && !bound.kinds.is_empty() {
                    ty.interval = ty.interval.meet(bound.interval);
                }
                if let (Some(known), Some(text)) = (&ty.texts, bound.known_text())
                    && known.set.contains(text)
                {
                    ty.texts = Some(Texts {
                        set: Rc::from([Arc::clone(text)]),
                        ..known.clone()
                    });
                }
            }
            BinaryOperator::NotEqual => {
                if bound.kinds == Kinds::UNIT {
                    ty = ty.present();
                }
                if bound.known_number() == Some(0.0) {
                    ty.interval.not_zero = true;
                }
                if let Some(text) = bound.known_text() {
                    ty.texts = without(ty.texts.take(), &[Arc::clone(text)]);
                }
            }
            BinaryOperator::Less | BinaryOperator::LessOrEqual => {
                if bound.kinds.within(Kinds::NUMBER) && !bound.kinds.is_empty() {
                    ty.interval = ty.interval.meet(Interval {
                        high: bound.interval.high,
                        high_open: operator == BinaryOperator::Less || bound.interval.high_open,
                        ..Interval::ALL
                    });
                }
            }
            BinaryOperator::Greater | BinaryOperator::GreaterOrEqual => {
                if bound.kinds.within(Kinds::NUMBER) && !bound.kinds.is_empty() {
                    ty.interval = ty.interval.meet(Interval {
                        low: bound.interval.low,
                        low_open: operator == BinaryOperator::Greater || bound.interval.low_open,
                        ..Interval::ALL
                    });
                }
            }
            _ => return,
        }
        if ty.interval.is_empty() {
            // The branch is never taken; the condition says so itself.
            ty.interval = Interval::ALL;
        }
        state.learn(place, ty);
    }

    fn learn_membership(&mut self, left: &Expr, right: &Expr, state: &mut State, truth: bool) {
        let Some(place) = state.place(left) else {
            return;
        };
        let Some(mut ty) = self.known(left, state) else {
            return;
        };
        let list: Option<Vec<Arc<str>>> = match &right.kind {
            ExprKind::Array(elements) => elements
                .iter()
                .map(|element| match &element.kind {
                    ExprKind::Text(text) => Some(Arc::clone(text)),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        if !truth {
            if let Some(list) = list {
                ty.texts = without(ty.texts.take(), &list);
                state.learn(place, ty);
            }
            return;
        }
        // `()` is in no array of texts.
        if let Some(list) = list {
            ty = ty.present();
            if let Some(known) = &ty.texts {
                let set: Vec<Arc<str>> = (known.set.iter())
                    .filter(|text| list.contains(text))
                    .cloned()
                    .collect();
                if !set.is_empty() {
                    ty.texts = Some(Texts {
                        set: set.into(),
                        ..known.clone()
                    });
                }
            }
            state.learn(place, ty);
        } else if let Some(container) = self.known(right, state)
            && container.kinds == Kinds::ARRAY
            && container
                .element
                .as_ref()
                .is_some_and(|element| !element.kinds.has(Kinds::UNIT))
        {
            state.learn(place, ty.present());
        }
    }

    /// What is known about a place or a literal, without reporting anything.
    pub(super) fn known(&mut self, expr: &Expr, state: &State) -> Option<Ty> {
        match &expr.kind {
            ExprKind::Unit => Some(Ty::literal(Kinds::UNIT)),
            ExprKind::Int(int) => Some(Ty::number(Kinds::INT, *int as f64)),
            ExprKind::Float(float) => Some(Ty::number(Kinds::FLOAT, *float)),
            ExprKind::Text(text) => Some(Ty::text(text)),
            ExprKind::Variable(name) => state.local(name).cloned().or_else(|| {
                let known = self.constants.iter().find(|(known, _)| known == name)?;
                Some(known.1.clone())
            }),
            ExprKind::Field {
                receiver,
                name,
                optional,
                bracket,
            } => {
                if let Some(place) = state.place(expr)
                    && let Some(fact) = state.fact(&place)
                {
                    return Some(fact.clone());
                }
                let ExprKind::Variable(root) = &receiver.kind else {
                    return None;
                };
                let root = match state.local(root) {
                    Some(ty) => ty.clone(),
                    None if &**root == "params" => self.params(),
                    None => return None,
                };
                self.silent += 1;
                let ty = self.field(&root, receiver, name, *optional, *bracket);
                self.silent -= 1;
                Some(ty)
            }
            _ => None,
        }
    }
}

fn without(texts: Option<Texts>, gone: &[Arc<str>]) -> Option<Texts> {
    let texts = texts?;
    let set: Vec<Arc<str>> = (texts.set.iter())
        .filter(|text| !gone.contains(text))
        .cloned()
        .collect();
    Some(Texts {
        set: set.into(),
        ..texts
    })
}

/// The operator that holds where this one does not, for values that are both there.
const fn negated(operator: BinaryOperator) -> Option<BinaryOperator> {
    Some(match operator {
        BinaryOperator::Equal => BinaryOperator::NotEqual,
        BinaryOperator::NotEqual => BinaryOperator::Equal,
        BinaryOperator::Less => BinaryOperator::GreaterOrEqual,
        BinaryOperator::LessOrEqual => BinaryOperator::Greater,
        BinaryOperator::Greater => BinaryOperator::LessOrEqual,
        BinaryOperator::GreaterOrEqual => BinaryOperator::Less,
        _ => return None,
    })
}

/// The operator with its sides exchanged.
const fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessOrEqual => BinaryOperator::GreaterOrEqual,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::LessOrEqual,
        other => other,
    }
}
