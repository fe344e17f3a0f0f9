//! What a condition tells: about its places where it holds, and where it does not.

use std::sync::Arc;

use crate::syntax::Diagnostic;
use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};

use super::ty::{Kinds, Ty};
use super::{Checker, Conjuncts, State, narrow};

impl<'a> Checker<'a> {
    /// The state where the condition holds, and where not.
    pub(super) fn condition(&mut self, expr: &'a Expr, state: &State) -> (State, State) {
        let outer = self.conjuncts.take();
        let mark = self.findings.len();
        self.always = None;
        let joined = matches!(
            expr.kind,
            ExprKind::Binary {
                operator: BinaryOperator::And,
                ..
            }
        );
        if joined {
            self.conjuncts = Some(Conjuncts {
                before: state.clone(),
                all: 0,
                always: 0,
            });
        }
        let ways = self.connected(expr, state);
        if let Some(conjuncts) = std::mem::replace(&mut self.conjuncts, outer) {
            let always = conjuncts.all > 0 && conjuncts.always == conjuncts.all;
            self.always = always.then_some(true);
            if always && !state.dead && self.findings.len() == mark {
                self.constant(expr, true);
            }
        }
        ways
    }

    /// A condition or a part of one.
    fn connected(&mut self, expr: &'a Expr, state: &State) -> (State, State) {
        self.fuel = self.fuel.saturating_sub(1);
        match &expr.kind {
            ExprKind::Binary {
                operator: BinaryOperator::And,
                left,
                right,
                ..
            } => {
                let (yes, no) = self.connected(left, state);
                let (both, other) = self.connected(right, &yes);
                (both, no.join(other))
            }
            ExprKind::Binary {
                operator: BinaryOperator::Or,
                left,
                right,
                ..
            } => {
                let conjuncts = self.conjuncts.take();
                let (yes, no) = self.connected(left, state);
                let (other, neither) = self.connected(right, &no);
                self.always = None;
                self.conjuncts = conjuncts.map(|conjuncts| Conjuncts {
                    all: conjuncts.all + 1,
                    ..conjuncts
                });
                (yes.join(other), neither)
            }
            ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                let (yes, no) = self.connected(operand, state);
                self.always = self.always.map(|always| !always);
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
        // A literal `true` is meant; a comparison that is always true is not. Loops look at their
        // first pass too, but what they change is not known then.
        let truth = ty.truth.filter(|_| ty.varies && !state.dead);
        self.always = truth;
        let bound = truth == Some(true) && self.is_known_bound(expr);
        if let Some(conjuncts) = &mut self.conjuncts {
            conjuncts.all += 1;
            conjuncts.always += u32::from(truth == Some(true));
        }
        if let Some(truth) = truth
            && !bound
            && !self.told_since(mark)
        {
            self.constant(expr, truth);
        }
        if let ExprKind::Variable(name) = &expr.kind
            && let Some(meaning) = state.meaning(name)
            && let Some(meant) = self.meanings.get(meaning as usize).copied()
        {
            // What the local was given holds or not, as the local does.
            let (conjuncts, always) = (self.conjuncts.take(), self.always);
            self.silent += 1;
            let ways = self.connected(meant, state);
            self.silent -= 1;
            (self.conjuncts, self.always) = (conjuncts, always);
            return ways;
        }
        self.learn(expr, &mut yes, true);
        self.learn(expr, &mut no, false);
        (yes, no)
    }

    fn constant(&mut self, expr: &Expr, truth: bool) {
        self.report(
            Diagnostic::warning(
                "constant-condition",
                expr.span,
                format!("this is always {truth} here"),
            )
            .with_help("a range of the schema or an earlier condition decides it already"),
        );
    }

    /// Whether a condition that always holds only repeats, in a conjunction, what an earlier
    /// branch left over: `else if x >= 100 && x < 500` behind `if x >= 500` says so for its
    /// readers, and rightly.
    fn is_known_bound(&mut self, expr: &'a Expr) -> bool {
        let Some(conjuncts) = &self.conjuncts else {
            return false;
        };
        let (before, bare) = (conjuncts.before.clone(), conjuncts.before.without_facts());
        let outer = self.conjuncts.take();
        let earlier = self.in_silence(expr, &before).truth == Some(true);
        let always = self.in_silence(expr, &bare).truth == Some(true);
        self.conjuncts = outer;
        earlier && !always
    }

    /// Puts into the state what it tells that the expression is true, or false.
    fn learn(&mut self, expr: &'a Expr, state: &mut State, truth: bool) {
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
                    narrow::negated(*operator)
                };
                if let Some(operator) = told {
                    self.learn_comparison(left, operator, right, state, truth);
                    self.learn_comparison(right, narrow::mirrored(operator), left, state, truth);
                }
            }
            ExprKind::Call {
                name,
                receiver,
                arguments,
                ..
            } if &*name.text == "between" && truth => {
                let all: Vec<&'a Expr> = receiver.as_deref().into_iter().chain(arguments).collect();
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
                let all: Vec<&'a Expr> = receiver.as_deref().into_iter().chain(arguments).collect();
                if let [value, list] = all[..] {
                    self.learn_membership(value, list, state, truth);
                }
            }
            _ => {}
        }
    }

    fn learn_comparison(
        &mut self,
        side: &'a Expr,
        operator: BinaryOperator,
        other: &'a Expr,
        state: &mut State,
        holds: bool,
    ) {
        let Some(place) = state.place_of(side) else {
            return;
        };
        let Some(ty) = self.known(side, state) else {
            return;
        };
        let bound = self.known(other, state).unwrap_or_else(Ty::any);
        if holds {
            self.learn_past_default(side, operator, &bound, state);
        }
        let mut ty = ty;
        // An order with `()` is false; where it is false, nothing is known of presence.
        if holds && !matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual) {
            // That it may be absent was said: not that it is there behind this.
            ty.varies &= !ty.kinds.may_be_absent();
            ty = ty.present();
        }
        if let Some(ty) = narrow::by(ty, operator, &bound) {
            state.learn(place, ty);
        }
    }

    /// `(x ?? 0) > 5` is false for the default, so where it holds there is an `x`.
    fn learn_past_default(
        &mut self,
        side: &'a Expr,
        operator: BinaryOperator,
        bound: &Ty,
        state: &mut State,
    ) {
        let ExprKind::Binary {
            operator: BinaryOperator::Coalesce,
            left,
            right,
            ..
        } = &side.kind
        else {
            return;
        };
        let Some(place) = state.place(left) else {
            return;
        };
        let (Some(value), Some(default)) = (self.known(left, state), self.known(right, state))
        else {
            return;
        };
        let none = match (&default.texts, bound.known_text()) {
            (Some(texts), Some(text)) if default.kinds == Kinds::TEXT => {
                operator == BinaryOperator::Equal && !texts.set.contains(text)
            }
            _ => super::comparisons::decided(operator, &default, bound) == Some(false),
        };
        if none {
            let value = value.present();
            state.learn(
                place,
                narrow::by(value.clone(), operator, bound).unwrap_or(value),
            );
        }
    }

    fn learn_membership(
        &mut self,
        left: &'a Expr,
        right: &'a Expr,
        state: &mut State,
        truth: bool,
    ) {
        let Some(place) = state.place_of(left) else {
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
                state.learn(place, ty.without_texts(&list));
            }
            return;
        }
        // `()` is in no array of texts.
        if let Some(list) = list {
            ty = ty.present();
            state.learn(place, ty.one_of_texts(&list));
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
    pub(super) fn known(&mut self, expr: &'a Expr, state: &State) -> Option<Ty> {
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
                    return Some(self.in_silence(expr, state));
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
            ExprKind::Binary { .. } | ExprKind::Call { .. } | ExprKind::Unary { .. } => {
                Some(self.in_silence(expr, state))
            }
            _ => None,
        }
    }

    /// What an expression gives, without reporting anything.
    pub(super) fn in_silence(&mut self, expr: &'a Expr, state: &State) -> Ty {
        self.silent += 1;
        let ty = self.expression(expr, &mut state.clone());
        self.silent -= 1;
        ty
    }
}
