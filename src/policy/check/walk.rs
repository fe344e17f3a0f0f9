//! One way through a tree for the checks that look at every node.

use crate::syntax::ast::{Block, Expr, ExprKind, Piece, StatementKind};

/// Calls `visit` for each expression, outer ones first.
pub(crate) fn expressions<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a Expr)) {
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
pub(crate) fn expression<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
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
        _ => operands(expr, &mut |operand| expression(operand, visit)),
    }
}

/// Calls `visit` for what an expression without branches is directly made of.
pub(super) fn operands<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Interpolated(pieces) => {
            for piece in pieces {
                if let Piece::Expr(inner) = piece {
                    visit(inner);
                }
            }
        }
        ExprKind::Array(elements) => elements.iter().for_each(visit),
        ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        ExprKind::Unary { operand, .. } => visit(operand),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|e| visit(e)),
        ExprKind::Range { start, end, .. } => [start, end].into_iter().for_each(|e| visit(e)),
        ExprKind::Field { receiver, .. } => visit(receiver),
        ExprKind::Index {
            receiver, index, ..
        } => [receiver, index].into_iter().for_each(|e| visit(e)),
        ExprKind::Call {
            receiver,
            arguments,
            ..
        } => (receiver.as_deref().into_iter())
            .chain(arguments)
            .for_each(visit),
        _ => {}
    }
}
