//! Values that are known when a policy is compiled: ints for ranges, lengths of arrays.
//!
//! Only what cannot differ from what Rhai computes: literals, constants, signs, and `+ - *`
//! without overflow. `params` are not known: the host may override them.

use crate::syntax::ast::{BinaryOperator, Expr, ExprKind, Script, UnaryOperator};

/// How many nodes are looked at before a value counts as unknown.
const FUEL: usize = 256;

/// The int that an expression is.
pub(super) fn int(script: &Script, expr: &Expr) -> Option<i64> {
    let mut fuel = FUEL;
    int_within(script, expr, &mut fuel)
}

fn int_within(script: &Script, expr: &Expr, fuel: &mut usize) -> Option<i64> {
    *fuel = fuel.checked_sub(1)?;
    match &expr.kind {
        ExprKind::Int(int) => Some(*int),
        ExprKind::Variable(name) => int_within(script, &script.constant(name)?.value, fuel),
        ExprKind::Unary { operator, operand } => {
            let int = int_within(script, operand, fuel)?;
            match operator {
                UnaryOperator::Minus => int.checked_neg(),
                UnaryOperator::Plus => Some(int),
                UnaryOperator::Not => None,
            }
        }
        ExprKind::Binary {
            operator,
            left,
            right,
            ..
        } => {
            let left = int_within(script, left, fuel)?;
            let right = int_within(script, right, fuel)?;
            match operator {
                BinaryOperator::Add => left.checked_add(right),
                BinaryOperator::Subtract => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The number that an expression is, as a float.
pub(super) fn number(script: &Script, expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Float(float) => Some(*float),
        ExprKind::Variable(name) => match &script.constant(name)?.value.kind {
            ExprKind::Float(float) => Some(*float),
            _ => int(script, expr).map(|int| int as f64),
        },
        _ => int(script, expr).map(|int| int as f64),
    }
}

/// The expression that a name stands for, where it is a constant's.
pub(super) fn resolved<'a>(script: &'a Script, expr: &'a Expr) -> &'a Expr {
    let mut expr = expr;
    for _ in 0..FUEL {
        match &expr.kind {
            ExprKind::Variable(name) => match script.constant(name) {
                Some(constant) => expr = &constant.value,
                None => return expr,
            },
            _ => return expr,
        }
    }
    expr
}

/// How often a loop over that runs at most; `None` for a range whose ends are not known.
pub(super) fn length(script: &Script, over: &Expr, longest: usize) -> Option<u64> {
    match &resolved(script, over).kind {
        ExprKind::Array(elements) => Some(elements.len() as u64),
        ExprKind::Range {
            start,
            end,
            inclusive,
        } => {
            if [start, end]
                .iter()
                .any(|end| matches!(end.kind, ExprKind::Broken))
            {
                return Some(0);
            }
            let length = int(script, end)?.checked_sub(int(script, start)?);
            let length = length
                .unwrap_or(i64::MAX)
                .saturating_add(i64::from(*inclusive));
            Some(u64::try_from(length).unwrap_or(0))
        }
        _ => Some(longest as u64),
    }
}
