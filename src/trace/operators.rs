//! Operators on values, with the interpreter's meaning and its words where there is no result.
//!
//! Ints are checked; int and float mix to float; floats compare with a relative epsilon
//! ([`edge`](crate::language::edge)); values of unlike kinds are unequal and in no order.

use std::sync::Arc;

use crate::language::edge::{self, Relation};
use crate::language::{Limits, Value};
use crate::script::builtins::operators::{equal, shift_left, shift_right};
use crate::script::builtins::with_article;
use crate::script::builtins::written::plain;
use crate::syntax::ast::{BinaryOperator, UnaryOperator};

use super::sizes::Sizes;

/// The relation that an operator asks about.
pub(super) const fn relation(operator: BinaryOperator) -> Option<Relation> {
    Some(match operator {
        BinaryOperator::Equal => Relation::Equal,
        BinaryOperator::NotEqual => Relation::NotEqual,
        BinaryOperator::Less => Relation::Less,
        BinaryOperator::LessOrEqual => Relation::LessOrEqual,
        BinaryOperator::Greater => Relation::Greater,
        BinaryOperator::GreaterOrEqual => Relation::GreaterOrEqual,
        _ => return None,
    })
}

/// `x operator y`, for all operators but those that may skip their right side, and `in`.
pub(super) fn binary(
    operator: BinaryOperator,
    x: &Value,
    y: &Value,
    limits: &Limits,
) -> Result<Value, String> {
    if let Some(relation) = relation(operator) {
        return compare(relation, x, y)
            .map(Value::Bool)
            .ok_or_else(|| not_taken(operator, x, y));
    }
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => ints(operator, *x, *y).map(Value::Int),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            match (x.as_number(), y.as_number()) {
                (Some(a), Some(b)) => floats(operator, a, b).map(Value::Float),
                _ => None,
            }
            .ok_or_else(|| not_taken(operator, x, y))
        }
        (Value::Bool(a), Value::Bool(b)) => match operator {
            BinaryOperator::BitAnd => Ok(Value::Bool(a & b)),
            BinaryOperator::BitOr => Ok(Value::Bool(a | b)),
            BinaryOperator::BitXor => Ok(Value::Bool(a ^ b)),
            _ => Err(not_taken(operator, x, y)),
        },
        (Value::Text(_), _) | (_, Value::Text(_)) => texts(operator, x, y, limits),
        (Value::Array(a), Value::Array(b)) if operator == BinaryOperator::Add => {
            joined(a, b, limits)
        }
        _ => Err(not_taken(operator, x, y)),
    }
}

/// Whether the relation holds; `None` between two of a kind that has no order.
fn compare(relation: Relation, x: &Value, y: &Value) -> Option<bool> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = match (x, y) {
        (Value::Int(x), Value::Int(y)) => x.cmp(y),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            return Some(edge::compare(relation, x.as_number()?, y.as_number()?));
        }
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        (Value::Text(x), Value::Text(y)) => x.cmp(y),
        (Value::Time(x), Value::Time(y)) => x.cmp(y),
        // `() >= ()` is false, `() != ()` too.
        (Value::Unit, Value::Unit) => return Some(relation == Relation::Equal),
        (Value::Array(_), Value::Array(_)) | (Value::Map(_), Value::Map(_)) => {
            return match relation {
                Relation::Equal => Some(equal(x, y)),
                Relation::NotEqual => Some(!equal(x, y)),
                _ => None,
            };
        }
        (Value::Record(a, one), Value::Record(b, other)) if a == b => {
            return match relation {
                Relation::Equal => Some(one == other),
                Relation::NotEqual => Some(one != other),
                _ => None,
            };
        }
        _ => return Some(relation == Relation::NotEqual),
    };
    Some(match relation {
        Relation::Equal => order == Equal,
        Relation::NotEqual => order != Equal,
        Relation::Less => order == Less,
        Relation::LessOrEqual => order != Greater,
        Relation::Greater => order == Greater,
        Relation::GreaterOrEqual => order != Less,
    })
}

fn ints(operator: BinaryOperator, x: i64, y: i64) -> Result<i64, String> {
    let (result, what) = match operator {
        BinaryOperator::Add => (x.checked_add(y), "addition overflow"),
        BinaryOperator::Subtract => (x.checked_sub(y), "subtraction overflow"),
        BinaryOperator::Multiply => (x.checked_mul(y), "multiplication overflow"),
        BinaryOperator::Divide if y == 0 => (None, "division by zero"),
        BinaryOperator::Divide => (x.checked_div(y), "division overflow"),
        BinaryOperator::Modulo => (x.checked_rem(y), "modulo division by zero or overflow"),
        BinaryOperator::Power if y < 0 => (None, "integer raised to a negative power"),
        BinaryOperator::Power => (
            u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
            "exponential overflow",
        ),
        BinaryOperator::ShiftLeft => (Some(shift_left(x, y)), ""),
        BinaryOperator::ShiftRight => (Some(shift_right(x, y)), ""),
        BinaryOperator::BitAnd => (Some(x & y), ""),
        BinaryOperator::BitOr => (Some(x | y), ""),
        BinaryOperator::BitXor => (Some(x ^ y), ""),
        _ => return Err(not_taken(operator, &Value::Int(x), &Value::Int(y))),
    };
    result.ok_or_else(|| format!("{what}: {x} {} {y}", operator.text()))
}

