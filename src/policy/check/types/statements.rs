//! Blocks, statements, loops, `if`.

use crate::syntax::Span;
use crate::syntax::ast::{Block, Expr, ExprKind, Statement, StatementKind};

use super::super::walk;
use super::ty::{Interval, Kinds, Ty};
use super::{Checker, Missing, Outcome, State};

impl<'a> Checker<'a> {
    /// A block's value; where `tail`, that value is one of the function's results.
    pub(super) fn block(&mut self, block: &'a Block, state: &mut State, tail: bool) -> Ty {
        let mark = state.mark();
        let mut value = Ty::literal(Kinds::UNIT);
        let last = block.statements.len().wrapping_sub(1);
        for (index, statement) in block.statements.iter().enumerate() {
            self.ladder_of_returns(&block.statements[index..], state);
            value = self.statement(statement, state, tail && index == last);
            if state.dead {
                break;
            }
        }
        if block.statements.is_empty() && tail {
            self.nothing(block.span, Missing::Value, state);
        }
        state.leave(mark);
        value
    }

    /// A way out without a result.
    pub(super) fn nothing(&mut self, span: Span, missing: Missing, state: &State) {
        if !state.dead {
            self.outcomes.push(Outcome {
                ty: Ty::literal(Kinds::UNIT),
                expr: None,
                span,
                missing: Some(missing),
            });
        }
    }

    fn statement(&mut self, statement: &'a Statement, state: &mut State, tail: bool) -> Ty {
        match &statement.kind {
            StatementKind::Expr { expr, .. } => return self.tail(expr, state, tail),
            StatementKind::Let { name, value, .. } => {
                let ty = match value {
                    Some(value) => self.expression(value, state),
                    None => Ty::literal(Kinds::UNIT),
                };
                self.forget_meanings(&name.text, state);
                let condition = value.as_ref().filter(|_| ty.kinds == Kinds::BOOL);
                let id = self.id();
                state.bind(&name.text, ty, id);
                if let Some(condition) = condition.filter(|expr| is_condition(expr)) {
                    state.means(self.meanings.len() as u32);
                    self.meanings.push(condition);
                }
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => {
                let right = self.expression(value, state);
                let ty = match operator {
                    Some(operator) => {
                        let left = state.local(&name.text).cloned().unwrap_or_else(Ty::any);
                        self.binary(
                            *operator,
                            statement.span,
                            (&left, name.span),
                            (&right, value.span),
                        )
                    }
                    None => right,
                };
                state.assign(&name.text, ty);
                self.forget_meanings(&name.text, state);
            }
            StatementKind::For {
                variable,
                counter,
                over,
                body,
            } => {
                let element = self.element(over, state);
                let mut locals = vec![(&variable.text, element)];
                if let Some(counter) = counter {
                    let mut count = Ty::of(Kinds::INT);
                    count.interval = Interval::closed(0.0, f64::INFINITY);
                    locals.push((&counter.text, count));
                }
                self.repeat(body, &locals, state);
            }
            StatementKind::Return(value) => {
                let ty = match value {
                    Some(value) => {
                        self.tail(value, state, true);
                        state.dead = true;
                        return Ty::of(Kinds::NONE);
                    }
                    None => Ty::literal(Kinds::UNIT),
                };
                self.outcomes.push(Outcome {
                    ty,
                    expr: None,
                    span: statement.span,
                    missing: Some(Missing::Value),
                });
                state.dead = true;
                return Ty::of(Kinds::NONE);
            }
            StatementKind::Break | StatementKind::Continue => {
                self.exits.push(state.clone());
                state.dead = true;
                return Ty::of(Kinds::NONE);
            }
            StatementKind::Broken => {
                if tail {
                    self.outcomes.push(Outcome {
                        ty: Ty::any(),
                        expr: None,
                        span: statement.span,
                        missing: None,
                    });
                }
                return Ty::any();
            }
        }
        if tail {
            self.nothing(statement.span, Missing::Value, state);
        }
        Ty::literal(Kinds::UNIT)
    }

    /// Forgets the conditions that look at a local which is no longer the same.
    fn forget_meanings(&self, name: &str, state: &mut State) {
        state.forget_meanings(&|means| {
            let mut read = false;
            if let Some(condition) = self.meanings.get(means as usize) {
                walk::expression(condition, &mut |expr| {
                    read |= matches!(&expr.kind, ExprKind::Variable(found) if &**found == name);
                });
            }
            read
        });
    }

    /// A loop's body, any number of times.
    fn repeat(
        &mut self,
        body: &'a Block,
        locals: &[(&std::sync::Arc<str>, Ty)],
        state: &mut State,
    ) {
        let outer = std::mem::take(&mut self.exits);
        let results = self.outcomes.len();
        // Twice in silence, to see what the loop changes.
        self.silent += 1;
        for _ in 0..2 {
            let after = self.pass(body, locals, state.clone());
            state.widen(&after);
            self.outcomes.truncate(results);
        }
        self.silent -= 1;
        let after = self.pass(body, locals, state.clone());
        self.exits = outer;
        let before = std::mem::take(state);
        *state = before.join(after);
    }

    /// One pass: what holds after it, and where it was left.
    fn pass(
        &mut self,
        body: &'a Block,
        locals: &[(&std::sync::Arc<str>, Ty)],
        mut state: State,
    ) -> State {
        let mark = state.mark();
        for (name, ty) in locals {
            let id = self.id();
            state.bind(name, ty.clone(), id);
        }
        self.exits.clear();
        self.block(body, &mut state, false);
        for mut exit in std::mem::take(&mut self.exits) {
            exit.leave(mark);
            state.leave(mark);
            state = state.join(exit);
        }
        state.leave(mark);
        state
    }

    /// The value of an expression; where `tail`, it is one of the function's results.
    pub(super) fn tail(&mut self, expr: &'a Expr, state: &mut State, tail: bool) -> Ty {
        match &expr.kind {
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.if_else(expr, condition, then, otherwise.as_deref(), state, tail),
            ExprKind::Switch {
                subject,
                arms,
                default,
            } => self.switch(expr, subject, arms, default.as_deref(), state, tail),
            ExprKind::Block(block) => self.block(block, state, tail),
            _ => {
                let ty = self.expression(expr, state);
                if tail && !state.dead {
                    self.outcomes.push(Outcome {
                        ty: ty.clone(),
                        expr: Some(expr),
                        span: expr.span,
                        missing: None,
                    });
                }
                ty
            }
        }
    }

    fn if_else(
        &mut self,
        expr: &'a Expr,
        condition: &'a Expr,
        then: &'a Block,
        otherwise: Option<&'a Expr>,
        state: &mut State,
        tail: bool,
    ) -> Ty {
        self.ladder_of_branches(expr, state);
        let (mut yes, mut no) = self.condition(condition, state);
        let always = self.always;
        let value = self.block(then, &mut yes, tail);
        let other = match otherwise {
            Some(otherwise) => self.tail(otherwise, &mut no, tail),
            None => {
                // That the condition always holds is said already.
                if tail && always != Some(true) {
                    let keyword = Span::new(expr.span.start, expr.span.start + 2);
                    self.nothing(keyword, Missing::Else, &no);
                }
                Ty::literal(Kinds::UNIT)
            }
        };
        let ty = match (yes.dead, no.dead) {
            (true, _) => other,
            (_, true) => value,
            _ => value.join(other),
        };
        *state = yes.join(no);
        ty
    }
}

/// Whether an expression tells something where it is true.
fn is_condition(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Call { .. }
    )
}
