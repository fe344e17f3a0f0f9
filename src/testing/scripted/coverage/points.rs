//! Everything of a policy that a test can run or leave out, by function.

use std::collections::BTreeSet;

use crate::policy::walk;
use crate::syntax::ast::{
    BinaryOperator, Block, Expr, ExprKind, FunctionItem, NodeId, StatementKind,
};
use crate::syntax::{Source, Span};

/// Something that can come out one way.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) key: Key,
    /// What is marked too wherever this one could have been.
    pub(super) beside: Key,
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// What to say where it did not run.
    pub(super) missing: String,
}

/// What an observer is told: a node, and which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) node: NodeId,
    pub(super) way: bool,
}

impl Key {
    /// Of something that happens or does not.
    pub(super) const fn taken(node: NodeId) -> Self {
        Self { node, way: true }
    }
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Branch,
    Arm,
    Side,
}

/// The points and lines of one function.
#[derive(Debug, Clone, Default)]
pub(super) struct Points {
    pub(super) points: Vec<Point>,
    /// Lines on which a statement or the value of an arm begins.
    pub(super) lines: BTreeSet<u32>,
}

impl Points {
    pub(super) fn of(function: &FunctionItem, source: &Source) -> Self {
        let mut points = Self::default();
        points.block(&function.body, source);
        walk::expressions(&function.body, &mut |expr| points.expression(expr, source));
        points.points.sort_by_key(|point| (point.span, point.key));
        points
    }

    fn block(&mut self, block: &Block, source: &Source) {
        for statement in &block.statements {
            self.lines
                .insert(source.position(statement.span.start).line);
            if let StatementKind::For { body, .. } = &statement.kind {
                self.block(body, source);
            }
        }
    }

    fn expression(&mut self, expr: &Expr, source: &Source) {
        match &expr.kind {
            ExprKind::If {
                condition, then, ..
            } => {
                self.block(then, source);
                for way in [true, false] {
                    let missing = format!("no test makes this condition {way}");
                    self.add(expr.id, way, Kind::Branch, condition.span, missing);
                }
            }
            ExprKind::Switch { arms, default, .. } => {
                for arm in arms {
                    self.lines.insert(source.position(arm.body.span.start).line);
                    let missing = "no test takes this arm".to_owned();
                    self.arm(expr.id, arm.id, arm.span, missing);
                }
                if let Some(default) = default {
                    self.lines.insert(source.position(default.span.start).line);
                    let missing = "no test takes the default".to_owned();
                    self.arm(expr.id, default.id, default.span, missing);
                }
            }
            ExprKind::Block(block) => self.block(block, source),
            ExprKind::Binary { operator, left, .. } => {
                let (stays, goes) = match operator {
                    BinaryOperator::And => ("no test makes this side of `&&` false", "true"),
                    BinaryOperator::Or => ("no test makes this side of `||` true", "false"),
                    BinaryOperator::Coalesce => ("no test meets a present value here", ""),
                    _ => return,
                };
                let goes = match operator {
                    BinaryOperator::Coalesce => "no test meets an absent value here".to_owned(),
                    operator => {
                        format!("no test makes this side of `{}` {goes}", operator.text())
                    }
                };
                self.add(expr.id, false, Kind::Side, left.span, stays.to_owned());
                self.add(expr.id, true, Kind::Side, left.span, goes);
            }
            ExprKind::Field {
                receiver,
                optional: true,
                ..
            }
            | ExprKind::Index {
                receiver,
                optional: true,
                ..
            }
            | ExprKind::Call {
                receiver: Some(receiver),
                optional: true,
                ..
            } => {
                let absent = "no test meets an absent value here".to_owned();
                self.add(expr.id, true, Kind::Side, receiver.span, absent);
                let present = "no test meets a present value here".to_owned();
                self.add(expr.id, false, Kind::Side, receiver.span, present);
            }
            _ => {}
        }
    }

    fn add(&mut self, node: NodeId, way: bool, kind: Kind, span: Span, missing: String) {
        self.points.push(Point {
            key: Key { node, way },
            beside: Key { node, way: !way },
            kind,
            span,
            missing,
        });
    }

    fn arm(&mut self, switch: NodeId, arm: NodeId, span: Span, missing: String) {
        self.points.push(Point {
            key: Key::taken(arm),
            beside: Key::taken(switch),
            kind: Kind::Arm,
            span,
            missing,
        });
    }
}
