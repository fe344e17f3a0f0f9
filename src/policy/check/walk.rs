//! One way through a tree for the checks that look at every node.

use crate::syntax::ast::{Block, Expr, ExprKind, Piece, StatementKind};

/// Calls `visit` for each expression, outer ones first.
pub(super) fn expressions<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a Expr)) {
    for statement in &block.statements {
        match &statement.kind {
            StatementKind::Let { value, .. } | StatementKind::Return(value) => {
                if let Some(value) = value {
                    expression(value, visit);
                }
            }
            StatementKind::Assign { value, .. } => expression(value, visit),
            StatementKind::For { over, body, .. } => {
                expression(over, visit);
                expressions(body, visit);
            }
            StatementKind::Expr { expr, .. } => expression(expr, visit),
            StatementKind::Break | StatementKind::Continue | StatementKind::Broken => {}
        }
    }
}

/// Calls `visit` for the expression and each within it, outer ones first.
pub(super) fn expression<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Unit
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Variable(_)
        | ExprKind::Broken => {}
        ExprKind::Interpolated(pieces) => {
            for piece in pieces {
                if let Piece::Expr(inner) = piece {
                    expression(inner, visit);
                }
            }
        }
        ExprKind::Array(elements) => {
            for element in elements {
                expression(element, visit);
            }
        }
        ExprKind::Map(entries) => {
            for (_, value) in entries {
                expression(value, visit);
            }
        }
        ExprKind::Unary { operand, .. } => expression(operand, visit),
        ExprKind::Binary { left, right, .. } => {
            expression(left, visit);
            expression(right, visit);
        }
        ExprKind::Range { start, end, .. } => {
            expression(start, visit);
            expression(end, visit);
        }
        ExprKind::Field { receiver, .. } => expression(receiver, visit),
        ExprKind::Index {
            receiver, index, ..
        } => {
            expression(receiver, visit);
            expression(index, visit);
        }
        ExprKind::Call {
            receiver,
            arguments,
            ..
        } => {
            if let Some(receiver) = receiver {
                expression(receiver, visit);
            }
            for argument in arguments {
                expression(argument, visit);
            }
        }
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            expression(condition, visit);
            expressions(then, visit);
            if let Some(otherwise) = otherwise {
                expression(otherwise, visit);
            }
        }
        ExprKind::Switch {
            subject,
            arms,
            default,
        } => {
            expression(subject, visit);
            for arm in arms {
                if let Some(guard) = &arm.guard {
                    expression(guard, visit);
                }
                expression(&arm.body, visit);
            }
            if let Some(default) = default {
                expression(default, visit);
            }
        }
        ExprKind::Block(block) => expressions(block, visit),
    }
}
