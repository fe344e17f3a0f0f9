//! Equality and order of values, as Rhai's operators have them.

use crate::language::Value;
use crate::language::edge::{self, Relation};

/// `==`: false for unlike kinds, element by element for arrays and maps.
pub(crate) fn equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
            match (x.as_number(), y.as_number()) {
                (Some(x), Some(y)) => edge::compare(Relation::Equal, x, y),
                _ => false,
            }
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| equal(x, y))
        }
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len()
                && (x.iter().zip(y.iter())).all(|((k, x), (l, y))| k == l && equal(x, y))
        }
        _ => x == y,
    }
}

/// `>=`: false for unlike kinds and for kinds without an order.
pub(crate) fn greater_or_equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => x >= y,
        (Value::Text(x), Value::Text(y)) => x >= y,
        (Value::Time(x), Value::Time(y)) => x >= y,
        (Value::Bool(x), Value::Bool(y)) => x >= y,
        _ => match (x.as_number(), y.as_number()) {
            (Some(x), Some(y)) => edge::compare(Relation::GreaterOrEqual, x, y),
            _ => false,
        },
    }
}

/// `<=`: the other way round.
pub(crate) fn less_or_equal(x: &Value, y: &Value) -> bool {
    greater_or_equal(y, x)
}

/// As the interpreter shifts: by more than 63 it shifts everything out, by less than 0 the other
/// way.
pub(crate) fn shift_left(a: i64, b: i64) -> i64 {
    if b < 0 {
        shift_right(a, b.checked_abs().unwrap_or(i64::MAX))
    } else {
        u32::try_from(b)
            .ok()
            .and_then(|b| a.checked_shl(b))
            .unwrap_or(0)
    }
}

/// The other way; an int keeps its sign.
pub(crate) fn shift_right(a: i64, b: i64) -> i64 {
    if b < 0 {
        shift_left(a, b.checked_abs().unwrap_or(i64::MAX))
    } else {
        u32::try_from(b)
            .ok()
            .and_then(|b| a.checked_shr(b))
            .unwrap_or_else(|| a.wrapping_shr(u32::MAX))
    }
}
