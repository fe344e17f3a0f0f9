//! Blocks and statements: locals, branches, loops, returns.
//!
//! Assignments replace the local's value; after a branch, a local is a choice between what the
//! branches made of it. Rows that leave a loop early keep the values they left with.

use std::sync::Arc;

use crate::language::edge::Relation;
use crate::syntax::Span;
use crate::syntax::ast::{Block, Expr, ExprKind, Name, Statement, StatementKind};

use super::super::build::Builder;
use super::super::lanes::Ty;
use super::super::op::Op;
use super::super::op::compare::Compare;
use super::super::op::sets::SetOp;
use super::super::op::source::{Constant, Source};
use super::super::program::N;
use super::value::{Atom, Val};
use super::{Lowered, Lowering, refusal};

/// How a block or expression ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Rows come out.
    Open,
    /// All rows have returned.
    Returned,
    /// All rows have left the loop's body.
    Jumped,
}

/// A loop over tags is unrolled so many times; records with more are the interpreter's.
const MOST_TAGS: usize = 12;

/// What a loop goes over.
struct Elements {
    items: Vec<Val>,
    /// How many there are, where that differs between rows: those of a row come first.
    length: Option<N>,
}

impl Lowering<'_> {
    /// A block in a scope of its own: its value, and whether rows come out.
    pub(super) fn block(&mut self, block: &Block) -> Lowered<(Val, End)> {
        let scope = self.frame.locals.len();
        let result = self.statements(&block.statements);
        self.frame.locals.truncate(scope);
        result
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) -> Lowered<(Val, End)> {
        let mut value = Val::unit();
        for statement in statements {
            self.b.span = statement.span;
            self.size_checked(statement.span)?;
            let (made, end) = self.statement(statement)?;
            if end != End::Open {
                return Ok((Val::default(), end));
            }
            value = made;
        }
        Ok((value, End::Open))
    }

    fn statement(&mut self, statement: &Statement) -> Lowered<(Val, End)> {
        match &statement.kind {
            StatementKind::Let { name, value, .. } => {
                let value = match value {
                    Some(value) => self.open(value)?,
                    None => Val::unit(),
                };
                self.frame.locals.push((name.text.clone(), value));
            }
            StatementKind::Assign {
                name,
                operator,
                value,
            } => self.assign(name, *operator, value)?,
            StatementKind::For {
                variable,
                counter,
                over,
                body,
            } => return self.for_each(variable, counter.as_ref(), over, body),
            StatementKind::Return(value) => {
                let (value, end) = match value {
                    Some(value) => self.expression(value)?,
                    None => (Val::unit(), End::Open),
                };
                if end != End::Open {
                    return Ok((Val::default(), end));
                }
                let branch = self.b.and_not(self.frame.branch, self.frame.skipped);
                self.frame.returns.push((branch, value));
                self.frame.gone = self.b.or(self.frame.gone, branch);
                // Where some rows jumped before, their locals live on.
                let jumped = self.frame.skipped != Builder::FALSE;
                let end = if jumped { End::Jumped } else { End::Returned };
                return Ok((Val::default(), end));
            }
            StatementKind::Break | StatementKind::Continue => {
                if !self.frame.in_loop {
                    return Err(refusal(
                        statement.span,
                        "a jump outside a loop",
                        "remove it",
                    ));
                }
                let here = self.b.and_not(self.frame.branch, self.frame.skipped);
                if matches!(statement.kind, StatementKind::Break) {
                    self.frame.broken = self.b.or(self.frame.broken, here);
                }
                self.frame.skipped = self.b.or(self.frame.skipped, here);
                return Ok((Val::default(), End::Jumped));
            }
            StatementKind::Expr { expr, semicolon } => {
                let (value, end) = self.expression(expr)?;
                let value = if *semicolon { Val::unit() } else { value };
                return Ok((value, end));
            }
            StatementKind::Broken => {
                return Err(refusal(
                    statement.span,
                    "a statement that cannot be read",
                    "see the errors",
                ));
            }
        }
        Ok((Val::unit(), End::Open))
    }

    fn assign(
        &mut self,
        name: &Name,
        operator: Option<crate::syntax::ast::BinaryOperator>,
        value: &Expr,
    ) -> Lowered<()> {
        let new = self.open(value)?;
        let Some(at) = (self.frame.locals.iter()).rposition(|(local, _)| *local == name.text)
        else {
            let what = "an assignment to something that is not a local";
            return Err(refusal(name.span, what, "assign to a `let`"));
        };
        let old = self.frame.locals[at].1.clone();
        let new = match operator {
            Some(operator) => self.operate(operator, &old, &new, name.span)?,
            None => new,
        };
        // Rows that have left the loop's body keep what they had.
        let skipped = self.frame.skipped;
        self.frame.locals[at].1 = Val::choose(&mut self.b, skipped, &old, &new);
        Ok(())
    }

    /// `if condition { then } else { otherwise }`, given the condition's rows.
    pub(super) fn branch(
        &mut self,
        condition: N,
        then: impl FnOnce(&mut Self) -> Lowered<(Val, End)>,
        otherwise: impl FnOnce(&mut Self) -> Lowered<(Val, End)>,
    ) -> Lowered<(Val, End)> {
        match condition {
            Builder::TRUE => return then(self),
            Builder::FALSE => return otherwise(self),
            _ => {}
        }
        let before = self.frame.locals.clone();
        let (a, a_end) = self.under(condition, then)?;
        let after_a = std::mem::replace(&mut self.frame.locals, before);
        let not = self.b.not(condition);
        let (b, b_end) = self.under(not, otherwise)?;
        match (a_end, b_end) {
            (End::Returned, _) => return Ok((b, b_end)),
            (_, End::Returned) => {
                self.frame.locals = after_a;
                return Ok((a, a_end));
            }
            _ => {}
        }
        for (at, (_, a)) in after_a.iter().enumerate() {
            let merged = Val::choose(&mut self.b, condition, a, &self.frame.locals[at].1);
            self.frame.locals[at].1 = merged;
        }
        let end = match (a_end, b_end) {
            (End::Jumped, End::Jumped) => End::Jumped,
            _ => End::Open,
        };
        Ok((Val::choose(&mut self.b, condition, &a, &b), end))
    }

    fn for_each(
        &mut self,
        variable: &Name,
        counter: Option<&Name>,
        over: &Expr,
        body: &Block,
    ) -> Lowered<(Val, End)> {
        let Elements { items, length } = self.elements(over)?;
        let outer = (
            self.frame.skipped,
            std::mem::replace(&mut self.frame.broken, Builder::FALSE),
            std::mem::replace(&mut self.frame.in_loop, true),
        );
        let scope = self.frame.locals.len();
        let mut end = End::Open;
        for (at, item) in items.into_iter().enumerate() {
            if let Some(length) = length {
                let ended = self.shorter(length, at);
                self.frame.broken = self.b.or(self.frame.broken, ended);
                self.frame.skipped = self.b.or(outer.0, self.frame.broken);
            }
            if let Some(counter) = counter {
                let at = i64::try_from(at).unwrap_or(i64::MAX); // arrays are shorter
                let at = Val::lane(self.b.constant(Constant::Int(at)));
                self.frame.locals.push((counter.text.clone(), at));
            }
            self.frame.locals.push((variable.text.clone(), item));
            let (_, body_end) = self.block(body)?;
            self.frame.locals.truncate(scope);
            self.size_checked(body.span)?;
            if body_end == End::Returned {
                // Every row that came here returned in this round.
                if length.is_none() {
                    end = End::Returned;
                }
                break;
            }
            self.frame.skipped = self.b.or(outer.0, self.frame.broken);
            let left = self.b.and_not(self.frame.branch, self.frame.skipped);
            if left == Builder::FALSE {
                break;
            }
        }
        (self.frame.skipped, self.frame.broken, self.frame.in_loop) = outer;
        Ok((Val::unit(), end))
    }

    /// What a loop goes over, element by element.
    fn elements(&mut self, over: &Expr) -> Lowered<Elements> {
        if let ExprKind::Range {
            start,
            end,
            inclusive,
        } = &over.kind
        {
            let (start, end) = (self.bound(start)?, self.bound(end)?);
            let last = if *inclusive {
                end
            } else {
                end.saturating_sub(1)
            };
            let limit = i64::try_from(self.env.limits.array_length).unwrap_or(i64::MAX);
            if last.saturating_sub(start) >= limit {
                return Err(refusal(
                    over.span,
                    "a long range to loop over",
                    "loop over fewer elements",
                ));
            }
            let items = (start..=last).map(|at| Val::lane(self.b.constant(Constant::Int(at))));
            return Ok(Elements {
                items: items.collect(),
                length: None,
            });
        }
        let value = self.open(over)?;
        match value.only() {
            Some(Atom::Array(items)) => Ok(Elements {
                items: items.to_vec(),
                length: None,
            }),
            Some(Atom::Lane(node)) if self.b.ty(*node) == Ty::Tags => self.tags(*node, over.span),
            _ => Err(refusal(
                over.span,
                "a loop over something whose length differs",
                "loop over a literal array",
            )),
        }
    }

    /// The tags of a field, one after another up to a number that few records exceed; those that
    /// do defer.
    fn tags(&mut self, set: N, span: Span) -> Lowered<Elements> {
        let node = &self.b.nodes[set.ix()];
        let Op::Source(Source::Field { side, name, .. }) = &node.op else {
            // An array that is taken for a set has lost its order.
            return Err(refusal(
                span,
                "a loop over tags that are no field's",
                "use `has_any`, `overlap`, `best_of` or `sum_of`",
            ));
        };
        let schema = self.env.schema;
        let field = (schema.field(*side, name)).and_then(|ix| schema.get(*side, ix));
        let most = match field.map_or(0, |field| field.allowed.len()) {
            allowed @ 1..MOST_TAGS => allowed,
            _ => MOST_TAGS,
        };
        self.b.span = span;
        let length = self.b.node(Op::Sets(SetOp::Count), &[set]);
        let all = self.shorter(length, most);
        let more = self.b.not(all);
        self.fail(more, "a loop over many tags");
        let items = (0..most).map(|at| {
            let at = self.place(at);
            Val::lane(self.b.node(Op::Sets(SetOp::Nth), &[set, at]))
        });
        Ok(Elements {
            items: items.collect(),
            length: Some(length),
        })
    }

    fn place(&mut self, at: usize) -> N {
        let at = i64::try_from(at).unwrap_or(i64::MAX); // arrays are shorter
        self.b.constant(Constant::Int(at))
    }

    /// The rows on which a length does not go beyond a place.
    fn shorter(&mut self, length: N, at: usize) -> N {
        let at = self.place(at);
        let goes_on = Op::Compare(Compare::Int(Relation::Greater));
        let goes_on = self.b.node(goes_on, &[length, at]);
        self.b.not(goes_on)
    }

    fn bound(&mut self, bound: &Expr) -> Lowered<i64> {
        let value = self.open(bound)?;
        match self.known(&value) {
            Some(crate::language::Value::Int(bound)) => Ok(bound),
            _ => Err(refusal(
                bound.span,
                "a range whose bounds differ",
                "write the bounds as literals",
            )),
        }
    }

    /// An expression out of which rows come.
    pub(super) fn open(&mut self, expr: &Expr) -> Lowered<Val> {
        Ok(self.expression(expr)?.0)
    }

    /// A local, innermost first.
    pub(super) fn local(&self, name: &Arc<str>) -> Option<Val> {
        (self.frame.locals.iter().rev())
            .find(|(local, _)| local == name)
            .map(|(_, value)| value.clone())
    }

    /// The rows on which a value is `true`; rows where it is no bool defer.
    pub(super) fn truth(&mut self, value: &Val, span: Span) -> N {
        self.b.span = span;
        let mut truth = Builder::FALSE;
        for alt in &value.alts {
            match alt.atom.ty(&self.b) {
                Some((Ty::Bool, node)) => truth = node,
                _ => self.fail(alt.when, "a condition that is no bool"),
            }
        }
        truth
    }
}