fn floats(operator: BinaryOperator, x: f64, y: f64) -> Option<f64> {
    Some(match operator {
        BinaryOperator::Add => x + y,
        BinaryOperator::Subtract => x - y,
        BinaryOperator::Multiply => x * y,
        BinaryOperator::Divide => x / y,
        BinaryOperator::Modulo => x % y,
        BinaryOperator::Power => x.powf(y),
        _ => return None,
    })
}

/// At least one side is a text.
fn texts(operator: BinaryOperator, x: &Value, y: &Value, limits: &Limits) -> Result<Value, String> {
    match (operator, x, y) {
        (BinaryOperator::Add, Value::Text(a), Value::Text(b)) => {
            let sizes = Sizes::bytes(a.len() + b.len());
            match sizes.refused(limits) {
                Some(refused) => Err(refused.to_owned()),
                None => Ok(Value::Text(concatenated(a, b))),
            }
        }
        (BinaryOperator::Add, Value::Text(text), Value::Unit)
        | (BinaryOperator::Add, Value::Unit, Value::Text(text)) => Ok(Value::Text(text.clone())),
        (BinaryOperator::Add, Value::Record(..), _)
        | (BinaryOperator::Add, _, Value::Record(..)) => Err(not_taken(operator, x, y)),
        (BinaryOperator::Add, ..) => {
            let written = |value: &Value| match value {
                Value::Text(text) => Ok(text.to_string()),
                Value::Array(_) | Value::Map(_) => match super::sizes::refused(value, limits) {
                    Some(refused) => Err(format!("`+` cannot take {refused}")),
                    None => Ok(plain(value, limits.text_bytes)),
                },
                other => Ok(plain(other, limits.text_bytes)),
            };
            let (a, b) = (written(x)?, written(y)?);
            if a.len() + b.len() > limits.text_bytes {
                return Err(format!(
                    "`+` would make a text of more than {} bytes",
                    limits.text_bytes
                ));
            }
            Ok(Value::Text(concatenated(&a, &b)))
        }
        // Without all occurrences of the other; the empty text minus a text is that text.
        (BinaryOperator::Subtract, Value::Text(a), Value::Text(b)) => Ok(if b.is_empty() {
            x.clone()
        } else if a.is_empty() {
            y.clone()
        } else {
            Value::Text(a.replace(&**b, "").into())
        }),
        _ => Err(not_taken(operator, x, y)),
    }
}

fn concatenated(a: &str, b: &str) -> Arc<str> {
    let mut text = String::with_capacity(a.len() + b.len());
    text.push_str(a);
    text.push_str(b);
    text.into()
}

fn joined(a: &Arc<[Value]>, b: &Arc<[Value]>, limits: &Limits) -> Result<Value, String> {
    if a.len() + b.len() > limits.array_length {
        return Err(format!(
            "`+` would make an array of more than {} elements",
            limits.array_length
        ));
    }
    Ok(Value::Array(a.iter().chain(b.iter()).cloned().collect()))
}

/// `operator x`
pub(super) fn unary(operator: UnaryOperator, x: &Value) -> Result<Value, String> {
    match (operator, x) {
        (UnaryOperator::Not, Value::Bool(bool)) => Ok(Value::Bool(!bool)),
        (UnaryOperator::Minus, Value::Int(int)) => {
            (int.checked_neg().map(Value::Int)).ok_or_else(|| "integer overflow".to_owned())
        }
        (UnaryOperator::Minus, Value::Float(float)) => Ok(Value::Float(-float)),
        (UnaryOperator::Plus, Value::Int(_) | Value::Float(_)) => Ok(x.clone()),
        _ => Err(crate::script::not_taken(
            operator.text(),
            &[with_article(x)],
        )),
    }
}

/// `x operator= y`
pub(super) fn assigned(
    operator: BinaryOperator,
    x: &Value,
    y: &Value,
    limits: &Limits,
) -> Result<Value, String> {
    let (Value::Array(array), BinaryOperator::Add) = (x, operator) else {
        return binary(operator, x, y, limits);
    };
    // Here the interpreter looks at sizes later, or not at all.
    let grown: Vec<Value> = match y {
        Value::Array(more) => {
            if !more.is_empty()
                && !array.is_empty()
                && let Some(refused) = Sizes::of(x).refused(limits)
            {
                return Err(refused.to_owned());
            }
            array.iter().chain(more.iter()).cloned().collect()
        }
        one => array.iter().chain([one]).cloned().collect(),
    };
    let grown = Value::Array(grown.into());
    match Sizes::of(&grown).refused(limits) {
        Some(refused) if !matches!(y, Value::Array(_)) => Err(refused.to_owned()),
        _ => Ok(grown),
    }
}

fn not_taken(operator: BinaryOperator, x: &Value, y: &Value) -> String {
    let kinds = [with_article(x), with_article(y)];
    crate::script::not_taken(operator.text(), &kinds)
}
