//! Equality and order of values, as Rhai's operators have them.

use crate::language::Value;

/// What Rhai's float comparisons divide the difference by, or `None` where both are zero.
fn scale(x: f64, y: f64) -> Option<f64> {
    let scale = if x * y == 0.0 {
        1.0
    } else {
        x.abs().max(y.abs())
    };
    (scale != 0.0).then_some(scale)
}

/// Rhai's `==` of floats: a relative epsilon, absolute where the product of the sides is 0.
pub(crate) fn floats_equal(x: f64, y: f64) -> bool {
    scale(x, y).is_none_or(|scale| (x - y).abs() / scale <= f64::EPSILON)
}

fn floats_at_least(x: f64, y: f64) -> bool {
    scale(x, y).is_none_or(|scale| (x - y) / scale > -f64::EPSILON)
}

/// `==`: false for unlike kinds, element by element for arrays and maps.
pub(crate) fn equal(x: &Value, y: &Value) -> bool {
    match (x, y) {
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
            match (x.as_number(), y.as_number()) {
                (Some(x), Some(y)) => floats_equal(x, y),
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
            (Some(x), Some(y)) => floats_at_least(x, y),
            _ => false,
        },
    }
}

/// `<=`: the other way round.
pub(crate) fn less_or_equal(x: &Value, y: &Value) -> bool {
    greater_or_equal(y, x)
}
